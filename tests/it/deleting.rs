//! What was deleted never comes back.

use serde_json::{Value, json};
use tests::{wire::Interleaving, world::*};

async fn recorded() -> World {
    let world = World::with(&[("METRICS_NAMESPACE", "chat-debug")]).await;
    world.consent("alice").await;
    let mut large = step_body(None);
    large["metadata"] = json!({"text": noise(1, 1_000_000)});
    for n in [1, 2] {
        world.recorder().post(&runs(1), open_run("alice", n)).await.expect(201);
        world.recorder().put(&step(1, n, 1), &large).await.expect(201);
        world.recorder().put(&step(1, n, 2), step_body(None)).await.expect(201);
    }
    world
}

/// Every way back for a run, and what it is told.
async fn assert_closed(world: &World) {
    let (alice, recorder) = (world.user("alice"), world.recorder());
    for answer in [
        alice.get(&run(1, 1)).await,
        alice.get(&format!("{}/steps", run(1, 1))).await,
        recorder.post(&runs(1), open_run("alice", 1)).await,
        recorder.post(&runs(1), turn("alice", 1, vec![step_body(Some(9))])).await,
        recorder.put(&step(1, 1, 1), step_body(None)).await,
        recorder.put(&step(1, 1, 9), "no JSON").await,
        recorder.patch(&run(1, 1), json!({"status": "completed"})).await,
    ] {
        answer.expect(404).problem("not-found");
    }
}

#[tokio::test]
async fn a_deleted_run_is_gone_for_everybody_and_for_ever() {
    let world = recorded().await;
    world.user("alice").delete(&run(1, 1)).await.expect(204);
    assert_closed(&world).await;
    let listed = world.user("alice").get(&runs(1)).await.expect(200).json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    let other = world.user("alice").get(&run(1, 2)).await.expect(200).json();
    assert_eq!(other["steps"].as_array().map(Vec::len), Some(2), "the other run is whole");
    let of_run: Vec<Value> =
        world.items().into_iter().filter(|item| item["sk"].to_string().contains(&run_id(1))).collect();
    assert_eq!(of_run.len(), 1, "nothing is left but its tombstone");
    assert!(of_run[0]["sk"]["S"].as_str().unwrap().starts_with("TURN#"));
}

#[tokio::test]
async fn a_delete_can_be_repeated_by_the_owner_alone() {
    let world = recorded().await;
    world.user("mallory").delete(&run(1, 1)).await.expect(404);
    world.admin().delete(&run(1, 1)).await.expect(404);
    world.user("alice").delete(&run(1, 77)).await.expect(404);
    for _ in 0..2 {
        world.user("alice").delete(&run(1, 1)).await.expect(204);
        world.user("mallory").delete(&run(1, 1)).await.expect(404);
    }
    for _ in 0..2 {
        world.user("alice").delete(&chat(1)).await.expect(204);
        world.user("mallory").delete(&chat(1)).await.expect(404);
    }
    world.user("alice").delete(&run(1, 2)).await.expect(404);
}

#[tokio::test]
async fn a_deleted_chat_is_gone_with_everything_about_it() {
    let world = recorded().await;
    world.user("alice").delete(&run(1, 2)).await.expect(204);
    world.user("alice").delete(&chat(1)).await.expect(204);
    assert_closed(&world).await;
    let (alice, recorder) = (world.user("alice"), world.recorder());
    for answer in [
        alice.get(&runs(1)).await,
        alice.get(&chat_setting(1)).await,
        alice.put(&chat_setting(1), json!({"override": "off"})).await,
        recorder.get(&debug_decision(1, "alice")).await,
        recorder.get(&debug_decision(1, "mallory")).await,
        recorder.get(&format!("{}/debug/decision", chat(1))).await,
        recorder.put(&chat(1), json!({"owner_id": "alice"})).await,
        recorder.put(&chat(1), json!({"owner_id": "mallory"})).await,
        recorder.put(&chat(1), "no JSON").await,
        recorder.post(&runs(1), open_run("mallory", 5)).await,
        recorder.post(&runs(1), "no JSON").await,
    ] {
        answer.expect(404).problem("not-found");
    }
    assert_eq!(world.kinds(1), ["CHAT"], "nothing is left but its tombstone");
}

