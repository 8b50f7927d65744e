//! The OpenAPI document and the code say the same, to the last refusal. infra/generate holds it to the byte.
//!
//! That every answer is what the document says needs no test of its own: each answer that any test
//! gets is held against it.

use api::{
    ids::ChatId,
    routes::{
        CREATE_DEBUG_RUN, CREATE_RECORDER_KEY, Callers, GET_DEBUG_LOGGING, LIST_DEBUG_RUNS, LIST_DEBUG_STEPS, PUT_CHAT,
        PUT_DEBUG_STEP, ROUTES, Route, fill,
    },
};
use lambda_http::http::{
    HeaderMap, HeaderValue,
    header::{CONTENT_TYPE, WWW_AUTHENTICATE},
};
use serde_json::{Map, Value, json};
use tests::{
    openapi::{self, DOCUMENT, target},
    world::{TestResponse, World},
};

const CHAT: &str = "7b0e8f52-4c1d-4a63-9f0e-2d5c8a914b37";
const RUN: &str = "019b7ca9-8f2e-7c41-8a6d-5e0f3b92d714";

/// What the code says of values that do not go together, which the document says in words.
const BETWEEN_VALUES: [&str; 5] = [
    "must come with a final `status`",
    "must be the step number of the path",
    // A bound key may leave it out.
    "missing field `owner_id`",
    // A word has to make the chat's id, with its owner.
    "must be the id in the path",
    "must make the id in the path",
];

fn described(route: &Route) -> &'static Value {
    &DOCUMENT["paths"][route.path][route.method.as_str().to_lowercase()]
}

fn examples(described: &'static Value) -> Vec<(&'static str, &'static Value)> {
    let examples = described["content"]["application/json"]["examples"].as_object();
    examples.into_iter().flatten().map(|(name, example)| (&**name, &example["value"])).collect()
}

fn with_body() -> impl Iterator<Item = &'static Route> {
    ROUTES.into_iter().filter(|route| route.has_body())
}

/// A world in which the examples are as good as they look.
async fn world(route: &Route) -> World {
    let world = World::recording("user-1").await;
    if route.path.starts_with(PUT_CHAT.path)
        && ![PUT_CHAT.operation, CREATE_DEBUG_RUN.operation].contains(&route.operation)
    {
        let runs = fill(&CREATE_DEBUG_RUN, &[CHAT]);
        let open = json!({"id": RUN, "owner_id": "user-1", "kind": "chat_turn", "status": "in_progress", "started_at": "2026-01-02T03:04:05.678Z"});
        world.recorder().post(&runs, open).await.expect(201);
    }
    world
}

/// Sends a body as whoever may.
async fn send(world: &World, route: &Route, body: &Value) -> TestResponse {
    let caller = match described(route)["security"][0].as_object().unwrap().keys().next().map(String::as_str) {
        Some("recorder") => world.recorder(),
        _ if [GET_DEBUG_LOGGING.path, CREATE_RECORDER_KEY.path].contains(&route.path) => world.admin(),
        _ => world.user("user-1"),
    };
    // A chat that is named by a word has the id that the word makes.
    let text = |member: &str| body[member].as_str();
    let named = text("owner_id")
        .zip(text("external_id"))
        .and_then(|(owner, word)| Some(ChatId::named(&owner.parse().ok()?, &word.parse().ok()?).to_string()));
    let path = fill(route, &[named.as_deref().unwrap_or(CHAT), RUN, "1", "request"]);
    caller.send(caller.request(route.method.as_str(), &path, Some(body.to_string().into_bytes()))).await
}

#[test]
fn every_example_of_an_answer_is_one() {
    for route in ROUTES {
        for (status, response) in described(route)["responses"].as_object().unwrap() {
            let response = target(&DOCUMENT, response);
            let examples = examples(response);
            let is_json = response["content"].get("application/json").is_some();
            assert_eq!(examples.is_empty(), !is_json, "{} {status} needs an example", route.operation);
            for (name, example) in examples {
                let (status, is_of_gateway) = (status.parse().unwrap(), name == "gateway");
                let refusal = openapi::refusal_of_answer(route, status, is_of_gateway, &example.to_string());
                assert_eq!(refusal, None, "{} {status} {name}", route.operation);
            }
        }
    }
}

#[tokio::test]
async fn every_example_of_a_request_is_taken() {
    for route in with_body() {
        let examples = examples(&described(route)["requestBody"]);
        assert!(!examples.is_empty(), "{} needs an example", route.operation);
        for (name, example) in examples {
            let answer = send(&world(route).await, route, example).await;
            assert!(answer.status < 300, "{} {name}: {}", route.operation, answer.body);
        }
    }
}

