//! Bedrock's converse, and what its invoke answers for models of Amazon, Meta, Mistral, Cohere and AI21. Claude's
//! answers through invoke are Anthropic's own, and those of Jamba, `DeepSeek` and the newer ones of Mistral are like
//! `OpenAI`'s.

use crate::{
    answer::{Answer, CallPiece, Slot, number},
    at::At,
    json::Node,
    part::{cited, parts},
};
use api::view::Content;

pub(super) fn whole(node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    if let Some(message) = node.path(&["output", "message"]) {
        answer.add(0, message.get("content").map(|content| parts(content, at)).unwrap_or_default());
        answer.finish(0, node.get("stopReason"));
        answer.counts.add(node.get("usage"));
        return true;
    }
    text_model(node, at, answer)
}

/// Llama, Titan, Mistral, Command and Jurassic, whose chunks have the shape of a whole answer.
fn text_model(node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let counts = &mut answer.counts;
    if node.get("generation").is_some_and(Node::is_text) {
        counts.put_new("input_tokens", node.get("prompt_token_count"));
        if let Some(count) = node.get("generation_token_count") {
            counts.put("output_tokens", count);
        }
        answer.text(Slot::text(0), node.get("generation"), at);
        answer.finish(0, node.get("stop_reason"));
    } else if let Some(results) = node.get("results").filter(|results| holds(*results, "outputText")) {
        counts.put_new("input_tokens", node.get("inputTextTokenCount"));
        for (choice, result) in (0..).zip(at.items(results)) {
            answer.counts.put_new("output_tokens", result.get("tokenCount"));
            answer.text(Slot::text(choice), result.get("outputText"), at);
            answer.finish(choice, result.get("completionReason"));
        }
    } else if node.get("outputText").is_some_and(Node::is_text) {
        counts.put_new("input_tokens", node.get("inputTextTokenCount"));
        if let Some(count) = node.get("totalOutputTextTokenCount") {
            counts.put("output_tokens", count);
        }
        answer.text(Slot::text(0), node.get("outputText"), at);
        answer.finish(0, node.get("completionReason"));
    } else if let Some(outputs) = node.first(&["outputs", "generations"]).filter(|outputs| holds(*outputs, "text")) {
        for (choice, output) in (0..).zip(at.items(outputs)) {
            answer.text(Slot::text(choice), output.get("text"), at);
            answer.finish(choice, output.first(&["stop_reason", "finish_reason"]));
        }
        answer.named(node, "model", "id");
    } else if let Some(completions) = node.get("completions").filter(|list| is_of_jurassic(*list)) {
        for (choice, completion) in (0..).zip(at.items(completions)) {
            answer.text(Slot::text(choice), completion.path(&["data", "text"]), at);
            answer.finish(choice, completion.path(&["finishReason", "reason"]));
        }
    } else if node.get("is_finished").is_some() && node.get("event_type").is_none() {
        let choice = number(node.get("index"));
        answer.text(Slot::text(choice), node.get("text"), at);
        answer.finish(choice, node.get("finish_reason"));
    } else {
        return false;
    }
    true
}

fn is_of_jurassic(completions: Node<'_>) -> bool {
    completions.items().next().is_some_and(|first| first.path(&["data", "text"]).is_some())
}

/// Whether the first of a list has a text of this name.
fn holds(list: Node<'_>, name: &str) -> bool {
    list.items().next().and_then(|first| first.get(name)).is_some_and(Node::is_text)
}

/// Events of converse.
const EVENTS: [&str; 6] =
    ["messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"];

pub(super) fn event(name: &str, node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    // Nova's events through invoke have the name within.
    let within = || EVENTS.iter().find_map(|name| Some((*name, node.get(name)?)));
    let (name, data) = if EVENTS.contains(&name) { (name, node) } else { within().unwrap_or((name, node)) };
    let slot = Slot::block(number(data.get("contentBlockIndex")));
    match name {
        "contentBlockStart" => {
            for part in data.get("start").map(|start| parts(start, at)).unwrap_or_default() {
                match part.content {
                    Content::ToolCall { .. } => answer.begin_call(slot, part),
                    _ => answer.push(slot, part),
                }
            }
        }
        "contentBlockDelta" => {
            if let Some(delta) = data.get("delta") {
                self::delta(slot, delta, at, answer);
            }
        }
        "messageStop" => {
            answer.finish(0, data.get("stopReason"));
            answer.has_ended = true;
        }
        "metadata" => {
            answer.counts.add(data.get("usage"));
        }
        "messageStart" => answer.end(0, None),
        "contentBlockStop" => {}
        _ => return text_event(node, at, answer),
    }
    true
}

fn text_event(node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let is_taken = text_model(node, at, answer);
    if is_taken && answer.is_finished() {
        answer.has_ended = true;
    }
    is_taken
}

fn delta(slot: Slot, delta: Node<'_>, at: At<'_>, answer: &mut Answer) {
    if let Some(call) = delta.get("toolUse") {
        let piece = CallPiece { id: None, name: None, arguments: call.get("input") };
        answer.call_piece(slot, piece, delta, at);
    } else if let Some(citation) = delta.get("citation") {
        answer.push(slot.within(1), cited(citation, at));
    } else {
        // A signature is no thought, but what has nothing else is hidden.
        answer.extend_all(slot, parts(delta, at));
    }
}
