//! What DynamoDB does when it does not do what it should, and what our callers are told then.
//!
//! Whatever happens, an answer comes and says nothing of what happened; each request to the table is tried three times
//! at most; a write that may have happened is safe to repeat.

mod damage;
mod leftovers;
mod reads;
mod retries;
mod writes;

use api::routes::{Callers, ROUTES, Route};
use serde_json::{Value, json};
use std::{
    cell::Cell,
    collections::{BTreeMap, HashMap},
};
use tests::{
    cases::valid_request,
    wire::{Fate, Seen, error},
    world::*,
};

/// A world with an open run 1 of one step, and a final run 2.
async fn recorded() -> World {
    let world = World::recording("alice").await;
    let recorder = world.recorder();
    recorder.post(&runs(1), open_run("alice", 1)).await.expect(201);
    recorder.put(&step(1, 1, 1), step_body(None)).await.expect(201);
    recorder.post(&runs(1), turn("alice", 2, vec![step_body(Some(1)), step_body(Some(2))])).await.expect(201);
    world
}

/// To make a key twice makes two, and to revoke one twice is a 404: `recorder_keys.rs` says what faults do to them.
const OF_KEYS: [&str; 2] = ["create-recorder-key", "delete-recorder-key"];
/// It has no right on the table.
const WITHOUT_TABLE: &str = "preview-redaction";

/// The operations that these tests are about.
fn tried() -> impl Iterator<Item = &'static Route> {
    let uses_table = |route: &&Route| route.callers != Callers::Anyone && route.operation != WITHOUT_TABLE;
    ROUTES.into_iter().filter(uses_table).filter(|route| !OF_KEYS.contains(&route.operation))
}

/// A request of every operation that uses the table, each of which succeeds when they are sent in this order.
fn requests(world: &World) -> Vec<TestRequest> {
    let recorder = world.recorder();
    let body = |body: Value| Some(body.to_string().into_bytes());
    let mut requests: Vec<_> = tried()
        .map(|route| match route.operation {
            // A whole turn writes more than an open run, and the end of a run is answered alike each time.
            "create-debug-run" => recorder.request("POST", &runs(1), body(turn("alice", 3, vec![step_body(Some(1))]))),
            "update-debug-run" => recorder.request("PATCH", &run(1, 1), body(json!({"status": "completed"}))),
            _ => valid_request(world, route, "alice"),
        })
        .collect();
    // A run's steps are written before its end, and all is read before it is deleted.
    requests.sort_by_key(|sent| ["PATCH", "DELETE"].iter().position(|method| sent.method == *method));
    requests
}

/// What becomes of a request.
type Fault = fn(&Seen) -> Fate;

/// The request of an operation.
fn request(world: &World, operation: &str) -> TestRequest {
    requests(world).into_iter().find(|sent| sent.event().0.operation == operation).unwrap()
}

/// Sends a request that something happens to, and gives what went to the table beside the answer.
async fn spoiled(world: &World, sent: &TestRequest) -> (TestResponse, Vec<Seen>) {
    world.wire.take();
    let answer = world.nobody().send(sent.clone()).await;
    assert!(!format!("{answer:?}").contains("canary"), "{} {}: {answer:?}", sent.method, sent.path);
    (answer, world.wire.take())
}

fn is_success(sent: &TestRequest, answer: &TestResponse) -> bool {
    sent.event().0.success.contains(&answer.status)
}

/// How often the most tried request was tried.
fn most_tries(seen: &[Seen]) -> usize {
    let mut tries = BTreeMap::new();
    for seen in seen {
        *tries.entry(format!("{} {}", seen.operation, seen.body)).or_insert(0) += 1;
    }
    tries.into_values().max().unwrap_or(0)
}

fn now_millis(world: &World) -> u64 {
    world.app.clock.now().millis().try_into().unwrap()
}

/// A cancelled transaction, with a reason for each of its items by its sort key.
fn cancelled(seen: &Seen, reason: impl Fn(&str) -> Value) -> Fate {
    let mut answer: Value = serde_json::from_str(&error("TransactionCanceledException")).unwrap();
    let items = seen.body["TransactItems"].as_array().unwrap().iter();
    let reasons = items.map(|item| {
        let (_, item) = item.as_object().unwrap().iter().next().unwrap();
        let key = if item["Key"].is_null() { &item["Item"] } else { &item["Key"] };
        reason(key["sk"]["S"].as_str().unwrap())
    });
    answer["CancellationReasons"] = reasons.collect();
    Fate::Answer(400, answer.to_string())
}

fn reason(code: &str) -> Value {
    json!({"Code": code, "Message": "canary-message"})
}

/// Every transaction is cancelled because of its first item.
fn busy(seen: &Seen, code: &str) -> Fate {
    let is_first = Cell::new(true);
    cancelled(seen, |_| if is_first.take() { reason(code) } else { json!({"Code": "None"}) })
}

/// Run 1 in every way that it is read or written, by operation.
fn about_run_1(world: &World) -> BTreeMap<&'static str, TestRequest> {
    let body = open_run("alice", 1).to_string().into_bytes();
    let open = world.recorder().request("POST", &runs(1), Some(body));
    // Of an operation that is there twice, the later request counts.
    requests(world).into_iter().chain([open]).map(|sent| (sent.event().0.operation, sent)).collect()
}
