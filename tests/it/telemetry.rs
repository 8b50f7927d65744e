//! The line about a request says what it cost and what happened, in numbers that are right.

use serde_json::{Value, json};
use tests::{
    wire::{self, Fate},
    world::{World, chat, chat_id, open_run, run, runs, step, step_body, turn},
};

const OWNER: &str = "user-1";

fn counted(line: &Value) -> (Value, Value, Value) {
    (line["round_trips"].clone(), line["read_units"].clone(), line["write_units"].clone())
}

#[tokio::test]
async fn round_trips_and_units_are_those_of_the_wire() {
    let world = World::recording(OWNER).await;
    let recorder = world.recorder();
    recorder.put(&chat(1), json!({"owner_id": OWNER})).await.expect(201);
    world.wire.take();
    let posted = recorder.post(&runs(1), open_run(OWNER, 1)).await.expect(201);
    assert_eq!(posted.line["round_trips"], world.wire.take().len());
    // Gate, chat, opt-in, run and its tombstone: five items under 4 KB each, strongly consistent.
    assert_eq!(posted.line["read_units"], 5.0);
    let listed = world.user(OWNER).get(&runs(1)).await.expect(200);
    assert_eq!(counted(&listed.line), (json!(world.wire.take().len()), json!(2.0), json!(0.0)));
    let put = recorder.put(&step(1, 1, 1), step_body(None)).await.expect(201);
    assert_eq!(put.line["round_trips"], world.wire.take().len());
    // A transaction over three items of at most 1 KB each and a look at the chat, doubled.
    assert_eq!(put.line["write_units"], 8.0);
}

#[tokio::test]
async fn retries_and_throttles_are_counted() {
    let world = World::with(&[("METRICS_NAMESPACE", "chat-debug")]).await;
    let mut left = 1;
    world.wire.rule(move |_| {
        left -= 1;
        if left >= 0 { Fate::Answer(400, wire::error("ThrottlingException")) } else { Fate::Pass }
    });
    let answer = world.user(OWNER).get(&tests::world::opt_in()).await.expect(200);
    assert_eq!(answer.line["round_trips"], world.wire.take().len());
    assert_eq!(answer.line["StoreThrottles"], 1);
}

#[tokio::test]
async fn a_transaction_that_is_throttled_in_one_item_is_counted() {
    let world = World::with(&[("METRICS_NAMESPACE", "chat-debug")]).await;
    world.consent(OWNER).await;
    let mut left = 2;
    world.wire.rule(move |seen| {
        if seen.operation != "TransactWriteItems" || left == 0 {
            return Fate::Pass;
        }
        left -= 1;
        let reasons = r#"[{"Code": "None"}, {"Code": "ThrottlingError", "Message": "canary"}]"#;
        let code = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
        Fate::Answer(400, format!(r#"{{"__type": "{code}", "message": "canary", "CancellationReasons": {reasons}}}"#))
    });
    let answer = world.user(OWNER).put(&tests::world::opt_in(), json!({"debug_logging_enabled": false})).await;
    assert_eq!(answer.expect(204).line["StoreThrottles"], 2);
}

#[tokio::test]
async fn a_fault_of_ours_is_a_metric_to_ring_by() {
    let world = World::with(&[("METRICS_NAMESPACE", "chat-debug")]).await;
    world.wire.rule(|_| Fate::Answer(400, wire::error("ValidationException")));
    let answer = world.user(OWNER).get(&tests::world::opt_in()).await.expect(500);
    assert_eq!(answer.line["InternalErrors"], 1);
    assert_eq!(answer.line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"], "InternalErrors");
}

#[tokio::test]
async fn what_is_recorded_refused_and_redacted_becomes_a_metric() {
    let world = World::with(&[("METRICS_NAMESPACE", "chat-debug")]).await;
    let recorder = world.recorder();
    let refused = recorder.post(&runs(1), open_run(OWNER, 1)).await.expect(200);
    assert_eq!(refused.line["RefusedByPolicy"], 1);
    assert_eq!(refused.line["Recorded"], Value::Null);
    world.consent(OWNER).await;
    let mut step = step_body(Some(1));
    step["attempts"] = json!([{
        "number": 1, "status": "completed", "url": "https://api.example.com/v1?key=canary-key",
        "request_headers": {"authorization": "Bearer canary-token", "accept": "*/*"},
    }]);
    let posted = recorder.post(&runs(1), turn(OWNER, 2, vec![step])).await.expect(201);
    let line = &posted.line;
    assert_eq!((&line["Recorded"], &line["RedactedValues"]), (&json!(1), &json!(2)));
    assert_eq!(line["redacted"], json!({"header": 1, "url-parameter": 1}));
    assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Namespace"], "chat-debug");
    // What has nothing to count costs no metric.
    let read = world.user(OWNER).get(&run(1, 2)).await.expect(200);
    assert_eq!(read.line["_aws"], Value::Null);
}

#[tokio::test]
async fn without_a_namespace_there_are_no_metrics() {
    let world = World::recording(OWNER).await;
    let recorded = world.recorder().post(&runs(1), open_run(OWNER, 1)).await.expect(201);
    assert_eq!(recorded.line["_aws"], Value::Null);
    assert_eq!(recorded.line["Recorded"], Value::Null);
}

#[tokio::test]
async fn a_correlation_id_is_logged_when_it_can_be_no_word_and_no_id_of_the_path() {
    let world = World::new().await;
    let user = world.user(OWNER);
    let asked = chat_id(7);
    let longest = "0123456789abcdef".repeat(4);
    for (sent, is_echoed, is_logged) in [
        ("0", true, true),
        ("1042", true, true),
        ("2026-01-02-77", true, true),
        ("4bf92f3577b34da6a3ce929d0e0e4736", true, true),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true, true),
        (&chat_id(8), true, true),
        (&longest, true, true),
        // A word, a name, a key.
        ("turn-77", true, false),
        ("alice", true, false),
        ("4BF92F3577B34DA6", true, false),
        ("sk-proj-0123456789", true, false),
        // What is asked for, in any spelling.
        (&asked, true, false),
        (&asked.to_uppercase(), true, false),
        (&asked.replace('-', ""), true, false),
        (&asked.replace('-', "--"), true, false),
        // None at all.
        (&format!("{longest}0"), false, false),
        ("", false, false),
        ("1 2", false, false),
        ("1_2", false, false),
        ("1,2", false, false),
        ("\u{661}", false, false),
    ] {
        let mut request = user.request("GET", &runs(7), None);
        request.headers.push(("x-correlation-id".to_owned(), sent.to_owned()));
        let answer = user.send(request).await.expect(404);
        assert_eq!(answer.header("x-correlation-id"), is_echoed.then_some(sent));
        assert_eq!(answer.line["correlation_id"].as_str(), is_logged.then_some(sent));
    }
}
