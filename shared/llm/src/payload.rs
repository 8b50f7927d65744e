//! A body as JSON, or as the events of a stream.
//!
//! Streams come as server-sent events, as Amazon's event stream (binary frames), as JSON lines, or
//! as an array that arrives bit by bit.

use crate::json;
use api::step::Body;
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::Value;
use std::{borrow::Cow, collections::HashMap, io::Read};

/// The most bytes that are read of a decompressed body.
const MAX_INFLATED: u64 = 64 * 1024 * 1024;

/// What a body holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Payload {
    /// One JSON value.
    Json(Value),
    /// A stream's events, in order.
    Events(Vec<StreamEvent>),
    /// Neither.
    Other,
}

/// An event of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamEvent {
    /// Its name, or the `type` of its data; empty when it has neither.
    pub name: String,
    /// Its data; a string when that is no JSON.
    pub data: Value,
}

impl StreamEvent {
    fn new(name: String, data: Value) -> Self {
        let name = match data["type"].as_str() {
            Some(kind) if name.is_empty() => kind.to_owned(),
            _ => name,
        };
        Self { name, data }
    }
}

impl Payload {
    /// Reads a body, compressed or not.
    pub fn of(body: &[u8]) -> Self {
        let body = inflated(body);
        if let Some(events) = amazon_events(&body) {
            return Self::Events(events);
        }
        let text = String::from_utf8_lossy(&body);
        match json::value(&text) {
            Some(Value::Array(chunks)) if chunks.first().is_some_and(is_chunk) => Self::Events(events_of(chunks)),
            Some(value) => Self::Json(value),
            None => text_events(&text).map_or(Self::Other, Self::Events),
        }
    }

    /// The value, when it is one.
    pub fn into_json(self) -> Option<Value> {
        match self {
            Self::Json(value) => Some(value),
            _ => None,
        }
    }

    /// The events, when it is a stream.
    pub fn events(&self) -> Option<&[StreamEvent]> {
        match self {
            Self::Events(events) => Some(events),
            _ => None,
        }
    }

    /// Whether the stream came to its end; `None` when it is no stream, or none that is known.
    pub fn is_whole(&self) -> Option<bool> {
        let events = self.events()?;
        let known = events.iter().any(has_shape);
        known.then(|| events.iter().any(is_terminal) || choices_are_finished(events))
    }

    /// The error that ended a stream.
    pub fn stream_error(&self) -> Option<&Value> {
        let is_error = |event: &&StreamEvent| {
            matches!(&*event.name, "error" | "response.failed")
                || event.name.ends_with("Exception")
                || event.data["error"].is_object()
        };
        self.events()?.iter().find(is_error).map(|event| &event.data)
    }
}

fn inflated(body: &[u8]) -> Cow<'_, [u8]> {
    if !body.starts_with(&[0x1f, 0x8b]) {
        return body.into();
    }
    let mut inflated = Vec::new();
    // Of a truncated body, what arrived is read.
    let _ = GzDecoder::new(body).take(MAX_INFLATED).read_to_end(&mut inflated);
    inflated.into()
}

/// Gemini streams an array of chunks when it is not asked for events.
fn is_chunk(value: &Value) -> bool {
    value.get("candidates").is_some() || value.get("usageMetadata").is_some()
}

fn events_of(chunks: Vec<Value>) -> Vec<StreamEvent> {
    chunks.into_iter().map(|chunk| StreamEvent::new(String::new(), chunk)).collect()
}

fn text_events(text: &str) -> Option<Vec<StreamEvent>> {
    let first = text.trim_start().lines().next()?;
    if ["data:", "event:", "id:", "retry:", ":"].iter().any(|field| first.starts_with(field)) {
        return Some(server_sent_events(text));
    }
    // JSON lines; the last one may have been cut.
    let lines: Vec<_> = text.lines().map_while(json::value).collect();
    (lines.len() > 1 || text.contains('\n') && lines.len() == 1).then(|| events_of(lines))
}

/// Events as in the WHATWG's standard, except that an event that was cut at the end keeps what had arrived.
fn server_sent_events(text: &str) -> Vec<StreamEvent> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.split("\n\n").filter_map(server_sent_event).collect()
}

