//! A conversation as it was captured: `{source, licence, calls: [{method, url, request_headers, request_body, status,
//! response_headers, response_body}]}`.

use api::step::{Attempt, AttemptStatus, Body, Count, Headers};
use llm::provider;
use serde::{Deserialize, Deserializer, de};
use std::fmt;

/// One line: a conversation with a provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Conversation {
    /// Where it was recorded.
    pub source: String,
    /// Under which licence it may be used.
    #[serde(default)]
    pub licence: Option<String>,
    /// The calls, in order.
    pub calls: Vec<ModelCall>,
}

/// One HTTP call to a provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ModelCall {
    /// The HTTP method.
    pub method: String,
    /// Where it went.
    pub url: String,
    /// What was sent.
    #[serde(default, deserialize_with = "headers")]
    pub request_headers: Headers,
    /// The body that was sent, byte for byte.
    #[serde(default, deserialize_with = "body")]
    pub request_body: Option<Body>,
    /// The HTTP status; absent when no answer came, as any number is that is none.
    #[serde(default, deserialize_with = "status")]
    pub status: Option<u16>,
    /// What came back.
    #[serde(default, deserialize_with = "headers")]
    pub response_headers: Headers,
    /// The body that came back, byte for byte.
    #[serde(default, deserialize_with = "body")]
    pub response_body: Option<Body>,
    /// What the transport said when it failed.
    #[serde(default)]
    pub error: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(default)]
    pub duration_ms: Option<Count>,
    /// How long the first byte of the answer took, in milliseconds.
    #[serde(default)]
    pub first_byte_ms: Option<Count>,
    /// Which bodies went by and are not here: `request`, `response`.
    #[serde(default)]
    pub left_out: Vec<String>,
}

impl ModelCall {
    /// The call as an attempt that has no times of its own.
    pub(crate) fn attempt(&self, number: u32) -> Attempt {
        let missing = || self.status.is_none().then(|| "No answer was recorded.".to_owned());
        let error = self.error.clone().or_else(missing);
        Attempt {
            number: Count::from(number),
            status: if error.is_some() { AttemptStatus::Failed } else { AttemptStatus::Completed },
            method: Some(self.method.clone()),
            url: Some(self.url.clone()),
            path: provider::path(&self.url).map(str::to_owned),
            started_at: None,
            finished_at: None,
            request_headers: Some(self.request_headers.clone()),
            request_body: self.request_body.clone(),
            response_status: self.status,
            response_headers: self.status.map(|_| self.response_headers.clone()),
            response_body: self.response_body.clone(),
            error,
            duration_ms: self.duration_ms,
            first_byte_ms: self.first_byte_ms,
            retry_classification: None,
            retry_delay_ms: None,
        }
    }
}

/// HAR says 0 or -1 of an answer that did not come.
fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    let status = Option::<i64>::deserialize(deserializer)?;
    Ok(status.and_then(|status| u16::try_from(status).ok()).filter(|status| (100..600).contains(status)))
}

/// A body is text, or bytes in base64.
fn body<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Body>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a body must be a string, {\"base64\": ...} or null")]
    enum TextOrBytes {
        Text(String),
        Bytes { base64: Body },
    }
    Ok(Option::deserialize(deserializer)?.map(|body| match body {
        TextOrBytes::Text(text) => Body(text.into_bytes()),
        TextOrBytes::Bytes { base64 } => base64,
    }))
}

/// Headers in their order; a header that was sent twice may have a list of values.
fn headers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Headers, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a header must be a string or a list of strings")]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    struct HeadersVisitor;
    impl<'de> de::Visitor<'de> for HeadersVisitor {
        type Value = Headers;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of headers")
        }
        fn visit_unit<E>(self) -> Result<Headers, E> {
            Ok(Headers::default())
        }
        fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Headers, A::Error> {
            let mut headers = Headers::default();
            while let Some((name, value)) = map.next_entry::<String, OneOrMany>()? {
                let value = match value {
                    OneOrMany::One(value) => value,
                    OneOrMany::Many(values) => values.join(", "),
                };
                headers.0.push((name, value));
            }
            Ok(headers)
        }
    }
    deserializer.deserialize_any(HeadersVisitor)
}
