//! `POST {chat}/debug/runs`: a recorder records a run, or a whole turn with its steps.

use api::{
    problem::Problem,
    run::{CreateRun, RecordingOutcome},
};
use service::{
    access::Recording,
    app::App,
    failure::Failure,
    http::{Call, Reply},
    redact::redacted,
    store::{Created, SnapshotOf},
};

/// Records if the resolver says so; the same post again is the same answer.
pub async fn handle(app: &'static App, mut call: Call) -> Result<Reply, Failure> {
    let body = call.take_body();
    let (recorder, chat, now) = (call.recorder()?, call.chat()?, app.clock.now());
    let checked = body.and_then(|mut body: CreateRun| {
        body.check(now).map_err(Problem::InvalidBody)?;
        Ok(redacted(body))
    });
    let body = match checked {
        Ok(body) => body,
        Err(_) if app.store.is_deleted(recorder, chat).await? => return Err(Problem::NotFound.into()),
        Err(problem) => return Err(problem.into()),
    };
    let of = SnapshotOf { chat, run: body.id, step: None };
    let (recording, snapshot) = app.access.recording(recorder, of, &body.owner_id).await?;
    let created = match recording {
        Recording::On(chat) => app.store.create_run(&chat, body, &snapshot, now, call.until()).await?,
        Recording::Off(chat) => match app.store.recorded_before(&chat, &body, &snapshot, now)? {
            Some(created) => created,
            None => return Reply::recorded(false, &RecordingOutcome::Refused(chat.decision())),
        },
    };
    match created {
        Created::New(run) => Reply::recorded(true, &RecordingOutcome::Run(run.into())),
        Created::Same(run) => Reply::recorded(false, &RecordingOutcome::Run(run.into())),
    }
}
