//! A function's process, of ours or in any other language: its start, its calls, its CPU and its memory.
//!
//! CPU is the process's own clock, all threads of its life included; none of these functions starts other
//! processes. Times are between the instants at which the runtime API is asked and answered, so that nothing of
//! what measures is in them.

use crate::{
    sample::{megabytes, millis},
    throttle::Share,
};
use anyhow::{Context, Result, anyhow};
use local::{
    binaries::Profile,
    child, clock,
    lambda::{
        Invocation,
        function::{Function, NoAnswer},
    },
};
use nix::{time::ClockId, unistd::Pid};
use serde_json::Value;
use std::{
    fs::{self, File},
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};
use tests::world::TestRequest;
use tokio::{
    process::Command,
    time::{sleep, timeout},
};

/// The longest that anything may take: the slowest start at a share of a core takes ten seconds.
const PATIENCE: Duration = Duration::from_mins(1);
/// The deadline of an event. A function gives up when it is near, and no call here takes as long.
pub(crate) const TIME_LIMIT_MILLIS: u64 = 60_000;
/// How long the CPU clock must not move for a process to be idle, and how long that is waited for.
const STILL: Duration = Duration::from_millis(3);
const RESTLESS: Duration = Duration::from_millis(300);

/// How to start a function.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// Where it runs.
    pub(crate) folder: PathBuf,
    /// All of its environment, but for what Lambda says of the runtime.
    pub(crate) variables: Vec<(&'static str, String)>,
}

impl Launch {
    /// The release binary of an operation.
    pub(crate) fn of(operation: &str, variables: &[(&'static str, String)]) -> Result<Self> {
        let (program, folder) = (Profile::Release.binary(operation)?, crate::folders::scratch()?);
        Ok(Self { program, arguments: Vec::new(), folder, variables: variables.to_vec() })
    }
}

/// A running function. Dropping it kills it.
pub(crate) struct Process {
    function: Function,
    id: u32,
    /// What it says of its faults.
    log: PathBuf,
}

/// What the gateway would send on.
pub(crate) struct Response {
    pub(crate) status: u64,
    pub(crate) body: String,
}

impl Process {
    /// Starts it.
    pub(crate) async fn start(launch: &Launch) -> Result<Self> {
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
        let function = Function::start("list-debug-runs", command).await?;
        let id = function.id().context("The function ended at once.")?;
        Ok(Self { function, id, log })
    }

    /// Waits until it asks for an event.
    pub(crate) async fn ready(&mut self) -> Result<()> {
        let ready = timeout(PATIENCE, self.function.ready()).await;
        self.heard(ready.context("The function does nothing.")?).map(drop)
    }

    /// Has an event answered, and waits until it asks for the next one; gives how long the answer took.
    pub(crate) async fn call(&mut self, json: &str) -> Result<(Duration, Response)> {
        let id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned();
        let deadline = clock::millis()? + TIME_LIMIT_MILLIS;
        let event = Invocation { id, json: json.to_owned().into(), deadline };
        let sent = Instant::now();
        let answer = timeout(PATIENCE, self.function.invoke(event)).await;
        let (at, answer) = self.heard(answer.context("The function does nothing.")?)?;
        self.ready().await?;
        let mut answer: Value = serde_json::from_slice(&answer)
            .with_context(|| format!("No JSON was answered: {}", String::from_utf8_lossy(&answer)))?;
        let mut member = |name: &str| answer.get_mut(name).map(Value::take).unwrap_or_default();
        let status = member("statusCode").as_u64().context("An answer has a status.")?;
        let body = member("body").as_str().unwrap_or_default().to_owned();
        Ok((at - sent, Response { status, body }))
    }

    /// Has a request answered; gives how long that took.
    pub(crate) async fn send(&mut self, request: &TestRequest) -> Result<(Duration, Response)> {
        self.call(&request.event().1.to_string()).await
    }

    /// The CPU time that it has had by now.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        Ok(ClockId::pid_cpu_clock_id(Pid::from_raw(self.id.try_into()?))?.now()?.into())
    }

    /// The CPU that it has taken, in milliseconds, once it is idle: a runtime goes on after it has answered.
    pub(crate) async fn cpu_at_rest(&self) -> Result<f64> {
        let asked = Instant::now();
        let mut before = self.cpu()?;
        loop {
            sleep(STILL).await;
            let now = self.cpu()?;
            if now == before || asked.elapsed() > RESTLESS {
                return Ok(millis(now));
            }
            before = now;
        }
    }

    /// The most memory that it has held, in megabytes.
    pub(crate) fn peak(&self) -> Result<f64> {
        Ok(megabytes(peak(self.id)?))
    }

    /// Puts it under a share of a core from now on.
    pub(crate) fn throttle(&self, share: &Share) -> Result<()> {
        share.admit(self.id)
    }

    /// Ends it.
    pub(crate) async fn kill(self) -> Result<()> {
        self.function.killer()();
        self.function.ended().await?;
        Ok(())
    }

    fn heard<T>(&self, heard: Result<T, NoAnswer>) -> Result<T> {
        heard.map_err(|cause| anyhow!("The function gave no answer: {cause}\n{}", child::tail(&self.log)))
    }
}

/// The most memory that a process has had, in bytes.
pub(crate) fn peak(id: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
    let kib: u64 = peak.with_context(|| format!("The kernel does not say how much memory process {id} has had."))?;
    Ok(kib * 1_024)
}
