//! Steps on the wire: one model call each, with its HTTP attempts.

use crate::{
    content::Omitted,
    external::ExternalId,
    ids::{ChatId, MessageId, RunId, StepId, StepNumber, UserId},
    json::{Object, RecordedText, StringEnum, objects, or_default, recorded_text, string_enum},
    number::{http_status, millis, millis_if_measured},
    redaction::Redaction,
    status::Status,
    time::Timestamp,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};
use std::fmt;
use strum::{IntoStaticStr, VariantArray};

pub use crate::{
    number::Count,
    usage::{Counted, Includes, TokenCounts, TokenPart, Usage},
};

/// How the model was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, IntoStaticStr, VariantArray)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "StepOperation"))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Operation {
    /// With a streamed answer.
    Stream,
    /// With one answer.
    Generate,
}

impl StringEnum for Operation {}

impl<'de> Deserialize<'de> for Operation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        string_enum(deserializer)
    }
}

/// A step as a recorder sends it: the body of `PUT …/steps/{step_number}`, or one of a turn's steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StepInput {
    /// The step's place: required within a turn; in a `PUT` the path says it and this may repeat it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_number: Option<StepNumber>,
    /// The chat's owner; naming it in a `PUT` saves a round trip. Within a turn the run says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<UserId>,
    /// The chat product's own word for the chat: with the owner it makes the id in the path. A bound key needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<ExternalId>,
    /// How the model was called.
    pub operation: Operation,
    /// The status.
    pub status: Status,
    /// When it started.
    pub started_at: Timestamp,
    /// When it ended; before its start is at its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// The newest message of the history that was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_tip_message_id: Option<MessageId>,
    /// The message that the answer became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assistant_message_id: Option<MessageId>,
    /// The request in the chat product's own form.
    #[serde(default, deserialize_with = "or_default")]
    pub normalized_request: Object,
    /// The answer in the chat product's own form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normalized_response: Option<Object>,
    /// Token counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// The HTTP attempts, in order; none when absent.
    #[serde(default, deserialize_with = "objects")]
    pub attempts: Vec<Attempt>,
    /// What went wrong, without credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Object>,
    /// Whatever the recorder wants to keep with it; `{}` when absent.
    #[serde(default, deserialize_with = "or_default")]
    pub metadata: Object,
}

/// A step as a run's page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Step {
    /// Made by the server from run and number, so a replaced step keeps it.
    pub id: StepId,
    /// Its run.
    pub run_id: RunId,
    /// Its chat.
    pub chat_id: ChatId,
    /// Its place in the run.
    pub step_number: StepNumber,
    /// How the model was called.
    pub operation: Operation,
    /// The status.
    pub status: Status,
    /// The newest message of the history that was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_tip_message_id: Option<MessageId>,
    /// The message that the answer became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assistant_message_id: Option<MessageId>,
    /// The request in the chat product's own form; `{}` when it is [omitted](Self::omitted).
    pub normalized_request: Object,
    /// The answer in the chat product's own form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normalized_response: Option<Object>,
    /// Token counts, as the recorder sent them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Token counts that this service read out of the answer; only where there is no `usage`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<Counted>,
    /// The HTTP attempts, in order.
    pub attempts: Vec<Attempt>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Object>,
    /// Whatever the recorder wants to keep with it.
    pub metadata: Object,
    /// What this answer has no room for; none when absent. Each can be read by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub omitted: Vec<Omitted>,
    /// What was taken out of it before it was stored; nothing when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redaction: Option<Redaction>,
    /// When it started, by the recorder's clock.
    pub started_at: Timestamp,
    /// When it was last put, by the server's clock.
    pub updated_at: Timestamp,
    /// When it ended, by the recorder's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

