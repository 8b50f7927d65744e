//! A run as a HAR: whole or refused, its owner's alone, and recorded again from it.

use base64::{Engine, engine::general_purpose::STANDARD};
use client::replay::conversations;
use serde_json::{Value, json};
use tests::world::*;

const URL: &str = "https://api.openai.com/v1/chat/completions?api-version=1&x";
const REQUEST: &str = r#"{"model":"m","messages":[{"role":"user","content":"ä \ud83d\ude00"}]}"#;
const RESPONSE: &str = r#"{"choices":[{"message":{"role":"assistant","content":"Hello."},"finish_reason":"stop"}]}"#;

/// A step of two tries: one that got bytes, one that got a gzipped answer.
fn tried_step() -> Value {
    let mut step = step_body(Some(1));
    step["attempts"] = json!([{
        "number": 1, "status": "failed", "method": "POST", "url": URL, "request_body": STANDARD.encode(REQUEST),
        "response_body": STANDARD.encode([0xff, 0x00]), "error": "connection reset", "duration_ms": 12,
        "first_byte_ms": 5,
    }, {
        "number": 2, "status": "completed", "method": "POST", "url": URL, "started_at": started_at(1),
        "request_headers": {"content-type": "application/json", "authorization": "Bearer secret-secret"},
        "request_body": STANDARD.encode(REQUEST), "response_status": 200,
        "response_headers": {"content-type": "application/json", "content-encoding": "gzip"},
        "response_body": STANDARD.encode(gzip(RESPONSE)), "duration_ms": 345,
    }]);
    step
}

fn har(n: u32) -> String {
    format!("{}/har", run(1, n))
}

#[tokio::test]
async fn a_har_has_each_try_with_its_bodies_unpacked_and_is_recorded_again() {
    let world = World::recording("alice").await;
    world.recorder().post(&runs(1), turn("alice", 2, vec![tried_step(), step_body(Some(2))])).await.expect(201);
    let answer = world.user("alice").get(&har(2)).await.expect(200);
    let log = &answer.json()["log"];
    let entries = log["entries"].as_array().unwrap();
    assert_eq!((&log["version"], entries.len()), (&json!("1.2"), 2), "a step without a try has no entry");
    let [failed, answered] = [&entries[0], &entries[1]];
    assert_eq!(failed["response"]["content"]["encoding"], "base64");
    assert_eq!((&failed["response"]["status"], &failed["response"]["_error"]), (&json!(0), &json!("connection reset")));
    assert_eq!(answered["request"]["postData"], json!({"mimeType": "application/json", "text": REQUEST}));
    assert_eq!(answered["response"]["content"]["text"], RESPONSE);
    assert_eq!(answered["response"]["content"]["size"], RESPONSE.len());
    assert_eq!((&answered["startedDateTime"], &answered["time"]), (&json!(started_at(1)), &json!(345)));
    let query = json!([{"name": "api-version", "value": "1"}, {"name": "x", "value": ""}]);
    assert_eq!(answered["request"]["queryString"], query);
    assert!(!answer.body.contains("secret-secret"));

    let text = std::io::Cursor::new(answer.body.into_bytes());
    let read: Vec<_> = conversations(text, "run.har").collect::<Result<_, _>>().unwrap();
    let calls = &read[0].calls;
    let bodies = |body: &Option<api::step::Body>| body.as_ref().map(|body| body.0.clone());
    assert_eq!(calls.len(), 2);
    assert_eq!((calls[0].status, calls[0].error.as_deref()), (None, Some("connection reset")));
    assert_eq!(bodies(&calls[0].response_body), Some(vec![0xff, 0x00]));
    assert_eq!((&*calls[1].url, calls[1].status), (URL, Some(200)));
    let first_bytes = calls.iter().map(|call| call.first_byte_ms.map(api::step::Count::get));
    assert_eq!(first_bytes.collect::<Vec<_>>(), [Some(5), None], "nobody measured the second");
    assert_eq!(bodies(&calls[1].request_body), Some(REQUEST.as_bytes().to_vec()));
    assert_eq!(bodies(&calls[1].response_body), Some(RESPONSE.as_bytes().to_vec()));
}

#[tokio::test]
async fn a_har_that_no_answer_holds_is_refused_and_one_of_others_is_not_there() {
    let world = World::recording("alice").await;
    world.recorder().post(&runs(1), open_run("alice", 2)).await.expect(201);
    // Two steps, of which an answer holds one.
    for number in [1, 2] {
        let mut step = step_body(None);
        // Quickly read, since it is no text.
        let body = STANDARD.encode(vec![0xff; 3_000_000]);
        step["attempts"] = json!([{"number": 1, "status": "completed", "response_body": body}]);
        world.recorder().put(&self::step(1, 2, number), step).await.expect(201);
    }
    let refused = world.user("alice").get(&har(2)).await.expect(413);
    refused.problem("har-too-large");
    assert!(refused.body.contains("chat-debug export"), "{}", refused.body);
    for (caller, path) in [(world.user("bob"), har(2)), (world.admin(), har(2)), (world.user("alice"), har(9))] {
        caller.get(&path).await.expect(404);
    }
    world.recorder().get(&har(2)).await.expect(403);
}
