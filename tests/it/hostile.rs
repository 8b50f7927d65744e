//! Bodies, ids, queries, cursors and headers that were not meant well.
//!
//! What the gateway refuses before a function is asked is not here: other methods, paths and their
//! case, preflights and origins, headers above 10 KB.

use api::{
    ids::{ChatId, RunId, StepNumber},
    problem::MAX_BODY_BYTES,
    routes::{
        Callers, GET_DEBUG_DECISION, LIST_DEBUG_RUNS, LIST_DEBUG_STEPS, PUT_CHAT_DEBUG_LOGGING, PUT_USER_DEBUG_LOGGING,
        ROUTES, Route, fill,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use service::cursor::Scope;
use tests::{
    cases::{self, valid_query},
    operations::dispatch,
    wire::Seen,
    world::*,
};

const OWNER: &str = "alice";

/// Alice's chat 1 has a final run 1 and an open run 2, her chat 2 has run 3; chat 3 with run 4 is
/// Bob's, and his chat 4 is deleted.
async fn recorded() -> World {
    let world = World::new().await;
    world.consent("bob").await;
    world.consent(OWNER).await;
    let recorder = world.recorder();
    recorder.post(&runs(1), turn(OWNER, 1, vec![step_body(Some(1))])).await.expect(201);
    recorder.post(&runs(1), open_run(OWNER, 2)).await.expect(201);
    recorder.post(&runs(2), turn(OWNER, 3, vec![step_body(Some(1))])).await.expect(201);
    recorder.post(&runs(3), turn("bob", 4, vec![step_body(Some(1))])).await.expect(201);
    recorder.put(&chat(4), json!({"owner_id": "bob"})).await.expect(201);
    world.user("bob").delete(&chat(4)).await.expect(204);
    world.wire.take();
    world
}

/// Who may call a route.
fn caller<'w>(world: &'w World, route: &Route) -> As<'w> {
    match route.callers {
        Callers::Admin => world.admin(),
        Callers::User => world.user(OWNER),
        Callers::Recorder => world.recorder(),
        Callers::Anyone => world.nobody(),
    }
}

/// A body of a route that takes one, with every member there is.
fn full_body(route: &Route) -> Option<Value> {
    match route.operation {
        "create-debug-run" => Some(full_turn()),
        "update-debug-run" => Some(full_patch()),
        "put-debug-step" => Some(full_step(7)),
        _ => cases::valid_body(route, OWNER),
    }
}

const UUID: &str = "0c000000-0000-4000-8000-0000000000ff";

/// A step with every member there is.
fn full_step(number: u32) -> Value {
    json!({
        "step_number": number, "operation": "stream", "status": "completed",
        "started_at": started_at(1), "finished_at": started_at(2),
        "history_tip_message_id": 1, "assistant_message_id": 2,
        "normalized_request": {"messages": []}, "normalized_response": {"content": []},
        "usage": {
            "input_tokens": 1, "output_tokens": 2, "total_tokens": 3, "reasoning_tokens": 4,
            "cache_creation_tokens": 5, "cache_read_tokens": 6,
        },
        "attempts": [{
            "number": 1, "status": "completed", "method": "POST", "url": "https://host/v1", "path": "/v1",
            "started_at": started_at(1), "finished_at": started_at(2),
            "request_headers": {"a": "1"}, "request_body": "aGk=", "response_status": 200,
            "response_headers": {"b": "2"}, "response_body": "aGk=", "error": "none", "duration_ms": 3,
            "retry_classification": "none", "retry_delay_ms": 4,
        }],
        "error": {}, "metadata": {},
    })
}

/// A turn with every member there is.
fn full_turn() -> Value {
    let mut turn = turn(OWNER, 50, vec![full_step(1), full_step(2)]);
    let others = json!({
        "provider": "p", "model": "m", "root_chat_id": UUID, "parent_chat_id": UUID, "model_config_id": UUID,
        "trigger_message_id": 1, "history_tip_message_id": 2, "summary": {"first_message": "hello"},
    });
    turn.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
    turn
}

/// A patch with every member there is.
fn full_patch() -> Value {
    json!({
        "owner_id": OWNER, "status": "completed", "finished_at": started_at(9), "provider": "p", "model": "m",
        "model_config_id": UUID, "trigger_message_id": 1, "history_tip_message_id": 2,
        "summary": {"first_message": "hello"},
    })
}

