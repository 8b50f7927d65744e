//! chat-debug: the three functions as release binaries, behind the gateway of `make run`.

use super::{
    backend::Backend,
    http::Http,
    turns::{Turn, Workload},
};
use crate::{
    exchange::{self, Exchange},
    process,
};
use anyhow::{Context, Result, bail};
use api::{
    ids::RunId,
    routes::{CREATE_DEBUG_RUN, GET_DEBUG_RUN, LIST_DEBUG_RUNS},
    run::{Run, RunDetail},
};
use axum::body::Bytes;
use local::{
    binaries::Profile,
    engine::Engine,
    http_api,
    issuer::{Issuer, TokenRole},
    lambda::{Functions, Limits},
};
use std::{fs::File, path::Path, sync::Arc};
use tests::{
    runtime::variables,
    world::{TABLE, World, runs},
};
use tokio::{net::TcpListener, process::Command, task::JoinSet};

pub(super) const OWNER: &str = "alice";

pub(super) struct ChatDebug {
    recorder: Http,
    owner: Http,
    functions: Arc<Functions>,
    _serving: JoinSet<()>,
    _world: World,
}

impl ChatDebug {
    /// On an engine that keeps its data in a file.
    pub(super) async fn start(file: &Path) -> Result<Self> {
        let engine = Engine::file(file).await?;
        engine.create_table(TABLE)?;
        let world = World::on(engine, Issuer::generate()?, &[]).await;
        world.consent(OWNER).await;
        let variables = variables(&world, world.engine.endpoint());
        let log = File::create(file.with_extension("log"))?;
        let functions = Arc::new(Functions::new(log, Limits::HERE, move |operation| {
            let mut command = Command::new(Profile::Release.binary(operation)?);
            command.env_clear().envs(variables.iter().map(|(name, value)| (name, value)));
            Ok(command)
        }));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let mut serving = JoinSet::new();
        serving.spawn(http_api::serve(listener, Arc::clone(&functions)));
        let recorder = Http::to(&origin, Some(world.token("recorder-1", TokenRole::Recorder)))?;
        let owner = Http::to(&origin, Some(world.token(OWNER, TokenRole::User)))?;
        Ok(Self { recorder, owner, functions, _serving: serving, _world: world })
    }

    /// The most memory that each function has had.
    pub(super) fn peaks(&self) -> Result<Vec<(&'static str, u64)>> {
        let mut peaks = Vec::new();
        for operation in [CREATE_DEBUG_RUN.operation, GET_DEBUG_RUN.operation, LIST_DEBUG_RUNS.operation] {
            let ids = self.functions.waiting(operation);
            let [id] = ids[..] else { bail!("{operation} has {} processes, and not one.", ids.len()) };
            peaks.push((operation, process::peak(id)?));
        }
        Ok(peaks)
    }
}

impl Backend for ChatDebug {
    async fn record(&self, workload: &Workload, turn: &Turn) -> Result<()> {
        let body = Bytes::from(turn.body.clone());
        self.recorder.post(&runs(workload.chat), "application/json", body).await.map(drop)
    }

    /// What is acknowledged is stored.
    async fn readable(&self, _: &Workload, _: &Turn) -> Result<()> {
        Ok(())
    }

    async fn open(&self, workload: &Workload, turn: &Turn) -> Result<Bytes> {
        let id = turn.run.id.context("A recorded turn has an id.")?;
        self.owner.get(&format!("{}/{id}", runs(workload.chat))).await
    }

    fn exchanges(&self, page: &[u8]) -> Result<Vec<Exchange>> {
        let detail: RunDetail = serde_json::from_slice(page)?;
        Ok(detail.steps.iter().map(exchange::read).collect())
    }

    async fn list(&self, workload: &Workload, count: usize) -> Result<Bytes> {
        self.owner.get(&format!("{}?limit={count}", runs(workload.chat))).await
    }

    fn listed(&self, page: &[u8]) -> Result<Vec<RunId>> {
        let listed: Vec<Run> = serde_json::from_slice(page)?;
        Ok(listed.into_iter().map(|run| run.id).collect())
    }
}