#[tokio::test]
async fn a_repeated_delete_goes_on_where_the_first_one_ended() {
    let world = recorded().await;
    world.wire.rule(|seen| match &*seen.operation {
        "BatchWriteItem" => tests::wire::Fate::Answer(500, tests::wire::error("InternalServerError")),
        _ => tests::wire::Fate::Pass,
    });
    let answer = world.user("alice").delete(&run(1, 1)).await.expect(202);
    assert_eq!((answer.json(), &answer.line["LeftBehind"]), (json!({"complete": false}), &json!(1)));
    assert_closed(&world).await;
    assert!(world.kinds(1).contains(&"CHUNK".to_owned()));
    world.wire.rule(|_| tests::wire::Fate::Pass);
    world.user("alice").delete(&run(1, 1)).await.expect(204);
    let left = world.items().into_iter().filter(|item| item["sk"].to_string().contains(&run_id(1))).count();
    assert_eq!(left, 1);
}

/// A write that is about run 1 of a chat.
struct Write {
    name: &'static str,
    /// Whether run 1 has to be there, open and with a step.
    on_a_run: bool,
    method: &'static str,
    path: fn(u32) -> String,
    body: fn() -> Value,
}

fn body_of(metadata: usize, number: Option<u32>) -> Value {
    let mut step = step_body(number);
    step["metadata"] = json!({"text": noise(1, metadata)});
    if number.is_none() {
        step["owner_id"] = json!("alice");
    }
    step
}

const WRITES: [Write; 12] = [
    Write { name: "a chat", on_a_run: false, method: "PUT", path: chat, body: || json!({"owner_id": "alice"}) },
    Write { name: "a run", on_a_run: false, method: "POST", path: runs, body: || open_run("alice", 1) },
    Write {
        name: "a turn",
        on_a_run: false,
        method: "POST",
        path: runs,
        body: || turn("alice", 1, vec![step_body(Some(2))]),
    },
    Write {
        name: "a turn that is put before its run",
        on_a_run: false,
        method: "POST",
        path: runs,
        body: || turn("alice", 1, vec![body_of(6_000, Some(1)), step_body(Some(2))]),
    },
    Write {
        name: "a turn with chunks",
        on_a_run: false,
        method: "POST",
        path: runs,
        body: || turn("alice", 1, vec![body_of(350_000, Some(1)), step_body(Some(2))]),
    },
    Write {
        name: "more steps than a transaction takes",
        on_a_run: false,
        method: "POST",
        path: runs,
        body: || open_turn("alice", 1, (1..=46).map(|number| step_body(Some(number))).collect()),
    },
    Write {
        name: "an override",
        on_a_run: false,
        method: "PUT",
        path: chat_setting,
        body: || json!({"override": "on"}),
    },
    Write { name: "the same run again", on_a_run: true, method: "POST", path: runs, body: || open_run("alice", 1) },
    Write { name: "a step", on_a_run: true, method: "PUT", path: |n| step(n, 1, 7), body: || body_of(9, None) },
    Write {
        name: "a step with chunks",
        on_a_run: true,
        method: "PUT",
        path: |n| step(n, 1, 7),
        body: || body_of(6_000, None),
    },
    Write {
        name: "a step in place of another",
        on_a_run: true,
        method: "PUT",
        path: |n| step(n, 1, 1),
        body: || body_of(7_000, None),
    },
    Write {
        name: "a patch",
        on_a_run: true,
        method: "PATCH",
        path: |n| run(n, 1),
        body: || json!({"owner_id": "alice", "status": "completed", "summary": {"first_message": "Hello"}}),
    },
];

