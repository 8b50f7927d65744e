//! Texts in base64, as a whole or within another text: a Kubernetes secret, a file of an API, a data URL.

use crate::{
    body::packed::{Format, format},
    units::readable,
};
use base64::{
    Engine as _,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use memchr::memchr2;
use std::ops::Range;

const LOOSE: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, LOOSE);
const URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LOOSE);

/// The shortest text that is decoded, in bytes of base64: what is shorter holds no credential, or is a word.
const SHORTEST: usize = 16;
/// The shortest run within a text.
const SHORTEST_RUN: usize = 24;
/// How much is decoded first, to see whether it is text.
const FIRST: usize = 16;
/// The shortest line of what is wrapped.
const SHORTEST_LINE: usize = 60;

/// What is in base64.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// A text.
    Text(String),
    /// Something that is packed.
    Packed(Format, Vec<u8>),
}

/// What a text that is base64 from end to end says; `None` when it is not, or is no text. Lines of it may be wrapped.
pub(super) fn decoded(text: &str) -> Option<Said> {
    if text.len() < SHORTEST || !text.bytes().all(|byte| is_base64(byte) || matches!(byte, b'\r' | b'\n' | b'=')) {
        return None;
    }
    unwrapped(text)
}

/// Whether a text has nothing but characters of base64.
pub(super) fn is_word(text: &str) -> bool {
    text.bytes().all(is_base64)
}

fn unwrapped(text: &str) -> Option<Said> {
    if text.contains('\n') { run(&text.split_ascii_whitespace().collect::<String>()) } else { run(text) }
}

/// Where the run ends that begins at a place, with the lines after it if it is wrapped: all are as long, but the last.
fn lines_end(bytes: &[u8], start: usize) -> usize {
    let run_end = |start: usize| {
        let rest = bytes.get(start..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| is_base64(**byte)).count();
        let padding = rest.iter().skip(length).take(2).take_while(|byte| **byte == b'=').count();
        start + length + padding
    };
    let mut end = run_end(start);
    let (first, mut length) = (end - start, end - start);
    while length == first && first >= SHORTEST_LINE && first.is_multiple_of(4) {
        let next = match bytes.get(end..).unwrap_or_default() {
            [b'\n', ..] => end + 1,
            [b'\r', b'\n', ..] => end + 2,
            _ => break,
        };
        let next_end = run_end(next);
        length = next_end - next;
        // What is after the last may be a word.
        let line = bytes.get(next..next_end).unwrap_or_default();
        let has = |what: fn(&u8) -> bool| line.iter().any(what);
        let is_mixed = has(u8::is_ascii_uppercase) && has(|byte| !byte.is_ascii_uppercase());
        if length < SHORTEST && !line.ends_with(b"=") && !(length.is_multiple_of(4) && is_mixed) {
            break;
        }
        end = next_end;
    }
    end
}

/// The runs of base64 within a text that say something, and what.
pub(super) fn runs(text: &str) -> impl Iterator<Item = (Range<usize>, Said)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at + SHORTEST_RUN <= bytes.len() {
            // From the far end of the shortest run back: most texts are passed in leaps.
            let window = bytes.get(at..at + SHORTEST_RUN)?;
            if let Some(last) = window.iter().rposition(|byte| !is_base64(*byte)) {
                at += last + 1;
                continue;
            }
            let start = at;
            at = lines_end(bytes, start);
            let whole = text.get(start..at)?;
            if let Some(said) = unwrapped(whole) {
                return Some((start..at, said));
            }
            // Before it may be a path: what is after its last slash is a run of its own.
            if let Some((path, last)) = whole.rsplit_once('/')
                && last.len() >= SHORTEST_RUN
                && let Some(said) = run(last)
            {
                return Some((start + path.len() + 1..at, said));
            }
        }
        None
    })
}

