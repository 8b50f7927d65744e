//! What every function stands on. A handler identifies its caller, proves what it may touch, does
//! one thing to the store, and answers; each of these words is a module here.
//!
//! - [`http`]: a call in, a reply out, and everything that is the same for every answer
//! - `http_client`: the client for DynamoDB and the issuer, with a trust store each
//! - [`identity`]: who signed the bearer token
//! - [`access`]: who the caller is and what it may touch, as values that nothing else can make
//! - [`policy`]: whether a chat is recorded; the one place that decides
//! - [`store`]: the table; the only place that knows DynamoDB
//! - [`failure`]: what the caller reads when it did not work, and what the log reads
//! - [`redact`]: what is never stored
//! - [`cursor`]: where a page ended
//! - [`app`]: the environment, read once
//! - [`clock`], [`ids`]: the only sources of "now" and of new ids
//! - [`metrics`]: what a request did and what it cost
//! - [`telemetry`]: one line a request, without content

#![warn(missing_docs)]

pub mod access;
pub mod app;
pub mod clock;
pub mod cursor;
pub mod failure;
pub mod http;
mod http_client;
pub mod identity;
pub mod ids;
mod members;
pub mod metrics;
pub mod policy;
pub mod redact;
pub mod store;
pub mod telemetry;
