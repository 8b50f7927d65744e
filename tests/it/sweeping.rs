//! Nothing is left for ever: what was stored for a write that was never confirmed is gone an hour and a sweep later,
//! and nothing that was confirmed goes with it.

use crate::crash::break_off;
use futures_util::{StreamExt, future::join, stream};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use tests::{
    wire::{DEATHS, Fate, Interleaving, Seen},
    world::*,
};

const OLD: Duration = Duration::from_mins(61);

/// A step whose recorder names the owner, which saves it a call.
fn of_alice(mut step: Value) -> Value {
    step["owner_id"] = json!("alice");
    step
}

/// More than a transaction is worth, and less than a chunk.
const STAGED: usize = 20_000;
/// Two chunks.
const CHUNKED: usize = 400_000;

/// A method, a path of the n-th chat, and a body.
type Sent = (&'static str, fn(u32) -> String, Value);

/// A write about run 1 of a chat.
struct Write {
    name: &'static str,
    method: &'static str,
    path: fn(u32) -> String,
    body: fn() -> Value,
    /// What was recorded before.
    before: fn() -> Vec<Sent>,
}

fn nothing() -> Vec<Sent> {
    Vec::new()
}

fn open() -> Vec<Sent> {
    vec![("POST", runs, open_run("alice", 1))]
}

const WRITES: [Write; 6] = [
    Write {
        name: "a turn that is put before its run",
        method: "POST",
        path: runs,
        body: || turn("alice", 1, vec![stored_step(Some(1), 1, STAGED)]),
        before: nothing,
    },
    Write {
        name: "a turn in chunks",
        method: "POST",
        path: runs,
        body: || turn("alice", 1, vec![stored_step(Some(1), 1, CHUNKED), stored_step(Some(2), 2, STAGED)]),
        before: nothing,
    },
    Write {
        name: "an open run of more steps than a transaction takes",
        method: "POST",
        path: runs,
        body: || {
            let mut body = open_run("alice", 1);
            let small = (2..=60).map(|number| step_body(Some(number)));
            body["steps"] = [stored_step(Some(1), 1, STAGED)].into_iter().chain(small).collect();
            body
        },
        before: nothing,
    },
    Write {
        name: "a step in chunks",
        method: "PUT",
        path: |n| step(n, 1, 1),
        body: || stored_step(None, 1, CHUNKED),
        before: open,
    },
    Write {
        name: "a step in chunks in place of another",
        method: "PUT",
        path: |n| step(n, 1, 1),
        body: || stored_step(None, 1, CHUNKED),
        before: || [open(), vec![("PUT", |n| step(n, 1, 1), stored_step(None, 2, CHUNKED))]].concat(),
    },
    Write {
        name: "a small step in place of one in chunks",
        method: "PUT",
        path: |n| step(n, 1, 1),
        body: || step_body(None),
        before: || [open(), vec![("PUT", |n| step(n, 1, 1), stored_step(None, 2, CHUNKED))]].concat(),
    },
];

impl Write {
    async fn prepare(&self, world: &World, n: u32) -> TestRequest {
        let recorder = world.recorder();
        for (method, path, body) in (self.before)() {
            let body = Some(body.to_string().into_bytes());
            let answer = recorder.send(recorder.request(method, &path(n), body)).await;
            assert_eq!(answer.status, 201, "{answer:?}");
        }
        recorder.request(self.method, &(self.path)(n), Some((self.body)().to_string().into_bytes()))
    }
}

fn text<'i>(item: &'i Value, name: &str) -> &'i str {
    item[name]["S"].as_str().unwrap_or_default()
}

/// The keys of a chat's items, and of intents, that nothing names. What was emptied waits for the table's TTL.
pub(crate) fn unnamed(world: &World, n: u32) -> Vec<String> {
    let items: Vec<_> = world.items_of(n).into_iter().filter(|item| item.get("expires_at").is_none()).collect();
    let has = |kind: &str| items.iter().find(|item| text(item, "sk") == format!("{kind}#{}", run_id(1)));
    let run = has("RUN");
    let mut writes = BTreeSet::new();
    let mut unnamed = Vec::new();
    for item in &items {
        let sk = text(item, "sk");
        if sk.starts_with("TURN#") && run.is_some() {
            writes.insert((0, text(item, "write").to_owned()));
        }
        if let Some(number) = sk.strip_prefix("STEP#").map(|sk| sk.split('#').nth(1).unwrap().parse::<u32>().unwrap()) {
            let is_of_run = run.is_some_and(|run| item.get("turn").is_none() || item["turn"] == run["digest"]);
            if is_of_run {
                writes.insert((number, text(item, "write").to_owned()));
            } else {
                unnamed.push(sk.to_owned());
            }
        }
    }
    for item in &items {
        let sk = text(item, "sk");
        let parts: Vec<_> = sk.split('#').collect();
        let is_named = match *parts.as_slice() {
            ["CHUNK", _, "PART", number, write, _] => writes.contains(&(number.parse().unwrap(), write.to_owned())),
            ["CHUNK", _, "TURN"] => writes.contains(&(0, text(item, "write").to_owned())),
            ["CHUNK", _, number] => writes.contains(&(number.parse().unwrap(), text(item, "write").to_owned())),
            ["TURN", _] => run.is_some(),
            _ => true,
        };
        if !is_named {
            unnamed.push(sk.to_owned());
        }
    }
    let intents = world.items().into_iter().filter(|item| text(item, "pk").starts_with("STAGED#"));
    unnamed.extend(intents.map(|item| text(&item, "sk").to_owned()));
    unnamed
}

