//! What is never stored, and how much of it a request brought.
//!
//! The store records nothing but what was [`redacted`]:
//!
//! ```
//! # use api::{run::UpdateRun, time::Timestamp};
//! # use service::{redact::redacted, store::{Patch, RunRecord}};
//! # fn patch(body: UpdateRun, run: RunRecord, now: Timestamp) -> Patch {
//! Patch::of(redacted(body), run, now)
//! # }
//! ```
//!
//! As it was sent it does not take it:
//!
//! ```compile_fail,E0308
//! # use api::{run::UpdateRun, time::Timestamp};
//! # use service::{redact::redacted, store::{Patch, RunRecord}};
//! # fn patch(body: UpdateRun, run: RunRecord, now: Timestamp) -> Patch {
//! Patch::of(body, run, now)
//! # }
//! ```

pub use ::redact::{Places, Redacted};

use crate::metrics::count;

/// Takes the credentials out of a body, and counts them for the request under way.
pub fn redacted<T: Places>(body: T) -> Redacted<T> {
    let redacted = Redacted::of(body);
    count(|counts| {
        for (rule, found) in redacted.receipt().by_rule() {
            let count = counts.redacted.entry(rule).or_default();
            *count = count.saturating_add(found);
        }
    });
    redacted
}
