//! `GET docs`: this API as a page to read and try, for anyone.

use flate2::read::GzDecoder;
use http::{
    HeaderMap, HeaderValue,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, VARY},
};
use service::http::Reply;
use std::io::Read;

/// The page as `build.rs` makes it, and what it may do.
const PAGE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/page.html.gz"));
const POLICY: &str = include_str!(concat!(env!("OUT_DIR"), "/policy.txt"));

const HTML: &str = "text/html; charset=utf-8";

/// Answers with the page, gzipped if the caller accepts that.
pub fn handle(headers: &HeaderMap) -> Reply {
    let page = if takes_gzip(headers) {
        Reply::document(HTML, PAGE).header(CONTENT_ENCODING, HeaderValue::from_static("gzip"))
    } else {
        Reply::document(HTML, unzipped())
    };
    page.header(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))
        .header(VARY, HeaderValue::from_static("Accept-Encoding, Authorization"))
}

/// Whether `Accept-Encoding` names gzip and does not refuse it with a quality of 0.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let given = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    given.flat_map(|value| value.split(',')).any(|coding| {
        let (coding, quality) = coding.split_once(";q=").unwrap_or((coding, "1"));
        coding.trim().eq_ignore_ascii_case("gzip") && quality.trim().parse().is_ok_and(|quality: f32| quality > 0.0)
    })
}

#[expect(clippy::expect_used, reason = "the build made it of text, and a test reads it")]
fn unzipped() -> String {
    let mut page = String::new();
    GzDecoder::new(PAGE).read_to_string(&mut page).expect("gzipped text");
    page
}
