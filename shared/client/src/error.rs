//! Every way a call can fail, each with a sentence that says what to do next.
//!
//! No variant holds the token or a request's body.

use api::problem::{Problem, ProblemBody};
use serde::Deserialize;
use std::{error, fmt, time::Duration};

/// Why a call did not do what it was asked to.
#[derive(Debug)]
pub enum Error {
    /// The service refused, and says why.
    Problem {
        /// What it says.
        problem: Box<ProblemBody>,
        /// The answer's `X-Request-Id`.
        request_id: Option<String>,
    },
    /// An answer that is not in `CONTRACT.md`: the gateway's own refusal, or another server's.
    Unexpected {
        /// The HTTP status.
        status: u16,
        /// The `message` of its body, if it has one.
        said: Option<String>,
        /// The gateway's id of the request.
        request_id: Option<String>,
    },
    /// A success whose body cannot be read: client and service follow different versions of `CONTRACT.md`.
    Unreadable {
        /// The operation that was called.
        operation: &'static str,
        /// What is wrong with the answer.
        detail: String,
    },
    /// A body that the service takes neither as it is nor gzipped: nothing was sent.
    TooLarge {
        /// Its bytes as JSON.
        bytes: usize,
    },
    /// Something is left of what should have been deleted, though nobody can read it any more.
    Undeleted {
        /// The operation that was called.
        operation: &'static str,
        /// The number of calls.
        calls: u32,
    },
    /// Nothing answers at the base URL.
    Unreachable {
        /// The base URL.
        base: String,
        /// What the system says.
        cause: String,
    },
    /// The connection broke before the answer was whole.
    Broken {
        /// The base URL.
        base: String,
        /// What the system says.
        cause: String,
    },
    /// No answer in time.
    Timeout {
        /// The base URL.
        base: String,
        /// How long the client waited.
        after: Duration,
    },
    /// The base URL is invalid.
    InvalidBaseUrl(&'static str),
    /// The token cannot be a header's value.
    InvalidToken,
    /// The body cannot be written as JSON.
    Unwritable(serde_json::Error),
    /// TLS cannot be set up.
    Tls(String),
}

impl Error {
    /// The HTTP status of the answer, when it is a refusal.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Problem { problem, .. } => Some(problem.status),
            Self::Unexpected { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The last part of the problem's URN, to tell problems apart by: `not-found`, `run-final`, ….
    pub fn slug(&self) -> Option<&str> {
        match self {
            Self::Problem { problem, .. } => problem.r#type.rsplit(':').next(),
            _ => None,
        }
    }

    /// Whether the service refused because of this problem.
    pub fn is(&self, problem: &Problem) -> bool {
        self.slug() == Some(problem.row().slug)
    }

    /// Whether less of the same may succeed: the service, the gateway or the client itself found the body too large.
    pub fn is_too_large(&self) -> bool {
        matches!(self, Self::TooLarge { .. }) || self.status() == Some(413)
    }

    /// The id of the request in the service's log.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Problem { request_id, .. } | Self::Unexpected { request_id, .. } => request_id.as_deref(),
            _ => None,
        }
    }

    /// Whether the same call may succeed a little later.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Undeleted { .. } | Self::Unreachable { .. } | Self::Broken { .. } | Self::Timeout { .. } => true,
            _ => matches!(self.status(), Some(429 | 502..=504)),
        }
    }

    /// The error of a refusal, by its status and body.
    pub(crate) fn refusal(status: u16, request_id: Option<String>, body: &[u8]) -> Self {
        /// The body of API Gateway's own refusals.
        #[derive(Deserialize)]
        struct GatewayRefusal {
            message: String,
        }
        match serde_json::from_slice::<ProblemBody>(body) {
            Ok(problem) if problem.status == status => Self::Problem { problem: Box::new(problem), request_id },
            _ => {
                let said = serde_json::from_slice(body).ok().map(|GatewayRefusal { message }| shortened(message));
                Self::Unexpected { status, said, request_id }
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problem { problem, request_id } => {
                write_problem(f, problem)?;
                // The log helps only when the service itself failed.
                write_request_id(f, request_id.as_deref().filter(|_| problem.status >= 500))
            }
            Self::Unexpected { status, said, request_id } => {
                f.write_str(unexpected(*status))?;
                write!(f, " (HTTP {status}")?;
                if let Some(said) = said {
                    write!(f, ", \"{said}\"")?;
                }
                f.write_str(")")?;
                write_request_id(f, request_id.as_deref())
            }
            Self::Unreadable { operation, detail } => write!(
                f,
                "The answer to {operation} is not what the contract says: {detail}. Check the service's URL, and use a client of the service's version."
            ),
            Self::TooLarge { bytes } => {
                write!(
                    f,
                    "The body of {bytes} bytes is larger than the service takes, even gzipped. Send less at once."
                )
            }
            Self::Undeleted { operation, calls } => write!(
                f,
                "After {calls} calls of {operation} something is still left, which nobody can read any more. Delete it again to go on."
            ),
            Self::Unreachable { base, cause } => {
                let next =
                    if is_local(base) { "Is `make run` running there?" } else { "Check the URL and the network." };
                write!(f, "Nothing answers at {base} ({cause}). {next}")
            }
            Self::Broken { base, cause } => {
                write!(f, "The connection to {base} broke ({cause}). Try again.")
            }
            Self::Timeout { base, after } => {
                write!(f, "No answer from {base} within {} s. Try again later.", after.as_secs())
            }
            Self::InvalidBaseUrl(detail) => {
                write!(f, "The service's URL {detail}. Give one like http://127.0.0.1:9000.")
            }
            Self::InvalidToken => {
                f.write_str("The token is empty or has characters that no token has. Copy it again, without spaces.")
            }
            Self::Unwritable(source) => write!(f, "The request cannot be written as JSON: {source}."),
            Self::Tls(detail) => write!(f, "TLS cannot be set up: {detail}. Report this."),
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Unwritable(source) => Some(source),
            _ => None,
        }
    }
}

