//! The contents of a step by name: those of its members that may be large.

use crate::parse::{Invalid, from_text};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, num::NonZeroU32, str::FromStr};

/// Which way a content went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// To the model.
    Request,
    /// Back from it.
    Response,
}

/// Names a content within its step: `request` or `response` is a normalized form, `attempts/2/response` a body of the
/// second attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentName {
    /// The attempt's place among the attempts, from 1, whatever its `number`, which another may have too. Without one,
    /// it is the step's normalized form.
    pub attempt: Option<NonZeroU32>,
    /// Which of the two.
    pub side: Side,
}

/// A content that the answer has no room for. It is stored whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Omitted {
    /// Which it is; after `content/` it is the path where it can be read.
    pub content: ContentName,
    /// How many bytes it has.
    pub bytes: u32,
    /// SHA-256 of its bytes, in lower-case hexadecimal digits.
    #[cfg_attr(feature = "openapi", schemars(regex(pattern = "^[0-9a-f]{64}$")))]
    pub sha256: String,
}

impl ContentName {
    /// The body that came back to the attempt in this place, from 0.
    pub fn response(index: usize) -> Self {
        let place = u32::try_from(index).ok().and_then(|index| NonZeroU32::MIN.checked_add(index));
        Self { attempt: Some(place.unwrap_or(NonZeroU32::MAX)), side: Side::Response }
    }
}

impl fmt::Display for ContentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self.attempt {
            write!(f, "attempts/{place}/")?;
        }
        f.write_str(match self.side {
            Side::Request => "request",
            Side::Response => "response",
        })
    }
}

impl FromStr for ContentName {
    type Err = Invalid;

    /// Without sign or leading zero, so that a content has one URL.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let read = || {
            let (attempt, side) = match text.strip_prefix("attempts/") {
                None => (None, text),
                Some(rest) => {
                    let (place, side) = rest.split_once('/')?;
                    let is_canonical = place.bytes().all(|byte| byte.is_ascii_digit()) && !place.starts_with('0');
                    (Some(place.parse().ok().filter(|_| is_canonical)?), side)
                }
            };
            let side = match side {
                "request" => Side::Request,
                "response" => Side::Response,
                _ => return None,
            };
            Some(Self { attempt, side })
        };
        read().ok_or(Invalid("request, response, attempts/N/request or attempts/N/response, with N from 1"))
    }
}

impl Serialize for ContentName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContentName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_spelling() {
        for name in ["request", "response", "attempts/1/request", "attempts/4294967295/response"] {
            assert_eq!(name.parse::<ContentName>().map(|read| read.to_string()).as_deref(), Ok(name));
        }
        for wrong in [
            "",
            "Request",
            "request/",
            "/request",
            "attempts",
            "attempts/1",
            "attempts//request",
            "attempts/0/request",
            "attempts/01/request",
            "attempts/+1/request",
            "attempts/-1/request",
            "attempts/4294967296/request",
            "attempts/1/request/",
            "attempts/1/metadata",
            "attempts%2F1%2Frequest",
            "../steps",
        ] {
            assert!(wrong.parse::<ContentName>().is_err(), "{wrong}");
        }
    }
}
