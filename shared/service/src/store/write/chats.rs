//! Registers chats, and lists each for its owner in the same transaction. The first owner and the first lineage win.

use super::super::{
    errors::{Cancellation, WriteError},
    item::{Attributes, put, text},
    keys,
    records::chat::{Chat, EXTERNAL_ID, new_chat},
    table::Store,
    transaction::Action,
};
use crate::{access::proof::ClaimedChat, failure::Failure};
use api::{
    chat::PutChat,
    external::ExternalId,
    ids::{ChatId, UserId},
    time::Timestamp,
};
use redact::Redacted;

/// What became of a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// The chat is new.
    Created,
    /// It exists with the same owner.
    Exists,
    /// It exists with another owner.
    OtherOwner,
    /// It was deleted.
    Deleted,
}

/// Puts a chat that is registered now into its owner's list, with its external id.
pub(super) fn list_chat(owner: &UserId, chat: ChatId, external_id: Option<&ExternalId>, now: Timestamp) -> Action {
    let mut entry = keys::owned_chat(owner, now, chat).item();
    put(&mut entry, EXTERNAL_ID, external_id.map(|id| text(id.as_str())));
    Action::put(entry)
}

impl Store {
    /// Registers a chat unless it exists.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the table does not answer; `Problem::Internal` when the existing chat does not
    /// decode.
    pub async fn register(
        &self,
        chat: &ClaimedChat,
        body: &Redacted<PutChat>,
        now: Timestamp,
    ) -> Result<Registered, Failure> {
        let new = new_chat(chat.owner(), body.root_chat_id, body.parent_chat_id, now);
        let entry = list_chat(chat.owner(), chat.id(), body.external_id.as_ref(), now);
        let actions = vec![Action::update_if_absent(keys::chat(chat.id()), new), entry];
        let reasons = match self.transact(actions).await {
            Ok(()) => return Ok(Registered::Created),
            Err(WriteError::Cancelled(reasons)) => reasons,
            Err(error) => return Err(error.into()),
        };
        match reasons.as_slice() {
            [Cancellation::Condition(Some(existing)), _] => Ok(match Chat::read(Attributes::from(existing.clone()))? {
                Chat { deleted: true, .. } => Registered::Deleted,
                Chat { owner, .. } if owner == *chat.owner() => Registered::Exists,
                _ => Registered::OtherOwner,
            }),
            _ => Err(WriteError::Cancelled(reasons).into()),
        }
    }
}
