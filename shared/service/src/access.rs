//! Who may touch what: everything about a chat is decided here, and the decision is a value that the store takes.
//!
//! Alice opens a run: her token makes her a [`User`]. The store begins to read at once, for an [`UnprovenChat`], while
//! the chat's item is looked up; what was read is released when that item names her. Mallory with the same URL causes
//! the same reads and gets the 404 of a chat that does not exist. A write of Alice's carries an [`OwnerCondition`],
//! which the store makes a condition of the write. The chat backend is a [`Recorder`]: it gets a [`RecordableChat`]
//! only from the policy, of a chat that it may name, and nothing that reads.
//!
//! - [`proof`]: the values, which only this module makes
//! - `caller`: who a token's or a key's bearer is, and which routes are for them
//! - `naming`: which chat a recorder's request is about, and whether it may name it
//! - `recorder_keys`: who a key's bearer is, and who may make, see and revoke keys
//! - `withheld`: what of a request is judged only after the proof
//!
//! A read runs where its answer is released to the owner alone:
//!
//! ```
//! # use service::{access::{Withheld, proof::{UnprovenChat, User}}, app::App, failure::Failure, store::With};
//! # use api::ids::{ChatId, RunId};
//! # async fn read(app: &App, user: &User, chat: ChatId, run: Withheld<RunId>) -> Result<(), Failure> {
//! let read = |chat: UnprovenChat, run, ()| async move { app.store.steps(&chat, run, Default::default()).await };
//! let (_run, _steps) = app.access.owned_run(user, chat, run, |()| With::Content, |_| Withheld::nothing(), read).await?;
//! # Ok(())
//! # }
//! ```

mod caller;
mod naming;
pub mod proof;
mod recorder_keys;
mod withheld;

pub use caller::{Admitted, Caller, Person};
pub use naming::{NamesChat, Naming};
pub use withheld::Withheld;

use crate::{
    failure::Failure,
    identity::{Claims, Roles},
    policy::{self, Deployment, OptIn},
    store::{Chat, GateAndOptIn, RunRecord, Snapshot, SnapshotOf, StepRecord, Store, StoredRun, With},
};
use api::{
    ids::{ChatId, RunId, StepNumber, UserId},
    json::Violation,
    problem::Problem,
    settings::{ChatOverride, Decision},
};
use proof::{
    ClaimedChat, NamedChat, Owned, OwnedChat, OwnerCondition, RecordableChat, Recorder, RefusedChat, UnprovenChat, User,
};
use std::future::Future;

/// Decides by the owners and settings that the table holds, and by what the deployment forces.
#[derive(Debug)]
pub struct Access {
    store: Store,
    roles: Roles,
    forced: bool,
    takes_recorder_keys: bool,
}

/// What the policy said about a chat, as what may be done to it.
#[derive(Debug)]
pub enum Recording {
    /// Everything is recorded.
    On(RecordableChat),
    /// Nothing is.
    Off(RefusedChat),
}

/// A run that exists, and what may be done to it.
#[derive(Debug)]
pub struct ExistingRun<I> {
    /// What the policy said about its chat.
    pub recording: Recording,
    /// The run.
    pub run: RunRecord,
    /// The step that was asked for, if there is one.
    pub step: Option<StepRecord>,
    /// What the recorder sent.
    pub input: I,
}

/// What a recorder's request about a run names beside it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Named<'a> {
    /// Who owns the chat, if the recorder says so.
    pub owner: Option<&'a UserId>,
    /// The step that it is about.
    pub step: Option<StepNumber>,
}

impl Access {
    /// Decides by what `store` holds; `forced` says that the deployment records every chat, `takes_recorder_keys` that
    /// a recorder may have a key.
    pub(crate) const fn new(store: Store, roles: Roles, forced: bool, takes_recorder_keys: bool) -> Self {
        Self { store, roles, forced, takes_recorder_keys }
    }

    /// Whether the deployment records every chat.
    pub const fn is_forced(&self) -> bool {
        self.forced
    }

    /// Who a verified token's bearer is.
    pub(crate) fn caller(&self, claims: &Claims) -> Result<Caller, Problem> {
        Caller::of(claims, &self.roles)
    }

