//! What the wire shapes of LLM providers have in common: messages, answers, streams, token counts.
//!
//! `OpenAI` (chat completions, responses, embeddings), Anthropic, Gemini, Bedrock and what resembles
//! them. It reads loosely and never fails: what it does not know it leaves out. It judges nothing
//! and changes nothing; the bytes themselves are kept elsewhere.
//!
//! - [`payload`]: a body as JSON or as the events of a stream
//! - [`content`]: messages of a request, and the parts they are made of
//! - [`answer`]: what the model said, from one answer or put together from a stream
//! - [`usage`]: token counts under the contract's names
//! - [`provider`]: who serves the model, which model, and how it was called

pub mod answer;
pub mod content;
pub mod payload;
pub mod provider;
pub mod usage;

pub use answer::Answer;
pub use content::{Message, Part};
pub use payload::{Event, Payload};
