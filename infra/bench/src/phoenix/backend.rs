//! What both backends are asked to do, and how long they take for it.

use super::turns::{Turn, Workload};
use crate::{
    exchange::Exchange,
    sample::{Samples, millis},
};
use anyhow::{Result, ensure};
use api::ids::RunId;
use axum::body::Bytes;
use std::time::Instant;

/// How many turns a list shows.
const LISTED: usize = 20;
/// How often a turn is opened, and the list asked for.
const CALLS: usize = 100;

/// Somebody who keeps turns.
pub(super) trait Backend {
    /// Sends a turn, until it is acknowledged.
    async fn record(&self, workload: &Workload, turn: &Turn) -> Result<()>;
    /// Waits until a turn that was acknowledged can be read.
    async fn readable(&self, workload: &Workload, turn: &Turn) -> Result<()>;
    /// A turn with all that it holds, as it is sent.
    async fn open(&self, workload: &Workload, turn: &Turn) -> Result<Bytes>;
    /// What the steps of an opened turn exchanged, in their order.
    fn exchanges(&self, page: &[u8]) -> Result<Vec<Exchange>>;
    /// The newest turns with what their steps add up to, as they are sent.
    async fn list(&self, workload: &Workload, count: usize) -> Result<Bytes>;
    /// The ids of a list, in its order.
    fn listed(&self, page: &[u8]) -> Result<Vec<RunId>>;
}

/// Milliseconds of each operation.
#[derive(Default)]
pub(super) struct Times {
    pub(super) acknowledged: Samples,
    pub(super) readable: Samples,
    pub(super) open: Samples,
    pub(super) list: Samples,
}

/// Records all turns, opens some and lists the newest. Fails unless what comes back is what was sent.
pub(super) async fn measure(backend: &impl Backend, workload: &Workload) -> Result<Times> {
    let mut times = Times::default();
    let Workload { name, turns, .. } = workload;
    for turn in turns {
        let began = Instant::now();
        backend.record(workload, turn).await?;
        times.acknowledged.push(millis(began.elapsed()));
        backend.readable(workload, turn).await?;
        times.readable.push(millis(began.elapsed()));
    }
    for turn in turns {
        let page = backend.open(workload, turn).await?;
        ensure!(backend.exchanges(&page)? == turn.exchanges(), "{name}: {:?} came back changed.", turn.run.id);
    }
    for turn in turns.iter().cycle().take(CALLS) {
        let began = Instant::now();
        backend.open(workload, turn).await?;
        times.open.push(millis(began.elapsed()));
    }
    let newest: Vec<_> = turns.iter().rev().take(LISTED).filter_map(|turn| turn.run.id).collect();
    let page = backend.list(workload, LISTED).await?;
    ensure!(backend.listed(&page)? == newest, "{name}: the list does not hold the newest turns.");
    for _ in 0..CALLS {
        let began = Instant::now();
        backend.list(workload, LISTED).await?;
        times.list.push(millis(began.elapsed()));
    }
    Ok(times)
}
