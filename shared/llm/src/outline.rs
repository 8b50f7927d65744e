//! The little of a step that a list shows: who was asked, who answered, and which tools were called.
//!
//! It costs about a search of the bytes, since it is made of every step that is written: of a request only the top is
//! looked at, and of a stream only the events that may name something. What it finds, a whole view finds too.

use crate::{
    answer::Answer,
    at::{At, Room},
    dialects::{self, Stream},
    frames::{Events, Frames, frames},
    json::{Json, top_text},
    provider, request,
    step::Recorded,
    unpack::Budget,
};
use api::view::Origin;
use memchr::{memchr2, memmem::Finder, memrchr2};
use std::ops::Range;

/// What a list shows of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// The model that was asked for.
    pub model_asked: Option<String>,
    /// The model that says it answered.
    pub model_answered: Option<String>,
    /// The names of the tools that the model called, each once, in their order.
    pub tools_called: Vec<String>,
}

impl Outline {
    /// Looks at a step's last attempt, and at the product's own forms where that says nothing.
    pub fn of(step: Recorded<'_>) -> Self {
        let last = step.attempts.last();
        let url = last.and_then(|attempt| attempt.url.as_deref().or(attempt.path.as_deref())).unwrap_or_default();
        let mut budget = Budget::default();
        let sent = last.and_then(|attempt| attempt.request_body.as_ref()).map(|body| budget.unpack(&body.0, None));
        let own_request = step.normalized_request.map(|object| object.get().as_bytes());
        let in_bodies = || model_asked(&sent.as_ref()?.bytes).or_else(|| model_asked(own_request?));
        let model_asked = provider::model(url).or_else(in_bodies).or_else(|| model_asked(own_request?));
        let came = last.and_then(|attempt| attempt.response_body.as_ref()).map(|body| budget.unpack(&body.0, None));
        let mut answer = came.map(|body| answer(&body.bytes)).unwrap_or_default();
        if let Some(own) = step.normalized_response.filter(|_| !answer.has_parts()) {
            let model = answer.model.take();
            answer = self::answer(own.get().as_bytes());
            answer.model = model.or(answer.model);
        }
        Self { model_asked, model_answered: answer.model.clone(), tools_called: answer.tools_called() }
    }
}

fn model_asked(body: &[u8]) -> Option<String> {
    top_text(body, &request::MODEL)
}

/// As much of an answer as names models and tools.
fn answer(body: &[u8]) -> Answer {
    let mut answer = Answer::default();
    let finders = NAMES.map(Finder::new);
    let is_stream = ["data:", "event:", "id:", "retry:", ":"].iter().any(|field| body.starts_with(field.as_bytes()));
    if is_stream {
        let mut stream = Stream::default();
        let with_model = Finder::new(MODEL).find(body).map(|hit| line(body, hit));
        for line in with_model.into_iter().chain(lines(body, &finders)).filter_map(|range| body.get(range)) {
            let json = Json::read_event(line.strip_prefix(b"data:").unwrap_or(line));
            if let Some(root) = json.root() {
                stream.event("", root, true, At::new(Origin::default(), &Room::default()), &mut answer);
            }
        }
        return answer;
    }
    let names_nothing = || finders.iter().all(|finder| finder.find(body).is_none());
    if body.first() == Some(&b'{') && names_nothing() && Finder::new(IN_TEXT).find(body).is_none() {
        answer.model = top_text(body, &["model", "modelVersion"]);
        return answer;
    }
    match frames(body) {
        Frames::Json(json) => {
            if let Some(root) = json.root() {
                dialects::whole(root, At::new(Origin::default(), &Room::default()), &mut answer);
            }
        }
        Frames::Events(Events { list, .. }) => {
            let mut stream = Stream::default();
            for event in list {
                let json = Json::read_event(&event.data);
                if let Some(root) = json.root() {
                    stream.event(&event.name, root, true, At::new(Origin::default(), &Room::default()), &mut answer);
                }
            }
        }
        Frames::Empty | Frames::Text(_) | Frames::Binary => {}
    }
    answer
}

