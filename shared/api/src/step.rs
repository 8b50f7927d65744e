//! Steps as they travel: one model call each, with its HTTP attempts.

use crate::{
    ids::{ChatId, RunId, StepId, StepNumber, UserId},
    json::{Object, Violation, Word, objects, present, word},
    run::Status,
    time::Timestamp,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};
use std::fmt;

/// How the model was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "StepOperation"))]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// With a streamed answer.
    Stream,
    /// With one answer.
    Generate,
}

impl Word for Operation {
    const ALL: &'static [Self] = &[Self::Stream, Self::Generate];

    fn as_str(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Generate => "generate",
        }
    }
}

impl<'de> Deserialize<'de> for Operation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        word(deserializer)
    }
}

/// A step as a recorder sends it: the body of `PUT …/steps/{step_number}`, or one of a turn's steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StepInput {
    /// The step's place: required within a turn; in a `PUT` the path says it and this may repeat it.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub step_number: Option<StepNumber>,
    /// The chat's owner; naming it in a `PUT` saves a round trip. Within a turn the run says it.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<UserId>,
    /// How the model was called.
    pub operation: Operation,
    /// Where the step stands.
    pub status: Status,
    /// When it started.
    pub started_at: Timestamp,
    /// When it ended.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// The newest message of the history that was sent.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub history_tip_message_id: Option<i64>,
    /// The message that the answer became.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub assistant_message_id: Option<i64>,
    /// The request in the chat product's own form.
    pub normalized_request: Object,
    /// The answer in the chat product's own form.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub normalized_response: Option<Object>,
    /// Token counts.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// The HTTP attempts, in order.
    #[serde(default, deserialize_with = "objects")]
    pub attempts: Vec<Attempt>,
    /// What went wrong.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub error: Option<Object>,
    /// Whatever the recorder wants to keep beside it.
    #[serde(default)]
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
    /// Where the step stands.
    pub status: Status,
    /// The newest message of the history that was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_tip_message_id: Option<i64>,
    /// The message that the answer became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assistant_message_id: Option<i64>,
    /// The request in the chat product's own form.
    pub normalized_request: Object,
    /// The answer in the chat product's own form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normalized_response: Option<Object>,
    /// Token counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// The HTTP attempts, in order.
    pub attempts: Vec<Attempt>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Object>,
    /// Whatever the recorder wants to keep beside it.
    pub metadata: Object,
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
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// Its place among the attempts.
    pub number: Count,
    /// Whether an answer was read to its end.
    pub status: AttemptStatus,
    /// The HTTP method.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Where it went. User info and key-like query parameters are stored as `[REDACTED]`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The URL's path.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// When it started.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// What was sent; the values of headers that carry keys are stored as `[REDACTED]`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub request_headers: Option<Headers>,
    /// The body that was sent, byte for byte.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub request_body: Option<Body>,
    /// The HTTP status that came back.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(range(min = 100, max = 599)))]
    pub response_status: Option<u16>,
    /// What came back; cookies are stored as `[REDACTED]`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub response_headers: Option<Headers>,
    /// The body that came back, byte for byte.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub response_body: Option<Body>,
    /// The transport's fault.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<Count>,
    /// Why it was tried again.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub retry_classification: Option<String>,
    /// How long the next one waited, in milliseconds.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub retry_delay_ms: Option<Count>,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum AttemptStatus {
    /// The answer was read to its end, whatever its HTTP status.
    Completed,
    /// The transport failed.
    Failed,
}

impl Word for AttemptStatus {
    const ALL: &'static [Self] = &[Self::Completed, Self::Failed];

    fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

impl<'de> Deserialize<'de> for AttemptStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        word(deserializer)
    }
}

/// A whole number from 0 to 2^63 - 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Count(u64);

impl Count {
    /// The largest.
    pub const MAX: u64 = i64::MAX.cast_unsigned();

    /// The plain number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl From<u32> for Count {
    fn from(number: u32) -> Self {
        Self(number.into())
    }
}

impl TryFrom<u64> for Count {
    type Error = std::num::TryFromIntError;
    fn try_from(number: u64) -> Result<Self, Self::Error> {
        i64::try_from(number).map(|_| Self(number))
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer)?.try_into().map_err(|_| de::Error::custom("must be a whole number below 2^63"))
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
        struct Pairs;
        impl<'de> de::Visitor<'de> for Pairs {
            type Value = Headers;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of strings")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Headers, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Headers(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// A body, byte for byte; canonical padded base64 as it travels.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Body(pub Vec<u8>);

impl fmt::Debug for Body {
    /// The length alone: a body is no matter for a log.
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
        struct Base64;
        impl de::Visitor<'_> for Base64 {
            type Value = Body;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a base64 string")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Body, E> {
                STANDARD.decode(text).map(Body).map_err(|_| E::custom("must be canonical, padded base64"))
            }
        }
        deserializer.deserialize_str(Base64)
    }
}

