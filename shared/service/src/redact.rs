//! What is never stored: the operator's keys. The owner of a chat is not their owner.
//!
//! Headers that carry keys, user info and key-like query parameters of URLs. Bodies are not read.

use crate::meter::count;
use api::{
    run::CreateRun,
    step::{Attempt, Headers, StepInput},
};
use std::borrow::Cow;

/// What stands where a key stood.
pub const REDACTED: &str = "[REDACTED]";

const HEADERS: [&str; 7] =
    ["authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie", "set-cookie"];

/// Words that make a query parameter key-like, wherever they stand in its name.
const PARAMETER_WORDS: [&str; 7] = ["key", "token", "secret", "signature", "password", "credential", "auth"];
/// Names that are key-like as a whole.
const PARAMETERS: [&str; 5] = ["sig", "code", "pwd", "jwt", "sas"];

/// A body without keys: the only kind that the store records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted<T>(T);

impl<T> std::ops::Deref for Redacted<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Redacted<T> {
    /// The body, for the store to take apart.
    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}

impl Redacted<CreateRun> {
    /// Takes the keys out of a turn.
    pub fn turn(mut turn: CreateRun) -> Self {
        turn.steps.iter_mut().flat_map(|step| &mut step.attempts).for_each(attempt);
        Self(turn)
    }
}

impl Redacted<StepInput> {
    /// Takes the keys out of a step.
    pub fn step(mut step: StepInput) -> Self {
        step.attempts.iter_mut().for_each(attempt);
        Self(step)
    }
}

fn attempt(attempt: &mut Attempt) {
    for headers in [&mut attempt.request_headers, &mut attempt.response_headers].into_iter().flatten() {
        self::headers(headers);
    }
    if let Some(url) = &mut attempt.url {
        *url = self::url(url);
    }
    if let Some(path) = &mut attempt.path {
        *path = parameters(path);
    }
}

fn redacted() -> &'static str {
    count(|counts| counts.redacted += 1);
    REDACTED
}

fn headers(headers: &mut Headers) {
    for (name, value) in &mut headers.0 {
        if HEADERS.iter().any(|header| name.trim().eq_ignore_ascii_case(header)) {
            redacted().clone_into(value);
        }
    }
}

/// A URL without its keys; every other byte stays.
fn url(url: &str) -> String {
    // The first `//`, if it comes before everything that could hold one.
    let start = url.find(['/', '?', '#']).filter(|at| url[*at..].starts_with("//")).map_or(0, |at| at + 2);
    let (scheme, rest) = url.split_at(start);
    let (authority, rest) = rest.split_at(rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len()));
    let rest = parameters(rest);
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}{}@{host}{rest}", redacted()),
        None => format!("{scheme}{authority}{rest}"),
    }
}

/// A path without the keys in its query, or in a fragment of a query's form.
fn parameters(path: &str) -> String {
    let (path, query) = path.split_at(path.find(['?', '#']).unwrap_or(path.len()));
    query.split_inclusive(['&', '#']).fold(path.to_owned(), |kept, part| kept + &parameter(part))
}

/// One `name=value`, with what stands before it and behind it in the query.
fn parameter(part: &str) -> Cow<'_, str> {
    let Some((name, value)) = part.split_once('=') else { return part.into() };
    let separator = value.find(['&', '#']).map_or("", |at| &value[at..]);
    if is_key_like(name) {
        return format!("{name}={}{separator}", redacted()).into();
    }
    // What is no key may hold another query, or begin the next parameter in the old way.
    match value.find(['?', ';']) {
        Some(at) => format!("{name}={}{}", &value[..=at], parameter(&value[at + 1..])).into(),
        None => part.into(),
    }
}

fn is_key_like(name: &str) -> bool {
    // Decoded as a query is, so that `api%5Fkey` hides nothing.
    let decoded: String = form_urlencoded::parse(name.as_bytes()).map(|(name, _)| name.to_ascii_lowercase()).collect();
    PARAMETERS.contains(&&*decoded) || PARAMETER_WORDS.iter().any(|word| decoded.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_leave_a_url_and_every_other_byte_stays() {
        for (given, kept) in [
            ("https://api.example.com/v1/messages?beta=true", "https://api.example.com/v1/messages?beta=true"),
            ("https://u:p@host/x?key=AIza&alt=sse#f", "https://[REDACTED]@host/x?key=[REDACTED]&alt=sse#f"),
            ("https://u@p@host", "https://[REDACTED]@host"),
            ("https://host/a@b?q=u@v", "https://host/a@b?q=u@v"),
            ("https://host?API%5FKEY=s&max_x=1", "https://host?API%5FKEY=[REDACTED]&max_x=1"),
            (
                "/v1?X-Amz-Signature=s&X-Amz-Credential=c&sig=a==&x",
                "/v1?X-Amz-Signature=[REDACTED]&X-Amz-Credential=[REDACTED]&sig=[REDACTED]&x",
            ),
            ("/cb#access_token=s&state=1", "/cb#access_token=[REDACTED]&state=1"),
            ("/v1?a=1&a=2;key=s;b", "/v1?a=1&a=2;key=[REDACTED]"),
            ("/v1?key=", "/v1?key=[REDACTED]"),
            ("/v1?key=a?b;c&x=1", "/v1?key=[REDACTED]&x=1"),
            ("/v1?next=/a?token=s&x=1", "/v1?next=/a?token=[REDACTED]&x=1"),
            ("u:p@host/v1", "[REDACTED]@host/v1"),
            ("https:u:p@host/v1", "[REDACTED]@host/v1"),
            ("//u:p@host", "//[REDACTED]@host"),
            ("", ""),
        ] {
            assert_eq!(url(given), kept, "{given}");
        }
    }

    #[test]
    fn headers_are_told_by_name_in_any_case() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut given =
            Headers(vec![pair("Authorization", "Bearer s"), pair("X-Request-Id", "r"), pair("SET-COOKIE ", "s")]);
        headers(&mut given);
        assert_eq!(
            given.0,
            [pair("Authorization", REDACTED), pair("X-Request-Id", "r"), pair("SET-COOKIE ", REDACTED)]
        );
    }
}
