//! Steps and runs that are put, changed and ended.

use super::*;

#[tokio::test]
async fn a_step_that_nobody_ended_reads_as_interrupted_in_a_final_run() {
    let world = World::recording("alice").await;
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
async fn a_step_is_put_and_replaced_whole_and_keeps_its_id() {
    let world = World::recording("alice").await;
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    let mut first = stored_step(None, 1, 900_000);
    first["assistant_message_id"] = json!(5);
    let recorded = json!({"recorded": true});
    assert_eq!(world.recorder().put(&step(1, 1, 3), first).await.expect(201).json(), recorded);
    let before = detail(&world, 1).await["steps"][0].clone();
    world.app.clock.advance(Duration::from_secs(1));
    let mut second = stored_step(None, 2, 700_000);
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
    assert!(!left.is_empty() && left.iter().all(|item| item.get("content").is_none()), "the old chunks are emptied");
}

#[tokio::test]
async fn a_repeated_step_number_must_be_that_of_the_path() {
    let world = World::recording("alice").await;
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    let answer = world.recorder().put(&step(1, 1, 3), step_body(Some(4))).await.expect(400);
    assert_eq!(answer.problem("invalid-body").validations[0].field, "/step_number");
}

#[tokio::test]
async fn a_final_run_never_changes() {
    let world = World::recording("alice").await;
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
    let world = World::recording("alice").await;
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
    let world = World::recording("alice").await;
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
    let world = World::recording("alice").await;
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
    let world = World::recording("alice").await;
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
    let world = World::recording("alice").await;
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
async fn a_step_that_could_never_be_read_back_is_refused() {
    let world = World::recording("alice").await;
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    let before = world.items();
    // Each quote weighs two bytes in the body and four in Lambda's answer.
    let mut quotes = step_body(None);
    quotes["metadata"] = json!({"quotes": "\"".repeat(2_000_000)});
    world.recorder().put(&step(1, 1, 1), quotes).await.expect(413).problem("step-too-large");
    // So does white space between members, which free-form objects keep.
    let mut lines = step_body(None);
    lines["metadata"] = json!({"key": 1});
    let lines = lines.to_string().replace("{\"key\"", &format!("{{{}\"key\"", "\n".repeat(4_000_000)));
    world.recorder().put(&step(1, 1, 1), lines).await.expect(413).problem("step-too-large");
    assert_eq!(world.items(), before);
}
