//! A [`Call`] in, a [`Reply`] out. What is the same for every answer is made here, once.
//!
//! [`serve`] is a function's `main`; [`answer`] is all of it but Lambda's runtime, so tests run the same code. Refused
//! here, in the contract's order: an event that is no request, no valid token or key, the wrong kind of caller, a body
//! of another type or too large, and what is not answered in time.
//!
//! [`serve_public`] and [`answer_public`] are the same for what anyone may read. They have no caller and no store, so a
//! public function cannot give away more than it is made of and than its [`Site`] says.
//!
//! - `event`: the gateway's event as a request; `header`: a header that may be there once
//! - `body`: what a request's body may be, and the text that it holds
//! - `call`: what a handler is given; `reply`: what it gives back, and `representation`: in which form it goes
//! - `attachment`: recorded bytes, or a part of them
//! - `deadline`: how long a request may take
//! - `correlation`: the caller's own id of a request

mod attachment;
mod body;
mod call;
mod correlation;
mod deadline;
mod event;
mod header;
mod reply;
mod representation;

pub use attachment::Attachment;
pub use call::Call;
pub use event::Event;
pub use lambda_http::Error;
pub use reply::{Reply, next_page, next_steps, next_views};
pub use representation::Validator;

use crate::{
    access::{Admitted, Caller},
    app::{App, Config, started},
    failure::Failure,
    identity::Credential,
    metrics::{Counts, counted},
    site::Site,
    telemetry::{self, Line, RequestInfo},
};
use api::{
    problem::Problem,
    routes::{Anyone, Callers, Route, RouteFor},
};
use body::JsonBody;
use correlation::{CORRELATION_ID, correlation_id};
use deadline::{budget, work_until};
use event::Request;
use futures_util::FutureExt;
use header::only;
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{AUTHORIZATION, CACHE_CONTROL, VARY, X_CONTENT_TYPE_OPTIONS},
};
use lambda_http::{
    Body, Context, LambdaEvent, Response, aws_lambda_events::apigw::ApiGatewayV2httpResponse, lambda_runtime,
    service_fn,
};
use reply::refuse;
use representation::Accepted;
use std::{
    convert::Infallible,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
};
use tokio::time::Instant;

#[cfg(not(panic = "unwind"))]
compile_error!("a panic is caught and answered: the profile has to say panic = \"unwind\"");

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// An answer, and the line about it for the log.
pub struct Answered {
    /// For the caller.
    pub response: Response<Body>,
    /// For the log.
    pub line: Line,
}

