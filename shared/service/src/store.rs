//! The table. The only place that knows DynamoDB: neither its items nor the SDK's types leave this folder, except that
//! `connect` gives the SDK's client to a benchmark, behind a feature that no function has.
//!
//! Functions about a chat take what [`crate::access`] made, never a bare id; what `access` itself judges by, a chat's
//! item and a recorder's snapshot, is for that module alone. All reads are strongly consistent. A rule about data is a
//! condition of the write. Nothing is ever scanned.
//!
//! Each file imports those above it:
//!
//! - `item`, `keys`: attributes in and out, and every key of the table
//! - `change`, `transaction`: what a write is made of, as plain values
//! - `errors`: what the SDK's errors mean
//! - `raw_items`, `metrics`: hooks into the SDK's client, for the items of its answers and for what each call costs
//! - `client`: the SDK's client, made for a cold start
//! - `retry`: how often something is tried again
//! - `table`: [`Store`], and the few calls that everything else is made of; `pages`: a range, read page by page
//! - `content`: a step's content, as packed bytes in one item or in chunks
//! - `records`: items of chats, runs, steps, settings and keys as types
//! - `read`: what owners read, and what recording is decided by
//! - `write`: what records, sets and deletes

mod change;
mod client;
mod content;
mod errors;
mod item;
mod keys;
mod metrics;
mod pages;
mod raw_items;
mod read;
mod records;
mod retry;
mod table;
mod transaction;
mod write;

pub use client::Endpoint;
pub(crate) use content::json::escaped_len;
pub(crate) use read::snapshot::SnapshotOf;
pub use read::{
    chats::{ChatPage, StoredRun, With},
    runs::{RunPage, RunQuery, UnprovenRuns},
    snapshot::Snapshot,
    step::{RecordedContent, StoredStep},
    step_page::StepPage,
    steps::{StepQuery, UnprovenSteps},
    views::ViewQuery,
};
pub use records::{chat::Chat, run::RunRecord, settings::GateAndOptIn, step::StepRecord, totals::Totals};
pub use table::Store;
pub use write::{
    chats::Registered, encoded_run::EncodedRun, post::Created, put_step::StepWritten, sweep::Swept, update_run::Patch,
};

/// The SDK's client as the store makes it, for the benchmarks' bare query.
#[cfg(feature = "bare-client")]
pub fn connect(endpoint: Endpoint) -> aws_sdk_dynamodb::Client {
    client::connect(endpoint)
}
