//! What records, sets and deletes. Every rule about data is a condition of the write itself.
//!
//! - `chats`: registers a chat with its owner
//! - `encoded_run`: a post as it is stored
//! - `create_run`: records a run, or a whole turn with its steps; `post_items`: those of an open run; `post`: what a post's
//!   transactions have in common
//! - `put_step`: records or replaces a step of an open run
//! - `update_run`: changes or closes an open run
//! - `delete`: deletes a run or a chat
//! - `settings`: the gate, opt-ins and overrides; `recorder_keys`: recorder keys
//! - `conditions`: what several writes require
//! - `sweep`: purges what a write stored and never confirmed
//! - `staged`: how a write ends whose content was put before it

pub(super) mod chats;
mod conditions;
mod create_run;
pub(super) mod delete;
pub(super) mod encoded_run;
pub(super) mod post;
mod post_items;
pub(super) mod put_step;
mod recorder_keys;
pub(super) mod settings;
mod staged;
pub(super) mod sweep;
pub(super) mod update_run;
