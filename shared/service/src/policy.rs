//! Whether a chat is recorded. Every screen and every write that records asks [`resolve`].
//!
//! It is pure: it reads no settings, so it cannot fail, and it cannot guess one that is missing.

use api::settings::{ChatOverride, DecidedBy, Decision};

/// The first tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deployment {
    /// The deployment records every chat.
    pub forced: bool,
    /// The admin's gate; never set means closed.
    pub allow_users: bool,
}

/// The second tier: the chat owner's own word; never given means no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptIn(pub bool);

/// The first tier that has a say decides.
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
