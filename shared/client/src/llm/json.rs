//! JSON as models and their clients write it: a text that was cut in the middle of an emoji ends in
//! half of a surrogate pair, which is JSON, and no text.
//!
//! The half is read as U+FFFD, the sign for what is no character. What is stored keeps the bytes.

use serde_json::Value;

/// The value that a text is; `None` when it is no JSON.
pub fn value(text: &str) -> Option<Value> {
    match serde_json::from_str(text) {
        Ok(value) => Some(value),
        Err(error) if error.is_syntax() => serde_json::from_str(&mended(text)?).ok(),
        Err(_) => None,
    }
}

/// The value that bytes are.
pub fn value_of(bytes: &[u8]) -> Option<Value> {
    value(std::str::from_utf8(bytes).ok()?)
}

/// Each half of a pair replaced, in one pass; `None` when there is none. Only strings have escapes, so
/// what is JSON stays so.
fn mended(text: &str) -> Option<String> {
    let mut bytes = text.as_bytes().to_owned();
    let mut at = 0;
    let mut has_halves = false;
    while let Some(skipped) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\\')) {
        at += skipped;
        match (escape(&bytes, at), escape(&bytes, at + 6)) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => at += 12,
            (Some(0xd800..0xe000), _) => {
                bytes.get_mut(at + 2..at + 6)?.copy_from_slice(b"fffd");
                has_halves = true;
                at += 6;
            }
            (Some(_), _) => at += 6,
            (None, _) => at += 2,
        }
    }
    has_halves.then(|| String::from_utf8(bytes).ok()).flatten()
}

/// The unit of UTF-16 that is escaped at a place, if one is.
fn escape(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn half_a_pair_is_read_as_the_sign_for_no_character() {
        for (text, read) in [
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""cut \uD83D and on""#, "cut \u{fffd} and on"),
            (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
            (r#""\ud83d\\ude00""#, "\u{fffd}\\ude00"),
            (r#""\\ud83d \ud83d""#, "\\ud83d \u{fffd}"),
        ] {
            assert_eq!(value(text), Some(json!(read)), "{text}");
            assert_eq!(value_of(text.as_bytes()), value(text));
        }
        assert_eq!(value(r#"{"\udc00":1}"#), Some(json!({"\u{fffd}": 1})));
    }

    #[test]
    fn what_is_no_json_stays_so() {
        for text in ["", "\\ud83d", r#""\ud83d"#, r#"{"a":"\ud83d",}"#, r#""\ud83""#, r#""\é\ud83d""#, "[1] 2"] {
            assert_eq!(value(text), None, "{text}");
        }
        assert_eq!(value_of(b"\"\xff\""), None);
    }
}