/// A function's `main`: everything is made once, then requests are answered one at a time.
///
/// A route is served by a handler of its callers alone:
///
/// ```
/// # use service::{access::proof::{Admin, User}, app::App, failure::Failure, http::{Call, Reply, serve}};
/// async fn for_admins(app: &'static App, call: Call<Admin>) -> Result<Reply, Failure> {
///     Ok(Reply::done())
/// }
/// let main = serve(&api::routes::GET_DEBUG_LOGGING, for_admins);
/// ```
///
/// ```compile_fail,E0308
/// # use service::{access::proof::{Admin, User}, app::App, failure::Failure, http::{Call, Reply, serve}};
/// async fn for_users(app: &'static App, call: Call<User>) -> Result<Reply, Failure> {
///     Ok(Reply::done())
/// }
/// let main = serve(&api::routes::GET_DEBUG_LOGGING, for_users);
/// ```
///
/// And what anyone may call is not served with a caller:
///
/// ```compile_fail,E0277
/// # use service::{access::proof::{Admin, User}, app::App, failure::Failure, http::{Call, Reply, serve}};
/// async fn for_admins(app: &'static App, call: Call<Admin>) -> Result<Reply, Failure> {
///     Ok(Reply::done())
/// }
/// let main = serve(&api::routes::GET_DOCS, for_admins);
/// ```
///
/// # Errors
///
/// When the environment lacks what the function needs, or Lambda's runtime ends.
pub async fn serve<C: Admitted, F>(
    route: &'static RouteFor<C>,
    handle: fn(&'static App, Call<C::Proof>) -> F,
) -> Result<(), Error>
where
    F: Future<Output = Result<Reply, Failure>> + Send + 'static,
{
    let app = started(route.operation, || Config::from_env().and_then(App::new))?;
    let service =
        service_fn(move |event| async move { Ok::<_, Infallible>(logged(answer(route, app, handle, event).await)) });
    lambda_runtime::run(service).await
}

/// The `main` of a function that anyone may call.
///
/// ```
/// # use service::http::{Reply, serve_public};
/// let main = serve_public(&api::routes::GET_DOCS, |_| Reply::done());
/// ```
///
/// ```compile_fail,E0308
/// # use service::http::{Reply, serve_public};
/// let main = serve_public(&api::routes::GET_DEBUG_LOGGING, |_| Reply::done());
/// ```
///
/// # Errors
///
/// When the environment is wrong about the site, or Lambda's runtime ends.
pub async fn serve_public(route: &'static RouteFor<Anyone>, handle: fn(&Site) -> Reply) -> Result<(), Error> {
    let site = started(route.operation, Site::from_env)?;
    let service =
        service_fn(move |event| async move { Ok::<_, Infallible>(logged(answer_public(route, site, handle, event))) });
    lambda_runtime::run(service).await
}

fn logged(answered: Answered) -> ApiGatewayV2httpResponse {
    telemetry::log(&answered.line);
    event::gateway_response(answered.response)
}

/// Answers one event, whatever it is and whatever happens.
pub async fn answer<C: Admitted, F>(
    route: &'static RouteFor<C>,
    app: &'static App,
    handle: fn(&'static App, Call<C::Proof>) -> F,
    event: LambdaEvent<Event>,
) -> Answered
where
    F: Future<Output = Result<Reply, Failure>> + Send + 'static,
{
    let LambdaEvent { payload, context } = event;
    let request = payload.request(route);
    let (info, accepted) = (info(&context, request.as_ref()), accepted(request.as_ref()));
    let outcome = async {
        let request = request.ok_or(Problem::MalformedRequest)?;
        let budget = budget(route, app.clock.now(), context.deadline);
        let budget = budget.ok_or_else(|| Failure::unavailable("deadline at entry"))?;
        let until = work_until(budget);
        // On the heap: each layer around a future may hold it twice, and a handler's is large.
        let handled = AssertUnwindSafe(Box::pin(handled::<C, F>(route, app, handle, request, until))).catch_unwind();
        match tokio::time::timeout(budget, handled).await {
            Ok(outcome) => outcome.unwrap_or_else(|_panic| Err(Failure::internal("panic"))),
            Err(_elapsed) => Err(Failure::unavailable("deadline")),
        }
    };
    let (outcome, counts) = counted(outcome).await;
    finish(route, info, &accepted, outcome, counts, app.metrics_namespace.as_deref())
}

/// Answers one event of a public route.
pub fn answer_public(
    route: &'static RouteFor<Anyone>,
    site: &Site,
    handle: fn(&Site) -> Reply,
    event: LambdaEvent<Event>,
) -> Answered {
    let LambdaEvent { payload, context } = event;
    let request = payload.request(route);
    let (info, accepted) = (info(&context, request.as_ref()), accepted(request.as_ref()));
    let outcome = match request {
        Some(_) => catch_unwind(AssertUnwindSafe(|| handle(site))).map_err(|_panic| Failure::internal("panic")),
        None => Err(Problem::MalformedRequest.into()),
    };
    finish(route, info, &accepted, outcome, Counts::default(), None)
}

/// What every answer has, and the line about it.
fn finish(
    route: &'static Route,
    info: RequestInfo,
    accepted: &Accepted,
    outcome: Result<Reply, Failure>,
    counts: Counts,
    metrics: Option<&str>,
) -> Answered {
    let (mut response, failure) = match outcome {
        Ok(reply) => (reply.respond(accepted), None),
        Err(failure) => (refuse(&failure.problem), Some(failure)),
    };
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // API Gateway keeps one header of a name.
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding, Authorization"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    for (name, id) in [(REQUEST_ID, Some(&info.request_id)), (CORRELATION_ID, info.correlation_id.echoed.as_ref())] {
        if let Some(id) = id.and_then(|id| HeaderValue::from_str(id).ok()) {
            headers.insert(name, id);
        }
    }
    let line = Line::new(route, info, response.status().as_u16(), failure, counts, metrics);
    Answered { response, line }
}

async fn handled<C: Admitted, F>(
    route: &Route,
    app: &'static App,
    handle: fn(&'static App, Call<C::Proof>) -> F,
    mut request: Request,
    until: Instant,
) -> Result<Reply, Failure>
where
    F: Future<Output = Result<Reply, Failure>> + Send,
{
    // 403 by role, before any id is parsed, and before anything is unpacked.
    let caller = C::admit(app.identify(route, &request.headers).await?)?;
    let body = JsonBody::of(route, &mut request)?;
    handle(app, Call::new(caller, request, body, until)).await
}

impl App {
    /// Who calls: the one bearer of the request, by a verified token or a proven key. A key is for recorders' routes
    /// alone, and elsewhere looked up by nobody.
    async fn identify(&self, route: &Route, headers: &HeaderMap) -> Result<Caller, Failure> {
        let now = self.clock.now();
        match only(headers, AUTHORIZATION).and_then(Credential::in_header).ok_or(Problem::Unauthenticated)? {
            Credential::Token(token) => Ok(self.access.caller(&self.identity.verify(token, now).await?)?),
            Credential::Key(key) if route.callers == Callers::Recorder => {
                Ok(Caller::Recorder(self.access.recorder(&key, now).await?))
            }
            Credential::Key(_) => Err(Problem::Unauthenticated.into()),
        }
    }
}

fn accepted(request: Option<&Request>) -> Accepted {
    Accepted::of(request.map_or(&HeaderMap::new(), |request| &request.headers))
}

fn info(context: &Context, request: Option<&Request>) -> RequestInfo {
    RequestInfo {
        began: Instant::now(),
        request_id: context.request_id.clone(),
        correlation_id: request.map(correlation_id).unwrap_or_default(),
    }
}
