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

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole table: what is forced, then the gate, the opt-in and the chat's override.
    #[test]
    fn the_first_that_has_a_say_decides() {
        use ChatOverride::{Inherit, Off, On};
        use DecidedBy::{Chat, Deployment as Forced, Gate, User};
        let with = |forced, allow_users, opt_in, chat| {
            let Decision { enabled, decided_by } = resolve(Deployment { forced, allow_users }, OptIn(opt_in), chat);
            (enabled, decided_by)
        };
        for opt_in in [false, true] {
            for chat in [Inherit, Off, On] {
                for allow_users in [false, true] {
                    assert_eq!(with(true, allow_users, opt_in, chat), (true, Forced));
                }
                assert_eq!(with(false, false, opt_in, chat), (false, Gate));
            }
            assert_eq!(with(false, true, opt_in, Off), (false, Chat));
            assert_eq!(with(false, true, opt_in, On), (true, Chat));
            assert_eq!(with(false, true, opt_in, Inherit), (opt_in, User));
        }
    }
}
