//! Records a turn: in one call, or step by step when it is too large for one.
//!
//! A step that is too large by itself is recorded with less, as `left_out` says.

use crate::{
    client::{Client, RunOutcome, StepOutcome},
    error::Error,
    replay::{left_out::LESS_AND_LESS, turn::ReplayedTurn},
};
use api::{
    ids::{ChatId, RunId},
    problem::{MAX_UNPACKED_BYTES, Problem},
    routes::PUT_DEBUG_STEP,
    run::{CreateRun, MAX_STEPS, RunState, UpdateRun},
    settings::Decision,
    status::Status,
    step::StepInput,
};
use serde::Serialize;
use std::{borrow::Cow, io};

/// Records a turn, whatever its size. It is safe to record it again: a recording that was cut short is completed, and
/// one that is complete is [`RunOutcome::Repeated`]. A run that could not be finished stays open for that.
///
/// # Errors
///
/// Those of [`Client::create_debug_run`], [`Client::put_debug_step`] and [`Client::update_debug_run`].
pub async fn record(client: &Client, turn: &ReplayedTurn) -> Result<RunOutcome, Error> {
    if turn.run.steps.len() <= MAX_STEPS && length(&turn.run)? <= MAX_UNPACKED_BYTES {
        match client.create_debug_run(turn.chat, &turn.run).await {
            // Gzipped it is too large as well, or to a gateway that takes less.
            Err(error) if error.is_too_large() => {}
            // It may have been recorded step by step, through a gateway that takes less at once.
            Err(error) if error.is(&Problem::OtherContent) => {}
            outcome => return outcome,
        }
    }
    step_by_step(client, turn).await
}

/// The bytes of a body as JSON.
fn length(body: &impl Serialize) -> Result<usize, Error> {
    let mut length = Length(0);
    serde_json::to_writer(&mut length, body).map_err(Error::Unwritable)?;
    Ok(length.0)
}

/// Counts bytes and keeps none.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn step_by_step(client: &Client, turn: &ReplayedTurn) -> Result<RunOutcome, Error> {
    let mut opened = client.create_debug_run(turn.chat, &opening(&turn.run)).await?;
    let (RunOutcome::Created(run, _) | RunOutcome::Repeated(run, _)) = &mut opened else { return Ok(opened) };
    match put_steps(client, turn.chat, run.id, &turn.run).await {
        Ok(None) => {}
        Ok(Some(decision)) => return Ok(RunOutcome::NotRecorded(decision)),
        // The answer to a repeated post is that of the first, so that only a step's `PUT` shows that the run is final.
        // Then finishing it the same way changes nothing, and any other way is refused.
        Err(error) if error.is(&Problem::RunFinal) => {}
        Err(error) => return Err(error),
    }
    let state = finish(client, turn, run.id).await?;
    run.status = state.status;
    run.updated_at = state.updated_at;
    run.finished_at = state.finished_at;
    Ok(opened)
}

/// The run in progress, without its steps.
pub(crate) fn opening(run: &CreateRun) -> CreateRun {
    // Field by field, since a clone would copy the steps.
    CreateRun {
        owner_id: run.owner_id.clone(),
        external_id: run.external_id.clone(),
        kind: run.kind,
        status: Status::InProgress,
        started_at: run.started_at,
        id: run.id,
        finished_at: None,
        provider: run.provider.clone(),
        model: run.model.clone(),
        root_chat_id: run.root_chat_id,
        parent_chat_id: run.parent_chat_id,
        model_config_id: run.model_config_id,
        trigger_message_id: run.trigger_message_id.clone(),
        history_tip_message_id: run.history_tip_message_id.clone(),
        summary: run.summary.clone(),
        steps: Vec::new(),
    }
}

/// Puts every step; returns the decision when recording was switched off meanwhile.
async fn put_steps(client: &Client, chat: ChatId, id: RunId, run: &CreateRun) -> Result<Option<Decision>, Error> {
    for step in &run.steps {
        let step = StepInput { owner_id: run.owner_id.clone(), external_id: run.external_id.clone(), ..step.clone() };
        if let StepOutcome::NotRecorded(decision) = put_step(client, chat, id, &step).await? {
            return Ok(Some(decision));
        }
    }
    Ok(None)
}

/// Puts a step, with less and less in it as long as it is too large.
pub(crate) async fn put_step(
    client: &Client,
    chat: ChatId,
    run: RunId,
    step: &StepInput,
) -> Result<StepOutcome, Error> {
    let Some(number) = step.step_number else {
        return Err(Error::Unreadable { operation: PUT_DEBUG_STEP.operation, detail: "a step has no number".into() });
    };
    let mut step = Cow::Borrowed(step);
    let mut less = LESS_AND_LESS.iter();
    loop {
        let bytes = length(&*step)?;
        let outcome = if bytes > MAX_UNPACKED_BYTES {
            Err(Error::TooLarge { bytes })
        } else {
            client.put_debug_step(chat, run, number, &step).await
        };
        let is_too_large = outcome.as_ref().is_err_and(Error::is_too_large);
        if !is_too_large || !less.any(|leave_out| leave_out(step.to_mut())) {
            return outcome;
        }
    }
}

async fn finish(client: &Client, turn: &ReplayedTurn, run: RunId) -> Result<RunState, Error> {
    let update = UpdateRun {
        owner_id: turn.run.owner_id.clone(),
        external_id: turn.run.external_id.clone(),
        status: Some(turn.run.status),
        finished_at: turn.run.finished_at,
        ..UpdateRun::default()
    };
    client.update_debug_run(turn.chat, run, &update).await
}
