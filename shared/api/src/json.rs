//! Free-form JSON that keeps every byte, and bodies that are read strictly.
//!
//! `normalized_request`, `usage`, `metadata` and the like keep their keys, the order of keys and their numbers as they
//! were sent: they are checked once and never rebuilt.

use crate::parse::Invalid;
use serde::{Deserialize, Deserializer, Serialize, de, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt, marker::PhantomData};
use strum::VariantArray;

/// How deep free-form JSON may be nested; the object itself is at depth 1.
pub const MAX_DEPTH: usize = 128;

/// The longest pointer in a violation, in bytes.
const MAX_POINTER: usize = 256;

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
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err("must be nested at most 128 deep");
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => skip_string(&mut bytes),
            _ => {}
        }
    }
    Ok(())
}

/// Reads to the end of a well-formed string.
fn skip_string(bytes: &mut std::str::Bytes<'_>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'"' => return,
            _ => {}
        }
    }
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

/// A text that the recorder got from elsewhere: half a surrogate pair in it is kept as U+FFFD.
pub(crate) struct RecordedText(pub(crate) String);

impl<'de> Deserialize<'de> for RecordedText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        serde_json::from_str(&mend(raw.get())).map(Self).map_err(|_| de::Error::custom("must be a string"))
    }
}

/// An optional recorded text.
pub(crate) fn recorded_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<RecordedText>::deserialize(deserializer)?.map(|RecordedText(text)| text))
}

/// An optional member of a setting: one without a value is left out, and `null` is refused.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A member that has a default: absent and `null` are the same.
///
/// Use with `#[serde(default, deserialize_with = "or_default")]`. An `Option` needs none of this.
pub(crate) fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A struct that is read from an object alone. serde would also read it from an array of its members, which
/// `CONTRACT.md` does not allow.
pub(crate) struct Strict<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Strict<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> de::Visitor<'de> for ObjectVisitor<T> {
            type Value = T;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(de::value::MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_map(ObjectVisitor(PhantomData)).map(Self)
    }
}

/// An optional struct.
pub(crate) fn object<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(Option::<Strict<T>>::deserialize(deserializer)?.map(|Strict(object)| object))
}

/// An array of structs; `null` is an empty one.
pub(crate) fn objects<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let objects = Option::<Vec<Strict<T>>>::deserialize(deserializer)?.unwrap_or_default();
    Ok(objects.into_iter().map(|Strict(object)| object).collect())
}

/// An enum of a closed list of strings: it travels as one of them and as nothing else.
pub trait StringEnum: Copy + VariantArray + Into<&'static str> + 'static {
    /// Every value.
    const ALL: &'static [Self] = Self::VARIANTS;

    /// The string that the value travels as.
    fn as_str(self) -> &'static str {
        self.into()
    }

    /// The value that travels as `text`.
    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.as_str() == text)
    }

    /// "must be one of …", for whoever sent another string.
    fn expected() -> String {
        let strings: Vec<_> = Self::ALL.iter().map(|value| value.as_str()).collect();
        format!("must be one of {}", strings.join(", "))
    }
}

/// `Deserialize` for every [`StringEnum`].
pub(crate) fn string_enum<'de, T: StringEnum, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct OneOf<T>(PhantomData<T>);
    impl<T: StringEnum> de::Visitor<'_> for OneOf<T> {
        type Value = T;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            T::parse(text).ok_or_else(|| E::custom(T::expected()))
        }
    }
    deserializer.deserialize_str(OneOf(PhantomData))
}

/// What is wrong in a body, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Violation {
    /// JSON Pointer (RFC 6901) of the value that is wrong, or that lacks or has too much of the
    /// member that `detail` names.
    pub field: String,
    /// What would be right.
    pub detail: String,
}

impl Violation {
    /// A violation at a pointer.
    pub fn new(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: field.into(), detail: detail.into() }
    }

    /// What is wrong with a text at a pointer, which does not parse.
    pub fn invalid(field: impl Into<String>, invalid: Invalid) -> Self {
        Self::new(field, invalid.to_string())
    }
}

/// Reads a whole body: UTF-8, one JSON value, nothing after it.
///
/// # Errors
///
/// The first violation, for `Problem::InvalidBody`.
pub fn parse_body<T: DeserializeOwned>(body: &[u8]) -> Result<T, Violation> {
    let text = std::str::from_utf8(body).map_err(|_| Violation::new("", "must be UTF-8"))?;
    // Finding the place takes a second pass, which only an invalid body pays for.
    serde_json::from_str(text).map(|Strict(body)| body).map_err(|_| locate::<T>(text))
}

