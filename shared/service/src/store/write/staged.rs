//! Writes whose content is staged first: what became of them, and what is emptied then.

use super::super::{
    change::Change,
    content::staging::{EMPTYING_MARGIN, Unnamed},
    errors::{Cancellation, WriteError},
    item::Undecodable,
    records::intent::Intent,
    table::Store,
};
use crate::{failure::Failure, metrics::LeftBehind};
use api::{
    ids::{ChatId, RunId},
    problem::Problem,
};
use tokio::time::{Instant, timeout_at};

/// Why a write that was staged is not known to be done.
#[derive(Debug)]
pub(super) enum StagedError {
    /// It was refused: no head names what it staged.
    Refused(Failure),
    /// No answer came to what would have named it: it may be done, so what it staged stays.
    Unknown(Failure),
}

impl From<StagedError> for Failure {
    fn from(error: StagedError) -> Self {
        match error {
            StagedError::Refused(failure) | StagedError::Unknown(failure) => failure,
        }
    }
}

impl From<WriteError> for StagedError {
    fn from(error: WriteError) -> Self {
        // The request was sent and may have been applied. Only a failed condition proves that it was not. A conflict
        // may be with our own first attempt.
        let is_refused = match &error {
            WriteError::Condition => true,
            WriteError::Cancelled(reasons) => reasons.iter().any(|it| matches!(it, Cancellation::Condition(_))),
            WriteError::Failure(_) => false,
        };
        if is_refused { Self::Refused(error.into()) } else { Self::Unknown(error.into()) }
    }
}

/// What fails before it is sent is not done.
impl From<Failure> for StagedError {
    fn from(failure: Failure) -> Self {
        Self::Refused(failure)
    }
}

impl From<Problem> for StagedError {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem.into())
    }
}

impl From<Undecodable> for StagedError {
    fn from(error: Undecodable) -> Self {
        Self::Refused(error.into())
    }
}

impl Store {
    /// Says what is about to be stored, if anything is, ahead of all that confirms it. From then on it is left behind,
    /// unless that is settled.
    pub(super) async fn intend(&self, intent: Option<&Intent>) -> Result<Option<LeftBehind>, Failure> {
        let Some(intent) = intent else { return Ok(None) };
        self.put(intent.item(), Change::default()).await?;
        Ok(Some(LeftBehind::unless_settled()))
    }

    /// Ends a write that was staged: what nothing names (any more) is emptied before the answer.
    ///
    /// If the outcome is unknown, it is kept, unless chat or run is deleted: then nothing can ever refer to them.
    /// `left` counts leftovers if the request ends early; what is left is found by `intent`.
    pub(super) async fn end_staged<T>(
        &self,
        of: (ChatId, RunId),
        written: Result<T, StagedError>,
        unnamed: Vec<Unnamed>,
        intent: Option<&Intent>,
        left: Option<LeftBehind>,
        until: Instant,
    ) -> Result<T, Failure> {
        let is_known = !matches!(written, Err(StagedError::Unknown(_)));
        if !is_known && !self.is_gone(of).await.unwrap_or(false) {
            return Ok(written?);
        }
        let is_empty = self.empty(unnamed, until).await;
        // What was sent without an answer may still come: then the intent stays, and a sweep looks again.
        if is_known {
            left.into_iter().for_each(LeftBehind::settled);
            if is_empty && let Some(intent) = intent {
                // If it stays, a sweep finds nothing, and forgets it.
                let _ = timeout_at(until + EMPTYING_MARGIN, self.transact(vec![intent.purged()])).await;
            }
        }
        Ok(written?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_condition_says_that_a_write_is_not_done() {
        use Cancellation::{Busy, Condition, None};
        let is_refused = |error: WriteError| matches!(StagedError::from(error), StagedError::Refused(_));
        assert!(is_refused(WriteError::Condition));
        assert!(is_refused(WriteError::Cancelled(vec![None, Busy, Condition(Option::None)])));
        assert!(!is_refused(WriteError::Cancelled(vec![None, Busy])));
        assert!(!is_refused(WriteError::Failure(Failure::unavailable("TransactWriteItems: timeout"))));
    }
}
