//! Content too large for one item is stored in several, visible only when whole: a process is killed
//! at each of its requests to DynamoDB, before the request is applied and after, and then we read.

use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tests::{
    runtime::{Binary, variables},
    wire::{DEATHS, Fate, Wire, beside_held, error},
    world::*,
};
use tokio::sync::Notify;

/// Sends a request to a process of its own, which dies at its k-th request to DynamoDB; says whether
/// it came that far.
async fn dies(world: &World, sent: &TestRequest, k: usize, death: &Fate) -> bool {
    let wire = Wire::to(world.engine.endpoint()).await;
    let mut function = Binary::spawn(sent.event().0.operation, &variables(world, wire.endpoint())).await;
    wire.die_at(k, death, function.killer());
    let answer = function.send(sent).await;
    wire.quiet().await;
    wire.assert_allowed();
    match answer {
        Ok(answer) => {
            assert!(answer.status < 300, "{answer:?}");
            false
        }
        Err(_) => true,
    }
}

/// Sends a request to a fresh process that nothing happens to.
async fn again(world: &World, sent: &TestRequest) -> TestResponse {
    Binary::spawn(sent.event().0.operation, &variables(world, world.engine.endpoint())).await.send(sent).await.unwrap()
}

fn by_recorder(world: &World, method: &'static str, path: &str, body: &Value) -> TestRequest {
    world.recorder().request(method, path, Some(body.to_string().into_bytes()))
}

/// A step of which so many bytes are stored, all of which tell which version it is.
fn large(version: &str, bytes: usize) -> Value {
    let mut step = step_body(None);
    step["normalized_request"] = json!({"text": noise(version.len() as u64, bytes)});
    step["metadata"] = json!({"version": version});
    step["usage"] = json!({"input_tokens": version.len(), "output_tokens": 2});
    step
}

/// Two chunks.
const TWO_CHUNKS: usize = 400_000;
/// Three, and more than one page of a query.
const THREE_CHUNKS: usize = 1_030_000;

/// Whether a step is read back just as it was sent; its owner is nothing to read back.
fn is_whole(page: &Value, number: u64, sent: &Value) -> bool {
    let mut steps = page["steps"].as_array().unwrap().iter();
    let Some(read) = steps.find(|step| step["step_number"] == json!(number)) else { return false };
    sent.as_object().unwrap().iter().all(|(name, value)| name == "owner_id" || read[name] == *value)
}

/// Whether a free-form object is read back byte for byte.
fn is_verbatim(detail: &TestResponse, sent: &Value) -> bool {
    detail.body.contains(&sent["normalized_request"].to_string())
}

fn numbers(page: &Value) -> Vec<u64> {
    page["steps"].as_array().unwrap().iter().map(|step| step["step_number"].as_u64().unwrap()).collect()
}

/// Fails unless a run's totals, as they are in the table, equal a recount of its page.
fn assert_recounted(world: &World, page: &Value) {
    assert!(page.get("steps_complete").is_none(), "the page holds the whole run");
    let text = |name: &str| page[name].as_str().unwrap();
    let run = world.item(&format!("CHAT#{}", text("chat_id")), &format!("RUN#{}", text("id")));
    let total = |name: &str| run[name]["N"].as_str().map_or(0, |total| total.parse().unwrap());
    let steps = page["steps"].as_array().unwrap();
    let sum = |name: &str| steps.iter().map(|step| step["usage"][name].as_u64().unwrap()).sum::<u64>();
    assert_eq!(total("steps"), steps.len() as u64);
    for (name, stored) in [("input_tokens", "it"), ("output_tokens", "ot")] {
        assert_eq!(total(stored), sum(name), "{name}");
    }
    if page["status"] == "completed" {
        assert_eq!(page["summary"]["step_count"], steps.len());
        assert_eq!(page["summary"]["total_input_tokens"], sum("input_tokens"));
    }
}

