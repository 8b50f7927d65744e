//! What was found in a text, and the text without it.

use std::{mem, ops::Range};

/// What replaces a credential.
pub const REDACTED: &str = "[REDACTED]";

/// Ranges of a text to be masked, in any order while they are found.
#[derive(Debug, Default)]
pub(super) struct Hits(Vec<Range<usize>>);

impl Hits {
    pub(super) fn push(&mut self, hit: Range<usize>) {
        self.0.push(hit);
    }

    pub(super) fn extend(&mut self, hits: impl IntoIterator<Item = Range<usize>>) {
        self.0.extend(hits);
    }

    /// In order, those that overlap as one, and without what is a mask already.
    pub(super) fn merged(mut self, text: &str) -> Vec<Range<usize>> {
        self.0.sort_by_key(|hit| (hit.start, hit.end));
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(self.0.len());
        for hit in mem::take(&mut self.0) {
            match merged.last_mut() {
                Some(last) if hit.start < last.end => last.end = last.end.max(hit.end),
                _ => merged.push(hit),
            }
        }
        // A rule for texts may have left the mask's bracket, as one that closes what is around it.
        let is_masked = |hit: &Range<usize>| {
            let rest = text.get(hit.start..).and_then(|rest| rest.strip_prefix(REDACTED));
            rest.is_some_and(|rest| text.len() - rest.len() >= hit.end)
        };
        merged.retain(|hit| !is_masked(hit));
        merged
    }
}

/// The text with a mask for each of `hits`, which are in order and apart.
pub(super) fn mask(text: &str, hits: &[Range<usize>]) -> String {
    let mut masked = String::with_capacity(text.len() + hits.len() * REDACTED.len());
    let mut at = 0;
    for hit in hits {
        masked += text.get(at..hit.start).unwrap_or_default();
        masked += REDACTED;
        at = hit.end;
    }
    masked + text.get(at..).unwrap_or_default()
}
