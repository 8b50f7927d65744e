//! The streams of Vercel's AI SDK: those that its pages read, since version 5 and before, and those of its models.
//!
//! Since version 5, an event has a `type` and names the text, thought or call that it is about. Before, a line had a
//! code and told no texts apart, so that a text goes on until something else comes.

use crate::{
    answer::{Answer, CallPiece, Slot},
    at::At,
    failure,
    json::Node,
    media::media,
    message::calls,
    part::{cited, other, parts, tool_call, tool_result},
};
use api::view::{Content, Part};

/// Its answers in one piece are [`super::normalized`].
pub(super) fn whole(_: Node<'_>, _: At<'_>, _: &mut Answer) -> bool {
    false
}

pub(super) fn event(name: &str, node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    if is_half(name, node) {
        return false;
    }
    if name.len() == 1 {
        return coded(name, node, at, answer);
    }
    let delta = node.first(&["delta", "textDelta", "text"]);
    match name {
        "text-start" | "reasoning-start" => {
            let slot = place(answer, name.trim_end_matches("-start"), node);
            answer.close(slot);
        }
        "text-delta" => {
            let slot = place(answer, "text", node);
            answer.text(slot, delta, at);
        }
        "reasoning-delta" | "reasoning" => {
            let slot = place(answer, "reasoning", node);
            answer.thinking(slot, delta, at);
        }
        "tool-input-start" | "tool-call-streaming-start" => begin(node, at, answer),
        "tool-input-delta" | "tool-call-delta" => {
            piece(node.first(&["inputTextDelta", "argsTextDelta", "delta"]), node, at, answer);
        }
        "tool-input-available" | "tool-call" => call(node, at, answer),
        "tool-input-error" => {
            call(node, at, answer);
            result(node, true, at, answer);
        }
        "tool-output-available" | "tool-result" => result(node, false, at, answer),
        "tool-output-error" | "tool-output-denied" | "tool-error" => result(node, true, at, answer),
        "source" | "source-url" | "source-document" => answer.add(0, [cited(node, at)]),
        "file" | "reasoning-file" => answer.add(0, parts(node, at)),
        "start" => {
            answer.named(node, "model", "messageId");
            answer.end(0, None);
            aside(node, at, answer);
        }
        "start-step" | "stream-start" | "message-metadata" => aside(node, at, answer),
        "response-metadata" => answer.named(node, "modelId", "id"),
        "finish" => {
            aside(node, at, answer);
            ended(node, answer);
        }
        "abort" => {
            let reason = node.text_of("reason").filter(|reason| !reason.is_empty());
            let words =
                reason.map_or_else(|| "It was aborted.".to_owned(), |reason| format!("It was aborted: {reason}"));
            answer.interruption.get_or_insert_with(|| failure::of(words));
        }
        "text-end" | "reasoning-end" | "tool-input-end" | "finish-step" | "error" => {}
        _ if name.starts_with("data-") || matches!(name, "tool-approval-request" | "raw") => {
            answer.extend(Slot::aside(0), other(node, name, at));
        }
        _ => return false,
    }
    true
}

/// Whether an event about a tool was cut before it said which, or what that gave back.
fn is_half(name: &str, node: Node<'_>) -> bool {
    let has = |wanted: &[&str]| node.members().any(|(name, _)| wanted.contains(&&*name));
    match name {
        "tool-input-start"
        | "tool-call-streaming-start"
        | "tool-input-available"
        | "tool-call"
        | "tool-input-error"
        | "9"
        | "b" => !has(&["toolName"]),
        "tool-input-delta" | "tool-call-delta" | "c" => {
            !has(&["toolCallId", "id"]) || !has(&["inputTextDelta", "argsTextDelta", "delta"])
        }
        "tool-output-available" | "tool-output-error" | "tool-result" | "tool-error" | "a" => {
            !has(&["output", "result", "errorText", "error"])
        }
        _ => false,
    }
}

