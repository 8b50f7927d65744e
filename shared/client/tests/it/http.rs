//! The client against a real socket.

use crate::canned::{ID, Server, answer, refusal, run, step};
use api::{
    ids::{ChatId, RunId, UserId},
    problem::{MAX_BODY_BYTES, Problem},
    routes::BASE,
    run::{PutChat, Status},
    settings::{ChatOverride, DecidedBy, Decision},
    step::{Body, Headers},
};
use client::{
    Client, Error, RunFilter, RunOutcome,
    replay::{Call, Conversation, Turn, chat_id, record},
};
use futures_util::TryStreamExt;

fn client(server: &Server) -> Client {
    Client::new(&server.url, "s3cret").expect("a client")
}

fn chat() -> ChatId {
    ID.parse().expect("an id")
}

fn run_id() -> RunId {
    ID.parse().expect("an id")
}

fn next(target: &str) -> String {
    format!("link: <{BASE}/{ID}/{target}>; rel=\"next\"\r\n")
}

#[tokio::test]
async fn a_call_names_its_caller_its_route_and_its_body() {
    let server = Server::answering([answer(201, "", ""), answer(200, "", "")]);
    let client = client(&server);
    let body =
        PutChat { owner_id: "alice".parse::<UserId>().expect("a user"), root_chat_id: None, parent_chat_id: None };
    assert!(client.put_chat(chat(), &body).await.expect("an answer"));
    assert!(!client.put_chat(chat(), &body).await.expect("an answer"));
    let request = &server.requests()[0];
    assert_eq!(request.line, format!("PUT {BASE}/{ID}"));
    assert_eq!(request.body, r#"{"owner_id":"alice"}"#);
    for header in ["authorization: Bearer s3cret", "content-type: application/json"] {
        assert!(request.headers.iter().any(|line| line == header), "{:?}", request.headers);
    }
}

#[tokio::test]
async fn a_list_is_read_page_by_page_over_empty_ones() {
    let server = Server::answering([
        answer(200, &next("debug/runs?cursor=a&limit=2"), &format!("[{},{}]", run("error", "1"), run("error", "2"))),
        answer(200, &next("debug/runs?cursor=b&limit=2"), "[]"),
        answer(200, "", &format!("[{}]", run("error", "3"))),
    ]);
    let filter = RunFilter { limit: Some(2), status: Some(Status::Error), ..RunFilter::default() };
    let runs: Vec<_> = client(&server).runs(chat(), &filter).try_collect().await.expect("runs");
    let firsts: Vec<_> = runs.iter().filter_map(|run| run.summary.first_message.as_deref()).collect();
    assert_eq!(firsts, ["1", "2", "3"]);
    let lines: Vec<_> = server.requests().into_iter().map(|request| request.line).collect();
    let runs = format!("GET {BASE}/{ID}/debug/runs");
    assert_eq!(
        lines,
        [
            format!("{runs}?limit=2&status=error"),
            format!("{runs}?cursor=a&limit=2"),
            format!("{runs}?cursor=b&limit=2")
        ]
    );
}

#[tokio::test]
async fn a_page_that_announces_itself_ends_the_stream_with_an_error() {
    let page = answer(200, &next("debug/runs?cursor=a"), "[]");
    let server = Server::answering([page.clone(), page]);
    let runs = client(&server).runs(chat(), &RunFilter::default());
    let error = runs.try_collect::<Vec<_>>().await.expect_err("a circle");
    assert!(matches!(error, Error::Unreadable { .. }), "{error}");
}

#[tokio::test]
async fn a_run_is_read_whole_over_several_answers() {
    let run = run("completed", "x");
    let open = run.strip_suffix('}').expect("an object");
    let detail = format!(r#"{open},"steps":[{}],"steps_complete":false}}"#, step(1));
    let server = Server::answering([
        answer(200, &next(&format!("debug/runs/{ID}/steps?cursor=a")), &detail),
        answer(200, "", &format!("[{}]", step(2))),
    ]);
    let detail = client(&server).read_run(chat(), run_id()).await.expect("a run");
    assert_eq!((detail.steps.len(), detail.steps_complete, detail.run.summary.total_input_tokens), (2, None, Some(7)));
    assert_eq!(detail.steps[1].normalized_request.get(), r#"{"n":1.0}"#);
}

#[tokio::test]
async fn a_refusal_is_typed_and_the_token_is_nowhere_in_it() {
    let server = Server::answering([
        refusal(&Problem::NotFound, "x-request-id: r-1\r\n"),
        answer(401, "apigw-requestid: g-1\r\n", r#"{"message":"Unauthorized"}"#),
        answer(302, "location: http://elsewhere.example/\r\n", ""),
    ]);
    let client = client(&server);
    let error = client.get_debug_run(chat(), run_id()).await.expect_err("a refusal");
    assert_eq!((error.status(), error.slug(), error.request_id()), (Some(404), Some("not-found"), Some("r-1")));
    let error = client.get_user_debug_logging().await.expect_err("a refusal");
    assert_eq!((error.status(), error.slug(), error.request_id()), (Some(401), None, Some("g-1")));
    assert!(!format!("{error} {error:?} {client:?}").contains("s3cret"));
    let error = client.get_user_debug_logging().await.expect_err("a redirect");
    assert_eq!(error.status(), Some(302));
}

#[tokio::test]
async fn a_busy_service_is_asked_again_when_it_says_so() {
    let settings = r#"{"override":"on","effective":true,"decided_by":"chat"}"#;
    let server = Server::answering([
        refusal(&Problem::Unavailable, "retry-after: 0\r\n"),
        answer(429, "retry-after: 0\r\n", r#"{"message":"Too Many Requests"}"#),
        String::new(),
        answer(200, "", settings),
    ]);
    let settings = client(&server).get_chat_debug_logging(chat()).await.expect("an answer");
    assert_eq!((settings.override_, settings.decided_by), (ChatOverride::On, DecidedBy::Chat));
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn a_service_that_stays_busy_is_left_alone_in_the_end() {
    let busy = refusal(&Problem::Unavailable, "retry-after: 0\r\n");
    let server = Server::answering(vec![busy; 9]);
    let error = client(&server).delete_chat(chat()).await.expect_err("busy");
    assert!(error.is_unavailable());
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn a_post_without_an_id_is_not_sent_twice_over_a_broken_connection() {
    let mut turn = turn("{}");
    turn.run.id = None;
    let server = Server::answering([String::new(), answer(201, "", "")]);
    let error = client(&server).create_debug_run(turn.chat, &turn.run).await.expect_err("broken");
    assert!(matches!(error, Error::Broken { .. }), "{error:?}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_post_without_an_id_is_not_sent_twice_to_an_unavailable_service() {
    let mut turn = turn("{}");
    turn.run.id = None;
    let server = Server::answering([refusal(&Problem::Unavailable, "retry-after: 0\r\n"), answer(201, "", "")]);
    let error = client(&server).create_debug_run(turn.chat, &turn.run).await.expect_err("unavailable");
    assert!(error.is_unavailable(), "{error:?}");
    assert_eq!(server.requests().len(), 1);
}

fn turn(request_body: &str) -> Turn {
    let owner: UserId = "alice".parse().expect("a user");
    let call = Call {
        method: "POST".into(),
        url: "https://api.example.com/v1/messages".into(),
        request_headers: Headers::default(),
        request_body: Some(Body(request_body.into())),
        status: Some(200),
        response_headers: Headers::default(),
        response_body: Some(Body(b"{}".to_vec())),
    };
    let conversation = Conversation { source: "s".into(), licence: None, calls: vec![call.clone(), call] };
    Turn::new(&conversation, &owner, chat_id(&owner, "s"), "2026-01-02T03:04:05Z".parse().expect("a time"))
}

fn recorded(status: &str) -> String {
    format!(r#"{{"recorded":true,"run":{}}}"#, run(status, "x"))
}

#[tokio::test]
async fn a_turn_is_recorded_in_one_call() {
    let server = Server::answering([answer(201, "", &recorded("completed"))]);
    let outcome = record(&client(&server), &turn("{}")).await.expect("an answer");
    assert!(matches!(outcome, RunOutcome::Created(_)), "{outcome:?}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_turn_that_is_not_to_be_recorded_says_who_decided() {
    let body = r#"{"recorded":false,"decision":{"enabled":false,"decided_by":"gate"}}"#;
    let server = Server::answering([answer(200, "", body)]);
    let outcome = record(&client(&server), &turn("{}")).await.expect("an answer");
    assert_eq!(outcome, RunOutcome::NotRecorded(Decision { enabled: false, decided_by: DecidedBy::Gate }));
}

#[tokio::test]
async fn a_turn_that_is_too_large_is_recorded_step_by_step() {
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_BODY_BYTES / 4));
    let stored = r#"{"recorded":true}"#;
    let state = format!(r#"{{"id":"{ID}","status":"completed","updated_at":"2026-01-02T03:04:05Z"}}"#);
    let server = Server::answering([
        answer(201, "", &recorded("in_progress")),
        answer(201, "", stored),
        // A step that is too large to be read back is sent again with less.
        refusal(&Problem::StepTooLarge, ""),
        answer(201, "", stored),
        answer(200, "", &state),
    ]);
    let outcome = record(&client(&server), &turn(&large)).await.expect("an answer");
    assert!(matches!(outcome, RunOutcome::Created(_)), "{outcome:?}");
    let requests = server.requests();
    let lines: Vec<_> = requests.iter().map(|request| request.line.rsplit('/').next().unwrap_or_default()).collect();
    assert_eq!(lines, ["runs", "1", "2", "2", ID]);
    assert!(
        requests[0].body.contains(r#""status":"in_progress""#) && !requests[0].body.contains("steps"),
        "{}",
        requests[0].body
    );
    assert!(requests[3].body.contains(r#""left_out_for_size":["normalized_request","normalized_response"]"#));
    assert!(requests[4].body.contains(r#""status":"completed""#), "{}", requests[4].body);
}
