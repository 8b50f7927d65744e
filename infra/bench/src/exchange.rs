//! What a step exchanged with the model, which has to come back as it was sent.

use api::{
    json::Object,
    step::{Attempt, Step, StepInput},
};

/// What was sent to the model and what came back, as text.
pub(crate) type Exchange = (String, String);

/// What a step that is recorded exchanged.
pub(crate) fn sent(step: &StepInput) -> Exchange {
    exchange(&step.normalized_request, step.normalized_response.as_ref(), &step.attempts)
}

/// What a step that was read back exchanged.
pub(crate) fn read(step: &Step) -> Exchange {
    exchange(&step.normalized_request, step.normalized_response.as_ref(), &step.attempts)
}

/// The answer is the last attempt's, byte for byte, where attempts were recorded.
fn exchange(request: &Object, response: Option<&Object>, attempts: &[Attempt]) -> Exchange {
    let last = attempts.last().and_then(|attempt| attempt.response_body.as_ref());
    let answer = last.map(|body| String::from_utf8_lossy(&body.0).into_owned());
    let answer = answer.or_else(|| response.map(|response| response.get().to_owned()));
    (request.get().to_owned(), answer.unwrap_or_default())
}
