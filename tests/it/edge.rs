//! Whatever event comes, an answer goes: never a panic, never a function that failed.
//!
//! Events are spoiled here after they are made, so that they are what no client and not our gateway
//! should cause, and what somebody's test event or another gateway may.

use api::routes::{Callers, GET_DOCS, GET_OPENAPI, GET_VIEWER, LIST_DEBUG_RUNS, PUT_DEBUG_LOGGING, Route};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use service::{
    access::{Withheld, proof::Admin},
    app::App,
    failure::Failure,
    http::{Answered, Call, Event, Reply, answer, answer_public},
    site::Site,
};
use tests::{log, operations::dispatch, world::*};

/// A guarded list, a guarded change, and both that anyone may read.
fn asked(caller: &TestCaller<'_>) -> [TestRequest; 4] {
    [
        caller.request("GET", &runs(1), None),
        caller.request("PUT", &gate(), Some(br#"{"allow_users":true}"#.to_vec())),
        caller.request("GET", GET_OPENAPI.path, None),
        caller.request("GET", GET_DOCS.path, None),
    ]
}

fn is_public(route: &Route) -> bool {
    route.callers == Callers::Anyone
}

/// What came back, held against what every answer and every line must have.
fn checked(route: &'static Route, sent: &TestRequest, answered: Answered) -> TestResponse {
    let line = log::check(&serde_json::to_string(&answered.line).unwrap(), sent);
    let (parts, body) = answered.response.into_parts();
    let answer = TestResponse::new(parts, &body, line);
    answer.check(route, sent);
    assert_eq!((&answer.line["operation"], &answer.line["status"]), (&json!(route.operation), &json!(answer.status)),);
    answer
}

async fn answer_to(world: &World, route: &'static Route, sent: &TestRequest, event: &str) -> TestResponse {
    checked(route, sent, dispatch(route, world.app, invocation(event, 0)).await)
}

type Spoil = (&'static str, fn(&mut Value));

/// One way each that an event is no request.
const SPOILT: &[Spoil] = &[
    // What an address holds unencoded.
    ("< in the query", |event| event["rawQueryString"] = json!("limit=<1")),
    ("> in the query", |event| event["rawQueryString"] = json!("limit=1>")),
    ("a quotation mark in the query", |event| event["rawQueryString"] = json!("limit=\"1\"")),
    ("a space in the query", |event| event["rawQueryString"] = json!("limit= 1")),
    ("a line break in the query", |event| event["rawQueryString"] = json!("limit=1\r\nx: y")),
    ("a NUL in the query", |event| event["rawQueryString"] = json!("limit=1\0")),
    ("a DEL in the query", |event| event["rawQueryString"] = json!("limit=1\u{7f}")),
    // How long it was.
    ("a query of 64 KiB", |event| event["rawQueryString"] = json!(format!("a={}", "b".repeat(65_536)))),
    ("a path of 64 KiB", |event| event["rawPath"] = json!(format!("/{}", "a".repeat(65_536)))),
    ("a path and a query of 64 KiB", |event| {
        event["rawPath"] = json!(format!("/{}", "a".repeat(40_000)));
        event["rawQueryString"] = json!("b".repeat(40_000));
    }),
    ("a path of 5 MB", |event| event["rawPath"] = json!("/a".repeat(2_500_000))),
    // Whom it was sent to.
    ("a host with <", |event| event["headers"]["host"] = json!("a<b")),
    ("a host with a space", |event| event["headers"]["host"] = json!("a b")),
    ("a host with a path", |event| event["headers"]["host"] = json!("a/b?c")),
    ("a host with an open bracket", |event| event["headers"]["host"] = json!("[::1")),
    ("a host with two ports", |event| event["headers"]["host"] = json!("a:1:2")),
    ("a host of 64 KiB", |event| event["headers"]["host"] = json!("a".repeat(65_536))),
    // What its body was encoded in.
    ("a body that is no base64", |event| set_body(event, json!("{}"), json!(true))),
    ("a body of half a base64", |event| set_body(event, json!("e30"), json!(true))),
    ("a body of base64 for addresses", |event| set_body(event, json!("__--"), json!(true))),
    ("a body of base64 and a line break", |event| set_body(event, json!("e30=\n"), json!(true))),
    ("a body that is an object", |event| set_body(event, json!({"allow_users": true}), json!(false))),
    ("a body that is a number", |event| set_body(event, json!(1), json!(false))),
    ("an encoding that is a word", |event| set_body(event, json!("{}"), json!("false"))),
    // Headers that cannot be.
    ("a header with a line break", |event| event["headers"]["x"] = json!("a\r\nset-cookie: b")),
    ("a header with a NUL", |event| event["headers"]["authorization"] = json!("Bearer a\0")),
    ("a header's name with a space", |event| event["headers"]["a b"] = json!("c")),
    ("a header's name with a line break", |event| event["headers"]["a\r\nb"] = json!("c")),
    ("a header without a name", |event| event["headers"][""] = json!("c")),
    ("a header's name of 64 KiB", |event| event["headers"]["a".repeat(65_536)] = json!("c")),
    ("a header that is a list", |event| event["headers"]["x"] = json!(["a", "b"])),
    ("a header that is null", |event| event["headers"]["x"] = Value::Null),
    ("more headers than a map of them holds", |event| {
        event["headers"] =
            (0..40_000).map(|n| (format!("x-{n}"), json!("a"))).collect::<serde_json::Map<_, _>>().into();
    }),
    ("headers that are a list", |event| event["headers"] = json!([["host", "a"]])),
    ("no headers", |event| drop(event.as_object_mut().unwrap().remove("headers"))),
    // Parameters that cannot be.
    ("a parameter that is a number", |event| event["pathParameters"] = json!({"chat": 1})),
    ("a parameter that is null", |event| event["pathParameters"] = json!({"chat": null})),
    ("a parameter that is an object", |event| event["pathParameters"] = json!({"chat": {"chat": "a"}})),
    ("parameters that are a list", |event| event["pathParameters"] = json!(["chat"])),
    // Another route's, and another gateway's.
    ("an empty method", |event| event["requestContext"]["http"]["method"] = json!("")),
    ("another method", |event| event["requestContext"]["http"]["method"] = json!("DELETE")),
    ("a method in small letters", |event| {
        let method = event["requestContext"]["http"]["method"].as_str().unwrap().to_lowercase();
        event["requestContext"]["http"]["method"] = json!(method);
    }),
    ("a method with a line break", |event| event["requestContext"]["http"]["method"] = json!("GET\r\n")),
    ("a method that is a number", |event| event["requestContext"]["http"]["method"] = json!(1)),
    ("no context", |event| drop(event.as_object_mut().unwrap().remove("requestContext"))),
    ("a context that is a word", |event| event["requestContext"] = json!("a")),
    ("no version", |event| drop(event.as_object_mut().unwrap().remove("version"))),
    ("another version", |event| event["version"] = json!("1.0")),
    ("a version that is a number", |event| event["version"] = json!(2.0)),
    ("a query that is an object", |event| event["rawQueryString"] = json!({"limit": "1"})),
    ("a path that is a number", |event| event["rawPath"] = json!(1)),
    ("nothing at all", |event| *event = json!({})),
    ("a console's test event", |event| *event = json!({"key1": "value1", "key2": "value2", "key3": "value3"})),
    ("an event of a REST API", |event| {
        *event = json!({
            "version": "1.0", "resource": "/", "path": "/", "httpMethod": "GET", "headers": {"host": "a"},
            "multiValueHeaders": {"host": ["a"]}, "queryStringParameters": null, "pathParameters": null,
            "requestContext": {"httpMethod": "GET", "path": "/", "stage": "$default"}, "body": null,
            "isBase64Encoded": false,
        });
    }),
    ("an event of a queue", |event| *event = json!({"Records": [{"eventSource": "aws:sqs", "body": "canary-body"}]})),
];

fn set_body(event: &mut Value, body: Value, is_base64: Value) {
    event["body"] = body;
    event["isBase64Encoded"] = is_base64;
}

#[tokio::test]
async fn an_event_that_is_no_request_is_a_400_for_whoever_sends_it() {
    let world = World::new().await;
    for caller in [world.nobody(), world.admin(), world.user("alice")] {
        for (case, spoil) in SPOILT {
            for sent in asked(&caller) {
                let (route, mut event) = sent.event();
                spoil(&mut event);
                let answer = answer_to(&world, route, &sent, &event.to_string()).await;
                assert_eq!(answer.status, 400, "{} with {case}: {answer:?}", route.operation);
                assert!(answer.problem("malformed-request").validations.is_empty(), "{case}");
                assert_eq!(answer.line["problem"], "malformed-request", "{case}");
            }
        }
    }
    assert!(world.wire.take().is_empty(), "the table was asked");
}

/// What JSON itself allows and `serde_json`'s writer does not write.
#[tokio::test]
async fn an_event_of_odd_json_is_a_400() {
    let world = World::new().await;
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    for sent in asked(&world.nobody()) {
        let (route, event) = sent.event();
        let event = event.to_string();
        for (member, spoiled) in [
            (r#""rawQueryString":"#, r#""rawQueryString":"\ud800","was":"#.to_owned()),
            (r#""headers":{"#, r#""headers":{"host":"a","host":"b","#.to_owned()),
            (r#""headers":{"#, r#""headers":{"x":"\udc00","#.to_owned()),
            (r#""headers":{"#, format!(r#""headers":{{"x":{deep},"#)),
            (r#""pathParameters":{"#, r#""pathParameters":{"chat":"a","chat":"b","#.to_owned()),
            (r#""requestContext":{"#, format!(r#""requestContext":{{"http":{deep},"#)),
            (r#""version":"#, r#""version":1e999,"was":"#.to_owned()),
        ] {
            let spoiled = event.replacen(member, &spoiled, 1).replace(",}", "}");
            assert_ne!(spoiled, event, "{member}");
            let answer = answer_to(&world, route, &sent, &spoiled).await;
            answer.problem("malformed-request");
        }
        // What nobody asks for may be anything.
        let odd = format!(r#"{{"x":{deep},"y":1e999,"z":"\ud800","x":null,{}"#, &event[1..]);
        let answer = answer_to(&world, route, &sent, &odd).await;
        assert_eq!(answer.status, if is_public(route) { 200 } else { 401 }, "{answer:?}");
    }
}

#[tokio::test]
async fn what_is_odd_but_a_request_is_answered_in_its_turn() {
    let world = World::new().await;
    let odd: &[Spoil] = &[
        ("nothing odd", |_| {}),
        ("a query in percents", |event| event["rawQueryString"] = json!("%3C%22%20%00%0d%0a")),
        ("a broken percent in the query", |event| event["rawQueryString"] = json!("%%%zz=%&%f")),
        ("signs in the query that a browser leaves", |event| event["rawQueryString"] = json!("a=[]{}|^`\\'#?/@:")),
        ("letters beyond ASCII in the query", |event| event["rawQueryString"] = json!("\u{e4}=\u{1f600}")),
        ("no query", |event| event["rawQueryString"] = Value::Null),
        ("a path that the gateway decoded", |event| event["rawPath"] = json!("/a b/<\u{e4}>\r\n\0")),
        ("an empty path", |event| event["rawPath"] = json!("")),
        ("an address of 60 KB", |event| event["rawQueryString"] = json!("a".repeat(60_000))),
        ("a host with a port", |event| event["headers"]["host"] = json!("localhost:9000")),
        ("a host by number", |event| event["headers"]["host"] = json!("[::1]:80")),
        ("no host", |event| drop(event["headers"].as_object_mut().unwrap().remove("host"))),
        ("a header of 1 MB", |event| event["headers"]["x"] = json!("a".repeat(1_000_000))),
        ("a thousand headers", |event| {
            (0..1_000).for_each(|n| event["headers"][format!("x-{n}")] = json!("a"));
        }),
        ("a header beyond ASCII", |event| event["headers"]["x"] = json!("\u{e4}")),
        ("an empty header", |event| event["headers"]["accept-encoding"] = json!("")),
        ("cookies", |event| event["cookies"] = json!(["a=b", "\r\n", 1, null])),
        ("cookies that are none", |event| event["cookies"] = json!("a=b")),
        ("no body in base64", |event| set_body(event, Value::Null, json!(true))),
        ("an empty body in base64", |event| set_body(event, json!(""), json!(true))),
        ("an encoding that is null", |event| event["isBase64Encoded"] = Value::Null),
        ("parameters of nobody", |event| event["pathParameters"]["nobody"] = json!("%2e%2e/\0")),
        ("a context with more", |event| event["requestContext"]["authorizer"] = json!({"jwt": {"claims": 1}})),
        ("a stage", |event| event["requestContext"]["stage"] = json!("a b")),
        ("members of other versions", |event| event["httpMethod"] = json!("")),
    ];
    for (case, spoil) in odd {
        for sent in asked(&world.nobody()) {
            let (route, mut event) = sent.event();
            spoil(&mut event);
            let answer = answer_to(&world, route, &sent, &event.to_string()).await;
            assert_eq!(answer.status, if is_public(route) { 200 } else { 401 }, "{} with {case}", route.operation);
        }
    }
}

/// With a token, the parameters are read: an id has one spelling.
#[tokio::test]
async fn odd_parameters_are_no_ids() {
    let world = World::new().await;
    let alice = world.user("alice");
    let id = chat_id(1);
    for chat in [
        json!({}),
        Value::Null,
        json!({"chat": ""}),
        json!({"chat": id.to_uppercase()}),
        json!({"chat": format!("{id}%00")}),
        json!({"chat": format!("%20{id}")}),
        json!({"chat": format!("{id}/debug")}),
        json!({"chat": id.replace('-', "%2d")}),
        json!({"chat": "\0"}),
        json!({"chat": "a".repeat(100_000)}),
        json!({"CHAT": id}),
        json!({"chat ": id}),
    ] {
        let sent = alice.request("GET", &runs(1), None);
        let (route, mut event) = sent.event();
        event["pathParameters"] = chat.clone();
        let answer = answer_to(&world, route, &sent, &event.to_string()).await;
        assert_eq!(answer.status, 400, "{chat}: {answer:?}");
        answer.problem("invalid-id");
    }
}

/// Both spellings are there: nobody says which one the gateway's authorizer has read.
#[tokio::test]
async fn a_token_that_is_given_in_two_spellings_of_its_header_is_none() {
    let world = World::new().await;
    let sent = world.admin().request("GET", &gate(), None);
    let (route, mut event) = sent.event();
    answer_to(&world, route, &sent, &event.to_string()).await.expect(200);
    let token = event["headers"]["authorization"].take();
    event["headers"] = json!({"authorization": &token, "Authorization": &token});
    answer_to(&world, route, &sent, &event.to_string()).await.expect(401);
    event["headers"] = json!({"AUTHORIZATION": &token});
    answer_to(&world, route, &sent, &event.to_string()).await.expect(200);
}

#[tokio::test]
async fn a_body_is_what_base64_says_it_is() {
    let world = World::new().await;
    let good = r#"{"allow_users":false}"#;
    for (body, is_base64, status) in [
        (json!(good), json!(false), 204),
        (json!(good), Value::Null, 204),
        (json!(STANDARD.encode(good)), json!(true), 204),
        (json!(STANDARD.encode(good)), json!(false), 400),
        (json!(STANDARD.encode([0xff, 0xfe])), json!(true), 400),
        (Value::Null, json!(true), 400),
        (Value::Null, json!(false), 400),
        (json!(""), json!(true), 400),
        (json!(STANDARD.encode("a".repeat(api::problem::MAX_BODY_BYTES))), json!(true), 400),
        (json!(STANDARD.encode("a".repeat(api::problem::MAX_BODY_BYTES + 1))), json!(true), 413),
    ] {
        let sent = world.admin().request("PUT", &gate(), Some(Vec::new()));
        let (route, mut event) = sent.event();
        assert_eq!(*route, *PUT_DEBUG_LOGGING);
        set_body(&mut event, body, is_base64);
        let sent = TestRequest { body: Some(good.into()), ..sent };
        let answer = answer_to(&world, route, &sent, &event.to_string()).await;
        let of_event = event.to_string().chars().take(200).collect::<String>();
        assert_eq!(answer.status, status, "{of_event}: {answer:?}");
        if status == 400 {
            answer.problem("invalid-body");
        }
    }
}

async fn panics(_: &'static App, mut call: Call<Admin>) -> Result<Reply, Failure> {
    let body: Withheld<Value> = call.take_body();
    panic!("canary: {body:?}")
}

async fn panics_later(app: &'static App, call: Call<Admin>) -> Result<Reply, Failure> {
    tokio::task::yield_now().await;
    panics(app, call).await
}

fn panics_at_once(_: &'static App, _: Call<Admin>) -> std::future::Ready<Result<Reply, Failure>> {
    panic!("canary")
}

fn panics_in_public(_: &Site) -> Reply {
    panic!("canary")
}

#[tokio::test]
async fn a_panic_in_a_handler_is_a_500_that_is_counted_and_the_next_call_works() {
    let world = World::with(&[("METRICS_NAMESPACE", "chat-debug")]).await;
    let sent = world.admin().request("PUT", &gate(), Some(br#"{"allow_users":true,"canary-member":1}"#.to_vec()));
    let (route, event) = sent.event();
    let event = || invocation(&event.to_string(), 0);
    for answered in [
        answer(&PUT_DEBUG_LOGGING, world.app, panics, event()).await,
        answer(&PUT_DEBUG_LOGGING, world.app, panics_later, event()).await,
        answer(&PUT_DEBUG_LOGGING, world.app, panics_at_once, event()).await,
    ] {
        let answer = checked(route, &sent, answered).expect(500);
        answer.problem("internal");
        assert!(!answer.body.contains("canary"), "{answer:?}");
        assert_eq!((&answer.line["cause"], &answer.line["InternalErrors"]), (&json!("panic"), &json!(1)));
        world.admin().get(&gate()).await.expect(200);
    }
}

#[tokio::test]
async fn a_panic_in_a_public_handler_is_a_500_and_the_next_call_works() {
    let world = World::new().await;
    for public in [&GET_OPENAPI, &GET_DOCS, &GET_VIEWER] {
        let sent = world.nobody().request("GET", public.path, None);
        let (route, event) = sent.event();
        let event = || invocation(&event.to_string(), 0);
        let answer =
            checked(route, &sent, answer_public(public, &Site::default(), panics_in_public, event())).expect(500);
        answer.problem("internal");
        assert_eq!((&answer.line["level"], &answer.line["cause"]), (&json!("error"), &json!("panic")));
        world.nobody().get(route.path).await.expect(200);
    }
}

/// What a hand that invokes the function may send, and no gateway does: Lambda says so to that hand.
#[test]
fn only_what_is_no_object_fails_the_function() {
    for payload in ["[]", "\"x\"", "1", "null", "", "{", r#"{"headers":{},"headers":{}}"#] {
        assert!(serde_json::from_str::<Event>(payload).is_err(), "{payload}");
    }
    for payload in ["{}", r#"{"body":[],"headers":1}"#, r#"{"x":{},"x":[]}"#] {
        assert!(serde_json::from_str::<Event>(payload).is_ok(), "{payload}");
    }
}

/// A list is asked for with its parameters in percents, as clients write them.
#[tokio::test]
async fn percents_are_read_once() {
    let world = World::recording("alice").await;
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    let alice = world.user("alice");
    for (query, status) in [("%6cimit=%31", 200), ("limit=%2531", 400), ("limit=1%26kind=x", 400), ("limit=1", 200)] {
        let sent = alice.request("GET", &format!("{}?{query}", runs(1)), None);
        let (route, event) = sent.event();
        assert_eq!(*route, *LIST_DEBUG_RUNS);
        let answer = answer_to(&world, route, &sent, &event.to_string()).await;
        assert_eq!(answer.status, status, "{query}: {answer:?}");
    }
}
