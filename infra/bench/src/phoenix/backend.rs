//! What both backends are asked to do, and how long they take for it.

use super::{
    exchange::Exchange,
    turns::{Turn, Workload},
};
use crate::sample::{Samples, millis};
use anyhow::{Result, ensure};
use api::ids::RunId;
use axum::body::Bytes;
use std::{
    future::Future,
    time::{Duration, Instant},
};

/// How many turns a list shows.
const LISTED: usize = 20;
/// How often a turn is opened, and the list asked for.
pub(super) const CALLS: usize = 100;

/// How long a turn took to record.
pub(super) struct RecordTimes {
    /// Until the answer.
    pub(super) acknowledged: Duration,
    /// Until it could be read.
    pub(super) readable: Duration,
}

/// Somebody who keeps turns.
pub(super) trait Backend {
    fn record(&self, workload: &Workload, turn: &Turn) -> impl Future<Output = Result<RecordTimes>>;
    /// A turn with all that it holds, as it is sent.
    fn open(&self, workload: &Workload, turn: &Turn) -> impl Future<Output = Result<Bytes>>;
    /// What the steps of an opened turn exchanged, in their order.
    fn exchanges(&self, page: &[u8]) -> Result<Vec<Exchange>>;
    /// The newest turns with what their steps add up to, as they are sent.
    fn list(&self, workload: &Workload, count: usize) -> impl Future<Output = Result<Bytes>>;
    /// The newest turns alone, if that can be asked for.
    fn list_without_totals(&self, workload: &Workload, count: usize) -> impl Future<Output = Result<Bytes>>;
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
    pub(super) list_without_totals: Samples,
}

/// Records all turns, opens some and lists the newest. Fails unless what comes back is what was sent.
pub(super) async fn measure(backend: &impl Backend, workload: &Workload) -> Result<Times> {
    let mut times = Times::default();
    let Workload { name, turns, .. } = workload;
    for turn in turns {
        let recorded = backend.record(workload, turn).await?;
        times.acknowledged.push(millis(recorded.acknowledged));
        times.readable.push(millis(recorded.readable));
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
        let began = Instant::now();
        backend.list_without_totals(workload, LISTED).await?;
        times.list_without_totals.push(millis(began.elapsed()));
    }
    Ok(times)
}
