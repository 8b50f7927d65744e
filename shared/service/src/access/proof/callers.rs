//! Who calls, and what recorder keys they keep.

use api::ids::{KeyId, UserId};

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
    pub(in crate::access) const fn new(id: UserId) -> Self {
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
    pub(in crate::access) const fn new(user: User) -> Self {
        Self(user)
    }

    /// Who it is as a user.
    pub const fn user(&self) -> &User {
        &self.0
    }

    /// The same, for who needs the admin no more.
    pub(crate) fn into_user(self) -> User {
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
    pub(in crate::access) const fn general() -> Self {
        Self(None)
    }

    /// By a key that is bound to an owner.
    pub(in crate::access) const fn bound(owner: UserId) -> Self {
        Self(Some(owner))
    }

    /// The only owner that it records for, if it is bound to one.
    pub(in crate::access) const fn bound_to(&self) -> Option<&UserId> {
        self.0.as_ref()
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
    pub(in crate::access) const fn new(owner: Option<UserId>) -> Self {
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
    pub(in crate::access) const fn new(id: KeyId, holder: KeyHolder) -> Self {
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
