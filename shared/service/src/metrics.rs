//! What one request did and what it cost, counted while it is under way.
//!
//! The counts belong to the task that answers, so no counter is handed from function to function. Outside of a request
//! nothing is counted.

use std::{cell::RefCell, collections::BTreeMap, future::Future};

/// The counts of a request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counts {
    /// Requests to DynamoDB, retries included.
    pub round_trips: u32,
    /// Read request units, as DynamoDB bills them.
    pub read_units: f64,
    /// The most read units that DynamoDB may bill for reads that were cancelled.
    pub cancelled_read_units: f64,
    /// Write request units, as DynamoDB bills them.
    pub write_units: f64,
    /// Requests that DynamoDB throttled.
    pub throttled: u32,
    /// Runs and steps that were recorded.
    pub recorded: u32,
    /// Runs and steps that the policy did not let be recorded.
    pub refused: u32,
    /// Values that were redacted, by the names of the rules.
    pub redacted: BTreeMap<&'static str, u32>,
    /// 1 when something was left behind that should be gone: by a deletion, or by a write that failed.
    pub left_behind: u32,
}

tokio::task_local! {
    static COUNTS: RefCell<Counts>;
}

/// Runs a request, and returns its outcome and its counts.
pub async fn counted<T>(request: impl Future<Output = T>) -> (T, Counts) {
    let request = async {
        let outcome = request.await;
        (outcome, COUNTS.with(RefCell::take))
    };
    COUNTS.scope(RefCell::default(), request).await
}

/// Counts something of the request under way.
pub fn count(change: impl FnOnce(&mut Counts)) {
    // The error says that no request is under way, as when a test calls what is below one.
    let _ = COUNTS.try_with(|counts| counts.try_borrow_mut().map(|mut counts| change(&mut counts)));
}

/// A read whose answer is not there yet. DynamoDB bills it even if it is cancelled, when nobody reads how much: so one
/// that is dropped is counted at the most that it can cost.
#[derive(Debug)]
pub(crate) struct Pending {
    most_units: u32,
}

impl Pending {
    /// A read that costs so many units at most.
    pub(crate) const fn new(most_units: u32) -> Self {
        Self { most_units }
    }

    /// The answer is there. The units that it names are counted by who reads it.
    pub(crate) fn answered(mut self) {
        self.most_units = 0;
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        count(|counts| counts.cancelled_read_units += f64::from(self.most_units));
    }
}

/// Chunks or heads that stay in the table, though nothing refers to them, if the request ends now.
#[derive(Debug)]
pub(crate) struct LeftBehind(());

impl LeftBehind {
    /// Counted, unless it is [`Self::settled`] before it is dropped.
    pub(crate) const fn unless_settled() -> Self {
        Self(())
    }

    /// Something refers to them, or they are emptied.
    pub(crate) fn settled(self) {
        std::mem::forget(self);
    }
}

impl Drop for LeftBehind {
    fn drop(&mut self) {
        count(|counts| counts.left_behind = 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_read_that_is_cancelled_is_counted_at_its_most() {
        let request = async {
            Pending::new(3).answered();
            let cancelled = async {
                let _pending = Pending::new(85);
                std::future::pending::<()>().await;
            };
            futures_util::future::select(Box::pin(cancelled), std::future::ready(())).await;
        };
        let ((), counts) = counted(request).await;
        assert_eq!(counts, Counts { cancelled_read_units: 85.0, ..Counts::default() });
    }

    #[tokio::test]
    async fn requests_side_by_side_count_for_themselves() {
        let request = |trips: u32| async move {
            for _ in 0..trips {
                count(|counts| counts.round_trips += 1);
                tokio::task::yield_now().await;
            }
        };
        let (((), one), ((), two)) = futures_util::future::join(counted(request(1)), counted(request(2))).await;
        assert_eq!((one.round_trips, two.round_trips), (1, 2));
        count(|_| panic!("nothing is under way"));
    }
}
