//! Recorded bytes, or the part of them that a `Range` asks for.
//!
//! They are somebody else's, whatever they say of themselves: a browser saves them, and neither shows nor runs them.

use super::{
    call::Call,
    header::only,
    reply::Reply,
    representation::{Coding, Validator},
};
use api::problem::{MAX_PART_BYTES, Problem};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{
        ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, IF_RANGE, RANGE,
    },
};
use std::ops::Range;

/// What nobody says the type of.
const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");
/// The longest type that is believed, in bytes.
const MAX_TYPE_BYTES: usize = 255;

/// Recorded bytes, and what is said of them.
pub struct Attachment<'a> {
    /// All of them.
    pub bytes: &'a [u8],
    /// What the recorder says that they are.
    pub media_type: Option<&'a str>,
    /// Under which name a browser saves them, of letters, digits and hyphens.
    pub file_name: String,
    /// Their state.
    pub validator: Validator,
}

impl Attachment<'_> {
    /// The answer to a call: all bytes, or the part that it asks for, of at most [`MAX_PART_BYTES`]; nothing of them to
    /// who has them already, whatever it asks for.
    ///
    /// # Errors
    ///
    /// [`Problem::RangeRequired`] when there are more and it asks for no part, and [`Problem::RangeNotSatisfiable`]
    /// when the part begins behind their end.
    pub fn reply<C>(self, call: &Call<C>) -> Result<Reply, Problem> {
        let Self { bytes, media_type, file_name, validator } = self;
        if let Some(unchanged) = call.not_modified(&validator) {
            return Ok(unchanged);
        }
        let size = bytes.len();
        let (part, range) = match asked_for(call.headers(), &validator).map(|asked| asked.within(size)) {
            Some(Some(range)) => (bytes.get(range.clone()).unwrap_or_default(), Some(range)),
            Some(None) => return Err(Problem::RangeNotSatisfiable { size }),
            None if size > MAX_PART_BYTES => return Err(Problem::RangeRequired { size }),
            None => (bytes, None),
        };
        let status = if range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
        let range = range.map(|Range { start, end }| format!("bytes {start}-{}/{size}", end.saturating_sub(1)));
        let written =
            [(CONTENT_DISPOSITION, Some(format!("attachment; filename=\"{file_name}\""))), (CONTENT_RANGE, range)];
        // They are made of digits, letters and a few signs, so they are always a header's value.
        let written = written.into_iter().filter_map(|(name, value)| Some((name, value?.try_into().ok()?)));
        let said: [(HeaderName, HeaderValue); 3] = [
            (CONTENT_TYPE, media_type.and_then(plain).unwrap_or(OCTETS)),
            (ACCEPT_RANGES, HeaderValue::from_static("bytes")),
            (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        ];
        let reply = Reply::bytes(status, part.to_vec()).validated(validator);
        Ok(said.into_iter().chain(written).fold(reply, |reply, (name, value)| reply.header(name, value)))
    }
}

/// A media type that is a plain header's value.
fn plain(media_type: &str) -> Option<HeaderValue> {
    let is_token = |text: &str| {
        let is_tchar = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        !text.is_empty() && text.bytes().all(is_tchar)
    };
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let (kind, subtype) = essence.split_once('/')?;
    let is_plain = media_type.len() <= MAX_TYPE_BYTES && media_type.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_plain && is_token(kind) && is_token(subtype) { HeaderValue::from_str(media_type).ok() } else { None }
}

/// One range of bytes, as it is asked for; positions beyond what a machine counts are the last that it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AskedFor {
    /// From a position on, up to and with another one.
    From(usize, usize),
    /// So many at the end.
    Last(usize),
}

/// The range that is asked for, if it is one that counts: RFC 9110 has others ignored.
fn asked_for(headers: &HeaderMap, validator: &Validator) -> Option<AskedFor> {
    let same = !headers.contains_key(IF_RANGE) || only(headers, IF_RANGE) == Some(&*validator.tag(Coding::Identity));
    AskedFor::read(only(headers, RANGE)?).filter(|_| same)
}

