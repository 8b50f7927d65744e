//! A call in, a reply out. Everything that is the same for every answer is made here, once.
//!
//! [`serve`] is a function's `main`; [`answer`] is all of it but the Lambda runtime, so tests go
//! through the very same code. Refused here, in the contract's order: no valid token, the wrong
//! kind of caller, a body that is not plain JSON or too large, and what is not answered in time.

use crate::{
    access::{Admin, Caller, Recorder, User},
    app::{App, Config},
    cursor::Scope,
    failure::Failure,
    telemetry,
};
use api::{
    ids::{ChatId, InvalidId, RunId, StepNumber},
    json::{Violation, parse_body},
    problem::{MAX_BODY_BYTES, Problem},
    routes::{Callers, LIST_DEBUG_STEPS, Method, Route, fill},
};
use futures_util::FutureExt;
use lambda_http::{
    Body, Request, RequestExt, Response,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, LINK, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
};
use serde::{Serialize, de::DeserializeOwned};
use std::{convert::Infallible, future::Future, panic::AssertUnwindSafe, str::FromStr, time::Duration};
use tokio::time::Instant;

/// What a caller may send to find its request in its own logs.
const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Kept of Lambda's deadline, to answer in.
const RESERVE: Duration = Duration::from_millis(300);
/// Less than this is no time to begin in.
const TOO_LATE: Duration = Duration::from_millis(50);
/// Kept of a request's own time, to answer in when work is left undone.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// The most time for a route that reads, and for one that writes.
const READ_BUDGET: Duration = Duration::from_secs(3);
const WRITE_BUDGET: Duration = Duration::from_secs(5);

/// A request of a known caller to a route that it may call.
pub struct Call {
    caller: Caller,
    parameters: Vec<(String, String)>,
    query: Option<String>,
    body: Body,
    until: Instant,
}

impl Call {
    /// The caller as a user.
    pub fn user(&self) -> Result<&User, Problem> {
        self.caller.user()
    }

    /// The caller as an admin.
    pub fn admin(&self) -> Result<&Admin, Problem> {
        self.caller.admin()
    }

    /// The caller as a recorder.
    pub fn recorder(&self) -> Result<&Recorder, Problem> {
        self.caller.recorder()
    }

    /// The caller.
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The chat of the path.
    pub fn chat(&self) -> Result<ChatId, Problem> {
        self.parameter("chat")
    }

    /// The run of the path.
    pub fn run(&self) -> Result<RunId, Problem> {
        self.parameter("run")
    }

    /// The step number of the path.
    pub fn step_number(&self) -> Result<StepNumber, Problem> {
        self.parameter("step_number")
    }

    fn parameter<T: FromStr<Err = InvalidId>>(&self, name: &str) -> Result<T, Problem> {
        let value = self.parameters.iter().find(|(parameter, _)| parameter == name).map_or("", |(_, value)| value);
        value.parse().map_err(|error: InvalidId| Problem::InvalidId(Violation::new(name, error.to_string())))
    }

    /// The query, which may hold these parameters once each and no others.
    pub fn query<const N: usize>(&self, names: [&str; N]) -> Result<[Option<String>; N], Problem> {
        let mut values = [const { None }; N];
        for (name, value) in form_urlencoded::parse(self.query.as_deref().unwrap_or_default().as_bytes()) {
            let wrong = |detail: &str| Problem::InvalidQuery(Violation::new(&*name, detail));
            let mut slots = names.iter().zip(&mut values);
            match slots.find(|(known, _)| **known == name) {
                Some((_, slot @ None)) => *slot = Some(value.into_owned()),
                Some(_) => return Err(wrong("must be given once")),
                None => return Err(wrong("is no parameter of this route")),
            }
        }
        Ok(values)
    }

    /// The body, read strictly.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        parse_body(&self.body).map_err(Problem::InvalidBody)
    }

    /// Until when work that may be left undone can go on.
    pub const fn until(&self) -> Instant {
        self.until
    }
}

/// A `Link` header's value for the next page of a list.
pub fn next_page(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
    format!("<{path}?{}>; rel=\"next\"", query.finish())
}

