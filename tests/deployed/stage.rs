//! What is deployed, and callers of it. All tests share one stage, which is deployed once.

use api::routes::{PUT_DEBUG_LOGGING, PUT_USER_DEBUG_LOGGING, Route, fill};
use local::{
    binaries::Profile,
    gateway::{Gateway, ORIGIN, Plan},
    issuer::{Issuer, TokenRole},
};
use serde_json::{Value, json};
use service::clock::Clock;
use std::{
    collections::HashMap,
    io::Write,
    path::Path,
    process::Command,
    sync::{Arc, LazyLock, Mutex},
};
use tests::{openapi, world::TestResponse};
use tokio::{
    net::TcpListener,
    runtime::Runtime,
    sync::{OnceCell, RwLock},
};
use uuid::Uuid;

/// The key of the issuer here. It guards nothing.
const KEY: &[u8] = include_bytes!("../keys/rsa-2048.test-only.pk8");

/// Everything runs on it: connections and servers end with the runtime that they were made on.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
static STAGE: OnceCell<Option<RwLock<Stage>>> = OnceCell::const_new();

/// Tests on the stage, beside others.
pub(crate) fn on_stage(test: impl AsyncFnOnce(&Stage)) {
    RUNTIME.block_on(async { test(&*deployed().await.read().await).await });
}

/// Tests with all of the stage to itself.
pub(crate) fn alone_on_stage(test: impl AsyncFnOnce(&Stage)) {
    RUNTIME.block_on(async { test(&*deployed().await.write().await).await });
}

async fn deployed() -> &'static RwLock<Stage> {
    let stage = STAGE.get_or_init(|| async { RUNTIME.spawn(Stage::new()).await.ok().map(RwLock::new) }).await;
    stage.as_ref().unwrap_or_else(|| panic!("There is no stage; the first test that failed says why."))
}

/// A deployed stage.
pub(crate) struct Stage {
    url: String,
    http: reqwest::Client,
    tokens: Mutex<HashMap<String, String>>,
    deployed: Deployed,
}

enum Deployed {
    /// By us, on this machine.
    Here(Box<Here>),
    /// By somebody, somewhere.
    There { token_command: String, web_origin: Option<String> },
}

/// What only a stage on this machine gives access to.
pub(crate) struct Here {
    /// The stack, and calls at its AWS API.
    pub(crate) gateway: Gateway,
    /// Who signs its tokens.
    pub(crate) issuer: Arc<Issuer>,
}

#[expect(clippy::disallowed_methods, reason = "the variables of the suite, told in its head")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// An id that was never there before: one that was deleted never comes back, on no stage.
#[expect(clippy::disallowed_methods, reason = "the suite's own ids, not the service's")]
pub(crate) fn fresh() -> String {
    Uuid::new_v4().to_string()
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    Clock::default().now().millis() / 1_000
}

impl Stage {
    async fn new() -> Self {
        rustls::crypto::ring::default_provider().install_default().unwrap();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let (url, deployed) = if let Some(url) = variable("BASE_URL") {
            let token_command = variable("TOKEN_COMMAND");
            let token_command = token_command.unwrap_or_else(|| panic!("BASE_URL needs TOKEN_COMMAND beside it."));
            let there = Deployed::There { token_command, web_origin: variable("WEB_ORIGIN") };
            (url.trim_end_matches('/').to_owned(), there)
        } else {
            let here = Here::deploy().await;
            (here.gateway.url().to_owned(), Deployed::Here(Box::new(here)))
        };
        let stage = Self { url, http, tokens: Mutex::default(), deployed };
        let open = json!({"allow_users": true});
        stage.admin().call(&PUT_DEBUG_LOGGING, &[], Some(&open)).await.expect(204);
        stage
    }

    /// The stage on this machine; `what` is not tested on others.
    pub(crate) fn here(&self, what: &str) -> Option<&Here> {
        match &self.deployed {
            Deployed::Here(here) => Some(here),
            Deployed::There { .. } => not_tested(what),
        }
    }

    /// An origin whose pages may call the API; `what` is not tested when there is none.
    pub(crate) fn web_origin(&self, what: &str) -> Option<&str> {
        match &self.deployed {
            Deployed::Here(_) => Some(ORIGIN),
            Deployed::There { web_origin: Some(origin), .. } => Some(origin),
            Deployed::There { .. } => not_tested(what),
        }
    }

    /// What paths are appended to.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A good token.
    pub(crate) fn token(&self, sub: &str, role: TokenRole) -> String {
        let name = format!("{role:?}").to_lowercase();
        let mut tokens = self.tokens.lock().unwrap();
        let token = tokens.entry(format!("{name} {sub}")).or_insert_with(|| match &self.deployed {
            Deployed::Here(here) => here.issuer.token(sub, role, now()).unwrap(),
            Deployed::There { token_command, .. } => {
                let line = format!("{token_command} --sub {sub} --role {name}");
                let output = Command::new("sh").args(["-c", &line]).output().unwrap();
                assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
                String::from_utf8(output.stdout).unwrap().trim().to_owned()
            }
        });
        token.clone()
    }

