//! Items of chats, runs, steps, settings and keys as types. Reads and writes import them, and they import neither.

pub(super) mod chat;
pub(super) mod intent;
pub(super) mod label;
pub(super) mod names;
pub(super) mod outline;
pub(super) mod recorder_key;
pub(super) mod run;
pub(super) mod settings;
pub(super) mod step;
pub(super) mod totals;
pub(super) mod turn;
