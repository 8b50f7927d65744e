//! Records LLM traffic that was captured elsewhere.
//!
//! A line of a file, or a HAR, is a conversation and becomes a run. A call becomes a step; a call that failed and was
//! sent again is another attempt of the same step.
//!
//! - [`conversation`]: calls as they were captured
//! - [`files`]: reads them from a `.jsonl` or a HAR
//! - [`turn`]: makes a turn of a conversation, without I/O; `step` makes its steps
//! - [`record`](mod@record): records a turn, in one call or step by step; `left_out` makes a step smaller
//!
//! Bodies, headers and URLs are sent as they were captured: the service redacts keys before it stores anything.

mod har;
mod normalized;

pub mod conversation;
pub mod files;
pub(crate) mod left_out;
pub mod record;
pub(crate) mod step;
pub mod turn;

pub use conversation::{Conversation, ModelCall};
pub use files::{ReadError, conversations, open};
pub use record::record;
pub use turn::{ReplayedTurn, chat_of};
