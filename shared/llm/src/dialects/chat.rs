//! `OpenAI`'s chat completions and completions, and everybody who speaks like it: Azure, `OpenRouter`, `DeepSeek`,
//! Groq, Mistral, Together, Fireworks, xAI, Perplexity, vLLM, `SGLang`, llama.cpp and more.

use crate::{
    answer::{Answer, CallPiece, Slot, number, number_or},
    at::At,
    failure,
    json::Node,
    message::{self, thoughts, with_what_is_beside},
    part::{cited, parts},
};
use api::view::Content;
use std::collections::HashSet;

pub(super) fn whole(node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let Some(choices) = node.get("choices").filter(|choices| choices.is_array()) else { return false };
    about(node, answer);
    for (place, choice) in (0..).zip(at.items(choices)) {
        let index = number_or(choice.get("index"), place);
        about_choice(index, choice, answer);
        match choice.first(&["message", "delta"]) {
            Some(message) => {
                let content = message.get("content").map(|content| parts(content, at)).unwrap_or_default();
                answer.add(index, with_what_is_beside(message, content, at));
            }
            None => answer.text(Slot::text(index), choice.get("text"), at),
        }
    }
    cite(node, at, answer);
    true
}

pub(super) fn event(_: &str, node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let choices = node.get("choices").filter(|choices| choices.is_array());
    if choices.is_none() && node.get("object").is_none_or(|object| !object.is("chat.completion.chunk")) {
        return false;
    }
    about(node, answer);
    // `MiniMax` ends with all that it said, once more.
    let is_repeated = answer.has_parts() && node.get("object").is_some_and(|object| object.is("chat.completion"));
    for choice in choices.into_iter().flat_map(Node::items) {
        let index = number(choice.get("index"));
        about_choice(index, choice, answer);
        match choice.first(&["delta", "message"]) {
            Some(_) if is_repeated && choice.get("delta").is_none() => {}
            Some(delta) => self::delta(index, delta, at, answer),
            // Together has the text of a delta beside it, too.
            None => answer.text(Slot::text(index), choice.get("text"), at),
        }
    }
    cite(node, at, answer);
    // Not every server says `[DONE]`, but each choice says why it ended.
    answer.has_ended = answer.is_finished();
    true
}

fn about(node: Node<'_>, answer: &mut Answer) {
    answer.named(node, "model", "id");
    answer.counts.add(node.get("usage"));
    if let Some(error) = node.path(&["x_groq", "error"]) {
        answer.fail(failure::new(node, error));
    }
    let groq = node.path(&["x_groq", "usage"]);
    answer.counts.add(groq);
    let seconds = groq.or_else(|| node.get("usage")).and_then(|usage| {
        let seconds = |name| usage.get(name)?.raw().parse::<f64>().ok();
        Some(seconds("queue_time")? + seconds("prompt_time")?)
    });
    answer.first_token_ms = answer.first_token_ms.or_else(|| millis(seconds?));
}

/// Milliseconds of seconds, where that makes sense.
fn millis(seconds: f64) -> Option<u64> {
    let duration = std::time::Duration::try_from_secs_f64(seconds).ok()?;
    u64::try_from(duration.as_millis()).ok()
}

fn about_choice(index: u64, choice: Node<'_>, answer: &mut Answer) {
    // Mistral's and `DeepSeek`'s models on Bedrock have another name for it.
    answer.finish(index, choice.first(&["finish_reason", "stop_reason"]));
    // Moonshot counts within the choice.
    answer.counts.add(choice.get("usage"));
    if let Some(error) = choice.get("error").filter(|error| !error.is_empty()) {
        answer.fail(failure::new(choice, error));
    }
}

/// Perplexity's and Zhipu's sources stand beside the choices, in every chunk.
fn cite(node: Node<'_>, at: At<'_>, answer: &mut Answer) {
    if let Some(list) = node.first(&["search_results", "citations", "web_search"]).filter(|list| list.is_array())
        && node.get("choices").is_some_and(|choices| !choices.is_empty())
        && answer.is_finished()
    {
        answer.add(0, at.items(list).map(|item| cited(item, at)));
    }
}

fn delta(choice: u64, delta: Node<'_>, at: At<'_>, answer: &mut Answer) {
    let slot = Slot::text(choice);
    answer.extend_all(slot, thoughts(delta, at));
    answer.extend_all(slot, delta.get("content").map(|content| parts(content, at)).unwrap_or_default());
    answer.words(slot, delta.get("refusal"), at, |text| Content::Refusal { text });
    let mut met = HashSet::new();
    for (place, item) in (0..).zip(delta.get("tool_calls").into_iter().flat_map(|list| at.items(list))) {
        let index = number_or(item.get("index"), place);
        if met.insert(index) {
            call(choice, index, item, at, answer);
        } else {
            // Two calls of one event are two, whatever their numbers.
            answer.push(Slot::call(choice, index), message::call(item, at));
        }
    }
    if let Some(legacy) = delta.get("function_call").filter(|call| call.is_object()) {
        call(choice, u64::MAX, legacy, at, answer);
    }
    if let Some(audio) = delta.get("audio").filter(|audio| audio.is_object()) {
        answer.text(slot, audio.get("transcript"), at);
        answer.sound(choice, audio.get("data"), at);
    }
    let mut rest = Vec::new();
    message::rest(delta, at, &mut rest);
    answer.extend_all(Slot::aside(choice), rest);
}

fn call(choice: u64, index: u64, item: Node<'_>, at: At<'_>, answer: &mut Answer) {
    let inner = item.first(&["function", "custom"]).filter(|inner| inner.is_object()).unwrap_or(item);
    let arguments = inner.first(&["arguments", "input"]);
    let piece = CallPiece { id: item.get("id"), name: inner.get("name"), arguments };
    answer.call_piece(Slot::call(choice, index), piece, item, at);
}
