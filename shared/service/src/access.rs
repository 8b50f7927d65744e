//! Who may touch what. The values made here are the only way to the store's functions about a chat.
//!
//! Alice opens a run: her token makes her a [`User`]. The store reads at once, under a [`Reading`] that only
//! [`App::owned`] and [`App::owned_run`] make, beside the proof that the chat is hers; what was read is released when
//! the chat's item names her. Mallory with the same URL causes the same reads and gets the 404 of a
//! chat that does not exist. A write of Alice's carries a [`Claim`], which the store makes a condition
//! of the write. The chat backend is a [`Recorder`]: it gets a [`RecordableChat`] only from the
//! resolver, and nothing that reads.
//!
//! A proof cannot be made elsewhere:
//!
//! ```compile_fail,E0451
//! # fn forge(id: api::ids::ChatId) -> service::access::RecordableChat {
//! service::access::RecordableChat { id, registered: true }
//! # }
//! ```
//!
//! Nor does a claim read, however it was come by:
//!
//! ```compile_fail,E0308
//! # async fn peek(app: &service::app::App, claim: service::access::Claim, run: api::ids::RunId) {
//! let _stolen = app.store.steps(&claim, run, None).await;
//! # }
//! ```
//!
//! A read runs where its answer is released to the owner alone:
//!
//! ```
//! # use service::{access::{Reading, User}, app::App, failure::Failure};
//! # async fn read(app: &App, user: &User, chat: api::ids::ChatId, run: api::ids::RunId) -> Result<(), Failure> {
//! let read = |reading: Reading, run| async move { app.store.steps(&reading, run, None).await };
//! let (_run, _steps) = app.owned_run(user, chat, Ok(run), read).await?;
//! # Ok(())
//! # }
//! ```

use crate::{
    app::App,
    failure::Failure,
    identity::Claims,
    policy::{self, Deployment, OptIn},
    store::{Chat, RunRecord, Snapshot, SnapshotOf, StepRecord, UserTier},
};
use api::{
    ids::{ChatId, RunId, StepNumber, UserId},
    problem::Problem,
    settings::{ChatOverride, Decision},
};
use serde_json::Value;
use std::future::Future;

/// How tokens say what their bearer is; from the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    /// The claim that makes an admin.
    pub admin_claim: String,
    /// The value it must hold.
    pub admin_value: String,
    /// The scope that makes a recorder.
    pub recorder_scope: String,
}

/// A signed-in user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User(UserId);

impl User {
    /// Its id, the token's `sub`.
    pub const fn id(&self) -> &UserId {
        &self.0
    }
}

/// A user who may set the deployment's gate, and nothing else beyond a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin(User);

/// The chat backend: records and never reads back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorder(());

/// Whoever calls is exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// The chat backend.
    Recorder(Recorder),
    /// A user.
    User(User),
    /// A user who is an admin too.
    Admin(Admin),
}

impl Caller {
    /// Who a verified token's bearer is.
    pub(crate) fn of(claims: &Claims, roles: &Roles) -> Result<Self, Problem> {
        let scopes = claims.text("scope").unwrap_or_default();
        if scopes.split(' ').any(|scope| scope == roles.recorder_scope) {
            return Ok(Self::Recorder(Recorder(())));
        }
        let user = claims.text("sub").and_then(|sub| sub.parse().ok());
        let user = User(user.ok_or(Problem::Unauthenticated)?);
        let is_admin = match claims.get(&roles.admin_claim) {
            Some(Value::Array(values)) => values.iter().any(|value| *value == *roles.admin_value),
            Some(value) => *value == *roles.admin_value,
            None => false,
        };
        Ok(if is_admin { Self::Admin(Admin(user)) } else { Self::User(user) })
    }

    /// The user, admin or not.
    pub fn user(&self) -> Result<&User, Problem> {
        match self {
            Self::User(user) | Self::Admin(Admin(user)) => Ok(user),
            Self::Recorder(_) => Err(Problem::UserOnly),
        }
    }

