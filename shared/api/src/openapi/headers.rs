//! The headers of answers.

use super::{
    ordered::Json,
    shapes::{Header, reference},
};
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::json;

/// A header of requests, and of the answers to them.
pub(super) const CORRELATION_ID: &str = "X-Correlation-Id";

/// The header of requests that may be answered with a 304.
pub(super) const IF_NONE_MATCH: &str = "If-None-Match";

/// The headers of requests for a part of an answer.
pub(super) const RANGE: &str = "Range";
/// What makes [`RANGE`] count.
pub(super) const IF_RANGE: &str = "If-Range";

/// The component of `X-Request-Id` in a refusal that may be the gateway's.
pub(super) const REQUEST_ID_OF_FUNCTION: &str = "X-Request-Id-Of-Function";

/// What every answer of a function has.
pub(super) fn common_headers() -> IndexMap<&'static str, Json> {
    ["X-Request-Id", CORRELATION_ID].map(|name| (name, reference("headers", name))).into()
}

/// Every header of answers. Where the gateway can answer too, none is certain.
pub(super) fn headers() -> IndexMap<&'static str, impl Serialize> {
    let header =
        |description, required, schema: serde_json::Value| Header { description, required, schema: Json::of(&schema) };
    IndexMap::from([
        ("X-Request-Id", header("Names this request in the service's log.", true, json!({"type": "string"}))),
        (
            REQUEST_ID_OF_FUNCTION,
            header(
                "Names this request in the service's log. The gateway's own refusal has none.",
                false,
                json!({"type": "string"}),
            ),
        ),
        (
            CORRELATION_ID,
            header(
                "What the request said in its own X-Correlation-Id, when that was 1 to 64 of A-Z, a-z, 0-9 and `-`.",
                false,
                json!({"type": "string", "pattern": "^[A-Za-z0-9-]{1,64}$"}),
            ),
        ),
        (
            "Link",
            header(
                "Only when there is more: the path of the next page, as `</api/…?cursor=…>; rel=\"next\"` (RFC 8288).",
                false,
                json!({"type": "string", "pattern": "^<[^>]+>; rel=\"next\"$"}),
            ),
        ),
        (
            "Content-Range",
            header(
                "Which bytes of how many these are; in a refusal only how many there are.",
                true,
                json!({"type": "string", "pattern": "^bytes ([0-9]+-[0-9]+|\\*)/[0-9]+$"}),
            ),
        ),
        ("Accept-Ranges", header("That `Range` is heeded.", true, json!({"type": "string", "enum": ["bytes"]}))),
        (
            "Content-Disposition",
            header(
                "That a browser saves it, and shows it nowhere.",
                true,
                json!({"type": "string", "pattern": "^attachment; filename=\"[a-z0-9-]+\"$"}),
            ),
        ),
        (
            "WWW-Authenticate",
            header(
                "How to authenticate. A function says `Bearer error=\"invalid_token\"`.",
                false,
                json!({"type": "string", "pattern": "^Bearer( |$)"}),
            ),
        ),
        (
            "Retry-After",
            header(
                "Seconds to wait. The gateway's own refusal has none.",
                false,
                json!({"type": "string", "enum": ["1"]}),
            ),
        ),
        (
            "ETag",
            header(
                "Stands for this state of the answer, in this coding: send it as `If-None-Match` to hear of changes alone.",
                true,
                json!({"type": "string", "pattern": "^\"[0-9a-f]{32}(-[a-z]+)?\"$"}),
            ),
        ),
        (
            "Content-Security-Policy",
            header(
                "What a browser that shows the answer lets it do: it loads nothing from elsewhere.",
                true,
                json!({"type": "string", "pattern": "^default-src 'none'; "}),
            ),
        ),
        (
            "Referrer-Policy",
            header(
                "That no page hears where its reader came from.",
                true,
                json!({"type": "string", "enum": ["no-referrer"]}),
            ),
        ),
        (
            "Cross-Origin-Opener-Policy",
            header(
                "That no other page holds on to this one.",
                true,
                json!({"type": "string", "enum": ["same-origin"]}),
            ),
        ),
    ])
}
