//! What the store takes instead of bare ids: values that prove who calls and what they may touch.
//!
//! Only [`crate::access`] makes them, and only after it has decided. Each is followed by a line that compiles, and by
//! the same line with another value in the proof's place, which does not.
//!
//! Nothing else can make one, in whichever way. A test in [`crate::access`] makes each as the lines here that must not
//! compile do, so these fail for their privacy and not for a wrong name:
//!
//! ```
//! # fn is_proof<T>() {}
//! is_proof::<service::access::proof::Recorder>();
//! ```
//!
//! ```compile_fail,E0603
//! let forged = service::access::proof::Recorder(None);
//! ```

use api::{
    external::ExternalId,
    ids::{ChatId, KeyId, UserId},
    problem::Problem,
    settings::{ChatOverride, Decision},
};
use std::ops::Deref;

/// A signed-in user.
///
/// ```
/// # async fn opt_in(app: &service::app::App, user: service::access::proof::User, now: api::time::Timestamp) {
/// let stored = app.store.put_opt_in(&user, true, now).await;
/// # }
/// ```
///
/// ```compile_fail,E0308
/// # async fn opt_in(app: &service::app::App, id: api::ids::UserId, now: api::time::Timestamp) {
/// let stored = app.store.put_opt_in(&id, true, now).await;
/// # }
/// ```
///
/// ```compile_fail,E0624
/// # fn forge(id: api::ids::UserId) {
/// let forged = service::access::proof::User::new(id);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User(UserId);

impl User {
    pub(super) const fn new(id: UserId) -> Self {
        Self(id)
    }

    /// Its id, the token's `sub`.
    pub const fn id(&self) -> &UserId {
        &self.0
    }
}

/// A user who may set the deployment's gate, and nothing else beyond a user.
///
/// ```
/// # use service::{access::proof::Admin, app::App};
/// # async fn open(app: &App, admin: Admin, now: api::time::Timestamp) {
/// let stored = app.store.put_gate(&admin, true, now).await;
/// # }
/// ```
///
/// ```compile_fail,E0308
/// # use service::{access::proof::User, app::App};
/// # async fn open(app: &App, user: User, now: api::time::Timestamp) {
/// let stored = app.store.put_gate(&user, true, now).await;
/// # }
/// ```
///
/// ```compile_fail,E0624
/// # fn forge(user: service::access::proof::User) {
/// let forged = service::access::proof::Admin::new(user);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin(User);

impl Admin {
    pub(super) const fn new(user: User) -> Self {
        Self(user)
    }

    /// Who it is as a user.
    pub const fn user(&self) -> &User {
        &self.0
    }

    /// The same, for who needs the admin no more.
    pub fn into_user(self) -> User {
        self.0
    }
}

/// The chat backend: it records and never reads back. By a bound key it records for one owner alone.
///
/// ```
/// # use service::{access::{Withheld, proof::Recorder}, app::App};
/// # fn name(app: &App, recorder: Recorder, chat: api::ids::ChatId, sent: Withheld<api::chat::PutChat>) {
/// let named = app.access.named_chat(&recorder, chat, sent);
/// # }
/// ```
///
/// ```compile_fail,E0308
/// # use service::{access::{Withheld, proof::User}, app::App};
/// # fn name(app: &App, user: User, chat: api::ids::ChatId, sent: Withheld<api::chat::PutChat>) {
/// let named = app.access.named_chat(&user, chat, sent);
/// # }
/// ```
///
/// ```compile_fail,E0624
/// let forged = service::access::proof::Recorder::general();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorder(Option<UserId>);

impl Recorder {
    /// By a token or a general key.
    pub(super) const fn general() -> Self {
        Self(None)
    }

    /// By a key that is bound to an owner.
    pub(super) const fn bound(owner: UserId) -> Self {
        Self(Some(owner))
    }

    /// The only owner that it records for, if it is bound to one.
    pub(super) const fn bound_to(&self) -> Option<&UserId> {
        self.0.as_ref()
    }
}

