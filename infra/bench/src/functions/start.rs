//! What one start of a function shows.

use crate::{
    process::{Launch, Process, Response},
    sample::{Samples, millis},
    throttle::Share,
};
use anyhow::{Result, ensure};
use serde_json::Value;
use std::time::Duration;

/// Starts of each, but for Node and Python.
pub(super) const ROUNDS: u32 = 10;
/// Node and Python, the slowest by far, start every so many rounds.
pub(super) const SLOWEST_EVERY: u32 = 2;
/// Starts of each at a share of a core.
pub(super) const SLOW_ROUNDS: u32 = 5;
/// Calls after the first that are not counted: caches fill, and compilers that wait for work have it.
pub(super) const WARM_UP: u32 = 100;
pub(super) const BATCHES: u32 = 10;
pub(super) const CALLS_OF_A_BATCH: u32 = 20;

/// What a process is asked, and what it must answer.
#[derive(Debug, Clone)]
pub(super) struct Task {
    /// The gateway's event, as JSON.
    pub(super) event: String,
    /// The answer's body; JSON is compared as JSON.
    pub(super) answer: Value,
}

/// One start: times in milliseconds, memory in megabytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    pub(super) init_cpu: f64,
    pub(super) first_cpu: f64,
    pub(super) first_wall: f64,
    /// Of a call: the median over batches.
    pub(super) warm_cpu: f64,
    pub(super) warm_wall: f64,
    pub(super) memory: f64,
}

impl Start {
    /// Starts a process, has it answer once, and then many times.
    pub(super) async fn measure(launch: &Launch, task: &Task) -> Result<Self> {
        let mut process = Process::start(launch).await?;
        process.ready().await?;
        let init_cpu = process.cpu_at_rest().await?;
        let first_wall = task.checked(process.call(&task.event).await?)?;
        let first_cpu = process.cpu_at_rest().await? - init_cpu;
        for _ in 0..WARM_UP {
            process.call(&task.event).await?;
        }
        let (mut cpu, mut wall) = (Samples::default(), Samples::default());
        let mut before = process.cpu_at_rest().await?;
        for _ in 0..BATCHES {
            let mut waited = Duration::ZERO;
            for _ in 0..CALLS_OF_A_BATCH {
                waited += task.checked(process.call(&task.event).await?)?;
            }
            let after = process.cpu_at_rest().await?;
            cpu.push((after - before) / f64::from(CALLS_OF_A_BATCH));
            wall.push(millis(waited) / f64::from(CALLS_OF_A_BATCH));
            before = after;
        }
        let memory = process.peak()?;
        process.kill().await?;
        Ok(Self {
            init_cpu,
            first_cpu,
            first_wall: millis(first_wall),
            warm_cpu: cpu.median(),
            warm_wall: wall.median(),
            memory,
        })
    }
}

/// The wall of a first call at a share of a core, after a start at full speed, in milliseconds.
pub(super) async fn slow_wall(launch: &Launch, task: &Task) -> Result<f64> {
    let share = Share::new()?;
    let mut process = Process::start(launch).await?;
    process.ready().await?;
    process.cpu_at_rest().await?;
    process.throttle(&share)?;
    let wall = task.checked(process.call(&task.event).await?)?;
    process.kill().await?;
    Ok(millis(wall))
}

impl Task {
    fn checked(&self, (wall, Response { status, body, .. }): (Duration, Response)) -> Result<Duration> {
        ensure!(status == 200, "The function refused: {body}");
        let answer = serde_json::from_str(&body).unwrap_or(Value::String(body));
        ensure!(answer == self.answer, "Another answer than ours:\n{answer}\n{}", self.answer);
        Ok(wall)
    }
}
