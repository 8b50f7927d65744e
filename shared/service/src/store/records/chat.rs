//! A chat's item: who owns it, what it says about recording, and whether it is deleted.

use super::super::{
    change::Change,
    item::{Attributes, Undecodable, required, text, time},
};
use api::{
    ids::{ChatId, UserId},
    settings::ChatOverride,
    time::Timestamp,
};

const REGISTERED_AT: &str = "created_at";

/// The external id, which only the entry in the owner's list has.
pub(in crate::store) const EXTERNAL_ID: &str = "external_id";

/// A chat's item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    /// Whose it is, for ever.
    pub owner: UserId,
    /// The first chat of its family.
    pub root: Option<ChatId>,
    /// The chat that it came from.
    pub parent: Option<ChatId>,
    /// What it says about recording.
    pub override_: ChatOverride,
    /// When it was registered, by the server's clock: it names the chat's entry in its owner's list.
    pub registered_at: Timestamp,
    /// Whether it is deleted. Its item stays as a tombstone with the owner, so that nobody else can take the id.
    pub deleted: bool,
}

impl Chat {
    pub(in crate::store) fn read(mut attributes: Attributes<'_>) -> Result<Self, Undecodable> {
        Ok(Self {
            owner: required(attributes.parsed("owner")?, "owner")?,
            root: attributes.parsed("root_chat_id")?,
            parent: attributes.parsed("parent_chat_id")?,
            override_: attributes.string_enum("override")?.unwrap_or(ChatOverride::Inherit),
            registered_at: required(attributes.time(REGISTERED_AT)?, REGISTERED_AT)?,
            deleted: attributes.flag("deleted")?.unwrap_or(false),
        })
    }
}

/// The changes that make a chat. An update names its attributes, which a put does not: so the roles of recorders can be
/// kept from `override` and `deleted`.
pub(in crate::store) fn new_chat(
    owner: &UserId,
    root: Option<ChatId>,
    parent: Option<ChatId>,
    now: Timestamp,
) -> Change {
    let mut change = Change::default();
    change.set("owner", text(owner.as_str()));
    for (name, id) in [("root_chat_id", root), ("parent_chat_id", parent)] {
        if let Some(id) = id {
            change.set(name, text(id.to_string()));
        }
    }
    change.set(REGISTERED_AT, time(now));
    change
}
