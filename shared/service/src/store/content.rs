//! A step's content: everything that its head does not hold.
//!
//! - `json`: JSON that is put together of parts, and how long it is
//! - `digest`: what a turn says, as a digest
//! - `encoding`: a step as it is stored, and how much of it is too much
//! - `omission`: which contents an answer leaves out, and how it says so
//! - `frames`: a posted turn's steps, packed in frames
//! - `chunks`: where packed bytes are: in one item, or in chunks, each an item of its own
//! - `staging`: chunks are put before anything names them, and emptied when nothing will
//! - `assembling`: chunks back to bytes

pub(super) mod assembling;
pub(super) mod chunks;
pub(super) mod digest;
pub(super) mod encoding;
pub(super) mod frames;
pub(super) mod json;
pub(super) mod omission;
pub(super) mod staging;
