//! `GET docs`: this API as a page to read and try, for anyone.

use lambda_http::http::HeaderMap;
use service::http::Reply;

/// Answers with the page.
pub fn handle(_: &HeaderMap) -> Reply {
    Reply::document("text/html; charset=utf-8", "<!doctype html>")
}
