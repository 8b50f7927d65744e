//! What a body costs grows as the body does: nothing that reads recorded content calls itself for each
//! part of it or copies the rest for each.

use api::{
    json::parse_body,
    problem::{MAX_BODY_BYTES, MAX_PREVIEW_BYTES},
    routes::{
        CREATE_DEBUG_RUN, PREVIEW_REDACTION, PUT_CHAT_DEBUG_LOGGING, PUT_DEBUG_STEP, Route, UPDATE_DEBUG_RUN, fill,
    },
    run::CreateRun,
};
use cpu::assert_linear;
use serde_json::{Value, json};
use service::redaction::{Redacted, Rules};
use std::hint::black_box;
use tests::world::*;

const OWNER: &str = "alice";

/// What parsers of URLs, names, texts and JSON stop at, over and over.
const DELIMITERS: [&str; 16] = [
    // The first seven are also sent as whole 5 MiB bodies.
    "a=;",
    "?a=",
    "k=&",
    "[",
    "{",
    "\"",
    "\\",
    // Those that more is looked for behind.
    "]",
    "?key=",
    "https://u:",
    "%25",
    "api_key:",
    "\"auth\":\"",
    "token=@",
    "%2522key=",
    "auth: digest $",
];

/// A text of so many bytes as JSON writes it.
fn text(delimiter: &str, bytes: usize) -> String {
    let written = json!(delimiter).to_string().len() - 2;
    delimiter.repeat(bytes / written)
}

/// A turn with `text` wherever a recorder can send a text.
fn turn_of(text: &str) -> Value {
    let mut step = step_body(Some(1));
    step["attempts"] = json!([{
        "number": 1, "status": "completed", "method": text, "url": text, "path": text, "error": text,
        "retry_classification": text, "request_headers": {"a": text, "location": text, "sec-websocket-protocol": text},
        "response_headers": {text: "a"},
    }]);
    step["error"] = json!({"message": text, text: "a", "list": [text]});
    let mut turn = turn(OWNER, 1, vec![step]);
    turn["summary"] = json!({"first_message": text});
    turn
}

/// How many places of a turn take a text.
const PLACES: usize = 13;

/// A step with one long text.
fn step_of(url: &str) -> Value {
    let mut step = step_body(Some(7));
    step["attempts"] = json!([{"number": 1, "status": "failed", "url": url}]);
    step
}

#[tokio::test]
async fn a_body_as_large_as_may_be_that_repeats_a_delimiter_is_answered_wherever_a_text_is_read() {
    for delimiter in &DELIMITERS[..7] {
        let world = World::recording(OWNER).await;
        let (recorder, alice) = (world.recorder(), world.user(OWNER));
        recorder.post(&runs(1), open_run(OWNER, 2)).await.expect(201);
        let whole = text(delimiter, (MAX_BODY_BYTES - 8_192) / PLACES);
        let long = text(delimiter, MAX_BODY_BYTES - 8_192);
        let previewed = text(delimiter, MAX_PREVIEW_BYTES - 8_192);
        // A step that no answer could hold is too large.
        let cases: [(&TestCaller<'_>, &Route, Value, &[u16]); 5] = [
            (&recorder, &CREATE_DEBUG_RUN, turn_of(&whole), &[200, 201, 413]),
            (&recorder, &PUT_DEBUG_STEP, step_of(&long), &[200, 201, 413]),
            (&recorder, &UPDATE_DEBUG_RUN, json!({"summary": {"first_message": long}}), &[200]),
            (&recorder, &PREVIEW_REDACTION, step_of(&previewed), &[200]),
            (&alice, &PUT_CHAT_DEBUG_LOGGING, json!({"override": long}), &[400]),
        ];
        for (caller, route, body, expected) in cases {
            let path = fill(route, &[&chat_id(1), &run_id(2), "7"]);
            let sent = caller.request(route.method.as_str(), &path, Some(body.to_string().into_bytes()));
            let answer = answered(caller, &sent).await;
            assert!(
                expected.contains(&answer.status),
                "{} {delimiter}: {} {}",
                route.operation,
                answer.status,
                answer.line
            );
        }
        alice.get(&runs(1)).await.expect(200);
    }
}

/// The first answer of a few that is no 503: a busy machine may let the time of a request run out, but not each time.
async fn answered(caller: &TestCaller<'_>, sent: &TestRequest) -> TestResponse {
    for _ in 0..4 {
        let answer = caller.send(sent.clone()).await;
        if answer.status != 503 {
            return answer;
        }
    }
    caller.send(sent.clone()).await
}

fn assert_turn_is_linear(what: &str, bytes: usize, turn_of: impl Fn(usize) -> Value) {
    let read = |body: &String| {
        let turn: CreateRun = parse_body(body.as_bytes()).unwrap();
        black_box(Redacted::of(turn, &Rules::default()));
    };
    assert_linear(what, bytes, |bytes| turn_of(bytes).to_string(), read);
}

#[test]
fn four_times_the_input_costs_at_most_six_times_the_work() {
    for delimiter in DELIMITERS {
        assert_turn_is_linear(delimiter, 8_192, |bytes| turn_of(&text(delimiter, bytes)));
    }
}

#[test]
fn a_long_credential_beside_many_short_texts_costs_no_more_than_their_length() {
    assert_turn_is_linear("a credential and texts", 65_536, |bytes| {
        let mut step = step_body(Some(1));
        let headers = json!({"authorization": format!("Bearer {}", "k3y".repeat(bytes / 3))});
        step["attempts"] = json!([{"number": 1, "status": "failed", "request_headers": headers}]);
        step["error"] = json!({"list": vec!["a"; bytes / 4]});
        turn(OWNER, 1, vec![step])
    });
}
