//! What one request did and what it cost, counted while it is under way.
//!
//! The counts belong to the task that answers, so nothing has to be handed through to be counted.
//! Outside of a request nothing is counted.

use std::{cell::Cell, future::Future};

/// The counts of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counts {
    /// Requests to DynamoDB, retries included.
    pub round_trips: u32,
    /// Read request units, as DynamoDB bills them.
    pub read_units: f64,
    /// Write request units, as DynamoDB bills them.
    pub write_units: f64,
    /// Requests that DynamoDB throttled.
    pub throttled: u32,
    /// Runs and steps that were recorded.
    pub recorded: u32,
    /// Runs and steps that the policy did not let be recorded.
    pub refused: u32,
    /// Values that were redacted.
    pub redacted: u32,
}

tokio::task_local! {
    static COUNTS: Cell<Counts>;
}

/// Runs a request, and gives its counts beside its outcome.
pub async fn metered<T>(request: impl Future<Output = T>) -> (T, Counts) {
    let counted = async {
        let outcome = request.await;
        (outcome, COUNTS.with(Cell::get))
    };
    COUNTS.scope(Cell::default(), counted).await
}

/// Counts something of the request under way.
pub fn count(change: impl FnOnce(&mut Counts)) {
    // The error says that no request is under way, as when a test calls what is below one.
    let _ = COUNTS.try_with(|counts| {
        let mut changed = counts.get();
        change(&mut changed);
        counts.set(changed);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn requests_side_by_side_count_for_themselves() {
        let request = |trips: u32| async move {
            for _ in 0..trips {
                count(|counts| counts.round_trips += 1);
                tokio::task::yield_now().await;
            }
        };
        let (((), one), ((), two)) = futures_util::future::join(metered(request(1)), metered(request(2))).await;
        assert_eq!((one.round_trips, two.round_trips), (1, 2));
        count(|_| panic!("nothing is under way"));
    }
}
