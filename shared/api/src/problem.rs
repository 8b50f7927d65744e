//! The closed list of refusals: every answer is a success or one of these.
//!
//! A problem says what the caller can do about it. It has no room for internals: what went wrong inside is in the log.

use crate::json::Violation;
use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoEnumIterator};

/// The largest body of a request, in bytes: 5 MiB.
pub const MAX_BODY_BYTES: usize = 5 * 1024 * 1024;

/// The largest step whose redaction is shown before it is stored, in bytes: 1 MiB.
pub const MAX_PREVIEW_BYTES: usize = 1024 * 1024;

/// The largest gzipped body, in bytes as it is sent. In base64 it is 6,000,000, which fits Lambda's 6 MB.
pub const MAX_GZIP_BYTES: usize = 4_500_000;

/// The most that a gzipped body may unpack to, in bytes: 16 MiB.
pub const MAX_UNPACKED_BYTES: usize = 16 * 1024 * 1024;

/// The largest step in an answer, in bytes, after Lambda has escaped its JSON once more: below Lambda's 6 MB. Contents
/// that do not fit are omitted.
pub const MAX_STEP_BYTES: usize = 5_900_000;

/// The most of one request's content that is stored, compressed, in bytes. A chat takes about 1 MB a second.
pub const MAX_STORED_BYTES: usize = 3_500_000;

/// The most of a content in one answer, in bytes. In base64 it is 5,866,668, which fits Lambda's 6 MB.
pub const MAX_PART_BYTES: usize = 4_400_000;

/// Every way to be refused.
#[derive(Debug, Clone, PartialEq, Eq, EnumIter)]
pub enum Problem {
    /// The request cannot be read: its address, a header or its body's encoding is malformed.
    MalformedRequest,
    /// No valid token. One text for every reason, so that an attacker learns nothing.
    Unauthenticated,
    /// A recorder's route, called by another.
    RecorderOnly,
    /// A user's route, called by a recorder, which never reads what it recorded.
    UserOnly,
    /// An admin's route, called by another.
    AdminOnly,
    /// A body that is not in a type and an encoding that its route takes.
    UnsupportedMediaType,
    /// A body above one of its limits.
    BodyTooLarge(BodyLimit),
    /// A step above [`MAX_STORED_BYTES`], or above [`MAX_STEP_BYTES`] without its contents.
    StepTooLarge,
    /// A turn above [`MAX_STORED_BYTES`].
    TurnTooLarge {
        /// What it would take, compressed, in bytes.
        stored: usize,
    },
    /// A content above [`MAX_PART_BYTES`], asked for as a whole.
    RangeRequired {
        /// How many bytes it has.
        size: usize,
    },
    /// A run whose HAR no answer holds.
    HarTooLarge,
    /// A range that begins after the content's end.
    RangeNotSatisfiable {
        /// How many bytes the content has.
        size: usize,
    },
    /// An id in the path that is malformed.
    InvalidId(Violation),
    /// Unknown, deleted or another user's: one answer for all three.
    NotFound,
    /// The deployment forces logging, so a setting would change nothing.
    ForcedByDeployment,
    /// The admin's gate is closed.
    GateClosed,
    /// A query parameter that is unknown, repeated or out of range.
    InvalidQuery(Violation),
    /// A body that is not what `CONTRACT.md` asks for.
    InvalidBody(Violation),
    /// The chat belongs to another owner than the body names.
    OtherOwner,
    /// A run with this id was posted with other content.
    OtherContent,
    /// The run is final.
    RunFinal,
    /// As many recorder keys as there may be are there already.
    TooManyKeys,
    /// The deployment takes no recorder keys.
    RecorderKeysOff,
    /// The store or the key set did not answer in time, or a setting could not be read.
    Unavailable,
    /// The service failed.
    Internal,
}

/// A limit of bodies, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BodyLimit {
    /// [`MAX_BODY_BYTES`].
    #[default]
    Plain,
    /// [`MAX_PREVIEW_BYTES`].
    Preview,
    /// [`MAX_GZIP_BYTES`].
    Gzipped,
    /// [`MAX_UNPACKED_BYTES`].
    Unpacked,
}

