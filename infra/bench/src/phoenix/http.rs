//! The client that both sides are asked by: HTTP/1.1 on loopback, over one connection that stays.

use anyhow::{Context, Result, ensure};
use axum::{
    body::{Body, Bytes, to_bytes},
    http::{Request, header::CONTENT_TYPE},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

pub(super) struct Http {
    client: Client<HttpConnector, Body>,
    origin: String,
    /// Sent with every request.
    authorization: Option<String>,
}

impl Http {
    pub(super) fn to(origin: String) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self { client: Client::builder(TokioExecutor::new()).build(connector), origin, authorization: None }
    }

    /// The same connection for another caller.
    pub(super) fn bearing(&self, token: &str) -> Self {
        let Self { client, origin, .. } = self;
        Self { client: client.clone(), origin: origin.clone(), authorization: Some(format!("Bearer {token}")) }
    }

    pub(super) async fn get(&self, path: &str) -> Result<Bytes> {
        self.send("GET", path, None).await
    }

    pub(super) async fn post(&self, path: &str, content_type: &str, body: Bytes) -> Result<Bytes> {
        self.send("POST", path, Some((content_type, body))).await
    }

    /// The whole answer, if it says that all is well.
    async fn send(&self, method: &str, path: &str, body: Option<(&str, Bytes)>) -> Result<Bytes> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.origin));
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let request = match body {
            Some((content_type, body)) => request.header(CONTENT_TYPE, content_type).body(Body::from(body)),
            None => request.body(Body::empty()),
        };
        let answer = self.client.request(request?).await.with_context(|| format!("{method} {path} got no answer"))?;
        let status = answer.status();
        let body = to_bytes(Body::new(answer.into_body()), usize::MAX).await?;
        ensure!(status.is_success(), "{method} {path}: {status} {}", String::from_utf8_lossy(&body));
        Ok(body)
    }
}
