//! Chats by the chat product's own word, their external id: any text, of which owner and external id make the chat's
//! id.
//!
//! Nothing is trimmed, normalised or read as a UUID: two that differ in a byte are two chats. An external id is mapped
//! as it was sent; what is stored of it has passed redaction, and maps to nothing any more.

use crate::{
    ids::{ChatId, UserId},
    json::RecordedText,
    parse::Invalid,
};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{fmt, str::FromStr};
use uuid::{Uuid, uuid};

/// What the ids of such chats are made in, as `CONTRACT.md` says; it never changes.
const NAMESPACE: Uuid = uuid!("c00be217-abf9-5bac-820f-9055c0b9a170");

/// What a chat product calls a chat: 1 to 256 bytes of UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct ExternalId(String);

impl ExternalId {
    /// The longest, in bytes.
    pub const MAX_BYTES: usize = 256;

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its text, for redaction alone: afterwards it maps to nothing.
    pub fn redactable(&mut self) -> &mut String {
        &mut self.0
    }
}

impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ExternalId {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let is_good = (1..=Self::MAX_BYTES).contains(&text.len());
        is_good.then(|| Self(text.to_owned())).ok_or(Invalid("1 to 256 bytes long"))
    }
}

impl<'de> Deserialize<'de> for ExternalId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let RecordedText(text) = RecordedText::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl ChatId {
    /// The owner's chat of this external id. No owner's id has a NUL, so that no two pairs share a chat.
    pub fn named(owner: &UserId, external_id: &ExternalId) -> Self {
        let name = [owner.as_str().as_bytes(), b"\0", external_id.as_str().as_bytes()].concat();
        Self::from_uuid(Uuid::new_v5(&NAMESPACE, &name))
    }
}

/// A chat as a person or a program names it: by its id, or by its external id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChatName {
    /// Its id.
    Id(ChatId),
    /// Its external id.
    External(ExternalId),
}

impl ChatName {
    /// The id of the owner's chat of this name.
    pub fn id(&self, owner: &UserId) -> ChatId {
        match self {
            Self::Id(id) => *id,
            Self::External(external_id) => ChatId::named(owner, external_id),
        }
    }

    /// Its external id, if that is its name.
    pub fn external_id(&self) -> Option<&ExternalId> {
        match self {
            Self::Id(_) => None,
            Self::External(external_id) => Some(external_id),
        }
    }

    /// The same text as an external id, also where it is spelled like an id.
    #[must_use]
    pub fn into_external(self) -> Self {
        match self {
            Self::Id(id) => Self::External(ExternalId(id.to_string())),
            external @ Self::External(_) => external,
        }
    }
}

impl From<ChatId> for ChatName {
    fn from(id: ChatId) -> Self {
        Self::Id(id)
    }
}

impl From<ExternalId> for ChatName {
    fn from(external_id: ExternalId) -> Self {
        Self::External(external_id)
    }
}

impl FromStr for ChatName {
    type Err = Invalid;
    /// What is spelled as ids are is an id; anything else is an external id.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.parse().map(Self::Id).or_else(|_| text.parse().map(Self::External))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn external(text: &str) -> ExternalId {
        text.parse().expect("an external id")
    }

    #[test]
    fn external_ids_that_differ_in_a_byte_or_an_owner_are_different_chats() {
        let texts = ["a", "A", " a", "a ", "a\0", "\0a", "\u{e9}", "e\u{301}", "5f0c7a52-9b1e-4c6e-8f7a-2d1e3b4c5d6e"];
        let owners = ["o", "oa"].map(|owner| owner.parse::<UserId>().expect("an id"));
        let chats = owners.iter().flat_map(|owner| texts.map(|text| ChatId::named(owner, &external(text))));
        let chats: std::collections::BTreeSet<_> = chats.collect();
        assert_eq!(chats.len(), texts.len() * owners.len());
        assert!(chats.iter().all(|chat| chat.uuid().get_version_num() == 5));
    }

    #[test]
    fn a_name_is_an_id_or_else_an_external_one_unless_it_is_said_to_be_that() {
        let (owner, id) = ("alice".parse().expect("an id"), "5f0c7a52-9b1e-4c6e-8f7a-2d1e3b4c5d6e");
        let name = |text: &str| text.parse::<ChatName>().expect("a name");
        assert_eq!(name(id).id(&owner).to_string(), id);
        assert_eq!(name(id).into_external().id(&owner), ChatId::named(&owner, &external(id)));
        assert_eq!(name(&id.to_uppercase()), ChatName::External(external(&id.to_uppercase())));
        assert!("".parse::<ChatName>().is_err());
    }

    #[test]
    fn an_external_id_is_any_text_within_its_length_and_only_a_text() {
        let longest = "\u{e9}".repeat(ExternalId::MAX_BYTES / 2);
        for text in [" ", "\0", "null", "cut \u{fffd}", &*longest] {
            let json = serde_json::to_vec(text).expect("JSON");
            assert_eq!(serde_json::from_slice(&json).ok(), Some(external(text)), "{text:?}");
        }
        let too_long = format!("\"{longest}x\"");
        // Half of an emoji is what UTF-8 makes of it.
        assert_eq!(serde_json::from_str::<ExternalId>(r#""cut \ud83d""#).ok(), Some(external("cut \u{fffd}")));
        for bad in ["\"\"", "7", "null", &*too_long] {
            assert!(serde_json::from_str::<ExternalId>(bad).is_err(), "{bad}");
        }
    }
}
