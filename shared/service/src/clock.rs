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
        // A clock outside 1970 to 9999 is no clock; the earliest moment keeps every comparison strict.
        Timestamp::from_micros(micros).unwrap_or(Timestamp::EPOCH)
    }

    /// Moves the clock forward, for tests.
    pub fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.moved_micros.fetch_add(micros, Ordering::Relaxed);
    }
}