/// Sends a request of a process that dies at its k-th call: whatever it would send after that never arrives. Says
/// whether it came that far.
async fn dies(world: &World, sent: &TestRequest, k: usize, death: &Fate) -> bool {
    world.wire.die_at(k, death, || ());
    world.wire.take();
    world.recorder().send(sent.clone()).await;
    let died = world.wire.take().len() >= k;
    world.wire.rule(|_| Fate::Pass);
    world.wire.quiet().await;
    died
}

async fn seen_by_owner(world: &World, n: u32) -> String {
    world.user("alice").get(&run(n, 1)).await.body
}

/// Kills a write at each of its calls, in a chat of its own each time.
async fn killed_at_every_call(write: &Write, death: &Fate) {
    let world = World::recording("alice").await;
    for (n, k) in (1..).zip(2..) {
        let what = format!("{}, {death:?} call {k}", write.name);
        let sent = write.prepare(&world, n).await;
        let died = dies(&world, &sent, k, death).await;
        let seen = seen_by_owner(&world, n).await;
        // Too young to be looked at: it might still be under way.
        assert_eq!(world.sweep().await["purged"], 0, "{what}");
        world.app.clock.advance(OLD);
        let line = world.sweep().await;
        assert_eq!((&line["level"], &line["is_left"]), (&json!("info"), &json!(false)), "{what}: {line}");
        assert_eq!(unnamed(&world, n), Vec::<String>::new(), "{what}");
        assert_eq!(seen_by_owner(&world, n).await, seen, "{what}");
        let again = world.recorder().send(sent).await;
        assert!(matches!(again.status, 200 | 201), "{what}: {again:?}");
        // The intent of a post of several transactions is a sweep's to forget.
        world.app.clock.advance(OLD);
        world.sweep().await;
        assert_eq!(unnamed(&world, n), Vec::<String>::new(), "{what}, and again");
        let page = world.user("alice").get(&run(n, 1)).await.expect(200).json();
        assert_eq!(page["steps"][0]["attempts"], attempts((write.body)()), "{what}");
        if !died {
            assert!(k > 3, "{what}");
            return;
        }
    }
}

/// The attempts of the only or the first step that is sent.
fn attempts(mut body: Value) -> Value {
    let step = if body["steps"].is_array() { &mut body["steps"][0] } else { &mut body };
    step.get_mut("attempts").map_or(json!([]), Value::take)
}

#[tokio::test]
async fn a_crash_at_every_call_leaves_nothing_an_hour_and_a_sweep_later() {
    let all = WRITES.iter().flat_map(|write| DEATHS.iter().map(move |death| (write, death)));
    // A few at once, since most of the time is waits for an answer.
    stream::iter(all)
        .map(|(write, death)| killed_at_every_call(write, death))
        .buffer_unordered(3)
        .collect::<()>()
        .await;
}

/// Breaks a sweep off at each of its calls, each time over what a write left that died at its `call`th.
async fn swept_in_two(write: &Write, call: usize, death: &Fate) {
    for k in 1.. {
        let world = World::recording("alice").await;
        let sent = write.prepare(&world, 1).await;
        let died = dies(&world, &sent, call, &Fate::CutBefore).await;
        assert!(died && !unnamed(&world, 1).is_empty(), "{}", write.name);
        world.app.clock.advance(OLD);
        world.wire.die_at(k, death, || ());
        let line = world.sweep().await;
        let broke_off = line["level"] == "error";
        world.wire.rule(|_| Fate::Pass);
        let line = world.sweep().await;
        let what = format!("{}, {death:?} call {k}", write.name);
        assert_eq!((&line["level"], &line["is_left"]), (&json!("info"), &json!(false)), "{what}: {line}");
        assert_eq!(unnamed(&world, 1), Vec::<String>::new(), "{what}");
        if !broke_off {
            assert!(k > 5, "{what}");
            break;
        }
    }
}