    /// What the policy says, by settings that were just read.
    pub const fn decide(&self, settings: GateAndOptIn, override_: ChatOverride) -> Decision {
        let deployment = Deployment { forced: self.forced, allow_users: settings.allow_users };
        policy::resolve(deployment, OptIn(settings.opt_in), override_)
    }

    /// The chat of a path, if the recorder may name it, and what it sent, which names no other. Of a bound key it names
    /// the owner from here on.
    ///
    /// # Errors
    ///
    /// Of a bound key, what is wrong with `sent`, which tells nothing of any chat, and [`Problem::NotFound`] when the
    /// chat is not one that its owner and the external id make.
    pub fn named_chat<T: NamesChat>(
        &self,
        recorder: &Recorder,
        chat: ChatId,
        sent: Withheld<T>,
    ) -> Result<(NamedChat, Withheld<T>), Problem> {
        naming::named_chat(recorder, chat, sent)
    }
}

/// For users.
impl Access {
    /// A user's claim to a chat, for a write.
    pub fn owner_condition(&self, user: &User, chat: ChatId) -> OwnerCondition {
        OwnerCondition::new(chat, user.id().clone())
    }

    /// Reads a chat beside the proof that it is the user's, and releases what was read to its owner alone.
    /// A proof that fails is answered at once, whatever there was to read.
    ///
    /// `input` is what the read needs from the request.
    ///
    /// # Errors
    ///
    /// In this order: [`Problem::NotFound`] when the chat is unknown, deleted or another's; what is wrong with `input`;
    /// what `read` fails with. [`Problem::Unavailable`] when the chat cannot be read.
    pub async fn owned<I, T, F>(
        &self,
        user: &User,
        chat: ChatId,
        input: Withheld<I>,
        read: impl FnOnce(UnprovenChat, I) -> F,
    ) -> Result<(OwnedChat, T), Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let proof = self.prove(user, chat);
        match input.open() {
            Ok(input) => released(proof, read(UnprovenChat::new(chat), input)).await,
            Err(problem) => {
                proof.await?;
                Err(problem.into())
            }
        }
    }

    /// [`Self::owned`] for a run of the chat, which is read together with the proof, and `with` as much of its steps as
    /// the input needs. `input` may depend on the run.
    ///
    /// # Errors
    ///
    /// In this order: [`Problem::NotFound`] when the chat is unknown, deleted or another's; what is wrong with the
    /// run's id; [`Problem::NotFound`] when there is no such run; what is wrong with `input`; what `read` fails with.
    /// [`Problem::Unavailable`] when the chat or the run cannot be read.
    pub async fn owned_run<I, T, F>(
        &self,
        user: &User,
        chat: ChatId,
        run: Withheld<RunId>,
        with: impl FnOnce(&I) -> With,
        input: impl FnOnce(RunId) -> Withheld<I>,
        read: impl FnOnce(UnprovenChat, RunId, I) -> F,
    ) -> Result<(Owned<StoredRun>, T), Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let run = match run.open() {
            Ok(run) => run,
            Err(problem) => {
                self.prove(user, chat).await?;
                return Err(problem.into());
            }
        };
        let input = input(run);
        let proof = self.prove_run(user, chat, run, input.peek().map_or(With::Nothing, with));
        match input.open() {
            Ok(input) => released(proof, read(UnprovenChat::new(chat), run, input)).await,
            Err(problem) => {
                proof.await?;
                Err(problem.into())
            }
        }
    }

    async fn prove(&self, user: &User, chat: ChatId) -> Result<OwnedChat, Failure> {
        Ok(proven(user, chat, self.store.chat(chat).await?)?)
    }

    async fn prove_run(&self, user: &User, chat: ChatId, run: RunId, with: With) -> Result<Owned<StoredRun>, Failure> {
        let (found, run) = self.store.chat_with_run(chat, run, with).await?;
        proven(user, chat, found)?;
        Ok(Owned::new(run?.ok_or(Problem::NotFound)?))
    }

    /// What a user sets about all their chats, if it can be set. What the gate says of a valid setting is a condition
    /// of its write.
    ///
    /// # Errors
    ///
    /// In this order: [`Problem::ForcedByDeployment`] when the deployment records every chat; [`Problem::GateClosed`] when the gate
    /// is closed and the setting is wrong; what is wrong with it. [`Problem::Unavailable`] when the gate cannot be
    /// read.
    pub async fn user_setting<I>(&self, _: &User, setting: Withheld<I>) -> Result<I, Failure> {
        if self.forced {
            return Err(Problem::ForcedByDeployment.into());
        }
        match setting.open() {
            Ok(setting) => Ok(setting),
            Err(_) if !self.store.gate().await? => Err(Problem::GateClosed.into()),
            Err(problem) => Err(problem.into()),
        }
    }

    /// What a user sets about a chat, if it can be set. Whose the chat is, is a condition of its write as well, and so
    /// is what the gate says of a valid setting.
    ///
    /// # Errors
    ///
    /// In this order: [`Problem::NotFound`] when the chat is unknown, deleted or another's;
    /// [`Problem::ForcedByDeployment`]; [`Problem::GateClosed`] when the setting is wrong; what is wrong with it.
    /// [`Problem::Unavailable`] when chat or gate cannot be read.
    pub async fn chat_setting<I>(&self, user: &User, chat: ChatId, setting: Withheld<I>) -> Result<I, Failure> {
        let problem = match setting.open() {
            _ if self.forced => Problem::ForcedByDeployment,
            // A stranger's write would wait for whoever writes to the chat, and so tell that it is there.
            Ok(setting) => return self.prove(user, chat).await.map(|_| setting),
            Err(problem) => problem,
        };
        let (_, is_open) = released(self.prove(user, chat), self.store.gate()).await?;
        Err(if self.forced || is_open { problem } else { Problem::GateClosed }.into())
    }
}

