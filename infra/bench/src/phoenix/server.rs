//! Arize Phoenix, installed with all that it needs and started with its own server.

use super::{
    backend::Backend,
    http::Http,
    turns::{Turn, Workload},
};
use crate::{exchange::Exchange, install, process};
use anyhow::{Context, Result, bail, ensure};
use api::ids::RunId;
use axum::body::Bytes;
use local::child::{self, Guarded};
use serde_json::{Value, json};
use std::{
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

/// The latest root spans with the totals of their traces, which the user interface's table shows.
const LIST: &str = r#"query($project: String!, $count: Int!) { getProjectByName(name: $project) {
    spans(first: $count, sort: {col: startTime, dir: desc}, filterCondition: "parent_span is None") { edges { node {
        name statusCode startTime latencyMs cumulativeTokenCountPrompt cumulativeTokenCountCompletion
        input { truncatedValue } trace { traceId numSpans }
    } } } } }"#;

const REQUIREMENTS: &str = include_str!("../../phoenix/requirements.txt");
/// How long the server may take to start.
const PATIENCE: Duration = Duration::from_mins(2);
/// How often a recorded turn is looked for.
const TICK: Duration = Duration::from_millis(10);

pub(super) struct Phoenix {
    http: Http,
    server: Guarded,
}

/// Its version, as it is pinned.
pub(super) fn version() -> &'static str {
    REQUIREMENTS.lines().find_map(|line| line.strip_prefix("arize-phoenix==")).unwrap_or("?")
}

/// Installs it; gives its Python.
pub(super) fn install() -> Result<PathBuf> {
    let (folder, _) = install::build("phoenix")?;
    Ok(folder.join("venv/bin/python"))
}

impl Phoenix {
    /// Starts the server, with its database in `folder`. It asks nothing of the network.
    pub(super) async fn start(python: &Path, folder: &Path) -> Result<Self> {
        let (port, grpc_port) = (free_port()?, free_port()?);
        let log = folder.join("phoenix.log");
        let file = File::create(&log)?;
        let mut command = Command::new(python);
        command.args(["-m", "phoenix.server.main", "serve"]).current_dir(folder).env_clear();
        command.env("HOME", folder).env("PATH", "/usr/bin:/bin").env("PHOENIX_WORKING_DIR", folder);
        command.env("PHOENIX_HOST", "127.0.0.1");
        command.env("PHOENIX_PORT", port.to_string()).env("PHOENIX_GRPC_PORT", grpc_port.to_string());
        command.env("PHOENIX_TELEMETRY_ENABLED", "false").env("PHOENIX_ALLOW_EXTERNAL_RESOURCES", "false");
        command.stdout(file.try_clone()?).stderr(file);
        let mut server = Guarded::spawn(&mut command)?;
        let http = Http::to(&format!("http://127.0.0.1:{port}"), None)?;
        let began = Instant::now();
        while http.get("/readyz").await.is_err() {
            let ended = tokio::time::timeout(TICK * 50, server.ended()).await;
            if ended.is_ok() || began.elapsed() > PATIENCE {
                bail!("its server did not start: {}", child::tail(&log));
            }
        }
        Ok(Self { http, server })
    }

    /// The most memory that its server's process has had.
    pub(super) fn peak(&self) -> Result<u64> {
        process::peak(self.server.id())
    }

    async fn spans(&self, workload: &Workload, query: &str) -> Result<Bytes> {
        self.http.get(&format!("/v1/projects/{}/spans?{query}", workload.project())).await
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The spans of a page.
fn spans(page: &[u8]) -> Result<Vec<Value>> {
    let mut page: Value = serde_json::from_slice(page)?;
    match page.get_mut("data").map(Value::take) {
        Some(Value::Array(spans)) => Ok(spans),
        _ => bail!("Phoenix's answer has no spans."),
    }
}

impl Backend for Phoenix {
    async fn record(&self, _: &Workload, turn: &Turn) -> Result<()> {
        let body = Bytes::from(turn.trace.body.clone());
        self.http.post("/v1/traces", "application/x-protobuf", body).await.map(drop)
    }

    /// Phoenix acknowledges what it has queued in memory, and stores it later.
    async fn readable(&self, workload: &Workload, turn: &Turn) -> Result<()> {
        let query = format!("trace_id={}&span_id={}", turn.trace.id, turn.trace.root);
        let began = Instant::now();
        loop {
            // Its project does not exist, which is an error, before its first trace is stored.
            let page = self.spans(workload, &query).await;
            if page.is_ok_and(|page| spans(&page).is_ok_and(|spans| !spans.is_empty())) {
                return Ok(());
            }
            ensure!(began.elapsed() < PATIENCE, "Phoenix did not store {}.", turn.trace.id);
            tokio::time::sleep(TICK).await;
        }
    }

    async fn open(&self, workload: &Workload, turn: &Turn) -> Result<Bytes> {
        self.spans(workload, &format!("trace_id={}&limit=1000", turn.trace.id)).await
    }

    fn exchanges(&self, page: &[u8]) -> Result<Vec<Exchange>> {
        let mut calls = Vec::new();
        for span in spans(page)? {
            let name = span.get("name").and_then(Value::as_str).unwrap_or_default();
            let Some(number) = name.strip_prefix("call ") else { continue };
            let attribute = |name| span.get("attributes")?.get(name)?.as_str();
            let text = |name| attribute(name).unwrap_or_default().to_owned();
            calls.push((number.parse::<u32>()?, (text("input.value"), text("output.value"))));
        }
        calls.sort();
        Ok(calls.into_iter().map(|(_, exchange)| exchange).collect())
    }

    async fn list(&self, workload: &Workload, count: usize) -> Result<Bytes> {
        let query = json!({"query": LIST, "variables": {"project": workload.project(), "count": count}});
        self.http.post("/graphql", "application/json", Bytes::from(query.to_string())).await
    }

    fn listed(&self, page: &[u8]) -> Result<Vec<RunId>> {
        let page: Value = serde_json::from_slice(page)?;
        let edges = page.pointer("/data/getProjectByName/spans/edges").and_then(Value::as_array);
        let id = |edge: &Value| {
            let id = edge.pointer("/node/trace/traceId").and_then(Value::as_str).unwrap_or_default();
            Ok(RunId::from_uuid(uuid::Uuid::from_u128(u128::from_str_radix(id, 16)?)))
        };
        edges.context("Phoenix's answer has no list.")?.iter().map(id).collect()
    }
}