/// A body with one thing changed, anywhere that the document speaks of, and what that is.
fn changed(
    schema: &Value,
    value: &Value,
    at: &str,
    changes: &mut Vec<(String, Value)>,
    whole: &dyn Fn(Value) -> Value,
) {
    let schema = target(&DOCUMENT, schema["allOf"].get(0).unwrap_or(schema));
    let texts = [json!("é #"), json!("x".repeat(300))];
    let numbers = [json!(-1), json!(0), json!(1.5), json!(9_999)];
    for other in [json!(null), json!(true), json!([]), json!({})].into_iter().chain(texts).chain(numbers) {
        changes.push((format!("{at} = {other}"), whole(other)));
    }
    if let (Some(first), Some(items)) = (value.get(0), schema.get("items")) {
        let whole = |item| {
            let mut items = value.clone();
            items[0] = item;
            whole(items)
        };
        changed(items, first, &format!("{at}/0"), changes, &whole);
    }
    let (Some(members), true) = (value.as_object(), schema["type"] == "object") else { return };
    let with = |change: &dyn Fn(&mut Map<String, Value>)| {
        let mut members = members.clone();
        change(&mut members);
        whole(Value::Object(members))
    };
    let unknown = with(&|members| drop(members.insert("unknown_member".to_owned(), json!(true))));
    changes.push((format!("{at}/unknown_member"), unknown));
    for name in members.keys() {
        changes.push((format!("{at} without {name}"), with(&|members| drop(members.remove(name)))));
    }
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        let whole = |value: Value| with(&|members| drop(members.insert(name.clone(), value.clone())));
        changed(schema, members.get(name).unwrap_or(&Value::Null), &format!("{at}/{name}"), changes, &whole);
    }
}

#[tokio::test]
async fn the_document_refuses_what_the_code_refuses_and_nothing_else() {
    for route in with_body() {
        let world = world(route).await;
        let body = &described(route)["requestBody"];
        let mut changes = Vec::new();
        for (name, example) in examples(body) {
            changed(&body["content"]["application/json"]["schema"], example, name, &mut changes, &|whole| whole);
        }
        let mut refused = 0;
        for (what, changed) in changes {
            let by_document = openapi::refusal(route, &changed.to_string());
            let answer = send(&world, route, &changed).await;
            let by_code = answer.status == 400 && !BETWEEN_VALUES.iter().any(|words| answer.body.contains(words));
            assert_eq!(by_document.is_some(), by_code, "{} {what}: {by_document:?}, {}", route.operation, answer.body);
            refused += usize::from(by_code);
        }
        assert!(refused > 10, "{}: {refused}", route.operation);
    }
}

#[tokio::test]
async fn the_parameters_of_a_query_are_as_the_document_says() {
    for route in [&LIST_DEBUG_RUNS, &LIST_DEBUG_STEPS] {
        let world = world(&PUT_DEBUG_STEP).await;
        let ask =
            async |query: String| world.user("user-1").get(&format!("{}?{query}", fill(route, &[CHAT, RUN]))).await;
        ask("mine=1".to_owned()).await.problem("invalid-query");
        for parameter in described(route)["parameters"].as_array().unwrap() {
            let parameter = target(&DOCUMENT, parameter);
            let (name, schema) = (parameter["name"].as_str().unwrap(), target(&DOCUMENT, &parameter["schema"]));
            let (good, bad): (Vec<Value>, _) = match &schema["enum"] {
                _ if parameter["in"] != "query" => continue,
                Value::Array(words) => (words.clone(), vec![json!("mine"), json!("")]),
                _ if schema["type"] == "integer" => {
                    let [least, most] = ["minimum", "maximum"].map(|bound| schema[bound].as_i64().unwrap());
                    (vec![json!(least), json!(most)], vec![json!(least - 1), json!(most + 1), json!("x")])
                }
                _ if schema["minLength"] == 1 => {
                    let longest = usize::try_from(schema["maxLength"].as_u64().unwrap()).unwrap();
                    (vec![json!("x"), json!("x".repeat(longest))], vec![json!(""), json!("x".repeat(longest + 1))])
                }
                // Opaque: a good one comes from an answer.
                _ => (Vec::new(), vec![json!("x")]),
            };
            let text = |value: Value| format!("{name}={}", value.as_str().map_or(value.to_string(), str::to_owned));
            for value in good {
                ask(text(value)).await.expect(200);
            }
            for value in bad {
                let problem = ask(text(value)).await.problem("invalid-query");
                assert_eq!(problem.validations[0].field, name);
                assert_ne!(problem.validations[0].detail, "is no parameter of this route");
            }
        }
    }
}

