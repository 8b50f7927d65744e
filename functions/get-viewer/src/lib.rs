//! `GET view`: the page on which owners read what was recorded, for anyone. It holds nothing of any chat.

mod page;

use http::{
    HeaderName, HeaderValue,
    header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY},
};
use service::{http::Reply, site::Site};

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Answers with the page, as the deployment has it.
pub fn handle(site: &Site) -> Reply {
    let reply = Reply::gzipped("text/html; charset=utf-8", page::gzipped(site))
        .header(REFERRER_POLICY, HeaderValue::from_static("no-referrer"))
        .header(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    reply.header(CONTENT_SECURITY_POLICY, page::policy(site))
}
