//! Reads HAR 1.2, as browsers and mitmproxy export it: the entries that call a model, as one conversation.
//!
//! A HAR holds bodies as texts, so that what was compressed is not any more, and half a surrogate pair is U+FFFD. What
//! else a browser loaded is left out; what was cut off at the end of the file does not hide what came before.

use crate::replay::conversation::{Conversation, ModelCall};
use api::{
    json::mend,
    step::{Body, Count, Headers},
};
use llm::{
    Recorded,
    json::{Json, Node},
    provider,
};
use std::borrow::Cow;

/// Whether a file that begins so is one.
pub(crate) fn is_one(start: &[u8]) -> bool {
    let Some(name) = start.trim_ascii_start().strip_prefix(b"{").map(<[u8]>::trim_ascii_start) else { return false };
    name.strip_prefix(b"\"log\"").is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"))
}

/// What a file holds.
pub(crate) struct Har {
    pub(crate) conversation: Conversation,
    /// Whether it ends before its end.
    pub(crate) is_cut: bool,
}

impl Har {
    /// Reads a file; `source` is its name.
    pub(crate) fn read(file: &[u8], source: &str) -> Self {
        let json = Json::read(file);
        let entries = json.root().and_then(|root| root.path(&["log", "entries"]));
        let calls = entries.into_iter().flat_map(Node::items).map(call).filter(is_of_a_model);
        let conversation = Conversation { source: source.to_owned(), licence: None, calls: calls.collect() };
        Self { conversation, is_cut: json.stop().is_some() }
    }
}

fn call(entry: Node<'_>) -> ModelCall {
    let part = |name| entry.get(name);
    let (request, response) = (part("request"), part("response"));
    let text = |node: Option<Node<'_>>, name| node.and_then(|node| node.text_of(name)).map(Cow::into_owned);
    let status = response.and_then(|response| response.get("status")).and_then(Node::number);
    let status = status.and_then(|status| u16::try_from(status).ok()).filter(|status| (100..600).contains(status));
    let messages = entry.get("_webSocketMessages");
    let failed = ["_error", "comment"].iter().find_map(|name| text(response, name).filter(|error| !error.is_empty()));
    let content = response.and_then(|response| response.get("content"));
    let request_body = body(request.and_then(|it| it.get("postData"))).or_else(|| sent(messages, "send"));
    let response_body = body(content).or_else(|| sent(messages, "receive"));
    let size = |node: Option<Node<'_>>, name| node.and_then(|node| node.get(name)).and_then(whole);
    let has_more = |size: Option<Count>, body: &Option<Body>| body.is_none() && size.is_some_and(|size| size.get() > 0);
    let left_out = [
        ("request", has_more(size(request, "bodySize"), &request_body)),
        ("response", has_more(size(content, "size"), &response_body)),
    ];
    ModelCall {
        left_out: left_out.into_iter().filter(|(_, is_out)| *is_out).map(|(name, _)| name.to_owned()).collect(),
        method: text(request, "method").unwrap_or_default(),
        url: text(request, "url").unwrap_or_default(),
        request_headers: headers(request),
        request_body,
        status,
        response_headers: headers(response),
        response_body,
        error: failed.filter(|_| status.is_none() || text(response, "_error").is_some()),
        duration_ms: entry.get("time").and_then(whole),
        first_byte_ms: entry.get("timings").and_then(first_byte),
    }
}

/// What went by before the first byte came. HAR says -1 of what was not measured.
fn first_byte(timings: Node<'_>) -> Option<Count> {
    let took = |name| timings.get(name).and_then(whole);
    let before = ["blocked", "dns", "connect", "send"].into_iter().filter_map(took);
    took("wait").map(|wait| before.fold(wait, Count::plus))
}

/// A size, or a time in milliseconds, mostly with a fraction.
fn whole(number: Node<'_>) -> Option<Count> {
    let text = number.raw();
    let whole = text.split('.').next()?.parse::<u64>().ok()?;
    Count::try_from(whole).ok()
}

