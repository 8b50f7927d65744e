//! Every 15 minutes: what a write stored and never confirmed is purged, an hour after it began.

use service::{failure::Failure, job::JobApp, store::Swept};
use tokio::time::Instant;

/// Purges what intents name that are old enough, as many as there is time for.
pub async fn handle(app: &'static JobApp, until: Instant) -> Result<Swept, Failure> {
    app.store.sweep(app.clock.now(), until).await
}
