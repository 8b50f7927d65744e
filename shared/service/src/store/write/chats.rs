//! Registers chats. The first owner and the first lineage win.

use super::super::{
    errors::WriteError,
    item::Attributes,
    keys,
    records::chat::{Chat, new_chat},
    table::Store,
};
use crate::{access::proof::Recorder, failure::Failure};
use api::{ids::ChatId, run::PutChat, time::Timestamp};

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

impl Store {
    /// Registers a chat unless it exists.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the table does not answer; `Problem::Internal` when the existing chat does not
    /// decode.
    pub async fn register(
        &self,
        _: &Recorder,
        chat: ChatId,
        body: &PutChat,
        now: Timestamp,
    ) -> Result<Registered, Failure> {
        let new = new_chat(&body.owner_id, body.root_chat_id, body.parent_chat_id, now);
        match self.update(keys::chat(chat), new.require_no_item().returning_existing()).await {
            Ok(()) => Ok(Registered::Created),
            Err(WriteError::Condition(Some(existing))) => Ok(match Chat::read(Attributes::from(existing))? {
                Chat { deleted: true, .. } => Registered::Deleted,
                Chat { owner, .. } if owner == body.owner_id => Registered::Exists,
                _ => Registered::OtherOwner,
            }),
            Err(error) => Err(error.into()),
        }
    }
}
