//! The real binaries: each is started once and takes its part in one short story.

use api::{
    jobs::SWEEP_STAGED,
    routes::{GET_DOCS, GET_OPENAPI, GET_VIEWER, PREVIEW_REDACTION, ROUTES},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tests::{
    runtime::{Binaries, Binary, Remains, variables},
    world::*,
};

/// The caller's own id of every request of the story.
const CORRELATION_ID: &str = "4bf92f3577b34da6";

/// A step that a model's keys and a person's words went through.
fn telling_step() -> Value {
    let exchanged = STANDARD.encode("canary-exchanged");
    let mut step = step_body(None);
    step["normalized_request"] = json!({"messages": [{"role": "user", "content": "canary-prompt"}]});
    step["attempts"] = json!([{
        "number": 1, "status": "completed", "method": "POST", "path": "/v1/messages",
        "url": "https://canary-secret@model.example/v1/messages?api_key=canary-secret",
        "request_headers": {"Authorization": "Bearer canary-secret", "x-api-key": "canary-secret"},
        "request_body": exchanged, "response_body": exchanged, "response_status": 200,
    }]);
    step
}

#[tokio::test]
async fn every_binary_plays_its_part_and_logs_one_line_a_request_that_tells_nothing() {
    let world = World::new().await;
    let (alice, admin, recorder) = (world.user("alice"), world.admin(), world.recorder());
    let mut functions = Binaries::of(&world);
    let mut whole_turn = turn("alice", 2, vec![telling_step()]);
    whole_turn["steps"][0]["step_number"] = json!(1);
    whole_turn["summary"] = json!({"first_message": "canary-first"});

    let by_key = world.bearer(world.key(None).await);
    let mine = alice.post(&recorder_keys(), json!({})).await.expect(201).json();
    let mine = format!("{}/{}", recorder_keys(), mine["id"].as_str().unwrap());

    let steps = |n| format!("{}/steps", run(1, n));
    let story = [
        (&admin, "PUT", gate(), json!({"allow_users": true}), 204),
        (&admin, "GET", gate(), Value::Null, 200),
        (&alice, "PUT", opt_in(), json!({"debug_logging_enabled": true}), 204),
        (&alice, "GET", opt_in(), Value::Null, 200),
        (&alice, "POST", recorder_keys(), json!({"label": "canary-label"}), 201),
        (&alice, "GET", recorder_keys(), Value::Null, 200),
        (&alice, "DELETE", mine, Value::Null, 204),
        (&by_key, "GET", gate(), Value::Null, 401),
        (&by_key, "PUT", chat(1), json!({"owner_id": "alice"}), 201),
        (&recorder, "PUT", chat(1), json!({"owner_id": "alice"}), 200),
        (&alice, "GET", chats(), Value::Null, 200),
        (&alice, "PUT", chat_setting(1), json!({"override": "on"}), 204),
        (&alice, "GET", chat_setting(1), Value::Null, 200),
        (&recorder, "GET", debug_decision(1, "alice"), Value::Null, 200),
        (&recorder, "POST", runs(1), open_run("alice", 1), 201),
        (&recorder, "POST", runs(1), open_run("alice", 1), 200),
        (&recorder, "PUT", step(1, 1, 1), telling_step(), 201),
        (&recorder, "PUT", step(1, 1, 1), telling_step(), 200),
        (&recorder, "PATCH", run(1, 1), json!({"status": "completed"}), 200),
        (&recorder, "PUT", step(1, 1, 2), telling_step(), 409),
        (&recorder, "POST", runs(1), whole_turn, 201),
        (&alice, "GET", runs(1), Value::Null, 200),
        (&alice, "GET", steps(1), Value::Null, 200),
        (&alice, "GET", run(1, 1), Value::Null, 200),
        (&alice, "GET", run(1, 2), Value::Null, 200),
        (&alice, "GET", step(1, 2, 1), Value::Null, 200),
        (&alice, "GET", format!("{}/view", run(1, 2)), Value::Null, 200),
        (&alice, "GET", format!("{}/har", run(1, 2)), Value::Null, 200),
        (&recorder, "POST", PREVIEW_REDACTION.path.to_owned(), telling_step(), 200),
        (&alice, "GET", format!("{}/content/attempts/1/request", step(1, 2, 1)), Value::Null, 200),
        // What is refused is not quoted either.
        (&alice, "GET", format!("{}?limit=canary-query", runs(1)), Value::Null, 400),
        (&alice, "GET", chat_setting(1).replace("/debug-logging", "canary-id/debug-logging"), Value::Null, 400),
        (&recorder, "POST", runs(1), json!({"owner_id": "canary-member"}), 400),
        (&world.bearer("canary-token"), "GET", opt_in(), Value::Null, 401),
        (&world.user("canary-sub"), "GET", run(1, 1), Value::Null, 404),
        (&alice, "DELETE", run(1, 1), Value::Null, 204),
        (&alice, "GET", run(1, 1), Value::Null, 404),
        (&alice, "DELETE", chat(1), Value::Null, 204),
        (&alice, "GET", runs(1), Value::Null, 404),
        (&world.nobody(), "GET", GET_OPENAPI.path.to_owned(), Value::Null, 200),
        (&world.nobody(), "GET", GET_DOCS.path.to_owned(), Value::Null, 200),
        (&world.nobody(), "GET", GET_VIEWER.path.to_owned(), Value::Null, 200),
    ];
    let mut canaries = vec!["canary".to_owned(), STANDARD.encode("canary-exchanged"), "Bearer".to_owned()];
    for (caller, method, path, body, status) in story {
        let body = (!body.is_null()).then(|| body.to_string().into_bytes());
        let mut sent = caller.request(method, &path, body);
        sent.headers.push(("x-correlation-id".to_owned(), CORRELATION_ID.to_owned()));
        sent.headers.push(("accept-encoding".to_owned(), "gzip".to_owned()));
        let tokens = sent.headers.iter().filter_map(|(_, value)| value.strip_prefix("Bearer "));
        canaries.extend(tokens.map(str::to_owned));
        let answer = functions.send(&sent).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        assert_eq!(answer.header("x-correlation-id"), Some(CORRELATION_ID));
        // Where it pays.
        let is_gzipped = answer.body.len() >= 1_024;
        assert_eq!(answer.header("content-encoding"), is_gzipped.then_some("gzip"), "{path}");
        assert!(!answer.body.contains("canary-secret"), "{method} {path}: {}", answer.body);
        if (method, &*path, status) == ("GET", &*run(1, 2), 200) {
            let [run, first] = [&answer.json(), &answer.json()["steps"][0]];
            assert_eq!(run["summary"]["first_message"], "canary-first");
            assert_eq!(first["normalized_request"], telling_step()["normalized_request"]);
            assert_eq!(first["attempts"][0]["request_body"], STANDARD.encode("canary-exchanged"));
            assert_eq!(first["attempts"][0]["request_headers"]["x-api-key"], "[REDACTED]");
        }
    }

    let logs = functions.logs().await;
    assert_eq!(logs.len(), ROUTES.len(), "every operation has a part in the story: {:?}", logs.keys());
    for (operation, lines) in logs {
        for line in &lines {
            assert_eq!(line["correlation_id"], CORRELATION_ID);
            assert!(line["duration_ms"].is_f64(), "{line}");
        }
        let log = Value::Array(lines).to_string();
        for canary in &canaries {
            assert!(!log.contains(&**canary), "{operation} logs what it was told: {log}");
        }
    }
}

#[tokio::test]
async fn a_binary_serves_many_requests_and_a_deadline_in_the_past_is_unknown() {
    let world = World::new().await;
    let variables = variables(&world, world.engine.endpoint());
    let mut function = Binary::spawn("get-debug-logging", &variables).await;
    for deadline in [1, 1_700_000_000_000] {
        let sent = TestRequest { deadline, ..world.admin().request("GET", &gate(), None) };
        function.send(&sent).await.unwrap().expect(200);
    }
}

#[tokio::test]
async fn a_variable_that_is_missing_or_wrong_is_named_and_nothing_starts() {
    let world = World::new().await;
    let mut variables = variables(&world, world.engine.endpoint());
    variables.push(("AWS_SESSION_TOKEN", "canary-session".to_owned()));
    for (_, value) in variables.iter_mut().filter(|(name, _)| name.starts_with("AWS_") && name.ends_with("KEY")) {
        *value = "canary-key".to_owned();
    }
    let spoiled = [
        ("TABLE_NAME", None),
        ("ISSUER", None),
        ("AUDIENCES", None),
        ("AUDIENCES", Some("chat-debug,,canary")),
        ("JWKS", None),
        ("JWKS", Some("canary")),
        ("FORCE_DEBUG_LOGGING", Some("canary")),
        ("RECORDER_KEYS", Some("canary")),
        ("AWS_REGION", None),
        ("AWS_ACCESS_KEY_ID", None),
        ("AWS_SECRET_ACCESS_KEY", None),
        ("AWS_SECRET_ACCESS_KEY", Some("")),
    ];
    for (name, value) in spoiled {
        let mut variables = variables.clone();
        variables.retain(|(variable, _)| *variable != name);
        variables.extend(value.map(|value| (name, value.to_owned())));
        let Remains { status, stdout, stderr } = Binary::spawn("put-debug-step", &variables).await.ended().await;
        assert!(!status.success(), "{name} = {value:?}");
        assert!(stderr.contains(&format!("{name} ")), "{name} = {value:?}: {stderr}");
        let line: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!((&line["level"], &line["operation"]), (&json!("error"), &json!("put-debug-step")));
        assert!(line["cause"].as_str().unwrap().contains(&format!("variable {name} ")), "{line}");
        assert!(!stderr.contains("canary") && !stdout.contains("canary"), "{name} = {value:?}: {stdout}{stderr}");
    }
}

#[tokio::test]
async fn what_is_wrong_for_callers_stops_no_job() {
    let world = World::new().await;
    let mut variables = variables(&world, world.wire.endpoint());
    let wrong = [("ISSUER", ""), ("AUDIENCES", "one,,two"), ("JWKS", "{"), ("REDACTION_RULES", "no rule")];
    variables.extend(wrong.map(|(name, value)| (name, value.to_owned())));
    let mut job = Binary::spawn(SWEEP_STAGED.name, &variables).await;
    assert_eq!(job.invoke(&json!({}), 0).await.unwrap(), Value::Null);
    let Remains { stdout, .. } = job.kill().await;
    let line: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&line["level"], &line["purged"]), (&json!("info"), &json!(0)), "{line}");
}
