//! Records a turn: in one call, or step by step when it is too large for one.
//!
//! A step that is too large even alone is recorded with less, and its metadata say what was left
//! out.

use super::Turn;
use crate::{Client, Error, RunOutcome, StepOutcome};
use api::{
    ids::{ChatId, RunId},
    json::Object,
    problem::MAX_BODY_BYTES,
    routes::PUT_DEBUG_STEP,
    run::{CreateRun, Status, UpdateRun},
    settings::Decision,
    step::StepInput,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Records a turn, whatever its size. Recording it again is safe.
pub async fn record(client: &Client, turn: &Turn) -> Result<RunOutcome, Error> {
    if fits(&turn.run)? {
        match client.create_debug_run(turn.chat, &turn.run).await {
            // What travels is larger than what was counted here: bodies are quoted on the way.
            Err(error) if error.status() == Some(413) => {}
            outcome => return outcome,
        }
    }
    step_by_step(client, turn).await
}

fn fits(body: &impl Serialize) -> Result<bool, Error> {
    serde_json::to_vec(body).map(|body| body.len() <= MAX_BODY_BYTES).map_err(Error::Unwritable)
}

async fn step_by_step(client: &Client, turn: &Turn) -> Result<RunOutcome, Error> {
    let opened = client.create_debug_run(turn.chat, &opening(&turn.run)).await?;
    let run = match &opened {
        RunOutcome::NotRecorded(_) => return Ok(opened),
        // An earlier recording came to its end.
        RunOutcome::Repeated(run) if run.status.is_final() => return Ok(opened),
        RunOutcome::Created(run) | RunOutcome::Repeated(run) => run.id,
    };
    match put_steps(client, turn.chat, run, &turn.run).await {
        Ok(None) => {
            finish(client, turn, run, turn.run.status).await?;
            Ok(opened)
        }
        Ok(Some(decision)) => {
            finish(client, turn, run, Status::Interrupted).await?;
            Ok(RunOutcome::NotRecorded(decision))
        }
        Err(error) => {
            // The first error is the one to tell; a run left open is only untidy.
            let _ = finish(client, turn, run, Status::Error).await;
            Err(error)
        }
    }
}

/// The run without its steps, still going on.
fn opening(run: &CreateRun) -> CreateRun {
    let mut opening = CreateRun { steps: Vec::new(), ..run.clone() };
    opening.status = Status::InProgress;
    opening.finished_at = None;
    opening
}

/// Puts every step; the decision, when recording was switched off meanwhile.
async fn put_steps(client: &Client, chat: ChatId, id: RunId, run: &CreateRun) -> Result<Option<Decision>, Error> {
    for step in &run.steps {
        let step = StepInput { owner_id: Some(run.owner_id.clone()), ..step.clone() };
        if let StepOutcome::NotRecorded(decision) = put_step(client, chat, id, step).await? {
            return Ok(Some(decision));
        }
    }
    Ok(None)
}

/// Puts a step, with less and less in it for as long as it is too large.
async fn put_step(client: &Client, chat: ChatId, run: RunId, mut step: StepInput) -> Result<StepOutcome, Error> {
    let Some(number) = step.step_number else {
        return Err(Error::Unreadable { operation: PUT_DEBUG_STEP.operation, detail: "a step has no number".into() });
    };
    for leave_out in [leave_out_normalized, leave_out_bodies] {
        if fits(&step)? {
            match client.put_debug_step(chat, run, number, &step).await {
                Err(error) if error.status() == Some(413) => {}
                outcome => return outcome,
            }
        }
        leave_out(&mut step);
    }
    client.put_debug_step(chat, run, number, &step).await
}

/// The normalized forms repeat what the attempts' bodies say.
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
    let mut metadata: Map<String, Value> = serde_json::from_str(step.metadata.get()).unwrap_or_default();
    metadata.insert("left_out_for_size".to_owned(), json!(left_out));
    if let Some(metadata) = Object::from_value(&metadata.into()) {
        step.metadata = metadata;
    }
}

async fn finish(client: &Client, turn: &Turn, run: RunId, status: Status) -> Result<(), Error> {
    let update = UpdateRun {
        owner_id: Some(turn.run.owner_id.clone()),
        status: Some(status),
        finished_at: turn.run.finished_at,
        ..UpdateRun::default()
    };
    client.update_debug_run(turn.chat, run, &update).await.map(drop)
}