    /// The admin.
    pub fn admin(&self) -> Result<&Admin, Problem> {
        match self {
            Self::Admin(admin) => Ok(admin),
            Self::User(_) | Self::Recorder(_) => Err(Problem::AdminOnly),
        }
    }

    /// The recorder.
    pub fn recorder(&self) -> Result<&Recorder, Problem> {
        match self {
            Self::Recorder(recorder) => Ok(recorder),
            Self::User(_) | Self::Admin(_) => Err(Problem::RecorderOnly),
        }
    }
}

/// A user's word that a chat is theirs: good for writes that carry it as their condition.
#[derive(Debug)]
pub struct Claim {
    chat: ChatId,
    user: UserId,
}

impl Claim {
    /// The chat.
    pub const fn chat(&self) -> ChatId {
        self.chat
    }

    /// Who claims it.
    pub const fn user(&self) -> &UserId {
        &self.user
    }
}

/// A read of a chat that is being proven meanwhile. It is a small one: a stranger can cause it, and larger ones take
/// the proof, an [`OwnedChat`] or a run that was released with it.
#[derive(Debug)]
pub struct Reading {
    chat: ChatId,
}

impl Reading {
    /// The chat.
    pub const fn chat(&self) -> ChatId {
        self.chat
    }
}

/// A live chat that is the caller's own.
#[derive(Debug)]
pub struct OwnedChat {
    id: ChatId,
    override_: ChatOverride,
}

impl OwnedChat {
    /// The chat.
    pub const fn id(&self) -> ChatId {
        self.id
    }

    /// What the chat itself says about recording.
    pub const fn override_(&self) -> ChatOverride {
        self.override_
    }
}

/// A chat that the resolver said is recorded.
#[derive(Debug)]
pub struct RecordableChat {
    id: ChatId,
    registered: bool,
}

impl RecordableChat {
    /// The chat.
    pub const fn id(&self) -> ChatId {
        self.id
    }

    /// Whether the chat has an item yet.
    pub const fn is_registered(&self) -> bool {
        self.registered
    }
}

/// A chat that the resolver said is not recorded: its open runs may still be closed.
#[derive(Debug)]
pub struct RefusedChat {
    id: ChatId,
    decision: Decision,
}

impl RefusedChat {
    /// The chat.
    pub const fn id(&self) -> ChatId {
        self.id
    }

    /// Why it is not recorded.
    pub const fn decision(&self) -> Decision {
        self.decision
    }
}

/// What the resolver said about a chat, as what may be done to it.
#[derive(Debug)]
pub enum Recording {
    /// Everything is recorded.
    On(RecordableChat),
    /// Nothing is.
    Off(RefusedChat),
}

/// A run that stands, and what may be done to it.
#[derive(Debug)]
pub struct Standing {
    /// What the resolver said about its chat.
    pub recording: Recording,
    /// The run.
    pub run: RunRecord,
    /// The step that was asked for, if one stands there.
    pub step: Option<StepRecord>,
}

impl App {
    /// A user's claim to a chat, for a write.
    pub fn claim(&self, user: &User, chat: ChatId) -> Claim {
        Claim { chat, user: user.id().clone() }
    }

