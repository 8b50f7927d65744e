//! Attempts of the reported conversations, in `tests/fixtures/cases`.

use api::step::{Attempt, Body};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

pub(crate) fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "tests", "fixtures", "cases"].iter().collect()
}

/// An attempt that was answered.
pub(crate) fn attempt(url: &str, request: Option<Body>, response: Option<Body>) -> Attempt {
    let answered = r#"{"number":1,"status":"completed","response_status":200}"#;
    let url = Some(url.to_owned());
    Attempt { url, request_body: request, response_body: response, ..serde_json::from_str(answered).unwrap() }
}

/// The attempts of a line of a conversation.
pub(crate) fn attempts(path: &Path) -> Vec<Attempt> {
    attempts_of(&serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
}

/// The attempts of a conversation, one for each call.
pub(crate) fn attempts_of(conversation: &Value) -> Vec<Attempt> {
    let body = |body: &Value| match body {
        Value::Null => None,
        Value::String(text) => Some(Body(text.clone().into_bytes())),
        bytes => Some(serde_json::from_value(bytes["base64"].clone()).unwrap()),
    };
    let headers = |headers: &Value| serde_json::from_value(headers.clone()).unwrap();
    let calls = conversation["calls"].as_array().unwrap().iter();
    let read = |call: &Value| Attempt {
        request_headers: headers(&call["request_headers"]),
        response_headers: headers(&call["response_headers"]),
        response_status: serde_json::from_value(call["status"].clone()).ok().filter(|status| *status > 0),
        ..attempt(call["url"].as_str().unwrap(), body(&call["request_body"]), body(&call["response_body"]))
    };
    calls.map(read).collect()
}

/// Every body of every conversation, with its file's name.
pub(crate) fn bodies() -> Vec<(String, Body)> {
    let mut paths: Vec<_> = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    paths.sort();
    let bodies = |path: PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let bodies = attempts(&path).into_iter().flat_map(|attempt| [attempt.request_body, attempt.response_body]);
        bodies.flatten().map(move |body| (name.clone(), body)).collect::<Vec<_>>()
    };
    paths.into_iter().flat_map(bodies).collect()
}
