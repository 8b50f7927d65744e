//! The typed client.

use crate::{
    backend::{Backend, alice, chat_of, turn},
    canned::{CannedServer, ID, answer, next, refusal, run, taken},
};
use api::{
    chat::PutChat,
    ids::{ChatId, RunId, StepNumber},
    problem::Problem,
    routes::BASE,
    settings::{ChatOverride, DecidedBy, Decision},
    status::Status,
    step::StepInput,
};
use client::{Client, Error, RunFilter, RunOutcome, replay::record};
use futures_util::TryStreamExt;
use serde_json::json;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use tests::{
    wire::{Fate, error},
    world::{World, chat, chat_id, open_run, run_id, runs, step_body},
};

fn chat_1() -> ChatId {
    chat_id(1).parse().unwrap()
}

fn any_run() -> RunId {
    ID.parse().unwrap()
}

fn before(server: &CannedServer) -> Client {
    Client::new(&server.url, "s3cret").unwrap()
}

#[tokio::test]
async fn a_call_names_its_caller_its_route_and_its_body() {
    let backend = Backend::new().await;
    let recorder = backend.recorder();
    let body = PutChat { owner_id: Some(alice()), external_id: None, root_chat_id: None, parent_chat_id: None };
    assert!(recorder.put_chat(chat_1(), &body).await.unwrap());
    assert!(!recorder.put_chat(chat_1(), &body).await.unwrap());
    let sent = &backend.asked()[0];
    assert_eq!((sent.method, &*sent.path), ("PUT", &*chat(1)));
    assert_eq!(sent.body.as_deref(), Some(&br#"{"owner_id":"alice"}"#[..]));
    assert!(sent.headers.iter().any(|(name, value)| name == "authorization" && value.starts_with("Bearer ")));
    assert!(sent.headers.contains(&("content-type".into(), "application/json".into())));
}

#[tokio::test]
async fn a_step_and_its_contents_are_read_alone() {
    let backend = Backend::new().await;
    let mut step = step_body(Some(1));
    step["attempts"] = serde_json::json!([{"number": 1, "status": "completed", "response_body": ""}]);
    step["normalized_request"] = serde_json::json!({"text": "x".repeat(4_500_000)});
    backend.world.recorder().post(&runs(1), tests::world::turn("alice", 1, vec![step])).await.expect(201);
    let (alice, run, number) = (backend.alice(), run_id(1).parse().unwrap(), StepNumber::try_from(1).unwrap());
    let step = alice.get_debug_step(chat_1(), run, number).await.unwrap();
    assert_eq!((step.step_number, step.omitted.len()), (number, 0));
    let read = async |name: &str| alice.read_content(chat_1(), run, number, name.parse().unwrap()).await;
    assert!(read("request").await.unwrap() == step.normalized_request.get().as_bytes());
    assert_eq!(read("attempts/1/response").await.unwrap(), b"");
    assert_eq!(read("attempts/1/request").await.unwrap_err().slug(), Some("not-found"));
    let contents = backend.lines().into_iter().filter(|line| line.contains("/content/request"));
    assert_eq!(contents.count(), 2, "a part is 4.4 MB");
}

#[tokio::test]
async fn a_list_is_read_page_by_page() {
    let backend = Backend::new().await;
    for n in 1..=5 {
        let mut run = open_run("alice", n);
        run["summary"] = serde_json::json!({"first_message": n.to_string()});
        backend.world.recorder().post(&runs(1), run).await.expect(201);
    }
    let filter = RunFilter { limit: Some(2), status: Some(Status::InProgress), ..RunFilter::default() };
    let listed: Vec<_> = backend.alice().runs(chat_1(), &filter).try_collect().await.unwrap();
    let firsts: Vec<_> = listed.iter().filter_map(|run| run.summary.first_message.as_deref()).collect();
    assert_eq!(firsts, ["5", "4", "3", "2", "1"]);
    let lines = backend.lines();
    assert_eq!(lines[0], format!("GET {}?limit=2&status=in_progress", runs(1)));
    assert!(lines.len() >= 3 && lines[1..].iter().all(|line| line.contains("cursor=")), "{lines:?}");
}

#[tokio::test]
async fn the_callers_chats_are_read_to_the_last_page() {
    let backend = Backend::new().await;
    for n in 1..=5 {
        let body = PutChat { owner_id: Some(alice()), external_id: None, root_chat_id: None, parent_chat_id: None };
        backend.recorder().put_chat(chat_id(n).parse().unwrap(), &body).await.unwrap();
    }
    let all: Vec<_> = backend.alice().chats().try_collect().await.unwrap();
    let ids: Vec<_> = all.iter().map(|chat| chat.id.to_string()).collect();
    assert_eq!(ids, [5, 4, 3, 2, 1].map(chat_id));
    let (newest, are_more) = backend.alice().newest_chats(Some(2), 3).await.unwrap();
    assert_eq!((newest.as_slice(), are_more), (&all[..3], true));
    assert_eq!(backend.alice().newest_chats(Some(2), usize::MAX).await.unwrap(), (all, false));
}

/// A thousand runs that a filter does not want make an empty page, which is not the last.
#[tokio::test]
async fn a_list_goes_on_over_empty_pages() {
    let server = CannedServer::answering([
        answer(200, &next("debug/runs?cursor=a&limit=2"), &format!("[{}]", run("1"))),
        answer(200, &next("debug/runs?cursor=b&limit=2"), "[]"),
        answer(200, "", &format!("[{}]", run("2"))),
    ]);
    let listed: Vec<_> = before(&server).runs(chat_1(), &RunFilter::default()).try_collect().await.unwrap();
    assert_eq!(listed.len(), 2);
}

#[tokio::test]
async fn a_page_that_announces_itself_ends_the_stream_with_an_error() {
    let page = answer(200, &next("debug/runs?cursor=a"), "[]");
    let server = CannedServer::answering([page.clone(), page]);
    let runs = before(&server).runs(chat_1(), &RunFilter::default());
    let error = runs.try_collect::<Vec<_>>().await.unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error}");
}

#[tokio::test]
async fn a_refusal_is_typed_and_the_token_is_nowhere_in_it() {
    let backend = Backend::new().await;
    let error = backend.alice().get_debug_run(chat_1(), any_run()).await.unwrap_err();
    assert_eq!((error.status(), error.slug(), error.request_id()), (Some(404), Some("not-found"), Some("request-1")));
    let error = backend.client("s3cret").get_user_debug_logging().await.unwrap_err();
    assert!(error.is(&Problem::Unauthenticated) && !format!("{error} {error:?}").contains("s3cret"), "{error:?}");
}

#[tokio::test]
async fn a_gateways_refusal_is_typed_too() {
    let server = CannedServer::answering([
        answer(401, "apigw-requestid: g-1\r\n", r#"{"message":"Unauthorized"}"#),
        answer(302, "location: http://elsewhere.example/\r\n", ""),
        answer(502, "content-type: text/html\r\n", "<html>Bad Gateway</html>"),
    ]);
    let client = before(&server);
    let error = client.get_user_debug_logging().await.unwrap_err();
    assert_eq!((error.status(), error.slug(), error.request_id()), (Some(401), None, Some("g-1")));
    let error = client.get_user_debug_logging().await.unwrap_err();
    assert_eq!(error.status(), Some(302), "no redirect is followed");
    let error = client.get_user_debug_logging().await.unwrap_err();
    assert!(error.status() == Some(502) && error.is_unavailable(), "{error:?}");
}

#[tokio::test]
async fn a_service_that_cannot_reach_its_table_is_asked_again() {
    let backend = Backend::new().await;
    let left = AtomicU32::new(3);
    backend.world.wire.rule(move |_| match left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)) {
        Ok(_) => Fate::Answer(503, error("ServiceUnavailable")),
        Err(_) => Fate::Pass,
    });
    let settings = backend.alice().get_user_debug_logging().await.unwrap();
    assert!(settings.debug_logging_enabled);
    assert!(backend.asked().len() > 1, "the first answer was a 503");
}