#[tokio::test]
async fn a_sweep_that_breaks_off_is_followed_by_another() {
    let [turn_beside, turn_in_chunks, heads, ..] = &WRITES;
    // Before the transaction that confirms; of the heads one transaction is done.
    let left = [(turn_beside, 4), (turn_in_chunks, 5), (heads, 6)];
    let all = left.into_iter().flat_map(|(write, call)| DEATHS.iter().map(move |death| (write, call, death)));
    stream::iter(all)
        .map(|(write, call, death)| swept_in_two(write, call, death))
        .buffer_unordered(3)
        .collect::<()>()
        .await;
}

#[tokio::test]
async fn what_was_confirmed_stays_also_if_its_intent_does() {
    for write in WRITES {
        let world = World::recording("alice").await;
        let sent = write.prepare(&world, 1).await;
        let recorder = world.recorder();
        world.wire.take();
        recorder.send(sent).await;
        let is_intent = |seen: &Seen| {
            let item = &seen.body["Item"];
            (seen.operation == "PutItem" && text(item, "pk").starts_with("STAGED#")).then(|| item.clone())
        };
        let intents: Vec<_> = world.wire.take().iter().filter_map(is_intent).collect();
        let seen = seen_by_owner(&world, 1).await;
        for intent in &intents {
            world.put_item(intent);
        }
        world.app.clock.advance(OLD);
        let line = world.sweep().await;
        assert_eq!(line["purged"], intents.len(), "{}: {line}", write.name);
        assert_eq!(seen_by_owner(&world, 1).await, seen, "{}", write.name);
        assert_eq!(unnamed(&world, 1), Vec::<String>::new(), "{}", write.name);
    }
}

/// The calls of a write before the transaction that confirms it: the snapshot, the intent, one item of content.
const BEFORE_CONFIRMATION: usize = 3;
/// The calls of a sweep that purges one intent, at most.
const SWEEP: usize = 10;

#[tokio::test]
async fn a_write_is_confirmed_or_purged_whichever_comes_first() {
    let writes: [(&str, Sent); 2] = [
        ("a turn", ("POST", runs, turn("alice", 1, vec![stored_step(Some(1), 1, STAGED)]))),
        ("a step", ("PUT", |n| step(n, 1, 1), of_alice(stored_step(None, 1, CHUNKED / 2)))),
    ];
    let mut outcomes = BTreeSet::new();
    for (name, (method, path, body)) in writes {
        for at in 0..=SWEEP {
            let world = World::recording("alice").await;
            if method == "PUT" {
                world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
            } else {
                world.recorder().put(&chat(1), json!({"owner_id": "alice"})).await.expect(201);
            }
            let other = world.beside().await;
            other.app.clock.advance(OLD);
            let order = [vec![0; BEFORE_CONFIRMATION], vec![1; at], vec![0], vec![1; SWEEP - at]].concat();
            let turns = Interleaving::new(order);
            world.wire.interleave(&turns, 0);
            other.wire.interleave(&turns, 1);
            let recorder = world.recorder();
            let written = async {
                let body = Some(body.to_string().into_bytes());
                let answer = recorder.send(recorder.request(method, &path(1), body)).await;
                turns.give_up(0);
                answer
            };
            let swept = async {
                let line = other.sweep().await;
                turns.give_up(1);
                line
            };
            let (written, swept) = join(written, swept).await;
            let what = format!("{name}, confirmed after {at} calls of the sweep");
            assert_eq!(swept["level"], "info", "{what}: {swept}");
            outcomes.insert((name, written.status));
            if written.status == 201 {
                let page = world.user("alice").get(&run(1, 1)).await.expect(200).json();
                assert_eq!(page["steps"][0]["attempts"], attempts(body.clone()), "{what}");
            } else {
                written.expect(503);
            }
            other.sweep().await;
            assert_eq!(unnamed(&world, 1), Vec::<String>::new(), "{what}");
        }
    }
    assert_eq!(
        outcomes.into_iter().collect::<Vec<_>>(),
        [("a step", 201), ("a step", 503), ("a turn", 201), ("a turn", 503)]
    );
}

/// A turn that goes on, of so many steps, the first of which is stored in a chunk.
fn open_turn_of(count: u32, seed: u64) -> Value {
    let steps = (2..=count).map(|number| step_body(Some(number)));
    open_turn("alice", 1, [stored_step(Some(1), seed, STAGED)].into_iter().chain(steps).collect())
}

