//! Makes a turn of a conversation: the body of a run's `POST`.
//!
//! Owner, chat and start are passed in. The traffic holds no times, so that each call gets a second after the one
//! before it, and the metadata say so.

use crate::replay::{
    conversation::{Conversation, ModelCall},
    left_out::{body_name, note},
    step::{Facts, is_success},
};
use api::{
    external::ChatName,
    ids::{ChatId, RunId, StepNumber, UserId},
    json::Object,
    run::{CreateRun, RunKind, SummaryInput},
    status::Status,
    step::{Attempt, StepInput},
    time::Timestamp,
};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// The length that each call gets.
const CALL: Duration = Duration::from_secs(1);
/// Characters of the first message that are sent; the service cuts it to 200.
const FIRST_MESSAGE: usize = 1000;

/// A conversation, ready to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayedTurn {
    /// The chat it goes to.
    pub chat: ChatId,
    /// Its run, whole, with an id: recording it twice is the same as once.
    pub run: CreateRun,
}

/// The chat of a source: it is called like the source. One that is too long for a word is called by a hash of it.
pub fn chat_of(source: &str) -> ChatName {
    let hash = || ChatId::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_URL, source.as_bytes())).into();
    source.parse::<ChatName>().unwrap_or_else(|_| hash()).into_external()
}

impl ReplayedTurn {
    /// The turn of a conversation that began at `started_at`.
    pub fn new(conversation: &Conversation, owner: &UserId, named: &ChatName, started_at: Timestamp) -> Self {
        let chat = named.id(owner);
        let groups = attempts_of_steps(&conversation.calls);
        let mut clock = started_at;
        let (mut steps, mut facts) = (Vec::with_capacity(groups.len()), Facts::default());
        for (calls, number) in groups.into_iter().zip(1..) {
            // 99,999 steps are the most that a run has.
            let Ok(number) = StepNumber::try_from(number) else { break };
            steps.push(step(conversation, calls, number, &mut clock, &mut facts));
        }
        let mut run = CreateRun {
            owner_id: Some(owner.clone()),
            external_id: named.external_id().cloned(),
            kind: RunKind::ChatTurn,
            status: steps.last().map_or(Status::Completed, |step| step.status),
            started_at,
            id: None,
            finished_at: Some(clock),
            provider: facts.provider,
            model: facts.model,
            root_chat_id: None,
            parent_chat_id: None,
            model_config_id: None,
            trigger_message_id: None,
            history_tip_message_id: None,
            summary: facts.first_message.as_deref().map(summary),
            steps,
        };
        run.id = run_id(chat, &run);
        Self { chat, run }
    }

    /// The length that a conversation gets.
    pub fn duration(conversation: &Conversation) -> Duration {
        CALL * u32::try_from(conversation.calls.len()).unwrap_or(u32::MAX)
    }
}

/// How a turn began. What is sent of it is more than a list shows.
pub(crate) fn summary(first_message: &str) -> SummaryInput {
    SummaryInput { first_message: Some(first_message.chars().take(FIRST_MESSAGE).collect()) }
}

/// A `UUIDv7` of the run's start, its random bits a hash of the content: the same run has the same id.
fn run_id(chat: ChatId, run: &CreateRun) -> Option<RunId> {
    let content = serde_json::to_vec(run).ok()?;
    let digest = Uuid::new_v5(&chat.uuid(), &content).into_bytes();
    let random = digest.first_chunk::<10>()?;
    let millis = u64::try_from(run.started_at.millis()).ok()?;
    Some(RunId::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, random).into_uuid()))
}

/// The calls in groups: one that failed, and the same request sent again.
fn attempts_of_steps(calls: &[ModelCall]) -> Vec<&[ModelCall]> {
    let is_repeat = |before: &ModelCall, call: &ModelCall| {
        !is_success(before.status) && before.method == call.method && before.request_body == call.request_body
    };
    calls.chunk_by(is_repeat).collect()
}

fn step(
    conversation: &Conversation,
    calls: &[ModelCall],
    number: StepNumber,
    clock: &mut Timestamp,
    facts: &mut Facts,
) -> StepInput {
    let started_at = *clock;
    let attempts = calls.iter().zip(1..).map(|(call, number)| attempt(call, number, clock)).collect();
    let mut step = facts.step(number, started_at, attempts, metadata(conversation));
    for (call, number) in calls.iter().zip(1..) {
        note(&mut step, call.left_out.iter().map(|name| body_name(number, name)));
    }
    step
}

