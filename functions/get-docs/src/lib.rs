//! `GET docs`: this API as a page to read and try, for anyone.

use http::{HeaderValue, header::CONTENT_SECURITY_POLICY};
use service::{http::Reply, site::Site};

/// The page as `build.rs` makes it, and what it may do.
const PAGE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/page.html.gz"));
const POLICY: &str = include_str!(concat!(env!("OUT_DIR"), "/policy.txt"));

/// Answers with the page.
pub fn handle(_: &Site) -> Reply {
    Reply::gzipped("text/html; charset=utf-8", PAGE).header(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))
}
