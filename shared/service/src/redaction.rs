//! What is never stored, and how much of it a request brought.
//!
//! The store records nothing but what was [redacted](App::redacted):
//!
//! ```
//! # use api::{run::UpdateRun, time::Timestamp};
//! # use service::{app::App, store::{Patch, RunRecord}};
//! # fn patch(app: &App, body: UpdateRun, run: RunRecord, now: Timestamp) -> Patch {
//! Patch::of(app.redacted(body), run, now)
//! # }
//! ```
//!
//! As it was sent it does not take it:
//!
//! ```compile_fail,E0308
//! # use api::{run::UpdateRun, time::Timestamp};
//! # use service::{app::App, store::{Patch, RunRecord}};
//! # fn patch(app: &App, body: UpdateRun, run: RunRecord, now: Timestamp) -> Patch {
//! Patch::of(body, run, now)
//! # }
//! ```

pub use redact::{Places, Redacted, Rules};

use crate::{app::App, metrics::count};

impl App {
    /// Takes the credentials out of a body that is to be stored, and counts them for the request under way.
    pub fn redacted<T: Places>(&self, body: T) -> Redacted<T> {
        let redacted = Redacted::of(body, &self.rules);
        count(|counts| {
            for (rule, found) in redacted.receipt().by_rule() {
                let count = counts.redacted.entry(rule).or_default();
                *count = count.saturating_add(found);
            }
        });
        redacted
    }
}