fn metadata(conversation: &Conversation) -> Object {
    let Conversation { source, licence, .. } = conversation;
    Object::from_value(&json!({"replayed_from": source, "licence": licence, "times": "laid out"})).unwrap_or_default()
}

fn attempt(call: &ModelCall, number: u32, clock: &mut Timestamp) -> Attempt {
    let started_at = *clock;
    *clock = after(started_at, CALL);
    Attempt { started_at: Some(started_at), finished_at: Some(*clock), ..call.attempt(number) }
}

/// The end of 9999 is the last time that there is.
fn after(start: Timestamp, duration: Duration) -> Timestamp {
    let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(start.micros().saturating_add(micros)).unwrap_or(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::{
        external::ExternalId,
        step::{AttemptStatus, Body, Headers, Operation},
    };

    const REQUEST: &str = r#"{ "model": "m-1", "messages": [{"role": "user", "content": "Hello"}], "t": 1.0 }"#;
    const ANSWER: &str =
        r#"{"type":"message","content":[{"type":"text","text":"Hi"}],"usage":{"input_tokens":3,"output_tokens":1}}"#;

    fn call(request: &str, status: Option<u16>, response: &str) -> ModelCall {
        ModelCall {
            method: "POST".into(),
            url: "https://api.anthropic.com/v1/messages?beta=true".into(),
            request_headers: Headers(vec![("x-api-key".into(), "k".into())]),
            request_body: Some(Body(request.into())),
            status,
            response_headers: Headers::default(),
            response_body: Some(Body(response.into())),
            error: None,
            duration_ms: None,
            first_byte_ms: None,
            left_out: Vec::new(),
        }
    }

    fn start() -> Timestamp {
        "2026-01-02T03:04:05.678Z".parse().expect("a time")
    }

    fn turn(calls: Vec<ModelCall>) -> ReplayedTurn {
        let owner: UserId = "alice".parse().expect("a user");
        let conversation = Conversation { source: "s".into(), licence: Some("MIT".into()), calls };
        ReplayedTurn::new(&conversation, &owner, &chat_of("s"), start())
    }

    #[test]
    fn a_call_becomes_a_step_byte_for_byte() {
        let ReplayedTurn { run, .. } = turn(vec![call(REQUEST, Some(200), ANSWER)]);
        let step = &run.steps[0];
        assert_eq!(step.normalized_request.get(), REQUEST);
        assert_eq!(step.normalized_response.as_ref().map(Object::get), Some(ANSWER));
        assert_eq!(step.attempts[0].request_body, Some(Body(REQUEST.into())));
        assert_eq!(step.attempts[0].path.as_deref(), Some("/v1/messages"));
        assert_eq!((step.operation, step.status), (Operation::Generate, Status::Completed));
        assert_eq!(
            step.usage.as_ref().map(|usage| usage.sent().get()),
            Some(r#"{"input_tokens":3,"output_tokens":1}"#)
        );
        assert_eq!((run.provider.as_deref(), run.model.as_deref()), (Some("anthropic"), Some("m-1")));
        assert_eq!(run.summary.and_then(|summary| summary.first_message).as_deref(), Some("Hello"));
    }

    #[test]
    fn a_refused_request_sent_again_is_the_next_attempt() {
        let calls = vec![
            call(REQUEST, Some(529), "busy"),
            call(REQUEST, None, ""),
            call(REQUEST, Some(200), ANSWER),
            call(REQUEST, Some(200), ANSWER),
            call("{}", Some(500), "<html>"),
        ];
        let run = turn(calls).run;
        let attempts: Vec<_> = run.steps.iter().map(|step| step.attempts.len()).collect();
        assert_eq!(attempts, [3, 1, 1], "an answered request sent again is a step of its own");
        assert_eq!(run.steps[0].attempts[1].status, AttemptStatus::Failed);
        assert_eq!((run.steps[0].status, run.status), (Status::Completed, Status::Error));
        let error = run.steps[2].error.as_ref().map(Object::get);
        assert_eq!(error, Some(r#"{"message":"<html>","status":500}"#));
    }

    #[test]
    fn a_providers_error_is_kept_as_it_came() {
        let body = "{\n \"error\": {\"code\": 404}}";
        let run = turn(vec![call(REQUEST, Some(404), body)]).run;
        assert_eq!(run.steps[0].error.as_ref().map(Object::get), Some(body));
        assert_eq!(run.steps[0].normalized_response, None);
    }

    #[test]
    fn a_stream_that_was_cut_is_interrupted() {
        let stream = "event: message_start\ndata: {\"type\":\"message_start\"}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"text\":\"Hi\"}}\n\n";
        let run = turn(vec![call(REQUEST, Some(200), stream)]).run;
        assert_eq!((run.status, run.steps[0].operation), (Status::Interrupted, Operation::Stream));
        let response = run.steps[0].normalized_response.as_ref().map(Object::get);
        assert_eq!(response, Some(r#"{"role":"assistant","content":[{"type":"text","text":"Hi"}]}"#));
        let failed =
            format!("{stream}event: error\ndata: {{\"type\":\"error\",\"error\":{{\"type\":\"overloaded\"}}}}\n\n");
        let run = turn(vec![call(REQUEST, Some(200), &failed)]).run;
        assert_eq!(run.status, Status::Error);
        assert!(run.steps[0].error.as_ref().is_some_and(|error| error.get().contains("overloaded")));
    }

    #[test]
    fn an_error_with_status_200_and_a_stream_without_its_end_say_so() {
        for (response, status, error) in [
            (r#"{"error":{"message":"No."}}"#, Status::Error, r#"{"error":{"message":"No."}}"#),
            ("<html>", Status::Error, r#"{"message":"A page came in the place of an answer: <html>"}"#),
            ("", Status::Interrupted, r#"{"message":"The answer is empty."}"#),
            (
                "data: {\"choices\":[]}\n\n",
                Status::Interrupted,
                r#"{"message":"The stream ends without its last event."}"#,
            ),
        ] {
            let step = &turn(vec![call(REQUEST, Some(200), response)]).run.steps[0];
            assert_eq!((step.status, step.error.as_ref().map(Object::get)), (status, Some(error)), "{response}");
        }
        let whole = "data: {\"choices\":[]}\n\ndata: [DONE]\n\n";
        assert_eq!(turn(vec![call(REQUEST, Some(200), whole)]).run.status, Status::Completed);
    }

    #[test]
    fn the_contract_accepts_the_turn_and_the_same_turn_has_the_same_id() {
        let one = turn(vec![call(REQUEST, Some(200), ANSWER), call("no json", Some(502), "")]);
        let mut checked = one.run.clone();
        assert_eq!((checked.check(start()), checked), (Ok(()), one.run.clone()));
        assert_eq!(one.run.finished_at.map(|end| end.since(start())), Some(CALL * 2));
        assert_eq!(one, turn(vec![call(REQUEST, Some(200), ANSWER), call("no json", Some(502), "")]));
        let other = turn(vec![call(REQUEST, Some(200), ANSWER), call("no json", Some(503), "")]);
        assert_ne!(one.run.id, other.run.id);
        let sent = serde_json::to_vec(&one.run).expect("JSON");
        assert_eq!(api::json::parse_body::<CreateRun>(&sent), Ok(one.run));
    }

    #[test]
    fn an_empty_conversation_is_an_empty_run() {
        let run = turn(Vec::new()).run;
        assert_eq!((run.status, run.steps.len(), run.finished_at), (Status::Completed, 0, Some(start())));
    }

    #[test]
    fn a_source_names_its_chat_however_long_it_is() {
        let (owner, long) = ("a".parse().expect("a user"), "x".repeat(300));
        assert_eq!(chat_of("s").external_id().map(ExternalId::as_str), Some("s"));
        assert_eq!(chat_of(&long), chat_of(&long));
        let chats = [chat_of("s"), chat_of(""), chat_of(&long), chat_of(&(long + "y"))].map(|name| name.id(&owner));
        assert!(chats.iter().enumerate().all(|(at, chat)| !chats[..at].contains(chat)), "{chats:?}");
    }
}
