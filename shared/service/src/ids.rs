//! The only source of new ids.

use api::{ids::RunId, time::Timestamp};
use std::fmt;
use uuid::{NoContext, Uuid};

/// A new id for a run that starts then. Ids sort as their starts do.
pub fn run_started_at(start: Timestamp) -> RunId {
    let millis = start.millis().unsigned_abs();
    let (seconds, nanos) = (millis / 1_000, millis % 1_000 * 1_000_000);
    let nanos = u32::try_from(nanos).unwrap_or_default();
    RunId::from_uuid(v7(uuid::Timestamp::from_unix(NoContext, seconds, nanos)))
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that makes ids")]
fn v7(at: uuid::Timestamp) -> Uuid {
    Uuid::new_v7(at)
}

/// The name of one attempt to write: chunks of different attempts never mix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteId(pub(crate) String);

impl WriteId {
    /// A fresh one.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that makes ids")]
    pub fn random() -> Self {
        Self(Uuid::new_v4().simple().to_string())
    }
}

impl fmt::Display for WriteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