/// Which bytes are characters of base64, of either alphabet.
static CHARACTERS: [bool; 256] = characters();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn characters() -> [bool; 256] {
    let (mut characters, mut byte) = ([false; 256], 0_u8);
    while byte < 128 {
        characters[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
        byte += 1;
    }
    characters
}

#[inline]
fn is_base64(byte: u8) -> bool {
    CHARACTERS.get(usize::from(byte)).copied().unwrap_or_default()
}

fn run(text: &str) -> Option<Said> {
    let engine = if memchr2(b'-', b'_', text.as_bytes()).is_some() { &URL } else { &PLAIN };
    // A text shows itself at its beginning; of what is cut, the last bytes are left out.
    let mut first = [0; FIRST];
    let length = engine.decode_slice(text.get(..FIRST.min(text.len() - text.len() % 4))?, &mut first).ok()?;
    let first = first.get(..length)?;
    let is_text_first = is_text(first);
    let packed = format(first, "", is_text_first).filter(|format| match format {
        Format::Gzip => first.get(2) == Some(&8),
        Format::Zlib | Format::Zstd => true,
        Format::Deflate | Format::Unread(_) => false,
    });
    if packed.is_none() && !is_text_first {
        return None;
    }
    let whole = text.trim_end_matches('=');
    let whole = if whole.len() % 4 == 1 { whole.get(..whole.len() - 1)? } else { whole };
    let bytes = engine.decode(whole).ok()?;
    if let Some(format) = packed {
        return Some(Said::Packed(format, bytes));
    }
    let said = readable(bytes);
    is_printable(&said).then_some(Said::Text(said))
}

/// Whether the first bytes are those of a printable text.
fn is_text(first: &[u8]) -> bool {
    let valid = match std::str::from_utf8(first) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(first.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !valid.is_empty() && is_printable(valid)
}

fn is_printable(text: &str) -> bool {
    !text.contains(|one: char| one.is_control() && !matches!(one, '\0' | '\n' | '\r' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_that_says_something_is_decoded() {
        let text = |text: &str| Some(Said::Text(text.to_owned()));
        assert_eq!(decoded("cGFzc3dvcmQ6IGh1bnRlcjI="), text("password: hunter2"));
        assert_eq!(decoded("cGFzc3dvcmQ6\nIGh1bnRlcjI=\n"), text("password: hunter2"));
        assert!(matches!(decoded("H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA=="), Some(Said::Packed(Format::Gzip, _))));
        assert_eq!(decoded("get_user_account_information"), None);
        assert_eq!(decoded("8f3c9a7e1b2d4f608f3c9a7e1b2d4f60"), None);
        assert_eq!(decoded("password: hunter2"), None);
    }

    #[test]
    fn lines_that_are_wrapped_are_one_run() {
        let text = "cGFzc3dvcmQ6IGh1bnRlcjIg".repeat(8) + "cGFzc3dvcmQ6IGh1bnRlcjI=";
        for (gap, end) in [("\n", "\n--b"), ("\r\n", " x"), ("\n", "")] {
            let lines: Vec<_> =
                text.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).expect("text")).collect();
            let wrapped = format!("see:\n{}{end}", lines.join(gap));
            let found: Vec<_> = runs(&wrapped).collect();
            assert_eq!(found.len(), 1);
            assert_eq!(&wrapped[found[0].0.clone()], lines.join(gap));
            assert_eq!(Some(&found[0].1), decoded(&text).as_ref());
        }
    }

    #[test]
    fn runs_are_found_where_they_are() {
        let text = "see data:text/plain;base64,cGFzc3dvcmQ6IGh1bnRlcjIgeA== and /v1/files/cGFzc3dvcmQ6IGh1bnRlcjIgeQ";
        let found: Vec<_> = runs(text).collect();
        let said: Vec<_> = found.iter().map(|(range, said)| (&text[range.clone()], said)).collect();
        assert_eq!(
            said,
            [
                ("cGFzc3dvcmQ6IGh1bnRlcjIgeA==", &Said::Text("password: hunter2 x".to_owned())),
                ("cGFzc3dvcmQ6IGh1bnRlcjIgeQ", &Said::Text("password: hunter2 y".to_owned())),
            ]
        );
    }
}
