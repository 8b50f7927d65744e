//! A step's outline: what lists and polls show of it, stored so that nothing else of the step is read for them.
//!
//! A step's own head has what its contents say in short; all outlines of a posted turn are one frame, which stands in
//! the anchor while it is small, else in an item of its own. Whatever was recorded, an outline is small.

use super::{
    super::content::{encoding::pack, json::json},
    label::label,
};
use crate::failure::Failure;
use api::{
    outline::{AttemptOutline, StepOutline},
    step::{Attempt, Body, Count, Counted, StepInput},
};
use frame::Steps;
use llm::{Outline, Recorded};
use serde::{Deserialize, Serialize};

/// The most attempts of a step.
const MAX_ATTEMPTS: usize = 8;
/// The longest name of a model, in characters.
const MAX_MODEL: usize = 100;
/// The longest name of a tool, in characters.
const MAX_TOOL: usize = 64;
/// The most bytes of a step's tools, as JSON.
const MAX_TOOLS_BYTES: usize = 300;
/// The most bytes of a turn's outlines in its anchor: the anchor stays small.
pub(in crate::store) const MAX_INLINE_OUTLINES: usize = 1_000;
/// The most bytes of a turn's outlines; above it they say less.
const MAX_TURN_BYTES: usize = 100_000;

/// What a step's contents say in short, as its head has it: the part of its [`StepOutline`] that the head does not say
/// elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct ContentsOutline {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tools_called: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tools_left_out: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) attempts: Vec<AttemptOutline>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attempts_left_out: Option<u32>,
    pub(super) normalized_request_bytes: Count,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) normalized_response_bytes: Option<Count>,
}

/// What a step's contents say in short, and what they count where its recorder does not.
pub(in crate::store) fn contents_of(step: &StepInput) -> (ContentsOutline, Option<Counted>) {
    let Outline { model_asked, model_answered, tools_called, counted } = Outline::of(Recorded::from(step));
    let names = tools_called.iter().filter_map(|name| label(name, MAX_TOOL));
    let mut room = MAX_TOOLS_BYTES;
    let tools: Vec<String> = names
        .take_while(|name| {
            let left = room.checked_sub(serde_json::to_string(name).map_or(usize::MAX, |json| json.len() + 1));
            room = left.unwrap_or_default();
            left.is_some()
        })
        .collect();
    let (earlier, last) = step.attempts.split_at(step.attempts.len().saturating_sub(MAX_ATTEMPTS));
    let outline = ContentsOutline {
        model: model_answered.or(model_asked).and_then(|model| label(&model, MAX_MODEL)),
        tools_left_out: left_out(tools_called.len() - tools.len()),
        tools_called: tools,
        attempts: last.iter().map(attempt).collect(),
        attempts_left_out: left_out(earlier.len()),
        normalized_request_bytes: count(step.normalized_request.get().len()),
        normalized_response_bytes: step.normalized_response.as_ref().map(|response| count(response.get().len())),
    };
    (outline, counted)
}

fn attempt(attempt: &Attempt) -> AttemptOutline {
    let size = |body: &Option<Body>| body.as_ref().map(|Body(bytes)| count(bytes.len()));
    AttemptOutline {
        number: attempt.number,
        status: attempt.status,
        response_status: attempt.response_status,
        duration_ms: attempt.duration_ms,
        request_bytes: size(&attempt.request_body),
        response_bytes: size(&attempt.response_body),
    }
}

fn count(number: usize) -> Count {
    Count::clamped(i128::try_from(number).unwrap_or(i128::MAX))
}

fn left_out(number: usize) -> Option<u32> {
    u32::try_from(number).ok().filter(|number| *number > 0)
}

/// The outlines of a turn's steps, by number, as one frame.
///
/// # Errors
///
/// `Problem::Unavailable` when memory is short; `Problem::Internal` when one does not serialise.
pub(in crate::store) fn packed(outlines: Vec<StepOutline>) -> Result<Vec<u8>, Failure> {
    let whole = frame(&outlines)?;
    if whole.len() <= MAX_TURN_BYTES {
        return Ok(whole);
    }
    frame(&outlines.into_iter().map(without_texts).collect::<Vec<_>>())
}

fn frame(outlines: &[StepOutline]) -> Result<Vec<u8>, Failure> {
    let mut steps = Steps::default();
    for outline in outlines {
        steps.begin(outline.step_number.get()).text(json(outline)?.as_bytes());
    }
    pack(&steps)
}

/// An outline whose lists are but counted.
fn without_texts(outline: StepOutline) -> StepOutline {
    let all = |listed: usize, rest: Option<u32>| left_out(listed.saturating_add(rest.unwrap_or(0) as usize));
    StepOutline {
        model: outline.model.map(|_| "…".to_owned()),
        tools_left_out: all(outline.tools_called.len(), outline.tools_left_out),
        tools_called: Vec::new(),
        attempts_left_out: all(outline.attempts.len(), outline.attempts_left_out),
        attempts: Vec::new(),
        ..outline
    }
}