/// `usage` as it was sent, and the counts of it that go into a run's totals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Usage {
    sent: Object,
    #[serde(skip)]
    counts: TokenCounts,
}

/// The names of `usage` that are checked; others are kept as sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct TokenCounts {
    /// Tokens sent.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<Count>,
    /// Tokens received.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<Count>,
    /// What the provider says the total is.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub total_tokens: Option<Count>,
    /// Tokens of reasoning.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<Count>,
    /// Tokens written to the provider's cache.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub cache_creation_tokens: Option<Count>,
    /// Tokens read from the provider's cache.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub cache_read_tokens: Option<Count>,
}

impl Usage {
    /// The object as it was sent.
    pub fn sent(&self) -> &Object {
        &self.sent
    }

    /// The counts of it.
    pub fn counts(&self) -> TokenCounts {
        self.counts
    }
}

impl<'de> Deserialize<'de> for Usage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let sent = Object::deserialize(deserializer)?;
        // The words begin with a pointer, which `parse_body` appends to that of `usage`.
        let counts = crate::json::parse_body(sent.get().as_bytes())
            .map_err(|Violation { field, detail }| de::Error::custom(format_args!("{field} {detail}")))?;
        Ok(Self { sent, counts })
    }
}

impl StepInput {
    /// Everything about the body that its types do not say; `at` is the pointer of the step.
    pub fn check(&self, at: &str) -> Result<(), Violation> {
        let ordered = |at: String, start: Option<Timestamp>, end: Option<Timestamp>| match (start, end) {
            (Some(start), Some(end)) if end < start => {
                Err(Violation::new(format!("{at}/finished_at"), "must not lie before `started_at`"))
            }
            _ => Ok(()),
        };
        ordered(at.to_owned(), Some(self.started_at), self.finished_at)?;
        for (index, attempt) in self.attempts.iter().enumerate() {
            let at = format!("{at}/attempts/{index}");
            if attempt.response_status.is_some_and(|status| !(100..=599).contains(&status)) {
                return Err(Violation::new(format!("{at}/response_status"), "must be an HTTP status, from 100 to 599"));
            }
            ordered(at, attempt.started_at, attempt.finished_at)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse_body;

    fn step(extra: &str) -> Result<StepInput, Violation> {
        parse_body(
            format!(r#"{{"operation":"stream","status":"completed","started_at":"2026-01-02T03:04:05Z","normalized_request":{{}}{extra}}}"#)
                .as_bytes(),
        )
    }

    #[test]
    fn optional_members_have_defaults_and_null_is_no_absence() {
        let plain = step("").expect("a step");
        assert_eq!((plain.attempts.len(), plain.metadata.get()), (0, "{}"));
        assert_eq!(step(r#","metadata":null"#).expect_err("null").field, "/metadata");
        assert_eq!(step(r#","finished_at":null"#).expect_err("null").field, "/finished_at");
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
    fn counts_are_whole_and_others_are_kept_as_sent() {
        let sent = r#"{"input_tokens":7,"cost":1.50,"details":{"input_tokens":-1}}"#;
        let usage = step(&format!(r#","usage":{sent}"#)).expect("usage").usage.expect("usage");
        assert_eq!((usage.sent().get(), usage.counts().input_tokens), (sent, Some(Count(7))));
        for bad in ["-1", "1.5", "1.0", "9223372036854775808", "1e3", "null", "\"1\""] {
            let violation = step(&format!(r#","usage":{{"input_tokens":{bad}}}"#)).expect_err(bad);
            assert_eq!(violation.field, "/usage/input_tokens", "{bad}");
        }
        let twice = step(r#","usage":{"input_tokens":1,"input_tokens":1}"#).expect_err("twice");
        assert_eq!((&*twice.field, &*twice.detail), ("/usage", "duplicate field `input_tokens`"));
    }

    #[test]
    fn a_step_reads_back_as_it_was_written() {
        let text = r#"{"id":"018f4e3c-9a1b-7def-8123-456789abcdef","run_id":"018f4e3c-9a1b-7def-8123-456789abcdef","chat_id":"018f4e3c-9a1b-7def-8123-456789abcdef","step_number":1,"operation":"generate","status":"error","normalized_request":{"n":1.0,"m":[1e999]},"usage":{"x":0.10},"attempts":[{"number":1,"status":"completed","request_headers":{"b":"1","a":"2"},"request_body":"aGk="}],"metadata":{},"started_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z"}"#;
        let step: Step = serde_json::from_str(text).expect("a step");
        assert_eq!(serde_json::to_string(&step).expect("JSON"), text);
    }
}
