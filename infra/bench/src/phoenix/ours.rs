//! Our side: the three functions as release binaries, behind an HTTP server that does what the gateway does.

use super::{
    http::Http,
    side::{CALLS, Recorded, Side},
    turns::{self, Exchange, Turn, Workload},
};
use crate::{
    lambda::Lambda,
    sample::{Samples, millis},
};
use anyhow::{Context, Result, ensure};
use api::{
    ids::RunId,
    routes::{CREATE_DEBUG_RUN, GET_DEBUG_RUN, LIST_DEBUG_RUNS, ROUTES, find},
    run::{Run, RunDetail},
};
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{Response, StatusCode},
};
use local::{
    engine::Engine,
    issuer::{Issuer, Role},
};
use std::{collections::BTreeMap, path::Path, sync::Arc, time::Instant};
use tests::{
    runtime::variables,
    world::{Sent, TABLE, World, runs},
};
use tokio::{net::TcpListener, sync::Mutex};

pub(super) const OWNER: &str = "alice";

type Functions = Arc<BTreeMap<&'static str, Mutex<Lambda>>>;

pub(super) struct Ours {
    anyone: Http,
    recorder: Http,
    owner: Http,
    functions: Functions,
    _world: World,
}

impl Ours {
    /// On an engine that keeps its data in a file.
    pub(super) async fn start(file: &Path) -> Result<Self> {
        let engine = Engine::file(file).await?;
        engine.create_table(TABLE)?;
        let world = World::on(engine, Issuer::generate()?, &[]).await;
        world.consent(OWNER).await;
        let variables = variables(&world, world.engine.endpoint());
        let mut functions = BTreeMap::new();
        for operation in [CREATE_DEBUG_RUN.operation, GET_DEBUG_RUN.operation, LIST_DEBUG_RUNS.operation] {
            functions.insert(operation, Mutex::new(Lambda::start(operation, &variables).await?));
        }
        let functions = Arc::new(functions);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let http = Http::to(format!("http://{}", listener.local_addr()?));
        let front = Router::new().fallback(answer).with_state(Arc::clone(&functions));
        tokio::spawn(async move { axum::serve(listener, front).await });
        let recorder = http.bearing(&world.token("recorder-1", Role::Recorder));
        let owner = http.bearing(&world.token(OWNER, Role::User));
        Ok(Self { anyone: http, recorder, owner, functions, _world: world })
    }

    /// What is not ours of each time: a request without a token goes the same way, and is refused before
    /// anything is read.
    pub(super) async fn refused(&self, workload: &Workload) -> Result<Samples> {
        let mut samples = Samples::default();
        for _ in 0..CALLS {
            let began = Instant::now();
            let answer = self.anyone.get(&runs(workload.chat)).await;
            samples.push(millis(began.elapsed()));
            ensure!(answer.is_err(), "A request without a token was answered.");
        }
        Ok(samples)
    }

    /// The most memory that each function has had.
    pub(super) async fn peaks(&self) -> Result<Vec<(&'static str, u64)>> {
        let mut peaks = Vec::new();
        for (operation, function) in self.functions.iter() {
            peaks.push((*operation, function.lock().await.peak()?));
        }
        Ok(peaks)
    }
}

impl Side for Ours {
    /// What is acknowledged is stored and can be read: the two are one moment.
    async fn record(&self, workload: &Workload, turn: &Turn) -> Result<Recorded> {
        let body = Bytes::from(turn.body.clone());
        let began = Instant::now();
        self.recorder.post(&runs(workload.chat), "application/json", body).await?;
        let elapsed = began.elapsed();
        Ok(Recorded { acknowledged: elapsed, readable: elapsed })
    }

    async fn open(&self, workload: &Workload, turn: &Turn) -> Result<Bytes> {
        let id = turn.run.id.context("A recorded turn has an id.")?;
        self.owner.get(&format!("{}/{id}", runs(workload.chat))).await
    }

    fn exchanges(&self, page: &[u8]) -> Result<Vec<Exchange>> {
        let detail: RunDetail = serde_json::from_slice(page)?;
        Ok(detail.steps.iter().map(turns::read).collect())
    }

    async fn list(&self, workload: &Workload, count: usize) -> Result<Bytes> {
        self.owner.get(&format!("{}?limit={count}", runs(workload.chat))).await
    }

    /// The totals stand in the run's item: there is nothing to leave out.
    async fn list_without_totals(&self, workload: &Workload, count: usize) -> Result<Bytes> {
        self.list(workload, count).await
    }

    fn listed(&self, page: &[u8]) -> Result<Vec<RunId>> {
        let listed: Vec<Run> = serde_json::from_slice(page)?;
        Ok(listed.into_iter().map(|run| run.id).collect())
    }
}

/// What the gateway does: finds the function, hands it the event, and unpacks its answer.
async fn answer(State(functions): State<Functions>, request: Request) -> Response<Body> {
    forward(&functions, request).await.unwrap_or_else(|error| {
        let mut response = Response::new(Body::from(format!("{error:#}")));
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        response
    })
}

async fn forward(functions: &BTreeMap<&'static str, Mutex<Lambda>>, request: Request) -> Result<Response<Body>> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await?;
    let methods = ROUTES.iter().map(|route| route.method.as_str());
    let method =
        methods.into_iter().find(|method| *method == parts.method.as_str()).context("No route has this method.")?;
    let headers =
        parts.headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    let sent = Sent {
        method,
        path: parts.uri.path_and_query().context("A request has a path.")?.to_string(),
        headers: headers.collect(),
        body: Some(body.to_vec()).filter(|body| !body.is_empty()),
        deadline: 0,
    };
    let (route, _) = find(method, parts.uri.path()).context("No route has this path.")?;
    let function = functions.get(route.operation).context("This operation is not measured.")?;
    let answer = function.lock().await.call(&sent).await?;
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    Ok(response.body(Body::from(answer.body))?)
}