    /// A caller without a token.
    pub(crate) fn nobody(&self) -> StageCaller<'_> {
        StageCaller { stage: self, headers: Vec::new(), query: String::new() }
    }

    /// A caller with any token.
    pub(crate) fn bearer(&self, token: &str) -> StageCaller<'_> {
        self.nobody().with("authorization", &format!("Bearer {token}"))
    }

    /// A user.
    pub(crate) fn user(&self, sub: &str) -> StageCaller<'_> {
        self.bearer(&self.token(sub, TokenRole::User))
    }

    /// An admin.
    pub(crate) fn admin(&self) -> StageCaller<'_> {
        self.bearer(&self.token("admin-1", TokenRole::Admin))
    }

    /// The recorder.
    pub(crate) fn recorder(&self) -> StageCaller<'_> {
        self.bearer(&self.token("recorder-1", TokenRole::Recorder))
    }

    /// A user of a fresh name, who has opted in.
    pub(crate) async fn owner(&self) -> String {
        let owner = format!("owner-{}", fresh());
        let opt_in = json!({"debug_logging_enabled": true});
        self.user(&owner).call(&PUT_USER_DEBUG_LOGGING, &[], Some(&opt_in)).await.expect(204);
        owner
    }
}

/// Says straight to the terminal what is left out: what a passing test prints is not shown.
fn not_tested<T>(what: &str) -> Option<T> {
    std::io::stderr().write_all(format!("NOT TESTED on this stage: {what}.\n").as_bytes()).unwrap();
    None
}

impl Here {
    async fn deploy() -> Self {
        let any = || TcpListener::bind(("127.0.0.1", 0));
        let listener = any().await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let issuer = Arc::new(Issuer::from_pkcs8(KEY).unwrap().at(url));
        let stage = any().await.unwrap();
        let origin = format!("http://{}", stage.local_addr().unwrap());
        let served = Arc::clone(&issuer);
        tokio::spawn(async move { served.serve(listener, &origin).await.unwrap() });

        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let plan = Plan {
            tools: &here.join("../.local/emulator"),
            profile: Profile::of_tests(),
            folder: Path::new(env!("CARGO_TARGET_TMPDIR")),
            issuer: issuer.url(),
        };
        let gateway = Gateway::deploy(&plan, stage).await;
        Self { gateway: gateway.unwrap_or_else(|error| panic!("{error:#}")), issuer }
    }
}

/// Somebody who calls.
#[derive(Clone)]
pub(crate) struct StageCaller<'s> {
    stage: &'s Stage,
    headers: Vec<(&'static str, String)>,
    query: String,
}

impl StageCaller<'_> {
    /// With one more header.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// With this query behind every path.
    #[must_use]
    pub(crate) fn asking(mut self, query: String) -> Self {
        self.query = query;
        self
    }

    /// Calls a route, with the path's parameters in order.
    pub(crate) async fn call(&self, route: &Route, ids: &[&str], body: Option<&Value>) -> TestResponse {
        let path = fill(route, ids) + &self.query;
        let answer = self.send(route.method.as_str(), &path, body.map(Value::to_string)).await;
        if is_of_function(&answer) {
            let given = answer.headers.iter().filter(|(name, _)| !is_added_on_the_way(name.as_str()));
            let given = given.map(|(name, value)| (name.clone(), value.clone())).collect();
            openapi::check(route, answer.status, &given, &answer.body);
            if let Some(body) = body.filter(|_| answer.status < 400) {
                openapi::check_taken(route, &body.to_string());
            }
        } else {
            assert!(matches!(answer.status, 401 | 403), "{} was not reached: {answer:?}", route.operation);
            openapi::check_gateway(route, answer.status, &answer.headers, &answer.body);
        }
        answer
    }

    /// Any request.
    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<String>) -> TestResponse {
        let url = format!("{}{path}", self.stage.url);
        let mut request = self.stage.http.request(method.parse().unwrap(), url);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = request.send().await.unwrap();
        let (status, mut headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap().to_vec();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        if body.is_empty() {
            // A gateway gives nothing a type too.
            headers.remove("content-type");
        }
        // Its log line is in CloudWatch, where tests/deployed/logs.rs reads it.
        TestResponse { status, headers, body, bytes, line: Value::Null }
    }
}

/// Whether a header is HTTP's or the gateway's, and no function gave it.
fn is_added_on_the_way(name: &str) -> bool {
    ["connection", "content-length", "date", "server", "transfer-encoding"].contains(&name)
        || ["access-control-", "apigw-", "x-amz"].iter().any(|beginning| name.starts_with(beginning))
}

/// Whether a function gave the answer, and not the gateway.
pub(crate) fn is_of_function(answer: &TestResponse) -> bool {
    answer.header("x-request-id").is_some()
}
