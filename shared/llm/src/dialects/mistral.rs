//! Mistral's conversations: a list of entries, or events that each name the entry they are about. A connector's tools
//! are run by Mistral, functions by the caller.

use crate::{
    answer::{Answer, CallPiece, Slot, number},
    at::At,
    failure,
    json::Node,
    part::{other, parts, tool_call, tool_result},
};

pub(super) fn whole(node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let is_entry = |entry: Node<'_>| entry.get("object").is_some_and(|object| object.is("entry"));
    let is_response = node.get("object").is_some_and(|object| object.is("conversation.response"));
    let Some(outputs) = node.get("outputs").filter(|list| is_response || list.items().next().is_some_and(is_entry))
    else {
        return false;
    };
    for entry in at.items(outputs) {
        answer.add(0, parts(entry, at));
        answer.named(entry, "model", "");
    }
    answer.named(node, "model", "conversation_id");
    answer.counts.add(node.get("usage"));
    answer.end(0, None);
    true
}

pub(super) fn event(name: &str, node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    // One that was cut may not say yet which call it is of.
    let names: &[_] = match name {
        "function.call.delta" => &["tool_call_id", "name", "arguments"],
        "tool.execution.delta" => &["id", "name", "arguments"],
        "tool.execution.started" => &["id", "name"],
        "tool.execution.done" => &["id"],
        _ => &[],
    };
    if names.iter().any(|name| node.get(name).is_none()) {
        return false;
    }
    let slot = Slot::block(number(node.get("output_index")));
    match name {
        "conversation.response.started" => {
            answer.named(node, "model", "conversation_id");
            answer.end(0, None);
        }
        "message.output.delta" => {
            let slot = slot.within(number(node.get("content_index")));
            answer.named(node, "model", "");
            answer.extend_all(slot, node.get("content").map(|content| parts(content, at)).unwrap_or_default());
        }
        "function.call.delta" | "tool.execution.delta" => {
            let id = node.first(&["tool_call_id", "id"]);
            let piece = CallPiece { id, name: node.get("name"), arguments: node.get("arguments") };
            answer.call_piece(slot, piece, node, at);
        }
        "tool.execution.started" => answer.begin_call(slot, tool_call(node, node, at)),
        "tool.execution.done" => {
            if node.get("info").is_some_and(|info| !info.is_empty()) {
                answer.push(slot.within(1), tool_result(node, node, at));
            }
        }
        "agent.handoff.started" | "agent.handoff.done" => answer.push(slot, other(node, name, at)),
        "conversation.response.done" => {
            answer.counts.add(node.get("usage"));
            answer.has_ended = true;
        }
        "conversation.response.error" => answer.fail(failure::new(node, node)),
        _ => return false,
    }
    true
}
