//! What DynamoDB does when it does not do what it should, and what our callers are told then.
//!
//! Whatever happens, an answer comes in the route's time and says nothing of what happened; each
//! request to the table is tried three times at most; a write that may have happened is safe to repeat.

use api::routes::guarded;
use futures_util::future::join_all;
use local::{engine::Engine, issuer::Issuer};
use serde_json::{Value, json};
use std::{
    cell::Cell,
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};
use tests::{
    runtime::Functions,
    wire::{Fate, Seen, error},
    world::*,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::Notify,
};

/// A world with an open run 1 of one step, and a final run 2.
async fn recorded() -> World {
    let world = World::new().await;
    world.consent("alice").await;
    let recorder = world.recorder();
    recorder.post(&runs(1), open_run("alice", 1)).await.expect(201);
    recorder.put(&step(1, 1, 1), step_body(None)).await.expect(201);
    recorder.post(&runs(1), turn("alice", 2, vec![step_body(Some(1)), step_body(Some(2))])).await.expect(201);
    world
}

/// The same table, behind an app that nothing has happened to yet.
async fn anew(world: &World) -> World {
    let engine = Engine::serve(world.engine.database().clone()).await.unwrap();
    World::on(engine, Issuer::generate().unwrap(), &[]).await
}

/// A request of every operation that uses the table, each of which succeeds when they are sent in this order.
fn requests(world: &World) -> Vec<Sent> {
    let (alice, admin, recorder) = (world.user("alice"), world.admin(), world.recorder());
    let body = |body: Value| Some(body.to_string().into_bytes());
    let requests = vec![
        admin.request("GET", &gate(), None),
        admin.request("PUT", &gate(), body(json!({"allow_users": true}))),
        alice.request("GET", &opt_in(), None),
        alice.request("PUT", &opt_in(), body(json!({"debug_logging_enabled": true}))),
        recorder.request("PUT", &chat(2), body(json!({"owner_id": "alice"}))),
        recorder.request("GET", &debug_decision(1, "alice"), None),
        alice.request("GET", &chat_setting(1), None),
        alice.request("PUT", &chat_setting(1), body(json!({"override": "on"}))),
        recorder.request("POST", &runs(1), body(turn("alice", 3, vec![step_body(Some(1))]))),
        recorder.request("PUT", &step(1, 1, 2), body(step_body(None))),
        recorder.request("PATCH", &run(1, 1), body(json!({"status": "completed"}))),
        alice.request("GET", &runs(1), None),
        alice.request("GET", &run(1, 2), None),
        alice.request("GET", &format!("{}/steps", run(1, 2)), None),
        alice.request("DELETE", &run(1, 2), None),
        alice.request("DELETE", &chat(1), None),
    ];
    assert_eq!(requests.len(), guarded().count(), "every operation with a token has one request in tests/it/faults.rs");
    requests
}

/// What becomes of a request.
type Fault = fn(&Seen) -> Fate;

/// The request of an operation.
fn request(world: &World, operation: &str) -> Sent {
    requests(world).into_iter().find(|sent| sent.event().0.operation == operation).unwrap()
}

/// Sends a request that something happens to, and gives what went to the table beside the answer.
async fn spoiled(world: &World, sent: &Sent) -> (Answer, Vec<Seen>) {
    let what = format!("{} {}", sent.method, sent.path);
    let budget = Duration::from_secs(if sent.method == "GET" { 3 } else { 5 });
    world.wire.take();
    let began = Instant::now();
    let answer = world.nobody().send(sent.clone()).await;
    // A busy machine may need a moment to notice that the time is over.
    assert!(began.elapsed() < budget + Duration::from_secs(1), "{what}: {:?}", began.elapsed());
    assert!(!format!("{answer:?}").contains("canary"), "{what}: {answer:?}");
    (answer, world.wire.take())
}