/// The fixed part of a problem: a row of the table in CONTRACT.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// HTTP status.
    pub status: u16,
    /// Last part of the URN in `type`.
    pub slug: &'static str,
    /// A full sentence that the caller can act on.
    pub message: &'static str,
}

impl Problem {
    /// One of each, in the order in which they are found.
    pub fn all() -> Vec<Self> {
        Self::iter().collect()
    }

    /// Status, slug and message.
    pub const fn row(&self) -> Row {
        let (status, slug, message) = match self {
            Self::MalformedRequest => (
                400,
                "malformed-request",
                "The request cannot be read. Percent-encode its query, and check its Host, its headers and its length.",
            ),
            Self::Unauthenticated => {
                (401, "unauthenticated", "A valid bearer token is required. Sign in again and send a fresh token.")
            }
            Self::RecorderOnly => (
                403,
                "recorder-only",
                "Only a recorder may do this. Use a recorder key, or a token with the recorder's scope.",
            ),
            Self::UserOnly => {
                (403, "user-only", "A recorder may not do this. Use a user's token without the recorder's scope.")
            }
            Self::AdminOnly => (403, "admin-only", "Only an admin may do this. Ask an admin of this deployment."),
            Self::UnsupportedMediaType => (
                415,
                "unsupported-media-type",
                "The body must be JSON in UTF-8. Send Content-Type: application/json without Content-Encoding; a \
                 recording may also be application/vnd.chat-debug+json with Content-Encoding: gzip.",
            ),
            Self::BodyTooLarge(_) => (
                413,
                "body-too-large",
                "The body is too large. Gzip it if it is a recording, or record the turn's steps one by one.",
            ),
            Self::StepTooLarge => (
                413,
                "step-too-large",
                "A step is larger than 3500000 bytes as it is stored, or than 5900000 bytes as it is read back without its \
                 bodies and normalized forms. Record less of it.",
            ),
            Self::TurnTooLarge { .. } => (
                413,
                "turn-too-large",
                "The turn is larger than 3500000 bytes as it is stored. Record its steps one by one, or leave images out.",
            ),
            Self::RangeRequired { .. } => (
                413,
                "range-required",
                "The content is larger than 4400000 bytes. Ask for it part by part: Range: bytes=0-4399999.",
            ),
            Self::HarTooLarge => (
                413,
                "har-too-large",
                "The run is larger than one answer holds. `chat-debug export CHAT RUN` puts its HAR together page by page.",
            ),
            Self::RangeNotSatisfiable { .. } => {
                (416, "range-not-satisfiable", "The content ends before the range begins. See `Content-Range`.")
            }
            Self::InvalidId(_) => (
                400,
                "invalid-id",
                "An id in the path is malformed. Ids are lower-case, hyphenated UUIDs; step numbers are 1 to 99999.",
            ),
            Self::NotFound => (
                404,
                "not-found",
                "There is no such chat, run, step, content or key, or it is not yours. Check the ids.",
            ),
            Self::ForcedByDeployment => (
                409,
                "forced-by-deployment",
                "This deployment records every chat, so this setting cannot be changed. Ask the operator.",
            ),
            Self::GateClosed => (403, "gate-closed", "Debug logging is not open to users. Ask an admin to allow it."),
            Self::InvalidQuery(_) => (400, "invalid-query", "A query parameter is wrong. See `validations`."),
            Self::InvalidBody(_) => (400, "invalid-body", "The body is not what this route takes. See `validations`."),
            Self::OtherOwner => {
                (409, "other-owner", "This chat belongs to another owner. Nothing was stored; check owner_id.")
            }
            Self::OtherContent => {
                (409, "other-content", "A run with this id was posted with other content. Use a new id.")
            }
            Self::RunFinal => (409, "run-final", "The run is final and takes no more changes. Start a new run."),
            Self::TooManyKeys => {
                (409, "too-many-keys", "There are 20 recorder keys already. Revoke one of them first.")
            }
            Self::RecorderKeysOff => (
                409,
                "recorder-keys-off",
                "This deployment takes no recorder keys. Use a token with the recorder's scope, or ask the operator.",
            ),
            Self::Unavailable => (
                503,
                "unavailable",
                "The service did not answer in time. Try again: repeating it is safe, a POST's with an id of its own.",
            ),
            Self::Internal => {
                (500, "internal", "Something went wrong on our side. Report the X-Request-Id of this answer.")
            }
        };
        Row { status, slug, message }
    }