/// A route's path to Alice's open run; its step is the seventh.
fn path_of(route: &Route) -> String {
    fill(route, &[&chat_id(1), &run_id(2), "7"])
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

async fn send(world: &World, route: &Route, body: impl Into<Vec<u8>>) -> Answer {
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

// ---- Ids ---------------------------------------------------------------------------------------

/// What is not the one spelling of an id.
fn other_spellings(id: &str) -> Vec<String> {
    let mut all = vec![
        id.to_uppercase(),
        format!("{{{id}}}"),
        format!("urn:uuid:{id}"),
        id.replace('-', ""),
        id.replacen('0', "\u{ff10}", 1),
        id.replacen('0', "%30", 1),
        id[..35].to_owned(),
        format!("{id}0"),
        "a".repeat(2_048),
    ];
    all.extend(
        ["{id} ", " {id}", "{id}%20", "{id}%00", "{id}\0", "{id}\n", "{id}#", "{id};x=1"]
            .map(|form| form.replace("{id}", id)),
    );
    all.extend(["{id}\\", "{id}%2f..", "{id}#RUN#", "{id}.json", "{id},{id}"].map(|form| form.replace("{id}", id)));
    let others =
        ["..", ".", "%2e%2e%2f", "%252e", "~", "*", "0", "-", "null", ":v", "#n", "$", "size", "attribute_exists(pk)"];
    all.extend(others.map(str::to_owned));
    all.push("\" OR 1=1".into());
    all
}

#[tokio::test]
async fn a_chat_has_one_spelling_and_another_is_refused_before_anything() {
    let world = recorded().await;
    for route in ROUTES.into_iter().filter(|route| route.has_parameter("chat")) {
        for spelling in other_spellings(&chat_id(1)) {
            let caller = caller(&world, route);
            let path = fill(route, &[&spelling, &run_id(2), "7"]);
            let body = full_body(route).map(|body| body.to_string().into_bytes());
            let answer = caller.send(caller.request(route.method.as_str(), &path, body)).await;
            assert_eq!(answer.status, 400, "{path}: {answer:?}");
            assert_eq!(answer.problem("invalid-id").validations[0].field, "chat", "{path}");
            assert!(world.wire.take().is_empty(), "{path}");
        }
    }
}

#[tokio::test]
async fn a_run_has_one_spelling() {
    let world = recorded().await;
    let before = world.items();
    for route in ROUTES.into_iter().filter(|route| route.has_parameter("run")) {
        for spelling in other_spellings(&run_id(2)) {
            let caller = caller(&world, route);
            let path = fill(route, &[&chat_id(1), &spelling, "7"]);
            let body = full_body(route).map(|body| body.to_string().into_bytes());
            let answer = caller.send(caller.request(route.method.as_str(), &path, body)).await;
            assert_eq!(answer.status, 400, "{path}: {answer:?}");
            assert_eq!(answer.problem("invalid-id").validations[0].field, "run", "{path}");
        }
    }
    assert!(world.items() == before);
}

#[tokio::test]
async fn a_step_number_has_one_spelling() {
    let world = recorded().await;
    let before = world.items();
    let put = route("put-debug-step");
    for number in [
        "0",
        "-1",
        "+1",
        "01",
        "00001",
        "1.0",
        "1e0",
        "0x1",
        "one",
        "100000",
        "1000000000",
        "4294967297",
        "18446744073709551617",
        "1 ",
        " 1",
        "%31",
        "1%20",
        "\u{ff11}",
        "1;x=1",
        "1,2",
        "..",
        "null",
    ] {
        let path = fill(put, &[&chat_id(1), &run_id(2), number]);
        let answer = world.recorder().put(&path, step_body(None)).await;
        assert_eq!(answer.status, 400, "{number}: {answer:?}");
        assert_eq!(answer.problem("invalid-id").validations[0].field, "step_number", "{number}");
    }
    assert!(world.items() == before);
    for number in ["1", "99999"] {
        let path = fill(put, &[&chat_id(1), &run_id(2), number]);
        world.recorder().put(&path, step_body(None)).await.expect(201);
    }
}

#[tokio::test]
async fn the_nil_and_the_max_id_are_well_formed_and_unknown() {
    let world = recorded().await;
    for id in ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"] {
        let alice = world.user(OWNER);
        alice.get(&fill(&LIST_DEBUG_RUNS, &[id])).await.expect(404);
        alice.get(&format!("{}/{id}", runs(1))).await.expect(404);
        alice.delete(&format!("{}/{id}", runs(1))).await.expect(404);
    }
}

#[tokio::test]
async fn a_run_elsewhere_costs_and_says_what_an_unknown_one_does() {
    let world = recorded().await;
    world.recorder().post(&runs(1), turn(OWNER, 6, vec![step_body(Some(1))])).await.expect(201);
    world.user(OWNER).delete(&run(1, 6)).await.expect(204);
    for route in ROUTES.into_iter().filter(|route| route.has_parameter("run")) {
        let mut cases = vec![(1, 99), (1, 3), (1, 4), (3, 4), (3, 99), (4, 4), (77, 2), (77, 99)];
        match route.operation {
            // A deleted run may be deleted again, so that what was left behind goes too.
            "delete-debug-run" => {}
            _ => cases.push((1, 6)),
        }
        if route.callers == Callers::Recorder {
            // A recorder writes to every chat, so that Bob's run in Bob's chat is no other's.
            cases.retain(|case| *case != (3, 4));
        }
        let mut said: Vec<(String, Vec<String>)> = Vec::new();
        for (chat, run) in cases {
            let caller = caller(&world, route);
            let path = fill(route, &[&chat_id(chat), &run_id(run), "1"]);
            let body = route.has_body().then(|| match route.operation {
                "put-debug-step" => step_body(None).to_string().into_bytes(),
                _ => b"{}".to_vec(),
            });
            world.wire.take();
            let answer = caller.send(caller.request(route.method.as_str(), &path, body)).await.expect(404);
            let mut calls: Vec<_> = world.wire.take().into_iter().map(|seen| seen.operation).collect();
            calls.sort();
            said.push((answer.body, calls));
        }
        for other in &said {
            assert_eq!(*other, said[0], "{}: {said:#?}", route.operation);
        }
    }
}

#[tokio::test]
async fn a_user_id_that_looks_like_an_expression_is_a_name() {
    let world = World::new().await;
    let names =
        [":v", "$", "attribute_exists(pk)", "\"OR\"1=1", "{{pk}}", "../x", "<script>", "%23RUN%23", "true", "~"];
    for (n, name) in (1..).zip(names) {
        world.consent(name).await;
        world.recorder().post(&runs(n), turn(name, 1, vec![])).await.expect(201);
        assert_eq!(world.user(name).get(&runs(n)).await.expect(200).json().as_array().unwrap().len(), 1);
        world.user("mallory").get(&runs(n)).await.expect(404);
    }
}

// ---- The order of refusals ---------------------------------------------------------------------

/// What can be wrong with a request, in the order in which it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Token,
    Role,
    Type,
    Size,
    ChatId,
    Chat,
    RunId,
    Run,
    Forced,
    Gate,
    Input,
}

impl Fault {
    const ALL: [Self; 11] = [
        Self::Token,
        Self::Role,
        Self::Type,
        Self::Size,
        Self::ChatId,
        Self::Chat,
        Self::RunId,
        Self::Run,
        Self::Forced,
        Self::Gate,
        Self::Input,
    ];

    fn can_be_of(self, route: &Route) -> bool {
        let is_consent = [PUT_USER_DEBUG_LOGGING, PUT_CHAT_DEBUG_LOGGING].contains(route);
        match self {
            Self::Token => route.callers != Callers::Anyone,
            Self::Role => !matches!(route.callers, Callers::Anyone),
            Self::Type | Self::Size => route.has_body(),
            Self::ChatId | Self::Chat => route.has_parameter("chat"),
            Self::RunId | Self::Run => route.has_parameter("run"),
            Self::Forced | Self::Gate => is_consent,
            Self::Input => route.has_body() || [LIST_DEBUG_RUNS, LIST_DEBUG_STEPS, GET_DEBUG_DECISION].contains(route),
        }
    }

    fn refusal(self, route: &Route) -> (u16, &'static str) {
        match self {
            Self::Token => (401, "unauthenticated"),
            Self::Role => match route.callers {
                Callers::Admin => (403, "admin-only"),
                Callers::Recorder => (403, "recorder-only"),
                Callers::User | Callers::Anyone => (403, "user-only"),
            },
            Self::Type => (415, "unsupported-media-type"),
            Self::Size => (413, "body-too-large"),
            Self::ChatId | Self::RunId => (400, "invalid-id"),
            Self::Chat | Self::Run => (404, "not-found"),
            Self::Forced => (409, "forced-by-deployment"),
            Self::Gate => (403, "gate-closed"),
            Self::Input if route.has_body() => (400, "invalid-body"),
            Self::Input => (400, "invalid-query"),
        }
    }
}

/// Sends a request with all of these faults at once.
async fn faulty(world: &World, route: &Route, faults: &[Fault]) -> Answer {
    let has = |fault| faults.contains(&fault);
    if Fault::Gate.can_be_of(route) {
        world.admin().put(&gate(), json!({"allow_users": !has(Fault::Gate)})).await.expect(204);
    }
    let caller = match route.callers {
        _ if has(Fault::Token) => world.bearer("no.token.atall"),
        Callers::User if has(Fault::Role) => world.recorder(),
        Callers::Admin | Callers::Recorder if has(Fault::Role) => world.user(OWNER),
        _ => caller(world, route),
    };
    let chat = match () {
        () if has(Fault::ChatId) => chat_id(1).to_uppercase(),
        () if has(Fault::Chat) => chat_id(4),
        () => chat_id(1),
    };
    let run = match () {
        () if has(Fault::RunId) => run_id(2).to_uppercase(),
        () if has(Fault::Run) => run_id(99),
        () => run_id(2),
    };
    let query = if has(Fault::Input) && !route.has_body() { "?nope=1".to_owned() } else { valid_query(route, OWNER) };
    let body = full_body(route).map(|good| match () {
        () if has(Fault::Size) => "{".repeat(MAX_BODY_BYTES + 1),
        () if has(Fault::Input) => "{".to_owned(),
        () => good.to_string(),
    });
    let path = format!("{}{query}", fill(route, &[&chat, &run, "7"]));
    let mut sent = caller.request(route.method.as_str(), &path, body.map(String::into_bytes));
    if has(Fault::Type) {
        sent.headers.retain(|(name, _)| name != "content-type");
    }
    caller.send(sent).await
}

#[tokio::test]
async fn every_route_says_what_is_wrong_in_one_order() {
    for route in ROUTES {
        let world = recorded().await;
        let faults: Vec<Fault> =
            Fault::ALL.into_iter().filter(|fault| *fault != Fault::Forced && fault.can_be_of(route)).collect();
        for first in 0..faults.len() {
            let mut rest = faults[first..].to_vec();
            // 5 MiB again and again take their time; one route has them in every place.
            rest.retain(|fault| {
                *fault != Fault::Size || faults[first] == Fault::Size || route.operation == "create-debug-run"
            });
            let answer = faulty(&world, route, &rest).await;
            let (status, slug) = faults[first].refusal(route);
            assert_eq!(answer.status, status, "{} with {rest:?}: {answer:?}", route.operation);
            let problem = answer.problem(slug);
            if let Fault::ChatId | Fault::RunId = faults[first] {
                let expected = if faults[first] == Fault::ChatId { "chat" } else { "run" };
                assert_eq!(problem.validations[0].field, expected, "{}", route.operation);
            }
        }
        let answer = faulty(&world, route, &[]).await;
        assert!(answer.status < 300, "{}: {answer:?}", route.operation);
    }
}

