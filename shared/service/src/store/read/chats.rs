//! Chats: their items, for [`crate::access`] to judge, and the list of a user's own.

use super::super::{
    item::{Attributes, Undecodable, required},
    keys::{self, Key},
    records::{
        chat::{Chat, EXTERNAL_ID},
        run::RunRecord,
        settings::unreadable,
        turn::{PostedTurn, Turn},
    },
    table::{Order, Store},
};
use crate::{
    access::proof::{NamedChat, User},
    failure::Failure,
};
use api::{
    chat::ListedChat,
    ids::{ChatId, RunId},
    time::Timestamp,
};

/// A user's chats, the newest registration first, and the one to continue after when there are more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatPage {
    /// The chats.
    pub chats: Vec<ListedChat>,
    /// Where the next page begins.
    pub next: Option<(Timestamp, ChatId)>,
}

/// What is read of a run's steps together with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum With {
    /// Nothing.
    Nothing,
    /// The outlines of a posted turn.
    Outlines,
    /// The content of a posted turn, if one item holds it.
    Content,
}

impl With {
    /// The item beside a run's anchor that is read.
    pub(super) fn beside(self, chat: ChatId, run: RunId) -> Option<Key> {
        match self {
            Self::Nothing => None,
            Self::Outlines => Some(keys::outlines(chat, run)),
            Self::Content => Some(keys::whole_turn(chat, run)),
        }
    }

    /// Gives a turn what such an item holds.
    pub(super) fn give(self, turn: &mut PostedTurn, beside: Option<Attributes<'_>>) -> Result<(), Undecodable> {
        match (self, beside) {
            (Self::Nothing, _) | (_, None) => Ok(()),
            (Self::Outlines, Some(beside)) => turn.take_outlines(beside),
            (Self::Content, Some(beside)) => turn.take_whole(beside),
        }
    }
}

/// A run as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRun {
    /// The run.
    pub run: RunRecord,
    /// Its steps, if they were posted with it. What was read a moment too early is not there.
    pub(super) turn: Option<PostedTurn>,
}

impl StoredRun {
    /// `None` when there is no run, or none any more.
    fn read(
        run: Option<Attributes<'_>>,
        turn: Option<Attributes<'_>>,
        with: With,
        beside: Option<Attributes<'_>>,
    ) -> Result<Option<Self>, Undecodable> {
        let Some(run) = run.map(RunRecord::read).transpose()? else { return Ok(None) };
        let mut turn = match turn.map(Turn::read).transpose()? {
            Some(Turn::Deleted) => return Ok(None),
            Some(Turn::Posted(turn)) => Some(turn),
            None => None,
        };
        if let Some(turn) = &mut turn {
            with.give(turn, beside)?;
        }
        Ok(Some(Self { run, turn }))
    }
}

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

    /// A chat's item and a run of it, in one round trip, with what its steps are to be read for: what is wrong with the
    /// run is for the chat's owner alone.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` as in [`Self::chat`]; of the run, `Problem::Internal` when it does not decode.
    pub(crate) async fn chat_with_run(
        &self,
        chat: ChatId,
        run: RunId,
        with: With,
    ) -> Result<(Option<Chat>, Result<Option<StoredRun>, Failure>), Failure> {
        let turn = (with != With::Nothing).then(|| keys::turn(chat, run));
        let beside = with.beside(chat, run);
        let (chat, run) = (keys::chat(chat), keys::run(chat, run));
        let mut wanted = vec![&chat, &run];
        wanted.extend(turn.iter().chain(&beside));
        let found = self.get_all(&wanted).await?;
        let mut found = found.read()?;
        let chat = found.take(&chat).map(Chat::read).transpose().map_err(unreadable)?;
        let mut item = |key: Option<&Key>| key.and_then(|key| found.take(key));
        let (turn, beside) = (item(turn.as_ref()), item(beside.as_ref()));
        let run = StoredRun::read(item(Some(&run)), turn, with, beside);
        Ok((chat, run.map_err(Failure::from)))
    }

    /// Whether a chat or a run of it is deleted.
    pub(in crate::store) async fn is_gone(&self, (chat, run): (ChatId, RunId)) -> Result<bool, Failure> {
        let (chat, turn) = (keys::chat(chat), keys::turn(chat, run));
        let found = self.get_all(&[&chat, &turn]).await?;
        let mut found = found.read()?;
        let chat = found.take(&chat).map(Chat::read).transpose()?;
        Ok(chat.is_some_and(|chat| chat.deleted) || found.take(&turn).is_some_and(Turn::is_tombstone))
    }

    /// Whether a chat was deleted or is unknown to a bound key: what a recorder may learn of one before its body is
    /// judged.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the table does not answer, or the item does not decode.
    pub async fn is_hidden(&self, chat: &NamedChat) -> Result<bool, Failure> {
        Ok(self.chat(chat.id()).await?.is_some_and(|known| known.deleted || chat.is_hidden(&known.owner)))
    }

    /// A page of at most `limit` of a user's chats, of those registered before `before`.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the table does not answer; `Problem::Internal` when a key does not decode.
    pub async fn chats(
        &self,
        user: &User,
        limit: usize,
        before: Option<(Timestamp, ChatId)>,
    ) -> Result<ChatPage, Failure> {
        let range = keys::owned_chats(user.id());
        let mut start = before.map(|(registered_at, id)| keys::owned_chat(user.id(), registered_at, id).item());
        let mut chats = Vec::new();
        let is_last = loop {
            // One more says that there are more.
            let page = self.query(&range, Order::Descending, Some(limit + 1 - chats.len()), start, None).await?;
            for item in page.items {
                let mut item = item.read()?;
                let (registered_at, id) = required(item.sort_key().and_then(keys::owned_chat_of), "sk")?;
                chats.push(ListedChat { id, registered_at, external_id: item.parsed(EXTERNAL_ID)? });
            }
            start = page.next;
            // A page that is empty, or short, is no end.
            if chats.len() > limit || start.is_none() {
                break chats.len() <= limit;
            }
        };
        chats.truncate(limit);
        let next = chats.last().filter(|_| !is_last).map(|last| (last.registered_at, last.id));
        Ok(ChatPage { chats, next })
    }
}
