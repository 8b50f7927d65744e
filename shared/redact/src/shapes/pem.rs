//! Private keys in PEM, whole or broken off, the lines of those that have others, and those without a first line.

use super::BASE64;
use std::ops::Range;

/// How the first line of a key in PEM ends, and its last. Some have fewer dashes, after a space.
const PEM_DASHES: &str = "----";
/// Where a key's first line of base64 is, in bytes after the first line.
const PEM_HEAD: usize = 400;
/// The shortest of these lines.
const PEM_LINE: usize = 16;
/// How long the kind of a key may be in its first line, and in its last.
const KIND: usize = 48;
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

/// How long the base64 of a key is that has no first line, in one line or several.
pub(super) fn bare_key(bytes: &[u8]) -> Option<usize> {
    const SHORTEST: usize = 60;
    // As a sequence of DER is encoded.
    let is_sequence = bytes.starts_with(b"MI") || bytes.starts_with(b"MC") || bytes.starts_with(b"MH");
    let is_openssh = bytes.starts_with(b"b3");
    ((is_sequence || is_openssh) && BASE64.run(bytes, SHORTEST) == SHORTEST).then(|| lines_of_key(bytes))
}

/// The place behind the dashes of a first or a last line that says, from a place on, that a key is private.
fn private(bytes: &[u8], kind: usize) -> Option<usize> {
    const PRIVATE: [&[u8]; 4] = [b"PRIVATE KEY", b"PRIVATE KEY BLOCK", b"OpenVPN Static key V1", b"PRIVATE+KEY"];
    let rest = bytes.get(kind..)?;
    let named = rest.get(..rest.len().min(KIND))?;
    let end = named.windows(PEM_DASHES.len()).position(|dashes| dashes == PEM_DASHES.as_bytes())?;
    let said = named.get(..end)?.trim_ascii_end();
    let dashes = rest.iter().skip(end).take_while(|byte| **byte == b'-').count();
    PRIVATE.iter().any(|private| said.ends_with(private)).then_some(kind + end + dashes)
}

/// The end of a key without its beginning, as the end of a file shows it: the lines of base64 above its last.
pub(super) fn tail(text: &str, at: usize, kind: usize) -> Option<Range<usize>> {
    const FULL: usize = 32;
    let bytes = text.as_bytes();
    let end = private(bytes, kind)?;
    let (mut start, mut before, mut has_full) = (at, at, false);
    while let Some(byte) = before.checked_sub(1).and_then(|last| bytes.get(last)).filter(|_| at - before < PEM_LONGEST)
    {
        if !BASE64.has(*byte) {
            if !byte.is_ascii_whitespace() && !b"\\\"',".contains(byte) {
                break;
            }
            before -= 1;
            continue;
        }
        let above = bytes.get(before.saturating_sub(PEM_LONGEST)..before)?;
        let length = above.iter().rev().take_while(|byte| BASE64.has(**byte)).count();
        // The letter of an escape is not of the line.
        let escaped = usize::from(bytes.get(..before - length)?.ends_with(b"\\"));
        let line = bytes.get(before - length + escaped..before)?;
        let is_last = start == at || before == length;
        if line.len() < FULL && !line.is_empty() && !(is_last && is_of_key(line)) {
            break;
        }
        has_full |= line.len() >= FULL && is_of_key(line);
        start = if line.is_empty() { start } else { before - length + escaped };
        before -= length;
    }
    has_full.then_some(start..end)
}

/// Whether code takes the first line away that is before this: `key.replace("-----BEGIN PRIVATE KEY-----", "")`.
fn is_taken_away(behind: &[u8]) -> bool {
    let rest = behind.strip_prefix(b"\\n").unwrap_or(behind);
    let Some((quote @ (b'"' | b'\''), rest)) = rest.split_first() else { return false };
    let given = rest.strip_prefix(b",").map(<[u8]>::trim_ascii_start);
    rest.starts_with(b")") || given.is_some_and(|given| given.starts_with(&[*quote, *quote]))
}

/// The key of which the first line begins at a place, and its kind at another: up to its last line, and without that as
/// far as there are lines of a key.
pub(super) fn key(text: &str, at: usize, kind: usize) -> Option<Range<usize>> {
    let start = private(text.as_bytes(), kind)?;
    let behind = text.as_bytes().get(start..)?;
    // Code and prose name a key's first line too.
    let begin = behind.get(..behind.len().min(PEM_HEAD))?;
    let has_key = begin.split(|byte| !BASE64.has(*byte)).any(|line| line.len() >= PEM_LINE && is_of_key(line));
    if !has_key || is_taken_away(begin) {
        return None;
    }
    let text = text.get(start..)?;
    let near = text.get(..text.floor_char_boundary(PEM_LONGEST))?;
    let end = near.find("-----END ").or_else(|| near.find("---- END ")).or_else(|| near.find("-----END+")).map(|end| {
        let last = text.get(end + 9..).unwrap_or_default();
        let dashes = last.find(PEM_DASHES).filter(|at| *at <= KIND);
        let count = |at| last.bytes().skip(at).take_while(|byte| *byte == b'-').count();
        dashes.map_or(text.len(), |at| end + 9 + at + count(at))
    });
    Some(at..start + end.unwrap_or_else(|| lines_of_key(behind)))
}
