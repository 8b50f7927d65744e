//! API Gateway's HTTP API on one machine: a request becomes an operation's event, and its function's answer a response.
//!
//! Requests are routed by `api::routes`. Whatever comes of a function, the caller gets an answer: its own, or the
//! gateway's. Not here: the authorizer, so functions give their own 401; CORS; throttling; headers of proxies.

use crate::lambda::{FunctionFailure, Functions};
use anyhow::{Context, Result};
use api::routes::{self, Route};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, SET_COOKIE, TRANSFER_ENCODING},
    },
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http_body::Body as _;
use http_body_util::BodyExt;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::{Value, json};
use std::{borrow::Cow, collections::BTreeMap, sync::Arc};
use tokio::{net::TcpListener, time::timeout};

/// What the gateway takes, in bytes.
const MAX_REQUEST: usize = 10_000_000;

/// A request, once its route is found.
#[derive(Debug)]
pub struct LocalRequest<'a> {
    /// The route.
    pub route: &'static Route,
    /// The path's parameters.
    pub parameters: Vec<(&'static str, String)>,
    /// The path.
    pub path: &'a str,
    /// The query, as it was sent.
    pub query: &'a str,
    /// Headers by lower-case name, one of a name.
    pub headers: &'a [(String, String)],
    /// The body's bytes.
    pub body: Option<&'a [u8]>,
}

/// The event that the gateway makes of a request, in its format 2.0, without what no function here reads.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event<'a> {
    version: &'static str,
    route_key: String,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<&'a str>,
    headers: BTreeMap<&'a str, &'a str>,
    path_parameters: BTreeMap<&'a str, &'a str>,
    request_context: Value,
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

impl<'a> LocalRequest<'a> {
    /// Its event, which borrows the body: it may be megabytes.
    pub fn event(&'a self) -> Event<'a> {
        let &Self { route, ref parameters, path, query, headers, body } = self;
        let pairs = |of: &'a [(String, String)]| of.iter().map(|(name, value)| (&**name, &**value));
        let (cookies, headers): (Vec<_>, BTreeMap<_, _>) = (
            pairs(headers).filter(|(name, _)| *name == COOKIE).flat_map(|(_, value)| value.split("; ")).collect(),
            pairs(headers).filter(|(name, _)| *name != COOKIE).collect(),
        );
        let content_type = headers.get(CONTENT_TYPE.as_str()).copied().unwrap_or_default();
        let (body, is_base64_encoded) = match body.map(|bytes| (bytes, str::from_utf8(bytes))) {
            Some((_, Ok(text))) if is_text(content_type) => (Some(text.into()), false),
            Some((bytes, _)) => (Some(STANDARD.encode(bytes).into()), true),
            None => (None, false),
        };
        Event {
            version: "2.0",
            route_key: route.key(),
            raw_path: path,
            raw_query_string: query,
            cookies,
            headers,
            path_parameters: parameters.iter().map(|(name, value)| (*name, &**value)).collect(),
            request_context: json!({
                "accountId": "1", "apiId": "a", "domainName": "localhost", "stage": "$default",
                "requestId": "gateway-1", "routeKey": route.key(), "time": "", "timeEpoch": 0,
                "http": {
                    "method": route.method.as_str(), "path": path, "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1", "userAgent": "local",
                },
            }),
            body,
            is_base64_encoded,
        }
    }
}

/// Whether the gateway hands over a body of such a type as a text. Bodies of every other come in base64.
fn is_text(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let of_application = ["application/json", "application/javascript", "application/xml"];
    essence.starts_with("text/") || of_application.contains(&&*essence)
}

/// Headers as an event has them: by lower-case name, and those of one name in one, separated by commas.
pub fn headers(given: &HeaderMap) -> Vec<(String, String)> {
    let joined = |name: &HeaderName| {
        let separator = if name == COOKIE { "; " } else { "," };
        let values: Vec<_> =
            given.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        values.join(separator)
    };
    given.keys().map(|name| (name.to_string(), joined(name))).collect()
}

/// What the gateway says itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The client broke off.
    BadRequest,
    /// No route has this path and method.
    NotFound,
    /// The request is larger than the gateway or Lambda takes.
    TooLarge,
    /// The function failed.
    Internal,
    /// The function was not done in time.
    Unavailable,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::BadRequest => (400, "Bad Request"),
            Self::NotFound => (404, "Not Found"),
            Self::TooLarge => (413, "Request Entity Too Large"),
            Self::Internal => (500, "Internal Server Error"),
            Self::Unavailable => (503, "Service Unavailable"),
        };
        let mut response = Response::new(Body::from(json!({"message": message}).to_string()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

impl From<FunctionFailure> for Refusal {
    fn from(failure: FunctionFailure) -> Self {
        match failure {
            FunctionFailure::TooLarge => Self::TooLarge,
            FunctionFailure::Failed => Self::Internal,
            FunctionFailure::Late => Self::Unavailable,
        }
    }
}

/// Answers whoever comes, and never ends.
pub async fn serve(listener: TcpListener, functions: Arc<Functions>) {
    let router = Router::new().fallback(answer).with_state(functions);
    // An error of `accept` is tried again.
    let _never = axum::serve(listener, router).await;
}

async fn answer(State(functions): State<Arc<Functions>>, request: Request) -> Result<Response, Refusal> {
    let (head, body) = request.into_parts();
    // Before anything is refused: a client that is still sending hears nothing.
    let body = read(body).await.map_err(|_| Refusal::BadRequest)?.ok_or(Refusal::TooLarge)?;
    let (route, parameters) = routes::find(head.method.as_str(), head.uri.path()).ok_or(Refusal::NotFound)?;
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let request = LocalRequest {
        route,
        parameters: parameters.into_iter().map(|(name, value)| (name, decoded(value))).collect(),
        path: &decoded(head.uri.path()),
        query: head.uri.query().unwrap_or_default(),
        headers: &headers(&head.headers),
        body: Some(&*body).filter(|body| !body.is_empty()),
    };
    let event = serde_json::to_string(&request.event()).map_err(|_| Refusal::Internal)?;
    let limit = functions.limits.request;
    // On its own: as in Lambda, a function goes on when its caller has left.
    let invoked = tokio::spawn(async move {
        let answer = functions.invoke(route.operation, event).await?;
        response(&answer).map_err(|error| {
            functions.note(route.operation, &format_args!("it answered what is no response: {error:#}"));
            Refusal::Internal
        })
    });
    match timeout(limit, invoked).await {
        Ok(answered) => answered.unwrap_or(Err(Refusal::Internal)),
        Err(_elapsed) => Err(Refusal::Unavailable),
    }
}

/// The whole body. One that is larger than the gateway takes is read to its end and dropped.
async fn read(mut body: Body) -> Result<Option<Vec<u8>>, axum::Error> {
    let said = usize::try_from(body.size_hint().lower()).unwrap_or_default();
    let (mut bytes, mut is_small) = (Vec::with_capacity(said.min(MAX_REQUEST)), true);
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            is_small &= bytes.len() + data.len() <= MAX_REQUEST;
            if is_small {
                bytes.extend_from_slice(&data);
            }
        }
    }
    Ok(is_small.then_some(bytes))
}

