//! A replay of the traffic that the kits' tests had, beside the turns that the kits recorded of it: both are the golden
//! turn. What is compared is said in `shared/kits/golden/normal.py`, which this repeats.

use api::{
    run::CreateRun,
    step::{Attempt, Body, Headers, StepInput},
    time::Timestamp,
};
use client::replay::{Conversation, ReplayedTurn, chat_of, open};
use flate2::read::MultiGzDecoder;
use serde_json::{Map, Value, json};
use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

const COUNTS: [&str; 5] =
    ["input_tokens", "output_tokens", "reasoning_tokens", "cache_creation_tokens", "cache_read_tokens"];

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("kits/golden")
}

/// The traffic of each golden turn, the name that it has, and the turn in its normal form.
pub(crate) fn golden_turns() -> Vec<(String, Conversation, Value)> {
    let mut turns = Vec::new();
    for file in fs::read_dir(golden()).unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        for conversation in open(&file).unwrap() {
            let expected = serde_json::from_slice(&fs::read(file.with_extension("json")).unwrap()).unwrap();
            turns.push((file.file_stem().unwrap().to_str().unwrap().to_owned(), conversation.unwrap(), expected));
        }
    }
    assert!(turns.len() >= 42, "{} turns are golden", turns.len());
    turns
}

pub(crate) fn normal_turn(run: &CreateRun) -> Value {
    present([
        ("kind", json!(run.kind)),
        ("status", json!(run.status)),
        ("provider", json!(run.provider)),
        ("model", json!(run.model)),
        ("first_message", json!(run.summary.as_ref().and_then(|summary| summary.first_message.as_ref()))),
        ("steps", run.steps.iter().map(normal_step).collect()),
    ])
}

fn normal_step(step: &StepInput) -> Value {
    let counts = json!(step.usage.as_ref().map(api::step::Usage::counts));
    let usage = COUNTS.map(|name| (name, counts[name].clone())).into_iter().filter(|(_, count)| *count != 0);
    let usage = present(usage);
    let error = step.error.as_ref().filter(|_| json!(step.status) == "error");
    present([
        ("step_number", json!(step.step_number)),
        ("operation", json!(step.operation)),
        ("status", json!(step.status)),
        ("usage", if usage == json!({}) { Value::Null } else { usage }),
        ("error", json!(error)),
        ("attempts", step.attempts.iter().map(normal_attempt).collect()),
    ])
}

fn normal_attempt(attempt: &Attempt) -> Value {
    present([
        ("number", json!(attempt.number)),
        ("status", json!(attempt.status)),
        ("method", json!(attempt.method)),
        ("path", json!(path(attempt))),
        ("request", normal_body(attempt.request_body.as_ref())),
        ("response_status", json!(attempt.response_status)),
        ("response_type", json!(header(attempt.response_headers.as_ref(), "content-type"))),
        ("response", normal_body(attempt.response_body.as_ref())),
    ])
}

/// Without the session and the scenario of the provider on loopback.
fn path(attempt: &Attempt) -> Option<String> {
    let path = attempt.path.as_deref()?;
    if !attempt.url.as_deref()?.starts_with("http://127.0.0.1:") {
        return Some(path.to_owned());
    }
    path.splitn(4, '/').nth(3).map(|path| format!("/{path}"))
}

fn header<'a>(headers: Option<&'a Headers>, name: &str) -> Option<&'a str> {
    let headers = headers?;
    headers.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
}

/// JSON as it is, other text as a text, and bytes in base64.
fn normal_body(body: Option<&Body>) -> Value {
    let Some(body) = body.filter(|body| !body.0.is_empty()) else { return Value::Null };
    let mut content = body.0.clone();
    if content.starts_with(&[0x1f, 0x8b]) {
        content.clear();
        MultiGzDecoder::new(&*body.0).read_to_end(&mut content).unwrap();
    }
    match String::from_utf8(content) {
        Ok(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        Err(_) => json!({"base64": body}),
    }
}

fn present<'a>(members: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let members = members.into_iter().filter(|(_, value)| !value.is_null());
    members.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>().into()
}

#[test]
fn a_replay_and_the_kits_come_to_the_same_turns() {
    let owner = "user-1".parse().unwrap();
    let start: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
    for (name, conversation, expected) in golden_turns() {
        let turn = ReplayedTurn::new(&conversation, &owner, &chat_of(&conversation.source), start);
        assert_eq!(normal_turn(&turn.run), expected, "{name}");
    }
}
