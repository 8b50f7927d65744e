//! Records LLM traffic that was captured elsewhere.
//!
//! A line of a file is a conversation and becomes a run. A call becomes a step; a call that failed and was sent again is
//! another attempt of the same step.
//!
//! - [`conversation`]: reads the lines of a `.jsonl` or `.jsonl.gz`
//! - [`turn`]: makes a turn of a conversation, without I/O
//! - [`record`](mod@record): records a turn, in one call or step by step
//!
//! Bodies, headers and URLs are sent as they were captured: the service redacts keys before it stores anything.

mod normalized;

pub mod conversation;
pub mod record;
pub mod turn;

pub use conversation::{Conversation, ModelCall, ReadError, conversations, open};
pub use record::record;
pub use turn::{ReplayedTurn, chat_id};
