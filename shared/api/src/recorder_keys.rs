//! Recorder keys as they travel: what a person makes, lists and revokes.

use crate::{
    ids::{KeyId, UserId},
    json::{Violation, given},
    parse::{Invalid, from_text},
    time::{Day, Timestamp},
};
use serde::{Deserialize, Deserializer, Serialize};
use std::{fmt, str::FromStr};

/// How many keys a user has at most, and the deployment.
pub const MAX_KEYS: usize = 20;

/// What a person calls a key: 1 to 100 characters on one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyLabel(String);

impl KeyLabel {
    /// The longest, in characters.
    pub const MAX_CHARACTERS: usize = 100;

    /// As much of a text as a label holds, without what no label has: for redaction, whose masks may be longer than
    /// what they cover.
    pub fn cut(text: &str) -> Self {
        Self(text.chars().filter(|one| !one.is_control()).take(Self::MAX_CHARACTERS).collect())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for KeyLabel {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let is_good = (1..=Self::MAX_CHARACTERS).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        is_good.then(|| Self(text.to_owned())).ok_or(Invalid("1 to 100 characters without control characters"))
    }
}

impl<'de> Deserialize<'de> for KeyLabel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

/// `POST config/recorder-keys`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateRecorderKey {
    /// Whether the key records for any owner, which only an admin may give. Otherwise it records for its maker alone.
    #[serde(default)]
    pub general: bool,
    /// What to tell it by: 1 to 100 characters.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub label: Option<KeyLabel>,
    /// Until when it is good; for ever when absent.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl CreateRecorderKey {
    /// Checks what the body's types do not.
    ///
    /// # Errors
    ///
    /// The first violation, for `Problem::InvalidBody`.
    pub fn check(&self, now: Timestamp) -> Result<(), Violation> {
        match self.expires_at {
            Some(at) if at <= now => Err(Violation::new("/expires_at", "must lie in the future")),
            _ => Ok(()),
        }
    }
}

/// A recorder key without its secret, which nobody can read again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct RecorderKey {
    /// Its id, which is a part of the key.
    pub id: KeyId,
    /// The only owner that it records for; absent when it is general.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<UserId>,
    /// What its maker called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<KeyLabel>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is good; for ever when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The last day, in UTC, on which it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_day: Option<Day>,
}

/// The answer to `POST config/recorder-keys`: the only one that has the key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct NewRecorderKey {
    /// The key, as a recorder sends it: `Authorization: Bearer cdk_…`. Keep it like a password.
    pub key: String,
    /// What can be read of it from now on.
    #[serde(flatten)]
    pub about: RecorderKey,
}

impl fmt::Debug for NewRecorderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewRecorderKey").field("about", &self.about).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse_body;

    #[test]
    fn a_key_is_asked_for_strictly() {
        assert_eq!(parse_body(b"{}"), Ok(CreateRecorderKey::default()));
        let long = format!(r#"{{"label":"{}"}}"#, "\u{e9}".repeat(100));
        assert!(parse_body::<CreateRecorderKey>(long.as_bytes()).is_ok());
        let too_long = long.replace("\":\"", "\":\"x");
        for bad in [
            r#"{"general":null}"#,
            r#"{"general":"true"}"#,
            r#"{"label":null}"#,
            r#"{"label":""}"#,
            r#"{"label":"a\nb"}"#,
            r#"{"expires_at":null}"#,
            r#"{"expires_at":1}"#,
            r#"{"owner_id":"bob"}"#,
            &too_long,
        ] {
            assert!(parse_body::<CreateRecorderKey>(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_key_that_is_made_is_not_in_the_debug_output() {
        let made: NewRecorderKey = serde_json::from_str(
            r#"{"key":"cdk_canary","id":"019b7ca9-8f2e-7c41-8a6d-5e0f3b92d714","created_at":"2026-01-02T03:04:05Z"}"#,
        )
        .expect("a key");
        assert!(!format!("{made:?}").contains("canary"));
    }
}
