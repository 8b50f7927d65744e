//! What every earlier version stored is read by this one, and worked with.
//!
//! `golden/stored` keeps the items of each version, the post that made their first run, and what their owner is
//! answered. They stay as they are for as long as somebody may have such items. A version is added when this one stores
//! other attributes than the newest holds, and `UPDATE_GOLDEN=1` writes it. Its chunks may be cut by hand, so that it
//! does not become large.

use base64::{Engine, engine::general_purpose::STANDARD};
use fastrand::Rng;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};
use tests::{golden::assert_golden, world::*};

const OWNER: &str = "alice";

fn file(version: usize) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("golden/stored/v{version}.json"))
}

fn file_of_post(version: usize) -> PathBuf {
    file(version).with_extension("post.json")
}

/// Every version that has a file, the newest last.
fn versions() -> impl Iterator<Item = usize> {
    (1..).take_while(|version| file(*version).exists())
}

fn items_of(version: usize) -> Vec<Value> {
    serde_json::from_str(&fs::read_to_string(file(version)).unwrap()).unwrap()
}

/// A world whose table holds what a version stored.
async fn world_of(version: usize) -> World {
    let world = World::new().await;
    for item in items_of(version) {
        world.put_item(&item);
    }
    world
}

/// A step with everything that a step may have, some of which is taken out. Its response cannot be made shorter than so
/// many bytes.
fn full_step(number: Option<u32>, noise: usize) -> Value {
    let mut rng = Rng::with_seed(1);
    let noise: String = (0..noise).map(|_| rng.alphanumeric()).collect();
    let mut step = tests::fixtures::full_step(number.unwrap_or_default());
    if number.is_none() {
        step.as_object_mut().unwrap().remove("step_number");
    }
    let sent = STANDARD.encode(step["normalized_request"].to_string());
    step["normalized_response"] = json!({"text": "Paris", "noise": noise});
    let mut attempt = step["attempts"][0].take();
    attempt["request_headers"]["authorization"] = json!("Bearer secret");
    attempt["request_body"] = json!(sent);
    step["attempts"] = json!([{"number": 1, "status": "failed", "request_body": sent, "error": "reset"}, attempt]);
    step
}

/// The first run's post, with everything that a run may have, some of which is taken out.
fn full_turn() -> Value {
    let mut turn = full_run(OWNER, 1, vec![full_step(Some(1), 0), step_body(Some(7))]);
    turn["model"] = json!("claude sk-ant-api03-0123456789abcdefABCDEF");
    turn
}

/// A step whose model and tools have long names, which its outline repeats.
fn naming_step(number: u32) -> Value {
    let name = |n: u32, len| noise(u64::from(number * 10 + n), len);
    let call = |n| json!({"type": "tool_use", "name": name(n, 60), "input": {}});
    let calls: Vec<_> = (1..=4).map(call).collect();
    let response = json!({"type": "message", "model": name(0, 600), "content": calls}).to_string();
    let mut step = step_body(Some(number));
    step["attempts"] = json!([{"number": 1, "status": "completed", "response_body": STANDARD.encode(response)}]);
    step
}