fn server_sent_event(block: &str) -> Option<StreamEvent> {
    let mut name = String::new();
    let mut data: Option<String> = None;
    for line in block.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match (field, &mut data) {
            ("event", _) => value.clone_into(&mut name),
            ("data", Some(data)) => data.extend(["\n", value]),
            ("data", None) => data = Some(value.to_owned()),
            _ => {}
        }
    }
    let data = data?;
    Some(StreamEvent::new(name, json::value(&data).unwrap_or(Value::String(data))))
}

/// The frames of `application/vnd.amazon.eventstream`: total length, headers' length, checksum,
/// headers, payload, checksum. `None` when the body is no event stream; a frame that was cut is left out.
fn amazon_events(body: &[u8]) -> Option<Vec<StreamEvent>> {
    const PRELUDE: usize = 12;
    let mut events = Vec::new();
    let mut rest = body;
    while let (Some(total), Some(headers)) = (length(rest, 0), length(rest, 4)) {
        if total < PRELUDE + headers + 4 {
            return None;
        }
        let Some((frame, behind)) = rest.split_at_checked(total) else { break };
        let payload = json::value_of(frame.get(PRELUDE + headers..total - 4)?)?;
        events.push(amazon_event(event_type(frame.get(PRELUDE..PRELUDE + headers)?), payload));
        rest = behind;
    }
    (!events.is_empty()).then_some(events)
}

fn length(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at + 4)?.try_into().ok()?;
    u32::from_be_bytes(four).try_into().ok()
}

/// The value of the header `:event-type` or `:exception-type`; strings have type 7.
fn event_type(headers: &[u8]) -> String {
    let value = |name: &[u8]| {
        let at = headers.windows(name.len()).position(|window| window == name)? + name.len();
        let [7, high, low, rest @ ..] = headers.get(at..)? else { return None };
        let value = rest.get(..usize::from(u16::from_be_bytes([*high, *low])))?;
        String::from_utf8(value.to_owned()).ok()
    };
    value(b":event-type").or_else(|| value(b":exception-type")).unwrap_or_default()
}

/// `InvokeModelWithResponseStream` wraps the model's own events in base64.
fn amazon_event(name: String, payload: Value) -> StreamEvent {
    let wrapped = Body::deserialize(&payload["bytes"]);
    match wrapped.ok().and_then(|Body(bytes)| json::value_of(&bytes)) {
        Some(inner) => StreamEvent::new(String::new(), inner),
        None => StreamEvent::new(name, payload),
    }
}

/// Whether the event is of a stream whose end is known.
fn has_shape(event: &StreamEvent) -> bool {
    is_terminal(event)
        || matches!(&*event.name, "message_start" | "response.created" | "messageStart")
        || ["choices", "candidates", "done"].iter().any(|member| event.data.get(member).is_some())
}

fn is_terminal(event: &StreamEvent) -> bool {
    let by_name = matches!(
        &*event.name,
        "message_stop" | "messageStop" | "response.completed" | "response.incomplete" | "response.failed" | "error"
    );
    by_name
        || event.data.as_str() == Some("[DONE]")
        || event.data["done"] == true
        || event.data["candidates"][0]["finishReason"].is_string()
}

