//! What is a user's own, and a claim that it is.

use api::{
    ids::{ChatId, UserId},
    settings::ChatOverride,
};
use std::ops::Deref;

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
    pub(in crate::access) const fn new(chat: ChatId, user: UserId) -> Self {
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
    pub(in crate::access) const fn new(id: ChatId) -> Self {
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
    pub(in crate::access) const fn new(id: ChatId, override_: ChatOverride) -> Self {
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
    pub(in crate::access) const fn new(it: T) -> Self {
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
