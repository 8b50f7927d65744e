//! How often something is tried again, and how long is waited before. The one policy for what DynamoDB is busy with:
//! items that other writers hold, and what a batch leaves out.
//!
//! Errors of single requests, throttling among them, are retried by the SDK. Here each wait is random within a window
//! that doubles ("full jitter"), so that writers that met once do not meet again. At a request's deadline its future is
//! dropped, waits included; a caller that must still clean up uses [`Tries::until`].

use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The window of the first wait.
const FIRST_WINDOW: Duration = Duration::from_millis(32);
/// The longest window of [`Tries::most`]: on the whole they wait 1.5 to 2 seconds, which a throttled table may need.
const LONGEST_WINDOW: Duration = Duration::from_millis(1_024);
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
    left: u32,
    until: Option<Instant>,
}

impl Tries {
    /// At most so many tries.
    pub(super) const fn most(tries: u32) -> Self {
        Self { window: Duration::ZERO, longest_window: LONGEST_WINDOW, left: tries, until: None }
    }

    /// As many tries as begin before then.
    pub(super) const fn until(until: Instant) -> Self {
        let until = Some(until);
        Self { window: Duration::ZERO, longest_window: LONGEST_WINDOW_UNTIL, left: u32::MAX, until }
    }

    /// Waits for the next try, the first of which is at once. `false` when none is left.
    pub(super) async fn next(&mut self) -> bool {
        let Some(window) = self.next_window() else { return false };
        if !window.is_zero() {
            sleep(jitter(window)).await;
        }
        self.until.is_none_or(|until| Instant::now() < until)
    }

    /// The window of the wait before the next try, zero before the first. None when no try is left.
    fn next_window(&mut self) -> Option<Duration> {
        self.left = self.left.checked_sub(1)?;
        let window = self.window;
        self.window = if window.is_zero() { FIRST_WINDOW } else { (window * 2).min(self.longest_window) };
        Some(window)
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

    fn windows(mut tries: Tries, most: usize) -> Vec<u128> {
        std::iter::from_fn(|| tries.next_window()).take(most).map(|window| window.as_millis()).collect()
    }

    #[test]
    fn windows_double_up_to_the_longest() {
        assert_eq!(windows(Tries::most(BATCH_TRIES), 10), [0, 32, 64, 128, 256, 512, 1_024, 1_024]);
        assert_eq!(windows(Tries::until(Instant::now()), 6), [0, 32, 64, 64, 64, 64]);
    }

    #[test]
    fn the_first_try_is_at_once_and_the_last_is_followed_by_none() {
        let mut once = Tries::most(1);
        assert_eq!(once.next().now_or_never(), Some(true));
        assert_eq!(once.next().now_or_never(), Some(false));
    }

    #[test]
    fn a_deadline_ends_the_tries() {
        assert_eq!(Tries::until(Instant::now()).next().now_or_never(), Some(false));
        let later = Instant::now() + Duration::from_hours(1);
        assert_eq!(Tries::until(later).next().now_or_never(), Some(true));
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
