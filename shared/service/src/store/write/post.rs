//! A post on its way to be a run: what its transactions have in common, and what it means when one is cancelled.

use super::{
    super::{
        errors::{Cancellation, WriteError},
        item::Attributes,
        keys,
        records::{
            chat::{Chat, new_chat},
            intent::Intent,
            run::RunRecord,
            turn::Turn,
        },
        table::Store,
        transaction::Action,
    },
    chats::list_chat,
    conditions::chat_exists,
    staged::StagedError,
};
use crate::{
    access::proof::{ClaimedChat, RecordableChat},
    failure::Failure,
    ids::WriteId,
};
use api::{
    ids::{ChatId, RunId, StepNumber},
    problem::Problem,
    run::{CreateRun, Run},
};
use tokio::time::Instant;

/// What became of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// The run is new.
    New(Run),
    /// The same was posted before; this is the answer of then.
    Same(Run),
}

impl Created {
    /// The same post again is the same answer, whatever happened to the run since: it is made of what was posted, of
    /// what that added up to, and of the moment when it was new.
    ///
    /// # Errors
    ///
    /// `Problem::OtherContent` when something else was posted.
    pub(super) fn before(existing: &RunRecord, posted: &RunRecord) -> Result<Self, Failure> {
        if existing.post_digest != posted.post_digest {
            return Err(Problem::OtherContent.into());
        }
        let finished_at = if posted.status.is_final() { existing.finished_at } else { posted.finished_at };
        let (created_at, updated_at) = (existing.created_at, existing.created_at);
        // A final run's never change, and an open one's are not shown.
        let totals = existing.totals;
        let then = RunRecord { finished_at, created_at, updated_at, totals, ..posted.clone() };
        Ok(Self::Same(then.into()))
    }
}

/// A run that is about to be put.
pub(super) struct Post {
    /// The claim to the chat.
    claimed: ClaimedChat,
    pub(super) run: RunRecord,
    /// Registers the chat, or requires that it lives.
    chat: Action,
    /// Lists a chat that is registered.
    entry: Option<Action>,
    /// Names what is stored before the run.
    pub(super) intent: Option<Intent>,
}

/// What a transaction of a post does beside what all of them do.
pub(super) struct Part {
    /// Puts the anchor, or requires that the run was not deleted.
    pub(super) anchor: Action,
    /// Puts the run, or requires that there is none yet.
    pub(super) run: Action,
    /// What stands beside them.
    pub(super) rest: Vec<Action>,
    /// What becomes of the intent.
    pub(super) intent: fn(&Intent) -> Action,
}

impl Post {
    pub(super) fn new(chat: &RecordableChat, body: &CreateRun, run: RunRecord) -> Self {
        let new = new_chat(chat.owner(), body.root_chat_id, body.parent_chat_id, run.created_at);
        let entry = list_chat(chat.owner(), run.chat, body.external_id.as_ref(), run.created_at);
        let chat_item = Action::update_if_absent(keys::chat(run.chat), new);
        let claimed = chat.claimed().clone();
        let mut post = Self { claimed, chat: chat_item, entry: Some(entry), intent: None, run };
        if chat.is_registered() {
            post.chat_is_registered();
        }
        post
    }

    /// Its chat and its run.
    pub(super) fn of(&self) -> (ChatId, RunId) {
        (self.run.chat, self.run.id)
    }

    /// Says what this write stores before the run.
    pub(super) fn intends(&mut self, write: &WriteId, chunks: Vec<(Option<StepNumber>, usize)>) {
        self.intent = Some(Intent { of: self.of(), write: write.clone(), at: self.run.created_at, step: None, chunks });
    }

    fn chat_is_registered(&mut self) {
        self.chat = chat_exists(self.run.chat);
        self.entry = None;
    }

    /// What a cancelled transaction means, whose first three items are the chat, the turn and the run: the answer when
    /// the same was posted before, or nothing when the transaction is to be tried again.
    fn judge(&mut self, reasons: &[Cancellation]) -> Result<Option<Created>, StagedError> {
        let [chat, turn, run, steps @ ..] = reasons else {
            return Err(WriteError::Cancelled(reasons.to_vec()).into());
        };
        // An anchor that is no tombstone came with its run.
        if matches!(turn, Cancellation::Condition(Some(anchor)) if Turn::is_tombstone(anchor.clone().into())) {
            return Err(Problem::NotFound.into());
        }
        // Another post registered the chat meanwhile: its owner has to be the same, and it has to live.
        let is_registered = if let Cancellation::Condition(Some(existing)) = chat {
            match Chat::read(Attributes::from(existing.clone()))? {
                Chat { deleted: true, .. } => return Err(Problem::NotFound.into()),
                Chat { owner, .. } if owner != *self.claimed.owner() => return Err(self.claimed.other_owner().into()),
                _ => true,
            }
        } else {
            false
        };
        if let Cancellation::Condition(Some(existing)) = run {
            return Ok(Some(Created::before(&RunRecord::read(existing.clone().into())?, &self.run)?));
        }
        if is_registered {
            self.chat_is_registered();
            return Ok(None);
        }
        if self.intent.is_some() && matches!(reasons.last(), Some(Cancellation::Condition(_))) {
            return Err(Failure::unavailable("a sweep has claimed what was staged").into());
        }
        // A head of another post has the number, whose run does not exist (yet).
        if steps.iter().any(|reason| matches!(reason, Cancellation::Condition(_))) {
            return Err(Problem::OtherContent.into());
        }
        Err(WriteError::Cancelled(reasons.to_vec()).into())
    }
}

impl Store {
    /// Sends a transaction of a post until it is done, which it is on `Created::New`, or the same was posted before.
    pub(super) async fn attempt(&self, post: &mut Post, part: Part, until: Instant) -> Result<Created, StagedError> {
        loop {
            if Instant::now() >= until {
                return Err(Failure::unavailable("deadline while posting"))?;
            }
            let mut actions = vec![post.chat.clone(), part.anchor.clone(), part.run.clone()];
            actions.extend_from_slice(&part.rest);
            actions.extend(post.entry.clone());
            actions.extend(post.intent.as_ref().map(part.intent));
            let reasons = match self.transact(actions).await {
                Ok(()) => {
                    post.chat_is_registered();
                    return Ok(Created::New(post.run.clone().into()));
                }
                Err(WriteError::Cancelled(reasons)) => reasons,
                Err(error) => return Err(error.into()),
            };
            if let Some(same) = post.judge(&reasons)? {
                return Ok(same);
            }
        }
    }
}
