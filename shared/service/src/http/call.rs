//! What a handler is given: a request of a caller who may call its route, read piece by piece.

use super::event::Request;
use crate::access::Withheld;
use api::{
    ids::{ChatId, RunId, StepNumber},
    json::{Violation, parse_body},
    parse::Invalid,
    problem::{MAX_BODY_BYTES, Problem},
};
use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
use lambda_http::Body;
use serde::de::DeserializeOwned;
use std::{collections::BTreeMap, mem, str::FromStr};
use tokio::time::Instant;

/// A request of a caller who may call the route. `C` proves who that is; about a chat it proves nothing yet, so what is
/// wrong with anything but the chat's own id is [`Withheld`].
pub struct Call<C> {
    /// Who calls.
    pub caller: C,
    parameters: BTreeMap<String, String>,
    query: String,
    body: Body,
    until: Instant,
}

impl<C> Call<C> {
    pub(super) fn new(caller: C, request: Request, until: Instant) -> Self {
        let Request { parameters, query, body, .. } = request;
        Self { caller, parameters, query, body, until }
    }

    /// The chat of the path.
    ///
    /// # Errors
    ///
    /// [`Problem::InvalidId`].
    pub fn chat(&self) -> Result<ChatId, Problem> {
        self.parameter("chat")
    }

    /// The run of the path, or [`Problem::InvalidId`].
    pub fn run(&self) -> Withheld<RunId> {
        self.parameter("run").into()
    }

    /// The step number of the path, or [`Problem::InvalidId`].
    pub fn step_number(&self) -> Withheld<StepNumber> {
        self.parameter("step_number").into()
    }

    fn parameter<T: FromStr<Err = Invalid>>(&self, name: &str) -> Result<T, Problem> {
        let value = self.parameters.get(name).map_or("", String::as_str);
        value.parse().map_err(|error: Invalid| Problem::InvalidId(Violation::new(name, error.to_string())))
    }

    /// The query, which may hold these parameters once each and no others, or [`Problem::InvalidQuery`].
    pub fn query<const N: usize>(&self, names: [&str; N]) -> Withheld<[Option<String>; N]> {
        self.parameters_of_query(names).into()
    }

    fn parameters_of_query<const N: usize>(&self, names: [&str; N]) -> Result<[Option<String>; N], Problem> {
        let mut values = [const { None }; N];
        for (name, value) in form_urlencoded::parse(self.query.as_bytes()) {
            let wrong = |detail: &str| Problem::InvalidQuery(Violation::new(&*name, detail));
            let mut slots = names.iter().zip(&mut values);
            match slots.find(|(known, _)| **known == name) {
                Some((_, slot @ None)) => *slot = Some(value.into_owned()),
                Some(_) => return Err(wrong("must be given once")),
                None => return Err(wrong("is no parameter of this route")),
            }
        }
        Ok(values)
    }

    /// The body, read strictly, or [`Problem::InvalidBody`]. It is given away, since a large one's text is needed no
    /// more.
    pub fn take_body<T: DeserializeOwned>(&mut self) -> Withheld<T> {
        parse_body(&mem::take(&mut self.body)).map_err(Problem::InvalidBody).into()
    }

    /// Until when work that may be left undone can go on.
    pub const fn until(&self) -> Instant {
        self.until
    }
}

/// 415 and 413: a body that is not plain JSON, or too large.
pub(super) fn check_body(headers: &HeaderMap, body: &Body) -> Result<(), Problem> {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let is_json = match (types.next().and_then(|value| value.to_str().ok()), types.next()) {
        (Some(value), None) => is_plain_json(value),
        _ => false,
    };
    if !is_json || headers.contains_key(CONTENT_ENCODING) {
        return Err(Problem::UnsupportedMediaType);
    }
    if body.len() > MAX_BODY_BYTES {
        return Err(Problem::BodyTooLarge);
    }
    Ok(())
}

/// `application/json`, with no parameter but `charset=utf-8`.
fn is_plain_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    is_json
        && parts.filter(|parameter| !parameter.is_empty()).all(|parameter| {
            parameter.split_once('=').is_some_and(|(name, value)| {
                name.trim().eq_ignore_ascii_case("charset")
                    && value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_json_is_json() {
        for good in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
            "application/json;",
        ] {
            assert!(is_plain_json(good), "{good}");
        }
        for bad in [
            "",
            "text/plain",
            "application/json; charset=utf-16",
            "application/vnd.api+json",
            "application/jsonx",
            "application/json; q=1",
        ] {
            assert!(!is_plain_json(bad), "{bad}");
        }
    }
}
