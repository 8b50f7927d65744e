//! Who signed the bearer token. It says who somebody is, never what they may do.
//!
//! The gateway's authorizer is the outer wall; this check runs always, so that the same path holds
//! locally, in tests and in AWS, and a route that forgot its authorizer is no hole. Every fault of
//! a token is the same refusal. Nothing in a token leads to a file, a query or a call elsewhere.

mod keys;
mod signature;

pub use keys::{Key, KeySource, Keys};

use crate::{failure::Failure, members::Members};
use api::{problem::Problem, time::Timestamp};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;

/// Longest token that is looked at, in bytes.
const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// How far clocks may differ, in seconds.
const LEEWAY: i64 = 60;

/// What a token must say to be ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The exact `iss`.
    pub issuer: String,
    /// What `aud`, or without it `client_id`, may be.
    pub audiences: Vec<String>,
}

/// Verifies bearer tokens.
pub struct Identity {
    expected: Expected,
    keys: Keys,
}

/// The claims of a token that was signed for us and is valid now.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Claims(Members<Value>);

impl Claims {
    /// A claim's value.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.0.get(name)
    }

    /// A claim that is a string.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }
}

impl Identity {
    /// Tokens of one issuer, signed by one of `keys`.
    pub fn new(expected: Expected, keys: Keys) -> Self {
        signature::install();
        Self { expected, keys }
    }

    /// The claims of the token in an `Authorization` header.
    pub async fn verify(&self, authorization: &str, now: Timestamp) -> Result<Claims, Failure> {
        let token = bearer(authorization).ok_or(Problem::Unauthenticated)?;
        let header = header(token).ok_or(Problem::Unauthenticated)?;
        let key = self.keys.find(header.kid.as_deref(), header.alg, now).await?;
        let key = key.ok_or(Problem::Unauthenticated)?;
        let claims = decode::<Claims>(token, &key.decoding, &signature_only(key.algorithm));
        let claims = claims.map_err(|_| Problem::Unauthenticated)?.claims;
        let is_ours = claims.is_current(now) && claims.is_for(&self.expected);
        Ok(is_ours.then_some(claims).ok_or(Problem::Unauthenticated)?)
    }
}

fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    let is_plausible = token.len() <= MAX_TOKEN_BYTES && token.bytes().all(|b| b.is_ascii_graphic());
    (scheme.eq_ignore_ascii_case("bearer") && is_plausible).then_some(token)
}

fn header(token: &str) -> Option<Header> {
    let encoded = token.split('.').next()?;
    let Members(members) = serde_json::from_slice::<Members<Value>>(&URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()?;
    // `crit` names extensions that must be understood, `b64` is one of them; we understand none.
    if members.contains_key("crit") || members.contains_key("b64") || !members.get("typ").is_none_or(is_access_type) {
        return None;
    }
    let header = decode_header(token).ok()?;
    matches!(header.alg, Algorithm::RS256 | Algorithm::ES256).then_some(header)
}

/// A token of another type was signed for another purpose: to tell about a logout, or to prove a key.
fn is_access_type(typ: &Value) -> bool {
    let typ = typ.as_str().unwrap_or_default().to_ascii_lowercase();
    matches!(typ.strip_prefix("application/").unwrap_or(&typ), "jwt" | "at+jwt")
}

/// The library checks the signature; the claims are checked below, against our clock.
fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}

impl Claims {
    fn is_current(&self, now: Timestamp) -> bool {
        let now = now.millis() / 1_000;
        // Whole seconds from 0 on; a string, a float or a negative number is no time.
        let seconds = |name| self.get(name).map(|value| value.as_u64().and_then(|at| i64::try_from(at).ok()));
        let has_begun = |name| match seconds(name) {
            None => true,
            Some(at) => at.is_some_and(|at| at <= now + LEEWAY),
        };
        seconds("exp").flatten().is_some_and(|exp| exp >= now - LEEWAY) && has_begun("nbf") && has_begun("iat")
    }

    fn is_for(&self, expected: &Expected) -> bool {
        let is_ours = |name: &Value| expected.audiences.iter().any(|ours| name == ours.as_str());
        let audience = match self.get("aud") {
            Some(Value::Array(names)) => names.iter().any(is_ours),
            Some(name) => is_ours(name),
            // Access tokens of Cognito say `client_id` instead.
            None => self.get("client_id").is_some_and(is_ours),
        };
        // Cognito says so what a token is for.
        let is_access = self.get("token_use").is_none_or(|purpose| purpose == "access");
        audience && is_access && self.text("iss") == Some(&expected.issuer)
    }
}
