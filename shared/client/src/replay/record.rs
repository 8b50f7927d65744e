//! Records a turn: in one call, or step by step when it is too large for one.
//!
//! A step that is too large by itself is recorded with less, and its metadata say what was left out.

use crate::{
    client::{Client, RunOutcome, StepOutcome},
    error::Error,
    replay::turn::ReplayedTurn,
};
use api::{
    ids::{ChatId, RunId},
    json::Object,
    problem::{MAX_UNPACKED_BYTES, Problem},
    routes::PUT_DEBUG_STEP,
    run::{CreateRun, RunState, UpdateRun},
    settings::Decision,
    status::Status,
    step::StepInput,
};
use serde::Serialize;
use serde_json::json;
use std::io;

/// Records a turn, whatever its size. It is safe to record it again: a recording that was cut short is completed, and
/// one that is complete is [`RunOutcome::Repeated`]. A run that could not be finished stays open for that.
///
/// # Errors
///
/// Those of [`Client::create_debug_run`], [`Client::put_debug_step`] and [`Client::update_debug_run`].
pub async fn record(client: &Client, turn: &ReplayedTurn) -> Result<RunOutcome, Error> {
    if fits(&turn.run)? {
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

fn fits(body: &impl Serialize) -> Result<bool, Error> {
    let mut length = Length(0);
    serde_json::to_writer(&mut length, body).map_err(Error::Unwritable)?;
    Ok(length.0 <= MAX_UNPACKED_BYTES)
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
fn opening(run: &CreateRun) -> CreateRun {
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
        if let StepOutcome::NotRecorded(decision) = put_step(client, chat, id, step).await? {
            return Ok(Some(decision));
        }
    }
    Ok(None)
}

/// Puts a step, with less and less in it as long as it is too large.
async fn put_step(client: &Client, chat: ChatId, run: RunId, mut step: StepInput) -> Result<StepOutcome, Error> {
    let Some(number) = step.step_number else {
        return Err(Error::Unreadable { operation: PUT_DEBUG_STEP.operation, detail: "a step has no number".into() });
    };
    for leave_out in [leave_out_normalized, leave_out_bodies] {
        if fits(&step)? {
            match client.put_debug_step(chat, run, number, &step).await {
                Err(error) if error.is_too_large() => {}
                outcome => return outcome,
            }
        }
        leave_out(&mut step);
    }
    client.put_debug_step(chat, run, number, &step).await
}

/// The normalized forms only repeat the attempts' bodies.
fn leave_out_normalized(step: &mut StepInput) {
    step.normalized_request = Object::default();
    step.normalized_response = None;
    note(step, &["normalized_request", "normalized_response"]);
}

fn leave_out_bodies(step: &mut StepInput) {
    for attempt in &mut step.attempts {
        attempt.request_body = None;
        attempt.response_body = None;
    }
    note(step, &["normalized_request", "normalized_response", "request_body", "response_body"]);
}

fn note(step: &mut StepInput, left_out: &[&str]) {
    let mut metadata = step.metadata.value().ok().and_then(|value| value.as_object().cloned()).unwrap_or_default();
    metadata.insert("left_out_for_size".to_owned(), json!(left_out));
    if let Some(metadata) = Object::from_value(&metadata.into()) {
        step.metadata = metadata;
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
