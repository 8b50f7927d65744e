//! What a body costs grows as the body does: nothing that reads recorded content calls itself for each
//! part of it or copies the rest for each.

use api::{
    json::parse_body,
    problem::MAX_BODY_BYTES,
    routes::{Callers, ROUTES, fill},
    run::CreateRun,
};
use nix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use service::redact::{Redacted, Rules};
use std::{hint::black_box, time::Duration};
use tests::world::*;

const OWNER: &str = "alice";

/// What parsers of URLs, names, texts and JSON stop at, over and over.
const DELIMITERS: [&str; 16] = [
    // Those that a whole body of each is sent of.
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

#[tokio::test]
async fn bodies_of_5_mib_that_repeat_a_delimiter_are_answered_by_every_route() {
    for delimiter in &DELIMITERS[..7] {
        let world = World::new().await;
        world.consent(OWNER).await;
        world.recorder().post(&runs(1), open_run(OWNER, 2)).await.expect(201);
        let whole = text(delimiter, (MAX_BODY_BYTES - 8_192) / PLACES);
        let long = text(delimiter, MAX_BODY_BYTES - 8_192);
        for route in ROUTES.into_iter().filter(|route| route.has_body()) {
            let caller = match route.callers {
                Callers::Admin => world.admin(),
                Callers::Recorder => world.recorder(),
                _ => world.user(OWNER),
            };
            let body = match route.operation {
                "create-debug-run" => turn_of(&whole),
                "put-debug-step" => {
                    let mut step = step_body(Some(7));
                    step["attempts"] = json!([{"number": 1, "status": "failed", "url": long}]);
                    step
                }
                "update-debug-run" => json!({"summary": {"first_message": long}}),
                _ => json!({"override": long}),
            };
            let path = fill(route, &[&chat_id(1), &run_id(2), "7", "request"]);
            let sent = caller.request(route.method.as_str(), &path, Some(body.to_string().into_bytes()));
            let answer = caller.send(sent).await;
            // A busy machine may let its time run out, which is said; nothing else goes wrong.
            assert_ne!(answer.status, 500, "{} {delimiter}: {}", route.operation, answer.body);
        }
        world.user(OWNER).get(&runs(1)).await.expect(200);
    }
}

/// Fails if four times the input costs more than six times the work.
fn assert_linear(what: &str, bytes: usize, turn_of: impl Fn(usize) -> Value) {
    let cost = |bytes| {
        let body = turn_of(bytes).to_string();
        let before = thread_time();
        let turn: CreateRun = parse_body(body.as_bytes()).unwrap();
        black_box(Redacted::of(turn, &Rules::default()));
        thread_time().saturating_sub(before)
    };
    // The best of a few, since others share the processor and its caches.
    let best = |bytes| (0..5).map(|_| cost(bytes)).min().unwrap();
    let (one, four) = (best(bytes), best(4 * bytes));
    assert!(four <= one * 6, "{what}: {one:?}, then {four:?}");
}

#[test]
fn four_times_the_input_costs_at_most_six_times_the_work() {
    for delimiter in DELIMITERS {
        assert_linear(delimiter, 8_192, |bytes| turn_of(&text(delimiter, bytes)));
    }
}

#[test]
fn a_long_credential_beside_many_short_texts_costs_no_more_than_their_length() {
    assert_linear("a credential and texts", 65_536, |bytes| {
        let mut step = step_body(Some(1));
        let headers = json!({"authorization": format!("Bearer {}", "k3y".repeat(bytes / 3))});
        step["attempts"] = json!([{"number": 1, "status": "failed", "request_headers": headers}]);
        step["error"] = json!({"list": vec!["a"; bytes / 4]});
        turn(OWNER, 1, vec![step])
    });
}

/// What this thread has used of the processor, whatever else runs beside it.
fn thread_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap().into()
}
