//! Bodies that are read strictly, and where they are wrong.

use super::members::Strict;
use crate::parse::Invalid;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::borrow::Cow;

/// The longest pointer in a violation, in bytes.
const MAX_POINTER: usize = 256;

/// What is wrong in a body, a path or a query, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Violation {
    /// JSON Pointer (RFC 6901) of the value that is wrong, or that lacks or has too much of the member that `detail`
    /// names; in a path or a query the parameter's name.
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
        return Violation::new("", "must be one JSON value with nothing after it");
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
    use super::super::{
        members::{objects, recorded_text},
        object::Object,
    };
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
    fn a_recorded_text_is_kept_but_for_half_a_surrogate_pair() {
        let outer: Outer = parse_body(br#"{"inner":[],"name":"a\ud83d\u00e9\n"}"#).expect("a body");
        assert_eq!(outer.name.as_deref(), Some("a\u{fffd}é\n"));
        for body in [r#"{"inner":[]}"#, r#"{"inner":[],"name":null}"#, r#"{"inner":null,"name":null}"#] {
            assert_eq!(parse_body::<Outer>(body.as_bytes()).expect(body).name, None);
        }
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
