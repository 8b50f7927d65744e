//! `PUT {chat}/debug/runs/{run}/steps/{step_number}`: a recorder records or replaces a step of an open run.

use api::{ids::StepNumber, json::Violation, problem::Problem, run::RecordingOutcome, step::StepInput};
use service::{
    access::{ExistingRun, Recording},
    app::App,
    failure::Failure,
    http::{Call, Reply},
    redact::{Redacted, redacted},
    store::StepWritten,
};

/// Puts the step whole.
pub async fn handle(app: &'static App, mut call: Call) -> Result<Reply, Failure> {
    let body = call.take_body();
    let (recorder, chat, now) = (call.recorder()?, call.chat()?, app.clock.now());
    let input = call.step_number().and_then(|number| Ok((number, checked(body?, number)?)));
    let number = call.step_number().ok();
    let owner = input.as_ref().map(|(_, step)| step.owner_id.as_ref()).map_err(Clone::clone);
    let standing = app.access.recording_run(recorder, chat, call.run(), number, owner).await?;
    let ExistingRun { recording, run, step: stood } = standing;
    let (number, step) = input?;
    match recording {
        Recording::On(chat) => {
            let written = app.store.put_step(&chat, run, stood, (number, &step), now, call.until()).await?;
            Reply::recorded(written == StepWritten::Created, &RecordingOutcome::Step)
        }
        Recording::Off(_) if run.status.is_final() => Err(Problem::RunFinal.into()),
        Recording::Off(chat) => Reply::recorded(false, &RecordingOutcome::Refused(chat.decision())),
    }
}

fn checked(mut step: StepInput, number: StepNumber) -> Result<Redacted<StepInput>, Problem> {
    step.settle();
    if step.step_number.is_some_and(|repeated| repeated != number) {
        return Err(Problem::InvalidBody(Violation::new("/step_number", "must be the step number of the path")));
    }
    Ok(redacted(step))
}
