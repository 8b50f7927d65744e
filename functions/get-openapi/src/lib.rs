//! `GET openapi.json`: this API as an OpenAPI document, for anyone.

use service::{http::Reply, site::Site};

/// Answers with the document that is committed.
pub fn handle(_: &Site) -> Reply {
    Reply::document("application/json", include_str!("../../../infra/openapi.json"))
}