#[tokio::test]
async fn of_two_same_posts_of_several_transactions_nothing_is_left() {
    // The snapshot, the heads of a try before, the intent, the chunk, two transactions.
    const CALLS: usize = 6;
    let body = open_turn_of(46, 1);
    for (first, second) in (0..=CALLS).flat_map(|first| (0..=CALLS).map(move |second| (first, second))) {
        let world = World::recording("alice").await;
        let other = world.beside().await;
        world.recorder().put(&chat(1), json!({"owner_id": "alice"})).await.expect(201);
        let turns = Interleaving::new([vec![0; first], vec![1; second], vec![0; CALLS - first]].concat());
        let post = async |world: &World, who: usize| {
            world.wire.interleave(&turns, who);
            let answer = world.recorder().post(&runs(1), &body).await;
            turns.give_up(who);
            answer.status
        };
        let (one, two) = join(post(&world, 0), post(&other, 1)).await;
        let what = format!("{first} calls, then {second} of the other's");
        assert_eq!(BTreeSet::from([one, two]), BTreeSet::from([200, 201]), "{what}");
        let seen = seen_by_owner(&world, 1).await;
        world.app.clock.advance(OLD);
        world.sweep().await;
        assert_eq!(unnamed(&world, 1), Vec::<String>::new(), "{what}");
        assert_eq!(seen_by_owner(&world, 1).await, seen, "{what}");
    }
}

#[tokio::test]
async fn of_a_post_that_broke_off_nothing_is_left_below_another() {
    let world = World::recording("alice").await;
    let broken = open_turn("alice", 1, (1..=46).map(|number| step_body(Some(number))).collect());
    break_off(&world, broken).await;
    world.recorder().post(&runs(1), open_turn_of(1, 1)).await.expect(201);
    let seen = seen_by_owner(&world, 1).await;
    world.app.clock.advance(OLD);
    world.sweep().await;
    assert_eq!(unnamed(&world, 1), Vec::<String>::new());
    assert_eq!(seen_by_owner(&world, 1).await, seen);
}

/// The only intent that there is.
fn intent_of(world: &World) -> Value {
    let mut intents = world.items().into_iter().filter(|item| text(item, "pk").starts_with("STAGED#"));
    intents.next().filter(|_| intents.next().is_none()).unwrap()
}

#[tokio::test]
async fn a_tick_purges_as_many_as_there_is_time_for() {
    let world = World::recording("alice").await;
    let sent = WRITES[1].prepare(&world, 1).await;
    dies(&world, &sent, 5, &Fate::CutBefore).await;
    let intent = intent_of(&world);
    let (_, write) = text(&intent, "sk").split_once('#').unwrap();
    // More than are read at once, of one shard.
    for n in 0..150 {
        let mut older = intent.clone();
        older["sk"] = json!({"S": format!("{n:018}#{write}")});
        world.put_item(&older);
    }
    world.app.clock.advance(OLD);
    let line = world.sweep().await;
    assert_eq!((&line["purged"], &line["is_left"]), (&json!(151), &json!(false)), "{line}");
    assert_eq!(unnamed(&world, 1), Vec::<String>::new());
}

#[tokio::test]
async fn a_sweep_of_a_step_reads_no_other() {
    let world = World::recording("alice").await;
    let sent = WRITES[3].prepare(&world, 1).await;
    world.recorder().put(&step(1, 1, 2), step_body(None)).await.expect(201);
    dies(&world, &sent, 5, &Fate::CutBefore).await;
    assert!(!unnamed(&world, 1).is_empty());
    world.app.clock.advance(OLD);
    world.wire.take();
    world.sweep().await;
    let ranges = world.wire.take().into_iter().filter_map(|seen| {
        let values = &seen.body["ExpressionAttributeValues"];
        let is_of_chat = seen.operation == "Query" && text(values, ":pk").starts_with("CHAT#");
        is_of_chat.then(|| (text(values, ":from").to_owned(), text(values, ":to").to_owned()))
    });
    let ranges: Vec<_> = ranges.collect();
    assert!(!ranges.is_empty() && ranges.iter().all(|(from, to)| from == to), "{ranges:?}");
    assert_eq!(unnamed(&world, 1), Vec::<String>::new());
}

#[tokio::test]
async fn an_intent_that_cannot_be_read_is_said_and_keeps_no_other_waiting() {
    let world = World::recording("alice").await;
    let sent = WRITES[1].prepare(&world, 1).await;
    dies(&world, &sent, 5, &Fate::CutBefore).await;
    let mut damaged = intent_of(&world);
    damaged["sk"] = json!({"S": "000000000000000001#w"});
    damaged["chunks"] = json!({"S": "[["});
    world.put_item(&damaged);
    world.app.clock.advance(OLD);
    let line = world.sweep().await;
    assert_eq!(line["level"], "error", "{line}");
    assert!(line["cause"].as_str().unwrap().contains("chunks"), "{line}");
    assert_eq!(unnamed(&world, 1), ["000000000000000001#w"]);
}
