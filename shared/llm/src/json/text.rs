//! What the texts of JSON say: escapes are decoded, and names found without reading what is beside them.

use memchr::memchr2;
use std::borrow::Cow;

/// Whether a string's bytes say this name. Names with escapes are rare.
pub(super) fn is_name(bytes: &[u8], name: &str) -> bool {
    match bytes.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) {
        Some(inner) if inner == name.as_bytes() => true,
        Some(inner) if memchr::memchr(b'\\', inner).is_some() => decoded(bytes) == name,
        _ => false,
    }
}

/// What a string's bytes, from quotation mark to quotation mark, say.
pub(super) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    let inner = bytes.strip_prefix(b"\"").unwrap_or(bytes);
    let Some(first) = memchr::memchr(b'\\', inner) else {
        return String::from_utf8_lossy(inner.strip_suffix(b"\"").unwrap_or(inner));
    };
    let (mut text, mut rest) = (String::new(), inner);
    let mut next = Some(first);
    while let Some((before, escape)) = next.and_then(|at| rest.split_at_checked(at)) {
        text.push_str(&String::from_utf8_lossy(before));
        let (char, length) = unescaped(escape);
        text.extend(char);
        rest = escape.get(length..).unwrap_or_default();
        next = memchr::memchr(b'\\', rest);
    }
    text.push_str(&String::from_utf8_lossy(rest.strip_suffix(b"\"").unwrap_or(rest)));
    text.into()
}

/// What the escape at the beginning means, and its length. One that is none stays as it is; one that was cut is
/// nothing.
fn unescaped(escape: &[u8]) -> (Option<char>, usize) {
    let simple = match escape.get(1) {
        None => return (None, 1),
        Some(b'u') => return unescaped_unit(escape),
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(same @ (b'"' | b'\\' | b'/')) => char::from(*same),
        Some(_) => return (Some('\\'), 1),
    };
    (Some(simple), 2)
}

fn unescaped_unit(escape: &[u8]) -> (Option<char>, usize) {
    let (first, second) = (unit(escape), escape.get(6..).and_then(unit));
    match (first, second) {
        (None, _) if escape.len() < 6 => (None, escape.len()),
        (None, _) => (Some('\\'), 1),
        (Some(high @ 0xd800..=0xdbff), Some(low @ 0xdc00..=0xdfff)) => {
            let code = 0x1_0000 + ((u32::from(high) - 0xd800) << 10) + (u32::from(low) - 0xdc00);
            (char::from_u32(code), 12)
        }
        (Some(unit), _) => (Some(char::from_u32(unit.into()).unwrap_or(char::REPLACEMENT_CHARACTER)), 6),
    }
}

/// The number of `\uXXXX`.
fn unit(escape: &[u8]) -> Option<u16> {
    let [b'\\', b'u', digits @ ..] = escape.get(..6)? else { return None };
    digits.iter().try_fold(0, |unit, digit| {
        let digit = char::from(*digit).to_digit(16).and_then(|digit| u16::try_from(digit).ok())?;
        Some(unit << 4 | digit)
    })
}

/// The first text among an object's own members that has one of these names, found without reading what is within.
pub(crate) fn top_text(text: &[u8], names: &[&str]) -> Option<String> {
    let (mut at, mut depth) = (0, 0_usize);
    // Where the last text on the top stands, and whether it was a wanted name with its colon.
    let (mut name, mut is_wanted) = (0..0, false);
    while let Some(byte) = text.get(at) {
        let start = at;
        at += 1;
        match byte {
            b'"' => {
                at = end_of_text(text, at)?;
                if depth == 1 && is_wanted {
                    return text.get(start..at).map(|value| decoded(value).into_owned());
                }
                name = start..at;
            }
            b':' if depth == 1 => {
                let name = text.get(name.clone()).unwrap_or_default();
                is_wanted = names.iter().any(|wanted| is_name(name, wanted));
            }
            b',' if depth == 1 => is_wanted = false,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1).filter(|depth| *depth > 0)?,
            _ => {}
        }
    }
    None
}

/// The byte behind the text whose quotation mark stands before `at`.
fn end_of_text(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_on_the_top_is_found() {
        for (text, found) in [
            (r#"{"a":{"model":"no"},"b":["model","no"],"c":"model","model":"m"}"#, Some("m")),
            (r#" {"\u006dodel" : "m\"n", "model": "no"}"#, Some("m\"n")),
            (r#"{"model":{"x":"no"},"other":"no"}"#, None),
            (r#"{"model":1,"other":"no"}"#, None),
            (r#"{"a":1}{"model":"no"}"#, None),
            (r#"{"a":"model"#, None),
            ("", None),
        ] {
            assert_eq!(top_text(text.as_bytes(), &["model"]).as_deref(), found, "{text}");
        }
    }
}
