//! An app of its own for each test, on an engine of its own, and callers that make requests.
//!
//! A request is an API Gateway event, so what a test sends is what Lambda would bring; and every
//! answer is checked for what every answer must have.

use crate::{log, openapi, operations::dispatch, rights, wire::Wire};
use api::{
    problem::ProblemBody,
    routes::{self, Route},
};
use flate2::read::GzDecoder;
use lambda_http::{
    Context, LambdaEvent,
    http::{HeaderMap, response::Parts},
};
use local::{
    engine::Engine,
    environment,
    http_api::Asked,
    issuer::{Issuer, Role},
};
use serde_json::{Value, json};
use service::{
    app::{App, Config},
    http::{Answered, Event},
};
use std::{
    fmt::Display,
    io::Read,
    sync::{
        Arc,
        atomic::{
            AtomicUsize,
            Ordering::{Relaxed, SeqCst},
        },
    },
};
use uuid::Uuid;

/// The table's name in tests.
pub const TABLE: &str = environment::TABLE;
/// Lambda's id of every request.
pub(crate) const REQUEST_ID: &str = "request-1";

static WORLDS: AtomicUsize = AtomicUsize::new(0);

/// An app, its table, and the wire between them.
pub struct World {
    /// The app, as a cold start makes it.
    pub app: &'static App,
    /// What goes to the table.
    pub wire: Wire,
    /// The table's engine.
    pub engine: Arc<Engine>,
    /// Who signs tokens.
    pub issuer: Arc<Issuer>,
    /// How many requests have begun, and how many of them are under way.
    begun: AtomicUsize,
    under_way: AtomicUsize,
}

impl World {
    /// With the default configuration.
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// In a deployment that records every chat.
    pub async fn forced() -> Self {
        Self::with(&[("FORCE_DEBUG_LOGGING", "true")]).await
    }

    /// With some variables of the environment set differently.
    pub async fn with(changes: &[(&str, &str)]) -> Self {
        let issuer = Issuer::generate().unwrap();
        let engine = Engine::memory().await.unwrap();
        engine.create_table(TABLE).unwrap();
        Self::on(engine, issuer, changes).await
    }

    /// On an engine that stands, as another process or deployment on the same table.
    pub async fn on(engine: impl Into<Arc<Engine>>, issuer: impl Into<Arc<Issuer>>, changes: &[(&str, &str)]) -> Self {
        let (engine, issuer) = (engine.into(), issuer.into());
        let wire = Wire::to(engine.endpoint()).await;
        let mut variables = environment::of_functions(&engine, &issuer, false);
        variables.push(("AWS_ENDPOINT_URL", wire.endpoint().to_owned()));
        // The SDK rations its retries per region and process: one test's failures are not another's.
        variables.push(("AWS_REGION", format!("test-{}", WORLDS.fetch_add(1, Relaxed))));
        variables.extend(changes.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let variable =
            |name: &str| variables.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
        let app = App::new(Config::from_variables(variable).unwrap()).unwrap();
        Self {
            app: Box::leak(Box::new(app)),
            wire,
            engine,
            issuer,
            begun: AtomicUsize::new(0),
            under_way: AtomicUsize::new(0),
        }
    }

    /// Seconds since 1970, by the app's clock.
    pub fn now(&self) -> i64 {
        self.app.clock.now().millis() / 1_000
    }

    /// A token of a role.
    pub fn token(&self, sub: &str, role: Role) -> String {
        self.issuer.token(sub, role, self.now()).unwrap()
    }

    /// A caller without a token.
    pub fn nobody(&self) -> As<'_> {
        As { world: self, token: None }
    }

