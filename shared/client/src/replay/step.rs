//! Makes a step of a call's attempts: what their bodies say of it, as `llm` reads them.

use crate::replay::normalized;
use api::{
    ids::StepNumber,
    json::Object,
    run::MAX_NAME_BYTES,
    status::Status,
    step::{Attempt, Body, Operation, StepInput, Usage},
    time::Timestamp,
    view::{Message, Outcome, StepView},
};
use llm::Recorded;
use serde_json::json;

/// What the steps of a run say about it; the first that says it counts.
#[derive(Default)]
pub(crate) struct Facts {
    /// Within the limit of its length, as the model is.
    pub provider: Option<String>,
    pub model: Option<String>,
    pub first_message: Option<String>,
}

impl Facts {
    /// The step of a call. It ends with the last of the attempts, which is the one that counts.
    pub(crate) fn step(
        &mut self,
        number: StepNumber,
        started_at: Timestamp,
        attempts: Vec<Attempt>,
        metadata: Object,
    ) -> StepInput {
        let view = Recorded { attempts: &attempts, ..Recorded::default() }.view();
        self.add(&view);
        let last = attempts.last();
        let (status, error) = ending(&view, last.and_then(|last| last.response_status));
        StepInput {
            step_number: Some(number),
            owner_id: None,
            external_id: None,
            operation: if view.is_stream { Operation::Stream } else { Operation::Generate },
            status,
            started_at,
            finished_at: last.and_then(|last| last.finished_at),
            history_tip_message_id: None,
            assistant_message_id: None,
            normalized_request: last.and_then(|last| object(last.request_body.as_ref())).unwrap_or_default(),
            normalized_response: last.and_then(|last| normalized_response(last, &view)),
            usage: usage(&view),
            attempts,
            error,
            metadata,
        }
    }

    fn add(&mut self, view: &StepView) {
        let model = || view.model_asked.as_ref().or(view.model_answered.as_ref()).cloned();
        self.provider = self.provider.take().or_else(|| view.provider.clone().map(name));
        self.model = self.model.take().or_else(|| model().map(name));
        let mut users = view.messages.iter().filter(|message| message.role == "user").map(Message::text);
        let said = || users.find(|text| !text.trim().is_empty()).map(|text| text.trim().to_owned());
        self.first_message = self.first_message.take().or_else(said);
    }
}

/// Whether a status announces an answer. A websocket begins with 101.
pub(crate) fn is_success(status: Option<u16>) -> bool {
    status.is_some_and(|status| matches!(status, 101 | 200..=299))
}

/// How the step ended, and the provider's own object that says why, or one that says it for the provider.
fn ending(view: &StepView, status: Option<u16>) -> (Status, Option<Object>) {
    let ended = match view.outcome {
        Outcome::Completed => return (Status::Completed, None),
        Outcome::Interrupted => Status::Interrupted,
        Outcome::Error => Status::Error,
    };
    let failure = view.error.as_ref();
    let own = failure.and_then(|failure| Object::parse(failure.raw.as_deref()?).ok());
    let ours = || {
        let message = failure.map(|failure| &*failure.message);
        // A status that announces an answer says nothing of what went wrong.
        let status = status.filter(|status| *status >= 300);
        let error = match status {
            Some(status) => json!({"status": status, "message": message}),
            None => json!({"message": message}),
        };
        Object::from_value(&error)
    };
    (ended, own.or_else(ours))
}

/// The answer byte for byte where it is an object; else a small object with what the view has of it.
fn normalized_response(last: &Attempt, view: &StepView) -> Option<Object> {
    if !is_success(last.response_status) {
        return None;
    }
    object(last.response_body.as_ref()).or_else(|| normalized::answer(&view.answer))
}

/// Token counts that the provider gave.
fn usage(view: &StepView) -> Option<Usage> {
    Object::parse(&view.tokens.as_ref()?.given).ok().map(Usage::from)
}

/// The body when it is a JSON object that can be kept byte for byte.
fn object(body: Option<&Body>) -> Option<Object> {
    Object::parse(std::str::from_utf8(&body?.0).ok()?).ok()
}

/// A name within the limit of its length.
fn name(mut name: String) -> String {
    name.truncate(name.floor_char_boundary(MAX_NAME_BYTES));
    name
}
