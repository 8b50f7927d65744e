//! Requests that were not meant well, by what they attack.
//!
//! What the gateway refuses before a function is asked is not here: other methods, paths and their
//! case, preflights and origins, headers above 10 KB.

mod bodies;
mod gzip;
mod headers;
mod ids;
mod queries;
mod refusal_order;
mod values;
mod verbatim;

use api::{
    ids::ChatId,
    routes::{Callers, ROUTES, Route, fill},
};
use serde_json::{Value, json};
use tests::{cases, openapi, wire::Seen, world::*};

const OWNER: &str = "alice";

/// What Alice's product calls one of her chats: bodies with every member name it, so that they are of this chat.
const NAME: &str = "conversation 7";

/// Alice's chat 1 has a final run 1 and an open run 2, as the one with a name has; her chat 2 has run 3; chat 3 with
/// run 4 is Bob's, and his chat 4 is deleted.
async fn recorded() -> World {
    let world = World::recording(OWNER).await;
    world.consent("bob").await;
    let recorder = world.recorder();
    recorder.post(&runs(1), turn(OWNER, 1, vec![step_body(Some(1))])).await.expect(201);
    recorder.post(&runs(1), open_run(OWNER, 2)).await.expect(201);
    recorder.post(&path_of(route("create-debug-run")), open_run(OWNER, 2)).await.expect(201);
    recorder.post(&runs(2), turn(OWNER, 3, vec![step_body(Some(1))])).await.expect(201);
    recorder.post(&runs(3), turn("bob", 4, vec![step_body(Some(1))])).await.expect(201);
    recorder.put(&chat(4), json!({"owner_id": "bob"})).await.expect(201);
    world.user("bob").delete(&chat(4)).await.expect(204);
    world.wire.take();
    world
}

/// Who may call a route.
fn caller<'w>(world: &'w World, route: &Route) -> TestCaller<'w> {
    match route.callers {
        Callers::Admin => world.admin(),
        Callers::User => world.user(OWNER),
        Callers::Recorder | Callers::Authenticated => world.recorder(),
        Callers::Anyone => world.nobody(),
    }
}

/// A body of a route that takes one, with every member there is.
fn full_body(route: &Route) -> Option<Value> {
    match route.operation {
        "put-chat" => Some(full_chat()),
        "create-debug-run" => Some(full_turn()),
        "update-debug-run" => Some(full_patch()),
        "put-debug-step" | "preview-redaction" => Some(full_put()),
        "create-recorder-key" => Some(full_key()),
        _ => cases::valid_body(route, OWNER),
    }
}

const UUID: &str = "0c000000-0000-4000-8000-0000000000ff";

/// A chat with every member there is.
fn full_chat() -> Value {
    json!({"owner_id": OWNER, "external_id": NAME, "root_chat_id": UUID, "parent_chat_id": UUID})
}

/// A recorder key with every member there is.
fn full_key() -> Value {
    json!({"general": false, "label": "my own bot", "expires_at": "2999-01-01T00:00:00Z"})
}

/// A step that is put, with every member there is.
fn full_put() -> Value {
    let mut step = full_step(7);
    step["owner_id"] = json!(OWNER);
    step["external_id"] = json!(NAME);
    step
}

/// A turn with every member there is.
fn full_turn() -> Value {
    let mut turn = full_run(OWNER, 50, vec![full_step(1), full_step(2)]);
    turn["external_id"] = json!(NAME);
    turn
}

/// A patch with every member there is.
fn full_patch() -> Value {
    let known = openapi::members("UpdateRun");
    let mut patch = full_turn();
    patch.as_object_mut().unwrap().retain(|name, _| known.contains_key(&**name));
    patch
}

/// The id of Alice's chat with a name.
fn named_chat_id() -> String {
    ChatId::named(&OWNER.parse().unwrap(), &NAME.parse().unwrap()).to_string()
}

/// The path of a run of this chat.
fn named_run(n: u32) -> String {
    format!("{}/debug/runs/{}", named_chat(OWNER, NAME), run_id(n))
}

/// A route's path to the open run of Alice's chat with a name; its step is the seventh.
fn path_of(route: &Route) -> String {
    fill(route, &[&named_chat_id(), &run_id(2), "7", "request"])
}

/// Every route that takes a body; the patch comes last, since a good one closes the run.
fn body_routes() -> impl Iterator<Item = &'static Route> {
    let is_patch = |route: &&Route| route.operation == "update-debug-run";
    let others = ROUTES.into_iter().filter(move |route| route.has_body() && !is_patch(route));
    others.chain(ROUTES.into_iter().filter(is_patch))
}

fn route(operation: &str) -> &'static Route {
    ROUTES.into_iter().find(|route| route.operation == operation).unwrap()
}

async fn send(world: &World, route: &Route, body: impl Into<Vec<u8>>) -> TestResponse {
    let caller = caller(world, route);
    caller.send(caller.request(route.method.as_str(), &path_of(route), Some(body.into()))).await
}

/// The value with a text of JSON in a place; an empty text takes the place away.
fn spoiled(good: &Value, pointer: &str, json: &str) -> String {
    let mut spoiled = good.clone();
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match spoiled.pointer_mut(parent).unwrap() {
        Value::Array(values) => values[last.parse::<usize>().unwrap()] = json!("@"),
        Value::Object(members) if json.is_empty() => drop(members.remove(last)),
        Value::Object(members) => drop(members.insert(last.to_owned(), json!("@"))),
        _ => panic!("{pointer}"),
    }
    spoiled.to_string().replace("\"@\"", json)
}

/// A bad body is refused at this pointer in words with this part, and nothing is written.
async fn assert_bad(world: &World, route: &Route, body: impl Into<Vec<u8>>, field: &str, part: &str) {
    let body = body.into();
    let shown: String = String::from_utf8_lossy(&body).chars().take(2_000).collect();
    world.wire.take();
    let answer = send(world, route, body).await;
    let case = format!("{} {shown}: {}", route.operation, answer.body);
    assert_eq!(answer.status, 400, "{case}");
    let problem = answer.problem("invalid-body");
    assert_eq!(problem.validations.len(), 1, "{case}");
    assert_eq!(problem.validations[0].field, field, "{case}");
    assert!(problem.validations[0].detail.contains(part), "{part} in {case}");
    assert!(!world.wire.take().iter().any(Seen::writes), "{case}");
}
