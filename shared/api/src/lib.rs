//! What a caller sees, as `shared/api/CONTRACT.md` tells it: every shape, id, error and route.
//!
//! Shared by the functions, which answer with these types, and by the client, which reads them.
//! It knows no AWS, no HTTP framework, no async and does no I/O.
//!
//! - [`ids`]: ids that parse one spelling only
//! - [`time`]: moments, RFC 3339 in and out
//! - [`parse`]: why a text is no id and no time
//! - [`json`]: free-form JSON that keeps every byte, and strict bodies
//! - [`settings`], [`run`], [`step`], [`status`]: the bodies of requests and answers
//! - `number`, `usage`: numbers and token counts as they come, and what they mean
//! - [`problem`]: the closed list of refusals
//! - [`routes`]: the one list of operations
//! - `openapi`, a feature: all of the above as an OpenAPI document

#![warn(missing_docs)]

pub mod ids;
pub mod json;
mod number;
#[cfg(feature = "openapi")]
pub mod openapi;
pub mod parse;
pub mod problem;
pub mod routes;
pub mod run;
pub mod settings;
pub mod status;
pub mod step;
pub mod time;
mod usage;
