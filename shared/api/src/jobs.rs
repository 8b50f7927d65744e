//! The one list of jobs: functions that a schedule starts, and no caller.
//!
//! The name of a job is its folder, its binary and its field in the log, as an operation's is.

/// One job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    /// The job's name.
    pub name: &'static str,
    /// How often it is started, in minutes.
    pub every: u32,
    /// What it does, in a line.
    pub summary: &'static str,
}

/// Purges what was stored for a write that was never confirmed.
pub const SWEEP_STAGED: Job =
    Job { name: "sweep-staged", every: 15, summary: "Purge what a write stored that was never confirmed" };

/// Every job.
pub const JOBS: [&Job; 1] = [&SWEEP_STAGED];
