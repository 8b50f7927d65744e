//! A whole turn in one call, and the same call again.

use super::*;

#[tokio::test]
async fn a_whole_turn_is_one_call_and_reads_back() {
    let world = World::recording("alice").await;
    let posted = world.recorder().post(&runs(1), turn("alice", 1, vec![step_body(Some(7)), step_body(Some(2))])).await;
    let posted = posted.expect(201).json();
    assert_eq!(posted["recorded"], json!(true));
    let list = world.user("alice").get(&runs(1)).await.expect(200).json();
    assert_eq!(list, json!([posted["run"]]));
    let steps = &detail(&world, 1).await["steps"];
    assert_eq!((&steps[0]["step_number"], &steps[1]["step_number"]), (&json!(2), &json!(7)), "by number, with gaps");
}

#[tokio::test]
async fn the_same_post_again_is_the_same_answer_whatever_happened_since() {
    let world = World::recording("alice").await;
    let body = open_run("alice", 1);
    let first = world.recorder().post(&runs(1), &body).await.expect(201);
    let again = || async { world.recorder().post(&runs(1), &body).await.expect(200).body };
    world.app.clock.advance(Duration::from_secs(5));
    assert_eq!(again().await, first.body);
    world.recorder().put(&step(1, 1, 1), step_body(None)).await.expect(201);
    world.recorder().patch(&run(1, 1), json!({"status": "error", "model": "m"})).await.expect(200);
    assert_eq!(again().await, first.body);
    world.admin().put(&gate(), json!({"allow_users": false})).await.expect(204);
    assert_eq!(again().await, first.body, "it is recorded, so that is what is said");
    assert_eq!(detail(&world, 1).await["status"], json!("error"), "and nothing was changed");
}

/// JSON with white space between its members, and those of ours in the opposite order. What is free
/// stays as it is.
fn rewritten(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let is_ours = ["attempts", "steps", "summary"].contains(&name.as_str());
                format!("{} : {}", json!(name), if is_ours { rewritten(value) } else { value.to_string() })
            };
            let members: Vec<_> = members.iter().rev().map(member).collect();
            format!("{{\n{}\t}}", members.join(" , "))
        }
        Value::Array(items) => format!("[ {} ]", items.iter().map(rewritten).collect::<Vec<_>>().join(" , ")),
        other => other.to_string(),
    }
}