/// One HTTP round trip to the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "AttemptInput"))]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// Its place among the attempts.
    pub number: Count,
    /// Whether an answer was read to its end.
    pub status: AttemptStatus,
    /// The HTTP method.
    #[serde(default, deserialize_with = "recorded_text", skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Where it went. User info and parameters that are credentials by their name are stored as `[REDACTED]`.
    #[serde(default, deserialize_with = "recorded_text", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The URL's path, read as `url` is.
    #[serde(default, deserialize_with = "recorded_text", skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// When it started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended; before its start is at its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// What was sent. Headers that are credentials by their name are stored as `[REDACTED]`, and what others
    /// hold of a URL's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_headers: Option<Headers>,
    /// The body that was sent, byte for byte except for credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_body: Option<Body>,
    /// The HTTP status that came back, from 100 to 599; any other number says that none did, and is stored as absent.
    #[serde(default, deserialize_with = "http_status", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "i128"))]
    pub response_status: Option<u16>,
    /// What came back, read as `request_headers` are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_headers: Option<Headers>,
    /// The body that came back, byte for byte except for credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_body: Option<Body>,
    /// The transport's fault, without credentials.
    #[serde(default, deserialize_with = "recorded_text", skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How long it took, in milliseconds; kept to the nearest, and never below 0.
    #[serde(default, deserialize_with = "millis", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "serde_json::Number"))]
    pub duration_ms: Option<Count>,
    /// How long the first byte of the answer's body took, in milliseconds; kept to the nearest. One below 0 is stored
    /// as absent.
    #[serde(default, deserialize_with = "millis_if_measured", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "serde_json::Number"))]
    pub first_byte_ms: Option<Count>,
    /// Why it was tried again.
    #[serde(default, deserialize_with = "recorded_text", skip_serializing_if = "Option::is_none")]
    pub retry_classification: Option<String>,
    /// How long the next one waited, in milliseconds; kept to the nearest, and never below 0.
    #[serde(default, deserialize_with = "millis", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "serde_json::Number"))]
    pub retry_delay_ms: Option<Count>,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, IntoStaticStr, VariantArray)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum AttemptStatus {
    /// The answer was read to its end, whatever its HTTP status.
    Completed,
    /// The transport failed.
    Failed,
}

impl StringEnum for AttemptStatus {}

impl<'de> Deserialize<'de> for AttemptStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        string_enum(deserializer)
    }
}

/// An object of strings, in the order it was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(pub Vec<(String, String)>);

impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct HeadersVisitor;
        impl<'de> de::Visitor<'de> for HeadersVisitor {
            type Value = Headers;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of strings")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Headers, A::Error> {
                let mut pairs = Vec::new();
                // A header whose value is `null` has none.
                while let Some((name, value)) = map.next_entry()? {
                    pairs.extend(Option::<RecordedText>::map(value, |RecordedText(value)| (name, value)));
                }
                Ok(Headers(pairs))
            }
        }
        deserializer.deserialize_map(HeadersVisitor)
    }
}

/// A body, byte for byte; canonical, padded base64 on the wire.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Body(pub Vec<u8>);

impl fmt::Debug for Body {
    /// Only the length: bodies do not belong in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.0.len())
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&base64::display::Base64Display::new(&self.0, &STANDARD))
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BodyVisitor;
        impl de::Visitor<'_> for BodyVisitor {
            type Value = Body;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a base64 string")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Body, E> {
                STANDARD.decode(text).map(Body).map_err(|_| E::custom("must be canonical, padded base64"))
            }
        }
        deserializer.deserialize_str(BodyVisitor)
    }
}

impl StepInput {
    /// Moves each end that is before its start, as a clock that was set back makes it, to its start.
    pub fn settle(&mut self) {
        settle_end(Some(self.started_at), &mut self.finished_at);
        for attempt in &mut self.attempts {
            settle_end(attempt.started_at, &mut attempt.finished_at);
        }
    }
}

