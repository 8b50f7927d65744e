//! Chunks are staged: put before the head that names them, and emptied when no head names them any more.

use super::super::{
    change::Change,
    errors::WriteError,
    item::{EXPIRES_AT, Item, number},
    keys::Key,
    table::Store,
};
use crate::{failure::Failure, ids::WriteId, metrics::LeftBehind};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// The most chunks that are sent at once.
const CONCURRENT_PUTS: usize = 8;
/// How long a write that ran out of time may still empty what it staged.
pub(in crate::store) const EMPTYING_MARGIN: Duration = Duration::from_millis(150);

/// An item that nothing refers to, now or later.
pub(in crate::store) struct Unnamed {
    key: Key,
    only_if: Change,
}

impl Unnamed {
    /// A chunk: its key is of one write alone.
    pub(in crate::store) fn chunk(key: Key) -> Self {
        Self { key, only_if: Change::default() }
    }

    /// What stands under a key that other writes have too, if it is still this write's.
    pub(in crate::store) fn of_write(key: Key, write: &WriteId) -> Self {
        Self { key, only_if: Change::default().require_write(write) }
    }
}

/// The item that takes the place of one that was emptied.
pub(in crate::store) fn emptied(key: Key, expires_at: i64) -> Item {
    let mut item = key.item();
    item.insert(EXPIRES_AT.to_owned(), number(expires_at));
    item
}

impl Store {
    /// Puts chunks before `until`. Each put requires that no item has its key, so a late retry cannot restore a chunk
    /// that was emptied.
    pub(in crate::store) async fn stage(&self, chunks: Vec<Item>, until: Instant) -> Result<(), Failure> {
        let puts = stream::iter(chunks).map(|chunk| async {
            match self.put(chunk, Change::default().require_no_item()).await {
                // The key is of this write alone: the SDK's first try had put it.
                Ok(()) | Err(WriteError::Condition) => Ok(()),
                Err(error) => Err(Failure::from(error)),
            }
        });
        let all = puts.buffer_unordered(CONCURRENT_PUTS).try_collect();
        timeout_at(until, all).await.unwrap_or_else(|_elapsed| Err(Failure::unavailable("deadline while staging")))
    }

    /// Empties what nothing names (any more), and lets the table's TTL delete it: a function that records may put but
    /// not delete. Says whether that was all: what is left when the time is up is counted, and left to a sweep.
    pub(in crate::store) async fn empty(&self, unnamed: Vec<Unnamed>, until: Instant) -> bool {
        let expires_at = self.now().millis() / 1_000;
        let puts = stream::iter(unnamed).map(|Unnamed { key, only_if }| async {
            let put = self.put(emptied(key, expires_at), only_if).await;
            // What is not ours any more is not left behind.
            matches!(put, Ok(()) | Err(WriteError::Condition))
        });
        let all = puts.buffer_unordered(CONCURRENT_PUTS).fold(true, async |all, one| all && one);
        let left = LeftBehind::unless_settled();
        let is_empty = matches!(timeout_at(until + EMPTYING_MARGIN, all).await, Ok(true));
        if is_empty {
            left.settled();
        }
        is_empty
    }
}
