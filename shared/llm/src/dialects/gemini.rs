//! Gemini: candidates with parts. A stream's chunks have the shape of a whole answer.

use crate::{
    answer::{Answer, Slot, number},
    at::At,
    failure, finish,
    json::Node,
    part::{cited, other, parts},
};
use api::view::{Failure, Finish, Meaning, Part};
use std::borrow::Cow;

pub(super) fn whole(node: Node<'_>, at: At, answer: &mut Answer) -> bool {
    chunk(node, at, answer, Answer::add)
}

pub(super) fn event(_: &str, node: Node<'_>, at: At, answer: &mut Answer) -> bool {
    let is_taken = chunk(node, at, answer, |answer, choice, parts| answer.extend_all(Slot::text(choice), parts));
    if is_taken && answer.is_finished() {
        answer.has_ended = true;
    }
    is_taken
}

fn chunk(node: Node<'_>, at: At, answer: &mut Answer, add: fn(&mut Answer, u64, Vec<Part>)) -> bool {
    // Some of Google's hosts put it into another object.
    let node = node.get("response").filter(|inner| inner.get("candidates").is_some()).unwrap_or(node);
    let candidates = node.get("candidates").filter(|candidates| candidates.is_array());
    let feedback = node.get("promptFeedback");
    if candidates.is_none() && feedback.is_none() && node.get("usageMetadata").is_none() {
        return false;
    }
    answer.named(node, "modelVersion", "responseId");
    answer.counts.add(node.get("usageMetadata"));
    for candidate in candidates.into_iter().flat_map(Node::items) {
        let index = number(candidate.get("index"));
        let content = candidate.get("content");
        let content = content.and_then(|content| content.first(&["parts", "text"]).or(Some(content)));
        let content = content.filter(|content| content.first(&["role"]).is_none());
        add(answer, index, content.map(|content| parts(content, at)).unwrap_or_default());
        add(answer, index, grounds(candidate, at));
        answer.finish(index, candidate.get("finishReason"));
        let reason = candidate.text_of("finishReason");
        if let Some(message) = candidate.text_of("finishMessage")
            && reason.is_some_and(|reason| finish::of(&reason).meaning == Meaning::Error)
        {
            answer.fail(Failure { raw: Some(candidate.raw().into_owned()), ..failure::of(message) });
        }
    }
    if let Some(reason) = feedback.and_then(|feedback| feedback.text_of("blockReason")) {
        let message = feedback.and_then(|feedback| feedback.text_of("blockReasonMessage"));
        let message = message.map_or_else(|| format!("The prompt was blocked: {reason}."), Cow::into_owned);
        let raw = feedback.map(|feedback| feedback.raw().into_owned());
        answer.fail(Failure { message, code: Some(reason.clone().into_owned()), raw });
        answer.end(0, Some(Finish { said: reason.into_owned(), meaning: Meaning::Filter }));
    }
    true
}

/// Where a candidate has its words from.
fn grounds(candidate: Node<'_>, at: At) -> Vec<Part> {
    let lists = [
        ["groundingMetadata", "groundingChunks"],
        ["citationMetadata", "citationSources"],
        ["citationMetadata", "citations"],
    ];
    let items = lists.iter().filter_map(|path| candidate.path(path)).flat_map(Node::items);
    let cites = |item: Node<'_>| match item.first(&["web", "retrievedContext", "maps"]) {
        Some(inner) => cited(inner, at),
        None if item.get("uri").is_some() => cited(item, at),
        None => other(item, "grounding", at),
    };
    items.map(cites).collect()
}
