//! The recorder for `reqwest` with turns that last, and that grow.

use crate::{
    canned::{CannedServer, taken},
    recorder::{SOON, Scene, hanging_after, http, question},
};
use api::{
    ids::MessageId,
    recorder_keys::CreateRecorderKey,
    run::{RunDetail, UpdateRun},
    settings::PutUserSettings,
    status::Status,
    step::StepInput,
};
use client::recorder::{Counters, Recorder, Turn};
use local::issuer::TokenRole;
use std::{sync::mpsc, time::Duration};

/// The shortest there is.
const PACE: Duration = Duration::from_secs(1);

/// Where alice is recorded, and her turns are shown soon.
async fn scene() -> Scene {
    let scene = Scene::new().await;
    Scene { debug: scene.debug.clone().showing_after(PACE), ..scene }
}

async fn until(is_so: impl AsyncFn() -> bool) {
    while !is_so().await {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// The bodies of all requests of this method so far.
fn sent<T: serde::de::DeserializeOwned>(scene: &Scene, method: &str) -> Vec<T> {
    let asked = scene.backend.asked().into_iter().filter(|asked| asked.method == method);
    asked.map(|asked| serde_json::from_slice(&asked.body.unwrap()).unwrap()).collect()
}

/// The run as its owner reads it.
async fn read(scene: &Scene, turn: &Turn) -> RunDetail {
    scene.backend.alice().read_run(Scene::chat(), turn.id()).await.unwrap()
}

#[tokio::test]
async fn a_long_turn_is_open_heard_of_and_finished() {
    let scene = scene().await;
    let turn = scene.turn().first_message("Hi");
    let hanging = turn.send(scene.http.post(hanging_after("")).body(question(true)));
    assert!(tokio::time::timeout(PACE / 10, hanging).await.is_err(), "a step that failed");
    scene.ask(&turn, "plain", false).await.bytes().await.unwrap();
    until(async || sent::<StepInput>(&scene, "PUT").len() >= 2).await;
    let heard_of = sent::<UpdateRun>(&scene, "PATCH").len();
    until(async || sent::<UpdateRun>(&scene, "PATCH").len() > heard_of).await;
    // As it would be if the process died now.
    let open = read(&scene, &turn).await;
    assert_eq!((open.run.status, open.run.summary.first_message.as_deref()), (Status::InProgress, Some("Hi")));
    let steps: Vec<_> = open.steps.iter().map(|step| step.status).collect();
    assert_eq!(steps, [Status::Interrupted, Status::Completed]);
    assert!(sent::<UpdateRun>(&scene, "PATCH").iter().all(|heartbeat| heartbeat.status.is_none()));

    scene.ask(&turn, "plain", true).await.bytes().await.unwrap();
    let id = turn.id();
    drop(turn.saying(|run| run.trigger_message_id = Some(MessageId::Number(14))));
    assert!(scene.debug.flush(SOON).await);
    assert_eq!(scene.debug.counters(), Counters { recorded: 1, ..Counters::default() });
    let done = scene.backend.alice().read_run(Scene::chat(), id).await.unwrap();
    assert_eq!((done.run.status, done.run.model.as_deref()), (Status::Completed, Some("gpt-test")));
    assert_eq!(done.trigger_message_id, Some(MessageId::Number(14)));
    assert_eq!(done.steps.len(), 3);
    let mut put: Vec<_> = sent::<StepInput>(&scene, "PUT").into_iter().map(|step| step.step_number).collect();
    put.dedup();
    assert_eq!(put.len(), 3, "each was put when it was over, and not again");
}

#[tokio::test]
async fn a_call_that_is_tried_again_after_it_was_shown_is_shown_again() {
    let scene = scene().await;
    let (turn, url) = (scene.turn(), scene.provider.at("retry"));
    let send = async || turn.send(scene.http.post(&url).body(question(false))).await.unwrap().bytes().await.unwrap();
    send().await;
    until(async || !sent::<StepInput>(&scene, "PUT").is_empty()).await;
    until(async || read(&scene, &turn).await.steps.len() == 1).await;
    send().await;
    until(async || read(&scene, &turn).await.steps[0].attempts.len() == 2).await;
    let open = read(&scene, &turn).await;
    let statuses: Vec<_> = open.steps[0].attempts.iter().map(|attempt| attempt.response_status).collect();
    assert_eq!((open.steps.len(), statuses), (1, vec![Some(429), Some(200)]));
    assert!(open.steps[0].attempts[0].request_body.is_some(), "what may be tried again is kept");
}

#[tokio::test]
async fn a_turn_that_may_not_be_recorded_any_more_is_closed() {
    let scene = scene().await;
    let turn = scene.turn();
    scene.ask(&turn, "plain", false).await.bytes().await.unwrap();
    until(async || !sent::<StepInput>(&scene, "PUT").is_empty()).await;
    until(async || read(&scene, &turn).await.steps.len() == 1).await;
    let off = PutUserSettings { debug_logging_enabled: false };
    scene.backend.alice().put_user_debug_logging(&off).await.unwrap();
    scene.ask(&turn, "plain", false).await.bytes().await.unwrap();
    until(async || read(&scene, &turn).await.run.status == Status::Interrupted).await;
    let id = turn.id();
    drop(turn);
    assert!(scene.debug.flush(SOON).await);
    assert_eq!(scene.debug.counters(), Counters { not_recorded: 1, ..Counters::default() });
    assert_eq!(scene.backend.alice().read_run(Scene::chat(), id).await.unwrap().steps.len(), 1);
}

#[tokio::test]
async fn a_turn_that_was_shown_and_cannot_be_looked_through_is_closed() {
    let scene = scene().await;
    let debug = scene.debug.clone().redacting(|_| panic!("a fault of the product's"));
    let scene = Scene { debug, ..scene };
    let turn = scene.turn();
    let id = turn.id();
    until(async || sent::<UpdateRun>(&scene, "PATCH").len() == 1).await;
    scene.ask(&turn, "plain", false).await.bytes().await.unwrap();
    drop(turn);
    assert!(scene.debug.flush(SOON).await);
    assert_eq!(scene.debug.counters(), Counters { failed: 1, ..Counters::default() });
    let run = scene.backend.alice().read_run(Scene::chat(), id).await.unwrap();
    assert_eq!((run.run.status, run.steps.len()), (Status::Interrupted, 0));
}

#[tokio::test]
async fn a_large_turn_is_put_as_it_grows() {
    let service = CannedServer::answering_each(taken);
    let scene = Scene::new().await;
    let debug = Recorder::new(&service.url, "k");
    let turn = debug.turn("conversation-7", "alice");
    let mut put = 0;
    for number in 1..=20 {
        let body = question(false).replace("Hi", &"x".repeat(2_000_000));
        turn.send(scene.http.post(scene.provider.at("plain")).body(body)).await.unwrap().bytes().await.unwrap();
        // All of them together have no room.
        while put + 4 < number {
            put += service.requests().iter().filter(|request| request.line.starts_with("PUT")).count();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    drop(turn);
    until(async || debug.counters() != Counters::default()).await;
    assert_eq!(debug.counters(), Counters { recorded: 1, ..Counters::default() });
    let rest = service.requests();
    put += rest.iter().filter(|request| request.line.starts_with("PUT")).count();
    assert!(put == 20 && rest.last().unwrap().line.starts_with("PATCH"), "{put}: {rest:?}");
}

#[tokio::test]
async fn a_flush_returns_whatever_the_products_own_function_does() {
    let scene = Scene::new().await;
    let (release, held) = mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let debug = Recorder::new(&scene.backend.server.origin, &scene.backend.token(TokenRole::Recorder));
    let debug = debug.redacting(move |_| {
        let _released = held.lock().unwrap().recv();
    });
    let turn = debug.turn("conversation-7", "alice");
    turn.send(http().post(scene.provider.at("plain")).body(question(false))).await.unwrap().bytes().await.unwrap();
    drop(turn);
    assert!(!debug.flush(PACE / 10).await);
    drop(release);
    assert!(debug.flush(SOON).await);
    assert_eq!(debug.counters(), Counters { recorded: 1, ..Counters::default() });
}

#[tokio::test]
async fn a_key_of_the_owners_records_a_long_turn_too() {
    let scene = Scene::new().await;
    let wanted = CreateRecorderKey { general: false, label: None, expires_at: None };
    let made = scene.backend.alice().create_recorder_key(&wanted).await.unwrap();
    let debug = Recorder::new(&scene.backend.server.origin, &made.key).showing_after(PACE);
    let turn = debug.turn("conversation-7", "alice");
    scene.ask(&turn, "plain", false).await.bytes().await.unwrap();
    until(async || sent::<UpdateRun>(&scene, "PATCH").len() >= 2).await;
    drop(turn);
    assert!(debug.flush(SOON).await);
    assert_eq!(debug.counters(), Counters { recorded: 1, ..Counters::default() });
}