#[tokio::test]
async fn forced_comes_behind_the_chat_and_before_everything_that_could_be_changed() {
    for route in [&PUT_USER_DEBUG_LOGGING, &PUT_CHAT_DEBUG_LOGGING] {
        let world = World::forced().await;
        for (n, owner) in [(1, OWNER), (4, "bob")] {
            world.recorder().put(&chat(n), json!({"owner_id": owner})).await.expect(201);
        }
        let before_forced: Vec<Fault> = Fault::ALL
            .into_iter()
            .take_while(|fault| *fault != Fault::Forced)
            .filter(|fault| *fault != Fault::Size && fault.can_be_of(route))
            .collect();
        for first in 0..=before_forced.len() {
            let expected = before_forced.get(first).copied().unwrap_or(Fault::Forced);
            let (status, slug) = expected.refusal(route);
            for behind in [&[Fault::Gate, Fault::Input][..], &[Fault::Input], &[Fault::Gate], &[]] {
                let answer = faulty(&world, route, &[&before_forced[first..], behind].concat()).await;
                assert_eq!(answer.status, status, "{} {expected:?}: {answer:?}", route.operation);
                answer.problem(slug);
            }
        }
    }
}

// ---- Bodies ------------------------------------------------------------------------------------

#[tokio::test]
async fn a_body_is_one_json_object_in_utf_8() {
    let world = recorded().await;
    let before = world.items();
    for route in body_routes() {
        let good = full_body(route).unwrap().to_string();
        let (before_end, _) = good.rsplit_once('}').unwrap();
        let utf_16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bad in [
            "",
            " ",
            "null",
            "true",
            "7",
            "\"x\"",
            "{",
            "}",
            "'x'",
            "undefined",
            "NaN",
            "Infinity",
            "{\"a\":NaN}",
            "{'a':1}",
        ] {
            assert_bad(&world, route, bad, "", "").await;
        }
        for bad in [
            format!("{good} x"),
            format!("{good}{good}"),
            format!("{good},"),
            format!("{good}\0"),
            format!("\u{feff}{good}"),
            format!("// comment\n{good}"),
            format!("/* comment */{good}"),
            format!("{before_end},}}"),
            before_end.to_owned(),
            good.replace('"', "'"),
            json!(good).to_string(),
            STANDARD.encode(&good),
            "{\"a\":".repeat(100_000),
        ] {
            assert_bad(&world, route, bad, "", "").await;
        }
        for bad in [
            [good.as_bytes(), b"\xff"].concat(),
            [b"\xef\xbb", good.as_bytes()].concat(),
            [before_end.as_bytes(), b",\"\xc0\x80\":1}"].concat(),
            [before_end.as_bytes(), b",\"\xed\xa0\x80\":1}"].concat(),
            utf_16.iter().copied().chain([0xff]).collect(),
        ] {
            assert_bad(&world, route, bad, "", "must be UTF-8").await;
        }
        assert_bad(&world, route, utf_16, "", "").await;
    }
    assert!(world.items() == before);
}

/// Every object of a body with the pointers of its members.
fn objects(body: &Value) -> Vec<(&'static str, Vec<String>)> {
    ["", "/summary", "/steps/0", "/steps/0/attempts/0", "/attempts/0"]
        .into_iter()
        .filter_map(|at| Some((at, body.pointer(at)?.as_object()?.keys().cloned().collect())))
        .collect()
}

#[tokio::test]
async fn a_member_that_is_unknown_or_comes_twice_is_refused_at_its_object() {
    let world = recorded().await;
    let before = world.items();
    for route in body_routes() {
        let good = full_body(route).unwrap();
        for (at, members) in objects(&good) {
            for unknown in ["nope", "Status", "owner-id", "__proto__", "constructor", "", "updated_at"] {
                let more = spoiled(&good, &format!("{at}/{unknown}"), "1");
                assert_bad(&world, route, more, at, "unknown field").await;
            }
            for member in members {
                let pointer = format!("{at}/{member}");
                let value = good.pointer(&pointer).unwrap();
                let twice = spoiled(&good, &pointer, &format!("{value},\"{member}\":{value}"));
                assert_bad(&world, route, twice, at, &format!("duplicate field `{member}`")).await;
            }
        }
    }
    assert!(world.items() == before);
}

#[tokio::test]
async fn a_member_of_the_servers_own_is_unknown() {
    let world = recorded().await;
    let before = world.items();
    for (operation, at, members) in [
        ("create-debug-run", "", &["chat_id", "updated_at", "step_count", "steps_complete"][..]),
        ("create-debug-run", "/summary", &["step_count", "has_error", "endpoint_label", "total_input_tokens"]),
        ("create-debug-run", "/steps/1", &["id", "run_id", "chat_id", "updated_at", "owner_id"]),
        ("update-debug-run", "", &["id", "chat_id", "started_at", "kind", "updated_at", "steps", "root_chat_id"]),
        ("update-debug-run", "/summary", &["step_count", "has_error"]),
        ("put-debug-step", "", &["id", "run_id", "chat_id", "updated_at"]),
        ("put-chat", "", &["id", "override", "deleted"]),
        ("put-chat-debug-logging", "", &["effective", "decided_by"]),
        ("put-user-debug-logging", "", &["user_toggle_allowed", "forced_by_deployment"]),
        ("put-debug-logging", "", &["forced_by_deployment"]),
    ] {
        let good = full_body(route(operation)).unwrap();
        for member in members {
            // A member of this name is good elsewhere.
            let value = if *member == "owner_id" { json!(OWNER) } else { json!(UUID) };
            let bad = spoiled(&good, &format!("{at}/{member}"), &value.to_string());
            assert_bad(&world, route(operation), bad, at, &format!("unknown field `{member}`")).await;
        }
    }
    assert!(world.items() == before);
}

#[tokio::test]
async fn a_member_that_is_missing_is_asked_for_at_its_object() {
    let world = recorded().await;
    let before = world.items();
    for (operation, required) in [
        ("put-debug-logging", &["/allow_users"][..]),
        ("put-user-debug-logging", &["/debug_logging_enabled"]),
        ("put-chat-debug-logging", &["/override"]),
        ("put-chat", &["/owner_id"]),
        (
            "create-debug-run",
            &[
                "/owner_id",
                "/kind",
                "/status",
                "/started_at",
                "/steps/1/step_number",
                "/steps/1/operation",
                "/steps/1/status",
                "/steps/1/started_at",
                "/steps/1/attempts/0/number",
                "/steps/1/attempts/0/status",
            ],
        ),
        ("put-debug-step", &["/operation", "/status", "/started_at", "/attempts/0/number", "/attempts/0/status"]),
    ] {
        for pointer in required {
            let (at, member) = pointer.rsplit_once('/').unwrap();
            let bad = spoiled(&full_body(route(operation)).unwrap(), pointer, "");
            assert_bad(&world, route(operation), bad, at, &format!("missing field `{member}`")).await;
            let null = spoiled(&full_body(route(operation)).unwrap(), pointer, "null");
            // Within a turn a number is asked for that is absent elsewhere.
            let field = if member == "step_number" { at } else { pointer };
            assert_bad(&world, route(operation), null, field, "").await;
        }
    }
    assert!(world.items() == before);
}