/// Not every server that speaks `OpenAI`'s dialect says `[DONE]`, but each choice says why it ended.
fn choices_are_finished(events: &[StreamEvent]) -> bool {
    let mut finished: HashMap<&Value, bool> = HashMap::new();
    for choice in events.iter().filter_map(|event| event.data["choices"].as_array()).flatten() {
        *finished.entry(&choice["index"]).or_default() |= choice["finish_reason"].is_string();
    }
    !finished.is_empty() && finished.into_values().all(|is_finished| is_finished)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::io::Write;

    fn events(body: &[u8]) -> Vec<StreamEvent> {
        match Payload::of(body) {
            Payload::Events(events) => events,
            other => panic!("no stream: {other:?}"),
        }
    }

    fn whole(body: &str) -> Option<bool> {
        Payload::of(body.as_bytes()).is_whole()
    }

    #[test]
    fn server_sent_events_are_read_whatever_their_line_ends() {
        let body = ": hello\n\nevent: a\ndata: {\"x\":\ndata: 1}\n\ndata: [DONE]\n\n";
        for body in [body.to_owned(), body.replace('\n', "\r\n"), body.replace('\n', "\r")] {
            let events = events(body.as_bytes());
            assert_eq!(events.len(), 2);
            assert_eq!((&*events[0].name, &events[0].data), ("a", &json!({"x": 1})));
            assert_eq!(events[1].data, "[DONE]");
        }
    }

    #[test]
    fn a_stream_without_its_last_event_was_cut() {
        let start = "event: message_start\ndata: {\"type\":\"message_start\"}\n\n";
        assert_eq!(whole(start), Some(false));
        assert_eq!(whole(&format!("{start}event: message_stop\ndata: {{\"type\":\"message_stop\"}}\n\n")), Some(true));
        let chunk = |finish: &str| format!("data: {{\"choices\":[{{\"index\":0,\"finish_reason\":{finish}}}]}}\n\n");
        assert_eq!(whole(&chunk("null")), Some(false));
        assert_eq!(whole(&chunk("\"stop\"")), Some(true));
        assert_eq!(whole(&format!("{}data: [DONE]\n\n", chunk("null"))), Some(true));
        assert_eq!(whole("data: {\"something\":\"else\"}\n\n"), None);
        assert_eq!(whole("{}"), None);
    }

    #[test]
    fn every_choice_has_to_finish() {
        let chunk = |index: u8, finish: &str| {
            format!("data: {{\"choices\":[{{\"index\":{index},\"finish_reason\":{finish}}}]}}\n\n")
        };
        let both = [chunk(0, "null"), chunk(1, "null"), chunk(0, "\"stop\"")].concat();
        assert_eq!(whole(&both), Some(false));
        assert_eq!(whole(&format!("{both}{}", chunk(1, "\"length\""))), Some(true));
    }

    #[test]
    fn half_an_emoji_blanks_no_body() {
        let halves = r#"{"type":"message_start","x":"\ud83d"}"#;
        let read = json!({"type": "message_start", "x": "\u{fffd}"});
        assert_eq!(Payload::of(halves.as_bytes()), Payload::Json(read.clone()));
        for stream in [format!("data: {halves}\n\n"), format!("{halves}\n{halves}\n")] {
            let events = events(stream.as_bytes());
            assert!(events.iter().all(|event| event.name == "message_start" && event.data == read), "{stream}");
        }
    }

    #[test]
    fn arrays_of_chunks_and_json_lines_are_streams_too() {
        assert_eq!(whole(r#"[{"candidates":[{}]},{"candidates":[{"finishReason":"STOP"}]}]"#), Some(true));
        assert_eq!(whole("{\"done\":false}\n{\"done\":true}\n"), Some(true));
        assert_eq!(whole("{\"done\":false}\n{\"do"), Some(false));
        assert_eq!(Payload::of(b"[1,2]"), Payload::Json(json!([1, 2])));
        assert_eq!(Payload::of(b"<html>"), Payload::Other);
    }

    #[test]
    fn a_compressed_body_is_inflated() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(b"data: [DONE]\n\n").expect("memory");
        assert_eq!(events(&encoder.finish().expect("memory")).len(), 1);
    }

    #[test]
    fn amazons_frames_are_events() {
        let frame = |name: &str, payload: &str| {
            let mut headers = vec![11];
            headers.extend(b":event-type\x07");
            headers.extend(u16::try_from(name.len()).expect("short").to_be_bytes());
            headers.extend(name.as_bytes());
            let length = |bytes: usize| u32::try_from(bytes).expect("short").to_be_bytes();
            let mut frame = Vec::new();
            frame.extend(length(16 + headers.len() + payload.len()));
            frame.extend(length(headers.len()));
            frame.extend([0; 4]);
            frame.extend(headers);
            frame.extend(payload.as_bytes());
            frame.extend([0; 4]);
            frame
        };
        let mut body = frame("messageStart", r#"{"role":"assistant"}"#);
        body.extend(frame("chunk", r#"{"bytes":"eyJ0eXBlIjoibWVzc2FnZV9zdG9wIn0="}"#));
        let whole = events(&body);
        assert_eq!((&*whole[0].name, &*whole[1].name), ("messageStart", "message_stop"));
        assert_eq!(events(&body[..body.len() - 1]).len(), 1, "a cut frame is left out");
    }

    #[test]
    fn an_error_in_a_stream_is_found() {
        let body = "data: {\"choices\":[]}\n\ndata: {\"error\":{\"message\":\"overloaded\"}}\n\n";
        let payload = Payload::of(body.as_bytes());
        assert_eq!(payload.stream_error().map(|error| &error["error"]["message"]), Some(&json!("overloaded")));
    }
}