fn is_success(sent: &Sent, answer: &Answer) -> bool {
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

/// The first tries of every request meet this fate.
fn first_tries(count: usize, fate: Fate) -> impl FnMut(&Seen) -> Fate + Send {
    let mut seen_before = HashMap::new();
    move |seen| {
        let times = seen_before.entry(format!("{} {}", seen.operation, seen.body)).or_insert(0);
        *times += 1;
        if *times <= count { fate.clone() } else { Fate::Pass }
    }
}

/// Codes that a retry helps against.
const PASSING: [(u16, &str); 5] = [
    (400, "ProvisionedThroughputExceededException"),
    (400, "ThrottlingException"),
    (400, "RequestLimitExceeded"),
    (500, "InternalServerError"),
    (503, "ServiceUnavailable"),
];

/// Codes that somebody has to look at.
const LASTING: [&str; 5] = [
    "AccessDeniedException",
    "ResourceNotFoundException",
    "UnrecognizedClientException",
    "ExpiredTokenException",
    "InvalidSignatureException",
];

#[tokio::test]
async fn what_passes_is_waited_for() {
    let mut fates: Vec<_> = PASSING.into_iter().map(|(status, code)| Fate::Answer(status, error(code))).collect();
    fates.extend([
        Fate::CutBefore,
        Fate::CutAfter,
        Fate::AnswerAfter(500, error("InternalServerError")),
        Fate::AnswerAfter(503, error("ServiceUnavailable")),
    ]);
    let calls = fates.into_iter().map(|fate| async move {
        let world = recorded().await;
        world.wire.rule(first_tries(2, fate.clone()));
        for sent in requests(&world) {
            let (answer, seen) = spoiled(&world, &sent).await;
            assert!(is_success(&sent, &answer), "{fate:?} on {} {}: {answer:?}", sent.method, sent.path);
            assert!(most_tries(&seen) <= 3, "{seen:?}");
            world.wire.quiet().await;
        }
    });
    join_all(calls).await;
}

#[tokio::test]
async fn what_does_not_pass_is_a_503_after_three_tries() {
    let mut fates: Vec<_> = PASSING.into_iter().map(|(status, code)| Fate::Answer(status, error(code))).collect();
    fates.push(Fate::CutBefore);
    let calls = fates.into_iter().map(|fate| async move {
        let world = recorded().await;
        for at in 0..guarded().count() {
            let world = anew(&world).await;
            let sent = &requests(&world)[at];
            let fate = fate.clone();
            world.wire.rule(move |_| fate.clone());
            let (answer, seen) = spoiled(&world, sent).await;
            answer.expect(503);
            assert_eq!(most_tries(&seen), 3, "{} {}: {seen:?}", sent.method, sent.path);
        }
    });
    join_all(calls).await;
}

#[tokio::test]
async fn what_a_retry_does_not_help_against_is_tried_once() {
    let world = recorded().await;
    let faults = LASTING.map(|code| (code, 503)).into_iter().chain([
        ("ValidationException", 500),
        ("ItemCollectionSizeLimitExceededException", 500),
        ("IdempotentParameterMismatchException", 500),
    ]);
    for (code, status) in faults {
        world.wire.rule(move |_| Fate::Answer(400, error(code)));
        for sent in requests(&world) {
            let (answer, seen) = spoiled(&world, &sent).await;
            assert_eq!(answer.status, status, "{code} on {} {}: {}", sent.method, sent.path, answer.body);
            assert_eq!(most_tries(&seen), 1, "{code} on {} {}: {seen:?}", sent.method, sent.path);
        }
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_a_503() {
    let answers = [
        (200, r#"{"Item":{"pk":{"S":"canary-message"#),
        (200, "<html>canary-message</html>"),
        (200, r#"["canary-message"]"#),
        (200, r#"{"Item":"canary-message"} trailing"#),
        (200, "\u{0}\u{1}canary-message"),
        (400, "<html>canary-message</html>"),
        (400, ""),
        (403, "canary-message"),
        (500, "<html>canary-message</html>"),
        (302, "canary-message"),
    ];
    for (status, body) in answers {
        let world = recorded().await;
        world.wire.rule(move |_| Fate::Answer(status, body.to_owned()));
        for sent in requests(&world) {
            let (answer, seen) = spoiled(&world, &sent).await;
            assert_eq!(answer.status, 503, "{status} {body} on {} {}: {}", sent.method, sent.path, answer.body);
            assert!(most_tries(&seen) <= 3, "{seen:?}");
        }
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_read_is_a_503_and_never_a_short_one() {
    let world = recorded().await;
    let pages = [
        "",
        "{}",
        "<html>canary-message</html>",
        r#"{"Items":"canary-message"}"#,
        r#"{"Items":["canary-message"]}"#,
        r#"{"Items":[{"sk":{"S":1}}]}"#,
        r#"{"Items":[{"sk":{"B":"canary-message"}}]}"#,
        r#"{"Items":[{"sk":{"S":"\ud800"}}]}"#,
        r#"{"Items":[{"sk":{"S":"canary-message"}"#,
    ];
    for page in pages {
        for operation in ["list-debug-runs", "get-debug-run", "list-debug-steps"] {
            let sent = request(&world, operation);
            let is_page = |seen: &Seen| seen.operation == "Query";
            world.wire.rule(move |seen| if is_page(seen) { Fate::Answer(200, page.to_owned()) } else { Fate::Pass });
            let (answer, _) = spoiled(&world, &sent).await;
            assert_eq!(answer.status, 503, "{page} on {operation}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn a_black_hole_is_a_503_in_the_routes_time() {
    let worlds = join_all(guarded().map(|_| recorded())).await;
    let calls = worlds.iter().enumerate().map(|(at, world)| async move {
        world.wire.rule(|_| Fate::BlackHole);
        let (answer, seen) = spoiled(world, &requests(world)[at]).await;
        answer.expect(503);
        assert!((2..=3).contains(&most_tries(&seen)), "tried again on another connection: {seen:?}");
    });
    join_all(calls).await;
}

#[tokio::test]
async fn lambdas_deadline_is_kept_when_it_is_nearer() {
    let worlds = join_all(guarded().map(|_| recorded())).await;
    let calls = worlds.iter().enumerate().map(|(at, world)| async move {
        world.wire.rule(|_| Fate::BlackHole);
        let sent = requests(world).remove(at);
        let deadline = now_millis(world) + 1_300;
        let (answer, _) = spoiled(world, &Sent { deadline, ..sent }).await;
        answer.expect(503);
        assert!(now_millis(world) < deadline, "an answer that came too late");
    });
    join_all(calls).await;
}

fn now_millis(world: &World) -> u64 {
    world.app.clock.now().millis().try_into().unwrap()
}

#[tokio::test]
async fn a_request_that_comes_too_late_is_not_begun() {
    let world = recorded().await;
    for left in [50, 300, 340] {
        for sent in requests(&world) {
            let (answer, seen) = spoiled(&world, &Sent { deadline: now_millis(&world) + left, ..sent }).await;
            answer.expect(503);
            assert!(seen.is_empty(), "{seen:?}");
        }
    }
}

#[tokio::test]
async fn a_deadline_in_the_past_is_unknown() {
    let world = recorded().await;
    for deadline in [1, now_millis(&world) - 1] {
        let sent = Sent { deadline, ..world.admin().request("GET", &gate(), None) };
        spoiled(&world, &sent).await.0.expect(200);
    }
}

#[tokio::test]
async fn a_table_that_nobody_can_be_reached_at_is_a_503() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let world = World::with(&[("AWS_ENDPOINT_URL", &format!("http://{closed}"))]).await;
    for sent in requests(&world) {
        spoiled(&world, &sent).await.0.expect(503);
    }
}

#[tokio::test]
async fn an_answer_that_drips_or_breaks_off_is_a_503() {
    for drips in [true, false] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let _asked = stream.read(&mut [0; 16 * 1024]).await;
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"Item\":").await;
                    while drips && stream.write_all(b" ").await.is_ok() {
                        tokio::time::sleep(Duration::from_millis(200)).await;
                    }
                });
            }
        });
        let world = World::with(&[("AWS_ENDPOINT_URL", &endpoint)]).await;
        spoiled(&world, &world.admin().request("GET", &gate(), None)).await.0.expect(503);
    }
}

#[tokio::test]
async fn a_storm_of_failures_is_no_storm_of_retries() {
    const CALLS: usize = 200;
    let world = World::new().await;
    world.wire.rule(|_| Fate::Answer(500, error("InternalServerError")));
    let admin = world.admin();
    let (path, _) = (gate(), world.wire.take());
    let answers = join_all((0..CALLS).map(|_| admin.get(&path))).await;
    assert!(answers.iter().all(|answer| answer.status == 503));
    let retries = world.wire.take().len() - CALLS;
    assert!(retries <= 100, "the SDK's retries are rationed: {retries}");
}

/// Writes that were applied, though nobody was told.
const UNTOLD: [fn() -> Fate; 2] = [|| Fate::AnswerAfter(500, error("InternalServerError")), || Fate::CutAfter];

#[tokio::test]
async fn a_write_that_was_applied_unheard_is_safe_to_repeat() {
    for untold in UNTOLD {
        // For ever: the caller is told 503 and repeats it. Once: the SDK repeats it unseen.
        for lasting in [true, false] {
            let world = recorded().await;
            for sent in requests(&world).into_iter().filter(|sent| sent.method != "GET") {
                let what = format!("{} {}", sent.method, sent.path);
                let mut left = if lasting { usize::MAX } else { 1 };
                world.wire.rule(move |seen| {
                    if !seen.writes() || left == 0 || seen.operation == "BatchWriteItem" {
                        return Fate::Pass;
                    }
                    left -= 1;
                    untold()
                });
                let (first, seen) = spoiled(&world, &sent).await;
                assert_eq!(first.status == 503, lasting, "{what}: {first:?}");
                assert!(most_tries(&seen) <= 3, "{what}: {seen:?}");
                world.wire.rule(|_| Fate::Pass);
                world.wire.quiet().await;
                let before = untouched(&world);
                let (again, _) = spoiled(&world, &sent).await;
                assert!(is_success(&sent, &again), "{what}: {again:?}");
                assert!(lasting || first.body == again.body, "{what}: the same answer");
                // Deleting again goes on with what was left.
                assert!(sent.method == "DELETE" || untouched(&world) == before, "{what}: one effect");
            }
        }
    }
}

/// The table, without what may differ when the same is written twice: the moment, and the write's name.
fn untouched(world: &World) -> Vec<Value> {
    let mut items = table(world);
    for item in &mut items {
        let item = item.as_object_mut().unwrap();
        item.retain(|name, _| !["updated_at", "deleted_at", "write"].contains(&&**name));
    }
    items.retain(|item| !item["sk"]["S"].as_str().unwrap().starts_with("BODY#"));
    items
}

/// Everything that stands in the table, as DynamoDB's JSON.
fn table(world: &World) -> Vec<Value> {
    let scan = serde_json::from_value(json!({"TableName": TABLE})).unwrap();
    let found = serde_json::to_value(world.engine.database().scan(scan).unwrap()).unwrap();
    let mut items = found["Items"].as_array().unwrap().clone();
    items.sort_by_key(ToString::to_string);
    items
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

fn transactions(seen: &[Seen]) -> Vec<&Seen> {
    seen.iter().filter(|seen| seen.operation == "TransactWriteItems").collect()
}

#[tokio::test]
async fn a_transaction_that_meets_another_is_tried_again_under_the_same_name() {
    for code in ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "TransactionInProgress"] {
        let world = recorded().await;
        let mut concerned = 0;
        for sent in requests(&world) {
            let mut met = 0;
            world.wire.rule(move |seen| {
                met += usize::from(seen.operation == "TransactWriteItems");
                match (&*seen.operation, met, code) {
                    ("TransactWriteItems", 1 | 2, "TransactionInProgress") => {
                        Fate::Answer(400, error("TransactionInProgressException"))
                    }
                    ("TransactWriteItems", 1 | 2, _) => busy(seen, code),
                    _ => Fate::Pass,
                }
            });
            let (answer, seen) = spoiled(&world, &sent).await;
            assert!(is_success(&sent, &answer), "{code} on {} {}: {answer:?}", sent.method, sent.path);
            if let [first, others @ ..] = &transactions(&seen)[..] {
                concerned += 1;
                assert_eq!(others.len(), 2, "{code} on {} {}", sent.method, sent.path);
                assert!(!first.body["ClientRequestToken"].is_null());
                assert!(others.iter().all(|seen| seen.body == first.body));
            }
        }
        assert!(concerned >= 5, "{concerned}");
    }
}

#[tokio::test]
async fn a_transaction_that_always_meets_another_is_a_503() {
    let world = recorded().await;
    let before = table(&world);
    let transacting =
        ["put-user-debug-logging", "put-chat-debug-logging", "create-debug-run", "put-debug-step", "delete-debug-run"];
    let calls = transacting.map(|operation| {
        let world = &world;
        async move {
            let world = anew(world).await;
            world.wire.rule(|seen| match &*seen.operation {
                "TransactWriteItems" => busy(seen, "TransactionConflict"),
                _ => Fate::Pass,
            });
            let (answer, seen) = spoiled(&world, &request(&world, operation)).await;
            answer.expect(503);
            assert_eq!(most_tries(&seen), 9, "{seen:?}");
        }
    });
    join_all(calls).await;
    assert_eq!(table(&world), before, "nothing was stored");
}

#[tokio::test]
async fn a_condition_that_fails_beside_conflicts_has_the_last_word() {
    let world = recorded().await;
    let stood = |sk: &str, name: &str, value: Value| {
        let mut item = table(&world).into_iter().find(|item| item["sk"]["S"] == *sk).unwrap();
        item[name] = value;
        item
    };
    let run_sk = format!("RUN#{}", run_id(1));
    let final_run = stood(&run_sk, "status", json!({"S": "completed"}));
    let other_run = stood(&run_sk, "digest", json!({"B": "/w=="}));
    let foreign_chat = stood("CHAT", "owner", json!({"S": "bob"}));
    let deleted_chat = stood("CHAT", "deleted", json!({"BOOL": true}));
    // The item whose condition fails, and what stood there; every other item meets another write.
    let cases = [
        ("put-debug-step", "RUN#", final_run, 409, "run-final"),
        ("put-debug-step", "RUN#", Value::Null, 404, "not-found"),
        ("create-debug-run", "GONE#", Value::Null, 404, "not-found"),
        ("create-debug-run", "RUN#", other_run, 409, "other-content"),
        ("create-debug-run", "CHAT", foreign_chat, 409, "other-owner"),
        ("create-debug-run", "CHAT", deleted_chat, 404, "not-found"),
        ("put-user-debug-logging", "DEPLOYMENT", Value::Null, 403, "gate-closed"),
        ("put-chat-debug-logging", "DEPLOYMENT", Value::Null, 403, "gate-closed"),
        ("put-chat-debug-logging", "CHAT", Value::Null, 404, "not-found"),
        ("delete-debug-run", "CHAT", Value::Null, 404, "not-found"),
    ];
    for (operation, failed, item, status, slug) in cases {
        world.wire.rule(move |seen| {
            if seen.operation != "TransactWriteItems" {
                return Fate::Pass;
            }
            cancelled(seen, |sk| {
                if !sk.starts_with(failed) {
                    return reason("TransactionConflict");
                }
                let mut reason = reason("ConditionalCheckFailed");
                if !item.is_null() {
                    reason["Item"] = item.clone();
                }
                reason
            })
        });
        let (answer, seen) = spoiled(&world, &request(&world, operation)).await;
        assert_eq!(answer.status, status, "{operation}, {failed}: {answer:?}");
        answer.problem(slug);
        assert_eq!(transactions(&seen).len(), 1, "{operation}, {failed}");
    }
}

/// Leaves keys out of a batch's answer so many times: all of them, or all but the first.
fn leaves_out(world: &World, is_part: bool, mut times: usize) -> impl FnMut(&Seen) -> Fate + Send + use<> {
    let database = world.engine.database().clone();
    move |seen| {
        if seen.operation != "BatchGetItem" || times == 0 {
            return Fate::Pass;
        }
        times -= 1;
        let mut left = seen.body["RequestItems"][TABLE]["Keys"].as_array().unwrap().clone();
        let mut found = json!([]);
        if is_part && left.len() > 1 {
            let first = json!({"RequestItems": {TABLE: {"Keys": [left.remove(0)]}}});
            let answer = database.batch_get_item(serde_json::from_value(first).unwrap()).unwrap();
            found = serde_json::to_value(answer).unwrap()["Responses"][TABLE].take();
        }
        let left = json!({TABLE: {"Keys": left, "ConsistentRead": true}});
        Fate::Answer(200, json!({"Responses": {TABLE: found}, "UnprocessedKeys": left}).to_string())
    }
}

fn asked_for(seen: &[Seen]) -> Vec<usize> {
    let batches = seen.iter().filter(|seen| seen.operation == "BatchGetItem");
    batches.map(|seen| seen.body["RequestItems"][TABLE]["Keys"].as_array().unwrap().len()).collect()
}

#[tokio::test]
async fn keys_that_a_batch_left_out_are_asked_for_again() {
    let (plain, all, part) = (recorded().await, recorded().await, recorded().await);
    for at in 0..guarded().count() {
        let (expected, seen) = spoiled(&plain, &requests(&plain)[at]).await;
        let [wanted] = asked_for(&seen)[..] else { continue };
        for (world, is_part) in [(&all, false), (&part, true)] {
            let sent = &requests(world)[at];
            let whole = if sent.method == "GET" { Some(spoiled(world, sent).await.0.body) } else { None };
            world.wire.rule(leaves_out(world, is_part, 2));
            let (answer, seen) = spoiled(world, sent).await;
            world.wire.rule(|_| Fate::Pass);
            assert_eq!(answer.status, expected.status, "{} {}", sent.method, sent.path);
            assert!(whole.is_none_or(|whole| answer.body == whole), "{} {}", sent.method, sent.path);
            let again = if is_part { [wanted, wanted - 1, wanted.saturating_sub(2).max(1)] } else { [wanted; 3] };
            assert_eq!(asked_for(&seen), again, "{} {}", sent.method, sent.path);
        }
    }
}

#[tokio::test]
async fn keys_that_a_batch_always_leaves_out_are_a_503_and_never_a_short_answer() {
    let calls = (0..guarded().count()).map(|at| async move {
        let world = recorded().await;
        let sent = requests(&world).remove(at);
        for is_part in [false, true] {
            world.wire.rule(leaves_out(&world, is_part, usize::MAX));
            let (answer, seen) = spoiled(&world, &sent).await;
            if asked_for(&seen).is_empty() {
                return false;
            }
            answer.expect(503);
            assert!(asked_for(&seen).len() <= 8, "{seen:?}");
            assert!(!seen.iter().any(Seen::writes), "nothing is stored");
        }
        true
    });
    let concerned = join_all(calls).await.into_iter().filter(|concerned| *concerned).count();
    assert_eq!(concerned, 9);
}

/// Pages that hold nothing and say that there is more, so many times for each range.
fn empty_pages(times: usize) -> impl FnMut(&Seen) -> Fate + Send {
    let mut pages = HashMap::new();
    move |seen| {
        if seen.operation != "Query" {
            return Fate::Pass;
        }
        let bounds = &seen.body["ExpressionAttributeValues"];
        let page = pages.entry(bounds.to_string()).or_insert(0);
        *page += 1;
        if *page > times {
            return Fate::Pass;
        }
        let begin = if seen.body["ScanIndexForward"] == json!(true) { ":from" } else { ":to" };
        let last = json!({"pk": bounds[":pk"], "sk": bounds[begin]});
        Fate::Answer(200, json!({"Count": 0, "ScannedCount": 9, "Items": [], "LastEvaluatedKey": last}).to_string())
    }
}

/// Every way to read a range.
fn ranges() -> [String; 4] {
    [runs(1), format!("{}?status=completed", runs(1)), run(1, 2), format!("{}/steps", run(1, 2))]
}

#[tokio::test]
async fn an_empty_page_is_not_the_end() {
    let world = recorded().await;
    let alice = world.user("alice");
    for path in ranges() {
        world.wire.rule(|_| Fate::Pass);
        let expected = alice.get(&path).await.expect(200);
        world.wire.rule(empty_pages(10));
        let (answer, _) = spoiled(&world, &alice.request("GET", &path, None)).await;
        assert_eq!(answer.expect(200).body, expected.body, "{path}");
    }
}

#[tokio::test]
async fn pages_that_never_end_are_a_503_and_never_a_short_list() {
    let world = recorded().await;
    world.wire.rule(empty_pages(usize::MAX));
    for path in ranges() {
        let deadline = now_millis(&world) + 1_000;
        let sent = Sent { deadline, ..world.user("alice").request("GET", &path, None) };
        spoiled(&world, &sent).await.0.expect(503);
    }
}

/// What is left of a chat: its sort keys.
fn left_of_chat(world: &World) -> Vec<String> {
    world.items_of(1).iter().map(|item| item["sk"]["S"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_deletion_goes_on_with_what_a_batch_left_out() {
    let world = recorded().await;
    let mut times = 2;
    world.wire.rule(move |seen| {
        if seen.operation != "BatchWriteItem" || times == 0 {
            return Fate::Pass;
        }
        times -= 1;
        Fate::Answer(200, json!({"UnprocessedItems": seen.body["RequestItems"]}).to_string())
    });
    spoiled(&world, &world.user("alice").request("DELETE", &chat(1), None)).await.0.expect(204);
    assert_eq!(left_of_chat(&world), ["CHAT"]);
}

#[tokio::test]
async fn a_deletion_that_cannot_clean_up_has_deleted_all_the_same() {
    let refused = |seen: &Seen| Fate::Answer(200, json!({"UnprocessedItems": seen.body["RequestItems"]}).to_string());
    let failed = |_: &Seen| Fate::Answer(500, error("InternalServerError"));
    let holes = |_: &Seen| Fate::BlackHole;
    let faults: [(&str, Fault); 4] =
        [("BatchWriteItem", refused), ("BatchWriteItem", failed), ("Query", failed), ("Query", holes)];
    let cases = faults.into_iter().flat_map(|fault| [(fault, chat(1)), (fault, run(1, 2))]);
    let calls = cases.map(|((operation, fault), doomed)| async move {
        let world = recorded().await;
        let alice = world.user("alice");
        world.wire.rule(move |seen| if seen.operation == operation { fault(seen) } else { Fate::Pass });
        let deadline = now_millis(&world) + 1_500;
        let delete = Sent { deadline, ..alice.request("DELETE", &doomed, None) };
        spoiled(&world, &delete).await.0.expect(202);
        assert!(now_millis(&world) < deadline);
        assert!(left_of_chat(&world).len() > 2, "{operation}: something is left");
        world.wire.rule(|_| Fate::Pass);
        alice.get(&run(1, 2)).await.expect(404);
        world.recorder().post(&runs(1), turn("alice", 2, Vec::new())).await.expect(404);
        alice.delete(&doomed).await.expect(204);
        let left = left_of_chat(&world);
        assert!(!left.iter().any(|sk| sk.starts_with(&format!("STEP#{}", run_id(2)))), "{operation}: {left:?}");
    });
    join_all(calls).await;
}

#[tokio::test]
async fn a_replaced_step_is_acknowledged_though_its_old_parts_cannot_be_emptied() {
    for fault in [Fate::BlackHole, Fate::Answer(500, error("InternalServerError"))] {
        let world = recorded().await;
        let mut large = step_body(None);
        large["metadata"] = json!({"text": "x".repeat(5_000)});
        world.recorder().put(&step(1, 1, 1), large).await.expect(200);
        let mut is_replaced = false;
        world.wire.rule(move |seen| {
            is_replaced |= seen.operation == "TransactWriteItems";
            if is_replaced && seen.operation == "PutItem" { fault.clone() } else { Fate::Pass }
        });
        let deadline = now_millis(&world) + 1_500;
        let sent = Sent { deadline, ..about_run_1(&world)["put-debug-step"].clone() };
        spoiled(&world, &sent).await.0.expect(200);
        assert!(now_millis(&world) < deadline);
        world.wire.rule(|_| Fate::Pass);
        let page = world.user("alice").get(&run(1, 1)).await.expect(200).json();
        assert_eq!(page["steps"][0]["metadata"], json!({}));
    }
}

#[tokio::test]
async fn settings_that_cannot_be_read_store_nothing() {
    let faults: [Fault; 5] = [
        |_| Fate::Answer(500, error("InternalServerError")),
        |_| Fate::Answer(400, error("ThrottlingException")),
        |_| Fate::Answer(200, "<html>canary-message</html>".to_owned()),
        |_| Fate::CutAfter,
        |_| Fate::BlackHole,
    ];
    for fault in faults {
        let world = recorded().await;
        let before = table(&world);
        world.wire.take();
        world.wire.rule(move |seen| if seen.writes() { Fate::Pass } else { fault(seen) });
        let calls = ["create-debug-run", "put-debug-step", "update-debug-run"].map(|operation| {
            let (world, sent) = (&world, request(&world, operation));
            async move { world.nobody().send(Sent { deadline: now_millis(world) + 1_500, ..sent }).await.expect(503) }
        });
        for answer in join_all(calls).await {
            assert!(!answer.body.contains("recorded") && !answer.body.contains("canary"), "{answer:?}");
        }
        assert!(!world.wire.take().iter().any(Seen::writes));
        assert_eq!(table(&world), before);
    }
}

/// Changes an item of the table behind everybody's back, and gives the item as it was. `null` takes
/// the attribute away.
fn spoil(world: &World, pk: &str, sk: &str, name: &str, value: &Value) -> Value {
    let mut items = table(world).into_iter();
    let found = items.find(|item| item["pk"]["S"] == *pk && item["sk"]["S"].as_str().unwrap().starts_with(sk));
    let item = found.unwrap_or_else(|| panic!("no item {pk} {sk}"));
    let mut spoiled = item.clone();
    spoiled.as_object_mut().unwrap().remove(name);
    if !value.is_null() {
        spoiled[name] = value.clone();
    }
    put(world, &spoiled);
    item
}

fn put(world: &World, item: &Value) {
    let put = serde_json::from_value(json!({"TableName": TABLE, "Item": item})).unwrap();
    world.engine.database().put_item(put).unwrap();
}

/// Run 1 with its steps, in every way that it is read or written, by operation.
fn about_run_1(world: &World) -> BTreeMap<&'static str, Sent> {
    let (alice, recorder) = (world.user("alice"), world.recorder());
    let body = |body: Value| Some(body.to_string().into_bytes());
    let mut all = requests(world);
    all.extend([
        recorder.request("POST", &runs(1), body(open_run("alice", 1))),
        recorder.request("PUT", &step(1, 1, 1), body(step_body(None))),
        recorder.request("PUT", &chat(1), body(json!({"owner_id": "alice"}))),
        alice.request("GET", &run(1, 1), None),
        alice.request("GET", &format!("{}/steps", run(1, 1)), None),
    ]);
    // The later ones stand.
    all.into_iter().map(|sent| (sent.event().0.operation, sent)).collect()
}

#[tokio::test]
async fn an_item_that_does_not_decode_is_an_answer_and_a_line_of_the_log_and_stores_nothing() {
    let world = recorded().await;
    let mut large = step_body(None);
    large["metadata"] = json!({"text": "x".repeat(5_000)});
    world.recorder().put(&step(1, 1, 3), large).await.expect(201);

    let chat_key = format!("CHAT#{}", chat_id(1));
    let sk = |prefix: &str, rest: &str| (&*chat_key, format!("{prefix}#{}{rest}", run_id(1)));
    let gate = || ("SETTINGS", "DEPLOYMENT".to_owned());
    let opt_in = || ("USER#alice", "SETTINGS".to_owned());
    let chat = || (&*chat_key, "CHAT".to_owned());
    let (run, step, large) = (|| sk("RUN", ""), || sk("STEP", "#00001"), || sk("STEP", "#00003"));
    let part = || sk("BODY", "#00003");
    let (text, yes) = (|| json!({"S": "canary-stored"}), || json!({"BOOL": true}));
    let number = |number: &str| json!({"N": number});
    let bytes = |base64: &str| json!({"B": base64});

    let of_gate = "get-debug-logging get-user-debug-logging get-chat-debug-logging get-debug-decision \
                   create-debug-run put-debug-step update-debug-run";
    let of_opt_in = "get-user-debug-logging get-chat-debug-logging get-debug-decision create-debug-run put-debug-step \
                     update-debug-run";
    let of_chat = "get-chat-debug-logging get-debug-decision list-debug-runs get-debug-run list-debug-steps \
                   create-debug-run put-debug-step update-debug-run";
    let of_run = "list-debug-runs get-debug-run list-debug-steps create-debug-run put-debug-step update-debug-run";
    // A list reads what it shows.
    let of_whole_run = "get-debug-run list-debug-steps create-debug-run put-debug-step update-debug-run";
    let (of_step, of_content) = ("get-debug-run list-debug-steps put-debug-step", "get-debug-run list-debug-steps");
    let spoiled = [
        (gate(), "allow_users", text(), 503, of_gate),
        (gate(), "allow_users", number("1"), 503, of_gate),
        (opt_in(), "opt_in", text(), 503, of_opt_in),
        (chat(), "owner", Value::Null, 503, of_chat),
        (chat(), "owner", number("1"), 503, of_chat),
        (chat(), "owner", json!({"S": "canary#stored"}), 503, of_chat),
        (chat(), "override", text(), 503, of_chat),
        (chat(), "override", yes(), 503, of_chat),
        (chat(), "deleted", text(), 503, of_chat),
        // Registering a chat reads no setting.
        (chat(), "owner", Value::Null, 500, "put-chat"),
        (run(), "kind", text(), 500, of_run),
        (run(), "kind", Value::Null, 500, of_run),
        (run(), "status", yes(), 500, of_run),
        (run(), "started_at", text(), 500, of_run),
        (run(), "started_at", number("1.5"), 500, of_run),
        (run(), "updated_at", number("99999999999999999999"), 500, of_run),
        (run(), "created_at", Value::Null, 500, of_whole_run),
        (run(), "digest", text(), 500, of_whole_run),
        (run(), "model", number("1"), 500, of_run),
        (run(), "root_chat_id", text(), 500, of_whole_run),
        (run(), "steps", text(), 500, of_run),
        (run(), "first_step", text(), 500, of_whole_run),
        (step(), "operation", text(), 500, of_step),
        (step(), "status", Value::Null, 500, of_step),
        (step(), "write", number("1"), 500, of_step),
        (step(), "turn", yes(), 500, of_step),
        (step(), "input_tokens", number("1e100"), 500, of_step),
        (step(), "content", text(), 500, of_step),
        (step(), "content", Value::Null, 500, of_step),
        (step(), "content", bytes("/w=="), 500, of_content),
        (step(), "content", bytes("W10="), 500, of_content),
        (step(), "content", bytes("e30="), 500, of_content),
        (step(), "content", bytes("eyJ4"), 500, of_content),
        (large(), "checksum", text(), 500, of_content),
        (large(), "parts", text(), 500, of_content),
        (large(), "parts", number("1000000000000"), 500, of_content),
        (large(), "size", Value::Null, 500, of_content),
        (part(), "content", text(), 500, of_content),
        // These may be a write that is not over yet, so they are worth another try.
        (large(), "parts", number("9"), 503, of_content),
        (large(), "size", number("1"), 503, of_content),
        (large(), "checksum", bytes("/w=="), 503, of_content),
        (part(), "content", Value::Null, 503, of_content),
        (part(), "content", bytes("/w=="), 503, of_content),
    ];
    let mut functions = Functions::of(&world);
    let requests = about_run_1(&world);
    for ((pk, sk), name, value, status, operations) in spoiled {
        let was = spoil(&world, pk, &sk, name, &value);
        let before = table(&world);
        for operation in operations.split_whitespace() {
            let answer = functions.send(&requests[operation]).await;
            assert_eq!(answer.status, status, "{name} = {value}: {operation}: {}", answer.body);
            assert!(!answer.body.contains("canary"), "{name} = {value}: {operation}: {}", answer.body);
        }
        assert_eq!(table(&world), before, "{name} = {value}");
        put(&world, &was);
    }
    for line in functions.logs().await.into_values().flatten() {
        assert_eq!(line["level"], "error", "{line}");
        assert!(!line["cause"].is_null() && line["cause"] != "panic", "{line}");
        assert!(!line.to_string().contains("canary"), "{line}");
    }
}

#[tokio::test]
async fn a_run_that_does_not_decode_is_nothing_to_others() {
    let world = recorded().await;
    let path = run(1, 1);
    spoil(&world, &format!("CHAT#{}", chat_id(1)), &format!("RUN#{}", run_id(1)), "digest", &json!({"S": "text"}));
    for path in [format!("{path}/steps"), path] {
        world.user("alice").get(&path).await.expect(500);
        world.user("mallory").get(&path).await.expect(404).problem("not-found");
    }
}

#[tokio::test]
async fn a_gate_that_cannot_be_read_is_not_a_closed_gate() {
    let world = recorded().await;
    spoil(&world, "SETTINGS", "DEPLOYMENT", "allow_users", &json!({"S": "true"}));
    let before = table(&world);
    for operation in ["put-user-debug-logging", "put-chat-debug-logging"] {
        let (answer, _) = spoiled(&world, &about_run_1(&world)[operation]).await;
        assert_eq!(answer.status, 503, "{operation}: {}", answer.body);
        assert_eq!(table(&world), before, "{operation}");
    }
    // What closes it or opens it anew, and what withdraws consent, needs no old value.
    world.user("alice").put(&opt_in(), json!({"debug_logging_enabled": false})).await.expect(204);
    world.user("alice").put(&chat_setting(1), json!({"override": "off"})).await.expect(204);
    world.admin().put(&gate(), json!({"allow_users": false})).await.expect(204);
    world.admin().get(&gate()).await.expect(200);
}

#[tokio::test]
async fn the_log_names_a_fault_by_its_code_and_quotes_nothing() {
    let world = recorded().await;
    let faults = [
        (Fate::Answer(400, error("AccessDeniedException")), 503, "AccessDeniedException"),
        (Fate::Answer(400, error("ResourceNotFoundException")), 503, "ResourceNotFoundException"),
        (Fate::Answer(500, error("InternalServerError")), 503, "InternalServerError"),
        (Fate::Answer(400, error("ValidationException")), 500, "ValidationException"),
        (Fate::Answer(400, "canary-message".to_owned()), 503, "error without code"),
        (Fate::Answer(200, "canary-message".to_owned()), 503, "error without code"),
        (Fate::CutBefore, 503, "no connection"),
    ];
    let mut functions = Functions::of(&world);
    for (fate, status, _) in faults.clone() {
        world.wire.rule(move |_| fate.clone());
        for sent in requests(&world) {
            let answer = functions.send(&sent).await.expect(status);
            assert!(!answer.body.contains("canary"), "{answer:?}");
        }
    }
    for (operation, lines) in functions.logs().await {
        for (line, (.., code)) in lines.iter().zip(&faults) {
            assert_eq!(line["level"], "error");
            assert!(line["cause"].as_str().unwrap().ends_with(&format!(": {code}")), "{operation}, {code}: {line}");
            assert!(!line.to_string().contains("canary"), "{operation}: {line}");
        }
    }
}

#[tokio::test]
async fn the_log_of_a_cancelled_transaction_quotes_nothing() {
    let world = recorded().await;
    let put = request(&world, "put-debug-step");
    let mut functions = Functions::of(&world);
    for (code, status) in
        [("TransactionConflict", 503), ("ValidationError", 500), ("ItemCollectionSizeLimitExceeded", 500)]
    {
        world.wire.rule(move |seen| match &*seen.operation {
            "TransactWriteItems" => busy(seen, code),
            _ => Fate::Pass,
        });
        functions.send(&put).await.expect(status);
    }
    for line in functions.logs().await.into_values().flatten() {
        assert!(!line["cause"].is_null() && !line.to_string().contains("canary"), "{line}");
    }
}

/// A step whose content fills so many parts.
fn of_parts(count: usize) -> Value {
    let mut step = step_body(None);
    step["owner_id"] = json!("alice");
    step["metadata"] = json!({"text": "x".repeat(count * 345_000 - 2_000)});
    step
}

/// How many parts of content stand in a chat, and how many are emptied.
fn parts_of(world: &World, n: u32) -> (usize, usize) {
    let parts = world.items_of(n).into_iter().filter(|item| item["sk"]["S"].as_str().unwrap().starts_with("BODY#"));
    let (full, empty): (Vec<_>, Vec<_>) = parts.partition(|part| part.get("content").is_some());
    assert!(empty.iter().all(|part| part.get("expires_at").is_some()));
    (full.len(), empty.len())
}

#[tokio::test]
async fn what_may_have_been_done_is_not_taken_back() {
    for code in ["TransactionInProgressException", "InternalServerError"] {
        let world = recorded().await;
        let (path, step) = (format!("{}/steps/8", run(1, 1)), of_parts(1));
        world.wire.rule(move |seen| match &*seen.operation {
            // It is done each time, and each time nobody says so.
            "TransactWriteItems" => {
                Fate::AnswerAfter(if code == "InternalServerError" { 500 } else { 400 }, error(code))
            }
            _ => Fate::Pass,
        });
        let answer = world.recorder().put(&path, &step).await.expect(503);
        assert_eq!(answer.line["left_behind"], true, "{code}");
        world.wire.rule(|_| Fate::Pass);
        let page = world.user("alice").get(&run(1, 1)).await.expect(200).json();
        let read = page["steps"].as_array().unwrap().iter().find(|step| step["step_number"] == 8).unwrap();
        assert_eq!(read["metadata"], step["metadata"], "{code}");
    }
}

#[tokio::test]
async fn a_recording_that_cannot_be_staged_takes_back_what_it_staged() {
    let world = recorded().await;
    let mut puts = 0;
    world.wire.rule(move |seen| {
        puts += usize::from(seen.operation == "PutItem");
        let is_lost = seen.operation == "PutItem" && puts > 1 && seen.body.to_string().contains("content");
        if is_lost { Fate::Answer(500, error("InternalServerError")) } else { Fate::Pass }
    });
    let answer = world.recorder().put(&format!("{}/steps/8", run(1, 1)), of_parts(3)).await.expect(503);
    assert_eq!((parts_of(&world, 1).0, answer.line.get("left_behind")), (0, None));
}

#[tokio::test]
async fn what_is_refused_takes_back_all_that_it_can_and_says_what_it_left() {
    let world = recorded().await;
    world.wire.rule(|seen| match &*seen.operation {
        "TransactWriteItems" => cancelled(seen, |_| reason("ConditionalCheckFailed")),
        "PutItem" if seen.body["Item"].get("expires_at").is_some() => {
            let is_first = seen.body["Item"]["sk"]["S"].as_str().unwrap().ends_with("#00");
            if is_first { Fate::Answer(500, error("InternalServerError")) } else { Fate::Pass }
        }
        _ => Fate::Pass,
    });
    let answer = world.recorder().put(&format!("{}/steps/8", run(1, 1)), of_parts(4)).await.expect(404);
    assert_eq!((parts_of(&world, 1), &answer.line["left_behind"]), ((1, 3), &json!(true)));
}

#[tokio::test]
async fn what_a_deadline_cuts_says_what_it_left() {
    let world = recorded().await;
    world.wire.rule(|seen| if seen.operation == "TransactWriteItems" { Fate::BlackHole } else { Fate::Pass });
    let (recorder, path) = (world.recorder(), format!("{}/steps/8", run(1, 1)));
    let sent = recorder.request("PUT", &path, Some(of_parts(1).to_string().into_bytes()));
    let answer = recorder.send(Sent { deadline: now_millis(&world) + 1_200, ..sent }).await.expect(503);
    assert_eq!((parts_of(&world, 1), &answer.line["left_behind"]), ((1, 0), &json!(true)));
}

#[tokio::test]
async fn what_nobody_knows_of_a_deleted_chat_is_taken_back() {
    let world = recorded().await;
    let beside = World::on(Arc::clone(&world.engine), Arc::clone(&world.issuer), &[]).await;
    let held = Arc::new(Notify::new());
    world.wire.rule({
        let held = Arc::clone(&held);
        move |seen| match &*seen.operation {
            "TransactWriteItems" => {
                held.notify_one();
                Fate::Answer(500, error("InternalServerError"))
            }
            _ => Fate::Pass,
        }
    });
    let (recorder, path) = (world.recorder(), format!("{}/steps/8", run(1, 1)));
    let deleted = async {
        held.notified().await;
        beside.user("alice").delete(&chat(1)).await.expect(204);
    };
    let (answer, ()) = futures_util::future::join(recorder.put(&path, of_parts(2)), deleted).await;
    answer.expect(503);
    assert_eq!(parts_of(&world, 1).0, 0);
}
