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

#[tokio::test]
async fn white_space_and_the_order_of_our_members_are_no_other_content() {
    let world = recording().await;
    let body = turn("alice", 1, vec![step_body(Some(1))]);
    let first = world.recorder().post(&runs(1), &body).await.expect(201);
    let again = world.recorder().post(&runs(1), serde_json::to_string_pretty(&json!({"x": 1})).unwrap()).await;
    again.expect(400);
    let text = body.to_string().replacen("{\"finished_at\"", "{ \n \"finished_at\"", 1);
    assert_eq!(world.recorder().post(&runs(1), text).await.expect(200).body, first.body);
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
    world.recorder().put(&chat(1), register(7)).await.expect(201);
    let stored = world.items();
    world.recorder().put(&chat(1), register(8)).await.expect(200);
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
async fn an_end_without_a_final_status_or_before_the_start_is_refused() {
    let world = recording().await;
    let mut body = open_run("alice", 1);
    body["finished_at"] = json!(started_at(2));
    let answer = world.recorder().post(&runs(1), &body).await.expect(400);
    assert_eq!(answer.problem("invalid-body").validations[0].field, "/finished_at");
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    for patch in [
        json!({"finished_at": started_at(2)}),
        json!({"finished_at": started_at(2), "status": "in_progress"}),
        json!({"finished_at": started_at(0), "status": "completed"}),
    ] {
        let answer = world.recorder().patch(&run(1, 1), patch).await.expect(400);
        assert_eq!(answer.problem("invalid-body").validations[0].field, "/finished_at");
    }
    assert_eq!(detail(&world, 1).await["status"], json!("in_progress"));
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
    for member in ["status", "model", "summary", "owner_id", "finished_at"] {
        world.recorder().patch(&run(1, 1), json!({member: null})).await.expect(400);
    }
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
    let summary = detail(&world, 1).await["summary"].to_string();
    let expected = r#"{"step_count":3,"total_input_tokens":18,"total_output_tokens":0,"total_cache_read_tokens":18446744073709551614}"#;
    assert_eq!(serde_json::from_str::<api::run::Summary>(&summary).unwrap(), serde_json::from_str(expected).unwrap());
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
