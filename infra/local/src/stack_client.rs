//! Calls at the stack's one port, as any client makes them.

use anyhow::{Context, Result};
use axum::{
    body::{Body, to_bytes},
    http::{
        Request,
        header::{AUTHORIZATION, CONTENT_TYPE},
    },
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

/// More than any answer here holds.
const MAX_BYTES: usize = 16 << 20;

/// The stack's port, from outside.
#[derive(Clone)]
pub(crate) struct StackClient {
    client: Client<HttpConnector, Body>,
    origin: String,
}

/// What came back. A body that is no JSON is `null`.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl StackClient {
    pub(crate) fn new(port: u16) -> Self {
        Self { client: Client::builder(TokioExecutor::new()).build_http(), origin: format!("http://127.0.0.1:{port}") }
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// One call, with a bearer token and a JSON body when there are any.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<&str>,
    ) -> Result<Answer> {
        let mut request = Request::builder().method(method).uri(self.url(path));
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request.body(body.map_or(Body::empty(), |body| Body::from(body.to_owned())))?;
        let answer = self.client.request(request).await.with_context(|| format!("{method} {path} got no answer"))?;
        let status = answer.status().as_u16();
        let body = to_bytes(Body::new(answer.into_body()), MAX_BYTES).await?;
        Ok(Answer { status, body: serde_json::from_slice(&body).unwrap_or_default() })
    }
}