    /// Reads a chat beside the proof that it is the user's, and releases what was read to its owner alone.
    /// A proof that fails is answered at once, whatever there was to read.
    ///
    /// `input` is what the read needs from the request. When that is wrong the caller learns it only
    /// after the chat is proven: the chat's 404 comes first.
    pub async fn owned<I, T, F>(
        &self,
        user: &User,
        chat: ChatId,
        input: Result<I, Problem>,
        read: impl FnOnce(Reading, I) -> F,
    ) -> Result<(OwnedChat, T), Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let input = self.well_formed(user, chat, input).await?;
        released(self.prove(user, chat), read(Reading { chat }, input)).await
    }

    /// [`Self::owned`] for a run of the chat, which is read together with the proof. One that does not
    /// stand is the chat's 404 too, and comes before whatever is wrong with the read.
    pub async fn owned_run<T, F>(
        &self,
        user: &User,
        chat: ChatId,
        run: Result<RunId, Problem>,
        read: impl FnOnce(Reading, RunId) -> F,
    ) -> Result<(RunRecord, T), Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let run = self.well_formed(user, chat, run).await?;
        let proof = async {
            let (found, run) = self.store.chat_with_run(chat, run).await?;
            proven(user, chat, found)?;
            run?.ok_or(Problem::NotFound.into())
        };
        released(proof, read(Reading { chat }, run)).await
    }

    /// What a read needs from the request. What is wrong with it is for the chat's owner alone.
    async fn well_formed<I>(&self, user: &User, chat: ChatId, input: Result<I, Problem>) -> Result<I, Failure> {
        if input.is_err() {
            self.prove(user, chat).await?;
        }
        Ok(input?)
    }

    async fn prove(&self, user: &User, chat: ChatId) -> Result<OwnedChat, Failure> {
        Ok(proven(user, chat, self.store.chat(chat).await?)?)
    }

    /// What the resolver says, by settings that were just read.
    pub const fn decide(&self, tier: UserTier, override_: ChatOverride) -> Decision {
        let deployment = Deployment { forced: self.forced, allow_users: tier.allow_users };
        policy::resolve(deployment, OptIn(tier.opt_in), override_)
    }

    /// What a recorder may do to a chat, by the settings of this very moment.
    ///
    /// An unknown chat is `None` in the snapshot and recordable if its owner-to-be is; a deleted one
    /// is a 404.
    pub async fn recording(
        &self,
        _: &Recorder,
        of: SnapshotOf,
        owner: &UserId,
    ) -> Result<(Recording, Snapshot), Failure> {
        let chat = of.chat;
        let snapshot = self.store.snapshot(of, Some(owner)).await?;
        if snapshot.is_gone() {
            return Err(Problem::NotFound.into());
        }
        if snapshot.chat.as_ref().is_some_and(|chat| chat.owner != *owner) {
            return Err(Problem::OtherOwner.into());
        }
        Ok((self.recording_of(chat, &snapshot), snapshot))
    }

    /// The same for a run that must stand. `owner` comes from the body; what is wrong with that is
    /// said only after chat and run are found.
    pub async fn recording_run(
        &self,
        _: &Recorder,
        chat: ChatId,
        run: Result<RunId, Problem>,
        step: Option<StepNumber>,
        owner: Result<Option<&UserId>, Problem>,
    ) -> Result<Standing, Failure> {
        let of = SnapshotOf { chat, run: run.as_ref().ok().copied(), step };
        let named = owner.as_ref().ok().copied().flatten();
        let mut snapshot = self.store.snapshot(of, named).await?;
        let Some(known) = snapshot.chat.as_ref().filter(|chat| !chat.deleted) else {
            return Err(Problem::NotFound.into());
        };
        run?;
        let Some(run) = snapshot.run.take() else { return Err(Problem::NotFound.into()) };
        match owner? {
            Some(named) if *named != known.owner => return Err(Problem::OtherOwner.into()),
            Some(_) => {}
            None => snapshot.tier.opt_in = self.store.opt_in(&known.owner).await?,
        }
        Ok(Standing { recording: self.recording_of(chat, &snapshot), run, step: snapshot.step })
    }

    fn recording_of(&self, id: ChatId, snapshot: &Snapshot) -> Recording {
        match self.decide(snapshot.tier, snapshot.override_()) {
            Decision { enabled: true, .. } => Recording::On(RecordableChat { id, registered: snapshot.chat.is_some() }),
            decision => Recording::Off(RefusedChat { id, decision }),
        }
    }
}

/// A chat that lives and is the user's.
fn proven(user: &User, id: ChatId, found: Option<Chat>) -> Result<OwnedChat, Problem> {
    match found {
        Some(Chat { owner, deleted: false, override_, .. }) if owner == *user.id() => Ok(OwnedChat { id, override_ }),
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