/// Kills a put of step 1 at every point, on a run of its own each time.
async fn kill_a_put(old: Option<&Value>, new: &Value) {
    let world = World::recording("alice").await;
    let (alice, recorder) = (world.user("alice"), world.recorder());
    let mut n = 0;
    for death in &DEATHS {
        for k in 1.. {
            n += 1;
            recorder.post(&runs(1), open_run("alice", n)).await.expect(201);
            recorder.put(&step(1, n, 2), step_body(None)).await.expect(201);
            if let Some(old) = old {
                recorder.put(&step(1, n, 1), old).await.expect(201);
            }
            let put = by_recorder(&world, "PUT", &step(1, n, 1), new);
            let died = dies(&world, &put, k, death).await;

            let page = alice.get(&run(1, n)).await.expect(200).json();
            assert_recounted(&world, &page);
            let is_new = is_whole(&page, 1, new);
            let is_old = old.map_or_else(|| numbers(&page) == [2], |old| is_whole(&page, 1, old));
            assert!(is_old != is_new, "{death:?} request {k}: neither as it was nor as it was sent");

            let retried = again(&world, &put).await;
            let created = old.is_none() && is_old;
            assert_eq!(retried.status, if created { 201 } else { 200 }, "{death:?} request {k}: {retried:?}");
            let detail = alice.get(&run(1, n)).await.expect(200);
            let page = detail.json();
            assert!(is_whole(&page, 1, new) && is_verbatim(&detail, new), "{death:?} request {k}");
            assert!(is_whole(&page, 2, &step_body(None)), "{death:?} request {k}");
            assert_recounted(&world, &page);
            if !died {
                assert!(k > 5, "several chunks are more than {k} requests");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_new_step_is_wholly_there_or_not_at_all() {
    kill_a_put(None, &large("new", THREE_CHUNKS)).await;
}

#[tokio::test]
async fn a_replaced_step_is_wholly_the_old_or_wholly_the_new() {
    let mut new = large("new", TWO_CHUNKS);
    new["owner_id"] = json!("alice");
    kill_a_put(Some(&large("older", TWO_CHUNKS)), &new).await;
}

/// 97 steps, the first of which takes so many bytes.
fn steps_of(bytes: usize) -> Vec<Value> {
    let mut first = large("first", bytes);
    first["step_number"] = json!(1);
    [first].into_iter().chain((2..=97).map(|number| step_body(Some(number)))).collect()
}

/// A turn that goes on, of more heads than one transaction holds, and one step of several chunks among them.
fn open_turn_of_heads(n: u32) -> Value {
    open_turn("alice", n, steps_of(TWO_CHUNKS))
}

#[tokio::test]
async fn a_turn_of_many_heads_is_absent_or_complete() {
    kill_a_post(open_turn_of_heads, 5).await;
}

#[tokio::test]
async fn a_turn_within_its_transaction_is_absent_or_complete() {
    kill_a_post(|n| turn("alice", n, steps_of(500)), 2).await;
}

#[tokio::test]
async fn a_turn_that_is_put_before_its_run_is_absent_or_complete() {
    kill_a_post(|n| turn("alice", n, steps_of(60_000)), 3).await;
}

#[tokio::test]
async fn a_turn_of_chunks_is_absent_or_complete() {
    kill_a_post(|n| turn("alice", n, steps_of(TWO_CHUNKS)), 4).await;
}

/// Kills a post at every point, which are at least so many.
async fn kill_a_post(posted: fn(u32) -> Value, least: usize) {
    let world = World::recording("alice").await;
    let alice = world.user("alice");
    let mut n = 0;
    for death in &DEATHS {
        for k in 1.. {
            // A chat of its own each time, so that its registration is part of it.
            n += 1;
            let body = posted(n);
            let post = by_recorder(&world, "POST", &runs(n), &body);
            let died = dies(&world, &post, k, death).await;

            // The chat may be registered already; the run comes with the last write.
            let list = alice.get(&runs(n)).await;
            let listed = if list.status == 404 { json!([]) } else { list.expect(200).json() };
            let is_there = listed != json!([]);
            let status = if is_there { 200 } else { 404 };
            assert_eq!(alice.get(&run(n, n)).await.status, status, "{death:?} request {k}");
            assert!(listed.as_array().unwrap().len() <= 1);

            let retried = again(&world, &post).await;
            assert_eq!(retried.status, if is_there { 200 } else { 201 }, "{death:?} request {k}: {retried:?}");
            assert!(!is_there || retried.json()["run"] == listed[0], "{death:?} request {k}: the same answer");
            let detail = alice.get(&run(n, n)).await.expect(200);
            let page = detail.json();
            assert!(numbers(&page).into_iter().eq(1..=97), "{death:?} request {k}");
            assert_recounted(&world, &page);
            let steps = body["steps"].as_array().unwrap();
            assert!(steps.iter().zip(1..).all(|(step, number)| is_whole(&page, number, step)), "{death:?} {k}");
            assert!(is_verbatim(&detail, &steps[0]));
            if !died {
                assert!(is_there && k > least, "a post is more than {k} requests");
                break;
            }
        }
    }
}

/// Posts a run to chat 1 whose last write fails, that of the run.
pub(crate) async fn break_off(world: &World, body: Value) {
    world.wire.rule(|seen| {
        let is_of_run = seen.body.to_string().contains("\"digest\"");
        if is_of_run { Fate::Answer(400, error("AccessDeniedException")) } else { Fate::Pass }
    });
    world.recorder().post(&runs(1), body).await.expect(503);
    world.wire.rule(|_| Fate::Pass);
}

/// Breaks off a post of a turn that goes on: its chunks and its first heads are left behind.
async fn post_that_breaks_off(world: &World) {
    break_off(world, open_turn_of_heads(1)).await;
    let left = world.item(&format!("CHAT#{}", chat_id(1)), &format!("STEP#{}#00003", run_id(1)));
    assert_eq!(left["status"]["S"], "completed", "a head was left behind");
}

#[tokio::test]
async fn what_a_broken_post_left_behind_is_no_part_of_the_next_one() {
    let world = World::recording("alice").await;
    post_that_breaks_off(&world).await;
    assert_eq!(world.user("alice").get(&runs(1)).await.expect(200).body, "[]");
    let other = open_turn("alice", 1, vec![step_body(Some(2)), step_body(Some(99))]);
    world.recorder().post(&runs(1), &other).await.expect(201);
    let page = world.user("alice").get(&run(1, 1)).await.expect(200).json();
    assert_eq!(numbers(&page), [2, 99]);
    assert_recounted(&world, &page);
}

#[tokio::test]
async fn what_a_broken_post_left_behind_goes_with_its_chat() {
    let world = World::recording("alice").await;
    post_that_breaks_off(&world).await;
    world.user("alice").delete(&chat(1)).await.expect(204);
    assert_eq!(world.kinds(1), ["CHAT"]);
}

#[tokio::test]
async fn a_step_is_created_where_a_broken_post_left_one_behind() {
    let world = World::recording("alice").await;
    post_that_breaks_off(&world).await;
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    for (number, status) in [(1, 201), (3, 201), (3, 200)] {
        world.recorder().put(&step(1, 1, number), step_body(None)).await.expect(status);
    }
    world.recorder().patch(&run(1, 1), json!({"status": "completed"})).await.expect(200);
    let page = world.user("alice").get(&run(1, 1)).await.expect(200).json();
    assert_eq!(numbers(&page), [1, 3]);
    assert_recounted(&world, &page);
}

/// A post whose writes are held up while another post of the same run is done, as when a recorder gives
/// up waiting and tries again.
async fn post_beside_a_slow_one(slow: &Value, quick: &Value) -> (TestResponse, World) {
    let world = World::recording("alice").await;
    let other_world = world.beside().await;
    let (held, released) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    other_world.wire.rule({
        let (held, released) = (Arc::clone(&held), Arc::clone(&released));
        move |seen| match &*seen.operation {
            "PutItem" if !released.load(Ordering::SeqCst) => {
                held.notify_one();
                Fate::BlackHole
            }
            _ => Fate::Pass,
        }
    });
    let path = runs(1);
    let quick = async {
        world.recorder().post(&path, quick).await.expect(201);
        released.store(true, Ordering::SeqCst);
    };
    let recorder = other_world.recorder();
    let (answer, ()) = beside_held(recorder.post(&path, slow), &held, quick).await;
    (answer, world)
}

#[tokio::test]
async fn a_slow_post_takes_no_step_from_the_same_post_that_was_quicker() {
    for body in [open_turn_of_heads(1), turn("alice", 1, steps_of(60_000)), turn("alice", 1, steps_of(TWO_CHUNKS))] {
        let (answer, world) = post_beside_a_slow_one(&body, &body).await;
        answer.expect(200);
        let page = world.user("alice").get(&run(1, 1)).await.expect(200).json();
        assert!(numbers(&page).into_iter().eq(1..=97), "steps that were acknowledged are gone: {:?}", numbers(&page));
        assert_recounted(&world, &page);
    }
}

#[tokio::test]
async fn a_slow_post_leaves_the_bytes_of_the_same_post_that_was_quicker() {
    // What is packed tells when it was posted, so that it differs, mostly in length too.
    let mut step = step_body(Some(1));
    step["metadata"] = json!({"squares": (0..8_000_u64).map(|n| n * n).collect::<Vec<_>>()});
    let body = turn("alice", 1, vec![step]);
    for _ in 0..4 {
        let (answer, world) = post_beside_a_slow_one(&body, &body).await;
        answer.expect(200);
        let page = world.user("alice").get(&run(1, 1)).await.expect(200).json();
        assert!(is_whole(&page, 1, &body["steps"][0]));
    }
}

#[tokio::test]
async fn a_turn_is_recorded_where_another_that_broke_off_left_its_content() {
    let world = World::recording("alice").await;
    world.wire.rule(|seen| match &*seen.operation {
        "TransactWriteItems" => Fate::Answer(500, error("InternalServerError")),
        _ => Fate::Pass,
    });
    world.recorder().post(&runs(1), turn("alice", 1, steps_of(60_000))).await.expect(503);
    world.wire.rule(|_| Fate::Pass);
    let mut other = turn("alice", 1, steps_of(60_000));
    other["model"] = json!("another");
    world.recorder().post(&runs(1), &other).await.expect(201);
    let page = world.user("alice").get(&run(1, 1)).await.expect(200).json();
    assert!(is_whole(&page, 1, &other["steps"][0]));
    assert_recounted(&world, &page);
}

#[tokio::test]
async fn a_slow_post_takes_no_step_from_another_post_that_was_quicker() {
    for body in [open_turn_of_heads(1), turn("alice", 1, steps_of(60_000)), turn("alice", 1, steps_of(TWO_CHUNKS))] {
        let mut other = body.clone();
        other["model"] = json!("another");
        let (answer, world) = post_beside_a_slow_one(&other, &body).await;
        answer.expect(409).problem("other-content");
        let page = world.user("alice").get(&run(1, 1)).await.expect(200).json();
        assert!(numbers(&page).into_iter().eq(1..=97), "steps that were acknowledged are gone: {:?}", numbers(&page));
        assert_recounted(&world, &page);
    }
}

#[tokio::test]
async fn a_deletion_that_is_killed_leaves_all_or_nothing_to_be_seen_and_again_it_is_done() {
    let world = World::recording("alice").await;
    let (alice, recorder) = (world.user("alice"), world.recorder());
    let paths: [fn(u32) -> String; 2] = [chat, |n| run(n, n)];
    let mut n = 0;
    for (path, death) in paths.into_iter().flat_map(|path| DEATHS.iter().map(move |death| (path, death))) {
        for k in 1.. {
            n += 1;
            recorder.post(&runs(n), open_run("alice", n)).await.expect(201);
            recorder.put(&step(n, n, 1), large("old", 5_000)).await.expect(201);
            let delete = alice.request("DELETE", &path(n), None);
            recorder.post(&runs(n), turn("alice", n + 1_000, steps_of(TWO_CHUNKS))).await.expect(201);
            let died = dies(&world, &delete, k, death).await;
            let detail = alice.get(&run(n, n)).await;
            if detail.status == 200 {
                assert!(is_whole(&detail.json(), 1, &large("old", 5_000)), "{death:?} request {k}");
            } else {
                detail.expect(404);
            }
            again(&world, &delete).await.expect(204);
            alice.get(&run(n, n)).await.expect(404);
            recorder.put(&step(n, n, 1), step_body(None)).await.expect(404);
            let left = world.items_of(n);
            // The other run's item, its turn and two chunks, unless the chat is deleted.
            let others = if path(n) == chat(n) { 0 } else { 4 };
            assert!(left.len() <= 2 + others, "only tombstones are left: {left:?}");
            if !died {
                assert!(k > 3, "a deletion is more than {k} requests");
                break;
            }
        }
    }
}