fn verdict(change: impl FnOnce(&mut u16, &mut HeaderMap, &mut Value)) -> Result<(), String> {
    let (mut status, mut headers) = (200, HeaderMap::new());
    let mut body = json!({"allow_users": true, "forced_by_deployment": false});
    headers.insert("content-type", "application/json".parse().unwrap());
    headers.insert("x-request-id", "request-1".parse().unwrap());
    change(&mut status, &mut headers, &mut body);
    failure(|| openapi::check(&GET_DEBUG_LOGGING, status, &headers, &body.to_string()))
}

/// The words of a check that fails.
fn failure(check: impl FnOnce()) -> Result<(), String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(check))
        .map_err(|panic| panic.downcast_ref::<String>().unwrap().clone())
}

#[test]
fn an_answer_that_was_not_declared_is_named() {
    assert_eq!(verdict(|_, _, _| {}), Ok(()));
    let refused = |part: &str, verdict: Result<(), String>| {
        let refusal = verdict.expect_err(part);
        assert!(refusal.contains("get-debug-logging") && refusal.contains(part), "{refusal}");
    };
    refused("answered 201", verdict(|status, _, _| *status = 201));
    refused("x-request-id", verdict(|_, headers, _| drop(headers.remove("x-request-id"))));
    refused(
        "content type",
        verdict(|_, headers, _| drop(headers.insert("content-type", "text/html".parse().unwrap()))),
    );
    for (name, value) in [("link", "</next>; rel=\"next\""), ("etag", "\"x\""), ("x-powered-by", "us")] {
        refused(name, verdict(|_, headers, _| drop(headers.insert(name, value.parse().unwrap()))));
    }
    refused(
        "x-correlation-id",
        verdict(|_, headers, _| drop(headers.insert("x-correlation-id", "a b".parse().unwrap()))),
    );
    refused("'extra'", verdict(|_, _, body| body["extra"] = json!(1)));
    refused("\"allow_users\"", verdict(|_, _, body| drop(body.as_object_mut().unwrap().remove("allow_users"))));
    refused("/allow_users", verdict(|_, _, body| body["allow_users"] = json!("yes")));
    let not_found = api::problem::Problem::NotFound.body();
    refused("answered 404", verdict(|status, _, body| (*status, *body) = (404, json!(not_found))));
    refused(
        "user-only",
        verdict(|status, _, body| (*status, *body) = (403, json!(api::problem::Problem::UserOnly.body()))),
    );
    let unauthenticated = |status: &mut u16, headers: &mut HeaderMap, body: &mut Value| {
        (*status, *body) = (401, json!(api::problem::Problem::Unauthenticated.body()));
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""));
    };
    assert_eq!(verdict(unauthenticated), Ok(()));
    refused(
        "x-request-id",
        verdict(|status, headers, body| {
            unauthenticated(status, headers, body);
            headers.remove("x-request-id");
        }),
    );
    refused(
        "www-authenticate",
        verdict(|status, headers, body| {
            unauthenticated(status, headers, body);
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic"));
        }),
    );
    refused(
        "\"type\"",
        verdict(|status, headers, body| {
            unauthenticated(status, headers, body);
            *body = json!({"message": "Unauthorized"});
        }),
    );
    refused(
        "answered 429",
        verdict(|status, _, body| (*status, *body) = (429, json!({"message": "Too Many Requests"}))),
    );
}

fn verdict_on_gateway(route: &Route, status: u16, body: &Value) -> Result<(), String> {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    failure(|| openapi::check_gateway(route, status, &headers, &body.to_string()))
}

#[test]
fn a_refusal_of_the_gateway_is_told_apart_from_a_functions() {
    let refusal = json!({"message": "Too Many Requests"});
    for route in ROUTES {
        assert_eq!(verdict_on_gateway(route, 429, &refusal), Ok(()));
        let is_for_anyone = route.callers == Callers::Anyone;
        assert_eq!(verdict_on_gateway(route, 401, &refusal).is_err(), is_for_anyone, "{}", route.operation);
        let is_for_recorders = route.callers == Callers::Recorder;
        assert_eq!(verdict_on_gateway(route, 403, &refusal).is_ok(), is_for_recorders, "{}", route.operation);
        assert!(verdict_on_gateway(route, 200, &refusal).is_err(), "{}", route.operation);
    }
    for other in [json!({}), json!({"message": 1}), json!({"message": "Mock response", "extra": 1})] {
        assert!(verdict_on_gateway(&PUT_CHAT, 429, &other).is_err(), "{other}");
    }
    let problem = json!(api::problem::Problem::RecorderOnly.body());
    assert!(verdict_on_gateway(&PUT_CHAT, 403, &problem).is_err(), "a function's answer");
}