/// The response that the gateway makes of a function's answer. JSON without a status is a body itself.
fn response(answer: &[u8]) -> Result<Response> {
    let mut answer: Value = serde_json::from_slice(answer).context("it is no JSON")?;
    let Some(status) = answer.get("statusCode").map(Value::as_u64) else {
        return Ok(([(CONTENT_TYPE, "application/json")], answer.to_string()).into_response());
    };
    let status = status.and_then(|status| u16::try_from(status).ok()).filter(|status| (200..600).contains(status));
    let status = StatusCode::from_u16(status.context("its status is none")?)?;
    let body = match answer.get_mut("body").map(Value::take) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) if answer.get("isBase64Encoded") == Some(&Value::Bool(true)) => {
            STANDARD.decode(text).context("its body is no base64")?
        }
        Some(Value::String(text)) => text.into_bytes(),
        Some(json) => json.to_string().into_bytes(),
    };
    let mut response = (status, body).into_response();
    response.headers_mut().remove(CONTENT_TYPE);
    for (name, value) in answer.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let name: HeaderName = name.parse().with_context(|| format!("{name:?} names no header"))?;
        let value = value.as_str().with_context(|| format!("the value of {name} is no text"))?;
        // How long it is and how it travels is for this connection to say.
        if name != CONTENT_LENGTH && name != TRANSFER_ENCODING {
            let value = HeaderValue::from_str(value).with_context(|| format!("the value of {name} is none"))?;
            response.headers_mut().insert(name, value);
        }
    }
    for cookie in answer.get("cookies").and_then(Value::as_array).into_iter().flatten() {
        let cookie = cookie.as_str().context("a cookie is no text")?;
        response.headers_mut().append(SET_COOKIE, cookie.parse()?);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::routes::{CREATE_DEBUG_RUN, GZIPPED_JSON};

    #[test]
    fn a_body_is_a_text_by_its_type_and_bytes_otherwise() {
        let sent = |content_type: &str, body: &[u8]| {
            let headers = [("content-type".to_owned(), content_type.to_owned())];
            let request = LocalRequest {
                route: &CREATE_DEBUG_RUN,
                parameters: Vec::new(),
                path: "",
                query: "",
                headers: &headers,
                body: Some(body),
            };
            let event = json!(request.event());
            (event["body"].as_str().unwrap().to_owned(), event["isBase64Encoded"].as_bool().unwrap())
        };
        for text in ["application/json", "Application/JSON; charset=utf-8", "text/csv", "application/xml"] {
            assert_eq!(sent(text, b"{}"), ("{}".to_owned(), false), "{text}");
        }
        for bytes in [GZIPPED_JSON, "application/octet-stream", "application/x-www-form-urlencoded", ""] {
            assert_eq!(sent(bytes, b"{}"), ("e30=".to_owned(), true), "{bytes}");
        }
        assert_eq!(sent("application/json", b"\xff"), ("/w==".to_owned(), true));
    }
}
