//! A step's content as JSON, just as it is on the wire, and how large it may be.

use crate::failure::Failure;
use api::{
    json::Object,
    problem::{MAX_STEP_BYTES, Problem},
    step::{Attempt, StepInput, Usage},
};
use serde::Serialize;

/// More than a step's head adds to its content, as escaped JSON.
const HEAD_BYTES: usize = 1_000;

/// The length of a text as escaped JSON: inside Lambda's answer, which quotes the body once more.
pub(in crate::store) fn escaped_len(json: &str) -> usize {
    // Raw line breaks and tabs may be between the members of free-form JSON.
    let is_escaped = |byte: &u8| u8::from(matches!(byte, b'"' | b'\\' | 0..0x20));
    // Slices whose count fits into a byte are counted many bytes at a time.
    let escaped = json.as_bytes().chunks(255).map(|slice| slice.iter().map(is_escaped).sum::<u8>());
    json.len() + escaped.map(usize::from).sum::<usize>()
}

/// A step's content as JSON.
///
/// # Errors
///
/// `Problem::StepTooLarge` when it could never be read back.
pub(in crate::store) fn encode(step: &StepInput) -> Result<Vec<u8>, Failure> {
    #[derive(Serialize)]
    struct Members<'a> {
        normalized_request: &'a Object,
        #[serde(skip_serializing_if = "Option::is_none")]
        normalized_response: &'a Option<Object>,
        #[serde(skip_serializing_if = "Option::is_none")]
        usage: &'a Option<Usage>,
        attempts: &'a [Attempt],
        #[serde(skip_serializing_if = "Option::is_none")]
        error: &'a Option<Object>,
        metadata: &'a Object,
    }
    let json = serde_json::to_string(&Members {
        normalized_request: &step.normalized_request,
        normalized_response: &step.normalized_response,
        usage: &step.usage,
        attempts: &step.attempts,
        error: &step.error,
        metadata: &step.metadata,
    });
    let json = json.map_err(|_| Failure::internal("content is no JSON"))?;
    if escaped_len(&json) + HEAD_BYTES > MAX_STEP_BYTES {
        return Err(Problem::StepTooLarge.into());
    }
    Ok(json.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_lambda_escapes_is_counted() {
        let json = "{\"a\\\\b\":\n\t\r [\"\u{1f600}\"]}";
        let quoted = serde_json::to_string(json).expect("JSON");
        assert_eq!(escaped_len(json), quoted.len() - 2);
    }
}
