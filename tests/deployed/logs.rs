//! What is in the logs, and what is not: a line of JSON for each request, and nothing that anybody said.

use crate::stage::{Here, fresh, on_stage};
use api::routes::{CREATE_DEBUG_RUN, Callers, ROUTES};
use base64::{Engine, engine::general_purpose::STANDARD};
use local::{gateway::STACK, issuer::TokenRole};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{
    cases::valid_body,
    log,
    world::{run_id, step_body, turn},
};

/// All lines of an operation's log group.
async fn lines(here: &Here, operation: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut asked = json!({"logGroupName": format!("/aws/lambda/{STACK}-{operation}")});
    loop {
        let page = here.gateway.control.call("logs", "filter_log_events", asked.clone()).await.unwrap();
        let events = page["events"].as_array().unwrap();
        lines.extend(events.iter().map(|event| event["message"].as_str().unwrap().to_owned()));
        match page.get("nextToken") {
            Some(token) => asked["nextToken"] = token.clone(),
            None => return lines,
        }
    }
}

/// Whether Lambda wrote a line itself.
fn is_of_lambda(line: &str) -> bool {
    ["START", "END", "REPORT"].iter().any(|word| line.starts_with(&format!("{word} RequestId: ")))
}

/// The lines about the requests of a correlation id, as soon as there are so many.
async fn of_correlation(here: &Here, operation: &str, correlation: &str, count: usize) -> Vec<Value> {
    let mut found = Vec::new();
    for _ in 0..50 {
        found = lines(here, operation).await;
        found.retain(|line| line.contains(correlation));
        if found.len() >= count {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    found.iter().map(|line| log::check_line(line)).collect()
}

#[test]
fn each_request_is_one_line_without_a_word_of_what_was_said() {
    on_stage(async |stage| {
        let Some(here) = stage.here("what the functions log, which needs the account's rights") else { return };
        let owner = stage.owner().await;
        let correlation = fresh();
        let mut step = step_body(Some(1));
        step["normalized_request"] = json!({"messages": [{"role": "user", "content": "canary-prompt"}]});
        step["attempts"] = json!([{
            "number": 1, "status": "completed", "method": "POST", "url": "https://canary-user:canary-pass@example.com/v1",
            "request_headers": {"x-api-key": "canary-key"}, "request_body": STANDARD.encode("canary-exchanged"),
            "response_status": 200, "response_body": STANDARD.encode("canary-answered"),
        }]);
        let chat = fresh();
        stage.recorder().call(&CREATE_DEBUG_RUN, &[&chat], Some(&turn(&owner, 1, vec![step]))).await.expect(201);

        // Deleting comes last.
        let mut routes = ROUTES.to_vec();
        routes.sort_by_key(|route| route.operation.starts_with("delete"));
        for route in &routes {
            let caller = match route.callers {
                Callers::Anyone => stage.nobody(),
                Callers::Admin => stage.admin(),
                Callers::User => stage.user(&owner),
                Callers::Recorder | Callers::Authenticated => stage.recorder(),
            };
            let caller = caller.with("x-correlation-id", &correlation);
            let mut body = valid_body(route, &owner);
            if route.operation == "put-debug-step" {
                body = Some(json!({"canary-member": "canary-value"}));
            }
            let answer = caller.call(route, &[&chat, &run_id(1), "1"], body.as_ref()).await;
            assert!(answer.status < 500, "{}: {answer:?}", route.operation);
            assert_eq!(answer.header("x-correlation-id"), Some(&*correlation), "{}", route.operation);
            let logged = of_correlation(here, route.operation, &correlation, 1).await;
            assert_eq!(logged.len(), 1, "{} logs a line for a request: {logged:?}", route.operation);
            assert_eq!(
                (&logged[0]["operation"], &logged[0]["status"], logged[0]["request_id"].as_str()),
                (&json!(route.operation), &json!(answer.status), answer.header("x-request-id")),
            );
        }

        let mut canaries = vec!["canary".to_owned(), "Bearer".to_owned()];
        canaries.extend(["exchanged", "answered"].map(|it| STANDARD.encode(format!("canary-{it}"))));
        for (sub, role) in
            [(&*owner, TokenRole::User), ("admin-1", TokenRole::Admin), ("recorder-1", TokenRole::Recorder)]
        {
            let token = stage.token(sub, role);
            canaries.extend(token.split('.').map(str::to_owned));
        }
        for route in &routes {
            for line in lines(here, route.operation).await.iter().filter(|line| !is_of_lambda(line)) {
                log::check_line(line);
                let said = canaries.iter().find(|canary| line.contains(&***canary));
                assert_eq!(said, None, "{} logs what it was told: {line}", route.operation);
            }
        }
    });
}