/// A `Link` header's value for the steps of a run behind `last`.
pub fn next_steps(chat: ChatId, run: RunId, last: StepNumber) -> String {
    let path = fill(&LIST_DEBUG_STEPS, &[&chat.to_string(), &run.to_string()]);
    next_page(&path, &[("cursor", &Scope::steps(chat, run).cursor(&last))])
}

/// An answer that is no refusal.
#[derive(Debug)]
pub struct Reply {
    status: StatusCode,
    body: Option<String>,
    link: Option<String>,
}

impl Reply {
    /// 200 with a body.
    pub fn json(body: &impl Serialize) -> Result<Self, Failure> {
        Self::with(StatusCode::OK, body)
    }

    /// 201 for what is new, 200 for what stood, with a body.
    pub fn created_or_ok(is_new: bool, body: &impl Serialize) -> Result<Self, Failure> {
        Self::with(if is_new { StatusCode::CREATED } else { StatusCode::OK }, body)
    }

    /// 201 without a body.
    pub const fn created() -> Self {
        Self { status: StatusCode::CREATED, body: None, link: None }
    }

    /// 200 without a body.
    pub const fn ok() -> Self {
        Self { status: StatusCode::OK, body: None, link: None }
    }

    /// 204.
    pub const fn done() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: None, link: None }
    }

    /// Announces a next page.
    #[must_use]
    pub fn next(self, link: Option<String>) -> Self {
        Self { link, ..self }
    }

    fn with(status: StatusCode, body: &impl Serialize) -> Result<Self, Failure> {
        let body = serde_json::to_string(body).map_err(|_| Failure::internal("answer is no JSON"))?;
        Ok(Self { status, body: Some(body), link: None })
    }
}

/// A function's `main`: everything is made once, then requests are answered one at a time.
pub async fn serve<F>(route: &'static Route, handle: fn(&'static App, Call) -> F) -> Result<(), lambda_http::Error>
where
    F: Future<Output = Result<Reply, Failure>> + Send + 'static,
{
    telemetry::log_panics();
    let app: &'static App = Box::leak(Box::new(App::new(Config::from_env()?)?));
    let service = lambda_http::service_fn(move |request: Request| async move {
        Ok::<_, Infallible>(answer(route, app, handle, request).await)
    });
    lambda_http::run(service).await
}

