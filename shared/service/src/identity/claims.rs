//! What a token says, and whether it is of the expected issuer, for us, and valid now.

use crate::members::UniqueMembers;
use api::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// How far clocks may differ, in seconds.
const LEEWAY: i64 = 60;

/// Whose tokens are accepted, and for whom they have to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The exact `iss`.
    pub issuer: String,
    /// What `aud`, or without it `client_id`, may be.
    pub audiences: Vec<String>,
}

/// A token's claims, each of which is there once.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Claims(UniqueMembers<Value>);

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

impl Claims {
    /// Whether the token is valid at this time.
    pub(super) fn is_current(&self, now: Timestamp) -> bool {
        let now = now.millis() / 1_000;
        // Whole seconds from 0 on; a string, a float or a negative number is no time.
        let seconds = |name| self.get(name).map(|value| value.as_u64().and_then(|at| i64::try_from(at).ok()));
        let has_begun = |name| match seconds(name) {
            None => true,
            Some(at) => at.is_some_and(|at| at <= now + LEEWAY),
        };
        seconds("exp").flatten().is_some_and(|exp| exp >= now - LEEWAY) && has_begun("nbf") && has_begun("iat")
    }

    /// Whether the token is an access token of this issuer for one of these audiences.
    pub(super) fn is_for(&self, expected: &Expected) -> bool {
        let is_expected = |name: &Value| expected.audiences.iter().any(|audience| name == audience.as_str());
        let audience = match self.get("aud") {
            Some(Value::Array(names)) => names.iter().any(is_expected),
            Some(name) => is_expected(name),
            // Access tokens of Cognito say `client_id` instead.
            None => self.get("client_id").is_some_and(is_expected),
        };
        // Cognito says in it what a token is for.
        let is_access = self.get("token_use").is_none_or(|purpose| purpose == "access");
        audience && is_access && self.text("iss") == Some(&expected.issuer)
    }
}
