//! What a recorder may name, and may record.

use api::{
    external::ExternalId,
    ids::{ChatId, UserId},
    problem::Problem,
    settings::Decision,
};

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
    external_id: Option<ExternalId>,
}

impl NamedChat {
    pub(in crate::access) const fn new(id: ChatId, bound_to: Option<UserId>, external_id: Option<ExternalId>) -> Self {
        Self { id, bound_to, external_id }
    }

    /// The chat.
    pub const fn id(&self) -> ChatId {
        self.id
    }

    /// Whether it was asked about by a key that is bound to an owner.
    pub(in crate::access) const fn is_bound(&self) -> bool {
        self.bound_to.is_some()
    }

    /// Whether it was asked about by a key that is bound to another owner than the chat's, to which it is unknown.
    pub(crate) fn is_hidden(&self, owner: &UserId) -> bool {
        self.bound_to.as_ref().is_some_and(|bound_to| bound_to != owner)
    }

    /// Whether the external id that the request gives, if it gives one, and this owner make the chat.
    pub(in crate::access) fn matches_external_id(&self, owner: &UserId) -> bool {
        self.external_id.as_ref().is_none_or(|external_id| ChatId::named(owner, external_id) == self.id)
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
    pub(in crate::access) const fn new(id: ChatId, owner: UserId, is_bound: bool) -> Self {
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
    pub(in crate::access) const fn new(claimed: ClaimedChat, is_registered: bool) -> Self {
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
    pub(in crate::access) const fn new(id: ChatId, decision: Decision) -> Self {
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
