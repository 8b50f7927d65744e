//! JSON that is put together of parts, and how long it is.

use crate::failure::Failure;
use frame::Content;
use serde::Serialize;

/// A value as JSON.
///
/// # Errors
///
/// `Problem::Internal` when it does not serialise.
pub(in crate::store) fn json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|_| Failure::internal("body is no JSON"))
}

/// An object without the brace at its end: more members may follow.
pub(in crate::store) fn members(object: &str) -> &str {
    object.strip_suffix('}').unwrap_or(object)
}

/// The length of a text as escaped JSON: inside Lambda's answer, which quotes the body once more.
#[inline(never)] // in a caller that is built for size it would be counted byte by byte
pub(crate) fn escaped_len(json: &[u8]) -> usize {
    // Raw line breaks and tabs may be between the members of free-form JSON.
    let is_escaped = |byte: &u8| u8::from(matches!(byte, b'"' | b'\\' | 0..0x20));
    // Slices whose count fits into a byte are counted many bytes at a time.
    let escaped = json.chunks(255).map(|slice| slice.iter().map(is_escaped).sum::<u8>());
    json.len() + escaped.map(usize::from).sum::<usize>()
}

/// The length of a content's member as escaped JSON.
pub(super) fn escaped_member_len(content: Content, bytes: &[u8]) -> usize {
    // The quotes of its name, and either what is escaped in JSON or the quotes around base64, in which nothing is.
    let escaped = if content.attempt.is_some() { 4 } else { 2 + escaped_len(bytes) - bytes.len() };
    content.json_len(bytes.len()) + escaped
}
