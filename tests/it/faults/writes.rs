//! Writes whose answer is lost, and transactions that meet others.

use super::*;
use futures_util::future::join_all;

/// Writes that were applied, though nobody was told.
const UNTOLD: [fn() -> Fate; 2] = [|| Fate::AnswerAfter(500, error("InternalServerError")), || Fate::CutAfter];

#[tokio::test]
async fn a_write_that_was_applied_unheard_is_safe_to_repeat() {
    for untold in UNTOLD {
        // For ever: the caller is told 503 and repeats it. Once: the SDK repeats it by itself.
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

/// The table, without what may differ when the same is written twice: the moment, how often, and the write's name.
fn untouched(world: &World) -> Vec<Value> {
    let mut items = world.items();
    for item in &mut items {
        let item = item.as_object_mut().unwrap();
        item.retain(|name, _| !["updated_at", "ua", "deleted_at", "revision", "write"].contains(&&**name));
    }
    items.retain(|item| !item["sk"]["S"].as_str().unwrap().starts_with("CHUNK#"));
    items
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
    let before = world.items();
    let transacting =
        ["put-user-debug-logging", "put-chat-debug-logging", "create-debug-run", "put-debug-step", "delete-debug-run"];
    let calls = transacting.map(|operation| {
        let world = &world;
        async move {
            let world = world.beside().await;
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
    assert_eq!(world.items(), before, "nothing was stored");
}

#[tokio::test]
async fn a_patch_whose_receipt_always_changes_is_a_503_that_says_so() {
    let world = recorded().await;
    let run_sk = format!("RUN#{}", run_id(1));
    let mut existing = world.items().into_iter().find(|item| item["sk"]["S"] == *run_sk).unwrap();
    existing["redaction"] = json!({"S": json!({"rules": 1, "total": 1}).to_string()});
    world.wire.rule(move |seen| match &*seen.operation {
        "TransactWriteItems" => cancelled(seen, |sk| {
            if !sk.starts_with("RUN#") {
                return json!({"Code": "None"});
            }
            let mut reason = reason("ConditionalCheckFailed");
            reason["Item"] = existing.clone();
            reason
        }),
        _ => Fate::Pass,
    });
    let patch = json!({"model": "sk-proj-Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5"}).to_string().into_bytes();
    let (answer, seen) = spoiled(&world, &world.recorder().request("PATCH", &run(1, 1), Some(patch))).await;
    assert_eq!(answer.expect(503).line["cause"], "receipt contended");
    assert_eq!(transactions(&seen).len(), 9);
}

#[tokio::test]
async fn a_stranger_never_waits_for_who_writes_to_a_chat() {
    let world = recorded().await;
    // Whoever wrote to it would meet another's write.
    world.wire.rule(|seen| match &*seen.operation {
        "TransactWriteItems" => cancelled(seen, |_| reason("TransactionConflict")),
        _ => Fate::Pass,
    });
    let stranger = world.user("mallory");
    for operation in ["put-chat-debug-logging", "delete-chat", "delete-debug-run"] {
        let TestRequest { method, path, body, .. } = request(&world, operation);
        let (answer, seen) = spoiled(&world, &stranger.request(method, &path, body)).await;
        answer.expect(404);
        assert!(transactions(&seen).is_empty(), "{operation}: {seen:?}");
    }
}

#[tokio::test]
async fn a_condition_that_fails_beside_conflicts_has_the_last_word() {
    let world = recorded().await;
    let existing = |sk: &str, name: &str, value: Value| {
        let mut item = world.items().into_iter().find(|item| item["sk"]["S"] == *sk).unwrap();
        item[name] = value;
        item
    };
    let run_sk = format!("RUN#{}", run_id(1));
    let final_run = existing(&run_sk, "status", json!({"S": "completed"}));
    let other_run = existing(&run_sk, "digest", json!({"B": "/w=="}));
    let foreign_chat = existing("CHAT", "owner", json!({"S": "bob"}));
    let deleted_chat = existing("CHAT", "deleted", json!({"BOOL": true}));
    let tombstone = json!({"pk": {"S": "CHAT#1"}, "sk": {"S": "TURN#1"}, "deleted_at": {"N": "1"}});
    // The item whose condition fails, and what exists there; every other item meets another write.
    let cases = [
        ("put-debug-step", "RUN#", final_run, 409, "run-final"),
        ("put-debug-step", "RUN#", Value::Null, 404, "not-found"),
        ("create-debug-run", "TURN#", tombstone, 404, "not-found"),
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
