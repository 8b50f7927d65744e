//! Recorded LLM traffic, made into runs and recorded.
//!
//! A line of the file is a conversation and becomes one run; a call becomes a step, and calls that
//! repeat a request after a refusal become attempts of one step.
//!
//! - [`corpus`]: reads the lines of a `.jsonl` or `.jsonl.gz`
//! - [`turn`]: makes a conversation into a turn; pure, time and owner are passed in
//! - [`record`](mod@record): records a turn, in one call or step by step
//!
//! Bodies, headers and URLs are handed on as they were recorded: masking keys is the service's
//! work, which does it before anything is stored.

pub mod corpus;
pub mod record;
pub mod turn;

pub use corpus::{Call, Conversation, ReadError, conversations, open};
pub use record::record;
pub use turn::{Turn, chat_id};
