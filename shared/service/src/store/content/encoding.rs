//! A step's content as JSON, just as it is on the wire, and how large it may be. Each step is serialised once: what is
//! stored of it is what the turn's digest reads.

use crate::failure::Failure;
use api::{
    ids::{MessageId, StepNumber, UserId},
    json::Object,
    problem::{MAX_STEP_BYTES, Problem},
    run::CreateRun,
    status::Status,
    step::{Attempt, Operation, StepInput, Usage},
    time::Timestamp,
};
use ring::digest::{Context, SHA256};
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
/// `Problem::Internal` when it does not serialise.
pub(in crate::store) fn content_of(step: &StepInput) -> Result<String, Failure> {
    #[derive(Serialize)]
    struct StepContent<'a> {
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
    // By all its members: a new one does not compile until it is content, or of the head below.
    let StepInput {
        step_number: _,
        owner_id: _,
        operation: _,
        status: _,
        started_at: _,
        finished_at: _,
        history_tip_message_id: _,
        assistant_message_id: _,
        normalized_request,
        normalized_response,
        usage,
        attempts,
        error,
        metadata,
    } = step;
    json(&StepContent { normalized_request, normalized_response, usage, attempts, error, metadata })
}

/// Refuses a content that could never be read back.
///
/// # Errors
///
/// `Problem::StepTooLarge`.
pub(in crate::store) fn check_size(content: &str) -> Result<(), Problem> {
    if escaped_len(content) + HEAD_BYTES > MAX_STEP_BYTES { Err(Problem::StepTooLarge) } else { Ok(()) }
}

/// SHA-256 of a turn as it would be serialised whole, in the one form that checking gives it, and without the
/// credentials that were taken out.
pub(in crate::store) struct TurnDigest {
    context: Context,
    is_first: bool,
}

impl TurnDigest {
    /// Begins with a turn, of which the steps were taken.
    ///
    /// # Errors
    ///
    /// `Problem::Internal` when it does not serialise.
    pub(in crate::store) fn begin(turn: &CreateRun) -> Result<Self, Failure> {
        let mut context = Context::new(&SHA256);
        context.update(members(&json(turn)?).as_bytes());
        Ok(Self { context, is_first: true })
    }

    /// Goes on with a step and its content, as [`content_of`] serialised it.
    ///
    /// # Errors
    ///
    /// `Problem::Internal` when it does not serialise.
    pub(in crate::store) fn add(&mut self, step: &StepInput, content: &str) -> Result<(), Failure> {
        #[derive(Serialize)]
        struct DigestedHead<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            step_number: Option<StepNumber>,
            #[serde(skip_serializing_if = "Option::is_none")]
            owner_id: &'a Option<UserId>,
            operation: Operation,
            status: Status,
            started_at: Timestamp,
            #[serde(skip_serializing_if = "Option::is_none")]
            finished_at: Option<Timestamp>,
            #[serde(skip_serializing_if = "Option::is_none")]
            history_tip_message_id: &'a Option<MessageId>,
            #[serde(skip_serializing_if = "Option::is_none")]
            assistant_message_id: &'a Option<MessageId>,
        }
        let head = json(&DigestedHead {
            step_number: step.step_number,
            owner_id: &step.owner_id,
            operation: step.operation,
            status: step.status,
            started_at: step.started_at,
            finished_at: step.finished_at,
            history_tip_message_id: &step.history_tip_message_id,
            assistant_message_id: &step.assistant_message_id,
        })?;
        self.context.update(if self.is_first { br#","steps":["# } else { b"," });
        self.is_first = false;
        for part in [members(&head), ",", content.strip_prefix('{').unwrap_or(content)] {
            self.context.update(part.as_bytes());
        }
        Ok(())
    }

    /// The digest.
    pub(in crate::store) fn finish(mut self) -> Vec<u8> {
        self.context.update(if self.is_first { b"}" } else { b"]}" });
        self.context.finish().as_ref().to_vec()
    }
}

fn json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|_| Failure::internal("body is no JSON"))
}

/// An object without the brace at its end: more members may follow.
fn members(object: &str) -> &str {
    object.strip_suffix('}').unwrap_or(object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::digest::digest;
    use std::mem;

    #[test]
    fn a_turn_is_hashed_as_if_it_were_serialised_whole() {
        let start = r#""started_at":"2026-01-02T03:04:05Z","finished_at":"2026-01-02T03:04:06Z","status":"completed""#;
        let least = r#"{"operation":"stream","status":"in_progress","started_at":"2026-01-02T03:04:05Z"}"#;
        let full = format!(
            r#"{{"step_number":7,"owner_id":"a","operation":"generate",{start},"history_tip_message_id":1,
            "assistant_message_id":"m-1","normalized_request":{{"a":1.0}},"normalized_response":{{"b":"\ud800"}},
            "usage":{{"input_tokens":1}},"attempts":[{{"number":1,"status":"completed","url":"/x"}}],
            "error":{{"c":[]}},"metadata":{{"d":null}}}}"#
        );
        for steps in [String::new(), least.to_owned(), format!("{least},{full}"), format!("{full},{least},{full}")] {
            let text = format!(r#"{{"owner_id":"a","kind":"chat_turn",{start},"model":"m","steps":[{steps}]}}"#);
            let mut turn: CreateRun = serde_json::from_str(&text).expect("a turn");
            let whole = digest(&SHA256, &serde_json::to_vec(&turn).expect("JSON"));
            let steps = mem::take(&mut turn.steps);
            let mut digest = TurnDigest::begin(&turn).expect("a digest");
            for step in &steps {
                digest.add(step, &content_of(step).expect("JSON")).expect("JSON");
            }
            assert_eq!(digest.finish(), whole.as_ref(), "{text}");
        }
    }

    #[test]
    fn what_could_never_be_read_back_is_refused() {
        let largest = "x".repeat(MAX_STEP_BYTES - HEAD_BYTES);
        assert_eq!(check_size(&largest), Ok(()));
        assert_eq!(check_size(&(largest + "x")), Err(Problem::StepTooLarge));
        assert_eq!(check_size(&"\"".repeat(MAX_STEP_BYTES / 2)), Err(Problem::StepTooLarge));
    }

    #[test]
    fn whatever_lambda_escapes_is_counted() {
        let json = "{\"a\\\\b\":\n\t\r [\"\u{1f600}\"]}";
        let quoted = serde_json::to_string(json).expect("JSON");
        assert_eq!(escaped_len(json), quoted.len() - 2);
    }
}
