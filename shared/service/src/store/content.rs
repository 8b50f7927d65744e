//! A step's content: everything that its head does not hold.
//!
//! - `encoding`: a step's content as JSON, and how much of it is too much
//! - `chunks`: where the bytes are: inline in the head, or in chunks, each an item of its own
//! - `staging`: chunks are put before a head names them, and emptied when none will
//! - `assembling`: chunks back to bytes

pub(super) mod assembling;
pub(super) mod chunks;
pub(super) mod encoding;
pub(super) mod staging;