#[tokio::test]
async fn white_space_and_the_order_of_our_members_are_no_other_content() {
    let world = World::recording("alice").await;
    let mut body = turn("alice", 1, vec![stored_step(Some(1), 1, 10), step_body(Some(2))]);
    body["summary"] = json!({"first_message": "Hello"});
    let (text, other) = (body.to_string(), rewritten(&body));
    assert!(text.starts_with(r#"{"finished_at":"#) && other.starts_with("{\n\"summary\" :"), "{other}");
    assert_eq!(serde_json::from_str::<Value>(&other).unwrap(), body);
    let first = world.recorder().post(&runs(1), text).await.expect(201);
    assert_eq!(world.recorder().post(&runs(1), other).await.expect(200).body, first.body);
}

#[tokio::test]
async fn steps_in_any_order_are_the_same_post() {
    let world = World::recording("alice").await;
    let mut steps: Vec<_> = (1..=93).map(|number| step_body(Some(number))).collect();
    let first = world.recorder().post(&runs(1), turn("alice", 1, steps.clone())).await.expect(201);
    let read = detail(&world, 1).await;
    steps.reverse();
    steps.swap(3, 90);
    assert_eq!(world.recorder().post(&runs(1), turn("alice", 1, steps.clone())).await.expect(200).body, first.body);
    assert_eq!(detail(&world, 1).await, read);
    steps[0]["metadata"] = json!({"other": true});
    world.recorder().post(&runs(1), turn("alice", 1, steps)).await.expect(409).problem("other-content");
}

#[tokio::test]
async fn the_same_turn_is_the_same_post_however_it_is_written() {
    let world = World::recording("alice").await;
    let body = turn("alice", 1, vec![step_body(Some(1))]);
    let first = world.recorder().post(&runs(1), &body).await.expect(201);
    let with = |pointer: &str, value: Value| {
        let mut other = body.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        other.pointer_mut(parent).unwrap()[name] = value;
        other
    };
    for same in [
        with("/summary", json!({})),
        with("/summary", json!({"first_message": null})),
        with("/model", Value::Null),
        with("/trigger_message_id", Value::Null),
        with("/steps/0/step_number", json!(1.0)),
        with("/steps/0/attempts", json!([])),
        with("/steps/0/attempts", Value::Null),
        with("/steps/0/metadata", json!({})),
        with("/steps/0/error", Value::Null),
        with("/finished_at", json!("2026-01-02T04:00:02+01:00")),
    ] {
        let answer = world.recorder().post(&runs(1), &same).await;
        assert_eq!((answer.status, &answer.body), (200, &first.body), "{same}");
    }
}

#[tokio::test]
async fn other_content_under_the_same_id_is_refused_without_a_word_of_what_is_stored() {
    let world = World::recording("alice").await;
    let mut body = open_run("alice", 1);
    body["model"] = json!("canary-model");
    world.recorder().post(&runs(1), &body).await.expect(201);
    let before = world.items();
    for (member, value) in
        [("model", json!("other")), ("kind", json!("quickgen")), ("steps", json!([step_body(Some(1))]))]
    {
        let mut other = body.clone();
        other[member] = value;
        let answer = world.recorder().post(&runs(1), other).await.expect(409);
        answer.problem("other-content");
        assert!(!answer.body.contains("canary"));
    }
    assert_eq!(world.items(), before);
}

#[tokio::test]
async fn a_turn_of_more_steps_than_a_transaction_takes_is_still_one_call() {
    let world = World::recording("alice").await;
    let steps: Vec<_> = (1..=250).map(|number| step_body(Some(number))).collect();
    let body = turn("alice", 1, steps);
    let posted = world.recorder().post(&runs(1), &body).await.expect(201).json();
    assert_eq!(posted["run"]["summary"]["step_count"], json!(250));
    let detail = detail(&world, 1).await;
    assert_eq!(detail["steps"].as_array().map(Vec::len), Some(250));
    world.recorder().post(&runs(1), &body).await.expect(200);
}

#[tokio::test]
async fn a_run_without_an_id_gets_one_of_its_start() {
    let world = World::recording("alice").await;
    let mut body = open_run("alice", 1);
    body.as_object_mut().unwrap().remove("id");
    for _ in 0..2 {
        let posted = world.recorder().post(&runs(1), &body).await.expect(201).json();
        let id = posted["run"]["id"].as_str().unwrap().to_owned();
        assert_eq!(id[..13], run_id(1)[..13], "the same millisecond");
        assert_eq!(&id[14..15], "7");
    }
    assert_eq!(world.user("alice").get(&runs(1)).await.json().as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn what_the_policy_refuses_leaves_nothing_behind_not_even_the_chat() {
    let world = World::new().await;
    let answer = world.recorder().post(&runs(1), turn("alice", 1, vec![step_body(Some(1))])).await.expect(200);
    assert_eq!(answer.json(), json!({"recorded": false, "decision": {"enabled": false, "decided_by": "gate"}}));
    assert_eq!(world.items(), Vec::<Value>::new());
    world.user("alice").get(&runs(1)).await.expect(404);
}

#[tokio::test]
async fn nobody_catches_anothers_conversation() {
    let world = World::recording("alice").await;
    world.consent("mallory").await;
    world.recorder().put(&chat(1), json!({"owner_id": "alice"})).await.expect(201);
    let before = world.items();
    world.recorder().post(&runs(1), open_run("mallory", 1)).await.expect(409).problem("other-owner");
    world.recorder().put(&chat(1), json!({"owner_id": "mallory"})).await.expect(409).problem("other-owner");
    assert_eq!(world.items(), before);
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    let mut step_of_mallory = step_body(None);
    step_of_mallory["owner_id"] = json!("mallory");
    world.recorder().put(&step(1, 1, 1), step_of_mallory).await.expect(409).problem("other-owner");
    let patch = json!({"status": "completed", "owner_id": "mallory"});
    world.recorder().patch(&run(1, 1), patch).await.expect(409).problem("other-owner");
    assert_eq!(detail(&world, 1).await["status"], json!("in_progress"));
}

#[tokio::test]
async fn a_chat_is_registered_once_and_its_first_lineage_wins() {
    let world = World::recording("alice").await;
    let register =
        |root: u32| json!({"owner_id": "alice", "root_chat_id": chat_id(root), "parent_chat_id": chat_id(root)});
    let created = |created: bool| json!({"created": created});
    assert_eq!(world.recorder().put(&chat(1), register(7)).await.expect(201).json(), created(true));
    let stored = world.items();
    assert_eq!(world.recorder().put(&chat(1), register(8)).await.expect(200).json(), created(false));
    assert_eq!(world.items(), stored);
}

#[tokio::test]
async fn round_trips_are_few_and_known() {
    let world = World::recording("alice").await;
    world.wire.hold(Duration::from_millis(50));
    let waits = |what: &str, answer: TestResponse, expected: usize| {
        let seen = world.wire.take();
        assert!(answer.status < 300, "{what}: {answer:?}");
        let operations: Vec<_> = seen.iter().map(|seen| &seen.operation).collect();
        assert_eq!(round_trips(&seen), expected, "{what}: {operations:?}");
    };
    let named = |mut body: Value| {
        body["owner_id"] = json!("alice");
        body
    };
    let recorder = world.recorder();
    world.wire.take();
    waits("register", recorder.put(&chat(1), json!({"owner_id": "alice"})).await, 1);
    waits("run", recorder.post(&runs(1), open_run("alice", 1)).await, 2);
    waits("turn", recorder.post(&runs(1), turn("alice", 2, vec![step_body(Some(1)), step_body(Some(2))])).await, 2);
    waits("turn, large", recorder.post(&runs(1), turn("alice", 3, vec![stored_step(Some(1), 1, 1_000_000)])).await, 4);
    waits("step", recorder.put(&step(1, 1, 1), named(step_body(None))).await, 2);
    waits("step, no owner", recorder.put(&step(1, 1, 2), step_body(None)).await, 3);
    waits("step, large", recorder.put(&step(1, 1, 3), named(stored_step(None, 1, 1_000_000))).await, 4);
    waits("patch", recorder.patch(&run(1, 1), json!({"owner_id": "alice"})).await, 2);
    waits("patch, no owner", recorder.patch(&run(1, 1), json!({})).await, 3);
    waits("decision", recorder.get(&debug_decision(1, "alice")).await, 1);
}
