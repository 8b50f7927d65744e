//! What a handler gives back, and what every refusal looks like.

use crate::{cursor::List, failure::Failure, metrics::count};
use api::{
    ids::{ChatId, RunId, StepNumber},
    problem::Problem,
    routes::{LIST_DEBUG_STEPS, fill},
    run::{Deletion, RecordingOutcome},
};
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{CONTENT_TYPE, LINK, RETRY_AFTER, WWW_AUTHENTICATE},
};
use lambda_http::{Body, Response};
use serde::Serialize;

const JSON: &str = "application/json";

/// An answer that is no refusal.
#[derive(Debug)]
pub struct Reply {
    status: StatusCode,
    body: Body,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Reply {
    /// 200 with a body.
    ///
    /// # Errors
    ///
    /// [`Problem::Internal`] when the body is no JSON.
    pub fn json(body: &impl Serialize) -> Result<Self, Failure> {
        let json = serde_json::to_string(body).map_err(|_| Failure::internal("answer is no JSON"))?;
        Ok(Self::json_text(json))
    }

    /// 200 with a body that is JSON already.
    pub fn json_text(json: String) -> Self {
        Self::document(JSON, json)
    }

    /// 201 with a body when what was put or posted is new, else 200.
    ///
    /// # Errors
    ///
    /// [`Problem::Internal`] when the body is no JSON.
    pub fn put(is_new: bool, body: &impl Serialize) -> Result<Self, Failure> {
        let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
        Ok(Self { status, ..Self::json(body)? })
    }

    /// What became of something to record.
    ///
    /// # Errors
    ///
    /// [`Problem::Internal`] when the body is no JSON.
    pub fn recorded(is_new: bool, outcome: &RecordingOutcome) -> Result<Self, Failure> {
        count(|counts| {
            let is_refused = matches!(outcome, RecordingOutcome::Refused(_));
            let counted = if is_refused { &mut counts.refused } else { &mut counts.recorded };
            *counted += 1;
        });
        Self::put(is_new, outcome)
    }

    /// 200 with a text or bytes of any type.
    pub fn document(content_type: &'static str, body: impl Into<Body>) -> Self {
        Self { body: body.into(), ..Self::empty(StatusCode::OK) }
            .header(CONTENT_TYPE, HeaderValue::from_static(content_type))
    }

    /// What became of a deletion: 204 when all is gone, 202 when there is a rest that the same request again removes.
    ///
    /// # Errors
    ///
    /// [`Problem::Internal`] when the body is no JSON.
    pub fn deleted(is_complete: bool) -> Result<Self, Failure> {
        if is_complete {
            return Ok(Self::done());
        }
        Ok(Self { status: StatusCode::ACCEPTED, ..Self::json(&Deletion { complete: false })? })
    }

    /// 204.
    pub const fn done() -> Self {
        Self::empty(StatusCode::NO_CONTENT)
    }

    /// One more header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Announces a next page.
    #[must_use]
    pub fn next(self, link: Option<String>) -> Self {
        // Links are made of parsed ids and encoded values only, so they are always a header's value.
        match link.and_then(|link| HeaderValue::from_str(&link).ok()) {
            Some(link) => self.header(LINK, link),
            None => self,
        }
    }

    const fn empty(status: StatusCode) -> Self {
        Self { status, body: Body::Empty, headers: Vec::new() }
    }
}

impl From<Reply> for Response<Body> {
    fn from(reply: Reply) -> Self {
        let mut response = Self::new(reply.body);
        *response.status_mut() = reply.status;
        response.headers_mut().extend(reply.headers);
        response
    }
}

/// The answer that says no.
pub(super) fn refuse(problem: &Problem) -> Response<Body> {
    let body = problem.body();
    let mut response = Response::new(Body::Text(serde_json::to_string(&body).unwrap_or_default()));
    *response.status_mut() = StatusCode::from_u16(body.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    match problem.row().status {
        401 => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""));
        }
        503 => {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
    response
}

/// A `Link` header's value for the next page of a list.
pub fn next_page(path: &str, parameters: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
    format!("<{path}?{}>; rel=\"next\"", query.finish())
}

/// A `Link` header's value for the steps of a run behind `last`.
pub fn next_steps(chat: ChatId, run: RunId, last: StepNumber) -> String {
    let path = fill(&LIST_DEBUG_STEPS, &[&chat.to_string(), &run.to_string()]);
    next_page(&path, [("cursor", List::steps(chat, run).cursor(&last))])
}
