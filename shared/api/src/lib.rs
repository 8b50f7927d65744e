//! The API's types, as `shared/api/CONTRACT.md` describes them: bodies, ids, problems and routes.
//!
//! The functions answer with them and the client reads them. There is no AWS here, no HTTP framework, no async, no I/O.
//!
//! - [`ids`]: ids that parse one spelling only; [`external`]: chats by their external ids
//! - [`time`]: timestamps, RFC 3339 in and out
//! - [`parse`]: why a text is not a valid id or time
//! - [`json`]: free-form JSON that keeps every byte, and bodies that are read strictly
//! - [`settings`], [`recorder_keys`], [`chat`], [`run`], [`step`], [`outline`], [`status`]: the bodies of requests and
//!   answers
//! - [`view`]: a step as a person reads it
//! - [`content`]: the contents of a step by name; [`redaction`]: what was taken out of it; [`preview`]: what would be
//! - `number`, `usage`: numbers and token counts as recorders and providers write them
//! - [`problem`]: the closed list of refusals
//! - [`routes`]: the one list of operations; [`jobs`]: what a schedule starts instead of a caller
//! - `openapi`, a feature: all of the above as an OpenAPI document

#![warn(missing_docs, clippy::missing_errors_doc)]

pub mod chat;
pub mod content;
pub mod external;
pub mod ids;
pub mod jobs;
pub mod json;
mod number;
#[cfg(feature = "openapi")]
pub mod openapi;
pub mod outline;
pub mod parse;
pub mod preview;
pub mod problem;
pub mod recorder_keys;
pub mod redaction;
pub mod routes;
pub mod run;
pub mod settings;
pub mod status;
pub mod step;
pub mod time;
mod usage;
pub mod view;
