//! The issuer's keys: given in the environment, or fetched from its JWKS URL when first needed.
//!
//! A fetched set is fresh for ten minutes, and used for an hour while the issuer cannot be reached. A key that is not
//! in it makes the set be fetched again once a minute at most, so that bad tokens cause no calls.

use super::signature;
use crate::{
    failure::Failure,
    http_client::{self, HttpClient, Trust},
};
use api::time::Timestamp;
use http::Uri;
use http_body_util::{BodyExt, Empty, Limited};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;
use std::{sync::OnceLock, time::Duration};
use tokio::sync::Mutex;

const FRESH: Duration = Duration::from_mins(10);
const STALE: Duration = Duration::from_hours(1);
const UNKNOWN_KEY_PAUSE: Duration = Duration::from_mins(1);
const COLD_PAUSE: Duration = Duration::from_secs(1);
const FETCH_TIMEOUT: Duration = Duration::from_secs(2);
const MAX_SET_BYTES: usize = 256 * 1024;

/// A key and the one algorithm it is for.
#[derive(Debug, Clone)]
pub struct PublicKey {
    id: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) decoding: DecodingKey,
}

/// Where the keys come from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// A JWKS document in the environment.
    Given(String),
    /// Its URL: https, or plain http on this machine.
    Url(String),
}

/// Why the keys cannot be used at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoKeys;

/// The issuer's keys.
pub struct KeySet(Inner);

enum Inner {
    Given(Vec<PublicKey>),
    Fetched(Box<Fetched>),
}

impl KeySet {
    /// Keys of a source; a given set must have a usable one.
    ///
    /// # Errors
    ///
    /// When it has none, or the URL is neither https nor on this machine.
    pub fn new(source: KeySource) -> Result<Self, NoKeys> {
        match source {
            KeySource::Given(set) => match parse(set.as_bytes()) {
                Some(keys) if !keys.is_empty() => Ok(Self(Inner::Given(keys))),
                _ => Err(NoKeys),
            },
            KeySource::Url(url) => {
                let url: Uri = url.parse().map_err(|_| NoKeys)?;
                let is_loopback = matches!(url.host(), Some("127.0.0.1" | "localhost" | "[::1]"));
                match url.scheme_str() {
                    Some("https") => {}
                    Some("http") if is_loopback => {}
                    _ => return Err(NoKeys),
                }
                let fetched = Fetched { url, client: OnceLock::new(), state: Mutex::default() };
                Ok(Self(Inner::Fetched(Box::new(fetched))))
            }
        }
    }

    /// The key that a token names; without a name, the only key there is.
    pub(super) async fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Result<Option<PublicKey>, Failure> {
        match &self.0 {
            Inner::Given(keys) => Ok(pick(keys, id, algorithm)),
            Inner::Fetched(fetched) => fetched.find(id, algorithm, now).await,
        }
    }
}

fn pick(keys: &[PublicKey], id: Option<&str>, algorithm: Algorithm) -> Option<PublicKey> {
    let key = match (id, keys) {
        (Some(_), _) => keys.iter().find(|key| key.id.as_deref() == id && key.algorithm == algorithm),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    key.filter(|key| key.algorithm == algorithm).cloned()
}

struct Fetched {
    url: Uri,
    client: OnceLock<HttpClient<Empty<bytes::Bytes>>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    keys: Vec<PublicKey>,
    fetched_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
}

impl State {
    fn is_younger(&self, age: Duration, now: Timestamp) -> bool {
        self.fetched_at.is_some_and(|at| now.since(at) < age)
    }

    fn may_try(&self, pause: Duration, now: Timestamp) -> bool {
        self.tried_at.is_none_or(|at| now.since(at) >= pause)
    }
}

impl Fetched {
    async fn find(&self, id: Option<&str>, algorithm: Algorithm, now: Timestamp) -> Result<Option<PublicKey>, Failure> {
        let mut state = self.state.lock().await;
        if !state.is_younger(FRESH, now) {
            let pause = if state.is_younger(STALE, now) { UNKNOWN_KEY_PAUSE } else { COLD_PAUSE };
            self.refresh(&mut state, pause, now).await;
        }
        if !state.is_younger(STALE, now) {
            return Err(Failure::unavailable("key set unreachable"));
        }
        let key = pick(&state.keys, id, algorithm);
        if key.is_some() || !self.refresh(&mut state, UNKNOWN_KEY_PAUSE, now).await {
            return Ok(key);
        }
        Ok(pick(&state.keys, id, algorithm))
    }

    /// Fetches the set unless that was tried within `pause`; says whether it has a new one.
    async fn refresh(&self, state: &mut State, pause: Duration, now: Timestamp) -> bool {
        if !state.may_try(pause, now) {
            return false;
        }
        state.tried_at = Some(now);
        match tokio::time::timeout(FETCH_TIMEOUT, self.fetch()).await.ok().flatten() {
            Some(keys) => {
                *state = State { keys, fetched_at: Some(now), tried_at: Some(now) };
                true
            }
            None => false,
        }
    }

    async fn fetch(&self) -> Option<Vec<PublicKey>> {
        // The public web's roots: the issuer is not AWS's.
        let client = self.client.get_or_init(|| http_client::client(Trust::PublicWeb));
        let response = client.get(self.url.clone()).await.ok()?;
        if !response.status().is_success() {
            return None;
        }
        let body = Limited::new(response.into_body(), MAX_SET_BYTES).collect().await.ok()?;
        parse(&body.to_bytes()).filter(|keys| !keys.is_empty())
    }
}

/// The usable keys of a JWKS document. A key that is weak, for encryption or unknown is left out.
fn parse(set: &[u8]) -> Option<Vec<PublicKey>> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let set: Set = serde_json::from_slice(set).ok()?;
    Some(set.keys.into_iter().filter_map(|key| usable(serde_json::from_value(key).ok()?)).collect())
}

fn usable(jwk: Jwk) -> Option<PublicKey> {
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => Algorithm::ES256,
        _ => return None,
    };
    let said = match jwk.common.key_algorithm {
        None => algorithm,
        Some(KeyAlgorithm::RS256) => Algorithm::RS256,
        Some(KeyAlgorithm::ES256) => Algorithm::ES256,
        Some(_) => return None,
    };
    let is_for_signing = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let decoding = DecodingKey::from_jwk(&jwk).ok()?;
    let is_usable = said == algorithm && is_for_signing && signature::is_usable(&decoding, algorithm);
    is_usable.then_some(PublicKey { id: jwk.common.key_id, algorithm, decoding })
}
