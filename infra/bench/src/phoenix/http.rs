//! The client that both backends are asked by, over one connection that stays.

use anyhow::{Context, Result, ensure};
use axum::body::Bytes;
use reqwest::{Client, RequestBuilder, header::CONTENT_TYPE};
use tokio_rustls::rustls::crypto::ring;

pub(super) struct Http {
    client: Client,
    origin: String,
    /// Sent with every request.
    token: Option<String>,
}

impl Http {
    pub(super) fn to(origin: &str, token: Option<String>) -> Result<Self> {
        // The client wants one, and uses none: everything is on loopback.
        let _is_first = ring::default_provider().install_default();
        Ok(Self { client: Client::builder().no_proxy().build()?, origin: origin.to_owned(), token })
    }

    pub(super) async fn get(&self, path: &str) -> Result<Bytes> {
        self.answer(self.client.get(format!("{}{path}", self.origin))).await
    }

    pub(super) async fn post(&self, path: &str, content_type: &str, body: Bytes) -> Result<Bytes> {
        let request = self.client.post(format!("{}{path}", self.origin));
        self.answer(request.header(CONTENT_TYPE, content_type).body(body)).await
    }

    /// The whole answer, if it says that all is well.
    async fn answer(&self, request: RequestBuilder) -> Result<Bytes> {
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = request.send().await.context("There is no answer")?;
        let (status, url) = (answer.status(), answer.url().clone());
        let body = answer.bytes().await?;
        ensure!(status.is_success(), "{url}: {status} {}", String::from_utf8_lossy(&body));
        Ok(body)
    }
}
