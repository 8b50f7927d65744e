//! Texts within bytes that are no text, as those of images, sounds and archives: each is read by itself.
//!
//! Bytes that are packed or drawn look like a name and its value now and then, so a text is read only when it is longer
//! than chance makes it: a MB of drawn bytes has about two of the shortest length.

use memchr::memchr;
use std::ops::Range;

/// The shortest text that is read, in bytes.
const SHORTEST: usize = 16;

/// Whether bytes are no text: some of them are none's.
pub(super) fn is_binary(bytes: &[u8], is_utf8: bool) -> bool {
    let is_control = |byte: &u8| matches!(byte, 1..=8 | 14..=26 | 28..=31);
    memchr(0, bytes).is_some() || (!is_utf8 && bytes.iter().any(is_control))
}

/// Where texts are: characters that are written, and spaces.
pub(super) fn texts(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut texts = Vec::new();
    let mut start = 0;
    let mut at = 0;
    let mut end_text = |range: Range<usize>| {
        if range.len() >= SHORTEST {
            texts.push(range);
        }
    };
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            let next = at + character.len_utf8();
            if character.is_control() && !character.is_ascii_whitespace() {
                end_text(start..at);
                start = next;
            }
            at = next;
        }
        if !chunk.invalid().is_empty() {
            end_text(start..at);
            at += chunk.invalid().len();
            start = at;
        }
    }
    end_text(start..at);
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_what_is_written_between_other_bytes() {
        let bytes = b"\0\x01a first text\nof two lines\0short\xff\x08na\xc3\xafve text of a person\xc3";
        let found: Vec<_> = texts(bytes).into_iter().map(|range| String::from_utf8_lossy(&bytes[range])).collect();
        assert_eq!(found, ["a first text\nof two lines", "na\u{ef}ve text of a person"]);
        assert!(is_binary(bytes, false) && is_binary(b"a\0b", true) && !is_binary(b"caf\xe9\n", false));
    }
}
