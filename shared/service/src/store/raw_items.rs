//! The items of a query's page or of a batch, taken out of the answer as they came.
//!
//! The SDK makes a map of strings of every item, which takes a quarter of a list's instructions. So a hook takes the
//! items out of the answer before the SDK reads it. Signing, retries, errors and the rest of the answer are left to the
//! SDK.

use super::item::Attributes;
use crate::failure::Failure;
use aws_sdk_dynamodb::{
    config::{ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeDeserializationInterceptorContextMut},
    error::BoxError,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::{
    collections::HashMap,
    fmt, mem,
    sync::{Arc, Mutex, PoisonError},
};

/// An item in DynamoDB's JSON.
pub(super) struct RawItem(Bytes);

impl RawItem {
    /// Its attributes, which borrow from it.
    pub(super) fn read(&self) -> Result<Attributes<'_>, Failure> {
        // As text: serde would otherwise check each string for UTF-8 by itself.
        let json = str::from_utf8(&self.0).ok();
        let read = json.and_then(|json| serde_json::from_str(json).ok());
        read.ok_or_else(|| Failure::unavailable("unreadable item"))
    }
}

/// Hooks into one call, and keeps the items of its answer.
#[derive(Clone, Default)]
pub(super) struct RawItems(Arc<Mutex<Vec<RawItem>>>);

impl RawItems {
    /// The items of the answer, once it is there.
    pub(super) fn take(&self) -> Vec<RawItem> {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for RawItems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawItems").finish_non_exhaustive()
    }
}

/// The answer to a query or a batch; what is written of it is what the SDK reads.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'a> {
    /// Of a query.
    #[serde(borrow, skip_serializing)]
    items: Option<Vec<&'a RawValue>>,
    /// Of a batch, by table. We have one.
    #[serde(borrow, skip_serializing)]
    responses: Option<HashMap<String, Vec<&'a RawValue>>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    last_evaluated_key: Option<&'a RawValue>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    unprocessed_keys: Option<&'a RawValue>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    consumed_capacity: Option<&'a RawValue>,
}

impl Intercept for RawItems {
    fn name(&self) -> &'static str {
        "RawItems"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response_mut();
        if !response.status().is_success() {
            return Ok(());
        }
        // The connector in `client` answers with bodies that were read whole.
        let body = response.take_body().collect().now_or_never().ok_or("a body that is not there yet")??.to_bytes();
        let answer: Answer<'_> = serde_json::from_slice(&body)?;
        let items: Vec<_> = match (&answer.items, &answer.responses) {
            (Some(items), None) => items.iter().collect(),
            (None, Some(by_table)) => by_table.values().flatten().collect(),
            // It would pass for one that found nothing.
            _ => return Err("an answer without items".into()),
        };
        let items = items.into_iter().map(|item| RawItem(body.slice_ref(item.get().as_bytes())));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = items.collect();
        *response.body_mut() = SdkBody::from(serde_json::to_vec(&answer)?);
        Ok(())
    }
}