/// Every order of so many turns of two: 0 for the write, 1 for the deletion.
fn orders(of_write: usize, of_deletion: usize) -> Vec<Vec<usize>> {
    if of_write == 0 || of_deletion == 0 {
        return vec![[vec![0; of_write], vec![1; of_deletion]].concat()];
    }
    let begin = |first, rest: Vec<Vec<usize>>| rest.into_iter().map(move |order| [vec![first], order].concat());
    begin(0, orders(of_write - 1, of_deletion)).chain(begin(1, orders(of_write, of_deletion - 1))).collect()
}

/// What is left of a chat, or of its run 1, that does not belong there after a deletion.
fn left_of(world: &World, n: u32, is_chat: bool) -> Vec<Value> {
    let is_fine = |item: &Value| {
        let sk = item["sk"]["S"].as_str().unwrap();
        let names: Vec<_> = item.as_object().unwrap().keys().map(String::as_str).collect();
        let is_emptied = names == ["expires_at", "pk", "sk"];
        let is_mark = if is_chat { sk == "CHAT" && item["deleted"]["BOOL"] == true } else { sk.starts_with("TURN#") };
        is_emptied || is_mark || (!is_chat && !sk.contains(&run_id(1)))
    };
    world.items_of(n).into_iter().filter(|item| !is_fine(item)).collect()
}

/// Runs a deletion beside every write, with every order of their calls.
async fn assert_nothing_stays(is_chat: bool) {
    let world = World::recording("alice").await;
    let other = world.beside().await;
    let (alice, owner, recorder) = (other.user("alice"), world.user("alice"), world.recorder());
    // The calls that each makes at most, in turn: a refused write empties what it staged. A deletion's first read finds
    // what never changes, so that its place makes no difference: it takes no turn of its own.
    let mut orders = orders(4, if is_chat { 3 } else { 5 });
    for order in &mut orders {
        let first = order.iter().position(|who| *who == 1).unwrap();
        order.insert(first, 1);
    }
    let cases = WRITES.iter().filter(|write| is_chat || write.on_a_run);
    for (n, (write, order)) in (1..).zip(cases.flat_map(|write| orders.iter().map(move |order| (write, order)))) {
        recorder.put(&chat(n), json!({"owner_id": "alice"})).await.expect(201);
        if write.on_a_run {
            recorder.post(&runs(n), open_run("alice", 1)).await.expect(201);
            recorder.put(&step(n, 1, 1), body_of(5_000, None)).await.expect(201);
        }
        let turns = Interleaving::new(order.clone());
        world.wire.interleave(&turns, 0);
        other.wire.interleave(&turns, 1);
        let written = async {
            let body = (write.body)().to_string().into_bytes();
            let path = (write.path)(n);
            let who = if path == chat_setting(n) { &owner } else { &recorder };
            let answer = who.send(who.request(write.method, &path, Some(body))).await;
            turns.give_up(0);
            answer
        };
        let gone = async {
            let answer = alice.delete(&if is_chat { chat(n) } else { run(n, 1) }).await;
            turns.give_up(1);
            answer
        };
        let (written, gone) = futures_util::future::join(written, gone).await;
        let what = format!("{} beside a deletion, in the order {order:?}", write.name);
        gone.expect(204);
        assert!(matches!(written.status, 200 | 201 | 204 | 404), "{what}: {written:?}");
        assert_eq!(left_of(&world, n, is_chat), Vec::<Value>::new(), "{what}");
        world.user("alice").get(&run(n, 1)).await.expect(404);
    }
    let listed = world.user("alice").get(&chats()).await.expect(200).json();
    assert_eq!(listed == json!([]), is_chat, "{listed}");
}

#[tokio::test]
async fn nothing_that_is_written_beside_a_chats_deletion_stays() {
    assert_nothing_stays(true).await;
}

#[tokio::test]
async fn nothing_that_is_written_beside_a_runs_deletion_stays() {
    assert_nothing_stays(false).await;
}