fn locate<T: DeserializeOwned>(text: &str) -> Violation {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let Err(error) = serde_path_to_error::deserialize::<_, Strict<T>>(&mut deserializer) else {
        return Violation::new("", "must be one JSON value with nothing behind it");
    };
    let detail = message(error.inner());
    let mut segments: Vec<_> = error.path().iter().collect();
    // serde points at the unknown member, `CONTRACT.md` at the object that has it.
    if detail.starts_with("unknown field") {
        segments.pop();
    }
    let mut field = String::new();
    for segment in segments.into_iter().filter_map(pointer_segment) {
        // The sender's own names can be of any length. A longer pointer ends at the value around.
        if field.len() + segment.len() > MAX_POINTER {
            break;
        }
        field += &segment;
    }
    Violation { field, detail }
}

/// serde's message without `serde_json`'s position. Of a syntax error it quotes nothing of the body.
fn message(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Data => {
            let text = error.to_string();
            let words = text.rsplit_once(" at line ").map_or(&*text, |(words, _)| words);
            // It quotes a wrong value of any length.
            words.chars().take(200).collect()
        }
        _ if error.is_eof() && error.line() <= 1 && error.column() == 0 => "must not be empty".to_owned(),
        _ => format!("must be valid JSON; line {}, column {} is not", error.line(), error.column()),
    }
}

fn pointer_segment(segment: &serde_path_to_error::Segment) -> Option<String> {
    use serde_path_to_error::Segment::{Enum, Map, Seq, Unknown};
    match segment {
        Seq { index } => Some(format!("/{index}")),
        Map { key } | Enum { variant: key } => Some(format!("/{}", escape_pointer(key))),
        Unknown => None,
    }
}

fn escape_pointer(key: &str) -> Cow<'_, str> {
    if key.contains(['~', '/']) { key.replace('~', "~0").replace('/', "~1").into() } else { key.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(deserialize_with = "objects")]
        #[expect(dead_code, reason = "read by serde only")]
        inner: Vec<Inner>,
        #[serde(default, deserialize_with = "recorded_text")]
        name: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "read by serde only")]
    struct Inner {
        free: Object,
    }

    fn wrong(body: &str) -> (String, String) {
        let violation = parse_body::<Outer>(body.as_bytes()).expect_err(body);
        (violation.field, violation.detail)
    }

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

    #[test]
    fn a_recorded_text_is_kept_but_for_half_a_surrogate_pair() {
        let outer: Outer = parse_body(br#"{"inner":[],"name":"a\ud83d\u00e9\n"}"#).expect("a body");
        assert_eq!(outer.name.as_deref(), Some("a\u{fffd}é\n"));
        for body in [r#"{"inner":[]}"#, r#"{"inner":[],"name":null}"#, r#"{"inner":null,"name":null}"#] {
            assert_eq!(parse_body::<Outer>(body.as_bytes()).expect(body).name, None);
        }
    }

    #[test]
    fn a_string_enum_travels_as_its_string() {
        fn check<T: StringEnum + Serialize + DeserializeOwned + PartialEq + fmt::Debug>() {
            assert!(!T::ALL.is_empty());
            for value in T::ALL {
                let json = format!("\"{}\"", value.as_str());
                assert_eq!(serde_json::to_string(value).expect("JSON"), json);
                assert_eq!(serde_json::from_str::<T>(&json).expect(&json), *value);
            }
        }
        check::<crate::run::RunKind>();
        check::<crate::status::Status>();
        check::<crate::step::Operation>();
        check::<crate::step::AttemptStatus>();
        check::<crate::settings::ChatOverride>();
        check::<crate::settings::DecidedBy>();
    }

    #[test]
    fn a_violation_points_at_the_value_or_at_the_object_around_the_member() {
        let good = r#"{"inner":[{"free":{}}]}"#;
        assert!(parse_body::<Outer>(good.as_bytes()).is_ok());
        for (body, field, part) in [
            (r#"{"inner":[{"free":{}},{"free":[]}]}"#, "/inner/1/free", "must be an object"),
            (r#"{"inner":[{"free":{},"x":1}]}"#, "/inner/0", "`x`"),
            (r#"{"inner":[{}]}"#, "/inner/0", "`free`"),
            (r#"{"inner":[],"y":1}"#, "", "`y`"),
            ("{}", "", "`inner`"),
            (r#"{"inner":[],"inner":[]}"#, "", "`inner`"),
            ("[[]]", "", "an object"),
            (r#"{"inner":[[{}]]}"#, "/inner/0", "an object"),
            (r#"{"inner":[],"name":7}"#, "/name", "a string"),
            (r#"{"inner":[]} x"#, "", ""),
            (r#"{"inner":[]"#, "", "valid JSON"),
            ("", "", "empty"),
            ("null", "", ""),
        ] {
            let (found, detail) = wrong(body);
            assert_eq!(found, field, "{body}: {detail}");
            assert!(detail.contains(part), "{body}: {detail}");
        }
        assert_eq!(parse_body::<Outer>(b"\xff").expect_err("bytes").detail, "must be UTF-8");
    }
}