/// Texts of JSON that are no value of a member, by what the member is. `null` is none of a setting, of an
/// item of a list, and of a member that has to be there; any other member it leaves absent.
fn wrong(kind: &str) -> std::str::Split<'static, &'static str> {
    let texts = match kind {
        "flag" => r#"null | 0 | 1 | "true" | "" | [] | {} | True"#,
        "text" => "true | 7 | [] | {} | [\"x\"] | \"\u{1}\" | \"\n\"",
        "word" => r#"true | 7 | "" | "nope" | "Completed" | " completed" | [] | {} | ["completed"]"#,
        "setting" => r#"null | true | 7 | "" | "nope" | "On" | " on" | [] | {} | ["on"]"#,
        "id" => {
            concat!(
                r#"7 | "" | [] | {} | "0C000000-0000-4000-8000-0000000000FF" | "0c000000000040008000000000000000" | "#,
                r#""{0c000000-0000-4000-8000-0000000000ff}" | "urn:uuid:0c000000-0000-4000-8000-0000000000ff" | "#,
                r#""0c000000-0000-4000-8000-0000000000ff ""#,
            )
        }
        "user" => r#"7 | "" | [] | {} | "a b" | "a#RUN#" | "a\u0000" | "a\n" | "é" | "\ud800""#,
        "time" => r#"0 | 1767322800000 | 1767322800.5 | "" | "1767322800" | "2026-01-02" | [] | {}"#,
        "message" => {
            r#"true | 1.5 | 9223372036854775808 | 1e999 | [] | {} | "" | " " | " a" | "a " | "a\n" | "a\tb" | "\u0000" | "\ud800""#
        }
        "count" => r#"true | "1" | 1.5 | -1 | 9007199254740992 | 18446744073709551616 | 1e999 | [] | {}"#,
        "span" => r#"true | "1" | "" | [] | {} | [1]"#,
        "code" => r#"true | "200" | 200.5 | [] | {}"#,
        "object" => r#"true | 7 | "{}" | [] | [{}]"#,
        "headers" => r#"true | 7 | "a: b" | [] | [["a","b"]]"#,
        "bytes" => r#"7 | [104] | {} | "aGk" | "aGl=" | "-_8=" | "aGk=\n" | " aGk=" | "a" | "=""#,
        "list" => r#"true | 7 | "x" | {}"#,
        "parts" => r#"true | 7 | "x""#,
        "item" => r#"null | true | 7 | "x""#,
        _ => panic!("{kind}"),
    };
    texts.split(" | ")
}

/// The members of a step that stands at `at`.
fn members_of_step(at: &str) -> Vec<(String, &'static str)> {
    let members = [
        ("step_number", "count"),
        ("operation", "word"),
        ("status", "word"),
        ("started_at", "time"),
        ("finished_at", "time"),
        ("history_tip_message_id", "message"),
        ("assistant_message_id", "message"),
        ("normalized_request", "object"),
        ("normalized_response", "object"),
        ("usage", "object"),
        ("attempts", "list"),
        ("attempts/0", "item"),
        ("attempts/0/number", "count"),
        ("attempts/0/status", "word"),
        ("attempts/0/method", "text"),
        ("attempts/0/url", "text"),
        ("attempts/0/path", "text"),
        ("attempts/0/started_at", "time"),
        ("attempts/0/finished_at", "time"),
        ("attempts/0/request_headers", "headers"),
        ("attempts/0/request_headers/a", "text"),
        ("attempts/0/request_body", "bytes"),
        ("attempts/0/response_status", "code"),
        ("attempts/0/response_headers", "headers"),
        ("attempts/0/response_headers/b", "text"),
        ("attempts/0/response_body", "bytes"),
        ("attempts/0/error", "text"),
        ("attempts/0/duration_ms", "span"),
        ("attempts/0/retry_classification", "text"),
        ("attempts/0/retry_delay_ms", "span"),
        ("error", "object"),
        ("metadata", "object"),
    ];
    members.into_iter().map(|(member, kind)| (format!("{at}/{member}"), kind)).collect()
}

