//! Chats, for [`crate::access`] to judge.

use super::super::{
    keys,
    records::{chat::Chat, run::RunRecord, settings::unreadable},
    table::Store,
};
use crate::{access::proof::Recorder, failure::Failure};
use api::ids::{ChatId, RunId};

impl Store {
    /// A chat's item.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the table does not answer, or the item does not decode: owner and override are
    /// settings, which are never guessed.
    pub(crate) async fn chat(&self, chat: ChatId) -> Result<Option<Chat>, Failure> {
        let found = self.get(keys::chat(chat)).await?;
        found.map(Chat::read).transpose().map_err(unreadable)
    }

    /// A chat's item and a run of it, in one round trip: what is wrong with the run is for the chat's owner alone.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` as in [`Self::chat`]; of the run, `Problem::Internal` when it does not decode.
    pub(crate) async fn chat_with_run(
        &self,
        chat: ChatId,
        run: RunId,
    ) -> Result<(Option<Chat>, Result<Option<RunRecord>, Failure>), Failure> {
        let (chat, run) = (keys::chat(chat), keys::run(chat, run));
        let mut found = self.get_all(&[&chat, &run]).await?;
        let chat = found.take(&chat).map(Chat::read).transpose().map_err(unreadable)?;
        Ok((chat, found.take(&run).map(RunRecord::read).transpose().map_err(Failure::from)))
    }

    /// Whether a chat was deleted: what a recorder may learn of one before its body is judged.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the table does not answer, or the item does not decode.
    pub async fn is_deleted(&self, _: &Recorder, chat: ChatId) -> Result<bool, Failure> {
        Ok(self.chat(chat).await?.is_some_and(|chat| chat.deleted))
    }
}
