//! The client that both backends are asked by, over one connection that stays.

use anyhow::{Context, Result, ensure};
use axum::body::Bytes;
use reqwest::{Client, Method, header::CONTENT_TYPE};
use tokio_rustls::rustls::crypto::ring;

pub(super) struct Http {
    client: Client,
    origin: String,
    /// Sent with every request.
    token: Option<String>,
}

impl Http {
    pub(super) fn to(origin: String) -> Result<Self> {
        // The client wants one, and uses none: everything is on loopback.
        let _is_first = ring::default_provider().install_default();
        Ok(Self { client: Client::builder().no_proxy().build()?, origin, token: None })
    }

    /// The same connection for another caller.
    pub(super) fn bearing(&self, token: String) -> Self {
        Self { client: self.client.clone(), origin: self.origin.clone(), token: Some(token) }
    }

    pub(super) async fn get(&self, path: &str) -> Result<Bytes> {
        self.send(Method::GET, path, None).await
    }

    pub(super) async fn post(&self, path: &str, content_type: &str, body: Bytes) -> Result<Bytes> {
        self.send(Method::POST, path, Some((content_type, body))).await
    }

    /// The whole answer, if it says that all is well.
    async fn send(&self, method: Method, path: &str, body: Option<(&str, Bytes)>) -> Result<Bytes> {
        let mut request = self.client.request(method, format!("{}{path}", self.origin));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some((content_type, body)) = body {
            request = request.header(CONTENT_TYPE, content_type).body(body);
        }
        let answer = request.send().await.with_context(|| format!("{path} got no answer"))?;
        let status = answer.status();
        let body = answer.bytes().await?;
        ensure!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&body));
        Ok(body)
    }
}
