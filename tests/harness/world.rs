//! An app of its own for each test, on an engine of its own, and callers that make requests.
//!
//! A request is an API Gateway event, so what a test sends is what Lambda would bring; and every
//! answer is checked for what every answer must have.

pub use crate::{
    exchange::{TestRequest, TestResponse, invocation},
    fixtures::*,
};
use crate::{log, rights, wire::Wire};
use api::jobs::SWEEP_STAGED;
use lambda_http::Context;
use local::{
    engine::Engine,
    environment,
    issuer::{Issuer, TokenRole},
};
use serde_json::{Value, json};
use service::{
    app::{App, Config},
    job::{self, JobApp},
};
use std::{
    fmt::Display,
    sync::{
        Arc,
        atomic::{
            AtomicUsize,
            Ordering::{Relaxed, SeqCst},
        },
    },
};

/// The table's name in tests.
pub const TABLE: &str = environment::TABLE;

static WORLDS: AtomicUsize = AtomicUsize::new(0);

/// An app, its table, and the wire between them.
pub struct World {
    /// The app, as a cold start makes it.
    pub app: &'static App,
    /// The same for jobs.
    job: &'static JobApp,
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

    /// With the gate open and this user opted in.
    pub async fn recording(user: &str) -> Self {
        let world = Self::new().await;
        world.consent(user).await;
        world
    }

    /// With some variables of the environment set differently.
    pub async fn with(changes: &[(&str, &str)]) -> Self {
        let issuer = Issuer::generate().unwrap();
        let engine = Engine::memory().await.unwrap();
        engine.create_table(TABLE).unwrap();
        Self::on(engine, issuer, changes).await
    }

    /// On an existing engine, as another process or deployment on the same table.
    pub async fn on(engine: impl Into<Arc<Engine>>, issuer: impl Into<Arc<Issuer>>, changes: &[(&str, &str)]) -> Self {
        let (engine, issuer) = (engine.into(), issuer.into());
        let wire = Wire::to(engine.endpoint()).await;
        let mut variables = environment::of_functions(&engine, &issuer, &environment::Own::default());
        variables.push(("AWS_ENDPOINT_URL", wire.endpoint().to_owned()));
        // The SDK rations its retries per region and process: one test's failures are not another's.
        variables.push(("AWS_REGION", format!("test-{}", WORLDS.fetch_add(1, Relaxed))));
        variables.extend(changes.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let variable =
            |name: &str| variables.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
        let app = App::new(Config::from_variables(variable).unwrap()).unwrap();
        let job = JobApp { clock: app.clock.clone(), store: app.store.clone() };
        Self {
            app: Box::leak(Box::new(app)),
            job: Box::leak(Box::new(job)),
            wire,
            engine,
            issuer,
            begun: AtomicUsize::new(0),
            under_way: AtomicUsize::new(0),
        }
    }

    /// Another process of this deployment, which nothing has happened to yet.
    pub async fn beside(&self) -> Self {
        Self::on(Arc::clone(&self.engine), Arc::clone(&self.issuer), &[]).await
    }

    /// Seconds since 1970, by the app's clock.
    pub fn now(&self) -> i64 {
        self.app.clock.now().millis() / 1_000
    }

    /// A token of a role.
    pub fn token(&self, sub: &str, role: TokenRole) -> String {
        self.issuer.token(sub, role, self.now()).unwrap()
    }

    /// A caller without a token.
    pub fn nobody(&self) -> TestCaller<'_> {
        TestCaller { world: self, token: None }
    }

    /// A caller with any token.
    pub fn bearer(&self, token: impl Display) -> TestCaller<'_> {
        TestCaller { world: self, token: Some(format!("Bearer {token}")) }
    }

    /// A user.
    pub fn user(&self, sub: &str) -> TestCaller<'_> {
        self.bearer(self.token(sub, TokenRole::User))
    }

    /// An admin.
    pub fn admin(&self) -> TestCaller<'_> {
        self.bearer(self.token("admin-1", TokenRole::Admin))
    }

    /// The recorder.
    pub fn recorder(&self) -> TestCaller<'_> {
        self.bearer(self.token("recorder-1", TokenRole::Recorder))
    }

    /// A new recorder key: a general one, or one that is bound to its owner.
    pub async fn key(&self, owner: Option<&str>) -> String {
        let made = match owner {
            None => self.admin().post(&recorder_keys(), json!({"general": true})).await,
            Some(owner) => self.user(owner).post(&recorder_keys(), json!({})).await,
        };
        made.expect(201).json()["key"].as_str().unwrap().to_owned()
    }

    /// Puts an item into the table, past the service.
    pub fn put_item(&self, item: &Value) {
        let put = serde_json::from_value(json!({"TableName": TABLE, "Item": item})).unwrap();
        self.engine.database().put_item(put).unwrap();
    }

    /// An item of the table as JSON, or null.
    pub fn item(&self, pk: &str, sk: &str) -> Value {
        let get = json!({"TableName": TABLE, "Key": {"pk": {"S": pk}, "sk": {"S": sk}}});
        let found = self.engine.database().get_item(serde_json::from_value(get).unwrap()).unwrap();
        serde_json::to_value(found).unwrap()["Item"].take()
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

    /// A tick of the job that purges what was never confirmed; its line of the log.
    pub async fn sweep(&self) -> Value {
        let sent_before = self.wire.count();
        let line = job::tick(&SWEEP_STAGED, self.job, sweep_staged::handle, &Context::default()).await;
        self.wire.assert_allowed();
        rights::check(SWEEP_STAGED.name, &self.wire.since(sent_before));
        serde_json::to_value(line).unwrap()
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
pub struct TestCaller<'w> {
    world: &'w World,
    token: Option<String>,
}

impl TestCaller<'_> {
    /// `GET`.
    pub async fn get(&self, path: &str) -> TestResponse {
        self.send(self.request("GET", path, None)).await
    }

    /// `PUT` of a JSON body.
    pub async fn put(&self, path: &str, body: impl Display) -> TestResponse {
        self.send(self.request("PUT", path, Some(body.to_string().into_bytes()))).await
    }

    /// `POST` of a JSON body.
    pub async fn post(&self, path: &str, body: impl Display) -> TestResponse {
        self.send(self.request("POST", path, Some(body.to_string().into_bytes()))).await
    }

    /// `PATCH` of a JSON body.
    pub async fn patch(&self, path: &str, body: impl Display) -> TestResponse {
        self.send(self.request("PATCH", path, Some(body.to_string().into_bytes()))).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> TestResponse {
        self.send(self.request("DELETE", path, None)).await
    }

    /// A request to be spoiled before it is sent.
    pub fn request(&self, method: &'static str, path: &str, body: Option<Vec<u8>>) -> TestRequest {
        let mut headers = Vec::new();
        headers.extend(self.token.iter().map(|token| ("authorization".to_owned(), token.clone())));
        if body.is_some() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        TestRequest { method, path: path.to_owned(), headers, body, deadline: 0 }
    }

    /// Sends a request through the operation that the gateway would choose.
    pub async fn send(&self, sent: TestRequest) -> TestResponse {
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
            rights::check(route.operation, &world.wire.since(sent_before));
        }
        let line = log::check(&serde_json::to_string(&answered.line).unwrap(), &sent);
        let (parts, body) = answered.response.into_parts();
        let answer = TestResponse::new(parts, &body, line);
        answer.check(route, &sent);
        answer
    }
}
