//! `PUT {chat}/debug/runs/{run}/steps/{step_number}`: a recorder records or replaces a step of an open run.

use api::{ids::StepNumber, json::Violation, problem::Problem, run::RecordingOutcome, step::StepInput};
use service::{
    access::{ExistingRun, Named, Recording, proof::Recorder},
    app::App,
    failure::Failure,
    http::{Call, Reply},
    redaction::Redacted,
    store::StepWritten,
};

/// Stores the whole step, if the chat is recorded.
pub async fn handle(app: &'static App, mut call: Call<Recorder>) -> Result<Reply, Failure> {
    let (now, sent) = (app.clock.now(), call.take_body());
    let (chat, step) = app.access.named_chat(&call.caller, call.chat()?, sent)?;
    let step = call.step_number().zip(step).and_then(|(number, step)| {
        let step = checked(number, step)?;
        Ok((number, app.redacted(step)))
    });
    let found = app.access.existing_run(&chat, call.run(), step, named).await?;
    let ExistingRun { recording, run, step: existing, input: (number, step) } = found;
    match recording {
        Recording::On(chat) => {
            let written = app.store.put_step(&chat, run, existing, (number, &step), now, call.until()).await?;
            let redaction = step.receipt().counts();
            Reply::recorded(written == StepWritten::Created, &RecordingOutcome::Step(redaction))
        }
        Recording::Off(_) if run.status.is_final() => Err(Problem::RunFinal.into()),
        Recording::Off(chat) => Reply::recorded(false, &RecordingOutcome::Refused(chat.decision())),
    }
}

fn named((number, step): &(StepNumber, Redacted<StepInput>)) -> Named<'_> {
    Named { owner: step.owner_id.as_ref(), step: Some(*number) }
}

fn checked(number: StepNumber, mut step: StepInput) -> Result<StepInput, Problem> {
    step.settle();
    if step.step_number.is_some_and(|repeated| repeated != number) {
        let violation = Violation::new("/step_number", "must be the step number of the path");
        return Err(Problem::InvalidBody(violation));
    }
    Ok(step)
}
