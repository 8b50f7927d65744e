//! The little of a step that a list shows: who was asked, who answered, which tools were called, and what it counts.
//!
//! It costs about a search of the bytes, since it is made of every step that is written: of a request only the top is
//! looked at, of an answer in one piece no text to its end, and of a stream only the events that may name something,
//! and the first and last that may count. So what adds up the counts of many answers, as a long session and a batch do,
//! is not counted here. What it finds, a whole view finds too.

use crate::{
    answer::{Answer, Counts},
    at::{At, Room},
    body::Packed,
    dialects::{self, Stream},
    frames::{Telling, Told, Word, telling},
    json::{Json, Stop, top_text},
    provider, request,
    step::{Recorded, counting},
    unpack::Budget,
};
use api::{
    content::ContentName,
    step::{Attempt, Counted},
    view::Origin,
};
use memchr::memmem::Finder;

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
/// The beginning of attributes that may hold an answer as a text.
const IN_TEXT: &str = "\"gen_ai.";
/// How many events are read for their counts from either end: some count in each event, and the last says it all.
const FEW: usize = 8;
/// What is looked for in a stream: what stands before a model's name, which a first event may leave empty; ends of what
/// stands where a tool is named, which is a member with its name, or the kind of a call that has no other; of what
/// counts are called.
const WORDS: [Word; 6] = [
    Word { text: "\"model", first: 3, last: 0 },
    Word { text: "ame\"", first: usize::MAX, last: 0 },
    Word { text: "_call\"", first: usize::MAX, last: 0 },
    Word { text: "xecutable", first: usize::MAX, last: 0 },
    Word { text: "okens\"", first: FEW, last: FEW },
    Word { text: "ount\"", first: FEW, last: FEW },
];

/// As much of an answer as names models and tools, and counts.
fn answer(body: &[u8]) -> Answer {
    let mut answer = Answer::default();
    match telling(body, &WORDS) {
        Telling::Json(mut json) => {
            if Finder::new(IN_TEXT).find(body).is_none() {
                json.shorten(LONGEST);
            }
            if let Some(root) = json.root() {
                dialects::whole(root, At::new(Origin::default(), &Room::default()), &mut answer);
            }
        }
        Telling::Events(told) => {
            read_events(&told, &mut answer);
            // A sum needs all of them.
            if told.is_partial && answer.counts.is_sum {
                answer.counts = Counts::default();
            }
        }
        Telling::Nothing => {}
    }
    answer
}

fn read_events(told: &Told<'_>, answer: &mut Answer) {
    let mut stream = Stream::default();
    for (index, event) in told.list.iter().enumerate() {
        let mut json = Json::read_event(&event.data);
        let is_cut = json.stop() == Some(Stop::Cut) && told.has_end && index + 1 == told.list.len();
        json.shorten(LONGEST);
        if let Some(root) = json.root().filter(|_| is_cut || json.stop().is_none()) {
            stream.event(&event.name, root, is_cut, At::new(Origin::default(), &Room::default()), answer);
        }
    }
}

#[cfg(test)]
#[path = "../tests/report/usual.rs"]
mod usual;

#[cfg(test)]
mod tests {
    use super::*;
    use api::step::Body;

    fn outline(url: &str, request: &str, response: &str) -> (Option<String>, Option<String>, Vec<String>) {
        let answered = r#"{"number":1,"status":"completed","response_status":200}"#;
        let attempt = Attempt {
            url: Some(url.to_owned()),
            request_body: Some(Body(request.into())),
            response_body: Some(Body(response.into())),
            ..serde_json::from_str(answered).unwrap()
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

    #[test]
    fn of_a_stream_little_is_read_and_all_is_counted() {
        for (name, bodies) in usual::KINDS {
            let (_, response) = usual::as_large_as(bodies, 1_000_000);
            let counts = self::answer(&response).counts.usage();
            let Telling::Events(told) = telling(&response, &WORDS) else { continue };
            let read: usize = told.list.iter().map(|event| event.data.len()).sum();
            assert!(read * 50 < response.len(), "{name}: {read} bytes are read");
            assert_eq!(counts.is_some(), name != usual::A_BATCH, "{name}");
        }
    }
}