/// For recorders.
impl Access {
    /// What a recorder sent about a chat, if nothing is wrong with it.
    ///
    /// # Errors
    ///
    /// [`Problem::NotFound`] when the chat is deleted, or hidden from a bound key, else what is wrong with `input`.
    /// [`Problem::Unavailable`] when the chat cannot be read.
    pub async fn unless_hidden<I>(&self, chat: &NamedChat, input: Withheld<I>) -> Result<I, Failure> {
        match input.open() {
            Ok(input) => Ok(input),
            Err(_) if self.store.is_hidden(chat).await? => Err(Problem::NotFound.into()),
            Err(problem) => Err(problem.into()),
        }
    }

    /// What a recorder may do to a chat, by the settings of this very moment, and to a run of it that is to be made. A
    /// chat that is not known yet is `None` in the snapshot, and recordable if its owner-to-be is.
    ///
    /// # Errors
    ///
    /// [`Problem::NotFound`] when the chat or the run is deleted; when the chat is another's [`Problem::OtherOwner`],
    /// and to a bound key [`Problem::NotFound`].
    /// [`Problem::Unavailable`] when what decides cannot be read.
    pub async fn recording(&self, chat: &ClaimedChat, run: Option<RunId>) -> Result<(Recording, Snapshot), Failure> {
        let of = SnapshotOf { chat: chat.id(), run, step: None, is_new: true };
        let snapshot = self.store.snapshot(of, Some(chat.owner())).await?;
        if snapshot.is_gone() {
            return Err(Problem::NotFound.into());
        }
        if snapshot.chat.as_ref().is_some_and(|known| known.owner != *chat.owner()) {
            return Err(chat.other_owner().into());
        }
        Ok((self.recording_of(chat.clone(), &snapshot), snapshot))
    }

