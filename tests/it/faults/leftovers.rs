//! What a deletion or a failed recording leaves behind, takes back, and says of it.

use super::*;
use futures_util::future::join_all;
use std::sync::Arc;
use tests::wire::beside_held;
use tokio::sync::Notify;

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
    let cases = faults.into_iter().flat_map(|fault| [(fault, chat(1)), (fault, run(1, 1))]);
    let calls = cases.map(|((operation, fault), doomed)| async move {
        let world = recorded().await;
        let alice = world.user("alice");
        world.wire.rule(move |seen| if seen.operation == operation { fault(seen) } else { Fate::Pass });
        let deadline = now_millis(&world) + 1_500;
        let delete = TestRequest { deadline, ..alice.request("DELETE", &doomed, None) };
        spoiled(&world, &delete).await.0.expect(202);
        assert!(now_millis(&world) < deadline);
        assert!(left_of_chat(&world).len() > 2, "{operation}: something is left");
        world.wire.rule(|_| Fate::Pass);
        alice.get(&run(1, 1)).await.expect(404);
        world.recorder().post(&runs(1), turn("alice", 1, Vec::new())).await.expect(404);
        alice.delete(&doomed).await.expect(204);
        let left = left_of_chat(&world);
        assert!(!left.iter().any(|sk| sk.starts_with(&format!("STEP#{}", run_id(1)))), "{operation}: {left:?}");
    });
    join_all(calls).await;
}

#[tokio::test]
async fn a_replaced_step_is_acknowledged_though_its_old_chunks_cannot_be_emptied() {
    for fault in [Fate::BlackHole, Fate::Answer(500, error("InternalServerError"))] {
        let world = recorded().await;
        let mut large = step_body(None);
        large["metadata"] = json!({"text": noise(1, 6_000)});
        world.recorder().put(&step(1, 1, 1), large).await.expect(200);
        let mut is_replaced = false;
        world.wire.rule(move |seen| {
            is_replaced |= seen.operation == "TransactWriteItems";
            if is_replaced && seen.operation == "PutItem" { fault.clone() } else { Fate::Pass }
        });
        let deadline = now_millis(&world) + 1_500;
        let sent = TestRequest { deadline, ..about_run_1(&world)["put-debug-step"].clone() };
        spoiled(&world, &sent).await.0.expect(200);
        assert!(now_millis(&world) < deadline);
        world.wire.rule(|_| Fate::Pass);
        let page = world.user("alice").get(&run(1, 1)).await.expect(200).json();
        assert_eq!(page["steps"][0]["metadata"], json!({}));
    }
}

/// A step whose content fills so many chunks.
fn of_chunks(count: usize) -> Value {
    let mut step = step_body(None);
    step["owner_id"] = json!("alice");
    step["metadata"] = json!({"text": noise(1, count * 345_000 - 8_000)});
    step
}

/// How many chunks of content a chat has, and how many are emptied.
fn chunks_of(world: &World, n: u32) -> (usize, usize) {
    let chunks = world.items_of(n).into_iter().filter(|item| item["sk"]["S"].as_str().unwrap().contains("#PART#"));
    let (full, empty): (Vec<_>, Vec<_>) = chunks.partition(|chunk| chunk.get("content").is_some());
    assert!(empty.iter().all(|chunk| chunk.get("expires_at").is_some()));
    (full.len(), empty.len())
}

#[tokio::test]
async fn what_may_have_been_done_is_not_taken_back() {
    for code in ["TransactionInProgressException", "InternalServerError"] {
        let world = recorded().await;
        let (path, step) = (format!("{}/steps/8", run(1, 1)), of_chunks(1));
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
    let answer = world.recorder().put(&format!("{}/steps/8", run(1, 1)), of_chunks(3)).await.expect(503);
    assert_eq!((chunks_of(&world, 1).0, answer.line.get("left_behind")), (0, None));
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
    let answer = world.recorder().put(&format!("{}/steps/8", run(1, 1)), of_chunks(4)).await.expect(404);
    assert_eq!((chunks_of(&world, 1), &answer.line["left_behind"]), ((1, 3), &json!(true)));
}

#[tokio::test]
async fn what_a_deadline_cuts_says_what_it_left() {
    let world = recorded().await;
    world.wire.rule(|seen| if seen.operation == "TransactWriteItems" { Fate::BlackHole } else { Fate::Pass });
    let (recorder, path) = (world.recorder(), format!("{}/steps/8", run(1, 1)));
    let sent = recorder.request("PUT", &path, Some(of_chunks(1).to_string().into_bytes()));
    let answer = recorder.send(TestRequest { deadline: now_millis(&world) + 1_200, ..sent }).await.expect(503);
    assert_eq!((chunks_of(&world, 1), &answer.line["left_behind"]), ((1, 0), &json!(true)));
}

#[tokio::test]
async fn what_nobody_knows_of_a_deleted_chat_is_taken_back() {
    let world = recorded().await;
    let other_world = world.beside().await;
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
    let alice = other_world.user("alice");
    let (answer, deleted) = beside_held(recorder.put(&path, of_chunks(2)), &held, alice.delete(&chat(1))).await;
    deleted.expect(204);
    answer.expect(503);
    assert_eq!(chunks_of(&world, 1).0, 0);
}

#[tokio::test]
async fn what_may_come_late_to_a_deleted_chat_stays_named() {
    let world = recorded().await;
    let other_world = world.beside().await;
    let held = Arc::new(Notify::new());
    world.wire.rule({
        let held = Arc::clone(&held);
        move |seen| {
            if seen.body["Item"]["sk"]["S"].as_str().is_some_and(|sk| sk.starts_with("CHUNK#")) {
                held.notify_one();
                return Fate::BlackHole;
            }
            Fate::Pass
        }
    });
    let mut large = step_body(Some(1));
    large["metadata"] = json!({"text": noise(1, 20_000)});
    let body = turn("alice", 3, vec![large]).to_string().into_bytes();
    let sent = world.recorder().request("POST", &runs(1), Some(body));
    let sent = TestRequest { deadline: now_millis(&world) + 1_200, ..sent };
    let (recorder, alice) = (world.recorder(), other_world.user("alice"));
    let (answer, deleted) = beside_held(recorder.send(sent), &held, alice.delete(&chat(1))).await;
    deleted.expect(204);
    assert_eq!(answer.expect(503).line["left_behind"], true);
    let intents = world.items().into_iter().filter(|item| item["pk"]["S"].as_str().unwrap().starts_with("STAGED#"));
    assert_eq!(intents.count(), 1);
}
