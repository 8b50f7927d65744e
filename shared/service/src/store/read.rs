//! What owners read, and what recording is decided by.

pub(super) mod chats;
pub(super) mod runs;
pub(super) mod settings;
pub(super) mod snapshot;
pub(super) mod steps;
