//! Who reads which answers.
//!
//! A dialect knows the shape of whole answers and of a stream's events, and takes in what is of its own. The first that
//! does wins; in a stream, the one that took the last event is asked first. What none knows becomes a part as it is.
//!
//! | dialect | whose |
//! |---|---|
//! | [`anthropic`] | Anthropic's messages, also through Bedrock's invoke and Vertex |
//! | [`responses`] | `OpenAI`'s responses, and its realtime sessions |
//! | [`gemini`] | Gemini, plain, streamed and live, on Google's two hosts |
//! | [`bedrock`] | Bedrock's converse, and the models of Amazon, Meta, Mistral, Cohere and AI21 through its invoke |
//! | [`mistral`] | Mistral's conversations |
//! | [`cohere`] | Cohere, version 2 and 1 |
//! | [`ai_sdk`] | the streams of Vercel's AI SDK |
//! | [`ollama`] | Ollama's chat and generate |
//! | [`chat`] | `OpenAI`'s chat completions and completions, and everybody who speaks like it |
//! | [`dashscope`] | Alibaba's own form of answers |
//! | [`tgi`] | Hugging Face's text generation |
//! | [`vertex`] | what Vertex predicts, for the models that have no answer of their own |
//! | [`data`] | embeddings, images, transcripts: answers that are data |
//! | [`batch`] | files with the results of many requests |
//! | [`normalized`] | the forms of chat products: Coder, the AI SDK, `LangChain`, OpenTelemetry |

use api::view::{Finish, Meaning};

mod ai_sdk;
mod anthropic;
mod batch;
mod bedrock;
mod chat;
mod cohere;
mod dashscope;
mod data;
mod gemini;
mod mistral;
mod normalized;
mod ollama;
mod responses;
mod tgi;
mod vertex;

use crate::{
    answer::{Answer, Slot},
    at::At,
    failure,
    json::Node,
    part::other,
};
use batch::BatchResult;
use std::borrow::Cow;

/// Reads a whole answer; `false` when it is not of this dialect.
type Whole = fn(Node<'_>, At<'_>, &mut Answer) -> bool;
/// Reads an event by its name and its data; `false` when it is not of this dialect.
type Event = fn(&str, Node<'_>, At<'_>, &mut Answer) -> bool;

struct Dialect {
    /// Whose it is, when it is one provider's.
    provider: Option<&'static str>,
    whole: Whole,
    event: Event,
}

/// In the order in which they are asked: those that know their own best come first.
const DIALECTS: [Dialect; 14] = [
    Dialect { provider: Some("anthropic"), whole: anthropic::whole, event: anthropic::event },
    Dialect { provider: Some("mistral"), whole: mistral::whole, event: mistral::event },
    Dialect { provider: Some("openai"), whole: responses::whole, event: responses::event },
    Dialect { provider: Some("google"), whole: gemini::whole, event: gemini::event },
    Dialect { provider: Some("bedrock"), whole: bedrock::whole, event: bedrock::event },
    Dialect { provider: Some("cohere"), whole: cohere::whole, event: cohere::event },
    Dialect { provider: Some("openai"), whole: chat::whole, event: chat::event },
    Dialect { provider: None, whole: ai_sdk::whole, event: ai_sdk::event },
    Dialect { provider: Some("alibaba"), whole: dashscope::whole, event: dashscope::event },
    Dialect { provider: Some("huggingface"), whole: tgi::whole, event: tgi::event },
    Dialect { provider: Some("google"), whole: vertex::whole, event: vertex::event },
    Dialect { provider: None, whole: data::whole, event: data::event },
    Dialect { provider: Some("ollama"), whole: ollama::whole, event: ollama::event },
    Dialect { provider: None, whole: normalized::whole, event: normalized::event },
];

/// Reads an answer that came in one piece.
pub(crate) fn whole(node: Node<'_>, at: At<'_>, answer: &mut Answer) {
    if let Some(results) = batch::results(node) {
        for item in at.items(results).filter_map(BatchResult::within) {
            self::result(&item, at, answer);
        }
        return;
    }
    match BatchResult::of(node) {
        Some(result) => self::result(&result, at, answer),
        None => one(within(node), at, answer),
    }
}

