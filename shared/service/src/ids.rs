//! The only source of new ids.

use api::{
    ids::{KeyId, RunId},
    time::Timestamp,
};
use uuid::{NoContext, Uuid};

/// A new id for a run that starts then. Ids sort as their starts do.
pub(crate) fn run_started_at(start: Timestamp) -> RunId {
    RunId::from_uuid(v7(start))
}

/// A new id for a recorder key that is made now.
pub fn key_made_at(now: Timestamp) -> KeyId {
    KeyId::from_uuid(v7(now))
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that makes ids")]
fn v7(at: Timestamp) -> Uuid {
    let millis = at.millis().unsigned_abs();
    let (seconds, nanos) = (millis / 1_000, millis % 1_000 * 1_000_000);
    let nanos = u32::try_from(nanos).unwrap_or_default();
    Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, nanos))
}

/// The name of one attempt to write: chunks of different attempts never mix.
/// The default is nobody's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteId(String);

impl WriteId {
    /// A fresh one.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that makes ids")]
    pub fn random() -> Self {
        Self(Uuid::new_v4().simple().to_string())
    }

    /// One that was stored.
    pub(crate) fn read(stored: impl Into<String>) -> Self {
        Self(stored.into())
    }

    /// As it is stored.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
