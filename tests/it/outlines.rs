//! Steps in short, runs without bodies, and the steps behind one: what a poll asks for.

use api::{
    outline::StepOutline,
    step::{Count, Step},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{wire::round_trips, world::*};

/// The most bytes of an ordinary step's head.
const ORDINARY_HEAD: usize = 600;
/// The most bytes of any.
const LARGEST_HEAD: usize = 4_000;

fn steps(n: u32, query: &str) -> String {
    format!("{}/steps{query}", run(1, n))
}

/// A call of a model that calls a tool.
fn calling(number: Option<u32>) -> Value {
    let request = r#"{"model":"claude-sonnet-4-5","messages":[]}"#;
    let response = r#"{"type":"message","model":"claude-sonnet-4-5-1","content":[{"type":"tool_use","name":"search","input":{}}]}"#;
    let mut step = step_body(number);
    step["normalized_response"] = json!({"a": 1});
    step["attempts"] = json!([
        {"number": 1, "status": "failed", "duration_ms": 5},
        {
            "number": 2, "status": "completed", "url": "https://api.anthropic.com/v1/messages", "duration_ms": 6,
            "request_body": STANDARD.encode(request), "response_status": 200, "response_body": STANDARD.encode(response),
        },
    ]);
    step
}

async fn outlines(world: &World, path: &str) -> Vec<StepOutline> {
    serde_json::from_str(&world.user("alice").get(path).await.expect(200).body).unwrap()
}

/// The bytes of an item as DynamoDB counts them.
fn size(item: &Value) -> usize {
    let value = |value: &Value| {
        let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
        let text = value.as_str().unwrap_or_default();
        if kind == "B" { text.len() / 4 * 3 } else { text.len() }
    };
    item.as_object().unwrap().iter().map(|(name, it)| name.len() + value(it)).sum()
}

fn largest(world: &World, sk: &str) -> usize {
    let items = world.items_of(1);
    items.iter().filter(|item| item["sk"]["S"].as_str().unwrap().starts_with(sk)).map(size).max().unwrap()
}

#[tokio::test]
async fn an_outline_says_what_a_step_did_however_it_was_recorded() {
    let world = World::recording("alice").await;
    world.recorder().post(&runs(1), turn("alice", 1, vec![calling(Some(1))])).await.expect(201);
    world.recorder().post(&runs(1), open_run("alice", 2)).await.expect(201);
    world.recorder().put(&step(1, 2, 1), step_body(None)).await.expect(201);
    world.recorder().put(&step(1, 2, 1), calling(None)).await.expect(200);
    let mut expected = json!([{
        "step_number": 1, "operation": "stream", "status": "completed",
        "started_at": started_at(0), "finished_at": started_at(1), "input_tokens": 11, "output_tokens": 3,
        "model": "claude-sonnet-4-5-1", "tools_called": ["search"], "attempts": [
            {"number": 1, "status": "failed", "duration_ms": 5},
            {
                "number": 2, "status": "completed", "response_status": 200, "duration_ms": 6, "request_bytes": 43,
                "response_bytes": 107,
            },
        ],
        "normalized_request_bytes": 73, "normalized_response_bytes": 7,
    }]);
    for n in [1, 2] {
        let answer = world.user("alice").get(&steps(n, "?outline=true")).await.expect(200).json();
        expected[0]["updated_at"] = answer[0]["updated_at"].clone();
        assert_eq!(answer, expected, "run {n}");
    }
    assert!(largest(&world, "STEP#") <= ORDINARY_HEAD, "{}", largest(&world, "STEP#"));
}

#[tokio::test]
async fn an_outline_is_small_whatever_was_recorded_and_says_what_it_leaves_out() {
    let world = World::recording("alice").await;
    let name = |n: u64| noise(n, 500);
    let call = |n: u64| json!({"type": "tool_use", "name": name(n), "input": {}});
    let response = json!({"type": "message", "model": name(0), "content": (1..=50).map(call).collect::<Vec<_>>()});
    let hostile = |number: Option<u32>| {
        let mut step = step_body(number);
        let attempt = json!({
            "number": 9_007_199_254_740_991_u64, "status": "completed", "response_status": 200,
            "duration_ms": 9_007_199_254_740_991_u64, "response_body": STANDARD.encode(response.to_string()),
        });
        step["attempts"] = json!(vec![attempt; 20]);
        step["history_tip_message_id"] = json!("\u{1f600}".repeat(128));
        step["assistant_message_id"] = json!("\u{1f600}".repeat(128));
        step
    };
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    world.recorder().put(&step(1, 1, 1), hostile(None)).await.expect(201);
    let mut numbers = Vec::new();
    let shown = &outlines(&world, &steps(1, "?outline=true")).await[0];
    numbers.extend([shown.attempts.len(), shown.attempts_left_out.unwrap() as usize]);
    numbers.extend([shown.tools_called.len(), shown.tools_left_out.unwrap() as usize]);
    assert_eq!(numbers, [8, 12, 4, 46]);
    let texts = shown.tools_called.iter().chain(&shown.model);
    assert!(texts.clone().all(|text| text.ends_with('…')), "{:?}", texts.collect::<Vec<_>>());
    assert!(largest(&world, "STEP#") <= LARGEST_HEAD, "{}", largest(&world, "STEP#"));
}

#[tokio::test]
async fn outlines_of_a_long_turn_stand_apart_and_of_a_wild_one_say_less() {
    let world = World::recording("alice").await;
    let many = |n: u32, name: &dyn Fn(u64) -> String| {
        let step = |number: u32| {
            let tool = |n: u64| json!({"type": "tool_use", "name": name(u64::from(number) * 10 + n), "input": {}});
            let response = json!({"type": "message", "content": (0..4).map(tool).collect::<Vec<_>>()});
            let mut step = step_body(Some(number));
            step["normalized_request"] = json!({"model": name(number.into())});
            step["attempts"] = json!([
                {"number": number, "status": "completed", "response_body": STANDARD.encode(response.to_string())},
            ]);
            step
        };
        turn("alice", n, (1..=450).map(step).collect())
    };
    world.recorder().post(&runs(1), many(1, &|_| "claude".to_owned())).await.expect(201);
    assert!(largest(&world, "TURN#") < 5_500);
    world.recorder().post(&runs(1), many(2, &|n| noise(n, 200))).await.expect(201);
    assert!(largest(&world, &format!("CHUNK#{}#OUTLINE", run_id(2))) < 100_500);
    for (n, model, attempts) in [(1, "claude", 1), (2, "…", 0)] {
        let all = outlines(&world, &steps(n, "?outline=true")).await;
        assert_eq!(all.len(), 450);
        for (outline, number) in all.iter().zip(1..) {
            assert_eq!(outline.step_number.get(), number);
            assert_eq!(outline.model.as_deref(), Some(model));
            let (shown, rest) = (outline.attempts.len(), outline.attempts_left_out);
            assert_eq!((shown, rest), (attempts, (attempts == 0).then_some(1)));
        }
        let behind = outlines(&world, &steps(n, "?outline=true&after=448")).await;
        assert_eq!(behind, all[448..]);
    }
}

#[tokio::test]
async fn outlines_are_read_beside_the_proof_and_without_content() {
    let world = World::recording("alice").await;
    world.recorder().post(&runs(1), turn("alice", 1, (1..=5).map(|n| calling(Some(n))).collect())).await.expect(201);
    world.recorder().post(&runs(1), open_run("alice", 2)).await.expect(201);
    for number in 1..=3 {
        let mut large = calling(None);
        large["metadata"] = json!({"text": noise(number.into(), 900_000)});
        world.recorder().put(&step(1, 2, number), large).await.expect(201);
    }
    world.wire.hold(Duration::from_millis(50));
    for n in [1, 2] {
        world.wire.take();
        world.wire.billed().await;
        world.user("alice").get(&steps(n, "?outline=true")).await.expect(200);
        assert_eq!(round_trips(&world.wire.take()), 1, "run {n}");
        assert!(world.wire.billed().await <= 7.0, "run {n}");
    }
}

#[tokio::test]
async fn a_step_that_goes_on_is_interrupted_once_its_run_is_final() {
    let world = World::recording("alice").await;
    let mut going_on = calling(None);
    going_on["status"] = json!("in_progress");
    going_on.as_object_mut().unwrap().remove("finished_at");
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    world.recorder().put(&step(1, 1, 1), going_on).await.expect(201);
    let status = async || world.user("alice").get(&steps(1, "?outline=true")).await.json()[0]["status"].clone();
    assert_eq!(status().await, "in_progress");
    world.recorder().patch(&run(1, 1), json!({"status": "completed"})).await.expect(200);
    assert_eq!(status().await, "interrupted");
    world.user("alice").delete(&run(1, 1)).await.expect(204);
    world.user("alice").get(&steps(1, "?outline=true")).await.expect(404);
}

#[tokio::test]
async fn a_run_without_bodies_has_everything_else() {
    let world = World::recording("alice").await;
    let body = |number| {
        let mut step = calling(Some(number));
        step["error"] = json!({"e": [1.0]});
        step["metadata"] = json!({"m": "x"});
        step
    };
    world.recorder().post(&runs(1), turn("alice", 1, vec![body(1), body(2)])).await.expect(201);
    world.recorder().post(&runs(1), open_run("alice", 2)).await.expect(201);
    for number in [1, 2] {
        let mut step_of_its_own = body(number);
        step_of_its_own.as_object_mut().unwrap().remove("step_number");
        world.recorder().put(&step(1, 2, number), step_of_its_own).await.expect(201);
    }
    for n in [1, 2] {
        let mut whole = world.user("alice").get(&run(1, n)).await.expect(200).json();
        for step in whole["steps"].as_array_mut().unwrap() {
            step["normalized_request"] = json!({});
            step.as_object_mut().unwrap().remove("normalized_response");
            for attempt in step["attempts"].as_array_mut().unwrap() {
                attempt.as_object_mut().unwrap().retain(|name, _| !name.ends_with("_body"));
            }
        }
        let without = world.user("alice").get(&format!("{}?bodies=none", run(1, n))).await.expect(200);
        assert_eq!(without.json(), whole, "run {n}");
        let listed = world.user("alice").get(&steps(n, "?bodies=none&after=1")).await.expect(200);
        assert_eq!(listed.json(), json!([whole["steps"][1]]), "run {n}");
        serde_json::from_str::<Vec<Step>>(&listed.body).unwrap();
    }
}

#[tokio::test]
async fn a_next_page_has_the_form_of_the_one_before() {
    let world = World::recording("alice").await;
    let text = "\"".repeat(800_000);
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    for number in 1..=3 {
        let mut body = calling(None);
        body["metadata"] = json!({"text": text});
        world.recorder().put(&step(1, 1, number), body).await.expect(201);
    }
    let mut answer = world.user("alice").get(&format!("{}?bodies=none", run(1, 1))).await.expect(200);
    let mut pages = 0;
    while let Some(next) = answer.next() {
        assert!(next.contains("/steps?bodies=none&cursor="), "{next}");
        answer = world.user("alice").get(&next).await.expect(200);
        assert!(answer.json().as_array().unwrap().iter().all(|step| step["normalized_request"] == json!({})));
        pages += 1;
    }
    assert!(pages > 0);
}

#[tokio::test]
async fn what_asks_for_nothing_is_refused() {
    let world = World::recording("alice").await;
    world.recorder().post(&runs(1), turn("alice", 1, vec![calling(Some(1)), calling(Some(2))])).await.expect(201);
    for (path, field) in [
        (steps(1, "?outline=false"), "outline"),
        (steps(1, "?outline="), "outline"),
        (steps(1, "?outline=true&outline=true"), "outline"),
        (steps(1, "?bodies=all"), "bodies"),
        (steps(1, "?after=0"), "after"),
        (steps(1, "?after=01"), "after"),
        (steps(1, "?after=100000"), "after"),
        (steps(1, "?after=1&cursor=x"), "after"),
        (format!("{}?bodies=", run(1, 1)), "bodies"),
        (format!("{}?outline=true", run(1, 1)), "outline"),
        (format!("{}?after=1", run(1, 1)), "after"),
    ] {
        let refused = world.user("alice").get(&path).await.expect(400);
        assert_eq!(refused.json()["validations"][0]["field"], field, "{path}");
        // To others there is no run, whatever else is wrong.
        world.user("bob").get(&path).await.expect(404);
    }
    for (query, count) in
        [("?after=1", 1), ("?after=2", 0), ("?after=99999&outline=true", 0), ("?bodies=none&outline=true", 2)]
    {
        let listed = world.user("alice").get(&steps(1, query)).await.expect(200).json();
        assert_eq!(listed.as_array().unwrap().len(), count, "{query}");
    }
    assert_eq!(outlines(&world, &steps(1, "?after=1&outline=true")).await[0].normalized_request_bytes, Count::from(73));
}

/// Asks for a path with what the caller has.
async fn get_if_changed(caller: &TestCaller<'_>, path: &str, had: &str) -> TestResponse {
    let mut sent = caller.request("GET", path, None);
    sent.headers.push(("if-none-match".to_owned(), had.to_owned()));
    caller.send(sent).await
}

#[tokio::test]
async fn a_run_is_sent_again_when_it_or_a_step_has_changed() {
    let world = World::recording("alice").await;
    let (alice, recorder, path) = (world.user("alice"), world.recorder(), run(1, 1));
    recorder.post(&runs(1), open_run("alice", 1)).await.expect(201);
    let tag = async || {
        let answer = alice.get(&path).await.expect(200);
        let tag = answer.header("etag").unwrap().to_owned();
        assert_eq!(alice.get(&path).await.header("etag"), Some(&*tag));
        let same = get_if_changed(&alice, &path, &tag).await.expect(304);
        assert_eq!((&*same.body, same.header("etag")), ("", Some(&*tag)));
        tag
    };
    let mut tags = vec![tag().await];
    for (path, body) in [
        (step(1, 1, 1), step_body(None)),
        (step(1, 1, 1), calling(None)),
        (step(1, 1, 2), step_body(None)),
        (run(1, 1), json!({"model": "m"})),
        (run(1, 1), json!({"status": "completed"})),
    ] {
        let written =
            if path == run(1, 1) { recorder.patch(&path, body).await } else { recorder.put(&path, body).await };
        assert!(written.status < 300, "{}", written.body);
        let before = tags.last().unwrap();
        let changed = get_if_changed(&alice, &run(1, 1), before).await.expect(200);
        tags.push(changed.header("etag").unwrap().to_owned());
        assert_eq!(tags.last(), Some(&tag().await));
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 6);
}

#[tokio::test]
async fn a_run_in_another_form_has_another_tag() {
    let world = World::recording("alice").await;
    let alice = world.user("alice");
    world.recorder().post(&runs(1), turn("alice", 1, vec![calling(Some(1))])).await.expect(201);
    let whole = alice.get(&run(1, 1)).await.expect(200);
    let without = format!("{}?bodies=none", run(1, 1));
    let tag = alice.get(&without).await.expect(200).header("etag").unwrap().to_owned();
    assert_ne!(whole.header("etag"), Some(&*tag));
    get_if_changed(&alice, &without, whole.header("etag").unwrap()).await.expect(200);
    get_if_changed(&alice, &without, &tag).await.expect(304);
}

#[tokio::test]
async fn a_tag_of_a_run_says_nothing_to_others_and_spares_nothing_that_is_judged() {
    let world = World::recording("alice").await;
    let (alice, bob) = (world.user("alice"), world.user("bob"));
    world.recorder().post(&runs(1), turn("alice", 1, vec![calling(Some(1))])).await.expect(201);
    let tag = alice.get(&run(1, 1)).await.expect(200).header("etag").unwrap().to_owned();
    for had in ["*", &tag] {
        for path in [run(1, 1), run(77, 1), run(1, 77)] {
            let asked = get_if_changed(&bob, &path, had).await.expect(404);
            assert_eq!(asked.body, bob.get(&path).await.body, "{path}");
        }
        get_if_changed(&alice, &run(1, 77), had).await.expect(404);
        get_if_changed(&alice, &format!("{}?bodies=all", run(1, 1)), had).await.expect(400);
    }
    alice.delete(&run(1, 1)).await.expect(204);
    get_if_changed(&alice, &run(1, 1), &tag).await.expect(404);
}
