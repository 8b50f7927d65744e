//! `POST {chat}/debug/runs`: a recorder records a run, or a whole turn with its steps.

use api::{
    problem::Problem,
    run::{CreateRun, RecordingOutcome},
};
use service::{
    access::{Recording, proof::Recorder},
    app::App,
    failure::Failure,
    http::{Call, Reply},
    redact::redacted,
    store::{Created, SnapshotOf},
};

/// Records the run, if the chat is recorded. The same post again gets the same answer.
pub async fn handle(app: &'static App, mut call: Call<Recorder>) -> Result<Reply, Failure> {
    let (chat, now) = (call.chat()?, app.clock.now());
    let body = call.take_body().and_then(|mut body: CreateRun| {
        let word = body.external_id.as_ref();
        word.map_or(Ok(()), |word| word.check(&body.owner_id, chat)).map_err(Problem::InvalidBody)?;
        body.check(now).map_err(Problem::InvalidBody)?;
        Ok(redacted(body))
    });
    let body = app.access.unless_deleted(&call.caller, chat, body).await?;
    let of = SnapshotOf { chat, run: body.id, step: None, is_new: true };
    let redaction = body.receipt().counts();
    let (recording, snapshot) = app.access.recording(&call.caller, of, &body.owner_id).await?;
    let created = match recording {
        Recording::On(chat) => app.store.create_run(&chat, body, &snapshot, now, call.until()).await?,
        Recording::Off(chat) => match app.store.recorded_before(&chat, body, &snapshot, now) {
            Some(created) => created,
            None => return Reply::recorded(false, &RecordingOutcome::Refused(chat.decision())),
        },
    };
    match created {
        Created::New(run) => Reply::recorded(true, &RecordingOutcome::Run(run.into(), redaction)),
        Created::Same(run) => Reply::recorded(false, &RecordingOutcome::Run(run.into(), redaction)),
    }
}
