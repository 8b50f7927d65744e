//! A function's process: its start, its calls, its CPU and its memory.
//!
//! CPU is the process's own clock, all threads of its life included; none of these functions starts
//! other processes. It is read once it stands still, since a runtime goes on after it has answered.
//!
//! It is another one than `tests::runtime::Function`, which starts our operations alone and hands over
//! answers. This one starts any program, in any language, and takes the instants at which the runtime
//! API is asked and answered, so that nothing of the harness is in the walls.

use super::throttle::Share;
use crate::{
    process,
    sample::{megabytes, millis},
};
use anyhow::{Context, Result, anyhow, bail};
use local::{
    child, clock,
    lambda::{
        Event,
        function::{self, NoAnswer},
    },
};
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

/// A function's time limit, as its deadline says it: nothing here takes as long.
const TIME_LIMIT_MILLIS: u64 = 30_000;

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
    running: function::Function,
    process: u32,
    /// What it says of its faults.
    log: PathBuf,
}

impl Function {
    /// Starts it, under a share of a core from its first instruction if there is one.
    pub(super) async fn start(launch: &Launch, share: Option<&Share>) -> Result<Self> {
        let log = launch.folder.join("log");
        let mut command = Command::new(&launch.program);
        command
            .args(&launch.arguments)
            .current_dir(&launch.folder)
            .env_clear()
            .envs(launch.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?);
        let born = |mut command: Command| match share {
            None => Ok(command.spawn()?),
            Some(share) => born_under(share, command),
        };
        let function = function::Function::start_by("list-debug-runs", command, born).await?;
        let process = function.id().context("The function ended at once.")?;
        Ok(Self { running: function, process, log })
    }

    /// Waits until it asks for an event; gives how long that took since its start.
    pub(super) async fn ready(&mut self) -> Result<Duration> {
        let ready = timeout(PATIENCE, self.running.ready()).await;
        Ok(self.heard(ready.context("The function does nothing.")?)? - self.running.started())
    }

    /// Has an event answered, and waits until it asks for the next one; gives how long the answer took, and its body.
    pub(super) async fn call(&mut self, json: &str) -> Result<(Duration, Value)> {
        let id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned();
        let deadline = clock::millis()? + TIME_LIMIT_MILLIS;
        let event = Event { id, json: json.to_owned().into(), deadline };
        let sent = Instant::now();
        let answer = timeout(PATIENCE, self.running.invoke(event)).await;
        let (at, answer) = self.heard(answer.context("The function does nothing.")?)?;
        self.ready().await?;
        let answer: Value = serde_json::from_slice(&answer)
            .with_context(|| format!("No JSON was answered: {}", String::from_utf8_lossy(&answer)))?;
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
    pub(super) async fn kill(self) -> Result<()> {
        self.running.killer()();
        self.running.ended().await?;
        Ok(())
    }

    fn heard<T>(&self, heard: Result<T, NoAnswer>) -> Result<T> {
        heard.map_err(|cause| anyhow!("The function gave no answer: {cause}\n{}", child::tail(&self.log)))
    }
}

/// Starts a process from a thread that is under the share already, so that it is from its birth.
fn born_under(share: &Share, mut command: Command) -> Result<Child> {
    let runtime = Handle::current();
    thread::scope(|scope| {
        let thread = scope.spawn(move || {
            let _entered = runtime.enter();
            share.enter()?;
            Ok(command.spawn()?)
        });
        thread.join().map_err(|_| anyhow!("The thread that starts a function has panicked."))?
    })
}
