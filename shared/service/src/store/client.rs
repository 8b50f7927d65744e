//! The SDK's client, made for a function that starts cold, and what its errors mean.
//!
//! No aws-config, whose chain a Lambda does not need; the HTTP client of [`crate::http_client`]; timeouts,
//! since the SDK has none for reading. An error is told by its code alone: its `Debug` would print bodies.

use super::{
    item::{Item, Undecodable},
    metering::Metering,
};
use crate::{
    failure::Failure,
    http_client::{self, HttpClient, Trust},
};
use api::problem::Problem;
use aws_sdk_dynamodb::{
    Client,
    config::{
        BehaviorVersion, Credentials, Region, SharedHttpClient, StalledStreamProtectionConfig, retry::RetryConfig,
        timeout::TimeoutConfig,
    },
    error::{ProvideErrorMetadata, SdkError},
    operation::{put_item::PutItemError, transact_write_items::TransactWriteItemsError, update_item::UpdateItemError},
    types::{AttributeValue, CancellationReason},
};
use aws_smithy_runtime_api::client::{
    connection::{CaptureSmithyConnection, ConnectionMetadata},
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use hyper_util::client::legacy::connect::capture_connection;
use lambda_http::http::Response;
use std::{collections::HashMap, fmt, time::Duration};

/// How to reach DynamoDB; from the environment.
#[derive(Clone)]
pub struct Endpoint {
    /// AWS region.
    pub region: String,
    /// Another URL than the region's own.
    pub url: Option<String>,
    /// Access key id.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: String,
    /// Session token of a role.
    pub session_token: Option<String>,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("region", &self.region).field("url", &self.url).finish_non_exhaustive()
    }
}

/// One client for the process. Connects when first used.
pub fn connect(endpoint: Endpoint) -> Client {
    let Endpoint { region, url, access_key_id, secret_access_key, session_token } = endpoint;
    let credentials = Credentials::new(access_key_id, secret_access_key, session_token, None, "environment");
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(1))
        .operation_timeout(Duration::from_secs(5))
        .build();
    let retries = RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(50));
    let mut config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(credentials)
        .timeout_config(timeouts)
        .retry_config(retries)
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .interceptor(Metering)
        .http_client(http_client());
    config.set_endpoint_url(url);
    Client::from_conf(config.build())
}

fn http_client() -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Connector(http_client::client(Trust::Amazon)));
    http_client_fn(move |_, _| connector.clone())
}

/// Carries the SDK's requests, and answers with bodies that are there.
#[derive(Debug)]
struct Connector(HttpClient<SdkBody>);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        // The SDK gives up a connection whose other end is not well: a retry shall find another.
        let connected = capture_connection(&mut request);
        if let Some(capture) = request.extensions().get::<CaptureSmithyConnection>() {
            capture.set_connection_retriever(move || {
                let connected = connected.clone();
                let poison = move || {
                    if let Some(connection) = connected.connection_metadata().as_ref() {
                        connection.poison();
                    }
                };
                Some(ConnectionMetadata::builder().proxied(false).poison_fn(poison).build())
            });
        }
        let sent = self.0.request(request);
        HttpConnectorFuture::new(async move {
            // To the SDK, an I/O error is one that may be tried again: every write bears that.
            let (head, body) = sent.await.map_err(|error| ConnectorError::io(error.into()))?.into_parts();
            let body = body.collect().await.map_err(|error| ConnectorError::io(error.into()))?.to_bytes();
            let response = HttpResponse::try_from(Response::from_parts(head, SdkBody::from(body)));
            response.map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// What became of a call, for callers that branch on it.
#[derive(Debug)]
pub(super) enum Fault {
    /// The condition failed; the item that stood in its way, if any.
    Condition(Option<Item>),
    /// A transaction was cancelled, with a reason for each of its items.
    Cancelled(Vec<Reason>),
    /// Everything else.
    Failure(Failure),
}

/// Why one item of a transaction was in its way.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reason {
    /// It was not.
    None,
    /// Its condition failed; the item that stood there, if any.
    Condition(Option<Item>),
    /// Another write was at it, or it was throttled; trying again is right.
    Busy,
    /// Anything else.
    Other,
}

/// Why a write that was staged did not come to be.
#[derive(Debug)]
pub(super) enum Unwritten {
    /// It was refused: nothing names what it staged.
    Refused(Failure),
    /// No answer came to what would have named it: nobody knows, so it stays.
    Unknown(Failure),
}

impl From<Unwritten> for Failure {
    fn from(unwritten: Unwritten) -> Self {
        match unwritten {
            Unwritten::Refused(failure) | Unwritten::Unknown(failure) => failure,
        }
    }
}

impl From<Fault> for Unwritten {
    fn from(fault: Fault) -> Self {
        match fault {
            // Sent, and perhaps done: only a condition's failure says that it was not, and that it never will be. One
            // that meets another write may have met its own first try.
            Fault::Condition(_) => Self::Refused(fault.into()),
            Fault::Cancelled(ref reasons) if reasons.iter().any(|it| matches!(it, Reason::Condition(_))) => {
                Self::Refused(fault.into())
            }
            Fault::Cancelled(_) | Fault::Failure(_) => Self::Unknown(fault.into()),
        }
    }
}

impl From<Failure> for Unwritten {
    fn from(failure: Failure) -> Self {
        Self::Refused(failure)
    }
}

impl From<Problem> for Unwritten {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem.into())
    }
}

