//! `GET openapi.json`: this API as an OpenAPI document, for anyone.

use service::http::Reply;

/// Answers with the document that is committed.
pub fn handle() -> Reply {
    Reply::document("application/json", include_str!("../../../infra/openapi.json"))
}
