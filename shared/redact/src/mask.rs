//! What was found in a text, and the text without it.

use std::{cmp::Reverse, collections::BinaryHeap, ops::Range};

/// What replaces a credential of a header or a URL, and the beginning of every other mask.
pub const REDACTED: &str = "[REDACTED]";

/// The beginning of a mask that names its rule.
const NAMED: &str = "[REDACTED:";

/// The longest name of a rule, in bytes.
pub(crate) const LONGEST_NAME: usize = 32;

/// Why something was taken. Of two rules that take the same, the first of this order names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    /// Where it stood: in a header, or in a URL.
    Place(&'static str),
    /// What it looks like.
    Shape(&'static str),
    /// The name before it.
    Name(&'static str),
    /// Another place of the post gave it away.
    Repeated,
}

impl Rule {
    /// Its name, in masks and receipts.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Place(name) | Self::Shape(name) | Self::Name(name) => name,
            Self::Repeated => "repeated",
        }
    }

    /// Whether what it takes may have no shape of its own, so that it is looked for elsewhere.
    pub(crate) const fn is_learned(self) -> bool {
        matches!(self, Self::Place(_) | Self::Name(_))
    }
}

/// A range to be masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) range: Range<usize>,
    pub(crate) rule: Rule,
    /// Whether its mask is in an earlier piece of the text, so that nothing is left of this one.
    pub(crate) is_rest: bool,
    /// Which member of its object it is the name of, from 0: two of them keep two names.
    pub(crate) member: usize,
}

impl Hit {
    pub(crate) const fn new(range: Range<usize>, rule: Rule) -> Self {
        Self { range, rule, is_rest: false, member: 0 }
    }

    /// What takes its place.
    pub(crate) fn mask(&self) -> Vec<u8> {
        match self.rule {
            _ if self.is_rest => Vec::new(),
            Rule::Place(_) => REDACTED.into(),
            rule if self.member > 0 => format!("{NAMED}{}] {}", rule.name(), self.member + 1).into_bytes(),
            rule => [NAMED, rule.name(), "]"].concat().into_bytes(),
        }
    }

    /// The same, so much further on.
    pub(crate) fn moved(self, by: usize) -> Self {
        Self { range: self.range.start + by..self.range.end + by, ..self }
    }
}

/// Ranges of a text to be masked, in any order while they are found.
#[derive(Debug, Default)]
pub(crate) struct Hits(Vec<Hit>);

impl Hits {
    /// Adds one. Gives where it ends.
    pub(crate) fn push(&mut self, range: Range<usize>, rule: Rule) -> usize {
        let end = range.end;
        self.0.push(Hit::new(range, rule));
        end
    }

    pub(crate) fn extend(&mut self, hits: impl IntoIterator<Item = Hit>) {
        self.0.extend(hits);
    }

    /// Those that were found since there were so many.
    pub(crate) fn since(&self, count: usize) -> &[Hit] {
        self.0.get(count..).unwrap_or_default()
    }

    /// Forgets those that were found since there were so many.
    pub(crate) fn truncate(&mut self, count: usize) {
        self.0.truncate(count);
    }

    /// Moves those that were found since there were so many.
    pub(crate) fn move_since(&mut self, count: usize, by: usize) {
        for hit in self.0.iter_mut().skip(count) {
            hit.range = hit.range.start + by..hit.range.end + by;
        }
    }

