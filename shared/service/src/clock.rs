//! The only source of "now". Tests move it, so that nothing ever sleeps.

use api::time::Timestamp;
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

/// The system's clock, and how far a test moved it; its clones move with it.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    moved_micros: Arc<AtomicI64>,
}

impl Clock {
    /// Now.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the system")]
    pub fn now(&self) -> Timestamp {
        let micros = chrono::Utc::now().timestamp_micros() + self.moved_micros.load(Ordering::Relaxed);
        // A clock outside 1970 to 9999 is no clock, and at the earliest moment no token is valid that says when it was
        // made.
        Timestamp::from_micros(micros).unwrap_or(Timestamp::EPOCH)
    }

    /// Moves the clock forward, for tests.
    pub fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.moved_micros.fetch_add(micros, Ordering::Relaxed);
    }
}

/// How long it is from `now` to Lambda's deadline, in milliseconds since 1970. One that lies in the past, as local
/// emulators send it, is unknown.
pub(crate) fn time_until(deadline: u64, now: Timestamp) -> Option<Duration> {
    let now = u64::try_from(now.millis()).unwrap_or_default();
    deadline.checked_sub(now).filter(|left| *left > 0).map(Duration::from_millis)
}
