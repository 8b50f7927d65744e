//! `PATCH {chat}/debug/runs/{run}`: a recorder finishes a run, or says that it goes on.

use api::{problem::Problem, run::UpdateRun};
use service::{
    access::{ExistingRun, Recording},
    app::App,
    failure::Failure,
    http::{Call, Reply},
    redact::redacted,
    store::Patch,
};

/// Changes an open run. What the resolver does not let record may still be closed.
pub async fn handle(app: &'static App, mut call: Call) -> Result<Reply, Failure> {
    let body = call.take_body();
    let (recorder, chat, now) = (call.recorder()?, call.chat()?, app.clock.now());
    let body = body.and_then(|body: UpdateRun| {
        body.check().map_err(Problem::InvalidBody)?;
        Ok(redacted(body))
    });
    let owner = body.as_ref().map(|body| body.owner_id.as_ref()).map_err(Clone::clone);
    let ExistingRun { recording, run, .. } = app.access.recording_run(recorder, chat, call.run(), None, owner).await?;
    let patch = Patch::of(body?, run, now);
    Reply::json(&match recording {
        Recording::On(chat) => app.store.update_run(&chat, patch, now).await?,
        Recording::Off(chat) => app.store.close_run(&chat, patch, now).await?,
    })
}
