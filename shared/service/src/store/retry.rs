//! How often something is tried again, and how long is waited before. The one policy for what DynamoDB is busy with:
//! items that other writers hold, and what a batch leaves out.
//!
//! Errors of single requests, throttling among them, are retried by the SDK. Here each wait is random within a window
//! that doubles ("full jitter"), so that writers that met once do not meet again. A request's deadline drops whatever
//! still waits; who answers differently then takes [`Tries::until`].

use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The window of the first wait.
const FIRST_WINDOW: Duration = Duration::from_millis(16);
/// The longest window of [`Tries::most`].
const LONGEST_WINDOW: Duration = Duration::from_millis(512);
/// The longest window of [`Tries::until`]: about as long as the other writer takes.
const LONGEST_WINDOW_UNTIL: Duration = Duration::from_millis(64);
/// The most tries of a batch that leaves something out.
pub(super) const BATCH_TRIES: u32 = 8;
/// The most tries of a transaction that meets other writers.
pub(super) const TRANSACTION_TRIES: u32 = 9;

/// Tries of something that may have to be done again.
#[derive(Debug)]
pub(super) struct Tries {
    window: Duration,
    longest_window: Duration,
    is_first: bool,
    left: u32,
    until: Option<Instant>,
}

impl Tries {
    /// At most so many tries.
    pub(super) const fn most(tries: u32) -> Self {
        Self { window: FIRST_WINDOW, longest_window: LONGEST_WINDOW, is_first: true, left: tries, until: None }
    }

    /// As many tries as begin before then.
    pub(super) const fn until(until: Instant) -> Self {
        let until = Some(until);
        Self { window: FIRST_WINDOW, longest_window: LONGEST_WINDOW_UNTIL, is_first: true, left: u32::MAX, until }
    }

    /// Waits for the next try, the first of which is at once. `false` when none is left.
    pub(super) async fn next(&mut self) -> bool {
        if !self.is_first && self.left > 0 {
            sleep(jitter(self.window)).await;
            self.window = (self.window * 2).min(self.longest_window);
        }
        self.is_first = false;
        let is_left = self.left > 0 && self.until.is_none_or(|until| Instant::now() < until);
        self.left = self.left.saturating_sub(1);
        is_left
    }
}

/// A random time within a window.
fn jitter(window: Duration) -> Duration {
    window.mul_f64(fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    async fn count(mut tries: Tries) -> u32 {
        let mut count = 0;
        while tries.next().await {
            count += 1;
        }
        count
    }

    #[tokio::test]
    async fn the_first_try_is_at_once_and_the_last_ends_in_time() {
        assert_eq!(Tries::most(1).next().now_or_never(), Some(true));
        let begin = Instant::now();
        assert_eq!(count(Tries::most(BATCH_TRIES)).await, BATCH_TRIES);
        // Windows of 16, 32, 64, 128, 256, 512 and 512 ms.
        assert!(begin.elapsed() < Duration::from_millis(1_520 + 200));
    }

    #[tokio::test]
    async fn a_deadline_ends_the_tries() {
        assert_eq!(count(Tries::until(Instant::now())).await, 0);
        let begin = Instant::now();
        assert!(count(Tries::until(begin + Duration::from_millis(100))).await > 1);
        assert!(begin.elapsed() < Duration::from_millis(100) + LONGEST_WINDOW_UNTIL + Duration::from_millis(100));
    }

    #[test]
    fn waits_differ_and_stay_in_their_window() {
        let waits: Vec<_> = (0..100).map(|_| jitter(LONGEST_WINDOW)).collect();
        assert!(waits.iter().all(|wait| *wait < LONGEST_WINDOW));
        assert!(
            waits.iter().any(|wait| *wait < LONGEST_WINDOW / 4) && waits.iter().any(|wait| *wait > LONGEST_WINDOW / 2)
        );
    }
}