/// Moves an end that is before its start to its start.
pub(crate) fn settle_end(start: Option<Timestamp>, end: &mut Option<Timestamp>) {
    *end = end.map(|end| start.map_or(end, |start| end.max(start)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Violation, parse_body};

    fn step(extra: &str) -> Result<StepInput, Violation> {
        parse_body(
            format!(r#"{{"operation":"stream","status":"completed","started_at":"2026-01-02T03:04:05Z"{extra}}}"#)
                .as_bytes(),
        )
    }

    #[test]
    fn an_optional_member_that_is_null_is_absent() {
        let plain = step("").expect("a step");
        assert_eq!((plain.attempts.len(), plain.metadata.get(), plain.normalized_request.get()), (0, "{}", "{}"));
        let members = [
            "step_number",
            "owner_id",
            "external_id",
            "finished_at",
            "history_tip_message_id",
            "assistant_message_id",
            "normalized_request",
            "normalized_response",
            "usage",
            "attempts",
            "error",
            "metadata",
        ];
        for member in members {
            assert_eq!(step(&format!(r#","{member}":null"#)).as_ref(), Ok(&plain), "{member}");
        }
        for member in ["operation", "status", "started_at"] {
            let body = r#"{"operation":"stream","status":"completed","started_at":"2026-01-02T03:04:05Z"}"#;
            let mut body: serde_json::Value = serde_json::from_str(body).expect("a body");
            body.as_object_mut().expect("an object").insert(member.into(), serde_json::Value::Null);
            let violation = parse_body::<StepInput>(body.to_string().as_bytes()).expect_err(member);
            assert_eq!(violation.field, format!("/{member}"));
        }
    }

    fn attempt(extra: &str) -> Result<Attempt, Violation> {
        let step = step(&format!(r#","attempts":[{{"number":1.0,"status":"completed"{extra}}}]"#))?;
        Ok(step.attempts.into_iter().next().expect("an attempt"))
    }

    #[test]
    fn an_attempts_optional_members_may_be_null_too() {
        let plain = attempt("").expect("an attempt");
        for member in [
            "method",
            "url",
            "path",
            "started_at",
            "finished_at",
            "request_headers",
            "request_body",
            "response_status",
            "response_headers",
            "response_body",
            "error",
            "duration_ms",
            "first_byte_ms",
            "retry_classification",
            "retry_delay_ms",
        ] {
            assert_eq!(attempt(&format!(r#","{member}":null"#)).as_ref(), Ok(&plain), "{member}");
        }
        let headers =
            attempt(r#","request_headers":{"b":"1","a":null,"c":"\ud83d"}"#).expect("headers").request_headers;
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(headers, Some(Headers(vec![pair("b", "1"), pair("c", "\u{fffd}")])));
    }

    #[test]
    fn spans_are_rounded_and_what_is_no_http_status_is_absent() {
        for (sent, kept) in [("14.0", 14), ("1e1", 10), ("12.5", 13), ("0.4", 0), ("-3", 0), ("1e999", Count::MAX)] {
            for member in ["duration_ms", "retry_delay_ms"] {
                let attempt = attempt(&format!(r#","{member}":{sent}"#)).expect(sent);
                assert_eq!(attempt.duration_ms.or(attempt.retry_delay_ms).map(Count::get), Some(kept), "{sent}");
            }
        }
        for (sent, kept) in [("12.5", Some(13)), ("0", Some(0)), ("-1", None), ("-0.6", None), ("null", None)] {
            let attempt = attempt(&format!(r#","first_byte_ms":{sent}"#)).expect(sent);
            assert_eq!(attempt.first_byte_ms.map(Count::get), kept, "{sent}");
        }
        for (sent, kept) in [
            ("200", Some(200)),
            ("2e2", Some(200)),
            ("599.0", Some(599)),
            ("0", None),
            ("-1", None),
            ("99", None),
            ("600", None),
            ("1e999", None),
        ] {
            assert_eq!(attempt(&format!(r#","response_status":{sent}"#)).expect(sent).response_status, kept, "{sent}");
        }
        for (member, bad) in [("response_status", "200.5"), ("response_status", "\"200\""), ("duration_ms", "\"1\"")] {
            let violation = attempt(&format!(r#","{member}":{bad}"#)).expect_err(bad);
            assert_eq!(violation.field, format!("/attempts/0/{member}"));
        }
    }

    #[test]
    fn an_end_before_its_start_is_at_its_start() {
        let times = r#""started_at":"2026-01-02T03:04:05.001Z","finished_at":"2026-01-02T03:04:05Z""#;
        let extra =
            format!(r#","finished_at":"2026-01-02T03:04:04Z","attempts":[{{"number":1,"status":"failed",{times}}}]"#);
        let mut step = step(&extra).expect("a step");
        step.settle();
        assert_eq!(step.finished_at, Some(step.started_at));
        assert_eq!(step.attempts.first().map(|one| one.finished_at), step.attempts.first().map(|one| one.started_at));
    }

    #[test]
    fn the_servers_members_are_unknown() {
        for member in ["id", "run_id", "chat_id", "updated_at"] {
            let violation = step(&format!(r#","{member}":"x""#)).expect_err(member);
            assert_eq!(violation.field, "");
            assert!(violation.detail.contains(member), "{violation:?}");
        }
    }

    #[test]
    fn bodies_are_canonical_base64() {
        let attempt =
            |body: &str| step(&format!(r#","attempts":[{{"number":1,"status":"failed","request_body":"{body}"}}]"#));
        assert!(attempt("").is_ok());
        assert!(attempt("aGk=").is_ok());
        for bad in ["aGk", "aGl=", "aGk=\\n", "-_8=", "a"] {
            assert_eq!(attempt(bad).expect_err(bad).field, "/attempts/0/request_body");
        }
    }

    #[test]
    fn a_step_reads_back_as_it_was_written() {
        let text = r#"{"id":"018f4e3c-9a1b-7def-8123-456789abcdef","run_id":"018f4e3c-9a1b-7def-8123-456789abcdef","chat_id":"018f4e3c-9a1b-7def-8123-456789abcdef","step_number":1,"operation":"generate","status":"error","history_tip_message_id":-1,"assistant_message_id":"m-1","normalized_request":{"n":1.0,"m":[1e999,"\ud83d"],"\udc00":1},"usage":{"x":0.10,"\ud83d":null},"attempts":[{"number":1,"status":"completed","request_headers":{"b":"1","a":"2"},"request_body":"aGk="}],"metadata":{},"started_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z"}"#;
        let step: Step = serde_json::from_str(text).expect("a step");
        assert_eq!(serde_json::to_string(&step).expect("JSON"), text);
    }
}
