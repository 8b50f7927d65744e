//! What a request's body may be: JSON, and where it may be large, gzipped JSON.
//!
//! What is refused here says so before anything is looked up: another type or encoding, and too many bytes, as they
//! are sent or as they unpack. Unpacking ends at its limit, whatever a body says of itself.

use super::{event::Request, header::only};
use api::{
    json::{Violation, parse_body},
    problem::{BodyLimit, MAX_GZIP_BYTES, MAX_UNPACKED_BYTES, Problem},
    routes::{GZIPPED_JSON, Route},
};
use flate2::bufread::GzDecoder;
use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
use lambda_http::Body;
use serde::de::DeserializeOwned;
use std::{
    io::{self, Read},
    mem,
};

/// The most members of a gzipped body, each of which costs to begin, empty ones too. Programs that pack in blocks make
/// a few hundred of 16 MiB.
const MAX_MEMBERS: usize = 1_000;

/// A body that may be one of its route. It may still be anything but JSON; what broke its gzip is kept for whoever
/// reads it, since that is said after the chat.
#[derive(Debug)]
pub(super) struct JsonBody(Result<Body, Violation>);

impl Default for JsonBody {
    /// Empty, as that of a route without one.
    fn default() -> Self {
        Self(Ok(Body::Empty))
    }
}

impl JsonBody {
    /// The body of a request, which loses it.
    ///
    /// # Errors
    ///
    /// [`Problem::UnsupportedMediaType`] and [`Problem::BodyTooLarge`].
    pub(super) fn of(route: &Route, request: &mut Request) -> Result<Self, Problem> {
        if !route.has_body() {
            return Ok(Self::default());
        }
        let body = mem::take(&mut request.body);
        if is_gzipped(route, &request.headers)? {
            // A text of the gateway's has lost bytes.
            let Body::Binary(packed) = body else { return Err(Problem::UnsupportedMediaType) };
            unpacked(&packed)
        } else if body.len() > route.limit.bytes() {
            Err(Problem::BodyTooLarge(route.limit))
        } else {
            Ok(Self(Ok(body)))
        }
    }

    /// Reads it strictly.
    ///
    /// # Errors
    ///
    /// What is wrong, and where.
    pub(super) fn parse<T: DeserializeOwned>(self) -> Result<T, Violation> {
        parse_body(&self.0?)
    }
}

/// Whether the headers say gzip; refused is everything that the route does not take.
fn is_gzipped(route: &Route, headers: &HeaderMap) -> Result<bool, Problem> {
    let is_taken = |essence: &str| {
        essence.eq_ignore_ascii_case("application/json")
            || route.takes_gzip && essence.eq_ignore_ascii_case(GZIPPED_JSON)
    };
    if !only(headers, CONTENT_TYPE).is_some_and(|given| is_utf_8_of(given, is_taken)) {
        return Err(Problem::UnsupportedMediaType);
    }
    if !headers.contains_key(CONTENT_ENCODING) {
        return Ok(false);
    }
    match only(headers, CONTENT_ENCODING) {
        Some(coding) if route.takes_gzip && coding.trim().eq_ignore_ascii_case("gzip") => Ok(true),
        _ => Err(Problem::UnsupportedMediaType),
    }
}

/// Whether it is such a media type, with no parameter but `charset=utf-8`.
fn is_utf_8_of(content_type: &str, is_taken: impl Fn(&str) -> bool) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    parts.next().is_some_and(is_taken)
        && parts.filter(|parameter| !parameter.is_empty()).all(|parameter| {
            parameter.split_once('=').is_some_and(|(name, value)| {
                name.trim().eq_ignore_ascii_case("charset")
                    && value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            })
        })
}

fn unpacked(packed: &[u8]) -> Result<JsonBody, Problem> {
    if packed.len() > MAX_GZIP_BYTES {
        return Err(Problem::BodyTooLarge(BodyLimit::Gzipped));
    }
    // A gzip member ends with its unpacked size. It may be a lie, which costs address space alone.
    let said = packed.last_chunk().map_or(0, |size| u32::from_le_bytes(*size));
    let mut text = Vec::with_capacity(usize::try_from(said).map_or(0, |said| said.min(MAX_UNPACKED_BYTES)));
    match unpack(packed, &mut text) {
        Ok(()) => Ok(JsonBody(Ok(Body::Binary(text)))),
        Err(Broken::TooLarge) => Err(Problem::BodyTooLarge(BodyLimit::Unpacked)),
        Err(Broken::Gzip(detail)) => Ok(JsonBody(Err(Violation::new("", detail)))),
    }
}

