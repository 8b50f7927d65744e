//! Recording a turn again, whatever became of it the first time.

use crate::backend::{Backend, LARGE, dense_text, large_turn, turn};
use api::{
    problem::Problem,
    run::{CreateRun, RunDetail, UpdateRun},
    settings::{DecidedBy, PutUserSettings},
    status::Status,
};
use client::{
    Client, RunOutcome,
    replay::{ReplayedTurn, record},
};
use tests::wire::{Fate, error};

/// The run as its owner reads it.
async fn read(backend: &Backend, turn: &ReplayedTurn) -> RunDetail {
    backend.alice().read_run(turn.chat, turn.run.id.unwrap()).await.unwrap()
}

/// Fails unless the run is stored as it was given.
async fn assert_whole(backend: &Backend, turn: &ReplayedTurn) -> RunDetail {
    let detail = read(backend, turn).await;
    assert_eq!((detail.run.status, detail.run.finished_at), (turn.run.status, turn.run.finished_at));
    assert_eq!(detail.steps.len(), turn.run.steps.len());
    for (step, given) in detail.steps.iter().zip(&turn.run.steps) {
        assert_eq!(Some(step.step_number), given.step_number);
        assert_eq!((&step.normalized_request, &step.attempts), (&given.normalized_request, &given.attempts));
    }
    detail
}

fn is_repeated(outcome: &RunOutcome, turn: &ReplayedTurn) -> bool {
    matches!(outcome, RunOutcome::Repeated(run, _) if Some(run.id) == turn.run.id && run.status == turn.run.status)
}

async fn opt_in(backend: &Backend, debug_logging_enabled: bool) {
    backend.alice().put_user_debug_logging(&PutUserSettings { debug_logging_enabled }).await.unwrap();
}

/// What an earlier recording was stopped at: nobody tells the service.
async fn record_until(backend: &Backend, recorder: &Client, turn: &ReplayedTurn, asked: usize) {
    let count = backend.asked().len() + asked;
    tokio::select! {
        outcome = record(recorder, turn) => panic!("it is recorded already: {outcome:?}"),
        () = backend.until_asked(count) => {}
    }
}

/// The run of a turn as it is opened, to be recorded step by step.
fn opening(turn: &ReplayedTurn) -> CreateRun {
    CreateRun { steps: Vec::new(), status: Status::InProgress, finished_at: None, ..turn.run.clone() }
}

/// A small turn whose run is open already, so that it is recorded step by step as a large one is.
async fn opened(backend: &Backend, source: &str) -> ReplayedTurn {
    let turn = turn(source, &["one", "two", "three"]);
    backend.recorder().create_debug_run(turn.chat, &opening(&turn)).await.unwrap();
    turn
}

#[tokio::test]
async fn a_turn_that_is_recorded_again_is_the_same_run() {
    let backend = Backend::new().await;
    let recorder = backend.recorder();
    let whole = turn("whole", &["hello"]);
    for turn in [whole.clone(), opened(&backend, "step by step").await] {
        record(&recorder, &turn).await.unwrap();
        let first = assert_whole(&backend, &turn).await;
        for _ in 0..2 {
            let outcome = record(&recorder, &turn).await.unwrap();
            assert!(is_repeated(&outcome, &turn), "{outcome:?}");
        }
        assert_eq!(read(&backend, &turn).await, first, "nothing has changed");
    }
    opt_in(&backend, false).await;
    let outcome = record(&recorder, &whole).await.unwrap();
    assert!(is_repeated(&outcome, &whole), "{outcome:?}");
}

#[tokio::test]
async fn a_turn_that_repeats_itself_goes_gzipped_and_in_one_call() {
    let backend = Backend::new().await;
    let turn = turn("gzipped", &[&*"What is the capital of France? ".repeat(5_500); LARGE]);
    assert!(serde_json::to_vec(&turn.run).unwrap().len() > api::problem::MAX_BODY_BYTES);
    record(&backend.recorder(), &turn).await.unwrap();
    let sent = &backend.asked()[0];
    let header = |name: &str| sent.headers.iter().find(|(given, _)| given == name).map(|(_, value)| &**value);
    assert_eq!(header("content-type"), Some("application/vnd.chat-debug+json"));
    assert_eq!((header("content-encoding"), header("accept-encoding")), (Some("gzip"), Some("gzip")));
    assert_eq!(backend.lines().len(), 1, "{:?}", backend.lines());
    assert_whole(&backend, &turn).await;
}