/// A world in which everything is stored that outlasts its write.
async fn recorded() -> World {
    let world = World::recording(OWNER).await;
    let (recorder, alice) = (world.recorder(), world.user(OWNER));
    let lineage = json!({"owner_id": OWNER, "root_chat_id": chat_id(8), "parent_chat_id": chat_id(9)});
    recorder.put(&chat(1), lineage).await.expect(201);
    alice.put(&chat_setting(1), json!({"override": "on"})).await.expect(204);
    // Turns: one that is an item, two beside their item, of which one ends in it, one in chunks, one that was deleted.
    recorder.post(&runs(1), full_turn()).await.expect(201);
    recorder.post(&runs(1), turn(OWNER, 8, vec![full_step(Some(1), 6_000)])).await.expect(201);
    recorder.post(&runs(1), turn(OWNER, 7, (1..=6).map(naming_step).collect())).await.expect(201);
    recorder.post(&runs(1), turn(OWNER, 2, vec![full_step(Some(1), 500_000)])).await.expect(201);
    recorder.post(&runs(1), turn(OWNER, 3, vec![step_body(Some(1))])).await.expect(201);
    alice.delete(&run(1, 3)).await.expect(204);
    // An open run: steps that are small, in chunks, and put twice.
    recorder.post(&runs(1), open_run(OWNER, 4)).await.expect(201);
    for (number, noise) in [(1, 0), (2, 6_000), (3, 6_000), (3, 7_000)] {
        let answer = recorder.put(&step(1, 4, number), full_step(None, noise)).await;
        assert!(matches!(answer.status, 200 | 201), "{}", answer.body);
    }
    // An open run that was posted with steps, and one that has ended.
    let mut open = open_run(OWNER, 5);
    open["steps"] = json!([full_step(Some(1), 0), full_step(Some(2), 6_000)]);
    recorder.post(&runs(1), open).await.expect(201);
    recorder.post(&runs(1), open_run(OWNER, 6)).await.expect(201);
    recorder.put(&step(1, 6, 1), full_step(None, 0)).await.expect(201);
    recorder.patch(&run(1, 6), json!({"status": "error"})).await.expect(200);
    // Chats without runs, one of them by a name, and a deleted one.
    recorder.put(&chat(2), json!({"owner_id": OWNER})).await.expect(201);
    let named = json!({"owner_id": OWNER, "external_id": "conversation 7"});
    recorder.put(&named_chat(OWNER, "conversation 7"), named).await.expect(201);
    recorder.post(&runs(3), turn(OWNER, 1, vec![step_body(Some(1))])).await.expect(201);
    alice.delete(&chat(3)).await.expect(204);
    // Keys: a general one, and one of Alice's that was used.
    world.key(None).await;
    let key = world.key(Some(OWNER)).await;
    world.bearer(&key).get(&debug_decision(1, OWNER)).await.expect(404);
    world
}

/// Everything that the owner reads, as it is answered.
async fn answers(world: &World) -> String {
    let alice = world.user(OWNER);
    let mut paths = vec![opt_in(), chats(), recorder_keys()];
    for n in 1..=3 {
        paths.extend([chat_setting(n), runs(n)]);
    }
    for n in 1..=8 {
        let steps = format!("{}/steps", run(1, n));
        paths.extend([run(1, n), format!("{steps}?outline=true"), steps]);
    }
    let mut printed = String::new();
    for path in paths {
        let answer = alice.get(&path).await;
        writeln!(printed, "GET {path}\n{} {:#}\n", answer.status, answer.json()).unwrap();
    }
    printed
}

#[tokio::test]
async fn what_every_version_stored_is_read_as_it_was_answered_then() {
    for version in versions() {
        let world = world_of(version).await;
        assert_golden(&format!("stored/v{version}.txt"), &answers(&world).await);
    }
}

#[tokio::test]
async fn what_every_version_stored_goes_on() {
    for version in versions() {
        let world = world_of(version).await;
        let (recorder, alice) = (world.recorder(), world.user(OWNER));
        recorder.post(&runs(1), fs::read_to_string(file_of_post(version)).unwrap()).await.expect(200);
        recorder.post(&runs(1), open_run(OWNER, 4)).await.expect(200);
        recorder.post(&runs(1), turn(OWNER, 3, vec![step_body(Some(1))])).await.expect(404);
        recorder.put(&step(1, 4, 2), step_body(None)).await.expect(200);
        recorder.put(&step(1, 4, 4), step_body(None)).await.expect(201);
        recorder.patch(&run(1, 4), json!({"status": "completed"})).await.expect(200);
        recorder.put(&step(1, 6, 2), step_body(None)).await.expect(409);
        let read = alice.get(&run(1, 4)).await.expect(200).json();
        assert_eq!((&read["summary"]["step_count"], read["steps"].as_array().map(Vec::len)), (&json!(4), Some(4)));
        alice.delete(&run(1, 1)).await.expect(204);
        alice.delete(&chat(1)).await.expect(204);
        alice.get(&run(1, 2)).await.expect(404);
        assert_eq!(world.kinds(1), ["CHAT"], "nothing is left but its tombstone");
    }
}

