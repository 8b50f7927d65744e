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
pub(crate) fn escaped_len(json: &[u8]) -> usize {
    // A release vectorises nothing, and all that is answered is counted: eight bytes at once.
    let (words, rest) = json.as_chunks();
    let kept_in_words = words.chunks(usize::from(u8::MAX)).map(|words| {
        let kept = words.iter().fold(0, |kept, word| kept + kept_of(u64::from_ne_bytes(*word)));
        kept.to_ne_bytes().into_iter().map(usize::from).sum::<usize>()
    });
    let kept_in_rest = rest.iter().filter(|byte| kept_of(u64::from(**byte)) & 1 == 1).count();
    2 * json.len() - kept_in_words.sum::<usize>() - kept_in_rest
}

/// A 1 in each byte that JSON does not escape. Raw line breaks and tabs may be between the members of free-form JSON.
const fn kept_of(bytes: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xff;
    /// The highest bit of each byte that is not 0; the others are anything.
    const fn nonzero(bytes: u64) -> u64 {
        ((bytes & (ONES * 0x7f)) + ONES * 0x7f) | bytes
    }
    let quote = nonzero(bytes ^ (ONES * b'"' as u64));
    let backslash = nonzero(bytes ^ (ONES * b'\\' as u64));
    let control = nonzero(bytes & (ONES * 0xe0));
    ((quote & backslash & control) >> 7) & ONES
}

/// The length of a content's member as escaped JSON.
pub(super) fn escaped_member_len(content: Content, bytes: &[u8]) -> usize {
    // The quotes of its name, and either what is escaped in JSON or the quotes around base64, in which nothing is.
    let escaped = if content.attempt.is_some() { 4 } else { 2 + escaped_len(bytes) - bytes.len() };
    content.json_len(bytes.len()) + escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastrand::Rng;

    #[test]
    fn each_byte_that_is_escaped_counts_twice_wherever_it_stands() {
        let by_one = |json: &[u8]| -> usize {
            json.iter().map(|byte| 1 + usize::from(matches!(byte, b'"' | b'\\' | 0..0x20))).sum()
        };
        for byte in 0..=u8::MAX {
            for at in 0..9 {
                let mut text = [b'a'; 9];
                text[at] = byte;
                assert_eq!(escaped_len(&text), by_one(&text), "{byte} at {at}");
            }
        }
        let mut rng = Rng::with_seed(1);
        for len in [0, 1, 7, 8, 2_039, 2_040, 2_048, 10_003] {
            let text: Vec<u8> = (0..len).map(|_| rng.u8(..)).collect();
            assert_eq!(escaped_len(&text), by_one(&text), "{len}");
            let quotes = vec![b'"'; len];
            assert_eq!((escaped_len(&quotes), escaped_len(&vec![b'a'; len])), (2 * len, len));
        }
    }
}
