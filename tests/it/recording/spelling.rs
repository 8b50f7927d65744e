//! One value in several spellings, and values that are read more leniently than they are described.

use super::*;
use tests::openapi;

#[tokio::test]
async fn an_optional_member_that_is_null_is_absent() {
    let world = World::recording("alice").await;
    // Every optional member that the document has, but for those that are said.
    let null = |mut value: Value, schema: &str, said: &[&str]| {
        for (member, is_required) in openapi::members(schema) {
            if !is_required && !said.contains(&member) {
                value[member] = Value::Null;
            }
        }
        value
    };
    let of_chat = null(json!({"owner_id": "alice"}), "PutChat", &["owner_id"]);
    world.recorder().put(&chat(1), of_chat).await.expect(201);
    let attempt = null(json!({"number": 1, "status": "failed"}), "AttemptInput", &[]);
    let with_attempt = |mut step: Value| {
        step["attempts"] = json!([attempt]);
        step
    };
    let body = null(open_run("alice", 1), "CreateRun", &["id", "owner_id"]);
    world.recorder().post(&runs(1), body).await.expect(201);
    world.recorder().post(&runs(1), null(open_run("alice", 2), "CreateRun", &["owner_id"])).await.expect(201);
    let of_turn = with_attempt(null(step_body(Some(1)), "TurnStep", &[]));
    world.recorder().post(&runs(1), turn("alice", 3, vec![of_turn])).await.expect(201);
    let put = null(step_body(None), "StepInput", &[]);
    world.recorder().put(&step(1, 1, 1), &put).await.expect(201);
    world.recorder().put(&step(1, 1, 1), with_attempt(put)).await.expect(200);
    let before = detail(&world, 1).await;
    let state = world.recorder().patch(&run(1, 1), null(json!({}), "UpdateRun", &[])).await.expect(200).json();
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
    let world = World::recording("alice").await;
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
    let world = World::recording("alice").await;
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
    let world = World::recording("alice").await;
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
    let world = World::recording("alice").await;
    let free = r#"{"text":"cut \ud83d","\udc00":["\ud800\ud800"],"whole":"\ud83d\ude00"}"#;
    let mut body = turn("alice", 1, vec![step_body(Some(1))]);
    for member in ["normalized_request", "normalized_response", "usage", "error", "metadata"] {
        body["steps"][0][member] = json!("@");
    }
    body["model"] = json!("~");
    body["summary"] = json!({"first_message": "~"});
    body["trigger_message_id"] = json!("~");
    body["steps"][0]["attempts"] =
        json!([{"number": 1, "status": "failed", "error": "~", "request_headers": {"x-title": "~"}}]);
    let sent = |body: &Value| body.to_string().replace("\"@\"", free).replace('~', r"cut \ud83d");
    world.recorder().post(&runs(1), sent(&body)).await.expect(201);
    body["external_id"] = json!("~");
    let named = format!("{}/debug/runs", named_chat("alice", "cut \u{fffd}"));
    world.recorder().post(&named, sent(&body)).await.expect(201);
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
    assert_eq!(read.trigger_message_id, Some(api::ids::MessageId::Text("cut \u{fffd}".parse().unwrap())));
    let steps = world.user("alice").get(&format!("{}/steps", run(1, 1))).await.expect(200);
    assert_eq!(serde_json::from_str::<Vec<api::step::Step>>(&steps.body).unwrap(), read.steps);
}
