//! Who is measured: the floor, ours, and the peers that can be had on this machine.

use super::{
    canned::Recording,
    peers::{self, Peer},
    start::{SLOWEST_EVERY, Task},
    trust::Trust,
};
use crate::{folders, process::Launch};
use anyhow::Result;
use local::binaries::Profile;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The floor, as the tables call it and explain it.
pub(super) const HELLO: &str = "lambda_http, hello";
pub(super) const BARE_QUERY: &str = "bare query, our client";
pub(super) const SDK_DEFAULTS: &str = "SDK defaults, query";

/// What a variant is in the targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Hello,
    Query,
    Defaults,
    List,
    Detail,
    Go,
    Node,
    Python,
}

/// Somebody who is measured.
pub(super) struct Variant {
    pub(super) role: Role,
    pub(super) name: String,
    /// What is deployed, in bytes.
    pub(super) size: u64,
    /// It starts every so many rounds.
    pub(super) every: u32,
    pub(super) launch: Launch,
    pub(super) task: Task,
}

/// All of them, and why the others are not among them.
pub(super) struct Variants {
    pub(super) variants: Vec<Variant>,
    pub(super) absent: Vec<(Role, String)>,
}

impl Variants {
    pub(super) async fn new() -> Result<Self> {
        let fixture = Fixture::new().await?;
        let rust = peers::rust(&["hello", "bare-query", "sdk-defaults"])?;
        let mut variants = vec![
            fixture.rust(Role::Hello, HELLO, &rust.join("hello"), &fixture.hello)?,
            fixture.grafted(Role::Query, BARE_QUERY, &rust.join("bare-query"), &fixture.query)?,
            fixture.rust(Role::Defaults, SDK_DEFAULTS, &rust.join("sdk-defaults"), &fixture.query)?,
            fixture.grafted(
                Role::List,
                "**list-debug-runs**",
                &Profile::Release.binary("list-debug-runs")?,
                &fixture.list,
            )?,
            fixture.grafted(
                Role::Detail,
                "**get-debug-run**",
                &Profile::Release.binary("get-debug-run")?,
                &fixture.detail,
            )?,
        ];
        let mut absent = Vec::new();
        for (role, peer) in [(Role::Go, peers::go()), (Role::Node, peers::node()), (Role::Python, peers::python())] {
            match peer {
                Ok(peer) => variants.push(fixture.peer(role, peer)?),
                Err(cause) => absent.push((role, format!("{cause:#}"))),
            }
        }
        // How the C library keeps memory is a setting of our deployment, and of ours alone.
        for Variant { launch, .. } in variants.iter_mut().filter(|it| !matches!(it.role, Role::List | Role::Detail)) {
            launch.variables.retain(|(name, _)| *name != "GLIBC_TUNABLES");
        }
        Ok(Self { variants, absent })
    }
}

/// What all of them share.
struct Fixture {
    folder: PathBuf,
    trust: Trust,
    variables: Vec<(&'static str, String)>,
    hello: Task,
    query: Task,
    list: Task,
    detail: Task,
}

impl Fixture {
    async fn new() -> Result<Self> {
        let (folder, trust, recorded) = (folders::scratch()?, Trust::new()?, Recording::new().await?);
        let root = folder.join("root.pem");
        fs::write(&root, &trust.pem)?;
        let endpoint = recorded.serve(&trust).await?;
        let Recording { mut variables, list, detail, items, .. } = recorded;
        variables.extend([
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
            ("AWS_SESSION_TOKEN", "session".repeat(100)),
            ("BENCH_ROOT", root.display().to_string()),
            ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
        ]);
        let task = |(event, answer): (Value, Value)| Task { event: event.to_string(), answer };
        let hello = task((list.0.clone(), json!("hello")));
        let query = task((list.0.clone(), items));
        Ok(Self { folder, trust, variables, hello, query, list: task(list), detail: task(detail) })
    }

    /// A program of Rust, unchanged.
    fn rust(&self, role: Role, name: &str, program: &Path, task: &Task) -> Result<Variant> {
        let launch = self.launch(program, Vec::new(), &self.folder);
        Ok(Variant { role, name: name.to_owned(), size: peers::size(program)?, every: 1, launch, task: task.clone() })
    }

    /// A copy of a program that trusts Amazon's roots alone, and now the benchmark's.
    fn grafted(&self, role: Role, name: &str, program: &Path, task: &Task) -> Result<Variant> {
        let copy = self.folder.join("grafted").with_extension(format!("{role:?}").to_lowercase());
        self.trust.graft(program, &copy)?;
        self.rust(role, name, &copy, task)
    }

    /// A peer, which lists the runs.
    fn peer(&self, role: Role, peer: Peer) -> Result<Variant> {
        let Peer { program, arguments, folder, size, version } = peer;
        let mut launch = self.launch(&program, arguments, &folder);
        if role == Role::Python {
            let roots = peers::botocore_roots(&folder, &self.trust.pem)?;
            launch.variables.extend([
                ("BENCH_ROOTS", roots.display().to_string()),
                ("LAMBDA_TASK_ROOT", folder.display().to_string()),
                ("PYTHONPATH", peers::python_path(&folder).display().to_string()),
            ]);
        }
        let every = if role == Role::Go { 1 } else { SLOWEST_EVERY };
        Ok(Variant { role, name: version, size, every, launch, task: self.list.clone() })
    }

    fn launch(&self, program: &Path, arguments: Vec<String>, folder: &Path) -> Launch {
        Launch { program: program.to_owned(), arguments, folder: folder.to_owned(), variables: self.variables.clone() }
    }
}
