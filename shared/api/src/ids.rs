//! Ids. Each has one spelling, so that an object has one URL and one key.
//!
//! No id is a `String` anywhere in the project.

use crate::{
    json::RecordedText,
    number::{Number, Whole},
    parse::{Invalid, from_text},
};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::value::RawValue;
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// Lower-case and hyphenated, as [`Uuid`] prints itself; braces, `urn:uuid:` and upper case are refused.
fn parse_uuid(text: &str) -> Result<Uuid, Invalid> {
    let lower_case = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b) || b == b'-';
    match Uuid::try_parse(text) {
        Ok(id) if text.len() == 36 && text.bytes().all(lower_case) => Ok(id),
        _ => Err(Invalid("a lower-case, hyphenated UUID")),
    }
}

/// A type for each kind of id, so that a run id cannot be passed as a chat id.
macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $name(Uuid);

        impl $name {
            /// From a UUID that was parsed or made elsewhere.
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// The UUID itself.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Invalid;
            fn from_str(text: &str) -> Result<Self, Invalid> {
                parse_uuid(text).map(Self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                from_text(deserializer)
            }
        }
    };
}

uuid_id! {
    /// A chat: the unit of ownership.
    ChatId
}
uuid_id! {
    /// A run: one recorded turn of a chat. Runs that are posted carry a UUIDv7 of their start.
    RunId
}
uuid_id! {
    /// A step of a run.
    StepId
}
uuid_id! {
    /// The model configuration that a run used, in the chat product's own database.
    ModelConfigId
}

uuid_id! {
    /// A recorder key, without its secret. It is made of the moment, so that newer ones sort higher.
    KeyId
}

impl RunId {
    /// The milliseconds since 1970 that a UUIDv7 carries; `None` for every other version.
    pub fn millis(self) -> Option<i64> {
        let is_v7 = self.0.get_version_num() == 7 && self.0.get_variant() == uuid::Variant::RFC4122;
        let (high, mid, ..) = self.0.as_fields();
        is_v7.then(|| i64::from(high) << 16 | i64::from(mid))
    }
}

impl StepId {
    /// The id of a run's step: derived from run and number, so that a replaced step keeps it.
    pub fn of(run: RunId, number: StepNumber) -> Self {
        Self(Uuid::new_v5(&run.uuid(), &number.get().to_be_bytes()))
    }
}

/// A step's place in its run: 1 to 99,999, gaps allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct StepNumber(u32);

impl StepNumber {
    /// The highest number, and with it the most steps a run can have.
    pub const MAX: u32 = 99_999;

    /// The plain number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u64> for StepNumber {
    type Error = Invalid;
    fn try_from(number: u64) -> Result<Self, Invalid> {
        match u32::try_from(number) {
            Ok(number @ 1..=Self::MAX) => Ok(Self(number)),
            _ => Err(Invalid("a whole number from 1 to 99999")),
        }
    }
}

impl fmt::Display for StepNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for StepNumber {
    type Err = Invalid;
    /// Digits without sign or leading zero, so that a step has one URL.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let canonical = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
        let number = if canonical { text.parse().unwrap_or(0) } else { 0 };
        Self::try_from(number)
    }
}

impl<'de> Deserialize<'de> for StepNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Whole(number) = Whole::deserialize(deserializer)?;
        Self::try_from(u64::try_from(number).unwrap_or(0)).map_err(de::Error::custom)
    }
}

/// A message in the chat product's own database: a number or a text, which is returned as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum MessageId {
    /// A row's number.
    Number(i64),
    /// Any other id.
    Text(MessageText),
}

/// A message id that is a text: 1 to 128 visible characters, with spaces only between them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct MessageText(String);

impl MessageId {
    const EXPECTED: Invalid =
        Invalid("a whole number below 2^63 or a string of 1 to 128 characters without control characters");

    /// The id, if it is a number.
    pub const fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(_) => None,
        }
    }

    /// Whether the id is written like this, as a number or as a text.
    pub fn is_written(&self, text: &MessageText) -> bool {
        match self {
            Self::Number(number) => number.to_string() == text.0,
            Self::Text(own) => own == text,
        }
    }
}

impl From<i64> for MessageId {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.0.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for MessageId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let id = match Number::parse(raw.get()) {
            Some(Number { nearest, is_whole: true }) => i64::try_from(nearest).ok().map(Self::Number),
            Some(Number { .. }) => None,
            None => {
                let text = serde_json::from_str(raw.get()).ok();
                text.and_then(|RecordedText(text)| text.parse().ok()).map(Self::Text)
            }
        };
        id.ok_or_else(|| de::Error::custom(Self::EXPECTED))
    }
}