/// Which attributes there are: the words of an item's keys, then an attribute's name and type; of outlines the form, too,
/// in which they are packed.
fn attributes(items: &[Value]) -> BTreeSet<String> {
    let words = |key: &Value| {
        let words = key["S"].as_str().unwrap().split('#');
        words.filter(|word| word.bytes().all(|byte| byte.is_ascii_uppercase())).collect::<Vec<_>>().join("#")
    };
    let of_item = |item: &Value| {
        let kind = format!("{} {}", words(&item["pk"]), words(&item["sk"]));
        let typed = |(name, value): (&String, &Value)| {
            let form =
                value["B"].as_str().filter(|_| name == "outlines").map(|packed| STANDARD.decode(packed).unwrap()[0]);
            format!("{kind}: {name} {} {form:?}", value.as_object().unwrap().keys().next().unwrap())
        };
        item.as_object().unwrap().iter().map(typed).collect::<Vec<_>>()
    };
    items.iter().flat_map(of_item).collect()
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the one switch of golden files")]
async fn the_newest_file_holds_what_this_version_stores() {
    let stored = recorded().await.items();
    let newest = versions().last();
    let kept = newest.map(|version| attributes(&items_of(version))).unwrap_or_default();
    let changed: Vec<_> = kept.symmetric_difference(&attributes(&stored)).cloned().collect();
    if !changed.is_empty() {
        assert!(
            std::env::var("UPDATE_GOLDEN").is_ok(),
            "stored or not any more, so that a version is added: {changed:#?}"
        );
        let version = newest.map_or(1, |newest| newest + 1);
        fs::create_dir_all(file(version).parent().unwrap()).unwrap();
        let lines: Vec<_> = stored.iter().map(Value::to_string).collect();
        fs::write(file(version), format!("[\n{}\n]\n", lines.join(",\n"))).unwrap();
        fs::write(file_of_post(version), format!("{}\n", full_turn())).unwrap();
    }
}

/// The newest version that is written.
const VERSION: u8 = 2;

/// The item with a frame in it, or an outline, of a version that comes later.
fn of_later_version(item: &Value) -> Option<Value> {
    const ZSTD: [u8; 4] = 0xfd2f_b528_u32.to_le_bytes();
    let mut later = item.clone();
    let mut is_packed = false;
    for value in later.as_object_mut()?.values_mut().filter_map(|value| value.get_mut("B")) {
        let mut bytes = STANDARD.decode(value.as_str()?).ok()?;
        if bytes.get(1..5) == Some(&ZSTD) {
            assert!((1..=VERSION).contains(&bytes[0]), "{}", bytes[0]);
            bytes[0] = VERSION + 1;
            *value = json!(STANDARD.encode(bytes));
            is_packed = true;
        }
    }
    is_packed.then_some(later)
}

#[tokio::test]
async fn a_later_version_is_unavailable_and_named_in_the_log() {
    let world = world_of(versions().last().unwrap()).await;
    let later: Vec<Value> = world.items().iter().filter_map(of_later_version).collect();
    assert!(later.len() > 5, "{} items hold something packed", later.len());
    for item in &later {
        world.put_item(item);
    }
    let outlines = |n| format!("{}/steps?outline=true", run(1, n));
    let paths = [1, 2, 4, 5, 6].map(|n| [run(1, n), format!("{}/steps", run(1, n))]);
    for path in paths.into_iter().flatten().chain([outlines(1), outlines(2)]) {
        let answer = world.user(OWNER).get(&path).await.expect(503);
        answer.problem("unavailable");
        let cause = answer.line["cause"].as_str().unwrap();
        assert!(cause.contains(&format!("version {}", VERSION + 1)), "{path}: {cause}");
    }
    // What needs no content does not suffer.
    world.user(OWNER).get(&runs(1)).await.expect(200);
    world.user(OWNER).delete(&run(1, 1)).await.expect(204);
}