#[tokio::test]
async fn a_value_of_the_wrong_kind_is_refused_where_it_stands() {
    let world = recorded().await;
    let before = world.items();
    let owned = |members: &[(&str, &'static str)]| -> Vec<(String, &'static str)> {
        members.iter().map(|(pointer, kind)| ((*pointer).to_owned(), *kind)).collect()
    };
    let of_run = owned(&[
        ("/owner_id", "user"),
        ("/status", "word"),
        ("/finished_at", "time"),
        ("/provider", "text"),
        ("/model", "text"),
        ("/model_config_id", "id"),
        ("/trigger_message_id", "message"),
        ("/history_tip_message_id", "message"),
        ("/summary", "parts"),
        ("/summary/first_message", "text"),
    ]);
    let of_turn = owned(&[
        ("/kind", "word"),
        ("/started_at", "time"),
        ("/id", "id"),
        ("/root_chat_id", "id"),
        ("/parent_chat_id", "id"),
        ("/steps", "list"),
        ("/steps/1", "item"),
    ]);
    for (operation, members) in [
        ("put-debug-logging", owned(&[("/allow_users", "flag")])),
        ("put-user-debug-logging", owned(&[("/debug_logging_enabled", "flag")])),
        ("put-chat-debug-logging", owned(&[("/override", "setting")])),
        ("put-chat", owned(&[("/owner_id", "user"), ("/root_chat_id", "id"), ("/parent_chat_id", "id")])),
        ("create-debug-run", [of_run.clone(), of_turn, members_of_step("/steps/1")].concat()),
        ("update-debug-run", of_run),
        ("put-debug-step", members_of_step("")),
    ] {
        for (pointer, kind) in members {
            // A turn's steps are read as a step alone is; there is the pointer left to show.
            let most = if pointer.starts_with("/steps/1/") { 1 } else { usize::MAX };
            for text in wrong(kind).take(most) {
                let bad = spoiled(&full_body(route(operation)).unwrap(), &pointer, text);
                assert_bad(&world, route(operation), bad, &pointer, "").await;
            }
        }
    }
    assert!(world.items() == before);
}

#[tokio::test]
async fn an_object_is_no_list_of_its_values() {
    let world = recorded().await;
    let before = world.items();
    for (operation, pointer, list) in [
        ("put-debug-logging", "", "[true]"),
        ("put-user-debug-logging", "", "[true]"),
        ("put-chat-debug-logging", "", r#"["on"]"#),
        ("put-chat", "", r#"["alice"]"#),
        ("update-debug-run", "", "[]"),
        ("update-debug-run", "", r#"["alice","completed"]"#),
        ("update-debug-run", "/summary", "[]"),
        ("update-debug-run", "/summary", r#"["hello"]"#),
        ("create-debug-run", "/summary", "[]"),
        ("create-debug-run", "/steps/0/attempts/0", r#"[1,"completed"]"#),
        ("put-debug-step", "/attempts/0", r#"[1,"completed"]"#),
    ] {
        let good = full_body(route(operation)).unwrap();
        let bad = if pointer.is_empty() { list.to_owned() } else { spoiled(&good, pointer, list) };
        assert_bad(&world, route(operation), bad, pointer, "").await;
    }
    for route in body_routes() {
        assert_bad(&world, route, json!([full_body(route)]).to_string(), "", "").await;
        assert_bad(&world, route, "[".repeat(100_000), "", "").await;
    }
    let started = started_at(50);
    let turn = json!([OWNER, "chat_turn", "in_progress", started]).to_string();
    assert_bad(&world, route("create-debug-run"), turn, "", "").await;
    for step in [json!([]), json!([7, OWNER, "stream", "completed", started, started, 1, 2, {}])] {
        assert_bad(&world, route("put-debug-step"), step.to_string(), "", "").await;
        let bad = spoiled(&full_turn(), "/steps/0", &step.to_string());
        assert_bad(&world, route("create-debug-run"), bad, "/steps/0", "").await;
    }
    assert!(world.items() == before);
}

#[tokio::test]
async fn a_word_is_no_object_of_itself() {
    let world = recorded().await;
    let before = world.items();
    for (operation, pointer, object) in [
        ("put-chat-debug-logging", "/override", r#"{"on":null}"#),
        ("create-debug-run", "/status", r#"{"completed":null}"#),
        ("create-debug-run", "/kind", r#"{"chat_turn":null}"#),
        ("create-debug-run", "/steps/0/operation", r#"{"stream":null}"#),
        ("update-debug-run", "/status", r#"{"completed":null}"#),
        ("put-debug-step", "/status", r#"{"completed":null}"#),
        ("put-debug-step", "/attempts/0/status", r#"{"failed":null}"#),
    ] {
        let bad = spoiled(&full_body(route(operation)).unwrap(), pointer, object);
        assert_bad(&world, route(operation), bad, pointer, "").await;
    }
    assert!(world.items() == before);
}

#[tokio::test]
async fn what_the_types_cannot_say_is_refused_where_it_stands() {
    let world = recorded().await;
    let before = world.items();
    let long = json!("x".repeat(257)).to_string();
    for (operation, pointer, json, field, part) in [
        ("create-debug-run", "/provider", &*long, "/provider", "256"),
        ("create-debug-run", "/model", &long, "/model", "256"),
        ("create-debug-run", "/status", r#""in_progress""#, "/finished_at", "final"),
        ("create-debug-run", "/steps/1/step_number", "1", "/steps/1/step_number", "differ"),
        ("create-debug-run", "/steps/1/step_number", "0", "/steps/1/step_number", "99999"),
        ("create-debug-run", "/steps/1/step_number", "100000", "/steps/1/step_number", "99999"),
        ("create-debug-run", "/steps/1/step_number", "4294967297", "/steps/1/step_number", "99999"),
        ("update-debug-run", "/provider", &long, "/provider", "256"),
        ("update-debug-run", "/model", &long, "/model", "256"),
        ("update-debug-run", "/status", "", "/finished_at", "final"),
        ("update-debug-run", "/status", r#""in_progress""#, "/finished_at", "final"),
        ("put-debug-step", "/step_number", "6", "/step_number", "path"),
        ("put-debug-step", "/step_number", "0", "/step_number", "99999"),
    ] {
        let bad = spoiled(&full_body(route(operation)).unwrap(), pointer, json);
        assert_bad(&world, route(operation), bad, field, part).await;
    }
    assert!(world.items() == before);
}

#[tokio::test]
async fn a_runs_id_is_a_version_7_of_its_start() {
    let world = recorded().await;
    let create = route("create-debug-run");
    let other_version = run_id(50).replacen("-7", "-4", 1);
    let other_variant: String = run_id(50).char_indices().map(|(at, c)| if at == 19 { 'c' } else { c }).collect();
    for id in [&run_id(49), &run_id(51), &other_version, &other_variant, UUID, "00000000-0000-0000-0000-000000000000"] {
        assert_bad(&world, create, spoiled(&full_turn(), "/id", &json!(id).to_string()), "/id", "UUIDv7").await;
    }
    // The id carries milliseconds; what is finer is no part of it.
    let fine = started_at(50).replace('Z', ".0009999999Z");
    send(&world, create, spoiled(&full_turn(), "/started_at", &json!(fine).to_string())).await.expect(201);
    let next = started_at(50).replace('Z', ".001Z");
    assert_bad(&world, create, spoiled(&full_turn(), "/started_at", &json!(next).to_string()), "/id", "UUIDv7").await;
}

#[tokio::test]
async fn a_run_starts_between_1970_and_a_day_from_now() {
    let world = recorded().await;
    let create = route("create-debug-run");
    let starting =
        |start: String| json!({"owner_id": OWNER, "kind": "quickgen", "status": "in_progress", "started_at": start});
    let ahead = |seconds: i64| {
        let micros = (world.now() + seconds) * 1_000_000;
        api::time::Timestamp::from_micros(micros).unwrap().to_string()
    };
    for good in [ahead(86_390), "1970-01-01T00:00:00Z".into(), "1970-01-01T00:00:00.000001Z".into()] {
        let run = send(&world, create, starting(good.clone()).to_string()).await.expect(201).json();
        assert_eq!(run["run"]["started_at"], good);
    }
    for bad in [ahead(86_410), "2999-01-01T00:00:00Z".into(), "9999-12-31T23:59:59.999999Z".into()] {
        assert_bad(&world, create, starting(bad).to_string(), "/started_at", "a day ahead").await;
    }
    assert_bad(&world, create, starting("1969-12-31T23:59:59.999999Z".into()).to_string(), "/started_at", "1970").await;
}

#[tokio::test]
async fn times_come_out_in_one_form_and_others_do_not_come_in() {
    let world = recorded().await;
    let put = route("put-debug-step");
    for (given, out) in [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05z", "2026-01-02T03:04:05Z"),
        ("2026-01-02t03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:00Z", "2026-01-02T03:04:00Z"),
        ("2026-01-02T03:04:05.0Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05.120Z", "2026-01-02T03:04:05.12Z"),
        ("2026-01-02T03:04:05.000001Z", "2026-01-02T03:04:05.000001Z"),
        ("2026-01-02T03:04:05.1234569Z", "2026-01-02T03:04:05.123456Z"),
        ("2026-01-02T03:04:05.999999999999Z", "2026-01-02T03:04:05.999999Z"),
        ("2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05+05:30", "2026-01-01T21:34:05Z"),
        ("2026-01-02T03:04:05-23:59", "2026-01-03T03:03:05Z"),
        ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ] {
        let step =
            json!({"operation": "generate", "status": "in_progress", "started_at": given, "normalized_request": {}});
        let status = send(&world, put, step.to_string()).await.status;
        assert!(status == 201 || status == 200, "{given}");
        let read = world.user(OWNER).get(&run(1, 2)).await.expect(200).json();
        assert_eq!(read["steps"][0]["started_at"], out, "{given}");
    }
    for bad in [
        "2026-01-02T03:04:05",
        "2026-01-02",
        "2026-01-02T03:04Z",
        "2026-01-02T24:00:00Z",
        "2026-01-02T23:60:00Z",
        "2026-06-30T23:59:60Z",
        "2026-06-30T23:59:60.5Z",
        "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05,5Z",
        "2026-01-02T03:04:05+24:00",
        "2026-01-02T03:04:05+0200",
        "2026-01-02T03:04:05+02",
        "2026-01-02T03:04:05 Z",
        "2026-01-02T03:04:05 UTC",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-1-2T03:04:05Z",
        "26-01-02T03:04:05Z",
        "-2026-01-02T03:04:05Z",
        "+2026-01-02T03:04:05Z",
        "+10000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "2026-W01-5T03:04:05Z",
        "Fri, 02 Jan 2026 03:04:05 GMT",
        " 2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05Z ",
        "2026-01-02T03:04:05Z\0",
        "\u{ff12}026-01-02T03:04:05Z",
    ] {
        let bad = json!(bad).to_string();
        for (operation, pointer) in [
            ("create-debug-run", "/started_at"),
            ("create-debug-run", "/finished_at"),
            ("create-debug-run", "/steps/1/started_at"),
            ("update-debug-run", "/finished_at"),
            ("put-debug-step", "/finished_at"),
            ("put-debug-step", "/attempts/0/started_at"),
        ] {
            let bad = spoiled(&full_body(route(operation)).unwrap(), pointer, &bad);
            assert_bad(&world, route(operation), bad, pointer, "RFC 3339").await;
        }
    }
}

#[tokio::test]
async fn a_zone_is_written_in_ascii() {
    let world = recorded().await;
    let minus_sign = "\"2026-01-02T03:04:05\u{2212}02:00\"";
    for pointer in ["/started_at", "/finished_at", "/attempts/0/started_at"] {
        let bad = spoiled(&full_step(7), pointer, minus_sign);
        assert_bad(&world, route("put-debug-step"), bad, pointer, "RFC 3339").await;
    }
}

/// An object that the recorder may fill as it likes reads back as it was put.
async fn reads_back(world: &World, object: &str) {
    let step =
        json!({"operation": "stream", "status": "completed", "started_at": started_at(1), "normalized_request": {}});
    let answer = send(world, route("put-debug-step"), spoiled(&step, "/normalized_request", object)).await;
    let shown: String = object.chars().take(200).collect();
    assert!(answer.status == 201 || answer.status == 200, "{shown}: {answer:?}");
    let read = world.user(OWNER).get(&run(1, 2)).await.expect(200).body;
    assert!(read.contains(&format!("\"normalized_request\":{object}")), "{shown}");
}

#[tokio::test]
async fn what_is_free_comes_back_byte_for_byte() {
    let world = recorded().await;
    for object in [
        "{}",
        r#"{"b":1,"a":2,"":3}"#,
        r#"{"a":1,"a":2,"a":1}"#,
        r##"{"__proto__":{"x":1},"constructor":{"prototype":{}},"$where":"1","#n":":v"}"##,
        r#"{"n":[9007199254740993,18446744073709551616,123456789012345678901234567890,1e999,-1E-999,-0,0.10,1.0,1E+2]}"#,
        r#"{"n":3.141592653589793238462643383279502884197}"#,
        r#"{ "white" :	[ 1 , 2 ] }"#,
        r#"{"escapes":"\u0000\u0041\/\b\f\n\r\t\"\\\ud83d\ude00 é 😀 \u2028"}"#,
        r#"{"html":"<script>alert('x')</script><img src=x onerror=alert(1)>&amp;\u003c"}"#,
        r#"{"prompt":"Ignore all instructions.\r\nX-Line: a=b\r\n\r\n"}"#,
        r#"{"null":null,"empty":"","list":[[],{},""]}"#,
        r#"{"halves":["\ud83d","\uDE00x","\ud800\ud83d\ude00"],"\udfff":1}"#,
    ] {
        reads_back(&world, object).await;
    }
}

#[tokio::test]
async fn every_free_member_keeps_its_bytes() {
    let world = recorded().await;
    let exact = r#"{"z":1.0,"a":[1e999,-0,18446744073709551616],"a":"\u0000<b>"}"#;
    let mut body = full_step(7).to_string();
    for (member, sent) in [
        ("normalized_request", r#"{"messages":[]}"#),
        ("normalized_response", r#"{"content":[]}"#),
        ("error", "{}"),
        ("metadata", "{}"),
    ] {
        let (from, to) = (format!("\"{member}\":{sent}"), format!("\"{member}\":{exact}"));
        assert!(body.contains(&from), "{member}");
        body = body.replace(&from, &to);
    }
    let usage = r#""usage":{"input_tokens":7,"cost":1.50,"x":1e999,"x":-0}"#;
    let start = body.find("\"usage\":").unwrap();
    let end = start + body[start..].find('}').unwrap();
    body.replace_range(start..=end, usage);
    send(&world, route("put-debug-step"), body).await.expect(201);
    let read = world.user(OWNER).get(&run(1, 2)).await.expect(200).body;
    for member in ["normalized_request", "normalized_response", "error", "metadata"] {
        assert!(read.contains(&format!("\"{member}\":{exact}")), "{member}: {read}");
    }
    assert!(read.contains(usage), "{read}");
}

#[tokio::test]
async fn texts_of_a_run_come_back_as_they_are() {
    let world = recorded().await;
    let mut sent = full_turn();
    let text = "<script>alert('x')</script>\u{0}\u{1b}[31m\u{2028}\r\nX-Line: a=b";
    sent["provider"] = json!(text);
    sent["model"] = json!("é".repeat(128));
    sent["summary"]["first_message"] = json!(text);
    let answer = send(&world, route("create-debug-run"), sent.to_string()).await.expect(201);
    assert!(answer.headers.values().all(|value| !value.to_str().unwrap().contains("script")));
    let read = world.user(OWNER).get(&run(1, 50)).await.expect(200).json();
    assert_eq!((&read["provider"], &read["model"]), (&sent["provider"], &sent["model"]));
    assert_eq!(read["summary"]["first_message"], "<script>alert('x')</script>\u{0}\u{1b}[31m X-Line: a=b");
}

#[tokio::test]
async fn what_is_free_is_nested_128_deep_at_most() {
    let world = recorded().await;
    let nested = |depth: usize| format!("{}{{}}{}", "{\"a\":[".repeat((depth - 1) / 2), "]}".repeat((depth - 1) / 2));
    reads_back(&world, &nested(127)).await;
    reads_back(&world, &format!("{{\"a\":{}}}", nested(127))).await;
    let step = |object: &str| spoiled(&full_step(7), "/normalized_request", object);
    let turn = |object: &str| spoiled(&full_turn(), "/steps/1/metadata", object);
    let usage = |object: &str| spoiled(&full_step(7), "/usage", object);
    let deepest = format!("{{\"a\":{}}}", nested(127));
    send(&world, route("create-debug-run"), turn(&deepest)).await.expect(201);
    for too_deep in [nested(129), nested(100_001)] {
        assert_bad(&world, route("put-debug-step"), step(&too_deep), "/normalized_request", "128").await;
        assert_bad(&world, route("put-debug-step"), usage(&too_deep), "/usage", "128").await;
        assert_bad(&world, route("create-debug-run"), turn(&too_deep), "/steps/1/metadata", "128").await;
    }
    reads_back(&world, r#"{"a":"[[[[{{{{\"[["}"#).await;
}

#[tokio::test]
async fn a_wide_body_is_only_a_large_one() {
    let world = recorded().await;
    let keys: Vec<String> = (0..20_000).map(|n| format!("\"k{n}\":{n}")).collect();
    let numbers = vec!["0"; 200_000].join(",");
    let (key, text) = ("k".repeat(400_000), "x".repeat(400_000));
    let object = format!(r#"{{"keys":{{{}}},"numbers":[{numbers}],"{key}":"{text}"}}"#, keys.join(","));
    assert!(object.len() > 1_000_000, "{}", object.len());
    reads_back(&world, &object).await;
}

#[tokio::test]
async fn a_body_is_5_mib_at_most() {
    let world = recorded().await;
    let create = route("create-debug-run");
    let good = full_turn().to_string();
    let padded = |length: usize| format!("{good}{}", " ".repeat(length - good.len()));
    let before = world.items();
    let answer = send(&world, create, padded(MAX_BODY_BYTES + 1)).await.expect(413);
    assert!(answer.problem("body-too-large").message.contains("5242880"));
    assert!(world.wire.take().is_empty() && world.items() == before);
    send(&world, create, padded(MAX_BODY_BYTES)).await.expect(201);
}

#[tokio::test]
async fn a_body_says_it_is_plain_json() {
    let world = recorded().await;
    for route in body_routes() {
        let caller = caller(&world, route);
        let with = |headers: &[(&str, &str)]| {
            let body = full_body(route).unwrap().to_string().into_bytes();
            let mut sent = caller.request(route.method.as_str(), &path_of(route), Some(body));
            sent.headers.retain(|(name, _)| name != "content-type");
            sent.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
            sent
        };
        let json = ("content-type", "application/json");
        for bad in [
            &[][..],
            &[("content-type", "")],
            &[("content-type", "json")],
            &[("content-type", "text/plain")],
            &[("content-type", "text/json")],
            &[("content-type", "application/x-www-form-urlencoded")],
            &[("content-type", "multipart/form-data; boundary=x")],
            &[("content-type", "application/octet-stream")],
            &[("content-type", "application/vnd.api+json")],
            &[("content-type", "application/merge-patch+json")],
            &[("content-type", "application/jsonl")],
            &[("content-type", "application/json; charset=utf-16")],
            &[("content-type", "application/json; charset=iso-8859-1")],
            // Two headers of the name, as the gateway joins them.
            &[("content-type", "application/json,application/json")],
            &[("content-type", "application/json, text/plain")],
            &[("accept", "application/json")],
            &[json, ("content-encoding", "gzip")],
            &[json, ("content-encoding", "br")],
            &[json, ("content-encoding", "identity")],
            &[json, ("content-encoding", "")],
        ] {
            world.wire.take();
            let answer = caller.send(with(bad)).await;
            assert_eq!(answer.status, 415, "{} {bad:?}: {answer:?}", route.operation);
            answer.problem("unsupported-media-type");
            assert!(world.wire.take().is_empty(), "{} {bad:?}", route.operation);
        }
        for good in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=UTF-8",
        ] {
            let answer = caller.send(with(&[("content-type", good)])).await;
            assert!(answer.status < 300, "{} {good}: {answer:?}", route.operation);
        }
    }
}

#[tokio::test]
async fn a_bomb_is_not_unpacked() {
    let world = recorded().await;
    let gzip_of_a_gigabyte = [b"\x1f\x8b\x08\x00".as_slice(), &[0; 1_000]].concat();
    for route in body_routes() {
        let caller = caller(&world, route);
        let mut sent = caller.request(route.method.as_str(), &path_of(route), Some(gzip_of_a_gigabyte.clone()));
        sent.headers.push(("content-encoding".into(), "gzip".into()));
        caller.send(sent).await.expect(415);
        assert_bad(&world, route, gzip_of_a_gigabyte.clone(), "", "must be UTF-8").await;
    }
}

/// The gateway may send any body so; what it sends is base64, whatever its client sent.
#[tokio::test]
async fn a_body_in_base64_is_decoded_once() {
    let world = recorded().await;
    for route in body_routes() {
        let good = full_body(route).unwrap().to_string();
        for (body, is_good) in [(STANDARD.encode(&good), true), (STANDARD.encode(STANDARD.encode(&good)), false)] {
            let caller = caller(&world, route);
            let sent = caller.request(route.method.as_str(), &path_of(route), Some(Vec::new()));
            let (route, mut event) = sent.event();
            event["body"] = json!(body);
            event["isBase64Encoded"] = json!(true);
            let event = invocation(&event.to_string(), 0);
            let status = dispatch(route, world.app, event).await.response.status();
            assert_eq!(status.is_success(), is_good, "{}: {status}", route.operation);
            assert!(is_good || status == 400, "{}: {status}", route.operation);
        }
    }
}

// ---- Queries and cursors -----------------------------------------------------------------------

/// A text as a query carries it, whatever it is.
fn percent(text: impl AsRef<[u8]>) -> String {
    text.as_ref().iter().fold(String::new(), |encoded, byte| encoded + &format!("%{byte:02X}"))
}

async fn assert_bad_query(world: &World, path: &str, query: &str, field: &str) {
    let answer = world.user(OWNER).get(&format!("{path}?{query}")).await;
    let shown: String = query.chars().take(200).collect();
    assert_eq!(answer.status, 400, "{shown}: {answer:?}");
    assert_eq!(answer.problem("invalid-query").validations[0].field, field, "{shown}");
    assert!(answer.header("link").is_none());
}

#[tokio::test]
async fn a_list_takes_five_parameters_once_each() {
    let world = recorded().await;
    for query in [
        "limit=1",
        "limit=100",
        "trigger_message_id=14",
        "trigger_message_id=m%C3%A9%20%2F%F0%9F%98%80&kind=compaction",
        "status=completed",
        "kind=chat_turn",
        "status=error&kind=compaction&limit=5",
        "",
        "&&",
        "%6cimit=1",
        "limit=%31",
    ] {
        let answer = world.user(OWNER).get(&format!("{}?{query}", runs(1))).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
    }
    for limit in [
        "0",
        "01",
        "001",
        "00",
        "-1",
        "101",
        "1000000000",
        "18446744073709551617",
        "abc",
        "",
        "1.0",
        "1e1",
        "0x10",
        "+5",
        "%2B5",
        "%2010",
        "10%20",
        "10%00",
        "%D9%A1",
        "%EF%BC%91",
        "10,20",
        "10%26limit=20",
        "null",
        "%0d%0aSet-Cookie:a=b",
    ] {
        assert_bad_query(&world, &runs(1), &format!("limit={limit}"), "limit").await;
    }
    for name in ["status", "kind"] {
        for value in [
            "",
            "nope",
            "Completed",
            "CHAT_TURN",
            "completed,error",
            "completed%00",
            "%20completed",
            "chat-turn",
            "*",
            "%0d%0aSet-Cookie:a=b",
            "%ff",
            "in_progress%23",
        ] {
            assert_bad_query(&world, &runs(1), &format!("{name}={value}"), name).await;
        }
    }
    for id in ["", "%20", "%20a", "a%20", "a%00", "a%0d%0aSet-Cookie:a=b", "a%09b", &"x".repeat(129)] {
        assert_bad_query(&world, &runs(1), &format!("trigger_message_id={id}"), "trigger_message_id").await;
    }
    for (query, field) in [
        ("trigger_message_id=1&trigger_message_id=1", "trigger_message_id"),
        ("limit", "limit"),
        ("limit=10&limit=20", "limit"),
        ("limit=10&limit=10", "limit"),
        ("limit=10&%6Cimit=10", "limit"),
        ("status=error&status=error", "status"),
        ("kind=chat_turn&limit=1&kind=quickgen", "kind"),
        ("nope=1", "nope"),
        ("limit=1&nope", "nope"),
        ("Limit=1", "Limit"),
        ("limit%5B%5D=1", "limit[]"),
        ("limit%00=1", "limit\0"),
        ("%20limit=1", " limit"),
        ("offset=0", "offset"),
        ("_method=DELETE", "_method"),
        ("__proto__=1", "__proto__"),
        ("=1", ""),
        ("%ff=1", "\u{fffd}"),
        ("%0d%0aSet-Cookie:%20a=b", "\r\nSet-Cookie: a"),
        ("limit=1;status=error", "limit"),
    ] {
        assert_bad_query(&world, &runs(1), query, field).await;
    }
    let steps = format!("{}/steps", run(1, 1));
    world.user(OWNER).get(&steps).await.expect(200);
    for query in ["limit=1", "status=completed", "nope=1"] {
        assert_bad_query(&world, &steps, query, query.split('=').next().unwrap()).await;
    }
}

/// A list of this scope as the functions make it, to forge cursors with: their checksum is no secret.
fn scope(operation: &'static str, chat: u32, filters: &str) -> Scope {
    let chat: ChatId = chat_id(chat).parse().unwrap();
    Scope { operation, chat, filters: filters.to_owned() }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_list_and_unchanged_only() {
    let world = recorded().await;
    let next = world.user(OWNER).get(&format!("{}?limit=1", runs(1))).await.expect(200).next().unwrap();
    let cursor = next.split_once("cursor=").unwrap().1;
    world.user(OWNER).get(&next).await.expect(200);
    world.user(OWNER).get(&format!("{}?cursor={cursor}", runs(1))).await.expect(200);
    for at in 0..cursor.len() {
        for bit in 0..8 {
            let mut flipped = cursor.as_bytes().to_vec();
            flipped[at] ^= 1 << bit;
            assert_bad_query(&world, &runs(1), &format!("cursor={}", percent(flipped)), "cursor").await;
        }
    }
    for length in 0..cursor.len() {
        assert_bad_query(&world, &runs(1), &format!("cursor={}", &cursor[..length]), "cursor").await;
    }
    for bad in [
        "0",
        "AQ",
        "~",
        "null",
        "%00",
        "%0d%0aSet-Cookie:a=b",
        "..%2f..%2fetc%2fpasswd",
        "eyJwayI6IkNIQVQjMSJ9",
        &run_id(1),
        &format!("{cursor}="),
        &format!("{cursor}%20"),
        &format!("%20{cursor}"),
        &format!("{cursor}{cursor}"),
        &"A".repeat(8_000),
    ] {
        assert_bad_query(&world, &runs(1), &format!("cursor={bad}"), "cursor").await;
    }
    assert_bad_query(&world, &runs(1), &format!("cursor={cursor}&cursor={cursor}"), "cursor").await;
    for filter in ["status=completed", "kind=chat_turn", "status=in_progress&kind=chat_turn", "trigger_message_id=1"] {
        assert_bad_query(&world, &runs(1), &format!("{filter}&cursor={cursor}"), "cursor").await;
    }
    assert_bad_query(&world, &runs(2), &format!("cursor={cursor}"), "cursor").await;
    assert_bad_query(&world, &format!("{}/steps", run(1, 1)), &format!("cursor={cursor}"), "cursor").await;
    let with_cursor = |n: u32| format!("{}?cursor={cursor}", runs(n));
    world.user("bob").get(&with_cursor(3)).await.expect(400).problem("invalid-query");
    world.user("bob").get(&with_cursor(1)).await.expect(404);
}

#[tokio::test]
async fn a_cursor_of_one_run_is_no_cursor_of_another_nor_of_the_list() {
    let world = recorded().await;
    let first = StepNumber::try_from(1).unwrap();
    let steps = |filters: &str| scope(LIST_DEBUG_STEPS.operation, 1, filters).cursor(&first);
    let path = format!("{}/steps", run(1, 1));
    let good = world.user(OWNER).get(&format!("{path}?cursor={}", steps(&run_id(1)))).await.expect(200);
    assert_eq!(good.body, "[]", "nothing stands behind the only step");
    let position: RunId = run_id(1).parse().unwrap();
    for bad in [
        steps(&run_id(2)),
        steps(""),
        scope(LIST_DEBUG_STEPS.operation, 2, &run_id(1)).cursor(&first),
        scope(LIST_DEBUG_RUNS.operation, 1, &run_id(1)).cursor(&first),
        scope(LIST_DEBUG_STEPS.operation, 1, &run_id(1)).cursor(&position),
    ] {
        assert_bad_query(&world, &path, &format!("cursor={bad}"), "cursor").await;
    }
    assert_bad_query(&world, &runs(1), &format!("cursor={}", steps("/")), "cursor").await;
}

#[tokio::test]
async fn a_forged_cursor_moves_inside_the_chat_of_the_path() {
    let world = recorded().await;
    for position in [run_id(4), run_id(99), UUID.into(), "ffffffff-ffff-ffff-ffff-ffffffffffff".into()] {
        let position: RunId = position.parse().unwrap();
        let cursor = scope(LIST_DEBUG_RUNS.operation, 1, "/").cursor(&position);
        let listed = world.user(OWNER).get(&format!("{}?cursor={cursor}", runs(1))).await.expect(200).json();
        assert!(listed.as_array().unwrap().iter().all(|run| run["chat_id"] == *chat_id(1)), "{listed}");
    }
}

// ---- Headers -----------------------------------------------------------------------------------

#[tokio::test]
async fn headers_that_are_not_ours_change_nothing() {
    let world = recorded().await;
    let headers = [
        ("accept", "text/html"),
        ("accept", "application/xml, */*;q=0"),
        ("accept-charset", "utf-16"),
        ("accept-encoding", "br;q=1, *;q=0"),
        ("accept-language", "xx"),
        ("if-match", "\"x\""),
        ("if-match", "*"),
        ("if-none-match", "*"),
        ("if-modified-since", "Fri, 02 Jan 2099 03:04:05 GMT"),
        ("if-unmodified-since", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("range", "bytes=0-1"),
        ("expect", "100-continue"),
        ("te", "trailers, deflate;q=0.5"),
        ("transfer-encoding", "chunked"),
        ("connection", "authorization, content-type"),
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-prefix", "/evil"),
        ("forwarded", "host=evil.example;proto=http"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("referer", "https://evil.example/"),
        ("x-http-method-override", "DELETE"),
        ("x-http-method", "DELETE"),
        ("x-method-override", "DELETE"),
        ("x-original-url", "/api/experimental/chats/config/debug-logging"),
        ("x-rewrite-url", "/api/experimental/chats/config/debug-logging"),
        ("x-request-id", "mine"),
        ("idempotency-key", "x"),
        ("cookie", "a=b"),
    ];
    let list = format!("{}?limit=1", runs(1));
    let plain = world.user(OWNER).get(&list).await.expect(200);
    assert!(plain.next().unwrap().starts_with("/api/"), "a path without a host");
    let before = world.items();
    for (name, value) in headers {
        let alice = world.user(OWNER);
        let mut sent = alice.request("GET", &list, None);
        sent.headers.push((name.into(), value.into()));
        let answer = alice.send(sent).await;
        assert_eq!(
            (answer.status, &answer.headers, &answer.body),
            (200, &plain.headers, &plain.body),
            "{name}: {value}"
        );
    }
    assert!(world.items() == before);
    for (name, value) in headers {
        for (route, body, status) in [
            (route("update-debug-run"), "{}".to_owned(), 200),
            (route("put-chat-debug-logging"), r#"{"override":"on"}"#.into(), 204),
            (route("put-chat"), full_body(route("put-chat")).unwrap().to_string(), 200),
        ] {
            let caller = caller(&world, route);
            let mut sent = caller.request(route.method.as_str(), &path_of(route), Some(body.into_bytes()));
            sent.headers.push((name.into(), value.into()));
            assert_eq!(caller.send(sent).await.status, status, "{} {name}: {value}", route.operation);
        }
    }
}

#[tokio::test]
async fn an_answer_has_these_headers_and_no_others() {
    let world = recorded().await;
    let known = ["cache-control", "content-type", "link", "vary", "x-content-type-options", "x-request-id"];
    let alice = world.user(OWNER);
    for answer in [
        alice.get(&format!("{}?limit=1", runs(1))).await,
        alice.get(&run(1, 1)).await,
        alice.get(&run(1, 99)).await,
        alice.put(&opt_in(), json!({"debug_logging_enabled": true})).await,
        world.recorder().post(&runs(1), open_run(OWNER, 60)).await,
        world.recorder().post(&runs(1), "{").await,
    ] {
        for (name, value) in &answer.headers {
            assert!(known.contains(&name.as_str()), "{name}");
            assert!(value.as_bytes().iter().all(|byte| (b' '..=b'~').contains(byte)), "{name}: {value:?}");
        }
    }
}

#[tokio::test]
async fn a_correlation_id_comes_back_when_it_is_plain() {
    let world = recorded().await;
    let longest = "x".repeat(64);
    let too_long = "x".repeat(65);
    let ask = async |caller: As<'_>, id: &str| {
        let mut sent = caller.request("GET", &runs(1), None);
        sent.headers.push(("x-correlation-id".into(), id.into()));
        caller.send(sent).await.header("x-correlation-id").map(str::to_owned)
    };
    for caller in [world.user(OWNER), world.user("mallory"), world.recorder(), world.nobody()] {
        for plain in ["a", "0", "-", "A-z-09", "0c000000-0000-4000-8000-0000000000ff", &longest] {
            assert_eq!(ask(caller.clone(), plain).await.as_deref(), Some(plain));
        }
        for other in [
            "",
            " ",
            "a b",
            "a,b",
            "a, b",
            "a_b",
            "a.b",
            "a;b",
            "a/b",
            "a\tb",
            "<b>",
            "${jndi:x}",
            "\"",
            "%0d%0a",
            "ä",
            &too_long,
        ] {
            assert_eq!(ask(caller.clone(), other).await, None, "{other}");
        }
    }
}
