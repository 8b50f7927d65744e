//! A job's `main`: a tick of a schedule in, a line in the log out. There is no caller and no answer.
//!
//! It knows the time and the table, and nothing of callers: what is wrong with their sign-in stops no job.
//!
//! A job does bounded work a tick, is safe twice at once, and says what it did and what is left. A tick that failed is
//! an error of its function's, which rings.

pub use lambda_runtime::Error;

use crate::{
    app::{Misconfigured, TableConfig, started},
    clock::{Clock, time_until},
    failure::Failure,
    metrics::counted,
    store::Store,
    telemetry::{self, JobLine},
};
use api::{jobs::Job, time::Timestamp};
use futures_util::FutureExt;
use lambda_runtime::{Context, LambdaEvent, service_fn};
use serde::{Serialize, de::IgnoredAny};
use std::{future::Future, panic::AssertUnwindSafe, time::Duration};
use tokio::time::{Instant, timeout};

/// The most time for a tick.
const BUDGET: Duration = Duration::from_secs(50);
/// Kept of Lambda's deadline, to say what was done.
const MARGIN: Duration = Duration::from_secs(2);

/// Everything that a job needs.
pub struct JobApp {
    /// Now.
    pub clock: Clock,
    /// The table.
    pub store: Store,
}

impl JobApp {
    fn from_env() -> Result<Self, Misconfigured> {
        let (table, clock) = (TableConfig::from_env()?, Clock::default());
        Ok(Self { store: Store::connect(table.endpoint, table.name, clock.clone()), clock })
    }
}

/// A job's `main`: everything is made once, then ticks are done one at a time. `handle` is given until when work that
/// may be left for the next tick can go on.
///
/// # Errors
///
/// When the environment lacks what the function needs, or Lambda's runtime ends.
pub async fn serve<T, F>(job: &'static Job, handle: fn(&'static JobApp, Instant) -> F) -> Result<(), Error>
where
    T: Serialize,
    F: Future<Output = Result<T, Failure>> + Send + 'static,
{
    let app = started(job.name, JobApp::from_env)?;
    let service = service_fn(move |event: LambdaEvent<IgnoredAny>| async move {
        let line = tick(job, app, handle, &event.context).await;
        telemetry::log(&line);
        if line.has_failed() { Err(Error::from("the tick failed; its line in the log says why")) } else { Ok(()) }
    });
    lambda_runtime::run(service).await
}

/// One tick, whatever happens, and the line about it.
pub async fn tick<T, F>(
    job: &'static Job,
    app: &'static JobApp,
    handle: fn(&'static JobApp, Instant) -> F,
    context: &Context,
) -> JobLine<T>
where
    F: Future<Output = Result<T, Failure>> + Send + 'static,
{
    let (began, budget) = (Instant::now(), budget(app.clock.now(), context.deadline));
    let done = AssertUnwindSafe(Box::pin(handle(app, began + budget))).catch_unwind();
    let (done, counts) = counted(async {
        match timeout(budget + MARGIN / 2, done).await {
            Ok(done) => done.unwrap_or_else(|_panic| Err(Failure::internal("panic"))),
            Err(_elapsed) => Err(Failure::unavailable("deadline")),
        }
    })
    .await;
    JobLine::new(job, began, &context.request_id, done, &counts)
}

/// How long a tick may work. `deadline` is Lambda's.
fn budget(now: Timestamp, deadline: u64) -> Duration {
    time_until(deadline, now).map_or(BUDGET, |left| left.saturating_sub(MARGIN).min(BUDGET))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_ends_before_lambda_ends_it() {
        for (deadline, seconds) in [(0, 50), (1_000, 0), (60_000, 50), (10_000, 8)] {
            assert_eq!(budget(Timestamp::EPOCH, deadline), Duration::from_secs(seconds), "{deadline}");
        }
    }
}
