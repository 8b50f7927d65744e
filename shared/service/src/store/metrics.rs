//! Counts what is sent to DynamoDB and what it costs, whichever call it is.
//!
//! It sits in the client, so no call can forget it. It reads numbers and error codes, never items.

use crate::metrics::count;
use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{
            BeforeSerializationInterceptorContextMut, BeforeTransmitInterceptorContextRef,
            FinalizerInterceptorContextRef,
        },
    },
    error::{BoxError, ProvideErrorMetadata},
    operation::{
        batch_get_item::{BatchGetItemError, BatchGetItemInput, BatchGetItemOutput},
        batch_write_item::{BatchWriteItemError, BatchWriteItemInput, BatchWriteItemOutput},
        get_item::{GetItemError, GetItemInput, GetItemOutput},
        put_item::{PutItemError, PutItemInput, PutItemOutput},
        query::{QueryError, QueryInput, QueryOutput},
        transact_write_items::{TransactWriteItemsError, TransactWriteItemsInput, TransactWriteItemsOutput},
    },
    types::{CancellationReason, ConsumedCapacity, ReturnConsumedCapacity},
};
use aws_smithy_runtime_api::client::interceptors::context::{Error, Output};

/// Codes that say that too much was asked for.
const THROTTLED: [&str; 5] = [
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "ThrottlingError",
];

/// Hooks into every call of the client.
#[derive(Debug)]
pub(super) struct CallMetrics;

impl Intercept for CallMetrics {
    fn name(&self) -> &'static str {
        "CallMetrics"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input_mut();
        let total = Some(ReturnConsumedCapacity::Total);
        if let Some(input) = input.downcast_mut::<GetItemInput>() {
            input.return_consumed_capacity = total;
        } else if let Some(input) = input.downcast_mut::<BatchGetItemInput>() {
            input.return_consumed_capacity = total;
        } else if let Some(input) = input.downcast_mut::<QueryInput>() {
            input.return_consumed_capacity = total;
        } else if let Some(input) = input.downcast_mut::<PutItemInput>() {
            input.return_consumed_capacity = total;
        } else if let Some(input) = input.downcast_mut::<BatchWriteItemInput>() {
            input.return_consumed_capacity = total;
        } else if let Some(input) = input.downcast_mut::<TransactWriteItemsInput>() {
            input.return_consumed_capacity = total;
        }
        Ok(())
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        count(|counts| counts.round_trips += 1);
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match context.output_or_error() {
            Some(Ok(output)) => {
                let (read, written) = (read_units(output), write_units(output));
                count(|counts| {
                    counts.read_units += read;
                    counts.write_units += written;
                    counts.throttled += u32::from(is_short(output));
                });
            }
            Some(Err(error)) if error.as_operation_error().is_some_and(is_throttled) => {
                count(|counts| counts.throttled += 1);
            }
            _ => {}
        }
        Ok(())
    }
}

fn read_units(output: &Output) -> f64 {
    if let Some(answer) = output.downcast_ref::<GetItemOutput>() {
        units(answer.consumed_capacity.as_slice())
    } else if let Some(answer) = output.downcast_ref::<BatchGetItemOutput>() {
        units(answer.consumed_capacity())
    } else if let Some(answer) = output.downcast_ref::<QueryOutput>() {
        units(answer.consumed_capacity.as_slice())
    } else {
        0.0
    }
}

fn write_units(output: &Output) -> f64 {
    if let Some(answer) = output.downcast_ref::<PutItemOutput>() {
        units(answer.consumed_capacity.as_slice())
    } else if let Some(answer) = output.downcast_ref::<BatchWriteItemOutput>() {
        units(answer.consumed_capacity())
    } else if let Some(answer) = output.downcast_ref::<TransactWriteItemsOutput>() {
        units(answer.consumed_capacity())
    } else {
        0.0
    }
}

fn units(consumed: &[ConsumedCapacity]) -> f64 {
    consumed.iter().filter_map(|of_table| of_table.capacity_units).sum()
}

/// A batch that is throttled leaves something out.
fn is_short(output: &Output) -> bool {
    let reads = output.downcast_ref::<BatchGetItemOutput>().and_then(BatchGetItemOutput::unprocessed_keys);
    let writes = output.downcast_ref::<BatchWriteItemOutput>().and_then(BatchWriteItemOutput::unprocessed_items);
    reads.is_some_and(|left| !left.is_empty()) || writes.is_some_and(|left| !left.is_empty())
}

/// A transaction says it item by item.
fn is_throttled(error: &Error) -> bool {
    let cancelled = match error.downcast_ref() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => cancelled.cancellation_reasons(),
        _ => &[],
    };
    let mut codes = cancelled.iter().filter_map(CancellationReason::code).chain(code(error));
    codes.any(|code| THROTTLED.contains(&code))
}

fn code(error: &Error) -> Option<&str> {
    None.or_else(|| error.downcast_ref::<GetItemError>()?.code())
        .or_else(|| error.downcast_ref::<BatchGetItemError>()?.code())
        .or_else(|| error.downcast_ref::<QueryError>()?.code())
        .or_else(|| error.downcast_ref::<PutItemError>()?.code())
        .or_else(|| error.downcast_ref::<BatchWriteItemError>()?.code())
        .or_else(|| error.downcast_ref::<TransactWriteItemsError>()?.code())
}
