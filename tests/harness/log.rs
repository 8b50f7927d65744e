//! What the log may say: closed words, numbers, and the request's own ids. Every line that any test
//! causes comes by here, so a prompt, a token or a body that reaches the log fails the test that sent it.

use crate::exchange::{REQUEST_ID, TestRequest};
use api::{problem::Problem, routes::ROUTES};
use serde_json::Value;

/// The shortest text of a request that is looked for in its line. Shorter ones are words like `on`.
const CANARY: usize = 6;

/// Fails unless this is a request's line, and says nothing of what was sent. Gives the line.
pub fn check(line: &str, sent: &TestRequest) -> Value {
    let line = check_line(line);
    assert_eq!(line["request_id"], REQUEST_ID, "{line}");
    if let Some(id) = line["correlation_id"].as_str() {
        assert!(!sent.path.split(['/', '?']).any(|part| part == id), "the log names what was asked for: {line}");
    }
    let free = line["cause"].as_str().unwrap_or_default();
    for canary in sent.texts() {
        assert!(!free.contains(&canary), "the log quotes {canary:?}: {line}");
    }
    line
}

/// Fails unless this is the line of some request.
pub fn check_line(line: &str) -> Value {
    assert!(!line.contains(['\n', '\r', '\u{1b}']), "one line without control characters: {line:?}");
    let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no line of JSON: {line}"));
    for (name, value) in line.as_object().expect("an object") {
        let is_allowed = match name.as_str() {
            "level" => value == "info" || value == "error",
            "operation" => ROUTES.iter().any(|route| value == route.operation),
            "status" => value.as_u64().is_some_and(|status| (200..600).contains(&status)),
            "problem" => Problem::all().iter().any(|problem| value == problem.row().slug),
            "cause" => value.as_str().is_some_and(is_cause),
            "cold_start" | "left_behind" => value.is_boolean(),
            "request_id" => value.as_str().is_some_and(is_id),
            "correlation_id" => value.as_str().is_some_and(is_number),
            "round_trips" | "InternalErrors" | "Recorded" | "RefusedByPolicy" | "RedactedValues" | "StoreThrottles"
            | "LeftBehind" => value.is_u64(),
            "duration_ms" | "read_units" | "cancelled_read_units" | "write_units" => value.is_number(),
            "redacted" => value.as_object().is_some_and(|rules| rules.iter().all(is_rule)),
            "_aws" => is_directive(value, &line),
            _ => false,
        };
        assert!(is_allowed, "the log may not say {name} = {value}: {line}");
    }
    line
}

/// A rule's name, and how often it took something.
fn is_rule((name, count): (&String, &Value)) -> bool {
    name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') && count.is_u64()
}

/// A fixed phrase, or a call and an error code: `Query: ThrottlingException`.
fn is_cause(text: &str) -> bool {
    text.len() <= 100 && text.chars().all(|char| char.is_ascii_alphanumeric() || " :._'-".contains(char))
}

fn is_id(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A UUID, a trace id or a counter.
fn is_number(text: &str) -> bool {
    is_id(text) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'))
}

/// `CloudWatch`'s embedded metric format: a metric for each member that it names, and nothing else.
fn is_directive(directive: &Value, line: &Value) -> bool {
    let metrics = &directive["CloudWatchMetrics"][0];
    let named = |metric: &Value| metric["Unit"] == "Count" && line[metric["Name"].as_str().unwrap()].is_u64();
    directive["Timestamp"].is_u64()
        && metrics["Namespace"].is_string()
        && metrics["Dimensions"] == serde_json::json!([[], ["operation"]])
        && metrics["Metrics"].as_array().is_some_and(|all| !all.is_empty() && all.iter().all(named))
}

impl TestRequest {
    /// Every text that it carries: header values, parts of its path and query, texts in its body.
    fn texts(&self) -> Vec<String> {
        let mut texts: Vec<String> = self.headers.iter().map(|(_, value)| value.clone()).collect();
        texts.extend(self.path.split(['/', '?', '&', '=']).skip(4).map(str::to_owned));
        let body = self.unpacked();
        match serde_json::from_slice(&body) {
            Ok(json) => collect(&json, &mut texts),
            Err(_) => texts.push(String::from_utf8_lossy(&body).into_owned()),
        }
        texts.retain(|text| text.len() >= CANARY);
        texts
    }
}

fn collect(json: &Value, texts: &mut Vec<String>) {
    match json {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| collect(value, texts)),
        Value::Object(members) => members.values().for_each(|value| collect(value, texts)),
        _ => {}
    }
}
