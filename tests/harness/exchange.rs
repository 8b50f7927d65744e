//! A request as the gateway takes it, and the response that comes back.

use crate::{openapi, operations::dispatch};
use api::{
    problem::{MAX_UNPACKED_BYTES, ProblemBody},
    routes::{self, Route},
};
use flate2::read::{GzDecoder, MultiGzDecoder};
use lambda_http::{
    Context, LambdaEvent,
    http::{HeaderMap, response::Parts},
};
use local::http_api::LocalRequest;
use serde_json::Value;
use service::{
    app::App,
    http::{Answered, Event},
};
use std::{borrow::Cow, io::Read};

/// Lambda's id of every request.
pub(crate) const REQUEST_ID: &str = "request-1";

/// More than any answer holds.
const LARGEST_TEXT: usize = 8 << 20;

/// A request as the gateway takes it.
#[derive(Debug, Clone)]
pub struct TestRequest {
    /// HTTP method.
    pub method: &'static str,
    /// Path with its query.
    pub path: String,
    /// Headers by lower-case name; several of a name are joined by a comma, as the gateway does.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Option<Vec<u8>>,
    /// Lambda's deadline in milliseconds since 1970; 0 is unknown.
    pub deadline: u64,
}

impl TestRequest {
    /// Has the operation that the gateway would choose answer, as Lambda would.
    pub(crate) async fn answered(&self, app: &'static App) -> (&'static Route, Answered) {
        let (route, event) = self.event();
        // Boxed: a test holds many of these, each as large as all handlers together.
        (route, Box::pin(dispatch(route, app, invocation(&event.to_string(), self.deadline))).await)
    }

    /// The body as it is meant: unpacked, if it is gzip that can be.
    pub(crate) fn unpacked(&self) -> Cow<'_, [u8]> {
        let body = self.body.as_deref().unwrap_or_default();
        let mut unpacked = Vec::new();
        let most = MAX_UNPACKED_BYTES as u64 + 1;
        match MultiGzDecoder::new(body).take(most).read_to_end(&mut unpacked) {
            Ok(size) if size <= MAX_UNPACKED_BYTES => unpacked.into(),
            _ => body.into(),
        }
    }

    /// The route that the gateway would choose, and the event that it would make.
    pub fn event(&self) -> (&'static Route, Value) {
        let Self { method, path, headers, body, .. } = self;
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let (route, parameters) = routes::find(method, path).unwrap_or_else(|| panic!("no route for {method} {path}"));
        let parameters = parameters.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        let request = LocalRequest { route, parameters, path, query, headers, body: body.as_deref() };
        (route, serde_json::to_value(request.event()).unwrap())
    }
}

/// An event's text as Lambda's runtime gives it to a function.
pub fn invocation(event: &str, deadline: u64) -> LambdaEvent<Event> {
    let mut context = Context::default();
    REQUEST_ID.clone_into(&mut context.request_id);
    context.deadline = deadline;
    LambdaEvent::new(serde_json::from_slice(event.as_bytes()).unwrap(), context)
}

/// What came back.
#[derive(Debug, Clone)]
pub struct TestResponse {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body's text, as far as it is one.
    pub body: String,
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// What the log says of it; a binary's is read when it has ended.
    pub line: Value,
}

impl TestResponse {
    /// What was answered, and the line about it.
    pub fn new(parts: Parts, body: &[u8], line: Value) -> Self {
        let (bytes, body) = (body.to_vec(), text(&parts.headers, body));
        Self { status: parts.status.as_u16(), headers: parts.headers, body, bytes, line }
    }

    /// What every answer must have, and what the OpenAPI document says of this one.
    pub fn check(&self, route: &Route, sent: &TestRequest) {
        for (name, value) in [
            ("cache-control", "no-store"),
            ("vary", "Accept-Encoding, Authorization"),
            ("x-content-type-options", "nosniff"),
            ("x-request-id", REQUEST_ID),
        ] {
            assert_eq!(self.header(name), Some(value), "{name} of {self:?}");
        }
        assert_eq!(self.headers.len(), self.headers.keys_len(), "API Gateway keeps one header of a name: {self:?}");
        openapi::check(route, self.status, &self.headers, &self.body);
        if self.status < 400 {
            if route.has_body() {
                openapi::check_taken(route, str::from_utf8(&sent.unpacked()).unwrap());
            }
            return;
        }
        let body: ProblemBody = serde_json::from_str(&self.body).expect("a problem");
        assert_eq!((body.status, &body.title), (self.status, &body.message));
        assert_eq!(self.header("www-authenticate").is_some(), self.status == 401);
        assert_eq!(self.header("retry-after"), (self.status == 503).then_some("1"));
    }

    /// Fails unless the status is this one.
    #[expect(clippy::return_self_not_must_use, reason = "most answers are only expected")]
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// Fails unless it is the problem of this slug; gives the body.
    #[track_caller]
    pub fn problem(&self, slug: &str) -> ProblemBody {
        let body: ProblemBody = serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no problem: {self:?}"));
        assert_eq!(body.r#type, format!("urn:chat-debug:problem:{slug}"), "{}", self.body);
        body
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The path of the `Link` header's next page.
    pub fn next(&self) -> Option<String> {
        let link = self.header("link")?;
        Some(link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"")?.to_owned())
    }
}

/// A body's text, as a client reads it that takes every coding.
pub(crate) fn text(headers: &HeaderMap, body: &[u8]) -> String {
    let coding = headers.get("content-encoding").map(|coding| coding.to_str().expect("a coding"));
    let mut text = Vec::new();
    match coding {
        None => text.extend_from_slice(body),
        Some("gzip") => drop(GzDecoder::new(body).read_to_end(&mut text).expect("gzip")),
        Some("zstd") => {
            text.reserve(LARGEST_TEXT);
            zstd_safe::decompress(&mut text, body).expect("zstd");
        }
        Some(other) => panic!("a coding that nobody asked for: {other}"),
    }
    // What is recorded may be anything.
    if headers.contains_key("content-disposition") {
        return String::from_utf8_lossy(&text).into_owned();
    }
    String::from_utf8(text).expect("a body of text")
}
