//! What is near a place in a text. A text may hold as many places to look at as it has words, so that each looks no
//! further than it says.

/// How much of a value is judged, in bytes.
pub(crate) const JUDGED: usize = 64;

/// The beginning of a text, at most so many bytes of it.
pub(crate) fn clipped(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

/// What is behind a place, at most so many bytes of it.
pub(super) fn near(text: &str, at: usize, most: usize) -> &str {
    clipped(text.get(at..).unwrap_or_default(), most)
}

/// What is before a place, at most so many bytes of it, or the rest of a character more.
pub(super) fn near_before(text: &str, at: usize, most: usize) -> &str {
    text.get(text.floor_char_boundary(at.saturating_sub(most))..at).unwrap_or_default()
}

/// What stands before a place in its line, of which at most so many bytes are looked at.
pub(super) fn line_before(text: &str, at: usize, most: usize) -> &str {
    near_before(text, at, most).rsplit(['\0', '\n']).next().unwrap_or_default()
}

/// What stands behind a place in its line or its quotes, of which at most so many bytes are looked at.
pub(super) fn line_rest(text: &str, at: usize, most: usize) -> &str {
    near(text, at, most).split(['\0', '\r', '\n', '"', '\'', '`', '\\']).next().unwrap_or_default()
}
