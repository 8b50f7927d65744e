//! Free-form JSON that keeps every byte.
//!
//! `normalized_request`, `usage`, `metadata` and the like keep their keys, the order of keys and their numbers as they
//! were sent: they are checked once and never rebuilt.

use memchr::memchr2;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// How deep free-form JSON may be nested; the object itself is at depth 1.
pub const MAX_DEPTH: usize = 128;

/// A JSON object exactly as it was sent: UTF-8, at most [`MAX_DEPTH`] deep. Strings and names may hold half a surrogate
/// pair, so that they are only decoded by [`Object::value`].
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Object(Box<RawValue>);

impl Object {
    /// The object's text, byte for byte.
    pub fn get(&self) -> &str {
        self.0.get()
    }

    /// Checks `text` and keeps it.
    ///
    /// # Errors
    ///
    /// Text that is no JSON object, or one that is nested deeper than [`MAX_DEPTH`].
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The object as a value; half a surrogate pair is read as U+FFFD.
    ///
    /// # Errors
    ///
    /// A number or a depth that `serde_json` does not read, as `1e999`.
    pub fn value(&self) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::from_str(&mend(self.get()))
    }

    /// The object of a value that the program made itself; `None` when it is no object.
    pub fn from_value(value: &serde_json::Value) -> Option<Self> {
        Self::parse(&value.to_string()).ok()
    }
}

impl Default for Object {
    /// `{}`.
    fn default() -> Self {
        Self(RawValue::from_string("{}".to_owned()).unwrap_or_default())
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Eq for Object {}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        check(raw.get()).map_err(de::Error::custom)?;
        Ok(Self(raw))
    }
}

/// Checks what `serde_json` does not check of a raw value: that it is an object, and its depth.
fn check(text: &str) -> Result<(), &'static str> {
    if !text.starts_with('{') {
        return Err("must be an object");
    }
    let mut depth = 0_usize;
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        match first {
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err("must be nested at most 128 deep");
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => rest = behind_string(behind),
            _ => {}
        }
    }
    Ok(())
}

/// What stands behind a well-formed string that has begun.
fn behind_string(mut json: &[u8]) -> &[u8] {
    while let Some(at) = memchr2(b'"', b'\\', json) {
        let is_escape = json.get(at) == Some(&b'\\');
        json = json.get(at + 1 + usize::from(is_escape)..).unwrap_or_default();
        if !is_escape {
            return json;
        }
    }
    &[]
}

/// The JSON with U+FFFD for each half of a surrogate pair that is alone. A program that cuts a text in the middle of an
/// emoji sends one, and no Rust string can hold it.
pub fn mend(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut mended = String::new();
    let (mut at, mut copied) = (0, 0);
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\\')) {
        at += found;
        at += match (half(bytes.get(at..)), half(bytes.get(at + 6..))) {
            (None, _) => 2,
            (Some(Half::High), Some(Half::Low)) => 12,
            (Some(_), _) => {
                mended += text.get(copied..at).unwrap_or_default();
                mended += "\\ufffd";
                copied = at + 6;
                6
            }
        };
    }
    if copied == 0 {
        return text.into();
    }
    mended += text.get(copied..).unwrap_or_default();
    mended.into()
}

/// Half of a surrogate pair.
enum Half {
    High,
    Low,
}

/// The half whose escape the bytes begin with.
fn half(bytes: Option<&[u8]>) -> Option<Half> {
    let [b'\\', b'u', b'd' | b'D', kind, rest @ ..] = bytes? else { return None };
    match (kind.to_ascii_lowercase(), rest) {
        (b'8' | b'9' | b'a' | b'b', [a, b, ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => Some(Half::High),
        (b'c'..=b'f', [a, b, ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => Some(Half::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_keeps_keys_order_and_numbers() {
        let text = r#"{"b":1.10,"a":12345678901234567890123,"a":-0,"c":[1E999, "\u0000\ud83d\ude00"]}"#;
        assert_eq!(Object::parse(text).ok().as_ref().map(Object::get), Some(text));
    }

    #[test]
    fn depth_ends_at_128() {
        let nested = |depth: usize| format!("{}{}{}", r#"{"a":"#.repeat(depth - 1), "{}", "}".repeat(depth - 1));
        assert!(Object::parse(&nested(128)).is_ok());
        assert!(Object::parse(&nested(129)).is_err());
        assert!(Object::parse(&nested(100_000)).is_err());
        assert!(Object::parse(r#"{"a":"[[[[{{{{\"[["}"#).is_ok(), "brackets in strings do not nest");
    }

    #[test]
    fn half_a_surrogate_pair_is_kept_and_read_as_a_replacement() {
        for (text, read) in [
            (r#"{"a":"\ud800"}"#, r#"{"a":"\ufffd"}"#),
            (r#"{"a":"\uD83Dx"}"#, r#"{"a":"\ufffdx"}"#),
            (r#"{"\udc00":1}"#, r#"{"\ufffd":1}"#),
            (r#"{"a":"\ud800\ud83d\ude00\ude00"}"#, r#"{"a":"\ufffd\ud83d\ude00\ufffd"}"#),
            (r#"{"a":"\uD800\n","b":["\udfff"]}"#, r#"{"a":"\ufffd\n","b":["\ufffd"]}"#),
            (r#"{"a":"\\ud800"}"#, r#"{"a":"\\ud800"}"#),
            (r#"{"a":"\\\ud800"}"#, r#"{"a":"\\\ufffd"}"#),
            (r#"{"a":"é\ud7ff\ue000"}"#, r#"{"a":"é\ud7ff\ue000"}"#),
        ] {
            let object = Object::parse(text).expect(text);
            assert_eq!((object.get(), &*mend(text)), (text, read));
            assert!(object.value().is_ok(), "{text}");
        }
        for broken in ["\\", "\\u", "\\ud8", "\\ud800", "é\\é", "\\ud8é0"] {
            mend(broken);
        }
    }
}