    /// A caller with any token.
    pub fn bearer(&self, token: impl Display) -> As<'_> {
        As { world: self, token: Some(format!("Bearer {token}")) }
    }

    /// A user.
    pub fn user(&self, sub: &str) -> As<'_> {
        self.bearer(self.token(sub, Role::User))
    }

    /// An admin.
    pub fn admin(&self) -> As<'_> {
        self.bearer(self.token("admin-1", Role::Admin))
    }

    /// The recorder.
    pub fn recorder(&self) -> As<'_> {
        self.bearer(self.token("recorder-1", Role::Recorder))
    }

    /// Every item of the table as JSON, sorted by key: what is stored, and what is not.
    pub fn items(&self) -> Vec<Value> {
        let scan = serde_json::from_value(json!({"TableName": TABLE})).unwrap();
        let found = serde_json::to_value(self.engine.database().scan(scan).unwrap()).unwrap();
        let mut items = found["Items"].as_array().cloned().unwrap_or_default();
        items.sort_by_key(|item| (item["pk"].to_string(), item["sk"].to_string()));
        items
    }

    /// Every item of a chat, sorted by key.
    pub fn items_of(&self, n: u32) -> Vec<Value> {
        let mut query = json!({
            "TableName": TABLE, "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": format!("CHAT#{}", chat_id(n))}},
        });
        let mut items = Vec::new();
        loop {
            let page = self.engine.database().query(serde_json::from_value(query.clone()).unwrap()).unwrap();
            let mut page = serde_json::to_value(page).unwrap();
            items.extend(page["Items"].as_array().into_iter().flatten().cloned());
            match page["LastEvaluatedKey"].take() {
                Value::Null => return items,
                next => query["ExclusiveStartKey"] = next,
            }
        }
    }

    /// The sort keys of a chat's items, up to their first `#`.
    pub fn kinds(&self, n: u32) -> Vec<String> {
        let kind = |item: Value| item["sk"]["S"].as_str().unwrap_or_default().split('#').next().unwrap().to_owned();
        self.items_of(n).into_iter().map(kind).collect()
    }

    /// Opens the gate and opts `user` in, as a person would.
    pub async fn consent(&self, user: &str) {
        self.admin().put(&gate(), json!({"allow_users": true})).await.expect(204);
        self.user(user).put(&opt_in(), json!({"debug_logging_enabled": true})).await.expect(204);
    }
}

/// Somebody who makes requests.
#[derive(Clone)]
pub struct As<'w> {
    world: &'w World,
    token: Option<String>,
}

/// A request as the gateway takes it.
#[derive(Debug, Clone)]
pub struct Sent {
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

impl As<'_> {
    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path, None)).await
    }

    /// `PUT` of a JSON body.
    pub async fn put(&self, path: &str, body: impl Display) -> Answer {
        self.send(self.request("PUT", path, Some(body.to_string().into_bytes()))).await
    }

    /// `POST` of a JSON body.
    pub async fn post(&self, path: &str, body: impl Display) -> Answer {
        self.send(self.request("POST", path, Some(body.to_string().into_bytes()))).await
    }

    /// `PATCH` of a JSON body.
    pub async fn patch(&self, path: &str, body: impl Display) -> Answer {
        self.send(self.request("PATCH", path, Some(body.to_string().into_bytes()))).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request("DELETE", path, None)).await
    }

    /// A request to be spoiled before it is sent.
    pub fn request(&self, method: &'static str, path: &str, body: Option<Vec<u8>>) -> Sent {
        let mut headers = Vec::new();
        headers.extend(self.token.iter().map(|token| ("authorization".to_owned(), token.clone())));
        if body.is_some() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        Sent { method, path: path.to_owned(), headers, body, deadline: 0 }
    }

    /// Sends a request through the operation that the gateway would choose.
    pub async fn send(&self, sent: Sent) -> Answer {
        let Self { world, .. } = self;
        let (begun, others) = (world.begun.fetch_add(1, SeqCst), world.under_way.fetch_add(1, SeqCst));
        let sent_before = world.wire.count();
        let (route, answered) = sent.answered(world.app).await;
        world.wire.assert_allowed();
        // A fault or a deadline may leave calls behind that arrive later, so its request stays under way.
        if !answered.response.status().is_server_error() && sent.deadline == 0 {
            world.under_way.fetch_sub(1, SeqCst);
        }
        // Whose calls these are is known when no other request was under way.
        if others == 0 && world.begun.load(SeqCst) == begun + 1 {
            rights::check(route, &world.wire.since(sent_before));
        }
        let line = log::check(&serde_json::to_string(&answered.line).unwrap(), &sent);
        let (parts, body) = answered.response.into_parts();
        let answer = Answer::new(parts, &body, line);
        answer.check(route, &sent);
        answer
    }
}

impl Sent {
    /// Has the operation that the gateway would choose answer, as Lambda would.
    pub(crate) async fn answered(&self, app: &'static App) -> (&'static Route, Answered) {
        let (route, event) = self.event();
        // Boxed: a test holds many of these, each as large as all handlers together.
        (route, Box::pin(dispatch(route, app, invocation(&event.to_string(), self.deadline))).await)
    }

    /// The route that the gateway would choose, and the event that it would make.
    pub fn event(&self) -> (&'static Route, Value) {
        let Self { method, path, headers, body, .. } = self;
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let (route, parameters) = routes::find(method, path).unwrap_or_else(|| panic!("no route for {method} {path}"));
        let parameters = parameters.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        let event = Asked { route, parameters, path, query, headers, body: body.as_deref() }.event();
        (route, event)
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
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body's text.
    pub body: String,
    /// What the log says of it; a binary's is read when it has ended.
    pub line: Value,
}

impl Answer {
    /// What was answered, and the line about it.
    pub fn new(parts: Parts, body: &[u8], line: Value) -> Self {
        let body = text(&parts.headers, body);
        Self { status: parts.status.as_u16(), headers: parts.headers, body, line }
    }

