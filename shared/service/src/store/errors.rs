//! What the SDK's errors mean. An error is told by its code alone: its `Debug` would print bodies.

use super::item::Item;
use crate::failure::Failure;
use aws_sdk_dynamodb::{
    error::{BuildError, ProvideErrorMetadata, SdkError},
    operation::{put_item::PutItemError, transact_write_items::TransactWriteItemsError},
    types::CancellationReason,
};

/// Why a write failed, for callers that branch on it.
#[derive(Debug)]
pub(super) enum WriteError {
    /// The condition failed.
    Condition,
    /// The transaction was cancelled; what each of its items says about that, in their order.
    Cancelled(Vec<Cancellation>),
    /// Everything else.
    Failure(Failure),
}

/// What one item of a transaction says about its cancellation.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cancellation {
    /// Nothing: another item cancelled it.
    None,
    /// Its condition failed; the existing item, if there is one and it was asked for.
    Condition(Option<Item>),
    /// Another write holds it, or it was throttled: trying again is right.
    Busy,
    /// Anything else.
    Other,
}

impl WriteError {
    /// Whether a transaction met other writers, and no condition failed.
    pub(super) fn is_busy(&self) -> bool {
        let is_busy = |reason: &Cancellation| matches!(reason, Cancellation::None | Cancellation::Busy);
        matches!(self, Self::Cancelled(reasons) if reasons.contains(&Cancellation::Busy) && reasons.iter().all(is_busy))
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Failure(failure) => failure,
            WriteError::Condition => Self::internal("unexpected condition"),
            WriteError::Cancelled(reasons) if reasons.contains(&Cancellation::Busy) => {
                Self::unavailable("transaction conflict")
            }
            WriteError::Cancelled(_) => Self::internal("unexpected cancellation"),
        }
    }
}

impl From<&CancellationReason> for Cancellation {
    fn from(reason: &CancellationReason) -> Self {
        match reason.code() {
            None | Some("None") => Self::None,
            Some("ConditionalCheckFailed") => Self::Condition(existing(reason.item())),
            Some("TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded") => Self::Busy,
            Some(_) => Self::Other,
        }
    }
}

/// For `map_err` of a builder: a member is missing, which is a mistake in this folder.
pub(super) fn incomplete(_: BuildError) -> Failure {
    Failure::internal("request lacks a member")
}

/// For `map_err` of a call, which the log names.
pub(super) fn call_failure<E: ProvideErrorMetadata, R>(call: &str) -> impl FnOnce(SdkError<E, R>) -> Failure {
    move |error| failure(call, &error)
}

/// For `map_err` of a write on a condition, whose failure is told apart.
pub(super) fn write_error<E: Conditional, R>(call: &str) -> impl FnOnce(SdkError<E, R>) -> WriteError {
    move |error| match error.as_service_error().and_then(Conditional::refusal) {
        Some(refusal) => refusal,
        None => WriteError::Failure(failure(call, &error)),
    }
}

fn failure<E: ProvideErrorMetadata, R>(call: &str, error: &SdkError<E, R>) -> Failure {
    let code = error.code().unwrap_or(match error {
        SdkError::TimeoutError(_) => "timeout",
        SdkError::DispatchFailure(_) => "no connection",
        SdkError::ResponseError(_) => "unreadable answer",
        SdkError::ServiceError(_) => "error without code",
        _ => "not sent",
    });
    let cause = format!("{call}: {code}");
    match code {
        // Ours to mend: a retry will not help.
        "ValidationException"
        | "ItemCollectionSizeLimitExceededException"
        | "IdempotentParameterMismatchException"
        | "SerializationException"
        | "not sent" => Failure::internal(cause),
        // Everything else is the store not answering: throttled, unreachable, unauthorised or missing.
        _ => Failure::unavailable(cause),
    }
}

/// An error that may be a condition's failure.
pub(super) trait Conditional: ProvideErrorMetadata {
    /// The refusal, if it is one.
    fn refusal(&self) -> Option<WriteError>;
}

fn existing(item: Option<&Item>) -> Option<Item> {
    item.filter(|item| !item.is_empty()).cloned()
}

impl Conditional for PutItemError {
    fn refusal(&self) -> Option<WriteError> {
        match self {
            Self::ConditionalCheckFailedException(_) => Some(WriteError::Condition),
            _ => None,
        }
    }
}

impl Conditional for TransactWriteItemsError {
    fn refusal(&self) -> Option<WriteError> {
        match self {
            Self::TransactionCanceledException(cancelled) => {
                Some(WriteError::Cancelled(cancelled.cancellation_reasons().iter().map(Cancellation::from).collect()))
            }
            Self::TransactionInProgressException(_) => Some(WriteError::Cancelled(vec![Cancellation::Busy])),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_is_tried_again_when_it_met_other_writers_alone() {
        use Cancellation::{Busy, Condition, None, Other};
        for (reasons, is_busy) in [
            (vec![Busy], true),
            (vec![None, Busy, Busy], true),
            (vec![None], false),
            (vec![Busy, Condition(Option::None)], false),
            (vec![Other, Busy], false),
        ] {
            assert_eq!(WriteError::Cancelled(reasons.clone()).is_busy(), is_busy, "{reasons:?}");
        }
        assert!(!WriteError::Condition.is_busy());
        assert!(!WriteError::Failure(Failure::unavailable("PutItem: timeout")).is_busy());
    }
}
