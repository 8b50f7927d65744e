//! What the tests share: the real handlers on a real engine, reached as API Gateway reaches them.
//!
//! - [`world`]: an app of its own for each test, and callers that make requests
//! - [`exchange`]: a request and its response; [`fixtures`]: the paths, ids and bodies that tests send
//! - [`wire`]: what goes over the wire to DynamoDB: seen, counted, and spoiled on purpose
//! - [`runtime`]: the real binaries behind a Lambda Runtime API
//! - [`log`]: what the log may say
//! - [`server`]: the handlers behind a port; [`site`]: the binaries behind one, and an issuer beside them
//! - [`browser`]: a real browser before either
//! - `rights`: what the template lets each operation do, held on every call
//! - [`golden`]: printed tables that are committed, and change on purpose only
//! - [`openapi`]: the OpenAPI document as a judge of every request and answer
//! - [`operations`]: every handler by name
//! - [`cases`]: a valid request of every operation, and what it costs
//! - [`corpus`]: real traffic, from beside the repository; [`agent_runs`]: made up, as agents' is
//!
//! Nothing of the service is faked. `UPDATE_GOLDEN=1 cargo test --workspace --test it` rewrites the golden files.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

pub mod agent_runs;
pub mod browser;
pub mod cases;
pub mod corpus;
pub mod exchange;
pub mod fixtures;
pub mod golden;
pub mod log;
pub mod openapi;
pub mod operations;
mod rights;
pub mod runtime;
pub mod server;
pub mod site;
pub mod wire;
pub mod world;
