//! `PUT {chat}/debug/runs/{run}/steps/{step_number}`: a recorder records or replaces a step of an open run.

use api::{
    ids::{StepNumber, UserId},
    json::Violation,
    problem::Problem,
    run::RecordingOutcome,
    step::StepInput,
};
use service::{
    access::{ExistingRun, Recording, Withheld, proof::Recorder},
    app::App,
    failure::Failure,
    http::{Call, Reply},
    redact::{Redacted, redacted},
    store::StepWritten,
};

/// Stores the whole step, if the chat is recorded.
pub async fn handle(app: &'static App, mut call: Call<Recorder>) -> Result<Reply, Failure> {
    let (chat, now) = (call.chat()?, app.clock.now());
    let (body, number) = (call.take_body(), call.step_number().ok());
    let step = call.step_number().and_then(|number| Ok((number, checked(body?, number)?)));
    let found = app.access.existing_run(&call.caller, chat, call.run(), number, step, owner).await?;
    let ExistingRun { recording, run, step: existing, input: (number, step) } = found;
    match recording {
        Recording::On(chat) => {
            let written = app.store.put_step(&chat, run, existing, (number, &step), now, call.until()).await?;
            Reply::recorded(written == StepWritten::Created, &RecordingOutcome::Step)
        }
        Recording::Off(_) if run.status.is_final() => Err(Problem::RunFinal.into()),
        Recording::Off(chat) => Reply::recorded(false, &RecordingOutcome::Refused(chat.decision())),
    }
}

fn owner((_, step): &(StepNumber, Redacted<StepInput>)) -> Option<&UserId> {
    step.owner_id.as_ref()
}

fn checked(mut step: StepInput, number: StepNumber) -> Result<Redacted<StepInput>, Withheld> {
    step.settle();
    if step.step_number.is_some_and(|repeated| repeated != number) {
        let violation = Violation::new("/step_number", "must be the step number of the path");
        return Err(Problem::InvalidBody(violation).into());
    }
    Ok(redacted(step))
}
