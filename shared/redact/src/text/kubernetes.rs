//! The data of a Kubernetes secret, in YAML and in JSON: before or after the member that says what it is.

use super::{
    containers::{LONGEST_LINE, block, indent},
    near::{clipped, line_before},
};
use crate::{mask::Hits, names::SECRET, values::can_be_credential};

/// What a secret says that it is, and the member that holds what others have as well.
pub(crate) const KIND: &str = "Secret";
pub(crate) const DATA: &str = "data";
/// The member that nothing else has.
pub(crate) const STRINGS: &str = "stringData";

/// Takes what is in a secret as texts, the member of which ends at a place.
pub(super) fn at_strings(text: &str, end: usize, hits: &mut Hits) -> Option<usize> {
    if !text.get(..end)?.ends_with(STRINGS) || !text.get(end..)?.starts_with(":\n") {
        return None;
    }
    let indented = indent(line_before(text, end, LONGEST_LINE)) + 1;
    block(text, end + 2, indented, hits, &mut |value| {
        // What a file within assigns is read as such.
        let assigns = value.trim_end_matches('=').contains('=');
        (can_be_credential(value) && !assigns).then_some(SECRET)
    })
}

/// Takes the data of a secret in YAML, before and after the line that says what it is and ends at a place.
pub(super) fn at_kind(text: &str, end: usize, hits: &mut Hits) {
    const FAR: usize = 2_048;
    if !matches!(text.as_bytes().get(end), None | Some(b'\r' | b'\n')) {
        return;
    }
    let line = line_before(text, end, LONGEST_LINE);
    let head = line.strip_suffix(KIND).and_then(|before| before.strip_suffix("kind: "));
    let Some(head) = head else { return };
    // A text may lead in: `Error: kind: Secret`.
    let is_first = head.bytes().all(|byte| b" \t-".contains(&byte));
    let head = if is_first { head } else { "" };
    // Gives whether the lines before, or behind, are of it as well. A list's sign is before the first member.
    let mut read = |line: &str, end: usize, is_before: bool| {
        let member = line.get(head.len()..).unwrap_or_default().trim_ascii_end();
        let is_inside = line.trim_ascii().is_empty() || indent(line) >= head.len();
        if (is_inside || is_before) && [DATA, STRINGS].iter().any(|data| member.strip_suffix(':') == Some(data)) {
            block(text, end, head.len() + 1, hits, &mut |value| can_be_credential(value).then_some(SECRET));
        }
        is_inside && !["---", "```"].iter().any(|end| line.starts_with(end)) && !member.starts_with("kind:")
    };
    let mut at = end;
    for line in clipped(text.get(end..).unwrap_or_default(), FAR).split_inclusive('\n') {
        at += line.len();
        if !read(line, at, false) {
            break;
        }
    }
    at = end - line.len();
    let before = text.get(text.floor_char_boundary(at.saturating_sub(FAR))..at).unwrap_or_default();
    // What is before the first member of an item is of another.
    for line in before.split_inclusive('\n').rev().take_while(|_| is_first && !head.contains('-')) {
        if !read(line, at, true) {
            break;
        }
        at -= line.len();
    }
}
