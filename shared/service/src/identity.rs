//! Reads what a bearer shows, and verifies a token: who the caller is, never what they may do.
//!
//! In AWS the gateway's authorizer has verified the token before. It is verified here again, always: so a route without
//! an authorizer is no hole, and tests and `make run` go the same way. Whatever is wrong with a token, the answer is
//! the same. Nothing in a token can lead to a file, a query or a call elsewhere.
//!
//! - `claims`: what a token says, and whether it is for us and valid now
//! - `roles`: whether that is a user, an admin or a recorder
//! - `jwks`: the issuer's keys
//! - `signature`: the check of a signature, on ring, and which was good last
//! - `recorder_key`: what may be shown in a token's place

mod claims;
mod jwks;
mod recorder_key;
mod roles;
mod signature;

pub use claims::{Claims, Expected};
pub use jwks::{KeySet, KeySource, NoKeys, PublicKey};
pub use recorder_key::{RecorderKey, SecretHash};
pub use roles::{Role, Roles};

use crate::{failure::Failure, members::UniqueMembers};
use api::{problem::Problem, time::Timestamp};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header};
use serde_json::Value;

/// Longest token that is looked at, in bytes.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Verifies bearer tokens.
pub struct Identity {
    expected: Expected,
    keys: KeySet,
}

impl Identity {
    /// Tokens of one issuer, signed by one of `keys`.
    pub fn new(expected: Expected, keys: KeySet) -> Self {
        signature::install();
        Self { expected, keys }
    }

    /// The claims of a token, once it is verified.
    ///
    /// # Errors
    ///
    /// [`Problem::Unauthenticated`] for whatever is wrong with the token. [`Problem::Unavailable`] when the issuer's
    /// keys cannot be fetched.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, Failure> {
        let header = header(token).ok_or(Problem::Unauthenticated)?;
        let key = self.keys.find(header.kid.as_deref(), header.alg, now).await?;
        let key = key.ok_or(Problem::Unauthenticated)?;
        let claims = decode::<Claims>(token, &key.decoding, &signature_only(key.algorithm));
        let claims = claims.map_err(|_| Problem::Unauthenticated)?.claims;
        let is_good = claims.is_current(now) && claims.is_for(&self.expected);
        Ok(is_good.then_some(claims).ok_or(Problem::Unauthenticated)?)
    }
}

/// What a bearer shows, of which nothing is proven.
pub enum Credential<'a> {
    /// What may be a token.
    Token(&'a str),
    /// A recorder key.
    Key(RecorderKey),
}

impl<'a> Credential<'a> {
    /// What an `Authorization` header shows, if it can be either.
    pub(crate) fn in_header(authorization: &'a str) -> Option<Self> {
        let (scheme, shown) = authorization.split_once(' ')?;
        let is_plausible = shown.len() <= MAX_TOKEN_BYTES && shown.bytes().all(|b| b.is_ascii_graphic());
        match scheme.eq_ignore_ascii_case("bearer") && is_plausible {
            true if RecorderKey::is_meant(shown) => RecorderKey::parse(shown).map(Self::Key),
            true => Some(Self::Token(shown)),
            false => None,
        }
    }
}

fn header(token: &str) -> Option<Header> {
    let encoded = token.split('.').next()?;
    let UniqueMembers(members) =
        serde_json::from_slice::<UniqueMembers<Value>>(&URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()?;
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

/// The library checks the signature alone: claims are checked by [`Claims`], against the clock that tests can move.
fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}
