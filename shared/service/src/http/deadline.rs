//! How long a request may take: its own budget, or less when Lambda would stop the function before.

use crate::clock::time_until;
use api::{
    routes::{Method, Route},
    time::Timestamp,
};
use std::time::Duration;
use tokio::time::Instant;

/// The most time for a route that reads, and for one that writes.
const READ_BUDGET: Duration = Duration::from_secs(3);
const WRITE_BUDGET: Duration = Duration::from_secs(5);
/// Kept of Lambda's deadline, to answer in.
const LAMBDA_MARGIN: Duration = Duration::from_millis(300);
/// Kept of a request's budget, to answer in when work is left undone.
const ANSWER_MARGIN: Duration = Duration::from_millis(200);
/// The least time that a request is begun with.
const LEAST: Duration = Duration::from_millis(50);

/// How long there is to answer; `None` when it is too late to begin. `deadline` is Lambda's.
pub(super) fn budget(route: &Route, now: Timestamp, deadline: u64) -> Option<Duration> {
    let most = if route.method == Method::Get { READ_BUDGET } else { WRITE_BUDGET };
    match time_until(deadline, now) {
        None => Some(most),
        Some(left) => Some(left.saturating_sub(LAMBDA_MARGIN).min(most)).filter(|budget| *budget >= LEAST),
    }
}

/// Until when work that may be left undone can go on.
pub(super) fn work_until(budget: Duration) -> Instant {
    Instant::now() + budget.saturating_sub(ANSWER_MARGIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::routes::{GET_DEBUG_RUN, PUT_CHAT};

    #[test]
    fn what_lambda_leaves_is_divided_and_never_more_than_the_budget() {
        let now = Timestamp::EPOCH;
        for (deadline, read, write) in [
            (0, Some(3_000), Some(5_000)),
            (349, None, None),
            (350, Some(50), Some(50)),
            (3_200, Some(2_900), Some(2_900)),
            (60_000, Some(3_000), Some(5_000)),
        ] {
            let millis = |route: &Route| budget(route, now, deadline).map(|budget| budget.as_millis());
            assert_eq!((millis(&GET_DEBUG_RUN), millis(&PUT_CHAT)), (read, write), "{deadline}");
        }
    }
}
