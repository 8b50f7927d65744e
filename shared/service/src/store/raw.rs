//! The items of a query's page, taken out of the answer as they came.
//!
//! The SDK makes a map of strings of every item, which costs more than all else that a list does. What
//! reads an item here borrows from the answer instead. The rest of it, errors included, is left to the SDK.

use super::item::Read;
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
    fmt, mem,
    sync::{Arc, Mutex, PoisonError},
};

/// An item in DynamoDB's JSON.
pub(super) struct RawItem(Bytes);

impl RawItem {
    /// Its attributes, which borrow from it.
    pub(super) fn read(&self) -> Result<Read<'_>, Failure> {
        // As text: serde would otherwise check each string for UTF-8 by itself.
        let json = str::from_utf8(&self.0).ok();
        let read = json.and_then(|json| serde_json::from_str(json).ok());
        read.ok_or_else(|| Failure::unavailable("Query: unreadable item"))
    }
}

/// Hooks into one query, and keeps the items of its answer.
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

/// A query's answer; what is written of it is what the SDK reads.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'a> {
    #[serde(borrow, skip_serializing)]
    items: Vec<&'a RawValue>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    last_evaluated_key: Option<&'a RawValue>,
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
        // Our connector answers with bodies that are there, see `client`.
        let body = response.take_body().collect().now_or_never().ok_or("a body that is not there yet")??.to_bytes();
        let answer: Answer<'_> = serde_json::from_slice(&body)?;
        let items = answer.items.iter().map(|item| RawItem(body.slice_ref(item.get().as_bytes())));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = items.collect();
        *response.body_mut() = SdkBody::from(serde_json::to_vec(&answer)?);
        Ok(())
    }
}
