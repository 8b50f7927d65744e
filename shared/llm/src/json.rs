//! JSON as models and their clients write it. A text that was cut in the middle of an emoji ends in half of a surrogate
//! pair, which is valid JSON but not valid text.
//!
//! The half is read as U+FFFD, the replacement character.

use api::json::mend;
use serde_json::Value;
use std::borrow::Cow;

/// Reads a text; `None` when it is no JSON.
pub fn value(text: &str) -> Option<Value> {
    match serde_json::from_str(text) {
        Ok(value) => Some(value),
        Err(error) if error.is_syntax() => match mend(text) {
            Cow::Owned(mended) => serde_json::from_str(&mended).ok(),
            Cow::Borrowed(_) => None,
        },
        Err(_) => None,
    }
}

/// Reads bytes; `None` when they are no JSON.
pub fn value_of(bytes: &[u8]) -> Option<Value> {
    value(std::str::from_utf8(bytes).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn half_a_pair_is_read_as_the_replacement_character() {
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
