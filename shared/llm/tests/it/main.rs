//! The reader, on what was recorded elsewhere and on what nobody should send.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod broken;
mod cases;
mod corpus;
mod dialects;
mod hostile;
mod lines;
mod properties;
mod recorded;
mod usages;
