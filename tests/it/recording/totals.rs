//! What a run says of its steps, and what is left out of it.

use super::*;

#[tokio::test]
async fn totals_equal_a_recount_through_replacements_in_any_order() {
    let world = World::recording("alice").await;
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
    let world = World::recording("alice").await;
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
    let world = World::recording("alice").await;
    let anthropic = json!({"input_tokens": 10, "cache_creation_input_tokens": 200, "cache_read_input_tokens": 3000, "output_tokens": 50});
    let gemini =
        json!({"promptTokenCount": 10, "candidatesTokenCount": 2, "thoughtsTokenCount": 5, "totalTokenCount": 17});
    let openai = json!({"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150,
        "prompt_tokens_details": {"cached_tokens": 30}, "completion_tokens_details": {"reasoning_tokens": 20}});
    let canonical = json!({"input_tokens": 1, "output_tokens": 2, "cache_read_tokens": 4, "reasoning_tokens": null});
    let unknown = json!({"tokens": 7, "input_tokens": "many", "output_tokens": -1, "cost": 0.5});
    let usages = [anthropic, gemini, openai, canonical, unknown];
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
    let world = World::recording("alice").await;
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
    let world = World::recording("alice").await;
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
    let world = World::recording("alice").await;
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
    let world = World::recording("alice").await;
    let mut body = open_run("alice", 1);
    body["summary"] = json!({"first_message": format!("  What\n is\t{}", "é".repeat(300))});
    let posted = world.recorder().post(&runs(1), body).await.expect(201).json();
    let message = posted["run"]["summary"]["first_message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("What is é") && message.ends_with('…'), "{message}");
    assert_eq!(message.chars().count(), 200);
}