impl AskedFor {
    fn read(range: &str) -> Option<Self> {
        let (unit, range) = range.split_once('=')?;
        let (first, last) = range.trim().split_once('-')?;
        let number = |digits: &str| {
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| digits.parse().unwrap_or(usize::MAX))
        };
        let asked = match (first, last) {
            ("", last) => Self::Last(number(last)?),
            (first, "") => Self::From(number(first)?, usize::MAX),
            (first, last) => Self::From(number(first)?, number(last)?),
        };
        let is_ordered = !matches!(asked, Self::From(first, last) if first > last);
        (is_ordered && unit.trim().eq_ignore_ascii_case("bytes")).then_some(asked)
    }

    /// The bytes of so many that it means, as many as an answer holds; nothing when there are none.
    fn within(self, size: usize) -> Option<Range<usize>> {
        let (start, end) = match self {
            Self::From(first, last) => (first, last.saturating_add(1).min(size)),
            Self::Last(count) => (size.saturating_sub(count), size),
        };
        let end = end.min(start.saturating_add(MAX_PART_BYTES));
        (start < end).then_some(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().expect("a value"));
        }
        headers
    }

    #[test]
    fn one_range_of_bytes_counts_and_all_else_is_ignored() {
        for (text, asked) in [
            ("bytes=0-0", AskedFor::From(0, 0)),
            ("bytes=5-", AskedFor::From(5, usize::MAX)),
            ("Bytes = 007-9", AskedFor::From(7, 9)),
            ("bytes=-3", AskedFor::Last(3)),
            ("bytes=99999999999999999999999-", AskedFor::From(usize::MAX, usize::MAX)),
        ] {
            assert_eq!(AskedFor::read(text), Some(asked), "{text}");
        }
        for text in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=3-2",
            "bytes=+1-2",
            "bytes=1-2,4-5",
            "bytes=1 -2",
            "items=1-2",
            "bytes=0x1-2",
        ] {
            assert_eq!(AskedFor::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_range_is_cut_at_the_end_and_at_what_an_answer_holds() {
        let within = |text: &str, size| AskedFor::read(text).expect(text).within(size);
        assert_eq!(within("bytes=2-3", 10), Some(2..4));
        assert_eq!(within("bytes=2-99", 10), Some(2..10));
        assert_eq!(within("bytes=-3", 10), Some(7..10));
        assert_eq!(within("bytes=-99", 10), Some(0..10));
        assert_eq!(within("bytes=10-", 10), None);
        assert_eq!(within("bytes=-0", 10), None);
        assert_eq!(within("bytes=0-", 0), None);
        assert_eq!(within("bytes=99999999999999999999999-99999999999999999999999", 10), None);
        assert_eq!(within("bytes=7-", MAX_PART_BYTES * 2), Some(7..MAX_PART_BYTES + 7));
    }

    #[test]
    fn a_range_counts_while_the_state_is_the_same() {
        let validator = Validator::of([&b"a"[..]]);
        let tag = validator.tag(Coding::Identity);
        let asked = |pairs: &[(&'static str, &str)]| asked_for(&headers(pairs), &validator);
        let range = ("range", "bytes=1-2");
        assert!(asked(&[range]).is_some() && asked(&[range, ("if-range", &tag)]).is_some());
        for other in ["\"x\"", &format!("W/{tag}"), "Wed, 21 Oct 2015 07:28:00 GMT", ""] {
            assert_eq!(asked(&[range, ("if-range", other)]), None, "{other}");
        }
        assert_eq!(asked(&[range, range]), None);
        assert_eq!(asked(&[("if-range", &tag)]), None);
    }

    #[test]
    fn only_a_plain_media_type_is_repeated() {
        for good in ["text/event-stream", "application/json; charset=utf-8", "multipart/form-data; boundary=\"a b\""] {
            assert!(plain(good).is_some(), "{good}");
        }
        let long = format!("text/{}", "x".repeat(300));
        for bad in ["", "json", "/", "text/", "a/b/c", "text/é", "text/html\r\nSet-Cookie: a", "text/html\0", &long] {
            assert!(plain(bad).is_none(), "{bad}");
        }
    }
}
