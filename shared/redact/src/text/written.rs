//! A name that is written before a separator, which assigns what is behind to it.

use super::before::{MOST_SIGNS, element_of, is_named_attribute, is_of_resource, name_before};
use crate::{mask::is_masked, names::can_end, rules::Rules};
use std::ops::Range;

/// A name, and the separator behind it.
pub(super) struct Written {
    pub(super) name: Range<usize>,
    /// What is before the name.
    pub(super) before: Option<u8>,
    pub(super) separator: u8,
    pub(super) at: usize,
}

impl Written {
    /// What is at a place, if it can be a name that [`Name::assigned`](crate::names::Name::assigned) knows.
    pub(super) fn at(text: &str, at: usize, rules: &Rules) -> Option<Self> {
        let bytes = text.as_bytes();
        // What is written in full width, and `是`, end at the place, as what PHP puts before a string's length does.
        let (separator, end) = match bytes.get(..=at)? {
            [.., 0xef, 0xbc, 0x9a] | [.., 0xe6, 0x98, 0xaf] | [.., b'"', b';', b's', b':'] => (b':', at - 2),
            [.., 0xef, 0xbc, 0x9d] => (b'=', at - 2),
            [.., separator] => (*separator, at),
            [] => return None,
        };
        // `??=`, `||=`, `?=`, `!=`; bytes of spaces that are not broken.
        let is_sign = |byte: &u8| match byte {
            b' ' | b'\t' | b'"' | b'\'' | b'`' | b'\\' | b']' | b'*' | 0xc2 | 0xa0 | 0xe2 | 0x80 | 0xaf => true,
            b'?' | b'|' | b'!' => separator == b'=',
            _ => false,
        };
        let before = bytes.get(end.saturating_sub(MOST_SIGNS)..end)?;
        let signs = before.iter().rev().take_while(|byte| is_sign(byte)).count();
        let name = name_before(bytes, end - signs);
        // `<password type="x">`
        let name = if separator == b'>' && signs > 0 { element_of(bytes, at).unwrap_or(name) } else { name };
        // `[password:protected] => x`
        let is_scope = bytes.get(..name.end).is_some_and(|before| before.ends_with(b":protected"));
        let name = if is_scope { name_before(bytes, name.start - 1) } else { name };
        let before = name.start.checked_sub(1).and_then(|before| bytes.get(before)).copied();
        let last = *bytes.get(name.end.checked_sub(1)?)?;
        let is_none = !can_end(last, rules)
            // A mask names nothing.
            || (bytes.get(name.end) == Some(&b']') && is_masked(text, &name))
            || match separator {
                b'>' => !matches!(before, Some(b'<' | b':')) && !is_named_attribute(bytes, name.start),
                // A resource's name has colons: `arn:aws:secretsmanager:r:1:secret:db-x`.
                b':' if before == Some(b':') => is_of_resource(bytes, name.start),
                b':' => bytes.get(..name.start).is_some_and(|before| before.ends_with(b"checksum/")),
                b' ' => before != Some(b'-') && bytes.get(name.start) != Some(&b'-'),
                _ => false,
            };
        (!is_none).then_some(Self { name, before, separator, at })
    }
}
