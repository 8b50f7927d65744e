//! What owners read, and what recording is decided by.
//!
//! - `chats`: a chat's item, to prove whose it is, and a page of a user's chats
//! - `runs`: a page of a chat's runs
//! - `steps`: a run's steps; `outlines`: the same in short; `step_page`: a page of either while it is written
//! - `step`: one step, and its contents
//! - `views`: steps as a person reads them
//! - `settings`: the gate and a user's opt-in; `recorder_keys`: recorder keys
//! - `snapshot`: all that decides about a recorder's request, in one round trip

pub(super) mod chats;
mod outlines;
mod recorder_keys;
pub(super) mod runs;
pub(super) mod settings;
pub(super) mod snapshot;
pub(super) mod step;
pub(super) mod step_page;
pub(super) mod steps;
pub(super) mod views;
