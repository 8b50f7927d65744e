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
    meanwhile::meanwhile,
    store::{Created, EncodedRun},
};

/// Records the run, if the chat is recorded. The same post again gets the same answer.
pub async fn handle(app: &'static App, mut call: Call<Recorder>) -> Result<Reply, Failure> {
    let (now, sent) = (app.clock.now(), call.take_body());
    let (chat, body) = app.access.named_chat(&call.caller, call.chat()?, sent)?;
    let body = body.and_then(|body: CreateRun| chat.claimed(body)).and_then(|(chat, mut body)| {
        body.check(now).map_err(Problem::InvalidBody)?;
        Ok((chat, body))
    });
    let (chat, body) = app.access.unless_hidden(&chat, body).await?;
    let (recording, (redaction, post)) = meanwhile(app.access.recording(&chat, body.id), || {
        let body = app.redacted(body);
        (body.receipt().counts(), EncodedRun::of(&chat, body, now))
    })
    .await;
    let (recording, snapshot) = recording?;
    let created = match recording {
        Recording::On(chat) => app.store.create_run(&chat, post?, &snapshot, call.until()).await?,
        Recording::Off(chat) => match post.ok().and_then(|post| app.store.recorded_before(&chat, &post, &snapshot)) {
            Some(created) => created,
            None => return Reply::recorded(false, &RecordingOutcome::Refused(chat.decision())),
        },
    };
    match created {
        Created::New(run) => Reply::recorded(true, &RecordingOutcome::Run(run.into(), redaction)),
        Created::Same(run) => Reply::recorded(false, &RecordingOutcome::Run(run.into(), redaction)),
    }
}