fn write_problem(f: &mut fmt::Formatter<'_>, problem: &ProblemBody) -> fmt::Result {
    // The validations follow.
    f.write_str(problem.message.trim_end_matches(" See `validations`."))?;
    if let Some(detail) = &problem.detail {
        write!(f, " {detail}")?;
    }
    // The first violation is the detail already.
    for violation in problem.validations.iter().skip(1) {
        write!(f, " {}: {}.", violation.field, violation.detail)?;
    }
    Ok(())
}

fn write_request_id(f: &mut fmt::Formatter<'_>, request_id: Option<&str>) -> fmt::Result {
    match request_id {
        Some(id) => write!(f, " Request id: {id}."),
        None => Ok(()),
    }
}

/// What is wrong with JSON, in the parser's words but without the value that is wrong, which may be anybody's.
pub(crate) fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    // Lines are counted within what was read at once.
    let text = text.rsplit_once(" at line ").map_or(&*text, |(text, _)| text);
    match text.rsplit_once(", expected ") {
        Some((found, expected)) if error.is_data() => {
            let kind = found.split([':', '`']).next().unwrap_or_default().trim_end();
            format!("{kind}, expected {expected}")
        }
        _ => text.to_owned(),
    }
}

/// As much as a sentence has of another server's words.
fn shortened(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(200));
    text
}

/// What to do about an answer that the service itself never gives.
const fn unexpected(status: u16) -> &'static str {
    match status {
        300..=399 => "The service is somewhere else. Give the URL that this one leads to.",
        401 => "The gateway does not accept the token. Sign in again and give a fresh one.",
        403 => "The gateway does not let this token pass. Check whom it was made for.",
        404 => "The gateway knows no such route. Check the service's URL.",
        413 => "The gateway finds the request too large. Record less at once.",
        429 => "The gateway is throttling. Wait a little and try again.",
        500..=599 => "The service did not answer properly. Try again later, and look into its log.",
        _ => "What answers there is not chat-debug. Check the service's URL.",
    }
}

fn is_local(base: &str) -> bool {
    let authority = base.split_once("://").map_or(base, |(_, rest)| rest);
    let host = authority.split('/').next().unwrap_or_default();
    host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_says_what_is_wrong_and_where() {
        let violation = api::json::Violation::new("/status", "must be a status");
        let body = serde_json::to_vec(&Problem::InvalidBody(violation).body()).expect("JSON");
        let error = Error::refusal(400, Some("r-1".into()), &body);
        assert_eq!(error.slug(), Some("invalid-body"));
        assert_eq!(error.request_id(), Some("r-1"));
        assert!(error.to_string().contains("/status: must be a status."), "{error}");
        assert!(!error.to_string().contains("See `validations`"), "{error}");
    }

    #[test]
    fn every_problem_of_the_contract_is_recognised() {
        for problem in Problem::all() {
            let body = serde_json::to_vec(&problem.body()).expect("JSON");
            let error = Error::refusal(problem.row().status, None, &body);
            assert_eq!(error.slug(), Some(problem.row().slug));
        }
    }

    #[test]
    fn the_gateways_own_refusals_are_told_apart_from_the_services() {
        for (status, body, part) in [
            (401, r#"{"message":"Unauthorized"}"#, "fresh"),
            (403, r#"{"message":"Forbidden"}"#, "made for"),
            (404, r#"{"message":"Not Found"}"#, "URL"),
            (429, r#"{"message":"Too Many Requests"}"#, "Wait"),
            (502, "<html>", "Try again later"),
            (200, "<html>", "not chat-debug"),
        ] {
            let error = Error::refusal(status, None, body.as_bytes());
            assert!(matches!(error, Error::Unexpected { .. }), "{error:?}");
            assert!(error.to_string().contains(part), "{error}");
        }
    }

    #[test]
    fn what_another_server_says_is_cut() {
        let body = format!(r#"{{"message":"{}"}}"#, "é".repeat(1000));
        let error = Error::refusal(302, None, body.as_bytes()).to_string();
        assert!(error.len() < 400 && error.contains("leads to"), "{error}");
    }

    #[test]
    fn no_value_is_told_of_what_cannot_be_read() {
        for (text, expected) in [
            (r#"{"calls":"s3cret, expected"}"#, "invalid type, expected a sequence"),
            (r#"{"calls":["s3cret"]}"#, "invalid type, expected u8"),
            (r#"{"calls":[333]}"#, "invalid value, expected u8"),
            (r#"{"call":"s3cret"}"#, "missing field `calls`"),
            (r#"{"calls":[s3cret]}"#, "expected value"),
            (r#"{"calls":["s3cret"#, "EOF while parsing a string"),
        ] {
            #[derive(Debug, Deserialize)]
            struct Calls {
                #[expect(dead_code, reason = "it is never there")]
                calls: Vec<u8>,
            }
            assert_eq!(told(&serde_json::from_str::<Calls>(text).unwrap_err()), expected, "{text}");
        }
    }

    #[test]
    fn a_local_url_asks_for_the_local_stack() {
        let unreachable = |base: &str| Error::Unreachable { base: base.into(), cause: "refused".into() }.to_string();
        assert!(unreachable("http://127.0.0.1:9000").contains("make run"));
        assert!(unreachable("http://[::1]:9000").contains("make run"));
        assert!(!unreachable("https://debug.example.com").contains("make run"));
    }
}
