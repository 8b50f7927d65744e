//! What every function is made of. A handler is given a caller, proves what the caller may touch, does one thing to the
//! store, and answers. No two files import each other, not through others either, which `make check` holds. In about
//! the order in which a request meets them:
//!
//! - [`http`]: a call in, a reply out, and everything that is the same for every answer
//! - [`job`]: a schedule's tick in, a line out
//! - [`telemetry`]: one log line a request or tick, without content
//! - [`app`]: the environment, read once, and what is made of it
//! - [`site`]: the same for a public page: where it signs in
//! - [`identity`]: who signed the bearer token, and what it says
//! - [`access`]: who may touch what, as values that nothing else can make
//! - [`policy`]: whether a chat is recorded; the one place that decides
//! - [`redaction`]: takes out what is never stored, and counts it
//! - [`meanwhile`]: what is done while a call waits for its answer
//! - [`store`]: the table; the only place that knows DynamoDB
//! - `http_client`: the client for DynamoDB and the issuer, with a trust store each
//! - [`cursor`]: how much a page holds, and where it ended
//! - [`form`]: how much of each step an answer shows
//! - [`failure`]: what the caller reads when a request failed, and what the log reads
//! - `members`: a JSON object that has each member once; `digest`: a short digest of several parts
//! - [`clock`], [`ids`]: the only sources of "now" and of new ids
//! - [`metrics`]: what a request did and what it cost

#![warn(missing_docs, clippy::missing_errors_doc)]

pub mod access;
pub mod app;
pub mod clock;
pub mod cursor;
mod digest;
pub mod failure;
pub mod form;
pub mod http;
mod http_client;
pub mod identity;
pub mod ids;
pub mod job;
pub mod meanwhile;
mod members;
pub mod metrics;
pub mod policy;
pub mod redaction;
pub mod site;
pub mod store;
pub mod telemetry;