impl MessageText {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MessageText {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let is_visible = |c: char| c == ' ' || !(c.is_control() || c.is_whitespace());
        let is_good = (1..=128).contains(&text.chars().count()) && text.trim() == text && text.chars().all(is_visible);
        if is_good { Ok(Self(text.to_owned())) } else { Err(Invalid("1 to 128 characters without control characters")) }
    }
}

/// A user, who may own chats: the `sub` of a token and the `owner_id` of a body, with one parser for both.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct UserId(String);

impl UserId {
    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for UserId {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        // `#` separates the parts of a key in the table.
        let visible = |b: u8| b.is_ascii_graphic() && b != b'#';
        if (1..=128).contains(&text.len()) && text.bytes().all(visible) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid("1 to 128 visible ASCII characters without `#`"))
        }
    }
}

impl<'de> Deserialize<'de> for UserId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let good = "018f4e3c-9a1b-7def-8123-456789abcdef";
        assert_eq!(good.parse::<ChatId>().map(|id| id.to_string()), Ok(good.to_owned()));
        for bad in [
            "018F4E3C-9A1B-7DEF-8123-456789ABCDEF",
            "{018f4e3c-9a1b-7def-8123-456789abcdef}",
            "urn:uuid:018f4e3c-9a1b-7def-8123-456789abcdef",
            "018f4e3c9a1b7def8123456789abcdef",
            "018f4e3c-9a1b-7def-8123-456789abcdef ",
            "018f4e3c-9a1b-7def-8123-456789abcde%30",
            "018f4e3c-9a1b-7def-8123-456789abcde\u{ff11}",
            "018f4e3c-9a1b-7def-8123-456789abcdef#",
            "..",
            "",
        ] {
            assert!(bad.parse::<ChatId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn nil_and_max_are_well_formed() {
        assert!("00000000-0000-0000-0000-000000000000".parse::<RunId>().is_ok());
        assert!("ffffffff-ffff-ffff-ffff-ffffffffffff".parse::<RunId>().is_ok());
    }

    #[test]
    fn only_version_7_has_a_time() {
        let run = |text: &str| text.parse::<RunId>().ok().and_then(RunId::millis);
        assert_eq!(run("00000000-00ff-7000-8000-000000000000"), Some(255));
        assert_eq!(run("00000000-00ff-4000-8000-000000000000"), None);
        assert_eq!(run("00000000-00ff-7000-c000-000000000000"), None);
    }

    #[test]
    fn a_step_number_has_one_spelling() {
        assert_eq!("99999".parse::<StepNumber>().map(StepNumber::get), Ok(99_999));
        for bad in ["0", "100000", "01", "+1", "-1", "1.0", " 1", "", "99999999999999999999"] {
            assert!(bad.parse::<StepNumber>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_message_id_comes_back_as_it_was_sent() {
        let longest = format!("\"{}\"", "é".repeat(128));
        for (sent, back) in [
            ("14", "14"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("9223372036854775807", "9223372036854775807"),
            ("14.0", "14"),
            ("1e1", "10"),
            (r#""14""#, r#""14""#),
            (r#""msg_01 é#/😀""#, r#""msg_01 é#/😀""#),
            (r#""\u0061\"\\""#, r#""a\"\\""#),
            (&*longest, &*longest),
        ] {
            let id: MessageId = serde_json::from_str(sent).expect(sent);
            assert_eq!(serde_json::to_string(&id).expect("JSON"), back, "{sent}");
        }
        let too_long = format!("\"{}\"", "x".repeat(129));
        for bad in [
            "9223372036854775808",
            "1.5",
            "1e999",
            "true",
            "[]",
            "{}",
            r#""""#,
            r#"" ""#,
            r#"" a""#,
            r#""a ""#,
            r#""a\n""#,
            r#""a\tb""#,
            r#""a\u0000""#,
            r#""a\u2028b""#,
            &too_long,
        ] {
            assert!(serde_json::from_str::<MessageId>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_message_is_found_by_how_its_id_is_written() {
        let written = |text: &str| text.parse::<MessageText>().expect(text);
        let text = |text: &str| MessageId::Text(written(text));
        assert!(MessageId::from(14).is_written(&written("14")) && text("14").is_written(&written("14")));
        assert!(!MessageId::from(14).is_written(&written("014")) && !text("a").is_written(&written("A")));
    }

    #[test]
    fn a_user_id_cannot_reach_into_a_key() {
        for good in ["a", "auth0|123", &"x".repeat(128)] {
            assert!(good.parse::<UserId>().is_ok(), "{good}");
        }
        for bad in ["", "a#RUN#", "a b", "a\n", "é", &"x".repeat(129)] {
            assert!(bad.parse::<UserId>().is_err(), "{bad:?}");
        }
    }
}
