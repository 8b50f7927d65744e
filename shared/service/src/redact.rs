//! What is never stored: the operator's keys. The owner of a chat is not their owner.
//!
//! Headers that carry keys, user info and key-like query parameters of URLs. Bodies are not read.

use api::step::{Attempt, Headers, StepInput};
use std::borrow::Cow;

/// What stands where a key stood.
pub const REDACTED: &str = "[REDACTED]";

const HEADERS: [&str; 7] =
    ["authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie", "set-cookie"];

/// Words that make a query parameter key-like, wherever they stand in its name.
const PARAMETER_WORDS: [&str; 7] = ["key", "token", "secret", "signature", "password", "credential", "auth"];
/// Names that are key-like as a whole.
const PARAMETERS: [&str; 5] = ["sig", "code", "pwd", "jwt", "sas"];

/// Takes the keys out of a step's attempts.
pub fn step(step: &mut StepInput) {
    step.attempts.iter_mut().for_each(attempt);
}

fn attempt(attempt: &mut Attempt) {
    for headers in [&mut attempt.request_headers, &mut attempt.response_headers].into_iter().flatten() {
        self::headers(headers);
    }
    for address in [&mut attempt.url, &mut attempt.path].into_iter().flatten() {
        *address = url(address);
    }
}

fn headers(headers: &mut Headers) {
    for (name, value) in &mut headers.0 {
        if HEADERS.iter().any(|header| name.trim().eq_ignore_ascii_case(header)) {
            REDACTED.clone_into(value);
        }
    }
}

/// The same URL or path without its keys; every other byte stays.
fn url(url: &str) -> String {
    let (before_fragment, fragment) = split_before(url, "#");
    let (address, query) = split_before(before_fragment, "?");
    let query: Vec<_> = query.split_inclusive(['?', '&', ';']).map(parameter).collect();
    // A fragment may carry tokens in a query's form.
    let fragment: Vec<_> = fragment.split_inclusive(['#', '&']).map(parameter).collect();
    user_info(address) + &query.concat() + &fragment.concat()
}

fn split_before<'a>(text: &'a str, separator: &str) -> (&'a str, &'a str) {
    text.split_at(text.find(separator).unwrap_or(text.len()))
}

fn user_info(address: &str) -> String {
    let Some(start) = address.find("//").map(|at| at + 2) else { return address.to_owned() };
    let (scheme, rest) = address.split_at(start);
    let (authority, path) = rest.split_at(rest.find(['/', '\\']).unwrap_or(rest.len()));
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}{REDACTED}@{host}{path}"),
        None => address.to_owned(),
    }
}

/// One `name=value` with the separator that ends it.
fn parameter(part: &str) -> Cow<'_, str> {
    let Some((name, value)) = part.split_once('=') else { return part.into() };
    let separator = value.find(['&', ';']).map_or("", |at| value.split_at(at).1);
    if is_key_like(name) { format!("{name}={REDACTED}{separator}").into() } else { part.into() }
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
            ("/v1?a=1&a=2;key=s;b", "/v1?a=1&a=2;key=[REDACTED];b"),
            ("/v1?key=", "/v1?key=[REDACTED]"),
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
