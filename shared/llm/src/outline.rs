//! The little of a step that a list shows: who was asked, who answered, which tools were called, and what it counts.
//!
//! It costs about a search of the bytes, since it is made of every step that is written: of a request only the top is
//! looked at, of an answer in one piece no text to its end, and of a stream only the events that may name something, and
//! the first and last that may count. What it finds, a whole view finds too.

use crate::{
    answer::Answer,
    at::{At, Room},
    body::Packed,
    dialects::{self, Stream},
    frames::{Events, Frames, frames},
    json::{Json, top_text},
    provider, request,
    step::{Recorded, counting},
    unpack::Budget,
};
use api::{
    content::ContentName,
    step::{Attempt, Counted},
    view::Origin,
};
use memchr::{
    memchr2,
    memmem::{Finder, FinderRev},
    memrchr2,
};
use std::{iter, ops::Range};

/// What a list shows of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// The model that was asked for.
    pub model_asked: Option<String>,
    /// The model that says it answered.
    pub model_answered: Option<String>,
    /// The names of the tools that the model called, each once, in their order.
    pub tools_called: Vec<String>,
    /// The counts of a step whose recorder sent none: those of its last completed attempt.
    pub counted: Option<Counted>,
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
        let mut answer = last.map(|attempt| answer_of(attempt, &mut budget)).unwrap_or_default();
        let counted = counted(step, &answer, &mut budget);
        if let Some(own) = step.normalized_response.filter(|_| !answer.has_parts()) {
            let model = answer.model.take();
            answer = self::answer(own.get().as_bytes());
            answer.model = model.or(answer.model);
        }
        Self { model_asked, model_answered: answer.model.clone(), tools_called: answer.tools_called(), counted }
    }
}

/// The counts of the attempt that counts, which is most often the last one.
fn counted(step: Recorded<'_>, last: &Answer, budget: &mut Budget) -> Option<Counted> {
    let index = counting(step.attempts).filter(|_| step.usage.is_none())?;
    let is_last = index + 1 == step.attempts.len();
    let usage = if is_last { last.counts.usage() } else { answer_of(step.attempts.get(index)?, budget).counts.usage() };
    let tokens = usage?.counts();
    Some(Counted { from: ContentName::response(index), tokens, include: tokens.include() })
}

/// As much of an attempt's answer as an outline needs.
fn answer_of(attempt: &Attempt, budget: &mut Budget) -> Answer {
    let Some(body) = &attempt.response_body else { return Answer::default() };
    let packed = Packed { body, headers: attempt.response_headers.as_ref(), origin: Origin::default() };
    answer(&packed.unpack(budget).bytes)
}

fn model_asked(body: &[u8]) -> Option<String> {
    top_text(body, &request::MODEL)
}

/// The longest text that is read to its end, in bytes: names, ids and words for an end are shorter.
const LONGEST: u32 = 1_024;

/// As much of an answer as names models and tools, and counts.
fn answer(body: &[u8]) -> Answer {
    if let Some(answer) = answer_of_lines(body) {
        return answer;
    }
    let mut answer = Answer::default();
    match frames(body) {
        Frames::Json(mut json) => {
            if Finder::new(IN_TEXT).find(body).is_none() {
                json.shorten(LONGEST);
            }
            if let Some(root) = json.root() {
                dialects::whole(root, At::new(Origin::default(), &Room::default()), &mut answer);
            }
        }
        Frames::Events(Events { list, .. }) => {
            let mut stream = Stream::default();
            for event in list {
                let mut json = Json::read_event(&event.data);
                json.shorten(LONGEST);
                if let Some(root) = json.root() {
                    stream.event(&event.name, root, true, At::new(Origin::default(), &Room::default()), &mut answer);
                }
            }
        }
        Frames::Empty | Frames::Text(_) | Frames::Binary => {}
    }
    answer
}

/// The same of server-sent events, each of which is a line; `None` of anything else.
fn answer_of_lines(body: &[u8]) -> Option<Answer> {
    if !["data:", "event:", "id:", "retry:", ":"].iter().any(|field| body.starts_with(field.as_bytes())) {
        return None;
    }
    let (mut answer, mut stream) = (Answer::default(), Stream::default());
    for line in telling_lines(body).into_iter().filter_map(|range| body.get(range)) {
        let data = line.strip_prefix(b"data:");
        let Some(data) = data.or_else(|| line.starts_with(b"{").then_some(line)) else { continue };
        let mut json = Json::read_event(data);
        if !json.is_whole() {
            return None;
        }
        json.shorten(LONGEST);
        stream.event("", json.root()?, true, At::new(Origin::default(), &Room::default()), &mut answer);
    }
    Some(answer)
}

/// Ends of what stands before a model's name.
const MODEL: &str = "\"model";
/// Ends of what stands where a tool is named: a member with its name, or the kind of a call that has no other.
const NAMES: [&str; 3] = ["ame\"", "_call\"", "xecutable"];
/// The beginning of attributes that may hold an answer as a text.
const IN_TEXT: &str = "\"gen_ai.";
/// Ends of what counts are called.
const COUNTS: [&str; 2] = ["okens\"", "ount\""];
/// How many lines are read for their counts from either end: some count in each event, and the last says it all.
const FEW: usize = 4;

/// The lines in which something may be named or counted, in their order.
fn telling_lines(body: &[u8]) -> Vec<Range<usize>> {
    let mut found: Vec<_> = lines(body, MODEL).take(1).collect();
    found.extend(NAMES.iter().flat_map(|name| lines(body, name)));
    for count in COUNTS {
        let first = found.len();
        found.extend(lines(body, count).take(FEW));
        if found.len() - first == FEW {
            found.extend(lines_from_end(body, count).take(FEW));
        }
    }
    found.sort_unstable_by_key(|line| line.start);
    found.dedup();
    found
}

/// The lines that hold a word.
fn lines<'a>(body: &'a [u8], word: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let (finder, mut end) = (Finder::new(word), 0);
    iter::from_fn(move || {
        let line = line(body, end + finder.find(body.get(end..)?)?);
        end = line.end;
        Some(line)
    })
}

/// The same, the last one first.
fn lines_from_end<'a>(body: &'a [u8], word: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let (finder, mut start) = (FinderRev::new(word), body.len());
    iter::from_fn(move || {
        let line = line(body, finder.rfind(body.get(..start)?)?);
        start = line.start;
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
