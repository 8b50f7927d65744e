//! What a recorder writes.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{wire::round_trips, world::*};

async fn recording() -> World {
    let world = World::new().await;
    world.consent("alice").await;
    world
}

/// A step that does not fit into its head: its body has this many bytes.
fn large_step(number: Option<u32>, fill: u8, bytes: usize) -> Value {
    let mut step = step_body(number);
    let body = STANDARD.encode(vec![fill; bytes]);
    step["attempts"] = json!([{"number": 1, "status": "completed", "request_body": body}]);
    step
}

async fn detail(world: &World, n: u32) -> Value {
    world.user("alice").get(&run(1, n)).await.expect(200).json()
}

#[tokio::test]
async fn a_whole_turn_is_one_call_and_reads_back() {
    let world = recording().await;
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
    let world = recording().await;
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
    let world = recording().await;
    let mut body = turn("alice", 1, vec![large_step(Some(1), b'x', 10), step_body(Some(2))]);
    body["summary"] = json!({"first_message": "Hello"});
    let (text, other) = (body.to_string(), rewritten(&body));
    assert!(text.starts_with(r#"{"finished_at":"#) && other.starts_with("{\n\"summary\" :"), "{other}");
    assert_eq!(serde_json::from_str::<Value>(&other).unwrap(), body);
    let first = world.recorder().post(&runs(1), text).await.expect(201);
    assert_eq!(world.recorder().post(&runs(1), other).await.expect(200).body, first.body);
}

#[tokio::test]
async fn steps_in_any_order_are_the_same_post() {
    let world = recording().await;
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
    let world = recording().await;
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
async fn an_optional_member_that_is_null_is_absent() {
    let world = recording().await;
    let null = |mut value: Value, members: &[&str]| {
        for member in members {
            value[*member] = Value::Null;
        }
        value
    };
    world
        .recorder()
        .put(&chat(1), json!({"owner_id": "alice", "root_chat_id": null, "parent_chat_id": null}))
        .await
        .expect(201);
    let attempt = null(
        json!({"number": 1, "status": "failed"}),
        &[
            "method",
            "url",
            "path",
            "started_at",
            "finished_at",
            "request_headers",
            "request_body",
            "response_status",
            "response_headers",
            "response_body",
            "error",
            "duration_ms",
            "retry_classification",
            "retry_delay_ms",
        ],
    );
    let step_null = |number: Option<u32>| {
        let mut step = null(
            step_body(number),
            &[
                "finished_at",
                "history_tip_message_id",
                "assistant_message_id",
                "normalized_request",
                "normalized_response",
                "usage",
                "error",
                "metadata",
            ],
        );
        step["attempts"] = json!([attempt]);
        step
    };
    let of_run = [
        "finished_at",
        "provider",
        "model",
        "model_config_id",
        "trigger_message_id",
        "history_tip_message_id",
        "summary",
    ];
    let body = null(open_run("alice", 1), &[&of_run[..], &["root_chat_id", "parent_chat_id", "steps"]].concat());
    world.recorder().post(&runs(1), body).await.expect(201);
    world.recorder().post(&runs(1), null(open_run("alice", 2), &["id"])).await.expect(201);
    world.recorder().post(&runs(1), turn("alice", 3, vec![step_null(Some(1))])).await.expect(201);
    let put = null(step_null(None), &["step_number", "owner_id"]);
    world.recorder().put(&step(1, 1, 1), &put).await.expect(201);
    world.recorder().put(&step(1, 1, 1), null(put, &["attempts"])).await.expect(200);
    let before = detail(&world, 1).await;
    let patch = null(json!({}), &[&of_run[..], &["owner_id", "status"]].concat());
    let state = world.recorder().patch(&run(1, 1), patch).await.expect(200).json();
    let mut after = detail(&world, 1).await;
    assert_eq!(after["updated_at"], state["updated_at"]);
    after["updated_at"] = before["updated_at"].clone();
    assert_eq!(after, before, "a patch of nothing");
    for n in [1, 3] {
        let read = detail(&world, n).await;
        assert!(!read.to_string().contains("null"), "{read}");
        assert_eq!(read["steps"][0]["normalized_request"], json!({}));
    }
}

#[tokio::test]
async fn numbers_may_be_written_as_floats_and_spans_may_have_fractions() {
    let world = recording().await;
    let text = turn("alice", 1, vec![step_body(Some(1)), step_body(Some(2))])
        .to_string()
        .replace("\"step_number\":1", "\"step_number\":1.0")
        .replace("\"step_number\":2", "\"step_number\":0.2e1")
        .replace("\"input_tokens\":11", "\"input_tokens\":11.0")
        .replacen('{', r#"{"trigger_message_id":14.0,"history_tip_message_id":9.007199254740993e15,"#, 1)
        .replace(
            "\"normalized_request\"",
            r#""assistant_message_id":1e1,"attempts":[{"number":1.0,"status":"completed","response_status":200.0,
               "duration_ms":3899.6,"retry_delay_ms":-0.4}],"normalized_request""#,
        );
    let posted = world.recorder().post(&runs(1), text).await.expect(201).json();
    assert_eq!(posted["run"]["summary"]["total_input_tokens"], json!(22));
    let read = detail(&world, 1).await;
    let ids = (&read["trigger_message_id"], &read["history_tip_message_id"], &read["steps"][0]["assistant_message_id"]);
    assert_eq!(ids, (&json!(14), &json!(9_007_199_254_740_993_i64), &json!(10)));
    let attempt =
        json!({"number": 1, "status": "completed", "response_status": 200, "duration_ms": 3900, "retry_delay_ms": 0});
    assert_eq!((&read["steps"][1]["step_number"], &read["steps"][1]["attempts"][0]), (&json!(2), &attempt));
}

#[tokio::test]
async fn a_status_that_no_answer_has_is_absent() {
    let world = recording().await;
    for (n, status) in (1..).zip([0, -1, 99, 600, 99_999]) {
        let mut step = step_body(Some(1));
        step["attempts"] = json!([{"number": 1, "status": "failed", "response_status": status}]);
        world.recorder().post(&runs(1), turn("alice", n, vec![step])).await.expect(201);
        assert_eq!(
            detail(&world, n).await["steps"][0]["attempts"],
            json!([{"number": 1, "status": "failed"}]),
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_message_has_the_id_that_its_product_gives_it() {
    let world = recording().await;
    for (n, id) in (1..).zip([json!("msg_01/é 😀"), json!("14"), json!(14), json!(i64::MIN), json!("x".repeat(128))])
    {
        let mut turn = turn("alice", n, vec![step_body(Some(1))]);
        turn["trigger_message_id"] = id.clone();
        turn["history_tip_message_id"] = id.clone();
        turn["steps"][0]["history_tip_message_id"] = id.clone();
        turn["steps"][0]["assistant_message_id"] = id.clone();
        world.recorder().post(&runs(1), turn).await.expect(201);
        let read = detail(&world, n).await;
        for pointer in [
            "/trigger_message_id",
            "/history_tip_message_id",
            "/steps/0/history_tip_message_id",
            "/steps/0/assistant_message_id",
        ] {
            assert_eq!(read.pointer(pointer), Some(&id), "{pointer}");
        }
    }
    world.recorder().post(&runs(1), open_run("alice", 9)).await.expect(201);
    for id in [json!("m-1"), json!(1)] {
        world.recorder().patch(&run(1, 9), json!({"trigger_message_id": id})).await.expect(200);
        assert_eq!(detail(&world, 9).await["trigger_message_id"], id);
    }
}

#[tokio::test]
async fn half_a_surrogate_pair_comes_back_as_it_was_sent_and_the_client_reads_it() {
    let world = recording().await;
    let free = r#"{"text":"cut \ud83d","\udc00":["\ud800\ud800"],"whole":"\ud83d\ude00"}"#;
    let mut body = turn("alice", 1, vec![step_body(Some(1))]);
    for member in ["normalized_request", "normalized_response", "usage", "error", "metadata"] {
        body["steps"][0][member] = json!("@");
    }
    body["model"] = json!("~");
    body["summary"] = json!({"first_message": "~"});
    body["steps"][0]["attempts"] =
        json!([{"number": 1, "status": "failed", "error": "~", "request_headers": {"x-title": "~"}}]);
    let text = body.to_string().replace("\"@\"", free).replace('~', r"cut \ud83d");
    world.recorder().post(&runs(1), text).await.expect(201);
    let answer = world.user("alice").get(&run(1, 1)).await.expect(200);
    assert_eq!(answer.body.matches(free).count(), 5, "{}", answer.body);
    let read: api::run::RunDetail = serde_json::from_str(&answer.body).unwrap();
    let step = &read.steps[0];
    assert_eq!(step.normalized_request.get(), free);
    assert_eq!(step.normalized_request.value().unwrap()["text"], json!("cut \u{fffd}"));
    assert_eq!(step.usage.as_ref().map(|usage| usage.sent().get()), Some(free));
    // In our own texts the replacement character stands for it.
    let cut = Some("cut \u{fffd}");
    assert_eq!((read.run.model.as_deref(), read.run.summary.first_message.as_deref()), (cut, cut));
    assert_eq!(step.attempts[0].error.as_deref(), cut);
    assert_eq!(step.attempts[0].request_headers.as_ref().map(|headers| headers.0[0].1.as_str()), cut);
    let steps = world.user("alice").get(&format!("{}/steps", run(1, 1))).await.expect(200);
    assert_eq!(serde_json::from_str::<Vec<api::step::Step>>(&steps.body).unwrap(), read.steps);
}

#[tokio::test]
async fn a_step_that_nobody_ended_reads_as_interrupted_in_a_final_run() {
    let world = recording().await;
    let going_on = |number: Option<u32>| {
        let mut step = step_body(number);
        step["status"] = json!("in_progress");
        step["error"] = json!({"message": "so far"});
        step.as_object_mut().unwrap().remove("finished_at");
        step
    };
    let posted = turn("alice", 1, vec![going_on(Some(1)), step_body(Some(2))]);
    let posted = world.recorder().post(&runs(1), posted).await.expect(201).json();
    assert_eq!(posted["run"]["summary"].get("has_error"), None, "an interrupted step does not count");
    world.recorder().post(&runs(1), open_run("alice", 2)).await.expect(201);
    world.recorder().put(&step(1, 2, 1), going_on(None)).await.expect(201);
    assert_eq!(detail(&world, 2).await["steps"][0]["status"], json!("in_progress"));
    world.recorder().patch(&run(1, 2), json!({"status": "completed"})).await.expect(200);
    for n in [1, 2] {
        let (read, steps) = (detail(&world, n).await, world.user("alice").get(&format!("{}/steps", run(1, n))).await);
        assert_eq!(read["steps"][0]["status"], json!("interrupted"));
        assert_eq!(steps.expect(200).json(), read["steps"]);
        assert_eq!(read["summary"].get("has_error"), None);
    }
    assert_eq!(detail(&world, 1).await["steps"][1]["status"], json!("completed"));
}

#[tokio::test]
async fn other_content_under_the_same_id_is_refused_without_a_word_of_what_is_stored() {
    let world = recording().await;
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
    let world = recording().await;
    let steps: Vec<_> = (1..=250).map(|number| step_body(Some(number))).collect();
    let body = turn("alice", 1, steps);
    let posted = world.recorder().post(&runs(1), &body).await.expect(201).json();
    assert_eq!(posted["run"]["summary"]["step_count"], json!(250));
    let detail = detail(&world, 1).await;
    assert_eq!(detail["steps"].as_array().map(Vec::len), Some(250));
    world.recorder().post(&runs(1), &body).await.expect(200);
}

#[tokio::test]
async fn a_post_of_more_steps_than_can_be_stored_in_time_is_refused() {
    let world = recording().await;
    let steps: Vec<_> = (1..=1_001).map(|number| step_body(Some(number))).collect();
    let answer = world.recorder().post(&runs(1), turn("alice", 1, steps)).await.expect(400);
    assert_eq!(answer.problem("invalid-body").validations[0].field, "/steps");
}

#[tokio::test]
async fn a_run_without_an_id_gets_one_of_its_start() {
    let world = recording().await;
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
async fn what_the_resolver_refuses_leaves_nothing_behind_not_even_the_chat() {
    let world = World::new().await;
    let answer = world.recorder().post(&runs(1), turn("alice", 1, vec![step_body(Some(1))])).await.expect(200);
    assert_eq!(answer.json(), json!({"recorded": false, "decision": {"enabled": false, "decided_by": "gate"}}));
    assert_eq!(world.items(), Vec::<Value>::new());
    world.user("alice").get(&runs(1)).await.expect(404);
}

#[tokio::test]
async fn nobody_catches_anothers_conversation() {
    let world = recording().await;
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
    let world = recording().await;
    let register =
        |root: u32| json!({"owner_id": "alice", "root_chat_id": chat_id(root), "parent_chat_id": chat_id(root)});
    let created = |created: bool| json!({"created": created});
    assert_eq!(world.recorder().put(&chat(1), register(7)).await.expect(201).json(), created(true));
    let stored = world.items();
    assert_eq!(world.recorder().put(&chat(1), register(8)).await.expect(200).json(), created(false));
    assert_eq!(world.items(), stored);
}

#[tokio::test]
async fn a_step_is_put_and_replaced_whole_and_keeps_its_id() {
    let world = recording().await;
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    let mut first = large_step(None, b'a', 900_000);
    first["assistant_message_id"] = json!(5);
    let recorded = json!({"recorded": true});
    assert_eq!(world.recorder().put(&step(1, 1, 3), first).await.expect(201).json(), recorded);
    let before = detail(&world, 1).await["steps"][0].clone();
    world.app.clock.advance(Duration::from_secs(1));
    let mut second = large_step(None, b'b', 700_000);
    second["step_number"] = json!(3);
    second["normalized_response"] = json!({"text": "Paris"});
    assert_eq!(world.recorder().put(&step(1, 1, 3), &second).await.expect(200).json(), recorded);
    let after = detail(&world, 1).await["steps"][0].clone();
    assert_eq!(after["id"], before["id"]);
    assert_ne!(after["updated_at"], before["updated_at"]);
    assert_eq!(after["attempts"], second["attempts"]);
    assert_eq!(after["normalized_response"], second["normalized_response"]);
    assert_eq!(after.get("assistant_message_id"), None, "nothing of the old one is left");
    let left: Vec<_> = world.items().into_iter().filter(|item| item.get("expires_at").is_some()).collect();
    assert!(!left.is_empty() && left.iter().all(|item| item.get("content").is_none()), "the old parts are emptied");
}

#[tokio::test]
async fn a_repeated_step_number_must_be_that_of_the_path() {
    let world = recording().await;
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    let answer = world.recorder().put(&step(1, 1, 3), step_body(Some(4))).await.expect(400);
    assert_eq!(answer.problem("invalid-body").validations[0].field, "/step_number");
}

#[tokio::test]
async fn a_final_run_never_changes() {
    let world = recording().await;
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    world.recorder().patch(&run(1, 1), json!({})).await.expect(200);
    let finished = json!({"status": "completed", "finished_at": started_at(9)});
    let answer = world.recorder().patch(&run(1, 1), &finished).await.expect(200);
    world.app.clock.advance(Duration::from_secs(9));
    let before = detail(&world, 1).await;
    assert_eq!(world.recorder().patch(&run(1, 1), &finished).await.expect(200).body, answer.body);
    let same_status_later = json!({"status": "completed", "finished_at": started_at(10), "model": "other"});
    assert_eq!(world.recorder().patch(&run(1, 1), same_status_later).await.expect(200).body, answer.body);
    for other in [json!({}), json!({"status": "error"}), json!({"status": "in_progress"}), json!({"model": "m"})] {
        world.recorder().patch(&run(1, 1), other).await.expect(409).problem("run-final");
    }
    world.recorder().put(&step(1, 1, 1), step_body(None)).await.expect(409).problem("run-final");
    assert_eq!(detail(&world, 1).await, before);
}

#[tokio::test]
async fn a_final_status_without_an_end_ends_now() {
    let world = recording().await;
    let now = world.app.clock.now();
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    let state = world.recorder().patch(&run(1, 1), json!({"status": "interrupted"})).await.expect(200).json();
    let end: api::time::Timestamp = state["finished_at"].as_str().unwrap().parse().unwrap();
    assert!(end >= now && state["updated_at"] == state["finished_at"], "{state}");
    let mut ahead = open_run("alice", 2);
    let start = api::time::Timestamp::from_micros(now.micros() + 3_600_000_000).unwrap();
    ahead["started_at"] = json!(start.to_string());
    ahead.as_object_mut().unwrap().remove("id");
    ahead["status"] = json!("error");
    let posted = world.recorder().post(&runs(1), ahead).await.expect(201).json();
    assert_eq!(posted["run"]["finished_at"], posted["run"]["started_at"], "never before its start");
}

#[tokio::test]
async fn an_end_without_a_final_status_is_refused() {
    let world = recording().await;
    let mut body = open_run("alice", 1);
    body["finished_at"] = json!(started_at(2));
    let answer = world.recorder().post(&runs(1), &body).await.expect(400);
    assert_eq!(answer.problem("invalid-body").validations[0].field, "/finished_at");
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    for patch in [json!({"finished_at": started_at(2)}), json!({"finished_at": started_at(2), "status": "in_progress"})]
    {
        let answer = world.recorder().patch(&run(1, 1), patch).await.expect(400);
        assert_eq!(answer.problem("invalid-body").validations[0].field, "/finished_at");
    }
    assert_eq!(detail(&world, 1).await["status"], json!("in_progress"));
}

#[tokio::test]
async fn an_end_before_its_start_is_at_its_start() {
    let world = recording().await;
    let early = |mut value: Value, start: u32| {
        value["started_at"] = json!(started_at(start));
        value["finished_at"] = json!(started_at(start - 1));
        value
    };
    let mut backwards = early(step_body(Some(1)), 5);
    backwards["attempts"] = json!([early(json!({"number": 1, "status": "completed"}), 6)]);
    let body = early(turn("alice", 3, vec![backwards.clone()]), 3);
    let posted = world.recorder().post(&runs(1), &body).await.expect(201).json();
    assert_eq!(posted["run"]["finished_at"], json!(started_at(3)));
    world.recorder().post(&runs(1), open_run("alice", 4)).await.expect(201);
    backwards.as_object_mut().unwrap().remove("step_number");
    world.recorder().put(&step(1, 4, 1), backwards).await.expect(201);
    let patch = json!({"finished_at": started_at(1), "status": "completed"});
    let state = world.recorder().patch(&run(1, 4), patch).await.expect(200).json();
    assert_eq!(state["finished_at"], json!(started_at(4)));
    for n in [3, 4] {
        let read = detail(&world, n).await;
        assert_eq!(read["finished_at"], json!(started_at(n)));
        assert_eq!(read["steps"][0]["finished_at"], json!(started_at(5)));
        assert_eq!(read["steps"][0]["attempts"][0]["finished_at"], json!(started_at(6)));
    }
}

#[tokio::test]
async fn a_patch_keeps_what_it_does_not_name() {
    let world = recording().await;
    let mut body = open_run("alice", 1);
    body["provider"] = json!("anthropic");
    body["summary"] = json!({"first_message": "Hello"});
    world.recorder().post(&runs(1), body).await.expect(201);
    world.app.clock.advance(Duration::from_secs(1));
    let patch = json!({"model": "claude", "trigger_message_id": -7, "model_config_id": chat_id(9)});
    let state = world.recorder().patch(&run(1, 1), patch).await.expect(200).json();
    assert_eq!(state.as_object().unwrap().keys().collect::<Vec<_>>(), ["id", "status", "updated_at"]);
    let detail = detail(&world, 1).await;
    assert_eq!(detail["provider"], json!("anthropic"));
    assert_eq!(detail["model"], json!("claude"));
    assert_eq!(detail["trigger_message_id"], json!(-7));
    assert_eq!(detail["model_config_id"], json!(chat_id(9)));
    assert_eq!(detail["summary"], json!({"first_message": "Hello"}), "totals come with the end");
    assert_eq!(detail["updated_at"], state["updated_at"]);
}

#[tokio::test]
async fn switched_off_mid_run_only_the_end_is_stored() {
    let world = recording().await;
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    world.recorder().put(&step(1, 1, 1), step_body(None)).await.expect(201);
    world.user("alice").put(&chat_setting(1), json!({"override": "off"})).await.expect(204);
    let refused = json!({"recorded": false, "decision": {"enabled": false, "decided_by": "chat"}});
    let before = world.items();
    assert_eq!(world.recorder().put(&step(1, 1, 2), step_body(None)).await.expect(200).json(), refused);
    assert_eq!(world.recorder().put(&step(1, 1, 1), step_body(None)).await.expect(200).json(), refused);
    let state = world.recorder().patch(&run(1, 1), json!({"model": "m"})).await.expect(200).json();
    assert_eq!(state["status"], json!("in_progress"));
    assert_eq!(world.items(), before);
    let end =
        json!({"status": "completed", "finished_at": started_at(5), "model": "m", "summary": {"first_message": "m"}});
    world.recorder().patch(&run(1, 1), end).await.expect(200);
    let run = detail(&world, 1).await;
    assert_eq!((&run["status"], &run["finished_at"]), (&json!("completed"), &json!(started_at(5))));
    assert_eq!(run.get("model"), None);
    assert_eq!(
        run["summary"],
        json!({
            "step_count": 1, "total_input_tokens": 11, "total_output_tokens": 3,
        })
    );
    world.recorder().put(&step(1, 1, 2), step_body(None)).await.expect(409).problem("run-final");
}

#[tokio::test]
async fn totals_equal_a_recount_through_replacements_in_any_order() {
    let world = recording().await;
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    let with = |usage: Value, status: &str| {
        let mut step = step_body(None);
        step["usage"] = usage;
        step["status"] = json!(status);
        step
    };
    for (number, body) in [
        (5, with(json!({"input_tokens": 100, "reasoning_tokens": 4}), "completed")),
        (2, with(json!({"input_tokens": 7, "output_tokens": 1}), "error")),
        (5, with(json!({"input_tokens": 10, "cache_read_tokens": 9_223_372_036_854_775_807_i64}), "completed")),
        (9, with(json!({"cache_read_tokens": 9_223_372_036_854_775_807_i64}), "interrupted")),
        (2, with(json!({"input_tokens": 8}), "completed")),
    ] {
        world.recorder().put(&step(1, 1, number), body).await;
    }
    world.recorder().patch(&run(1, 1), json!({"status": "completed"})).await.expect(200);
    let expected = json!({
        "step_count": 3, "total_input_tokens": 18, "total_output_tokens": 0,
        "total_cache_read_tokens": 9_007_199_254_740_991_i64,
    });
    assert_eq!(detail(&world, 1).await["summary"], expected, "no more than every client reads");
}

#[tokio::test]
async fn a_sum_beyond_the_largest_comes_back_when_a_step_is_replaced() {
    let world = recording().await;
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    let with = |tokens: u64| {
        let mut step = step_body(None);
        step["usage"] = json!({"input_tokens": tokens});
        step
    };
    for (number, tokens) in [(1, 9_007_199_254_740_990), (2, u64::MAX), (3, 5), (2, 1)] {
        assert!(world.recorder().put(&step(1, 1, number), with(tokens)).await.status < 300);
    }
    world.recorder().put(&step(1, 1, 1), with(7)).await.expect(200);
    world.recorder().patch(&run(1, 1), json!({"status": "completed"})).await.expect(200);
    assert_eq!(detail(&world, 1).await["summary"]["total_input_tokens"], json!(13));
}

#[tokio::test]
async fn usage_is_kept_as_sent_and_counted_once_whatever_the_provider_calls_it() {
    let world = recording().await;
    let anthropic = json!({"input_tokens": 10, "cache_creation_input_tokens": 200, "cache_read_input_tokens": 3000, "output_tokens": 50});
    let gemini =
        json!({"promptTokenCount": 10, "candidatesTokenCount": 2, "thoughtsTokenCount": 5, "totalTokenCount": 17});
    let openai = json!({"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150,
        "prompt_tokens_details": {"cached_tokens": 30}, "completion_tokens_details": {"reasoning_tokens": 20}});
    let ours = json!({"input_tokens": 1, "output_tokens": 2, "cache_read_tokens": 4, "reasoning_tokens": null});
    let unknown = json!({"tokens": 7, "input_tokens": "many", "output_tokens": -1, "cost": 0.5});
    let usages = [anthropic, gemini, openai, ours, unknown];
    let steps = (1..).zip(&usages).map(|(number, usage)| {
        let mut step = step_body(Some(number));
        step["usage"] = usage.clone();
        step
    });
    world.recorder().post(&runs(1), turn("alice", 1, steps.clone().collect())).await.expect(201);
    world.recorder().post(&runs(1), open_run("alice", 2)).await.expect(201);
    for (number, body) in (1..).zip(steps) {
        world.recorder().put(&step(1, 2, number), body).await.expect(201);
    }
    world.recorder().patch(&run(1, 2), json!({"status": "completed"})).await.expect(200);
    for n in [1, 2] {
        let read = detail(&world, n).await;
        let totals = json!({
            "step_count": 5, "total_input_tokens": 3210 + 10 + 100 + 1, "total_output_tokens": 50 + 7 + 50 + 2,
            "total_reasoning_tokens": 25, "total_cache_creation_tokens": 200, "total_cache_read_tokens": 3034,
        });
        assert_eq!(read["summary"], totals);
        for (at, usage) in usages.iter().enumerate() {
            assert_eq!(read["steps"][at]["usage"], *usage);
        }
    }
}

#[tokio::test]
async fn has_error_counts_failed_steps_and_steps_with_an_error_but_no_interrupted_ones() {
    let world = recording().await;
    let cases =
        [("completed", false, false), ("error", false, true), ("completed", true, true), ("interrupted", true, false)];
    for (n, (status, has_error, expected)) in (1..).zip(cases) {
        let mut step = step_body(Some(1));
        step["status"] = json!(status);
        if has_error {
            step["error"] = json!({"message": "x"});
        }
        let posted = world.recorder().post(&runs(1), turn("alice", n, vec![step])).await.expect(201).json();
        let shown = posted["run"]["summary"].get("has_error");
        assert_eq!(shown, expected.then_some(&json!(true)), "{status} {has_error}");
    }
}

#[tokio::test]
async fn the_label_is_the_first_completed_attempt_of_the_first_step() {
    let world = recording().await;
    let attempt = |status: &str, path: &str| json!({"number": 1, "status": status, "method": "POST", "path": path});
    let with = |number: Option<u32>, attempts: Value| {
        let mut step = step_body(number);
        step["attempts"] = attempts;
        step
    };
    let first =
        with(Some(2), json!([attempt("failed", "/a"), attempt("completed", "/b?key=1"), attempt("completed", "/c")]));
    let later = with(Some(3), json!([attempt("completed", "/d")]));
    let posted = world.recorder().post(&runs(1), turn("alice", 1, vec![later, first])).await.expect(201).json();
    assert_eq!(posted["run"]["summary"]["endpoint_label"], json!("POST /b"));

    world.recorder().post(&runs(1), open_run("alice", 2)).await.expect(201);
    for (number, path) in [(3, "/three"), (2, "/two"), (4, "/four")] {
        world.recorder().put(&step(1, 2, number), with(None, json!([attempt("completed", path)]))).await.expect(201);
    }
    world.recorder().put(&step(1, 2, 2), with(None, json!([attempt("completed", "/other")]))).await.expect(200);
    world.recorder().patch(&run(1, 2), json!({"status": "completed"})).await.expect(200);
    assert_eq!(detail(&world, 2).await["summary"]["endpoint_label"], json!("POST /other"));
}

#[tokio::test]
async fn keys_are_redacted_before_anything_is_stored() {
    let world = recording().await;
    let mut recorded = step_body(Some(1));
    recorded["attempts"] = json!([{
        "number": 1, "status": "completed", "method": "POST",
        "url": "https://u:canary@api.example.com/v1/x?key=canary&alt=sse", "path": "/v1/x?api_key=canary",
        "request_headers": {"Authorization": "Bearer canary", "x-api-key": "canary", "Accept": "*/*"},
        "response_headers": {"Set-Cookie": "canary", "x-request-id": "r"},
    }]);
    world.recorder().post(&runs(1), turn("alice", 1, vec![recorded.clone()])).await.expect(201);
    world.recorder().post(&runs(1), open_run("alice", 2)).await.expect(201);
    recorded.as_object_mut().unwrap().remove("step_number");
    world.recorder().put(&step(1, 2, 1), recorded).await.expect(201);
    let stored: String = world.items().iter().map(Value::to_string).collect();
    assert!(!stored.contains("canary") && !stored.contains(&STANDARD.encode("canary")));
    for n in [1, 2] {
        let detail = detail(&world, n).await;
        assert!(!detail.to_string().contains("canary"));
        let attempt = &detail["steps"][0]["attempts"][0];
        assert_eq!(attempt["url"], json!("https://[REDACTED]@api.example.com/v1/x?key=[REDACTED]&alt=sse"));
        assert_eq!(
            attempt["request_headers"],
            json!({"Authorization": "[REDACTED]", "x-api-key": "[REDACTED]", "Accept": "*/*"})
        );
    }
}

#[tokio::test]
async fn the_first_message_is_made_short() {
    let world = recording().await;
    let mut body = open_run("alice", 1);
    body["summary"] = json!({"first_message": format!("  What\n is\t{}", "é".repeat(300))});
    let posted = world.recorder().post(&runs(1), body).await.expect(201).json();
    let message = posted["run"]["summary"]["first_message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("What is é") && message.ends_with('…'), "{message}");
    assert_eq!(message.chars().count(), 200);
}

#[tokio::test]
async fn a_step_that_could_never_be_read_back_is_refused() {
    let world = recording().await;
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    let before = world.items();
    // Each quote weighs two bytes in the body and four in Lambda's answer.
    let mut quotes = step_body(None);
    quotes["metadata"] = json!({"quotes": "\"".repeat(2_000_000)});
    world.recorder().put(&step(1, 1, 1), quotes).await.expect(413).problem("step-too-large");
    // So does white space between members, which free-form objects keep.
    let lines =
        step_body(None).to_string().replace("{\"messages\"", &format!("{{{}\"messages\"", "\n".repeat(4_000_000)));
    world.recorder().put(&step(1, 1, 1), lines).await.expect(413).problem("step-too-large");
    assert_eq!(world.items(), before);
}

#[tokio::test]
async fn round_trips_are_few_and_known() {
    let world = recording().await;
    world.wire.hold(Duration::from_millis(50));
    let waits = |what: &str, answer: Answer, expected: usize| {
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
    waits(
        "turn, large",
        recorder.post(&runs(1), turn("alice", 3, vec![large_step(Some(1), b'x', 1_000_000)])).await,
        3,
    );
    waits("step", recorder.put(&step(1, 1, 1), named(step_body(None))).await, 2);
    waits("step, no owner", recorder.put(&step(1, 1, 2), step_body(None)).await, 3);
    waits("step, large", recorder.put(&step(1, 1, 3), named(large_step(None, b'x', 1_000_000))).await, 3);
    waits("patch", recorder.patch(&run(1, 1), json!({"owner_id": "alice"})).await, 2);
    waits("patch, no owner", recorder.patch(&run(1, 1), json!({})).await, 3);
    waits("decision", recorder.get(&debug_decision(1, "alice")).await, 1);
}