#[tokio::test]
async fn a_turn_that_is_too_large_goes_step_by_step_again_and_again_and_comes_back_over_several_answers() {
    let backend = Backend::new().await;
    let turn = large_turn("large");
    let outcome = record(&backend.recorder(), &turn).await.unwrap();
    assert!(matches!(&outcome, RunOutcome::Created(run, _) if run.status == Status::Completed), "{outcome:?}");
    let run = format!("/debug/runs/{}", turn.run.id.unwrap());
    let sent = backend.lines();
    let steps = (1..=LARGE).map(|number| format!("{run}/steps/{number}"));
    let ends: Vec<_> = ["/debug/runs".to_owned()].into_iter().chain(steps).chain([run.clone()]).collect();
    assert_eq!(sent.len(), ends.len());
    assert!(sent.iter().zip(&ends).all(|(sent, end)| sent.ends_with(end)), "{sent:?}");

    let outcome = record(&backend.recorder(), &turn).await.unwrap();
    assert!(is_repeated(&outcome, &turn), "{outcome:?}");
    assert_eq!(backend.lines().len(), sent.len() + 3, "opened, refused, ended");

    // Not even when it would not be recorded any more.
    opt_in(&backend, false).await;
    let outcome = record(&backend.recorder(), &turn).await.unwrap();
    assert!(is_repeated(&outcome, &turn), "{outcome:?}");

    let detail = assert_whole(&backend, &turn).await;
    assert_eq!(detail.steps_complete, None);
    assert!(backend.lines().iter().any(|line| line.contains("/steps?cursor=")), "{:?}", backend.lines());
}

#[tokio::test]
async fn a_turn_that_was_interrupted_is_started_anew_and_becomes_whole() {
    let backend = Backend::new().await;
    for asked in 1..=6 {
        let turn = opened(&backend, &format!("interrupted at {asked}")).await;
        record_until(&backend, &backend.recorder(), &turn, asked).await;
        let outcome = record(&backend.recorder(), &turn).await.unwrap();
        assert!(is_repeated(&outcome, &turn), "{outcome:?}");
        assert_whole(&backend, &turn).await;
    }
}

#[tokio::test]
async fn a_turn_that_failed_in_the_middle_is_started_anew_and_becomes_whole() {
    let backend = Backend::new().await;
    let turn = opened(&backend, "failed").await;
    backend.world.wire.rule(|seen| {
        let is_second = seen.writes() && seen.body.to_string().contains("#00002");
        if is_second { Fate::Answer(400, error("ValidationException")) } else { Fate::Pass }
    });
    record(&backend.recorder(), &turn).await.unwrap_err();
    assert_eq!(read(&backend, &turn).await.run.status, Status::InProgress, "it can still become whole");
    backend.world.wire.rule(|_| Fate::Pass);
    let outcome = record(&backend.recorder(), &turn).await.unwrap();
    assert!(is_repeated(&outcome, &turn), "{outcome:?}");
    assert_whole(&backend, &turn).await;
}

#[tokio::test]
async fn a_turn_that_was_switched_off_in_the_middle_becomes_whole_when_it_is_switched_on() {
    let backend = Backend::new().await;
    let turn = opened(&backend, "switched off").await;
    record_until(&backend, &backend.recorder(), &turn, 4).await;
    opt_in(&backend, false).await;
    let outcome = record(&backend.recorder(), &turn).await.unwrap();
    assert!(
        matches!(outcome, RunOutcome::NotRecorded(decision) if decision.decided_by == DecidedBy::User),
        "{outcome:?}"
    );
    opt_in(&backend, true).await;
    record(&backend.recorder(), &turn).await.unwrap();
    assert_whole(&backend, &turn).await;
}

#[tokio::test]
async fn another_turn_under_the_same_id_and_another_end_are_refused() {
    let backend = Backend::new().await;
    let (recorder, one) = (backend.recorder(), turn("small", &["hello"]));
    record(&recorder, &one).await.unwrap();
    let mut other = turn("small", &["something else"]);
    other.run.id = one.run.id;
    let error = record(&recorder, &other).await.unwrap_err();
    assert!(error.is(&Problem::OtherContent), "{error}");
    assert_whole(&backend, &one).await;

    let turn = opened(&backend, "ended").await;
    let end = UpdateRun { status: Some(Status::Interrupted), ..UpdateRun::default() };
    recorder.update_debug_run(turn.chat, turn.run.id.unwrap(), &end).await.unwrap();
    let error = record(&recorder, &turn).await.unwrap_err();
    assert!(error.is(&Problem::RunFinal), "{error}");
}

#[tokio::test]
async fn a_step_that_is_too_large_alone_says_what_was_left_out() {
    let backend = Backend::new().await;
    // No base64, which would be left out alone.
    let text = std::iter::repeat_with(|| dense_text(100)).take(60_000).collect::<Vec<_>>().join("-");
    let turn = turn("large", &[&text]);
    for _ in 0..2 {
        record(&backend.recorder(), &turn).await.unwrap();
        let step = &read(&backend, &turn).await.steps[0];
        assert_eq!((step.normalized_request.get(), &step.attempts[0].request_body), ("{}", &None));
        assert_eq!(step.attempts[0].url, turn.run.steps[0].attempts[0].url);
        let said = r#"["attempts/1/request","attempts/1/response","normalized_request","normalized_response"]"#;
        let said = format!(r#""left_out":{said}"#);
        assert!(step.metadata.get().contains(&said), "{}", step.metadata.get());
    }
}
