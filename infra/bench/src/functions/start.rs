//! What one start of a function shows.

use super::{
    function::{Function, Launch},
    throttle::Share,
};
use crate::sample::{Samples, millis};
use anyhow::{Result, ensure};
use serde_json::Value;
use std::time::Duration;

/// Calls after the first that are not counted: caches fill, and compilers that wait for work have it.
pub(super) const WARM_UP: u32 = 100;
pub(super) const BATCHES: u32 = 10;
pub(super) const CALLS_OF_A_BATCH: u32 = 20;

/// What a function is asked, and what it must answer.
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
    /// Starts a function, has it answer once, and then many times.
    pub(super) async fn measure(launch: &Launch, task: &Task) -> Result<Self> {
        let mut function = Function::start(launch, None).await?;
        function.ready().await?;
        let init_cpu = function.cpu().await?;
        let first_wall = task.checked(function.call(&task.event).await?)?;
        let first_cpu = function.cpu().await? - init_cpu;
        for _ in 0..WARM_UP {
            function.call(&task.event).await?;
        }
        let (mut cpu, mut wall) = (Samples::default(), Samples::default());
        let mut before = function.cpu().await?;
        for _ in 0..BATCHES {
            let mut waited = Duration::ZERO;
            for _ in 0..CALLS_OF_A_BATCH {
                waited += task.checked(function.call(&task.event).await?)?;
            }
            let after = function.cpu().await?;
            cpu.push((after - before) / f64::from(CALLS_OF_A_BATCH));
            wall.push(millis(waited) / f64::from(CALLS_OF_A_BATCH));
            before = after;
        }
        let memory = function.peak_memory()?;
        function.kill().await?;
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

/// The wall of a first answer at a share of a core, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct SlowStart {
    /// The first call alone, after a start at full speed.
    pub(super) first: f64,
    /// Start and first call, both at that share.
    pub(super) both: f64,
}

impl SlowStart {
    /// Starts a function twice.
    pub(super) async fn measure(launch: &Launch, task: &Task) -> Result<Self> {
        let share = Share::new()?;
        let mut function = Function::start(launch, None).await?;
        function.ready().await?;
        function.cpu().await?;
        function.throttle(&share)?;
        let first = task.checked(function.call(&task.event).await?)?;
        function.kill().await?;

        let share = Share::new()?;
        let mut function = Function::start(launch, Some(&share)).await?;
        let init = function.ready().await?;
        let both = init + task.checked(function.call(&task.event).await?)?;
        function.kill().await?;
        Ok(Self { first: millis(first), both: millis(both) })
    }
}

impl Task {
    fn checked(&self, (wall, answer): (Duration, Value)) -> Result<Duration> {
        ensure!(answer == self.answer, "Another answer than ours:\n{answer}\n{}", self.answer);
        Ok(wall)
    }
}
