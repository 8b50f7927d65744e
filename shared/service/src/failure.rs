//! Why a request failed: the problem that the caller reads, and the cause that only the log reads.
//!
//! They cannot be swapped: a [`Problem`] has no room for a cause, and a cause is a fixed phrase or an error code of
//! AWS's, never a message that could quote a body.

use api::problem::Problem;

/// A problem and, when this service or what it depends on is at fault, the cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// For the caller.
    pub problem: Problem,
    /// For the log.
    pub cause: Option<String>,
}

impl Failure {
    /// DynamoDB or the issuer did not answer; trying again is safe.
    pub fn unavailable(cause: impl Into<String>) -> Self {
        Self { problem: Problem::Unavailable, cause: Some(cause.into()) }
    }

    /// A fault of this service.
    pub fn internal(cause: impl Into<String>) -> Self {
        Self { problem: Problem::Internal, cause: Some(cause.into()) }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { problem, cause: None }
    }
}
