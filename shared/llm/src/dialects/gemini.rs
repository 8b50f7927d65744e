//! Gemini: candidates with parts. A stream's chunks have the shape of a whole answer; a live session's turns have their
//! own.

use crate::{
    answer::{Answer, Slot, number},
    at::At,
    failure, finish,
    json::Node,
    part::{cited, other, parts, tool_call},
};
use api::view::{Content, Failure, Finish, Meaning, Part};
use std::borrow::Cow;

pub(super) fn whole(node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    interaction(node, at, answer) || chunk(node, at, answer, Answer::add)
}

/// What Google answers where it keeps the conversation itself.
fn interaction(node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    if !node.get("object").is_some_and(|object| object.is("interaction")) {
        return false;
    }
    answer.add(0, node.first(&["outputs", "steps"]).map(|outputs| parts(outputs, at)).unwrap_or_default());
    answer.named(node, "model", "id");
    answer.finish(0, node.get("status"));
    answer.counts.add(node.get("usage"));
    true
}

pub(super) fn event(_: &str, node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    if live(node, at, answer) {
        return true;
    }
    let is_taken = chunk(node, at, answer, |answer, choice, parts| answer.extend_all(Slot::text(choice), parts));
    if is_taken && answer.is_finished() {
        answer.has_ended = true;
    }
    is_taken
}

fn chunk(node: Node<'_>, at: At<'_>, answer: &mut Answer, add: fn(&mut Answer, u64, Vec<Part>)) -> bool {
    // Some of Google's hosts put it into another object.
    let node = node.get("response").filter(|inner| inner.get("candidates").is_some()).unwrap_or(node);
    let candidates = node.get("candidates").filter(|candidates| candidates.is_array());
    // Its library for Python writes names otherwise.
    let is_filtered = candidates.is_none_or(Node::is_empty) && node.get("choices").is_none();
    let filter = node.get("filters").filter(|_| is_filtered).and_then(|filters| filters.items().next());
    let filter = filter.filter(|filter| filter.get("reason").is_some_and(Node::is_text));
    // Its older models say only what they filtered.
    let feedback = node.first(&["promptFeedback", "prompt_feedback"]).or(filter);
    let usage = node.first(&["usageMetadata", "usage_metadata"]).filter(|usage| usage.is_object());
    if candidates.is_none() && feedback.is_none() && usage.is_none() {
        return false;
    }
    answer.named(node, "modelVersion", "responseId");
    answer.named(node, "model_version", "response_id");
    answer.counts.add(usage);
    for candidate in candidates.into_iter().flat_map(Node::items) {
        let index = number(candidate.get("index"));
        let content = candidate.first(&["content", "output"]);
        let content = content.and_then(|content| content.first(&["parts", "text"]).or(Some(content)));
        let content = content.filter(|content| content.first(&["role"]).is_none() && !content.is_empty());
        add(answer, index, content.map(|content| parts(content, at)).unwrap_or_default());
        add(answer, index, grounds(candidate, at));
        let said = candidate.first(&["finishReason", "finish_reason"]);
        answer.finish(index, said);
        let reason = said.and_then(Node::text);
        if let Some(message) = candidate.first(&["finishMessage", "finish_message"]).and_then(Node::text)
            && reason.is_some_and(|reason| finish::of(&reason).meaning == Meaning::Error)
        {
            answer.fail(Failure { raw: Some(candidate.raw().into_owned()), ..failure::of(message) });
        }
    }
    let said = |names: &[&str]| feedback.and_then(|feedback| feedback.first(names)?.text());
    if let Some(reason) = said(&["blockReason", "block_reason", "reason"]) {
        let message = said(&["blockReasonMessage", "block_reason_message", "message"]);
        let message = message.map_or_else(|| format!("The prompt was blocked: {reason}."), Cow::into_owned);
        let raw = feedback.map(|feedback| feedback.raw().into_owned());
        answer.fail(Failure { message, code: Some(reason.clone().into_owned()), raw });
        answer.end(0, Some(Finish { said: reason.into_owned(), meaning: Meaning::Filter }));
    }
    true
}

/// A live session's message, which tells of a turn what has come since the last one.
fn live(node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let content = node.first(&["serverContent", "server_content"]);
    let calls =
        node.first(&["toolCall", "tool_call"]).and_then(|calls| calls.first(&["functionCalls", "function_calls"]));
    let about = ["setupComplete", "goAway", "sessionResumptionUpdate", "toolCallCancellation"];
    if content.is_none() && calls.is_none() && node.first(&about).is_none() {
        return false;
    }
    answer.counts.add(node.get("usageMetadata"));
    let said = |name| content.and_then(|content| content.get(name)).filter(|said| !said.is_empty());
    if answer.has_ended && (calls.is_some() || said("modelTurn").is_some() || said("outputTranscription").is_some()) {
        answer.responses += 1;
        answer.has_ended = false;
    }
    let choice = answer.responses;
    if let Some(turn) = said("modelTurn") {
        for part in parts(turn, at) {
            let is_media = matches!(part.content, Content::Media { .. });
            answer.extend(if is_media { Slot::aside(choice) } else { Slot::text(choice) }, part);
        }
    }
    if let Some(heard) = said("inputTranscription") {
        answer.extend(Slot { choice, ..Slot::block(0).within(1) }, other(heard, "inputTranscription", at));
    }
    answer.text(Slot::text(choice), said("outputTranscription").and_then(|words| words.get("text")), at);
    answer.add(choice, grounds(content.unwrap_or(node), at));
    if let Some(calls) = calls {
        answer.add(choice, at.items(calls).map(|call| tool_call(call, call, at)));
        ended(choice, "toolCall", Meaning::ToolCalls, answer);
    }
    let is = |name| said(name).is_some_and(Node::is_true);
    if is("interrupted") {
        ended(choice, "interrupted", Meaning::Other, answer);
    } else if is("turnComplete") {
        ended(choice, "turnComplete", Meaning::Stop, answer);
    }
    true
}

fn ended(choice: u64, said: &str, meaning: Meaning, answer: &mut Answer) {
    answer.end(choice, Some(Finish { said: said.to_owned(), meaning }));
    answer.has_ended = true;
}

/// Where a candidate has its words from.
fn grounds(candidate: Node<'_>, at: At<'_>) -> Vec<Part> {
    let lists = [
        ["groundingMetadata", "groundingChunks"],
        ["grounding_metadata", "grounding_chunks"],
        ["citation_metadata", "citations"],
        ["citationMetadata", "citationSources"],
        ["citationMetadata", "citations"],
        ["urlContextMetadata", "urlMetadata"],
    ];
    let items = lists.iter().filter_map(|path| candidate.path(path)).flat_map(|list| at.items(list));
    let cites = |item: Node<'_>| match item.first(&["web", "retrievedContext", "maps"]) {
        Some(inner) => cited(inner, at),
        None if item.first(&["uri", "retrievedUrl"]).is_some() => cited(item, at),
        None => other(item, "grounding", at),
    };
    items.map(cites).collect()
}
