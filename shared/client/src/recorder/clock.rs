//! Time inside a turn: the system's at its start, then a clock that nobody sets.

use api::{ids::RunId, time::Timestamp};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

#[derive(Clone, Copy)]
pub(crate) struct Clock {
    wall: Timestamp,
    start: Instant,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "a chat product's process has no service::clock")]
    pub(crate) fn start() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let wall = i64::try_from(since.as_micros()).ok().and_then(Timestamp::from_micros);
        Self { wall: wall.unwrap_or(Timestamp::EPOCH), start: Instant::now() }
    }

    pub(crate) fn started_at(&self) -> Timestamp {
        self.wall
    }

    pub(crate) fn at(&self, moment: Instant) -> Timestamp {
        let passed = i64::try_from(moment.saturating_duration_since(self.start).as_micros()).unwrap_or(i64::MAX);
        Timestamp::from_micros(self.wall.micros().saturating_add(passed)).unwrap_or(self.wall)
    }

    /// An id for what starts here.
    pub(crate) fn run_id(&self) -> RunId {
        let random = std::array::from_fn(|_| fastrand::u8(..));
        let millis = u64::try_from(self.wall.millis()).unwrap_or_default();
        RunId::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }
}