/// A chat that a recorder may ask about: any, unless its key is bound. Whose it is, is not proven.
///
/// ```
/// # use service::{access::proof::NamedChat, app::App};
/// # async fn ask(app: &App, chat: NamedChat) {
/// let hidden = app.store.is_hidden(&chat).await;
/// # }
/// ```
///
/// ```compile_fail,E0308
/// # use service::app::App;
/// # async fn ask(app: &App, chat: api::ids::ChatId) {
/// let hidden = app.store.is_hidden(&chat).await;
/// # }
/// ```
///
/// ```compile_fail,E0624
/// # fn forge(id: api::ids::ChatId) {
/// let forged = service::access::proof::NamedChat::new(id, None, None);
/// # }
/// ```
#[derive(Debug)]
pub struct NamedChat {
    id: ChatId,
    bound_to: Option<UserId>,
    word: Option<ExternalId>,
}

impl NamedChat {
    pub(super) const fn new(id: ChatId, bound_to: Option<UserId>, word: Option<ExternalId>) -> Self {
        Self { id, bound_to, word }
    }

    /// The chat.
    pub const fn id(&self) -> ChatId {
        self.id
    }

    /// Whether it was asked about by a key that is bound to an owner.
    pub(super) const fn is_bound(&self) -> bool {
        self.bound_to.is_some()
    }

    /// Whether it was asked about by a key that is bound to another owner than the chat's, to which it is unknown.
    pub(crate) fn is_hidden(&self, owner: &UserId) -> bool {
        self.bound_to.as_ref().is_some_and(|bound_to| bound_to != owner)
    }

    /// Whether the word that the request gives, if it gives one, and this owner make the chat.
    pub(super) fn is_called_so_by(&self, owner: &UserId) -> bool {
        self.word.as_ref().is_none_or(|word| ChatId::named(owner, word) == self.id)
    }
}

/// A chat with the owner for whom a recorder may record it, if it is that owner's.
///
/// ```
/// # use service::{access::proof::ClaimedChat, app::App};
/// # async fn ask(app: &App, chat: ClaimedChat) {
/// let recording = app.access.recording(&chat, None).await;
/// # }
/// ```
///
/// ```compile_fail,E0308
/// # use service::{access::proof::NamedChat, app::App};
/// # async fn ask(app: &App, chat: NamedChat) {
/// let recording = app.access.recording(&chat, None).await;
/// # }
/// ```
///
/// ```compile_fail,E0624
/// # fn forge(id: api::ids::ChatId, owner: api::ids::UserId) {
/// let forged = service::access::proof::ClaimedChat::new(id, owner, false);
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ClaimedChat {
    id: ChatId,
    owner: UserId,
    is_bound: bool,
}

impl ClaimedChat {
    pub(super) const fn new(id: ChatId, owner: UserId, is_bound: bool) -> Self {
        Self { id, owner, is_bound }
    }

    /// What the recorder is told when the chat is another's: to a bound key it is unknown.
    pub const fn other_owner(&self) -> Problem {
        if self.is_bound { Problem::NotFound } else { Problem::OtherOwner }
    }

    /// The chat.
    pub const fn id(&self) -> ChatId {
        self.id
    }

    /// Whose it is, or is to be.
    pub const fn owner(&self) -> &UserId {
        &self.owner
    }
}

/// Who keeps recorder keys: a user those that are bound to it, the deployment the general ones.
///
/// ```
/// # use service::{access::proof::KeyHolder, app::App};
/// # async fn list(app: &App, holder: KeyHolder) {
/// let keys = app.store.recorder_keys(&[holder]).await;
/// # }
/// ```
///
/// ```compile_fail,E0308
/// # use service::{access::proof::User, app::App};
/// # async fn list(app: &App, user: User) {
/// let keys = app.store.recorder_keys(&[user]).await;
/// # }
/// ```
///
/// ```compile_fail,E0624
/// let forged = service::access::proof::KeyHolder::new(None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyHolder(Option<UserId>);

impl KeyHolder {
    pub(super) const fn new(owner: Option<UserId>) -> Self {
        Self(owner)
    }

    /// The only owner that its keys record for; none of the deployment's.
    pub const fn owner(&self) -> Option<&UserId> {
        self.0.as_ref()
    }
}

