//! The reader, on what was recorded elsewhere and on what nobody should send.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod cases;
mod properties;
mod recorded;
mod usages;
