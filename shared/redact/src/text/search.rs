//! A text in which credentials are looked for, from its first byte to its last.

use crate::{mask::Hits, names::Name};
use std::ops::Range;

/// What is known at a place of it.
pub(super) struct Search<'s> {
    pub(super) text: &'s str,
    /// The name that was read last.
    pub(super) folded: Name<'s>,
    /// What a name has taken that may have a shape that says more, and no name of its own.
    pub(super) named: Range<usize>,
    pub(super) hits: &'s mut Hits,
}