impl From<Undecodable> for Unwritten {
    fn from(fault: Undecodable) -> Self {
        Self::Refused(fault.into())
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Failure(failure) => failure,
            Fault::Condition(_) => Self::internal("unexpected condition"),
            Fault::Cancelled(reasons) if reasons.contains(&Reason::Busy) => Self::unavailable("transaction conflict"),
            Fault::Cancelled(_) => Self::internal("unexpected cancellation"),
        }
    }
}

impl From<&CancellationReason> for Reason {
    fn from(reason: &CancellationReason) -> Self {
        match reason.code() {
            None | Some("None") => Self::None,
            Some("ConditionalCheckFailed") => Self::Condition(old_item(reason.item())),
            Some("TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded") => Self::Busy,
            Some(_) => Self::Other,
        }
    }
}

/// What an SDK error means, told by code: never by `Debug`, which prints bodies.
pub(super) fn failure<E: ProvideErrorMetadata, R>(call: &str, error: &SdkError<E, R>) -> Failure {
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

/// For `map_err`: names the call in the log.
pub(super) fn failed<E: ProvideErrorMetadata, R>(call: &str) -> impl FnOnce(SdkError<E, R>) -> Failure {
    move |error| failure(call, &error)
}

/// For `map_err` of a conditional write: its condition's failure is told apart.
pub(super) fn refused<E: Conditional, R>(call: &str) -> impl FnOnce(SdkError<E, R>) -> Fault {
    move |error| match error.as_service_error().and_then(Conditional::refusal) {
        Some(fault) => fault,
        None => Fault::Failure(failure(call, &error)),
    }
}

/// An error that may be a condition's failure. Ask for the old item with `AllOld`.
pub(super) trait Conditional: ProvideErrorMetadata {
    /// The refusal, if it is one.
    fn refusal(&self) -> Option<Fault>;
}

fn old_item(item: Option<&Item>) -> Option<Item> {
    item.filter(|item| !item.is_empty()).cloned()
}

impl Conditional for PutItemError {
    fn refusal(&self) -> Option<Fault> {
        match self {
            Self::ConditionalCheckFailedException(failed) => Some(Fault::Condition(old_item(failed.item()))),
            _ => None,
        }
    }
}

impl Conditional for UpdateItemError {
    fn refusal(&self) -> Option<Fault> {
        match self {
            Self::ConditionalCheckFailedException(failed) => Some(Fault::Condition(old_item(failed.item()))),
            _ => None,
        }
    }
}

impl Conditional for TransactWriteItemsError {
    fn refusal(&self) -> Option<Fault> {
        match self {
            Self::TransactionCanceledException(cancelled) => {
                Some(Fault::Cancelled(cancelled.cancellation_reasons().iter().map(Reason::from).collect()))
            }
            Self::TransactionInProgressException(_) => Some(Fault::Cancelled(vec![Reason::Busy])),
            _ => None,
        }
    }
}

/// Placeholders for an expression's values.
pub(super) fn values<const N: usize>(values: [(&str, AttributeValue); N]) -> Item {
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Placeholders for an expression's names: `#name` for `name`, since many plain words are reserved.
pub(super) fn names(names: &[&str]) -> HashMap<String, String> {
    names.iter().map(|name| (format!("#{name}"), (*name).to_owned())).collect()
}

/// These attributes and no others, by their placeholders.
pub(super) fn projection(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("#{name}")).collect();
    names.join(", ")
}