/// What Cloudflare puts into another object.
fn within(node: Node<'_>) -> Node<'_> {
    node.get("result").filter(|result| result.is_object() && node.get("success").is_some()).unwrap_or(node)
}

/// The answer to one request.
fn one(node: Node<'_>, at: At<'_>, answer: &mut Answer) {
    if let Some(failure) = failure::in_value(node) {
        answer.fail(failure);
    }
    let known = DIALECTS.iter().find(|dialect| (dialect.whole)(node, at, answer));
    counted_by_bedrock(node, answer);
    answer.is_known |= known.is_some();
    answer.dialect = answer.dialect.or(known.and_then(|dialect| dialect.provider));
    if known.is_none() && answer.failure.is_none() && !node.is_empty() {
        answer.counts.add(usage(node));
        answer.add(0, [other(node, "answer", at)]);
    }
}

/// Bedrock adds counts of its own to a stream's last event; they count when the model gave none.
fn counted_by_bedrock(node: Node<'_>, answer: &mut Answer) {
    if let Some(metrics) = node.get("amazon-bedrock-invocationMetrics").filter(|_| answer.counts.is_empty()) {
        answer.counts.put_new("input_tokens", metrics.get("inputTokenCount"));
        answer.counts.put_new("output_tokens", metrics.get("outputTokenCount"));
        answer.counts.put_new("cache_read_tokens", metrics.get("cacheReadInputTokenCount"));
    }
}

/// The counts of what nobody knows, where most have them.
fn usage(node: Node<'_>) -> Option<Node<'_>> {
    node.first(&["usage", "usageMetadata", "usage_metadata"])
}

/// The answer to one request of many. If it failed, the file did not.
fn result(result: &BatchResult<'_>, at: At<'_>, answer: &mut Answer) {
    answer.begin_another(result.id.clone().map(Cow::into_owned));
    let mut own = Answer::default();
    if let Some(node) = result.answer {
        one(node, at, &mut own);
    }
    let error = result.error.or_else(|| result.answer.filter(|_| own.failure.is_some()));
    let failure = own.failure.take().or_else(|| result.error.map(failure::in_answer));
    answer.adopt(own);
    answer.add(0, error.map(|error| other(error, "error", at)));
    answer.end(
        0,
        failure.map(|failure| Finish { said: failure.code.unwrap_or(failure.message), meaning: Meaning::Error }),
    );
    answer.is_known = true;
    answer.has_ended = true;
}

/// Reads a stream, event by event.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    /// The dialect that took the last event.
    current: usize,
}

impl Stream {
    /// Reads the next event. One that was cut and that nobody takes is nothing.
    pub(crate) fn event(&mut self, name: &str, data: Node<'_>, is_cut: bool, at: At<'_>, answer: &mut Answer) {
        if let Some(result) = BatchResult::of(data) {
            return self::result(&result, at, answer);
        }
        let kind = data.type_name();
        let name = if name.is_empty() { &*kind } else { name };
        let error = failure::in_value(data).or_else(|| {
            let is_error = name == "error" || name.ends_with("Exception");
            is_error.then(|| failure::new(data, data))
        });
        if let Some(mut failure) = error {
            failure.code =
                failure.code.or_else(|| (name != "error").then(|| name.to_owned()).filter(|it| !it.is_empty()));
            answer.fail(failure);
        }
        let others = (0..DIALECTS.len()).filter(|other| *other != self.current);
        let mut asked = std::iter::once(self.current).chain(others);
        let taken = asked.find_map(|index| {
            let dialect = DIALECTS.get(index)?;
            (dialect.event)(name, data, at, answer).then_some((index, dialect))
        });
        counted_by_bedrock(data, answer);
        match taken {
            Some((index, dialect)) => {
                self.current = index;
                answer.is_known = true;
                answer.dialect = answer.dialect.or(dialect.provider);
            }
            None if answer.failure.is_some() || is_cut => {}
            None => {
                answer.counts.add(usage(data));
                answer.extend(Slot::text(0), other(data, if name.is_empty() { "event" } else { name }, at));
            }
        }
    }
}