    /// The body on the wire.
    pub fn body(&self) -> ProblemBody {
        let Row { status, slug, message } = self.row();
        let validations = match self {
            Self::InvalidId(violation) | Self::InvalidQuery(violation) | Self::InvalidBody(violation) => {
                vec![violation.clone()]
            }
            _ => Vec::new(),
        };
        let detail = match self {
            Self::BodyTooLarge(limit) => Some(limit.detail().to_owned()),
            Self::TurnTooLarge { stored } => Some(format!("It would take {stored} bytes.")),
            Self::RangeRequired { size } | Self::RangeNotSatisfiable { size } => Some(format!("It has {size} bytes.")),
            _ => validations.first().map(|Violation { field, detail }| match (self, &**field) {
                (Self::InvalidQuery(_), "") => format!("A parameter without a name: {detail}."),
                (_, "") => format!("The body: {detail}."),
                (_, field) => format!("{field}: {detail}."),
            }),
        };
        ProblemBody {
            r#type: format!("urn:chat-debug:problem:{slug}"),
            title: message.to_owned(),
            status,
            message: message.to_owned(),
            detail,
            validations,
        }
    }
}

impl BodyLimit {
    /// The limit itself.
    pub const fn bytes(self) -> usize {
        match self {
            Self::Plain => MAX_BODY_BYTES,
            Self::Preview => MAX_PREVIEW_BYTES,
            Self::Gzipped => MAX_GZIP_BYTES,
            Self::Unpacked => MAX_UNPACKED_BYTES,
        }
    }

    const fn detail(self) -> &'static str {
        match self {
            Self::Plain => "Without gzip it may have 5 MiB (5242880 bytes).",
            Self::Preview => "To be shown it may have 1 MiB (1048576 bytes).",
            Self::Gzipped => "Gzipped it may have 4500000 bytes.",
            Self::Unpacked => "Unpacked it may have 16 MiB (16777216 bytes).",
        }
    }
}

/// The body of every refusal: what Coder's clients read, and RFC 9457's members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Problem"))]
pub struct ProblemBody {
    /// A stable URN, to tell problems apart by.
    pub r#type: String,
    /// The same as `message`.
    pub title: String,
    /// The HTTP status.
    #[cfg_attr(feature = "openapi", schemars(range(min = 100, max = 599)))]
    pub status: u16,
    /// A full sentence that the caller can act on.
    pub message: String,
    /// What exactly is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Where it is wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validations: Vec<Violation>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_called_as_its_slug() {
        for problem in Problem::all() {
            let said = format!("{problem:?}");
            let name = said.split(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap();
            assert_eq!(name.to_lowercase(), problem.row().slug.replace('-', ""));
        }
    }

    #[test]
    fn messages_are_full_sentences_with_their_limits() {
        for problem in Problem::all() {
            assert!(problem.row().message.ends_with('.'), "{problem:?}");
        }
        for limit in [BodyLimit::Plain, BodyLimit::Preview, BodyLimit::Gzipped, BodyLimit::Unpacked] {
            let detail = Problem::BodyTooLarge(limit).body().detail.unwrap();
            assert!(detail.contains(&limit.bytes().to_string()) && detail.ends_with('.'), "{detail}");
        }
        for limit in [MAX_STORED_BYTES, MAX_STEP_BYTES] {
            assert!(Problem::StepTooLarge.row().message.contains(&limit.to_string()));
        }
        let part = Problem::RangeRequired { size: 5_000_000 }.row().message;
        assert!(part.contains(&MAX_PART_BYTES.to_string()) && part.contains(&format!("0-{}", MAX_PART_BYTES - 1)));
        let too_large = Problem::TurnTooLarge { stored: 4_000_000 };
        assert!(too_large.row().message.contains(&MAX_STORED_BYTES.to_string()));
        assert_eq!(too_large.body().detail.as_deref(), Some("It would take 4000000 bytes."));
    }
}