    /// The same for a run that has to exist. `naming` finds what the input names.
    ///
    /// # Errors
    ///
    /// In this order: [`Problem::NotFound`] when the chat is unknown, deleted or hidden from a bound key; what is wrong
    /// with the run's id;
    /// [`Problem::NotFound`] when there is no such run; what is wrong with `input`; [`Problem::OtherOwner`] when the
    /// chat is another's; that its owner and the external id make another chat. [`Problem::Unavailable`] when what
    /// decides cannot be read.
    pub async fn existing_run<I>(
        &self,
        chat: &NamedChat,
        run: Withheld<RunId>,
        input: Withheld<I>,
        naming: impl Fn(&I) -> Named<'_>,
    ) -> Result<ExistingRun<I>, Failure> {
        let named = input.peek().map(&naming).unwrap_or_default();
        let of = SnapshotOf { chat: chat.id(), run: run.peek().copied(), step: named.step, is_new: false };
        let mut snapshot = self.store.snapshot(of, named.owner).await?;
        let Some(known) = snapshot.chat.clone().filter(|known| !known.deleted && !chat.is_hidden(&known.owner)) else {
            return Err(Problem::NotFound.into());
        };
        run.open()?;
        let Some(run) = snapshot.run.take() else { return Err(Problem::NotFound.into()) };
        let input = input.open()?;
        match naming(&input).owner {
            Some(named) if *named != known.owner => return Err(Problem::OtherOwner.into()),
            _ if !chat.matches_external_id(&known.owner) => return Err(wrong_external_id().into()),
            Some(_) => {}
            None => snapshot.settings.opt_in = self.store.opt_in(&known.owner).await?,
        }
        Ok(ExistingRun {
            recording: self.recording_of(ClaimedChat::new(chat.id(), known.owner, chat.is_bound()), &snapshot),
            run,
            step: snapshot.step,
            input,
        })
    }

    fn recording_of(&self, chat: ClaimedChat, snapshot: &Snapshot) -> Recording {
        match self.decide(snapshot.settings, snapshot.override_()) {
            Decision { enabled: true, .. } => Recording::On(RecordableChat::new(chat, snapshot.chat.is_some())),
            decision => Recording::Off(RefusedChat::new(chat.id(), decision)),
        }
    }
}

/// That the external id does not make the chat with its owner, whom the request does not name and the answer does not
/// tell.
fn wrong_external_id() -> Problem {
    let detail = "must make the id in the path with the chat's owner, or be left out";
    Problem::InvalidBody(Violation::new("/external_id", detail))
}

/// A chat that lives and is the user's.
fn proven(user: &User, id: ChatId, found: Option<Chat>) -> Result<OwnedChat, Problem> {
    match found {
        Some(Chat { owner, deleted: false, override_, .. }) if owner == *user.id() => Ok(OwnedChat::new(id, override_)),
        _ => Err(Problem::NotFound),
    }
}

/// What was read, once the proof stands. A proof that fails does not wait for the read.
async fn released<P, T>(
    proof: impl Future<Output = Result<P, Failure>>,
    read: impl Future<Output = Result<T, Failure>>,
) -> Result<(P, T), Failure> {
    let (proof, read) = tokio::try_join!(proof, async { Ok(read.await) })?;
    Ok((proof, read?))
}

#[cfg(test)]
mod tests {
    use super::{
        proof::{Admin, KeyHolder, Recorder, RevocableKey},
        *,
    };
    use api::{ids::KeyId, settings::DecidedBy, time::Timestamp};

    /// The twins of what must not compile in [`proof`]: the same calls with the same arguments.
    #[test]
    fn access_makes_every_proof() {
        let id = ChatId::from_uuid(uuid::Uuid::nil());
        let user: UserId = "alice".parse().expect("an id");
        let decision = Decision { enabled: false, decided_by: DecidedBy::Deployment };
        assert_eq!(User::new(user.clone()).id(), &user);
        assert_eq!(Admin::new(User::new(user.clone())).into_user(), User::new(user.clone()));
        assert_eq!(Recorder::bound(user.clone()).bound_to(), Some(&user));
        assert_eq!(Recorder::general().bound_to(), None);
        assert_eq!(NamedChat::new(id, None, None).id(), id);
        let claimed = ClaimedChat::new(id, user.clone(), false);
        assert_eq!(claimed.owner(), &user);
        let (key, holder) = (KeyId::from_uuid(uuid::Uuid::nil()), KeyHolder::new(None));
        assert_eq!(RevocableKey::new(key, holder.clone()).holder(), &holder);
        assert_eq!(OwnerCondition::new(id, user.clone()).user(), &user);
        assert_eq!(UnprovenChat::new(id).id(), id);
        assert_eq!(OwnedChat::new(id, ChatOverride::Off).override_(), ChatOverride::Off);
        let run = RunRecord::open(Timestamp::from_micros(0).expect("a time"));
        assert_eq!(*Owned::new(run.clone()), run);
        assert!(RecordableChat::new(claimed, true).is_registered());
        assert_eq!(RefusedChat::new(id, decision).decision(), decision);
    }
}