/// A recorder key that the caller may revoke.
///
/// ```
/// # use service::{access::proof::RevocableKey, app::App};
/// # async fn revoke(app: &App, key: RevocableKey) {
/// let revoked = app.store.revoke_recorder_key(&key).await;
/// # }
/// ```
///
/// ```compile_fail,E0308
/// # use service::app::App;
/// # async fn revoke(app: &App, key: api::ids::KeyId) {
/// let revoked = app.store.revoke_recorder_key(&key).await;
/// # }
/// ```
///
/// ```compile_fail,E0624
/// # fn forge(id: api::ids::KeyId, holder: service::access::proof::KeyHolder) {
/// let forged = service::access::proof::RevocableKey::new(id, holder);
/// # }
/// ```
#[derive(Debug)]
pub struct RevocableKey {
    id: KeyId,
    holder: KeyHolder,
}

impl RevocableKey {
    pub(super) const fn new(id: KeyId, holder: KeyHolder) -> Self {
        Self { id, holder }
    }

    /// The key.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Whose it is.
    pub const fn holder(&self) -> &KeyHolder {
        &self.holder
    }
}

/// A user's claim to own a chat, not proven yet: good for writes alone, which carry it as their condition.
///
/// ```
/// # use service::{access::proof::OwnerCondition, app::App};
/// # async fn delete(app: &App, condition: OwnerCondition, until: tokio::time::Instant) {
/// let deleted = app.store.delete_chat(&condition, until).await;
/// # }
/// ```
///
/// ```compile_fail,E0308
/// # use service::{access::proof::OwnerCondition, app::App};
/// # async fn read(app: &App, condition: OwnerCondition, run: api::ids::RunId) {
/// let stolen = app.store.steps(&condition, run, Default::default()).await;
/// # }
/// ```
///
/// ```compile_fail,E0624
/// # fn forge(chat: api::ids::ChatId, user: api::ids::UserId) {
/// let forged = service::access::proof::OwnerCondition::new(chat, user);
/// # }
/// ```
#[derive(Debug)]
pub struct OwnerCondition {
    chat: ChatId,
    user: UserId,
}

impl OwnerCondition {
    pub(super) const fn new(chat: ChatId, user: UserId) -> Self {
        Self { chat, user }
    }

    /// The chat.
    pub const fn chat(&self) -> ChatId {
        self.chat
    }

    /// Who has to own it.
    pub const fn user(&self) -> &UserId {
        &self.user
    }
}

/// A chat whose ownership is being looked up. Reads that take it begin beside the proof, and what they read is dropped
/// when the proof fails. They are small ones, since a stranger can cause them; what is large takes [`OwnedChat`] or
/// [`Owned`].
///
/// ```
/// # use service::{access::proof::UnprovenChat, app::App};
/// # async fn read(app: &App, chat: UnprovenChat, run: api::ids::RunId) {
/// let begun = app.store.steps(&chat, run, Default::default()).await;
/// # }
/// ```
///
/// ```compile_fail,E0308
/// # use service::{access::proof::UnprovenChat, app::App, store::UnprovenRuns};
/// # async fn read(app: &App, chat: UnprovenChat, runs: UnprovenRuns) {
/// let stolen = app.store.run_page(&chat, runs).await;
/// # }
/// ```
///
/// ```compile_fail,E0624
/// # fn forge(id: api::ids::ChatId) {
/// let forged = service::access::proof::UnprovenChat::new(id);
/// # }
/// ```
#[derive(Debug)]
pub struct UnprovenChat(ChatId);

impl UnprovenChat {
    pub(super) const fn new(id: ChatId) -> Self {
        Self(id)
    }

    /// The chat.
    pub const fn id(&self) -> ChatId {
        self.0
    }
}

/// A chat that lives and is the caller's own.
///
/// ```
/// # use service::{access::proof::OwnedChat, app::App, store::UnprovenRuns};
/// # async fn read(app: &App, chat: OwnedChat, runs: UnprovenRuns) {
/// let page = app.store.run_page(&chat, runs).await;
/// # }
/// ```
///
/// ```compile_fail,E0308
/// # use service::{access::proof::RecordableChat, app::App, store::UnprovenRuns};
/// # async fn read(app: &App, chat: RecordableChat, runs: UnprovenRuns) {
/// let stolen = app.store.run_page(&chat, runs).await;
/// # }
/// ```
///
/// ```compile_fail,E0624
/// # use api::{ids::ChatId, settings::ChatOverride};
/// # fn forge(id: ChatId, override_: ChatOverride) {
/// let forged = service::access::proof::OwnedChat::new(id, override_);
/// # }
/// ```
#[derive(Debug)]
pub struct OwnedChat {
    id: ChatId,
    override_: ChatOverride,
}

