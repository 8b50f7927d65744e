//! One log line a request or a job's tick: what was asked, how it ended, what it cost. Never what was in it.
//!
//! A line is JSON for Logs Insights of `CloudWatch`, and carries metrics in its embedded metric format: one set for the
//! stack and one for the operation. Every text in it is a fixed phrase, an error code or an id of the request.

use crate::{clock::Clock, failure::Failure, metrics::Counts};
use api::{jobs::Job, routes::Route};
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fmt::Display,
    io::{self, Write},
    sync::atomic::{AtomicBool, Ordering},
};
use tokio::time::Instant;

/// Whether this process has answered before.
static IS_WARM: AtomicBool = AtomicBool::new(false);

/// A request, when it comes.
pub(crate) struct RequestInfo {
    pub(crate) began: Instant,
    /// Lambda's id.
    pub(crate) request_id: String,
    pub(crate) correlation_id: CorrelationId,
}

/// The caller's own id of a request: what is sent back, and what the log may hold.
#[derive(Default)]
pub(crate) struct CorrelationId {
    pub(crate) echoed: Option<String>,
    pub(crate) logged: Option<String>,
}

/// A request, when it is over.
#[derive(Debug, Serialize)]
pub struct Line {
    /// `info`, or `error` for faults that somebody has to look at.
    level: &'static str,
    /// The route's operation.
    operation: &'static str,
    /// The HTTP status of the answer.
    status: u16,
    /// Which problem it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'static str>,
    /// Its cause: a fixed phrase or an error code.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    /// From the event, once it is read, to the answer.
    duration_ms: f64,
    /// Whether this was the process's first request.
    cold_start: bool,
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<String>,
    /// Requests to DynamoDB, retries included, and what it bills for them.
    round_trips: u32,
    read_units: f64,
    /// The most read units that cancelled reads may be billed.
    #[serde(skip_serializing_if = "is_zero")]
    cancelled_read_units: f64,
    write_units: f64,
    /// Whether something was left behind that should be gone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    left_behind: bool,
    /// Values that were redacted, by the names of the rules.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    redacted: BTreeMap<&'static str, u32>,
    #[serde(flatten)]
    metrics: Option<Metrics>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it so")]
fn is_zero(units: &f64) -> bool {
    *units == 0.0
}

/// What happened often enough to count: the members above zero, and the directive that makes metrics of them.
#[derive(Debug, Serialize)]
struct Metrics {
    #[serde(rename = "_aws")]
    directive: Value,
    #[serde(flatten)]
    counts: serde_json::Map<String, Value>,
}

impl Line {
    pub(crate) fn new(
        route: &Route,
        info: RequestInfo,
        status: u16,
        failure: Option<Failure>,
        counts: Counts,
        namespace: Option<&str>,
    ) -> Self {
        Self {
            level: if status >= 500 { "error" } else { "info" },
            operation: route.operation,
            status,
            problem: failure.as_ref().map(|failure| failure.problem.row().slug),
            cause: failure.and_then(|failure| failure.cause),
            duration_ms: millis(info.began),
            cold_start: !IS_WARM.swap(true, Ordering::Relaxed),
            request_id: info.request_id,
            correlation_id: info.correlation_id.logged,
            round_trips: counts.round_trips,
            read_units: counts.read_units,
            cancelled_read_units: counts.cancelled_read_units,
            write_units: counts.write_units,
            left_behind: counts.left_behind > 0,
            metrics: namespace.and_then(|namespace| Metrics::of(status, &counts, namespace)),
            redacted: counts.redacted,
        }
    }
}

impl Metrics {
    /// None when there is nothing to count, since each metric costs.
    fn of(status: u16, counts: &Counts, namespace: &str) -> Option<Self> {
        let all = [
            ("InternalErrors", u32::from(status == 500)),
            ("Recorded", counts.recorded),
            ("RefusedByPolicy", counts.refused),
            ("RedactedValues", counts.redacted.values().fold(0, |all: u32, count| all.saturating_add(*count))),
            ("StoreThrottles", counts.throttled),
            ("LeftBehind", counts.left_behind),
        ];
        let counts: serde_json::Map<_, _> = all
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| (name.to_owned(), json!(count)))
            .collect();
        if counts.is_empty() {
            return None;
        }
        let metrics: Vec<_> = counts.keys().map(|name| json!({"Name": name, "Unit": "Count"})).collect();
        let directive = json!({
            "Timestamp": Clock::default().now().millis(),
            "CloudWatchMetrics": [{"Namespace": namespace, "Dimensions": [[], ["operation"]], "Metrics": metrics}],
        });
        Some(Self { directive, counts })
    }
}

/// A job's tick, when it is over.
#[derive(Debug, Serialize)]
pub struct JobLine<T> {
    /// `info`, or `error` when the tick failed.
    level: &'static str,
    /// The job's name.
    operation: &'static str,
    /// Why it failed: a fixed phrase or an error code.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    duration_ms: f64,
    request_id: String,
    /// Requests to DynamoDB, retries included, and what it bills for them.
    round_trips: u32,
    read_units: f64,
    write_units: f64,
    /// What it did, and what is left.
    #[serde(flatten)]
    done: Option<T>,
}

impl<T> JobLine<T> {
    pub(crate) fn new(job: &Job, began: Instant, request_id: &str, done: Result<T, Failure>, counts: &Counts) -> Self {
        let (done, failure) = match done {
            Ok(done) => (Some(done), None),
            Err(failure) => (None, Some(failure)),
        };
        Self {
            level: if failure.is_some() { "error" } else { "info" },
            operation: job.name,
            cause: failure.map(|failure| failure.cause.unwrap_or_else(|| failure.problem.row().slug.to_owned())),
            duration_ms: millis(began),
            request_id: request_id.to_owned(),
            round_trips: counts.round_trips,
            read_units: counts.read_units,
            write_units: counts.write_units,
            done,
        }
    }

    /// Whether the tick failed.
    pub const fn has_failed(&self) -> bool {
        self.done.is_none()
    }

    /// What it did, unless it failed.
    pub const fn done(&self) -> Option<&T> {
        self.done.as_ref()
    }
}

fn millis(began: Instant) -> f64 {
    f64::from(u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX)) / 1_000.0
}

/// Writes the line where Lambda collects it.
pub fn log(line: &impl Serialize) {
    if let Ok(json) = serde_json::to_string(line) {
        // `println!` panics when nobody reads, and an answer is worth more than its line.
        let _ = writeln!(io::stdout(), "{json}");
    }
}

/// Says why a function does not start.
pub(crate) fn log_start(operation: &'static str, cause: &impl Display) {
    log(&json!({"level": "error", "operation": operation, "cause": cause.to_string()}));
}

/// Says where a panic was, and nothing of its message, which may quote what was handled.
pub(crate) fn log_panics(operation: &'static str) {
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string);
        log(&json!({"level": "error", "operation": operation, "cause": "panic", "place": place}));
    }));
}