/// Why a body does not unpack.
enum Broken {
    TooLarge,
    Gzip(&'static str),
}

/// One member after the other, which RFC 1952 takes for one file.
fn unpack(mut packed: &[u8], text: &mut Vec<u8>) -> Result<(), Broken> {
    for _ in 0..MAX_MEMBERS {
        let mut member = GzDecoder::new(packed);
        let room = MAX_UNPACKED_BYTES.saturating_sub(text.len()) + 1;
        (&mut member).take(room as u64).read_to_end(text).map_err(|error| {
            Broken::Gzip(match error.kind() {
                io::ErrorKind::UnexpectedEof => "must be gzip that is whole; its end is missing",
                _ => "must be gzip without errors and with nothing after it",
            })
        })?;
        if text.len() > MAX_UNPACKED_BYTES {
            return Err(Broken::TooLarge);
        }
        packed = member.into_inner();
        if packed.is_empty() {
            return Ok(());
        }
    }
    Err(Broken::Gzip("must be gzip of at most 1000 members"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::routes::{CREATE_DEBUG_RUN, PUT_CHAT};
    use flate2::{Compression, write::GzEncoder};
    use http::HeaderName;
    use std::io::Write;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn text_of(packed: &[u8]) -> Result<Vec<u8>, Violation> {
        unpacked(packed).unwrap().0.map(|text| text.to_vec())
    }

    fn headers(given: &[(HeaderName, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn only_json_in_utf_8_is_taken_and_only_recordings_have_a_type_of_their_own() {
        for (content_type, everywhere, in_recordings) in [
            ("application/json", true, true),
            ("Application/JSON", true, true),
            ("application/json; charset=utf-8", true, true),
            ("application/json;charset=\"UTF-8\"", true, true),
            ("application/json;", true, true),
            ("application/vnd.chat-debug+json", false, true),
            ("application/VND.chat-debug+json; charset=utf-8", false, true),
            ("application/vnd.chat-debug+json; charset=utf-16", false, false),
            ("", false, false),
            ("text/plain", false, false),
            ("application/json; charset=utf-16", false, false),
            ("application/vnd.api+json", false, false),
            ("application/jsonx", false, false),
            ("application/json; q=1", false, false),
        ] {
            let given = headers(&[(CONTENT_TYPE, content_type)]);
            assert_eq!(is_gzipped(&PUT_CHAT, &given).is_ok(), everywhere, "{content_type}");
            assert_eq!(is_gzipped(&CREATE_DEBUG_RUN, &given).is_ok(), in_recordings, "{content_type}");
        }
    }

    #[test]
    fn gzip_is_the_only_encoding_and_only_of_recordings() {
        let of = |route: &Route, codings: &[&'static str]| {
            let codings = codings.iter().map(|coding| (CONTENT_ENCODING, *coding));
            is_gzipped(route, &headers(&[(CONTENT_TYPE, GZIPPED_JSON)].into_iter().chain(codings).collect::<Vec<_>>()))
        };
        assert_eq!(of(&CREATE_DEBUG_RUN, &[]), Ok(false));
        for good in ["gzip", "GZIP", " gzip "] {
            assert_eq!(of(&CREATE_DEBUG_RUN, &[good]), Ok(true), "{good}");
        }
        for bad in [&[""][..], &["identity"], &["br"], &["deflate"], &["zstd"], &["gzip, gzip"], &["gzip", "gzip"]] {
            assert_eq!(of(&CREATE_DEBUG_RUN, bad), Err(Problem::UnsupportedMediaType), "{bad:?}");
        }
        let json = headers(&[(CONTENT_TYPE, "application/json"), (CONTENT_ENCODING, "gzip")]);
        assert_eq!(is_gzipped(&PUT_CHAT, &json), Err(Problem::UnsupportedMediaType));
    }

    #[test]
    fn members_in_a_row_are_one_text_up_to_a_number_of_them() {
        let (one, other, empty) = (gzip(b"{\"a\":"), gzip(b"1}"), gzip(b""));
        assert_eq!(text_of(&one), Ok(b"{\"a\":".to_vec()));
        assert_eq!(text_of(&[&*one, &*empty, &*other].concat()), Ok(b"{\"a\":1}".to_vec()));
        assert_eq!(text_of(&empty.repeat(MAX_MEMBERS)), Ok(Vec::new()));
        let detail = text_of(&empty.repeat(MAX_MEMBERS + 1)).unwrap_err().detail;
        assert!(detail.contains(&MAX_MEMBERS.to_string()), "{detail}");
    }

    #[test]
    fn what_is_cut_changed_or_followed_by_something_is_broken() {
        let text = br#"{"first":"What is the capital of France?","second":"What is the capital of Spain?"}"#;
        let good = gzip(text);
        for end in 0..good.len() {
            assert!(text_of(&good[..end]).is_err(), "cut at {end}");
        }
        for behind in [&[0][..], &[0; 512], b"{}", b"\x1f", b"\x1f\x8b\x08"] {
            assert!(text_of(&[&*good, behind].concat()).is_err(), "{behind:?}");
        }
        for at in 0..good.len() {
            let mut changed = good.clone();
            changed[at] ^= 0x10;
            // A few bits say nothing: when and where it was packed, and what fills the last byte.
            assert!(text_of(&changed).map_or(true, |same| same == text), "changed at {at}");
        }
        assert!(text_of(&gzip(&good)) == Ok(good), "it is unpacked once");
    }

    #[test]
    fn it_is_unpacked_up_to_its_limit_and_no_further() {
        let full = gzip(&vec![b' '; MAX_UNPACKED_BYTES]);
        assert_eq!(text_of(&[&*full, &*gzip(b"")].concat()).map(|text| text.len()), Ok(MAX_UNPACKED_BYTES));
        let too_large = Problem::BodyTooLarge(BodyLimit::Unpacked);
        for mut bomb in [gzip(&vec![b' '; MAX_UNPACKED_BYTES + 1]), [&*full, &*gzip(b" ")].concat(), full.repeat(50)] {
            assert_eq!(unpacked(&bomb).err(), Some(too_large.clone()));
            // The size that a body says of itself is no promise.
            let end = bomb.len() - 4;
            bomb[end..].fill(0);
            assert_eq!(unpacked(&bomb).err(), Some(too_large.clone()));
        }
        assert_eq!(unpacked(&vec![0; MAX_GZIP_BYTES + 1]).err(), Some(Problem::BodyTooLarge(BodyLimit::Gzipped)));
    }
}
