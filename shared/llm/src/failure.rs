//! Errors as providers and proxies write them.

use crate::json::Node;
use api::view::Failure;
use std::borrow::Cow;

/// Characters that are quoted of a body that is no JSON.
const QUOTED: usize = 500;
/// The most characters of a message. What was sent has the rest.
const LONGEST: usize = 10_000;

/// A sentence of our own.
pub(crate) fn of(message: impl Into<String>) -> Failure {
    Failure { message: message.into(), code: None, raw: None }
}

/// A body that is no JSON, as a proxy's page.
pub(crate) fn quoting(body: &str) -> Failure {
    of(body.trim().chars().take(QUOTED).collect::<String>())
}

/// The error that a value is by its shape alone, whatever the HTTP status.
pub(crate) fn in_value(node: Node<'_>) -> Option<Failure> {
    // Google answers a stream's request with a list of one error.
    let node = if node.is_array() { node.items().next()? } else { node };
    // `MiniMax` has a status in every answer.
    let status = node.get("base_resp").filter(|it| it.get("status_code").is_some_and(|code| code.number() != Some(0)));
    if let Some(status) = status {
        return Some(new(node, status));
    }
    // Cloudflare says whether it succeeded.
    if node.get("success").is_some_and(Node::is_false)
        && let Some(errors) = node.get("errors").filter(|errors| !errors.is_empty())
    {
        return Some(new(node, errors));
    }
    let is_error = node.type_name() == "error" || node.get("object").is_some_and(|object| object.is("error"));
    let inner = node.get("error").filter(|error| !error.is_empty() && (error.is_object() || error.is_text()));
    (is_error || inner.is_some()).then(|| new(node, inner.unwrap_or(node)))
}

/// The error that an answer is whose HTTP status says so.
pub(crate) fn in_answer(node: Node<'_>) -> Failure {
    in_value(node).unwrap_or_else(|| new(node, node.get("errors").unwrap_or(node)))
}

/// The error that an object describes; `whole` is what was sent.
pub(crate) fn new(whole: Node<'_>, error: Node<'_>) -> Failure {
    let error = if error.is_array() { error.items().next().unwrap_or(error) } else { error };
    let words = [
        "message",
        "Message",
        "detail",
        "error_message",
        "errorMessage",
        "error",
        "msg",
        "title",
        "errorText",
        "status_msg",
    ];
    let message = error.first(&words).filter(|message| !message.is_empty());
    let codes = ["code", "type", "status", "__type", "error_code", "status_code"];
    let code = codes.iter().find_map(|name| error.get(name).filter(|code| !code.is_object() && !code.is_empty()));
    Failure {
        message: message.unwrap_or(error).plain().chars().take(LONGEST).collect(),
        code: code.map(Node::plain).map(Cow::into_owned),
        raw: Some(whole.raw().into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Json;

    #[test]
    fn every_providers_error_is_one() {
        for (json, message, code) in [
            (r#"{"error":{"message":"m","type":"t","code":"c"}}"#, "m", Some("c")),
            (r#"{"error":{"message":"m","code":502}}"#, "m", Some("502")),
            (r#"{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}"#, "m", Some("429")),
            (r#"[{"error":{"code":400,"message":"m"}}]"#, "m", Some("400")),
            (r#"{"type":"error","error":{"type":"overloaded_error","message":"m"}}"#, "m", Some("overloaded_error")),
            (r#"{"error":"m"}"#, "m", None),
            (r#"{"object":"error","message":"m","code":40}"#, "m", Some("40")),
            (r#"{"type":"error","errorText":"m"}"#, "m", Some("error")),
            (r#"{"result":null,"success":false,"errors":[{"code":7,"message":"m"}],"messages":[]}"#, "m", Some("7")),
            (r#"{"choices":null,"base_resp":{"status_code":1008,"status_msg":"m"}}"#, "m", Some("1008")),
            (r#"{"type":"error","code":"c","message":"m","param":null}"#, "m", Some("c")),
        ] {
            let text = Json::read(json.as_bytes());
            let failure = in_value(text.root().unwrap()).expect(json);
            assert_eq!((&*failure.message, failure.code.as_deref()), (message, code), "{json}");
            assert!(failure.raw.is_some_and(|raw| json.contains(&raw)));
        }
        for json in [
            r#"{"base_resp":{"status_code":0,"status_msg":""}}"#,
            r#"{"error":null}"#,
            r#"{"message":"m"}"#,
            r#"{"error":{}}"#,
            "[]",
            "1",
        ] {
            assert_eq!(in_value(Json::read(json.as_bytes()).root().unwrap()), None, "{json}");
        }
        for json in [r#"{"message":"m"}"#, r#"{"detail":"m"}"#, r#"{"errors":["m"]}"#, r#""m""#] {
            assert_eq!(in_answer(Json::read(json.as_bytes()).root().unwrap()).message, "m", "{json}");
        }
    }
}
