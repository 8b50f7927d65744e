//! Anthropic's messages: one object, or events that each name the block they are about.

use crate::{
    answer::{Answer, CallPiece, Slot, number},
    at::At,
    json::Node,
    part::{cited, parts},
};
use api::view::{Content, Part};

pub(super) fn whole(node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let is_message = node.type_name() == "message" && node.get("content").is_some_and(Node::is_array);
    let text = node.get("completion").filter(|text| text.is_text());
    match node.get("content").filter(|_| is_message) {
        Some(content) => answer.add(0, parts(content, at)),
        None if text.is_some() => answer.text(Slot::text(0), text, at),
        None => return false,
    }
    answer.named(node, "model", "id");
    answer.finish(0, node.get("stop_reason"));
    answer.counts.add(node.get("usage"));
    true
}

pub(super) fn event(name: &str, node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let slot = Slot::block(number(node.get("index")));
    match name {
        "message_start" => {
            answer.end(0, None);
            if let Some(message) = node.get("message") {
                answer.named(message, "model", "id");
                answer.counts.add(message.get("usage"));
                answer.finish(0, message.get("stop_reason"));
                answer.add(0, message.get("content").map(|content| parts(content, at)).unwrap_or_default());
            }
        }
        "content_block_start" => {
            let Some(block) = node.get("content_block") else { return false };
            if block.type_name() == "text" {
                // Citations may come before the text that they are of.
                let text = block.text_of("text").unwrap_or_default().into_owned();
                answer.push(slot, at.part(block, Content::Text { text }));
            } else {
                for part in parts(block, at) {
                    begin(answer, slot, part);
                }
            }
        }
        "content_block_delta" => {
            let Some(delta) = node.get("delta") else { return false };
            self::delta(slot, delta, at, answer);
        }
        "message_delta" => {
            answer.finish(0, node.get("delta").and_then(|delta| delta.get("stop_reason")));
            answer.counts.add(node.get("usage"));
        }
        "message_stop" => answer.has_ended = true,
        "completion" => {
            answer.text(Slot::text(0), node.get("completion"), at);
            answer.finish(0, node.get("stop_reason"));
        }
        "content_block_stop" | "ping" | "error" => {}
        _ => return false,
    }
    true
}

/// Begins a part of a block.
fn begin(answer: &mut Answer, slot: Slot, part: Part) {
    match part.content {
        Content::ToolCall { .. } => answer.begin_call(slot, part),
        Content::Thinking { ref text, is_hidden: false } if text.is_empty() => {}
        _ => answer.push(slot, part),
    }
}

fn delta(slot: Slot, delta: Node<'_>, at: At<'_>, answer: &mut Answer) {
    match &*delta.type_name() {
        "input_json_delta" => {
            let piece = CallPiece { id: None, name: None, arguments: delta.get("partial_json") };
            answer.call_piece(slot, piece, delta, at);
        }
        "thinking_delta" => answer.thinking(slot, delta.get("thinking"), at),
        // Thoughts that are kept back have a signature alone.
        "signature_delta" => {
            answer.extend(slot, at.part(delta, Content::Thinking { text: String::new(), is_hidden: true }));
        }
        "compaction_delta" => answer.words(slot, delta.get("content"), at, |text| Content::Compaction { text }),
        "citations_delta" => {
            answer.extend_all(slot.within(1), delta.get("citation").map(|citation| cited(citation, at)));
        }
        "text_delta" | "" => answer.text(slot, delta.get("text"), at),
        _ => answer.extend_all(slot, parts(delta, at)),
    }
}
