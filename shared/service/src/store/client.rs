//! The SDK's client, made for a function that starts cold.
//!
//! It is configured by hand. aws-config's chain, its HTTP client and the SDK's defaults are for every place where
//! code can run: with them the same query takes nine times the CPU at start and first call, and a binary of 10 MB instead
//! of 4.3 (`infra/benchmarks.md`, "bare query" and "SDK defaults"). So credentials and region come from the
//! environment, and requests go through [`crate::http_client`]. Timeouts are set, since the SDK has none for reading.

use super::metrics::CallMetrics;
use crate::http_client::{self, HttpClient, Trust};
use aws_sdk_dynamodb::{
    Client,
    config::{
        BehaviorVersion, Credentials, Region, SharedHttpClient, StalledStreamProtectionConfig, retry::RetryConfig,
        timeout::TimeoutConfig,
    },
};
use aws_smithy_runtime_api::client::{
    connection::{CaptureSmithyConnection, ConnectionMetadata},
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use http::Response;
use http_body_util::BodyExt;
use hyper_util::client::legacy::connect::capture_connection;
use std::{fmt, time::Duration};

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
pub(super) fn connect(endpoint: Endpoint) -> Client {
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
        .interceptor(CallMetrics)
        .http_client(http_client());
    config.set_endpoint_url(url);
    Client::from_conf(config.build())
}

fn http_client() -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Connector(http_client::client(Trust::Amazon)));
    http_client_fn(move |_, _| connector.clone())
}

/// Carries the SDK's requests, and answers with bodies that were read whole.
#[derive(Debug)]
struct Connector(HttpClient<SdkBody>);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        // The SDK gives a connection up when the server behind it fails, so that a retry takes another.
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
            // The SDK retries I/O errors. That is safe because every write is idempotent.
            let (head, body) = sent.await.map_err(|error| ConnectorError::io(error.into()))?.into_parts();
            let body = body.collect().await.map_err(|error| ConnectorError::io(error.into()))?.to_bytes();
            let response = HttpResponse::try_from(Response::from_parts(head, SdkBody::from(body)));
            response.map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}
