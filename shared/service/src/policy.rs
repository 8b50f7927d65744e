//! Whether a chat is recorded. Every screen and every write that records asks [`resolve`].
//!
//! It is pure: it reads no settings, so it cannot fail, and it cannot guess one that is missing.

use api::settings::{ChatOverride, DecidedBy, Decision};

/// What is said for all chats: by the deployment, which may force recording, and by an admin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deployment {
    /// The deployment records every chat.
    pub forced: bool,
    /// An admin's gate; never set means closed.
    pub allow_users: bool,
}

/// What the chat's owner said; never set means no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptIn(pub bool);

/// The first that has a say decides: the deployment, the admin, the chat, and else the user.
pub const fn resolve(deployment: Deployment, user: OptIn, chat: ChatOverride) -> Decision {
    let (enabled, decided_by) = match (deployment, chat) {
        (Deployment { forced: true, .. }, _) => (true, DecidedBy::Deployment),
        (Deployment { allow_users: false, .. }, _) => (false, DecidedBy::Gate),
        (_, ChatOverride::On) => (true, DecidedBy::Chat),
        (_, ChatOverride::Off) => (false, DecidedBy::Chat),
        (_, ChatOverride::Inherit) => (user.0, DecidedBy::User),
    };
    Decision { enabled, decided_by }
}
