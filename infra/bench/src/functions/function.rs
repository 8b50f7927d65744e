//! A function's process: its start, its calls, its CPU and its memory.
//!
//! CPU is the process's own clock, all threads of its life included; none of these functions starts
//! other processes. It is read once it stands still, since a runtime goes on after it has answered.
//!
//! It is another one than `tests::runtime::Function`, which starts our operations alone and hands over
//! answers. This one starts any program, in any language, and takes the instants at which the runtime
//! API is asked and answered, so that nothing of the harness is in the walls.

use super::{
    runtime_api::{Did, RuntimeApi},
    throttle::Share,
};
use crate::{
    process,
    sample::{megabytes, millis},
};
use anyhow::{Context, Result, anyhow, bail};
use local::child;
use serde_json::Value;
use std::{
    fs::File,
    path::PathBuf,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};
use tokio::{
    process::{Child, Command},
    runtime::Handle,
    time::{sleep, timeout},
};

/// The longest that anything may take: the slowest start at a share of a core takes ten seconds.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long the CPU clock must stand still, and how long that is waited for.
const STILL: Duration = Duration::from_millis(3);
const RESTLESS: Duration = Duration::from_millis(300);

/// How to start a function.
#[derive(Debug, Clone)]
pub(super) struct Launch {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    /// Where it runs.
    pub(super) folder: PathBuf,
    /// All of its environment, but for what Lambda says of the runtime.
    pub(super) variables: Vec<(&'static str, String)>,
}

/// A running function. Dropping it kills it.
pub(super) struct Function {
    child: Child,
    process: u32,
    api: RuntimeApi,
    /// When it was started.
    started: Instant,
    /// What it says of its faults.
    log: PathBuf,
}

impl Function {
    /// Starts it, under a share of a core from its first instruction if there is one.
    pub(super) async fn start(launch: &Launch, share: Option<&Share>) -> Result<Self> {
        let api = RuntimeApi::start().await?;
        let log = launch.folder.join("log");
        let mut command = Command::new(&launch.program);
        command
            .args(&launch.arguments)
            .current_dir(&launch.folder)
            .env_clear()
            .envs(launch.variables.iter().map(|(name, value)| (name, value)))
            .env("AWS_LAMBDA_RUNTIME_API", &api.address)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?)
            .kill_on_drop(true);
        let started = Instant::now();
        let child = match share {
            None => command.spawn(),
            Some(share) => born_under(share, command)?,
        };
        let child = child.with_context(|| format!("{} cannot be started", launch.program.display()))?;
        let process = child.id().context("The function ended at once.")?;
        Ok(Self { child, process, api, started, log })
    }

    /// Waits until it asks for an event; gives how long that took since its start.
    pub(super) async fn ready(&mut self) -> Result<Duration> {
        match self.did().await? {
            Did::Ask(at) => Ok(at - self.started),
            Did::Answer(..) => bail!("The function answered before it was asked."),
            Did::Fail(cause) => bail!("The function does not start: {cause}"),
        }
    }

    /// Has an event answered, and waits until it asks for the next one; gives how long the answer took, and its body.
    pub(super) async fn call(&mut self, event: &str) -> Result<(Duration, Value)> {
        let sent = Instant::now();
        self.api.events.send(event.to_owned()).context("The runtime API has ended.")?;
        let (at, answer) = match self.did().await? {
            Did::Answer(at, answer) => (at, answer),
            Did::Ask(_) => bail!("The function asked for another event before it answered."),
            Did::Fail(cause) => bail!("The function failed: {cause}"),
        };
        let Did::Ask(_) = self.did().await? else { bail!("The function did not ask for another event.") };
        let answer: Value = serde_json::from_str(&answer).with_context(|| format!("No JSON was answered: {answer}"))?;
        if answer.get("statusCode") != Some(&Value::from(200)) {
            bail!("The function refused: {answer}");
        }
        let body =
            answer.get("body").and_then(Value::as_str).ok_or_else(|| anyhow!("No body was answered: {answer}"))?;
        Ok((at - sent, serde_json::from_str(body).unwrap_or_else(|_| body.into())))
    }

    /// The CPU that it has taken by now, in milliseconds, once it stands still.
    pub(super) async fn cpu(&self) -> Result<f64> {
        let asked = Instant::now();
        let mut before = process::cpu(self.process)?;
        loop {
            sleep(STILL).await;
            let now = process::cpu(self.process)?;
            if now == before || asked.elapsed() > RESTLESS {
                return Ok(millis(now));
            }
            before = now;
        }
    }

    /// The most memory that it has held, in megabytes.
    pub(super) fn peak_memory(&self) -> Result<f64> {
        Ok(megabytes(process::peak(self.process)?))
    }

    /// Puts it under a share of a core from now on.
    pub(super) fn throttle(&self, share: &Share) -> Result<()> {
        share.admit(self.process)
    }

    /// Ends it.
    pub(super) async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    async fn did(&mut self) -> Result<Did> {
        let next = async {
            tokio::select! {
                did = self.api.did.recv() => did.context("The runtime API has ended."),
                status = self.child.wait() => Err(anyhow!("The function ended: {}\n{}", status?, child::tail(&self.log))),
            }
        };
        timeout(PATIENCE, next).await.context("The function does nothing.")?
    }
}

/// Starts a process from a thread that is under the share already, so that it is from its birth.
fn born_under(share: &Share, mut command: Command) -> Result<std::io::Result<Child>> {
    let runtime = Handle::current();
    thread::scope(|scope| {
        let thread = scope.spawn(move || {
            let _entered = runtime.enter();
            share.enter().map(|()| command.spawn())
        });
        thread.join().map_err(|_| anyhow!("The thread that starts a function has panicked."))?
    })
}
