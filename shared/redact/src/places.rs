//! Where a recorder's texts are in what it sends. Each type is taken apart by all its members, so that a new member
//! does not compile until it is said here how it is read.

use crate::mask::REDACTED;
use api::{
    chat::PutChat,
    external::ExternalId,
    json::Object,
    recorder_keys::{CreateRecorderKey, KeyLabel},
    run::{CreateRun, SummaryInput, UpdateRun},
    step::{Attempt, AttemptStatus, Body, Headers, StepInput, Usage},
};

/// A place, by how it is read.
pub enum Place<'t> {
    /// Headers.
    Headers(&'t mut Headers),
    /// A body, and what headers say of it.
    Body {
        /// The body.
        body: &'t mut Body,
        /// Its `Content-Type`; empty when there is none.
        content_type: &'t str,
        /// Its `Content-Encoding`; empty when there is none.
        content_encoding: &'t str,
        /// Whether the connection broke.
        is_cut: bool,
    },
    /// A URL.
    Url(&'t mut String),
    /// A URL's path.
    Path(&'t mut String),
    /// A text.
    Text(&'t mut String),
    /// A text of limited length.
    Name(&'t mut String),
    /// What a person calls a key.
    Label(&'t mut KeyLabel),
    /// An object, whose strings are texts.
    Json(&'t mut Object),
    /// An object of counts, whose strings are texts.
    Usage(&'t mut Usage),
}

impl Place<'_> {
    /// Leaves nothing of it.
    pub(crate) fn cover(self) {
        match self {
            Self::Headers(headers) => headers.0.iter_mut().for_each(|(_, value)| REDACTED.clone_into(value)),
            Self::Body { body, .. } => body.0 = REDACTED.into(),
            Self::Url(text) | Self::Path(text) | Self::Text(text) | Self::Name(text) => REDACTED.clone_into(text),
            Self::Label(label) => *label = KeyLabel::cut(REDACTED),
            Self::Json(object) => *object = Object::default(),
            Self::Usage(usage) => *usage = Usage::from(Object::default()),
        }
    }
}

/// Which place of a post it is. It names members of this API alone, never of the recorder's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The place of the step in a turn.
    pub step: Option<usize>,
    /// The place of the attempt in the step.
    pub attempt: Option<usize>,
    /// The member.
    pub member: &'static str,
}

impl At {
    const fn of(member: &'static str) -> Self {
        Self { step: None, attempt: None, member }
    }

    /// As a JSON Pointer from its step, or from the run when it is in none.
    pub(crate) fn within_step(&self) -> String {
        let attempt = self.attempt.map(|attempt| format!("/attempts/{attempt}")).unwrap_or_default();
        format!("{attempt}/{}", self.member)
    }
}

/// A type with places to read: what can be redacted. It can be named elsewhere, and not implemented.
pub trait Places {
    #[doc(hidden)]
    /// Shows each of them, always in the same order.
    fn places(&mut self, visit: &mut dyn FnMut(At, Place<'_>));
}

impl Places for CreateRecorderKey {
    fn places(&mut self, visit: &mut dyn FnMut(At, Place<'_>)) {
        let Self { general: _, label, expires_at: _ } = self;
        if let Some(label) = label {
            visit(At::of("label"), Place::Label(label));
        }
    }
}

impl Places for PutChat {
    fn places(&mut self, visit: &mut dyn FnMut(At, Place<'_>)) {
        let Self { owner_id: _, external_id, root_chat_id: _, parent_chat_id: _ } = self;
        chat(external_id, visit);
    }
}

impl Places for CreateRun {
    fn places(&mut self, visit: &mut dyn FnMut(At, Place<'_>)) {
        let Self {
            owner_id: _,
            external_id,
            kind: _,
            status: _,
            started_at: _,
            id: _,
            finished_at: _,
            provider,
            model,
            root_chat_id: _,
            parent_chat_id: _,
            model_config_id: _,
            trigger_message_id: _,
            history_tip_message_id: _,
            summary,
            steps,
        } = self;
        chat(external_id, visit);
        run(provider, model, summary, visit);
        for (index, step) in steps.iter_mut().enumerate() {
            step.places(&mut |at, place| visit(At { step: Some(index), ..at }, place));
        }
    }
}

impl Places for UpdateRun {
    fn places(&mut self, visit: &mut dyn FnMut(At, Place<'_>)) {
        let Self {
            owner_id: _,
            external_id,
            status: _,
            finished_at: _,
            provider,
            model,
            model_config_id: _,
            trigger_message_id: _,
            history_tip_message_id: _,
            summary,
        } = self;
        *external_id = None;
        run(provider, model, summary, visit);
    }
}

/// The word that names a chat, which its registration stores. What cannot register one has no use for the word, and
/// loses it.
fn chat(external_id: &mut Option<ExternalId>, visit: &mut dyn FnMut(At, Place<'_>)) {
    if let Some(word) = external_id {
        visit(At::of("external_id"), Place::Name(word.redactable()));
    }
}

/// What a run's post and its patch have in common.
fn run(
    provider: &mut Option<String>,
    model: &mut Option<String>,
    summary: &mut Option<SummaryInput>,
    visit: &mut dyn FnMut(At, Place<'_>),
) {
    if let Some(name) = provider {
        visit(At::of("provider"), Place::Name(name));
    }
    if let Some(name) = model {
        visit(At::of("model"), Place::Name(name));
    }
    if let Some(SummaryInput { first_message: Some(text) }) = summary {
        visit(At::of("summary/first_message"), Place::Text(text));
    }
}

impl Places for StepInput {
    fn places(&mut self, visit: &mut dyn FnMut(At, Place<'_>)) {
        let Self {
            step_number: _,
            owner_id: _,
            external_id,
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
        } = self;
        *external_id = None;
        for (index, attempt) in attempts.iter_mut().enumerate() {
            attempt.places(&mut |at, place| visit(At { attempt: Some(index), ..at }, place));
        }
        visit(At::of("normalized_request"), Place::Json(normalized_request));
        if let Some(response) = normalized_response {
            visit(At::of("normalized_response"), Place::Json(response));
        }
        if let Some(usage) = usage {
            visit(At::of("usage"), Place::Usage(usage));
        }
        if let Some(error) = error {
            visit(At::of("error"), Place::Json(error));
        }
        visit(At::of("metadata"), Place::Json(metadata));
    }
}

impl Places for Attempt {
    fn places(&mut self, visit: &mut dyn FnMut(At, Place<'_>)) {
        let Self {
            number: _,
            status,
            method,
            url,
            path,
            started_at: _,
            finished_at: _,
            request_headers,
            request_body,
            response_status: _,
            response_headers,
            response_body,
            error,
            duration_ms: _,
            first_byte_ms: _,
            retry_classification,
            retry_delay_ms: _,
        } = self;
        let is_cut = *status == AttemptStatus::Failed;
        for (members, headers, body, is_cut) in [
            (("request_headers", "request_body"), request_headers, request_body, false),
            (("response_headers", "response_body"), response_headers, response_body, is_cut),
        ] {
            if let Some(body) = body {
                let header = |name: &str| {
                    let headers = headers.iter().flat_map(|headers| &headers.0);
                    let mut named = headers.filter(|(one, _)| one.eq_ignore_ascii_case(name));
                    named.next().map_or("", |(_, value)| value)
                };
                let (content_type, content_encoding) = (header("content-type"), header("content-encoding"));
                visit(At::of(members.1), Place::Body { body, content_type, content_encoding, is_cut });
            }
            if let Some(headers) = headers {
                visit(At::of(members.0), Place::Headers(headers));
            }
        }
        if let Some(url) = url {
            visit(At::of("url"), Place::Url(url));
        }
        if let Some(path) = path {
            visit(At::of("path"), Place::Path(path));
        }
        for (member, text) in [("method", method), ("error", error), ("retry_classification", retry_classification)] {
            if let Some(text) = text {
                visit(At::of(member), Place::Text(text));
            }
        }
    }
}
