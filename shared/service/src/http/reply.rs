//! What a handler gives back, and what every refusal looks like.

use super::representation::{Accepted, Coding, Validator};
use crate::{cursor::List, failure::Failure, form::StepForm, metrics::count, store::escaped_len};
use api::{
    ids::{ChatId, RunId, StepNumber},
    problem::{MAX_STEP_BYTES, Problem},
    run::{Deletion, RecordingOutcome},
};
use flate2::read::GzDecoder;
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, ETAG, LINK, RETRY_AFTER, WWW_AUTHENTICATE},
};
use lambda_http::{Body, Response};
use serde::Serialize;
use std::{borrow::Cow, io::Read};

const JSON: &str = "application/json";

/// An answer that is no refusal.
#[derive(Debug)]
pub struct Reply {
    status: StatusCode,
    content: Content,
    headers: Vec<(HeaderName, HeaderValue)>,
    validator: Option<Validator>,
}

/// What a reply holds.
#[derive(Debug)]
enum Content {
    Nothing,
    /// It may be coded on its way.
    Text(String),
    /// A text that is gzipped already.
    Gzipped(Cow<'static, [u8]>),
    /// It goes as it is.
    Bytes(Vec<u8>),
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

    /// 200 with a step in its body.
    ///
    /// # Errors
    ///
    /// [`Problem::StepTooLarge`] when no answer holds it, [`Problem::Internal`] when it is no JSON.
    pub fn step(body: &impl Serialize) -> Result<Self, Failure> {
        let json = serde_json::to_string(body).map_err(|_| Failure::internal("answer is no JSON"))?;
        Self::whole(json, Problem::StepTooLarge)
    }

    /// 200 with a body that is JSON already, which an answer may have no room for.
    ///
    /// # Errors
    ///
    /// `too_large` when it has none.
    pub fn whole(json: String, too_large: Problem) -> Result<Self, Failure> {
        if escaped_len(json.as_bytes()) > MAX_STEP_BYTES { Err(too_large.into()) } else { Ok(Self::json_text(json)) }
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

    /// 200 with a text of any type.
    pub fn document(content_type: &'static str, text: impl Into<String>) -> Self {
        Self::of(content_type, Content::Text(text.into()))
    }

    /// 200 with a text of any type that is gzipped already. A caller that does not accept gzip gets it unpacked.
    pub fn gzipped(content_type: &'static str, text: impl Into<Cow<'static, [u8]>>) -> Self {
        Self::of(content_type, Content::Gzipped(text.into()))
    }

    fn of(content_type: &'static str, content: Content) -> Self {
        Self { content, ..Self::empty(StatusCode::OK) }.header(CONTENT_TYPE, HeaderValue::from_static(content_type))
    }

    /// Bytes of any type: all that there are, or a part of them.
    pub(super) fn bytes(status: StatusCode, bytes: Vec<u8>) -> Self {
        Self { content: Content::Bytes(bytes), ..Self::empty(status) }
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

    /// Names this state of the answer in an `ETag`. A caller that has it already gets a 304 instead.
    #[must_use]
    pub fn validated(mut self, validator: Validator) -> Self {
        self.validator = Some(validator);
        self
    }

    /// The same by what the answer holds and what it links to: it saves bytes, and nothing that was read for it.
    #[must_use]
    pub fn validated_by_content(self) -> Self {
        let text = match &self.content {
            Content::Nothing => &[][..],
            Content::Text(text) => text.as_bytes(),
            Content::Gzipped(text) => text,
            Content::Bytes(bytes) => bytes,
        };
        let links = self.headers.iter().filter(|(name, _)| name == LINK).map(|(_, link)| link.as_bytes());
        let validator = Validator::of([text].into_iter().chain(links));
        self.validated(validator)
    }

    /// 304 to whoever has the answer of this entity tag.
    pub(super) fn not_modified(tag: &str) -> Self {
        // A tag is made of digits and letters, so it is always a header's value.
        let tag = HeaderValue::from_str(tag).ok().map(|tag| (ETAG, tag));
        Self { headers: tag.into_iter().collect(), ..Self::empty(StatusCode::NOT_MODIFIED) }
    }

    /// The response in the form that suits the caller best.
    pub(super) fn respond(self, accepted: &Accepted) -> Response<Body> {
        if let Some(tag) = self.validator.as_ref().and_then(|validator| accepted.tag_had(validator)) {
            return Self::not_modified(&tag).respond(accepted);
        }
        let (body, coding) = self.content.coded(accepted);
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.extend(self.headers);
        headers.extend(coding.name().map(|name| (CONTENT_ENCODING, HeaderValue::from_static(name))));
        let tag = self.validator.and_then(|validator| HeaderValue::from_str(&validator.tag(coding)).ok());
        headers.extend(tag.map(|tag| (ETAG, tag)));
        response
    }

    const fn empty(status: StatusCode) -> Self {
        Self { status, content: Content::Nothing, headers: Vec::new(), validator: None }
    }
}

impl Content {
    fn coded(self, accepted: &Accepted) -> (Body, Coding) {
        match self {
            Self::Nothing => (Body::Empty, Coding::Identity),
            Self::Text(text) => match accepted.coded(text.as_bytes()) {
                Some((coding, coded)) => (Body::Binary(coded), coding),
                None => (Body::Text(text), Coding::Identity),
            },
            Self::Gzipped(text) if accepted.takes(Coding::Gzip) => (Body::Binary(text.into_owned()), Coding::Gzip),
            Self::Gzipped(text) => Self::Text(unpacked(&text)).coded(accepted),
            Self::Bytes(bytes) => (Body::Binary(bytes), Coding::Identity),
        }
    }
}

#[expect(clippy::expect_used, reason = "the build made it of text, and a test reads it")]
fn unpacked(gzipped: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(gzipped).read_to_string(&mut text).expect("gzipped text");
    text
}

/// The answer that says no.
pub(super) fn refuse(problem: &Problem) -> Response<Body> {
    let body = problem.body();
    let mut response = Response::new(Body::Text(serde_json::to_string(&body).unwrap_or_default()));
    *response.status_mut() = StatusCode::from_u16(body.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    let own = match (problem, body.status) {
        (_, 401) => Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""))),
        (_, 503) => Some((RETRY_AFTER, HeaderValue::from_static("1"))),
        (Problem::RangeNotSatisfiable { size }, _) => {
            HeaderValue::try_from(format!("bytes */{size}")).ok().map(|range| (CONTENT_RANGE, range))
        }
        _ => None,
    };
    headers.extend(own);
    response
}

/// A `Link` header's value for the next page of a list.
pub fn next_page(path: &str, parameters: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
    format!("<{path}?{}>; rel=\"next\"", query.finish())
}

/// A `Link` header's value for the steps of a run after `last`, in the same form.
pub fn next_steps(chat: ChatId, run: RunId, last: StepNumber, form: StepForm) -> String {
    let steps = List::steps(chat, run);
    let form = form.parameter().map(|(name, value)| (name, value.to_owned()));
    next_page(&steps.path, form.into_iter().chain([("cursor", steps.cursor(&last))]))
}

/// A `Link` header's value for the views of a run's steps after `last`.
pub fn next_views(chat: ChatId, run: RunId, last: StepNumber) -> String {
    let views = List::views(chat, run);
    next_page(&views.path, [("cursor", views.cursor(&last))])
}
