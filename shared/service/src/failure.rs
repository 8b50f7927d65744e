//! Why a handler gave up: what the caller reads, and beside it what only the log reads.
//!
//! The two cannot be swapped: a [`Problem`] has no room for a cause, and a cause is a fixed phrase
//! or an error code of AWS's, never a message that could quote a body.

use api::problem::Problem;

/// A refusal and, for faults of ours or of what we stand on, its cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// For the caller.
    pub problem: Problem,
    /// For the log.
    pub cause: Option<String>,
}

impl Failure {
    /// Something that we stand on did not answer; trying again is safe.
    pub fn unavailable(cause: impl Into<String>) -> Self {
        Self { problem: Problem::Unavailable, cause: Some(cause.into()) }
    }

    /// A fault of ours.
    pub fn internal(cause: impl Into<String>) -> Self {
        Self { problem: Problem::Internal, cause: Some(cause.into()) }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { problem, cause: None }
    }
}
