//! Sends a request and waits for its response: TLS, time limits, and the retries that are safe.
//!
//! Waits before a retry are random within a window that doubles ("full jitter"), so that clients that were turned away
//! together do not come back together.
//!
//! It trusts the public web's roots, follows no redirect and sends the token to the base URL alone.

use crate::{
    error::Error,
    packing::{Packed, unpacked},
    page::NextPage,
};
use api::routes::{Method, Route};
use reqwest::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LINK,
    RETRY_AFTER,
};
use std::{sync::Arc, time::Duration};

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a call may take: the deployed gateway gives up after 7 s, that of one machine after 30, and the rest is for
/// a large body on a slow line.
const TIMEOUT: Duration = Duration::from_secs(35);
/// How often a request is sent at most.
const ATTEMPTS: u32 = 4;
/// The longest wait, whatever `Retry-After` says.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// The window of the first wait, which begins after what `Retry-After` says.
const FIRST_WINDOW: Duration = Duration::from_millis(200);

/// A request to send.
pub(crate) struct Request {
    pub route: &'static Route,
    /// Path and query.
    pub target: String,
    pub body: Option<Packed>,
    /// What it says beside that.
    pub headers: HeaderMap,
    /// Whether sending it twice is the same as sending it once.
    pub idempotent: bool,
    /// Whether a 404 says that an earlier attempt had its effect.
    pub gone_is_done: bool,
}

impl Request {
    /// One that says nothing, and may have its effect once.
    pub(crate) fn to(route: &'static Route, target: String) -> Self {
        Self { route, target, body: None, headers: HeaderMap::new(), idempotent: false, gone_is_done: false }
    }
}

/// The response to a request that succeeded.
pub(crate) struct Response {
    pub status: u16,
    pub next: Option<NextPage>,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Response {
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&str> {
        text(&self.headers, name.as_str())
    }
}

#[derive(Clone)]
pub(crate) struct Transport {
    http: reqwest::Client,
    base: Arc<str>,
    authorization: HeaderValue,
}

impl Transport {
    pub(crate) fn new(base: &str, token: &str) -> Result<Self, Error> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls()?)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("chat-debug/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Error::Tls(cause(&error)))?;
        Ok(Self { http, base: check_base(base)?.into(), authorization: authorization(token)? })
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Sends until it succeeds, or until a retry would be useless or unsafe.
    pub(crate) async fn send(&self, request: Request) -> Result<Response, Error> {
        let (mut attempt, mut may_be_done) = (1, false);
        loop {
            let outcome = self.send_once(&request).await;
            if let Err(failed) = &outcome {
                if request.gone_is_done && may_be_done && failed.error.status() == Some(404) {
                    return Ok(Response { status: 204, next: None, headers: HeaderMap::new(), body: Vec::new() });
                }
                may_be_done |= failed.was_sent && failed.error.status() != Some(429);
            }
            let pause = match &outcome {
                Ok(_) => None,
                Err(failed) => failed.pause(attempt, request.idempotent),
            };
            match pause {
                Some(pause) if attempt < ATTEMPTS => tokio::time::sleep(pause).await,
                _ => return outcome.map_err(|failed| failed.error),
            }
            attempt += 1;
        }
    }

    async fn send_once(&self, request: &Request) -> Result<Response, FailedAttempt> {
        let url = format!("{}{}", self.base, request.target);
        let mut builder = self.http.request(method(request.route.method), url);
        builder = builder.header(AUTHORIZATION, &self.authorization).header(ACCEPT_ENCODING, "gzip");
        builder = builder.headers(request.headers.clone());
        if let Some(Packed { bytes, content_type, coding }) = &request.body {
            builder = builder.header(CONTENT_TYPE, *content_type).body(bytes.clone());
            builder = coding.iter().fold(builder, |builder, coding| builder.header(CONTENT_ENCODING, *coding));
        }
        let response = builder.send().await.map_err(|error| self.broken(&error))?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = response.bytes().await.map_err(|error| self.broken(&error))?;
        let body = unpacked(text(&headers, CONTENT_ENCODING.as_str()), &body).map_err(|error| FailedAttempt {
            error: Error::Unreadable { operation: request.route.operation, detail: error.to_string() },
            retry_after: None,
            was_sent: true,
        })?;
        if request.route.success.contains(&status) {
            let next = text(&headers, LINK.as_str()).and_then(NextPage::of_link);
            return Ok(Response { status, next, headers, body });
        }
        let request_id = text(&headers, "x-request-id").or_else(|| text(&headers, "apigw-requestid"));
        Err(FailedAttempt {
            error: Error::refusal(status, request_id.map(str::to_owned), &body),
            retry_after: text(&headers, RETRY_AFTER.as_str()).and_then(seconds),
            was_sent: true,
        })
    }

    fn broken(&self, error: &reqwest::Error) -> FailedAttempt {
        let base = self.base.to_string();
        let was_sent = !error.is_connect();
        let error = match (error.is_timeout(), was_sent) {
            (true, false) => Error::Timeout { base, after: CONNECT_TIMEOUT },
            (true, true) => Error::Timeout { base, after: TIMEOUT },
            (false, false) => Error::Unreachable { base, cause: cause(error) },
            (false, true) => Error::Broken { base, cause: cause(error) },
        };
        FailedAttempt { error, retry_after: None, was_sent }
    }
}

/// An attempt that failed, and what decides about the next one.
struct FailedAttempt {
    error: Error,
    retry_after: Option<Duration>,
    /// Whether the request may have had its effect.
    was_sent: bool,
}

impl FailedAttempt {
    /// How long to wait before the next attempt; `None` when there must be none.
    fn pause(&self, attempt: u32, idempotent: bool) -> Option<Duration> {
        let may_retry = match &self.error {
            // Throttled: nothing was done.
            Error::Problem { .. } | Error::Unexpected { .. } if self.error.status() == Some(429) => true,
            // It may have been done before the service failed.
            Error::Problem { .. } | Error::Unexpected { .. } if self.error.status() == Some(503) => idempotent,
            Error::Unreachable { .. } => true,
            Error::Broken { .. } => idempotent || !self.was_sent,
            // The caller has waited long enough.
            _ => false,
        };
        may_retry.then(|| {
            let jitter = window(attempt).mul_f64(fastrand::f64());
            self.retry_after.unwrap_or_default().saturating_add(jitter).min(LONGEST_PAUSE)
        })
    }
}

/// The longest random wait before the attempt after this one.
fn window(attempt: u32) -> Duration {
    FIRST_WINDOW * 2_u32.saturating_pow(attempt - 1)
}

/// TLS on ring with the web's roots, built here so that no process-wide provider is needed.
fn tls() -> Result<rustls::ClientConfig, Error> {
    let roots: rustls::RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Tls(error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// The base URL without a slash at its end.
fn check_base(base: &str) -> Result<&str, Error> {
    let url = reqwest::Url::parse(base).map_err(|_| Error::InvalidBaseUrl("is not a URL"))?;
    let wrong = if !matches!(url.scheme(), "http" | "https") {
        Some("must begin with http:// or https://")
    } else if !url.username().is_empty() || url.password().is_some() {
        Some("must not hold a user or a password")
    } else if url.query().is_some() || url.fragment().is_some() {
        Some("must end with its host or path")
    } else if url.path().contains(api::routes::BASE) {
        Some("must end before /api/experimental/chats")
    } else {
        None
    };
    wrong.map_or(Ok(base.trim().trim_end_matches('/')), |detail| Err(Error::InvalidBaseUrl(detail)))
}

/// The header with the token, which no debug output shows.
fn authorization(token: &str) -> Result<HeaderValue, Error> {
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::InvalidToken);
    }
    let mut header = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| Error::InvalidToken)?;
    header.set_sensitive(true);
    Ok(header)
}

const fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// `Retry-After` in seconds; its other form, a date, counts as absent.
fn seconds(text: &str) -> Option<Duration> {
    text.trim().parse().ok().map(Duration::from_secs)
}

/// The innermost cause, which is the one that says something.
pub(crate) fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::problem::Problem;

    fn failed(error: Error, retry_after: Option<Duration>) -> FailedAttempt {
        FailedAttempt { error, retry_after, was_sent: true }
    }

    fn problem(problem: &Problem) -> Error {
        Error::Problem { problem: Box::new(problem.body()), request_id: None }
    }

    fn gateway(status: u16) -> Error {
        Error::Unexpected { status, said: None, request_id: None }
    }

    #[test]
    fn retry_after_is_kept_up_to_a_limit() {
        let pause = |wait: u64| failed(problem(&Problem::Unavailable), Some(Duration::from_secs(wait))).pause(1, true);
        let (second, paused) = (Duration::from_secs(1), pause(1).unwrap());
        assert!((second..=second + FIRST_WINDOW).contains(&paused), "{paused:?}");
        assert_eq!(pause(3600), Some(LONGEST_PAUSE));
    }

    #[test]
    fn waits_are_random_within_windows_that_double() {
        for (attempt, longest) in [(1, FIRST_WINDOW), (2, FIRST_WINDOW * 2), (3, FIRST_WINDOW * 4)] {
            let pauses: Vec<_> = (0..100).map(|_| failed(gateway(429), None).pause(attempt, false).unwrap()).collect();
            assert!(pauses.iter().all(|pause| *pause <= longest), "{attempt}: {pauses:?}");
            assert!(pauses.iter().any(|pause| *pause > longest / 2), "{attempt}: {pauses:?}");
            assert!(pauses.iter().any(|pause| *pause < longest / 2), "{attempt}: {pauses:?}");
        }
    }

    #[test]
    fn only_what_is_safe_is_retried() {
        let broken = || Error::Broken { base: String::new(), cause: String::new() };
        for (error, once, idempotent) in [
            (problem(&Problem::Unavailable), false, true),
            (gateway(503), false, true),
            (gateway(429), true, true),
            (broken(), false, true),
            (problem(&Problem::Internal), false, false),
            (problem(&Problem::NotFound), false, false),
            (gateway(401), false, false),
        ] {
            let failed = failed(error, None);
            assert_eq!(failed.pause(1, false).is_some(), once, "{:?}", failed.error);
            assert_eq!(failed.pause(1, true).is_some(), idempotent, "{:?}", failed.error);
        }
    }

    #[test]
    fn a_base_url_is_a_place_and_nothing_more() {
        for good in ["http://127.0.0.1:9000", "https://debug.example.com/", "https://x.example/stage"] {
            assert!(check_base(good).is_ok(), "{good}");
        }
        for bad in ["", "127.0.0.1:9000", "ftp://x", "http://u:p@x", "http://x?a", "http://x/api/experimental/chats"] {
            assert!(check_base(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_token_is_not_shown() {
        let header = authorization("s3cret").expect("a header");
        assert!(!format!("{header:?}").contains("s3cret"));
        for bad in ["", "a b", "a\n", "é"] {
            assert!(authorization(bad).is_err(), "{bad:?}");
        }
    }
}
