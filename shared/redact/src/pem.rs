//! Private keys in PEM, whole or broken off, and the lines of those that have others.

use super::shapes::BASE64;
use std::ops::Range;

/// How a key in PEM begins, and how its first line and its last end.
const PEM: &str = "-----BEGIN ";
const PEM_DASHES: &str = "-----";
/// Where a key's first line of base64 is, in bytes after the first line.
const PEM_HEAD: usize = 400;
/// The shortest of these lines.
const PEM_LINE: usize = 16;
/// The longest key.
const PEM_LONGEST: usize = 16 * 1024;

/// Whether a line is of a key, and no word.
fn is_of_key(line: &[u8]) -> bool {
    line.iter().any(|byte| byte.is_ascii_digit() || b"+/=".contains(byte))
}

/// How far lines of base64 go, in strings of code too, where quotes and escapes part them. What stands before the first
/// is of the key, and the last may be short.
pub(super) fn lines_of_key(bytes: &[u8]) -> usize {
    const FULL: usize = 32;
    const SHORTEST: usize = 4;
    let (mut at, mut end) = (0, 0);
    while at < bytes.len() && (end > 0 || at < PEM_HEAD) {
        let rest = bytes.get(at..).unwrap_or_default();
        match rest {
            [b'\\', b'n' | b'r' | b't', ..] => at += 2,
            [byte, ..] if !BASE64.has(*byte) => {
                // Between two lines stands no sign of a text.
                if end > 0 && !byte.is_ascii_whitespace() && !b"\\\"',".contains(byte) {
                    break;
                }
                at += 1;
            }
            _ => {
                let length = BASE64.run(rest, usize::MAX);
                let line = rest.get(..length).unwrap_or_default();
                at += length;
                if length >= FULL || (end == 0 && length >= PEM_LINE && is_of_key(line)) {
                    end = at;
                } else if end > 0 {
                    return if length >= SHORTEST && is_of_key(line) { at } else { end };
                }
            }
        }
    }
    end
}

/// The key of which the first line begins at a place: up to its last line, and without that as far as there are lines
/// of a key.
pub(super) fn key(text: &str, at: usize) -> Option<Range<usize>> {
    const KIND: usize = 48;
    let rest = text.as_bytes().get(at + PEM.len()..)?;
    let kind = rest.get(..rest.len().min(KIND))?;
    let kind = kind.windows(5).position(|dashes| dashes == PEM_DASHES.as_bytes()).and_then(|end| kind.get(..end))?;
    let is_private = kind.ends_with(b"PRIVATE KEY") || kind.ends_with(b"PRIVATE KEY BLOCK");
    if !is_private {
        return None;
    }
    let start = at + PEM.len() + kind.len() + PEM_DASHES.len();
    let behind = text.as_bytes().get(start..)?;
    // Code and prose name a key's first line too.
    let begin = behind.get(..behind.len().min(PEM_HEAD))?;
    let has_key = begin.split(|byte| !BASE64.has(*byte)).any(|line| line.len() >= PEM_LINE && is_of_key(line));
    if !has_key {
        return None;
    }
    let text = text.get(start..)?;
    let near = text.get(..text.floor_char_boundary(PEM_LONGEST))?;
    let end = near.find("-----END ").map(|end| {
        let last = text.get(end + 9..).unwrap_or_default();
        last.find(PEM_DASHES).filter(|at| *at <= KIND).map_or(text.len(), |at| end + 9 + at + PEM_DASHES.len())
    });
    Some(at..start + end.unwrap_or_else(|| lines_of_key(behind)))
}
