//! Chats on the wire: what a recorder registers, and what an owner lists.

use crate::{
    external::ExternalId,
    ids::{ChatId, UserId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// `PUT {chat}`: registers a chat with its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PutChat {
    /// Who owns the chat, for ever. Only a bound key, which has one owner, may leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<UserId>,
    /// The chat product's own word for the chat: with the owner it makes the id in the path. A bound key needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<ExternalId>,
    /// The first chat of this one's family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_chat_id: Option<ChatId>,
    /// The chat that this one came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_chat_id: Option<ChatId>,
}

/// The answer to `PUT {chat}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Registration {
    /// Whether the chat is new; `false` when it was registered with this owner before.
    pub created: bool,
}

/// A chat in the list of its owner's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Chat"))]
pub struct ListedChat {
    /// The chat's id.
    pub id: ChatId,
    /// When it was registered, by the server's clock. It never changes.
    pub registered_at: Timestamp,
    /// The chat product's own word for it, as its registration had it, without credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<ExternalId>,
}