impl OwnedChat {
    pub(super) const fn new(id: ChatId, override_: ChatOverride) -> Self {
        Self { id, override_ }
    }

    /// The chat.
    pub const fn id(&self) -> ChatId {
        self.id
    }

    /// What the chat itself says about recording.
    pub const fn override_(&self) -> ChatOverride {
        self.override_
    }
}

/// Something of a chat that lives and is the caller's own.
///
/// ```
/// # use service::{access::proof::Owned, app::App, store::StoredRun};
/// # async fn read(app: &App, run: Owned<StoredRun>) {
/// let page = app.store.step_page(&run, Default::default(), None).await;
/// # }
/// ```
///
/// ```compile_fail,E0308
/// # use service::{access::proof::Owned, app::App, store::StoredRun};
/// # async fn read(app: &App, run: StoredRun) {
/// let stolen = app.store.step_page(&run, Default::default(), None).await;
/// # }
/// ```
///
/// ```compile_fail,E0624
/// # fn forge(run: service::store::RunRecord) {
/// let forged = service::access::proof::Owned::new(run);
/// # }
/// ```
#[derive(Debug)]
pub struct Owned<T>(T);

impl<T> Owned<T> {
    pub(super) const fn new(it: T) -> Self {
        Self(it)
    }

    /// It, to answer with.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Owned<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

/// A chat that the policy said is recorded.
///
/// ```
/// # use service::{access::proof::RecordableChat, app::App, store::Patch};
/// # async fn record(app: &App, chat: RecordableChat, patch: Patch, now: api::time::Timestamp) {
/// let written = app.store.update_run(&chat, patch, now).await;
/// # }
/// ```
///
/// ```compile_fail,E0308
/// # use service::{access::proof::OwnedChat, app::App, store::Patch};
/// # async fn record(app: &App, chat: OwnedChat, patch: Patch, now: api::time::Timestamp) {
/// let written = app.store.update_run(&chat, patch, now).await;
/// # }
/// ```
///
/// ```compile_fail,E0624
/// # fn forge(claimed: service::access::proof::ClaimedChat) {
/// let forged = service::access::proof::RecordableChat::new(claimed, true);
/// # }
/// ```
#[derive(Debug)]
pub struct RecordableChat {
    claimed: ClaimedChat,
    is_registered: bool,
}

impl RecordableChat {
    pub(super) const fn new(claimed: ClaimedChat, is_registered: bool) -> Self {
        Self { claimed, is_registered }
    }

    /// The chat.
    pub const fn id(&self) -> ChatId {
        self.claimed.id
    }

    /// The claim to it.
    pub const fn claimed(&self) -> &ClaimedChat {
        &self.claimed
    }

    /// Whose it is, or is to be.
    pub const fn owner(&self) -> &UserId {
        &self.claimed.owner
    }

    /// Whether the chat has an item yet.
    pub const fn is_registered(&self) -> bool {
        self.is_registered
    }
}

/// A chat that the policy said is not recorded: its open runs may still be closed.
///
/// ```
/// # use service::{access::proof::RefusedChat, app::App, store::Patch};
/// # async fn close(app: &App, chat: RefusedChat, patch: Patch, now: api::time::Timestamp) {
/// let closed = app.store.close_run(&chat, patch, now).await;
/// # }
/// ```
///
/// ```compile_fail,E0308
/// # use service::{access::proof::RefusedChat, app::App, store::Patch};
/// # async fn record(app: &App, chat: RefusedChat, patch: Patch, now: api::time::Timestamp) {
/// let written = app.store.update_run(&chat, patch, now).await;
/// # }
/// ```
///
/// ```compile_fail,E0624
/// # fn forge(id: api::ids::ChatId, decision: api::settings::Decision) {
/// let forged = service::access::proof::RefusedChat::new(id, decision);
/// # }
/// ```
#[derive(Debug)]
pub struct RefusedChat {
    id: ChatId,
    decision: Decision,
}

impl RefusedChat {
    pub(super) const fn new(id: ChatId, decision: Decision) -> Self {
        Self { id, decision }
    }

    /// The chat.
    pub const fn id(&self) -> ChatId {
        self.id
    }

    /// Why it is not recorded.
    pub const fn decision(&self) -> Decision {
        self.decision
    }
}
