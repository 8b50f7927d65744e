//! What a token makes its bearer, and how long.

/// How long a token is good, in seconds: a day's work.
pub(super) const LIFETIME: i64 = 12 * 60 * 60;

/// What the caller of a token may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum TokenRole {
    /// Reads and switches its own.
    User,
    /// A user who also sets the deployment's gate.
    Admin,
    /// Records; reads nothing back.
    Recorder,
}
