//! Tokens of segments with full stops between, which say where they end: JSON web tokens, and those of Discord's bots.

use super::{ALL, CUT, KEY};
use std::ops::Range;

/// Three segments of which two are JSON, or the five of an encrypted one. Each is looked at once.
pub(super) fn jwt(text: &[u8], at: usize, is_cut: bool) -> Option<Range<usize>> {
    let (mut end, mut dots, mut is_signed) = (at, 0, false);
    loop {
        let rest = text.get(end..)?;
        let segment = KEY.run(rest, ALL);
        end += segment;
        match dots {
            0 if segment < 12 => return None,
            1 => is_signed = rest.starts_with(b"eyJ"),
            2 if is_signed && segment >= 20 => return Some(at..end),
            4 => return (segment >= 16).then_some(at..end),
            _ => {}
        }
        if is_cut && end == text.len() && end >= at + 3 + CUT {
            return Some(at..end);
        }
        if text.get(end) != Some(&b'.') {
            return None;
        }
        (dots, end) = (dots + 1, end + 1);
    }
}

/// An id of digits in base64, a time and a key.
pub(super) fn discord(text: &[u8], at: usize) -> Option<Range<usize>> {
    let (mut end, mut segments) = (at, [23..=28, 6..=7, 27..=45].into_iter().peekable());
    while let Some(lengths) = segments.next() {
        let length = KEY.run(text.get(end..)?, lengths.end() + 1);
        end += length;
        if !lengths.contains(&length) || (segments.peek().is_some() && text.get(end) != Some(&b'.')) {
            return None;
        }
        end += usize::from(segments.peek().is_some());
    }
    Some(at..end)
}