/// Answers one request, whatever happens.
pub async fn answer<F>(
    route: &'static Route,
    app: &'static App,
    handle: fn(&'static App, Call) -> F,
    request: Request,
) -> Response<Body>
where
    F: Future<Output = Result<Reply, Failure>> + Send + 'static,
{
    let began = Instant::now();
    let request_id = request_id(&request);
    let correlation_id = correlation_id(request.headers()).cloned();
    let outcome = match budget(route, app, &request) {
        Some(budget) => {
            let handled =
                AssertUnwindSafe(handled(route, app, handle, request, began + budget.saturating_sub(LAST_WORDS)))
                    .catch_unwind();
            match tokio::time::timeout(budget, handled).await {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(_panic)) => Err(Failure::internal("panic")),
                Err(_elapsed) => Err(Failure::unavailable("deadline")),
            }
        }
        None => Err(Failure::unavailable("deadline at entry")),
    };
    let failure = outcome.as_ref().err().cloned();
    let mut response = match outcome {
        Ok(reply) => reply.into_response(),
        Err(failure) => refuse(&failure.problem),
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(VARY, HeaderValue::from_static("Authorization"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(id) = &correlation_id {
        headers.insert(CORRELATION_ID, id.clone());
    }
    telemetry::log(&telemetry::Line {
        level: if response.status().is_server_error() { "error" } else { "info" },
        operation: route.operation,
        status: response.status().as_u16(),
        problem: failure.as_ref().map(|failure| failure.problem.row().slug),
        cause: failure.as_ref().and_then(|failure| failure.cause.as_deref()),
        duration_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        request_id: &request_id,
        correlation_id: correlation_id.as_ref().and_then(|id| id.to_str().ok()),
    });
    response
}

async fn handled<F>(
    route: &'static Route,
    app: &'static App,
    handle: fn(&'static App, Call) -> F,
    request: Request,
    until: Instant,
) -> Result<Reply, Failure>
where
    F: Future<Output = Result<Reply, Failure>> + Send,
{
    let caller = app.identify(request.headers()).await?;
    admit(route.callers, &caller)?;
    if route.has_body() {
        check_body(request.headers(), request.body())?;
    }
    let parameters =
        request.path_parameters().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let query = request.uri().query().map(str::to_owned);
    handle(app, Call { caller, parameters, query, body: request.into_body(), until }).await
}

impl App {
    /// Who calls: the one bearer token of the request, verified.
    async fn identify(&self, headers: &HeaderMap) -> Result<Caller, Failure> {
        let mut given = headers.get_all(AUTHORIZATION).iter();
        let (Some(authorization), None) = (given.next(), given.next()) else {
            return Err(Problem::Unauthenticated.into());
        };
        let authorization = authorization.to_str().map_err(|_| Problem::Unauthenticated)?;
        let claims = self.identity.verify(authorization, self.clock.now()).await?;
        Ok(Caller::of(&claims, &self.roles)?)
    }
}

/// 403 by role, before any id is parsed.
fn admit(callers: Callers, caller: &Caller) -> Result<(), Problem> {
    match callers {
        Callers::Admin => caller.admin().map(|_| ()),
        Callers::User => caller.user().map(|_| ()),
        Callers::Recorder => caller.recorder().map(|_| ()),
        Callers::UserOrRecorder => Ok(()),
    }
}

fn check_body(headers: &HeaderMap, body: &Body) -> Result<(), Problem> {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let is_json = match (types.next().and_then(|value| value.to_str().ok()), types.next()) {
        (Some(value), None) => is_plain_json(value),
        _ => false,
    };
    if !is_json || headers.contains_key(CONTENT_ENCODING) {
        return Err(Problem::UnsupportedMediaType);
    }
    if body.len() > MAX_BODY_BYTES {
        return Err(Problem::BodyTooLarge);
    }
    Ok(())
}

/// `application/json`, with no parameter but `charset=utf-8`.
fn is_plain_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    is_json
        && parts.filter(|parameter| !parameter.is_empty()).all(|parameter| {
            parameter.split_once('=').is_some_and(|(name, value)| {
                name.trim().eq_ignore_ascii_case("charset")
                    && value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            })
        })
}

/// How long there is to answer; `None` when it is too late to begin. A deadline that lies in the
/// past, as local emulators send it, is unknown.
fn budget(route: &Route, app: &App, request: &Request) -> Option<Duration> {
    let most = if route.method == Method::Get { READ_BUDGET } else { WRITE_BUDGET };
    let deadline = request.lambda_context_ref().map_or(0, |context| context.deadline);
    let now = u64::try_from(app.clock.now().millis()).unwrap_or_default();
    match deadline.checked_sub(now).map(Duration::from_millis) {
        None | Some(Duration::ZERO) => Some(most),
        Some(left) => Some(left.saturating_sub(RESERVE).min(most)).filter(|budget| *budget >= TOO_LATE),
    }
}

fn request_id(request: &Request) -> String {
    request.lambda_context_ref().map(|context| context.request_id.clone()).unwrap_or_default()
}

fn correlation_id(headers: &HeaderMap) -> Option<&HeaderValue> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    headers.get(CORRELATION_ID).filter(|id| (1..=64).contains(&id.len()) && id.as_bytes().iter().all(plain))
}

impl Reply {
    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::Empty);
        *response.status_mut() = self.status;
        if let Some(body) = self.body {
            *response.body_mut() = Body::Text(body);
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        // Links are made of parsed ids and encoded values only, so this holds.
        if let Some(link) = self.link.and_then(|link| HeaderValue::from_str(&link).ok()) {
            response.headers_mut().insert(LINK, link);
        }
        response
    }
}

fn refuse(problem: &Problem) -> Response<Body> {
    let body = problem.body();
    let mut response = Response::new(Body::Text(serde_json::to_string(&body).unwrap_or_default()));
    *response.status_mut() = StatusCode::from_u16(body.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    match response.status() {
        StatusCode::UNAUTHORIZED => {
            let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_json_is_json() {
        for good in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
            "application/json;",
        ] {
            assert!(is_plain_json(good), "{good}");
        }
        for bad in [
            "",
            "text/plain",
            "application/json; charset=utf-16",
            "application/vnd.api+json",
            "application/jsonx",
            "application/json; q=1",
        ] {
            assert!(!is_plain_json(bad), "{bad}");
        }
    }
}
