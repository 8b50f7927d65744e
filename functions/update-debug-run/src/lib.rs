//! `PATCH {chat}/debug/runs/{run}`: a recorder finishes a run, or says that it goes on.

use api::{
    problem::Problem,
    run::{RunState, UpdateRun},
};
use service::{
    access::{ExistingRun, Named, Recording, proof::Recorder},
    app::App,
    failure::Failure,
    http::{Call, Reply},
    redaction::Redacted,
    store::Patch,
};

/// Changes an open run. In a chat that is not recorded, a run may still be finished.
pub async fn handle(app: &'static App, mut call: Call<Recorder>) -> Result<Reply, Failure> {
    let (now, sent) = (app.clock.now(), call.take_body());
    let (chat, body) = app.access.named_chat(&call.caller, call.chat()?, sent)?;
    let body = body.and_then(|body: UpdateRun| {
        body.check().map_err(Problem::InvalidBody)?;
        Ok(app.redacted(body))
    });
    let found = app.access.existing_run(&chat, call.run(), body, named).await?;
    let ExistingRun { recording, run, input: body, .. } = found;
    let redaction = body.receipt().counts();
    let patch = Patch::of(body, run, now);
    Reply::json(&match recording {
        Recording::On(chat) => RunState { redaction, ..app.store.update_run(&chat, patch, now).await? },
        Recording::Off(chat) => app.store.close_run(&chat, patch, now).await?,
    })
}

fn named(body: &Redacted<UpdateRun>) -> Named<'_> {
    Named { owner: body.owner_id.as_ref(), step: None }
}
