//! Writes a run as HAR 1.2: its HTTP exchanges, as network panels, proxies and `chat-debug replay` read them.
//!
//! Bodies are unpacked, as the format has them, and headers stay as they were. A body that is no text is in base64; the
//! format knows that of answers only, and `encoding` says it of requests, too. Steps without an exchange have no entry.

use crate::unpack::{MAX_UNPACKED, unpack};
use api::{
    run::RunDetail,
    step::{Attempt, Body, Count, Headers, Step},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

/// The HAR of a run, unless its bodies have more bytes than these.
pub fn har(detail: &RunDetail, most: usize) -> Option<Value> {
    let mut left = most;
    let mut entries = Vec::new();
    for step in &detail.steps {
        for attempt in &step.attempts {
            entries.push(entry(detail, step, attempt, &mut left)?);
        }
    }
    let run = &detail.run;
    let page = json!({
        "id": run.id, "startedDateTime": run.started_at, "pageTimings": {},
        "title": run.summary.first_message.as_deref().unwrap_or_default(),
    });
    let creator = json!({"name": "chat-debug", "version": env!("CARGO_PKG_VERSION")});
    Some(json!({"log": {"version": "1.2", "creator": creator, "pages": [page], "entries": entries}}))
}

fn entry(detail: &RunDetail, step: &Step, attempt: &Attempt, left: &mut usize) -> Option<Value> {
    let url = attempt.url.as_deref().or(attempt.path.as_deref()).unwrap_or_default();
    let mut request = json!({
        "method": attempt.method.as_deref().unwrap_or("POST"), "url": url, "httpVersion": "", "cookies": [],
        "headers": headers(attempt.request_headers.as_ref()), "queryString": query(url),
        "headersSize": -1, "bodySize": size(attempt.request_body.as_ref()),
    });
    if let (Some(body), Some(request)) = (&attempt.request_body, request.as_object_mut()) {
        request.insert("postData".to_owned(), content(body, attempt.request_headers.as_ref(), left)?.into());
    }
    let answered = match &attempt.response_body {
        Some(body) => {
            let mut content = content(body, attempt.response_headers.as_ref(), left)?;
            let unpacked = content.get("text").and_then(Value::as_str).map_or(0, str::len);
            content.insert("size".to_owned(), unpacked.into());
            content
        }
        None => [("size".to_owned(), json!(0)), ("mimeType".to_owned(), json!(""))].into_iter().collect(),
    };
    let mut response = json!({
        // What has no answer has this status.
        "status": attempt.response_status.unwrap_or_default(), "statusText": "", "httpVersion": "", "cookies": [],
        "headers": headers(attempt.response_headers.as_ref()), "content": answered, "redirectURL": "",
        "headersSize": -1, "bodySize": size(attempt.response_body.as_ref()),
    });
    if let (Some(error), Some(response)) = (&attempt.error, response.as_object_mut()) {
        response.insert("_error".to_owned(), json!(error));
    }
    let time = attempt.duration_ms.map_or(0, Count::get);
    // What is not known is -1 in this format.
    let (wait, receive) = match attempt.first_byte_ms.map(Count::get) {
        Some(wait) => (json!(wait), json!(time.saturating_sub(wait))),
        None => (json!(-1), json!(time)),
    };
    Some(json!({
        "pageref": detail.run.id, "startedDateTime": attempt.started_at.unwrap_or(step.started_at), "time": time,
        "request": request, "response": response, "cache": {},
        "timings": {"send": 0, "wait": wait, "receive": receive},
        "_step": step.step_number, "_attempt": attempt.number, "_retry": attempt.retry_classification,
    }))
}

/// A body as a text, or as base64. `left` is how many bytes more there may be.
fn content(body: &Body, headers: Option<&Headers>, left: &mut usize) -> Option<Map<String, Value>> {
    let named = |name: &str| {
        let headers = headers.map_or(&[][..], |headers| &headers.0);
        headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    };
    let unpacked = unpack(&body.0, named("content-encoding"), MAX_UNPACKED);
    // Of what cannot be unpacked whole, it is the packed bytes that are recorded.
    let bytes = if unpacked.fault.is_some() { &body.0 } else { &*unpacked.bytes };
    *left = left.checked_sub(bytes.len())?;
    let mut content = Map::new();
    content.insert("mimeType".to_owned(), named("content-type").unwrap_or_default().into());
    if let Ok(text) = std::str::from_utf8(bytes) {
        content.insert("text".to_owned(), text.into());
    } else {
        content.insert("text".to_owned(), STANDARD.encode(bytes).into());
        content.insert("encoding".to_owned(), "base64".into());
    }
    Some(content)
}

fn headers(headers: Option<&Headers>) -> Vec<Value> {
    let headers = headers.map_or(&[][..], |headers| &headers.0);
    headers.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

/// The parameters of a URL, as they are written there.
fn query(url: &str) -> Vec<Value> {
    let query = url.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or_default());
    let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
    let parameters = parameters.map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")));
    parameters.map(|(name, value)| json!({"name": name, "value": value})).collect()
}

fn size(body: Option<&Body>) -> usize {
    body.map_or(0, |body| body.0.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_more_than_is_wanted_is_none_at_all() {
        let step = r#"{"id":"35fd6b44-9b28-52f0-9d39-2f1e0f6f1a3b","run_id":"019b7ca9-8f2e-7c41-8a6d-5e0f3b92d714",
            "chat_id":"7b0e8f52-4c1d-4a63-9f0e-2d5c8a914b37","step_number":1,"operation":"generate","status":"completed",
            "normalized_request":{},"attempts":[{"number":1,"status":"completed","response_body":"AAECAw=="}],
            "metadata":{},"started_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z"}"#;
        let run = r#"{"id":"019b7ca9-8f2e-7c41-8a6d-5e0f3b92d714","chat_id":"7b0e8f52-4c1d-4a63-9f0e-2d5c8a914b37",
            "kind":"chat_turn","status":"completed","summary":{},"started_at":"2026-01-02T03:04:05Z",
            "updated_at":"2026-01-02T03:04:05Z","steps":[STEP]}"#;
        let detail = serde_json::from_str(&run.replace("STEP", step)).unwrap();
        assert!(har(&detail, 4).is_some() && har(&detail, 3).is_none());
    }
}