    /// What every answer must have, and what the OpenAPI document says of this one.
    pub fn check(&self, route: &Route, sent: &Sent) {
        for (name, value) in
            [("cache-control", "no-store"), ("x-content-type-options", "nosniff"), ("x-request-id", REQUEST_ID)]
        {
            assert_eq!(self.header(name), Some(value), "{name} of {self:?}");
        }
        assert!(self.header("vary").unwrap_or_default().split(", ").any(|name| name == "Authorization"), "{self:?}");
        assert_eq!(self.headers.len(), self.headers.keys_len(), "API Gateway keeps one header of a name: {self:?}");
        openapi::check(route, self.status, &self.headers, &self.body);
        if self.status < 400 {
            if let Some(body) = sent.body.as_deref().filter(|_| route.has_body()) {
                openapi::check_taken(route, str::from_utf8(body).unwrap());
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

/// A body's text, as a client reads it that takes gzip.
pub(crate) fn text(headers: &HeaderMap, body: &[u8]) -> String {
    if headers.get("content-encoding").is_none() {
        return str::from_utf8(body).expect("a body of text").to_owned();
    }
    let mut text = String::new();
    GzDecoder::new(body).read_to_string(&mut text).expect("a body of gzipped text");
    text
}

/// The path of the deployment's gate.
pub fn gate() -> String {
    routes::GET_DEBUG_LOGGING.path.to_owned()
}

/// The path of the caller's own setting.
pub fn opt_in() -> String {
    routes::GET_USER_DEBUG_LOGGING.path.to_owned()
}

/// A chat's id.
pub fn chat_id(n: u32) -> String {
    Uuid::from_u128(0xc0_0000 + u128::from(n)).to_string()
}

/// The path of a chat.
pub fn chat(n: u32) -> String {
    format!("{}/{}", routes::BASE, chat_id(n))
}

/// The path of a chat's setting.
pub fn chat_setting(n: u32) -> String {
    format!("{}/debug-logging", chat(n))
}

/// The path of a chat's runs.
pub fn runs(n: u32) -> String {
    format!("{}/debug/runs", chat(n))
}

/// The start of the n-th run: a second after the one before.
pub fn started_at(n: u32) -> String {
    let micros = 1_767_322_800_000_000 + i64::from(n) * 1_000_000;
    api::time::Timestamp::from_micros(micros).unwrap().to_string()
}

/// The id of the n-th run.
pub fn run_id(n: u32) -> String {
    let millis = 1_767_322_800_000 + u64::from(n) * 1_000;
    let mut random = [0; 10];
    random[6..].copy_from_slice(&n.to_be_bytes());
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
}

/// The path of the n-th run of a chat.
pub fn run(chat: u32, n: u32) -> String {
    format!("{}/{}", runs(chat), run_id(n))
}

/// The path of a step of the n-th run of a chat.
pub fn step(chat: u32, n: u32, number: u32) -> String {
    format!("{}/steps/{number}", run(chat, n))
}

/// The path that asks whether a chat of this owner may be recorded.
pub fn debug_decision(n: u32, owner: &str) -> String {
    format!("{}/debug/decision?owner_id={owner}", chat(n))
}

/// A body that posts the n-th run, open and without steps.
pub fn open_run(owner: &str, n: u32) -> Value {
    json!({
        "id": run_id(n), "owner_id": owner, "kind": "chat_turn", "status": "in_progress", "started_at": started_at(n),
    })
}

/// A body that posts the n-th run as a whole turn, with these steps.
pub fn turn(owner: &str, n: u32, steps: Vec<Value>) -> Value {
    let mut turn = open_run(owner, n);
    turn["status"] = json!("completed");
    turn["finished_at"] = json!(started_at(n + 1));
    turn["steps"] = Value::Array(steps);
    turn
}

/// A step of a turn; without `step_number` it is the body of a put.
pub fn step_body(number: Option<u32>) -> Value {
    let mut step = json!({
        "operation": "stream", "status": "completed", "started_at": started_at(0), "finished_at": started_at(1),
        "normalized_request": {"messages": [{"role": "user", "content": "What is the capital of France?"}]},
        "usage": {"input_tokens": 11, "output_tokens": 3},
    });
    if let Some(number) = number {
        step["step_number"] = json!(number);
    }
    step
}
