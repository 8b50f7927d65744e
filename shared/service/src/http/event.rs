//! The gateway's event as a request, and a response as the gateway takes it.
//!
//! Each member that is needed is read by itself, so an event that is no request becomes a refusal, never a panic and
//! never a failed function. That is why `lambda_http` does not read it: it joins the members to a URL first, copies the
//! body, and panics when either fails. Nor does `serde_json` read the body, since it keeps a second one while it does.
//!
//! Left to Lambda, which answers whoever invoked the function by hand: a payload that is no JSON object, and one that
//! has a needed member twice.

use crate::members::UniqueMembers;
use api::{json::escape, routes::Route};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, header::HOST, uri::Authority};
use lambda_http::{Body, Response, aws_lambda_events::apigw::ApiGatewayV2httpResponse};
use memchr::memchr;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::BTreeMap};

/// The version of events that the gateway is told to send.
const VERSION: &str = "2.0";

/// The longest address that HTTP libraries take, in bytes. The gateway takes less.
const MAX_ADDRESS_BYTES: usize = 65_534;

/// What a function is sent: a request, if it can be read.
#[derive(Debug)]
pub struct Event(Option<Request>);

/// A request, as far as anybody asks for it.
#[derive(Debug)]
pub(super) struct Request {
    method: String,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
}

impl Event {
    /// The request, if it is one of this route.
    pub(super) fn request(self, route: &Route) -> Option<Request> {
        self.0.filter(|request| request.method == route.method.as_str())
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Sent::deserialize(deserializer).map(|sent| Self(sent.request()))
    }
}

/// An event's members, read so that none of them can fail it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent<'a> {
    #[serde(borrow)]
    version: Option<&'a RawValue>,
    #[serde(borrow)]
    raw_path: Option<&'a RawValue>,
    #[serde(borrow)]
    raw_query_string: Option<&'a RawValue>,
    #[serde(borrow)]
    headers: Option<&'a RawValue>,
    #[serde(borrow)]
    path_parameters: Option<&'a RawValue>,
    #[serde(borrow)]
    request_context: Option<&'a RawValue>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    #[serde(borrow)]
    is_base64_encoded: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct RequestContext {
    http: Http,
}

#[derive(Deserialize)]
struct Http {
    method: String,
}

impl Sent<'_> {
    fn request(self) -> Option<Request> {
        if read::<String>(self.version)? != VERSION {
            return None;
        }
        let headers = headers(read(self.headers)?)?;
        let path: String = read_or_default(self.raw_path)?;
        let query: String = read_or_default(self.raw_query_string)?;
        if !is_address(headers.get(HOST), &path, &query) {
            return None;
        }
        Some(Request {
            method: read::<RequestContext>(self.request_context)?.http.method,
            parameters: read_or_default::<UniqueMembers<_>>(self.path_parameters)?.0,
            query,
            headers,
            body: body(self.body, read_or_default(self.is_base64_encoded)?)?,
        })
    }
}

fn read<'a, T: Deserialize<'a>>(member: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(member?.get()).ok()
}

/// A member that may be absent or null.
fn read_or_default<'a, T: Deserialize<'a> + Default>(member: Option<&'a RawValue>) -> Option<T> {
    if member.is_none() { Some(T::default()) } else { read(member) }
}

fn headers(given: UniqueMembers<String>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in given.0 {
        let (name, value) = (HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
        // Two spellings of a name are two headers of it, which one that may be there once does not survive.
        headers.try_append(name, value).ok()?;
    }
    Some(headers)
}

/// Whether a client could have asked at such an address. What its path holds is not looked at: the gateway may
/// have decoded it, and its parameters are read by themselves.
fn is_address(host: Option<&HeaderValue>, path: &str, query: &str) -> bool {
    let host = host.map_or(&b""[..], HeaderValue::as_bytes);
    host.len() + path.len() + query.len() <= MAX_ADDRESS_BYTES
        && (host.is_empty() || Authority::try_from(host).is_ok())
        && query.bytes().all(|byte| !byte.is_ascii() || byte.is_ascii_graphic() && !b"\"<>".contains(&byte))
}

fn body(given: Option<&RawValue>, is_base64: bool) -> Option<Body> {
    let Some(given) = given else { return Some(Body::Empty) };
    let text = text(given)?;
    if is_base64 { STANDARD.decode(&*text).ok().map(Body::Binary) } else { Some(Body::Text(text.into_owned())) }
}

/// What a JSON string says, in a text of its size; nothing if it is none, or has half a surrogate pair.
fn text(string: &RawValue) -> Option<Cow<'_, str>> {
    let mut rest = string.get().strip_prefix('"')?.strip_suffix('"')?;
    if memchr(b'\\', rest.as_bytes()).is_none() {
        return Some(rest.into());
    }
    let mut text = String::with_capacity(rest.len());
    while let Some(at) = memchr(b'\\', rest.as_bytes()) {
        let (before, escaped) = rest.split_at_checked(at)?;
        let (said, length) = escape(escaped)?;
        text.push_str(before);
        text.push(said?);
        rest = escaped.get(length..)?;
    }
    text.push_str(rest);
    Some(text.into())
}

/// What the gateway makes a response of.
pub(super) fn gateway_response(response: Response<Body>) -> ApiGatewayV2httpResponse {
    let (head, body) = response.into_parts();
    let mut answer = ApiGatewayV2httpResponse::default();
    answer.status_code = head.status.as_u16().into();
    answer.headers = head.headers;
    answer.is_base64_encoded = matches!(body, Body::Binary(_));
    answer.body = Some(body).filter(|body| !matches!(body, Body::Empty));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::value::to_raw_value;

    #[test]
    fn a_body_is_what_its_string_says() {
        let every: String = ('\0'..=char::MAX).step_by(7).chain("\"\\/\u{8}\u{c}\n\r\t".chars()).collect();
        for said in ["", "plain", "\"", "\\", "a\nb", "\\n", "é\n€\u{1f600}", &every] {
            assert_eq!(text(&to_raw_value(said).unwrap()).as_deref(), Some(said));
        }
        // As programs write it that send nothing but ASCII.
        let units: Vec<_> = every.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        let sent = format!("\"{}\\/\\b\\f\"", units.concat());
        let read: String = serde_json::from_str(&sent).unwrap();
        assert_eq!(text(serde_json::from_str(&sent).unwrap()), Some(read.into()));
    }

    #[test]
    fn a_body_that_is_no_text_is_refused() {
        for sent in [
            r#""\ud800""#,
            r#""\udc00\ud800""#,
            r#""\ud800\u0041""#,
            r#""\ud83d \ude00""#,
            "1",
            "{}",
            "[\"a\"]",
            "true",
        ] {
            assert!(body(Some(serde_json::from_str(sent).unwrap()), false).is_none(), "{sent}");
        }
        assert!(matches!(body(None, false), Some(Body::Empty)));
        assert!(body(Some(serde_json::from_str(r#""?""#).unwrap()), true).is_none());
        let packed = body(Some(serde_json::from_str(r#""\/w==""#).unwrap()), true);
        assert!(matches!(packed, Some(Body::Binary(bytes)) if bytes == [0xff]));
    }
}