    /// Says of those that were found since there were so many which member they name.
    pub(crate) fn number_since(&mut self, count: usize, member: usize) {
        for hit in self.0.iter_mut().skip(count) {
            hit.member = member;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// In order, those that overlap as one, and without what is a mask already.
    pub(crate) fn merged(mut self, text: &str) -> Vec<Hit> {
        if self.0.is_empty() {
            return Vec::new();
        }
        self.0.retain(|hit| !hit.range.is_empty() && !is_masked(text, &hit.range));
        for hit in &mut self.0 {
            hit.range = around_masks(text, &hit.range);
        }
        let mut merged: Vec<Hit> = Vec::with_capacity(self.0.len());
        let key = |Hit { range, is_rest, rule, member }| {
            Reverse((range.start, Reverse(range.end), Reverse(is_rest), rule, member))
        };
        // A heap is a tenth of a sort's code.
        let mut hits: BinaryHeap<_> = self.0.into_iter().map(key).collect();
        while let Some(Reverse((start, Reverse(end), Reverse(is_rest), rule, member))) = hits.pop() {
            match merged.last_mut() {
                Some(last) if start < last.range.end => {
                    // What begins before it has its mask there.
                    last.is_rest &= is_rest || end <= last.range.end;
                    last.range.end = last.range.end.max(end);
                    last.member = last.member.max(member);
                }
                _ => merged.push(Hit { range: start..end, rule, is_rest, member }),
            }
        }
        merged
    }
}

/// Whether a range is within a mask.
pub(crate) fn is_masked(text: &str, range: &Range<usize>) -> bool {
    mask_around(text, range.start).is_some_and(|mask| mask.end >= range.end)
}

/// A range that holds none of its masks by half.
fn around_masks(text: &str, range: &Range<usize>) -> Range<usize> {
    let start = mask_around(text, range.start).map_or(range.start, |mask| mask.start);
    let end = mask_around(text, range.end.saturating_sub(1)).map_or(range.end, |mask| mask.end);
    start..end
}

/// The mask that a place is in, or at the beginning of.
fn mask_around(text: &str, at: usize) -> Option<Range<usize>> {
    const LONGEST: usize = NAMED.len() + LONGEST_NAME + 1;
    let first = at.saturating_sub(LONGEST);
    let before = text.as_bytes().get(first..=at)?;
    let start = first + before.iter().rposition(|byte| *byte == b'[')?;
    let end = mask_at(text, start).filter(|end| *end > at)?;
    Some(start..end)
}

/// Where the mask ends that begins at a place.
pub(crate) fn mask_at(text: &str, at: usize) -> Option<usize> {
    let rest = text.as_bytes().get(at..)?;
    if rest.starts_with(REDACTED.as_bytes()) {
        return Some(at + REDACTED.len());
    }
    let name = rest.strip_prefix(NAMED.as_bytes())?;
    let length = name.iter().take(LONGEST_NAME + 1).position(|byte| *byte == b']')?;
    let is_name =
        name.iter().take(length).all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-');
    is_name.then_some(at + NAMED.len() + length + 1)
}

/// The bytes with a mask for each of `hits`, which are in order and apart.
pub(crate) fn mask(bytes: &[u8], hits: &[Hit]) -> Vec<u8> {
    splice(bytes, hits.iter().map(|hit| (hit.range.clone(), hit.mask())))
}

/// The bytes with others in some places, which are in order and apart.
pub(crate) fn splice(bytes: &[u8], changes: impl IntoIterator<Item = (Range<usize>, Vec<u8>)>) -> Vec<u8> {
    let mut spliced = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for (range, instead) in changes {
        spliced.extend_from_slice(bytes.get(at..range.start).unwrap_or_default());
        spliced.extend(instead);
        at = range.end;
    }
    spliced.extend_from_slice(bytes.get(at..).unwrap_or_default());
    spliced
}

/// A text with a mask for each of `hits`, which are in order and apart.
pub(crate) fn mask_text(text: &str, hits: &[Hit]) -> String {
    // Hits begin and end between characters; if they did not, nothing of the text would be stored.
    String::from_utf8(mask(text.as_bytes(), hits)).unwrap_or_else(|_| REDACTED.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_that_overlap_are_one_and_masks_are_none() {
        let text = "abcdef [REDACTED:api-key] [REDACTED] xyz";
        let mut hits = Hits::default();
        hits.push(2..4, Rule::Name("b"));
        hits.push(0..3, Rule::Name("a"));
        hits.push(0..3, Rule::Shape("c"));
        hits.push(7..25, Rule::Name("d"));
        hits.push(7..24, Rule::Name("d"));
        hits.push(18..24, Rule::Name("d"));
        hits.push(26..36, Rule::Place("e"));
        hits.push(37..40, Rule::Place("e"));
        hits.push(30..34, Rule::Name("f"));
        let merged = hits.merged(text);
        assert_eq!(mask_text(text, &merged), "[REDACTED:c]ef [REDACTED:api-key] [REDACTED] [REDACTED]");
    }
}