/// Headers in their order. HTTP/2 has names of its own for what stands in the URL.
fn headers(of: Option<Node<'_>>) -> Headers {
    let list = of.and_then(|of| of.get("headers")).into_iter().flat_map(Node::items);
    let pairs = list.filter_map(|header| Some((header.text_of("name")?, header.text_of("value")?)));
    let own = pairs.filter(|(name, _)| !name.starts_with(':'));
    Headers(own.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
}

/// A body: text, or bytes in base64.
fn body(of: Option<Node<'_>>) -> Option<Body> {
    let of = of?;
    let text = of.get("text").filter(|text| text.is_text())?;
    let is_base64 = of.get("encoding").is_some_and(|encoding| encoding.is("base64"));
    let decoded = is_base64.then(|| serde_json::from_str::<Body>(&mend(&text.raw())).ok()).flatten();
    Some(decoded.unwrap_or_else(|| Body(text.plain().into_owned().into_bytes())))
}

/// What went over a websocket one way, a message a line.
fn sent(messages: Option<Node<'_>>, way: &str) -> Option<Body> {
    let messages = messages.into_iter().flat_map(Node::items);
    let of_way = messages.filter(|message| message.get("type").is_some_and(|kind| kind.is(way)));
    let lines: Vec<_> = of_way.filter_map(|message| Some(message.text_of("data")?.into_owned() + "\n")).collect();
    (!lines.is_empty()).then(|| Body(lines.concat().into_bytes()))
}

/// Whether an entry calls a model: by its URL, or else by what it sent and received. A browser asks before it calls.
fn is_of_a_model(call: &ModelCall) -> bool {
    if call.method.eq_ignore_ascii_case("OPTIONS") {
        return false;
    }
    provider::is_known(&call.url) || {
        let attempts = [call.attempt(1)];
        let view = Recorded { attempts: &attempts, ..Recorded::default() }.view();
        let is_answered = || view.tokens.is_some() || view.answer.iter().any(|choice| choice.finish.is_some());
        !view.messages.is_empty() && (view.model_asked.is_some() || is_answered())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(url: &str, request: &str, response: &str) -> String {
        format!(
            r#"{{"time":12.7,"timings":{{"blocked":-1,"dns":1,"send":2.5,"wait":7,"receive":2}},"request":{{"method":"POST","url":"{url}",{request}}},"response":{{{response}}}}}"#
        )
    }

    fn read(entries: &[String]) -> Vec<ModelCall> {
        let har = format!("{{\n \"log\": {{\"version\": \"1.2\", \"entries\": [{}]}}}}", entries.join(","));
        assert!(is_one(har.as_bytes()));
        Har::read(har.as_bytes(), "x.har").conversation.calls
    }

    #[test]
    fn the_calls_of_models_are_found_among_what_a_browser_loads() {
        let said =
            r#""postData":{"text":"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"cut \ud83d\"}]}"}"#;
        let answered = r#""status":200,"content":{"text":"{\"choices\":[]}"}"#;
        let calls = read(&[
            entry("https://h.example/style.css", r#""headers":[]"#, r#""status":200,"content":{"text":"a {}"}"#),
            entry("https://h.example/api", said, answered),
            entry(
                "https://h.example/v1/messages",
                r#""headers":[{"name":":path","value":"/"},{"name":"a","value":"1"}]"#,
                r#""status":0,"_error":"net::ERR_ABORTED""#,
            ),
            entry(
                "https://h.example/v1/messages",
                r#""postData":{"text":"{}"}"#,
                r#""status":200,"content":{"encoding":"base64","text":"/w=="}"#,
            ),
        ]);
        let urls: Vec<_> = calls.iter().map(|call| call.url.rsplit('/').next().unwrap_or_default()).collect();
        assert_eq!(urls, ["api", "messages", "messages"]);
        assert!(calls[0].request_body.as_ref().is_some_and(|body| body.0.ends_with("cut \u{fffd}\"}]}".as_bytes())));
        assert_eq!(calls[0].duration_ms.map(Count::get), Some(12));
        assert_eq!(calls[0].first_byte_ms.map(Count::get), Some(10));
        assert_eq!((calls[1].status, calls[1].error.as_deref()), (None, Some("net::ERR_ABORTED")));
        assert_eq!(calls[1].request_headers.0, [("a".to_owned(), "1".to_owned())]);
        assert_eq!(calls[2].response_body, Some(Body(vec![0xff])));
    }

    #[test]
    fn a_body_that_the_export_dropped_is_named() {
        let calls = read(&[
            entry("https://h.example/v1/messages", r#""bodySize":900"#, r#""status":200,"content":{"size":12}"#),
            entry("https://h.example/v1/messages", r#""bodySize":-1"#, r#""status":200,"content":{"size":0}"#),
            entry(
                "https://h.example/v1/messages",
                r#""bodySize":2,"postData":{"text":"{}"}"#,
                r#""status":200,"content":{"size":2,"text":"{}"}"#,
            ),
        ]);
        let left_out: Vec<_> = calls.into_iter().map(|call| call.left_out).collect();
        assert_eq!(left_out, [vec!["request", "response"], vec![], vec![]]);
    }

    #[test]
    fn a_websocket_has_a_line_for_each_message() {
        let socket = r#"{"request":{"method":"GET","url":"wss://h.example/v1/realtime?model=m"},"response":{"status":101,"content":{"size":0}},"_webSocketMessages":[{"type":"send","data":"{\"a\":1}"},{"type":"receive","data":"{\"b\":2}"},{"type":"send","data":"{\"c\":3}"}]}"#;
        let calls = read(&[socket.to_owned()]);
        assert_eq!(calls[0].request_body, Some(Body(b"{\"a\":1}\n{\"c\":3}\n".to_vec())));
        assert_eq!((calls[0].status, &calls[0].response_body), (Some(101), &Some(Body(b"{\"b\":2}\n".to_vec()))));
    }

    #[test]
    fn another_file_is_none() {
        for start in ["", "{", "{\"source\":\"log\"}", "{\"log\"}", "[{\"log\":1}]", "\"log\":"] {
            assert!(!is_one(start.as_bytes()), "{start}");
        }
    }
}
