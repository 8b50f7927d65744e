//! Where a recorder's texts are in what it sends. Each type is taken apart by all its members, so that a new member
//! does not compile until it is said here how it is read.

use api::{
    json::Object,
    run::{CreateRun, SummaryInput, UpdateRun},
    step::{Attempt, Headers, StepInput},
};

/// A place, by how it is read.
pub enum Place<'t> {
    /// Headers.
    Headers(&'t mut Headers),
    /// A URL.
    Url(&'t mut String),
    /// A URL's path.
    Path(&'t mut String),
    /// A text.
    Text(&'t mut String),
    /// A text of limited length.
    Name(&'t mut String),
    /// An object, whose strings are texts.
    Json(&'t mut Object),
}

/// A type with places to read: what can be redacted. It can be named elsewhere, and not implemented.
pub trait Places {
    #[doc(hidden)]
    /// Shows each of them, always in the same order.
    fn places(&mut self, visit: &mut dyn FnMut(Place<'_>));
}

impl Places for CreateRun {
    fn places(&mut self, visit: &mut dyn FnMut(Place<'_>)) {
        let Self {
            owner_id: _,
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
        provider.iter_mut().chain(model).for_each(|name| visit(Place::Name(name)));
        if let Some(summary) = summary {
            summary.places(visit);
        }
        for step in steps {
            step.places(visit);
        }
    }
}

impl Places for UpdateRun {
    fn places(&mut self, visit: &mut dyn FnMut(Place<'_>)) {
        let Self {
            owner_id: _,
            status: _,
            finished_at: _,
            provider,
            model,
            model_config_id: _,
            trigger_message_id: _,
            history_tip_message_id: _,
            summary,
        } = self;
        provider.iter_mut().chain(model).for_each(|name| visit(Place::Name(name)));
        if let Some(summary) = summary {
            summary.places(visit);
        }
    }
}

impl Places for SummaryInput {
    fn places(&mut self, visit: &mut dyn FnMut(Place<'_>)) {
        let Self { first_message } = self;
        if let Some(text) = first_message {
            visit(Place::Text(text));
        }
    }
}

impl Places for StepInput {
    fn places(&mut self, visit: &mut dyn FnMut(Place<'_>)) {
        let Self {
            step_number: _,
            owner_id: _,
            operation: _,
            status: _,
            started_at: _,
            finished_at: _,
            history_tip_message_id: _,
            assistant_message_id: _,
            normalized_request: _,
            normalized_response: _,
            usage: _,
            attempts,
            error,
            metadata: _,
        } = self;
        for attempt in attempts {
            attempt.places(visit);
        }
        if let Some(error) = error {
            visit(Place::Json(error));
        }
    }
}

impl Places for Attempt {
    fn places(&mut self, visit: &mut dyn FnMut(Place<'_>)) {
        let Self {
            number: _,
            status: _,
            method,
            url,
            path,
            started_at: _,
            finished_at: _,
            request_headers,
            request_body: _,
            response_status: _,
            response_headers,
            response_body: _,
            error,
            duration_ms: _,
            retry_classification,
            retry_delay_ms: _,
        } = self;
        request_headers.iter_mut().chain(response_headers).for_each(|headers| visit(Place::Headers(headers)));
        if let Some(url) = url {
            visit(Place::Url(url));
        }
        if let Some(path) = path {
            visit(Place::Path(path));
        }
        let texts = [method, error, retry_classification];
        texts.into_iter().flatten().for_each(|text| visit(Place::Text(text)));
    }
}