#[tokio::test]
async fn a_key_that_is_gone_when_its_revocation_is_repeated_was_revoked() {
    let key = "019b7ca9-8f2e-7c41-8a6d-5e0f3b92d714".parse().unwrap();
    let missing = || refusal(&Problem::NotFound, "");
    for lost in [refusal(&Problem::Unavailable, "retry-after: 0\r\n"), String::new()] {
        let server = CannedServer::answering([lost, missing()]);
        before(&server).delete_recorder_key(key).await.unwrap();
        assert_eq!(server.requests().len(), 2);
    }
    // One that was never there is none, also behind a gateway that did nothing.
    let busy = answer(429, "retry-after: 0\r\n", r#"{"message":"Too Many Requests"}"#);
    for answers in [vec![missing()], vec![busy, missing()]] {
        let error = before(&CannedServer::answering(answers)).delete_recorder_key(key).await.unwrap_err();
        assert_eq!(error.status(), Some(404));
    }
}

#[tokio::test]
async fn a_busy_gateway_is_asked_again_when_it_says_so() {
    let settings = r#"{"override":"on","effective":true,"decided_by":"chat"}"#;
    let server = CannedServer::answering([
        refusal(&Problem::Unavailable, "retry-after: 0\r\n"),
        answer(429, "retry-after: 0\r\n", r#"{"message":"Too Many Requests"}"#),
        String::new(),
        answer(200, "", settings),
    ]);
    let settings = before(&server).get_chat_debug_logging(chat_1()).await.unwrap();
    assert_eq!((settings.override_, settings.decided_by), (ChatOverride::On, DecidedBy::Chat));
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn a_service_that_stays_busy_is_left_alone_in_the_end() {
    let busy = refusal(&Problem::Unavailable, "retry-after: 0\r\n");
    let server = CannedServer::answering(vec![busy; 9]);
    let error = before(&server).get_user_debug_logging().await.unwrap_err();
    assert!(error.is_unavailable());
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn a_post_without_an_id_is_not_sent_twice() {
    let mut turn = turn("s", &["hello"]);
    turn.run.id = None;
    for answered in [String::new(), refusal(&Problem::Unavailable, "retry-after: 0\r\n")] {
        let server = CannedServer::answering([answered, answer(201, "", "")]);
        let error = before(&server).create_debug_run(turn.chat, &turn.run).await.unwrap_err();
        assert!(error.is_unavailable(), "{error:?}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_turn_is_recorded_in_one_call() {
    let backend = Backend::new().await;
    let outcome = record(&backend.recorder(), &turn("s", &["hello", "again"])).await.unwrap();
    assert!(matches!(outcome, RunOutcome::Created(..)), "{outcome:?}");
    assert_eq!(backend.lines(), [format!("POST {BASE}/{}/debug/runs", chat_of("s"))]);
}

#[tokio::test]
async fn a_turn_that_is_not_to_be_recorded_says_who_decided() {
    let backend = Backend::of(World::new().await).await;
    let outcome = record(&backend.recorder(), &turn("s", &["hello"])).await.unwrap();
    assert_eq!(outcome, RunOutcome::NotRecorded(Decision { enabled: false, decided_by: DecidedBy::Gate }));
}

/// A gateway may take less than the service, which only the refusals tell.
#[tokio::test]
async fn a_turn_that_a_gateway_finds_too_large_is_recorded_with_less_and_less() {
    let too_large = || answer(413, "", r#"{"message":"Request Too Long"}"#);
    let (run, step) = (|| taken("POST"), || taken("PUT"));
    let answers = [
        too_large(),
        run(),
        step(),
        too_large(),
        too_large(),
        too_large(),
        step(),
        too_large(),
        step(),
        taken("PATCH"),
    ];
    let server = CannedServer::answering(answers);
    let image = "abcd".repeat(500);
    record(&before(&server), &turn("s", &["hello", &image, "again"])).await.unwrap();
    let requests = server.requests();
    let lines: Vec<_> = requests.iter().map(|request| request.line.rsplit('/').next().unwrap_or_default()).collect();
    assert_eq!(lines, ["runs", "runs", "1", "2", "2", "2", "2", "3", "3", ID]);
    let steps: Vec<StepInput> =
        requests[3..9].iter().map(|request| serde_json::from_str(&request.body).unwrap()).collect();
    let left_out = |step: &StepInput| step.metadata.value().unwrap()["left_out"].clone();
    let copies = ["normalized_request", "normalized_response"];
    let all = ["attempts/1/request", "attempts/1/response", "images", "normalized_request", "normalized_response"];
    assert_eq!(left_out(&steps[0]), json!(null));
    assert_eq!((left_out(&steps[1]), left_out(&steps[5])), (json!(copies), json!(copies)));
    assert_eq!(left_out(&steps[2]), json!(["images", "normalized_request", "normalized_response"]));
    assert_eq!(left_out(&steps[3]), json!(all));
    let prompt = |step: &StepInput| {
        let body = &step.attempts[0].request_body.as_ref().unwrap().0;
        serde_json::from_slice::<serde_json::Value>(body).unwrap()["prompt"].as_str().unwrap().to_owned()
    };
    assert_eq!((prompt(&steps[1]), steps[1].normalized_request.get()), (image, "{}"));
    assert!(prompt(&steps[2]).starts_with("[LEFT OUT: 1500 bytes, sha256 "), "{}", prompt(&steps[2]));
    assert_eq!((&steps[3].attempts[0].request_body, steps[3].attempts[0].response_status), (&None, Some(200)));
}

#[tokio::test]
async fn a_turn_of_more_steps_than_a_post_takes_goes_step_by_step() {
    let server = CannedServer::answering_each(taken);
    let texts = vec!["hello"; 1001];
    record(&before(&server), &turn("s", &texts)).await.unwrap();
    let requests = server.requests();
    let put = requests.iter().filter(|request| request.line.starts_with("PUT")).count();
    assert_eq!((requests.len(), put), (1003, 1001));
}