fn coded(code: &str, node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let text = Slot::text(0);
    match code {
        "0" => answer.text(text, Some(node), at),
        "g" => answer.thinking(text, Some(node), at),
        // A thought that is kept back, and the signature of one.
        "i" | "j" => answer.extend(text, at.part(node, Content::Thinking { text: String::new(), is_hidden: true })),
        "3" => answer.fail(failure::quoting(&node.plain())),
        "1" | "7" => answer.add(0, calls(node, at)),
        "9" => call(node, at, answer),
        "a" => result(node, false, at, answer),
        "b" => begin(node, at, answer),
        "c" => piece(node.get("argsTextDelta"), node, at, answer),
        "f" => {
            answer.named(node, "model", "messageId");
            answer.end(0, None);
            answer.says_steps = true;
        }
        "e" | "d" => ended(node, answer),
        "h" => answer.add(0, [cited(node, at)]),
        "k" => answer.add(0, [at.part(node, media("file", node))]),
        "2" => answer.extend(Slot::aside(0), other(node, "data", at)),
        "8" => answer.extend(Slot::aside(0), other(node, "annotations", at)),
        "4" | "5" | "6" => answer.extend(Slot::aside(0), other(node, "message", at)),
        _ => return false,
    }
    answer.has_ended = match code {
        "d" => true,
        // Who says where a step begins says where all ends. Other servers end with a step.
        "e" => !answer.says_steps,
        // What a product says of its own may come at any time.
        "2" | "8" => answer.has_ended,
        _ => false,
    };
    true
}

/// Where an event's text, thought or call stands.
fn place(answer: &mut Answer, kind: &str, node: Node<'_>) -> Slot {
    match node.first(&["toolCallId", "id"]) {
        Some(id) => answer.place(&format!("{kind} {}", id.plain())),
        None => Slot::text(0),
    }
}

/// Begins a call whose arguments follow.
fn begin(node: Node<'_>, at: At<'_>, answer: &mut Answer) {
    let slot = place(answer, "call", node);
    answer.begin_call(slot, tool_call(node, node, at));
    answer.close(Slot::text(0));
}

fn piece(arguments: Option<Node<'_>>, node: Node<'_>, at: At<'_>, answer: &mut Answer) {
    let slot = place(answer, "call", node);
    let piece = CallPiece { id: node.get("toolCallId"), name: node.get("toolName"), arguments };
    answer.call_piece(slot, piece, node, at);
}

/// A whole call, in the place of its pieces.
fn call(node: Node<'_>, at: At<'_>, answer: &mut Answer) {
    let slot = place(answer, "call", node);
    put(slot, tool_call(node, node, at), answer);
}

/// What a tool gave back, in the place of what it gave before it was done.
fn result(node: Node<'_>, has_failed: bool, at: At<'_>, answer: &mut Answer) {
    let mut result = tool_result(node, node, at);
    if let Content::ToolResult { is_error, .. } = &mut result.content {
        *is_error |= has_failed;
    }
    let slot = place(answer, "result", node);
    put(slot, result, answer);
}

fn put(slot: Slot, part: Part, answer: &mut Answer) {
    if slot == Slot::text(0) {
        answer.push(slot, part);
    } else {
        answer.replace(slot, vec![part]);
        answer.close(Slot::text(0));
    }
}

/// What the product says beside the answer.
fn aside(node: Node<'_>, at: At<'_>, answer: &mut Answer) {
    for name in ["messageMetadata", "warnings"] {
        if let Some(said) = node.get(name).filter(|said| !said.is_empty()) {
            answer.extend(Slot::aside(0), other(said, name, at));
        }
    }
}

fn ended(node: Node<'_>, answer: &mut Answer) {
    let reason = node.get("finishReason");
    answer.finish(0, reason.and_then(|reason| reason.first(&["raw", "unified"]).or(Some(reason))));
    let metadata = node.get("messageMetadata").unwrap_or(node);
    let usage = [node, metadata].into_iter().find_map(|node| node.first(&["totalUsage", "usage"]));
    if let Some(usage) = usage {
        answer.counts.add(Some(usage));
    }
    answer.has_ended = true;
}