/// Ends of what stands before a model's name.
const MODEL: &str = "\"model";
/// Ends of what stands where a tool is named: a member with its name, or the kind of a call that has no other.
const NAMES: [&str; 3] = ["ame\"", "_call\"", "xecutable"];
/// The beginning of attributes that may hold an answer as a text.
const IN_TEXT: &str = "\"gen_ai.";

/// The lines in which something may be named.
fn lines(body: &[u8], finders: &[Finder<'_>; 3]) -> impl Iterator<Item = Range<usize>> {
    let mut hits = finders.each_ref().map(|finder| finder.find_iter(body).peekable());
    let mut end = 0;
    std::iter::from_fn(move || {
        let next = hits.iter_mut().filter_map(|hits| {
            while hits.next_if(|hit| *hit < end).is_some() {}
            hits.peek().copied()
        });
        let line = line(body, next.min()?);
        end = line.end;
        Some(line)
    })
}

/// The line that a place is in.
fn line(body: &[u8], place: usize) -> Range<usize> {
    let (before, after) = body.split_at_checked(place).unwrap_or((body, &[]));
    let start = memrchr2(b'\n', b'\r', before).map_or(0, |end| end + 1);
    let length = memchr2(b'\n', b'\r', after).unwrap_or(after.len());
    start..place + length
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::step::{Attempt, AttemptStatus, Body, Count};

    fn outline(url: &str, request: &str, response: &str) -> (Option<String>, Option<String>, Vec<String>) {
        let attempt: Attempt = Attempt {
            number: Count::from(1),
            status: AttemptStatus::Completed,
            method: None,
            url: Some(url.to_owned()),
            path: None,
            started_at: None,
            finished_at: None,
            request_headers: None,
            request_body: Some(Body(request.into())),
            response_status: Some(200),
            response_headers: None,
            response_body: Some(Body(response.into())),
            error: None,
            duration_ms: None,
            first_byte_ms: None,
            retry_classification: None,
            retry_delay_ms: None,
        };
        let outline = Outline::of(Recorded { attempts: &[attempt], ..Recorded::default() });
        (outline.model_asked, outline.model_answered, outline.tools_called)
    }

    #[test]
    fn models_and_tools_are_named() {
        let some = |text: &str| Some(text.to_owned());
        let request = r#"{"messages":[{"model":"no"}],"tools":[{"name":"no"}],"model":"m"}"#;
        for (url, request, response, expected) in [
            (
                "https://api.anthropic.com/v1/messages",
                request,
                r#"{"type":"message","model":"m-2","content":[{"type":"tool_use","name":"w","input":{"name":"no"}},{"type":"tool_use","name":"w","input":{}},{"type":"tool_use","name":"x","input":{}}]}"#,
                (some("m"), some("m-2"), vec!["w".to_owned(), "x".to_owned()]),
            ),
            (
                "https://api.openai.com/v1/chat/completions",
                request,
                "data: {\"model\":\"m-2\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"w\",\"arguments\":\"\"}}]}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{}\"}}]}}]}\n\n",
                (some("m"), some("m-2"), vec!["w".to_owned()]),
            ),
            (
                "https://h/v1beta/models/g-1:generateContent",
                "{}",
                r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"w","args":{}}}]}}],"modelVersion":"g-1.5"}"#,
                (some("g-1"), some("g-1.5"), vec!["w".to_owned()]),
            ),
            (
                "https://h/x",
                request,
                r#"{"model":"m-2","choices":[{"message":{"content":"Hi"}}]}"#,
                (some("m"), some("m-2"), vec![]),
            ),
            ("https://h/x", "", "<html>", (None, None, vec![])),
        ] {
            assert_eq!(outline(url, request, response), expected, "{response}");
        }
    }
}
