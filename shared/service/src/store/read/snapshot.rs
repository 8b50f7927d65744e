//! Everything that recording is decided by, in one round trip.

use super::super::{
    keys,
    records::{
        chat::Chat,
        run::RunRecord,
        settings::{GateAndOptIn, unreadable},
        step::StepRecord,
        turn::Turn,
    },
    table::Store,
};
use crate::failure::Failure;
use api::{
    ids::{ChatId, RunId, StepNumber, UserId},
    settings::ChatOverride,
};

/// What to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SnapshotOf {
    /// The chat.
    pub(crate) chat: ChatId,
    /// A run of it, if the request names one.
    pub(crate) run: Option<RunId>,
    /// A step of the run.
    pub(crate) step: Option<StepNumber>,
    /// Whether the run is to be made, so that it matters whether it was deleted: one that must exist is then not there.
    pub(crate) is_new: bool,
}

/// What was read.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The chat, if it is known.
    pub chat: Option<Chat>,
    /// The gate, and the opt-in of the owner that was named.
    pub settings: GateAndOptIn,
    /// The run, if there is one.
    pub run: Option<RunRecord>,
    /// The step's head, if there is one.
    pub step: Option<StepRecord>,
    run_is_deleted: bool,
}

impl Snapshot {
    /// Whether chat or run were deleted.
    pub fn is_gone(&self) -> bool {
        self.run_is_deleted || self.chat.as_ref().is_some_and(|chat| chat.deleted)
    }

    /// What the chat itself says about recording; one that is not known yet says nothing.
    pub fn override_(&self) -> ChatOverride {
        self.chat.as_ref().map(|chat| chat.override_).unwrap_or_default()
    }
}

impl Store {
    /// One strongly consistent read of settings, chat, run and step, for [`crate::access`] to judge.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the table does not answer, or a setting does not decode; `Problem::Internal`
    /// when run or step do not decode.
    pub(crate) async fn snapshot(&self, of: SnapshotOf, owner: Option<&UserId>) -> Result<Snapshot, Failure> {
        let SnapshotOf { chat, run, step, is_new } = of;
        let gate_key = keys::deployment();
        let chat_key = keys::chat(chat);
        let owner_key = owner.map(keys::user);
        let run_key = run.map(|run| keys::run(chat, run));
        let turn_key = run.filter(|_| is_new).map(|run| keys::turn(chat, run));
        let step_key = run.zip(step).map(|(run, step)| keys::step(chat, run, step));
        let mut wanted = vec![&gate_key, &chat_key];
        wanted.extend([&owner_key, &run_key, &turn_key, &step_key].into_iter().flatten());
        let found = self.get_all(&wanted).await?;
        let mut found = found.read()?;
        let mut item = |key: Option<&keys::Key>| key.and_then(|key| found.take(key));
        Ok(Snapshot {
            chat: item(Some(&chat_key)).map(Chat::read).transpose().map_err(unreadable)?,
            settings: GateAndOptIn::of(item(Some(&gate_key)), item(owner_key.as_ref()))?,
            run: item(run_key.as_ref()).map(RunRecord::read).transpose()?,
            step: item(step_key.as_ref()).map(StepRecord::read).transpose()?,
            run_is_deleted: item(turn_key.as_ref()).is_some_and(Turn::is_tombstone),
        })
    }
}
