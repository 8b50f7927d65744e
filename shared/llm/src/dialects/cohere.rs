//! Cohere: version 2 says a message, version 1 a text beside its calls.

use crate::{
    answer::{Answer, CallPiece, Slot, number},
    at::At,
    failure,
    json::Node,
    message::{call, with_what_is_beside},
    part::{cited, parts},
};
use api::view::Content;

pub(super) fn whole(node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let message = node.get("message").filter(|message| message.is_object());
    if let Some(message) = message.filter(|_| node.get("done").is_none() && node.get("finish_reason").is_some()) {
        let content = message.get("content").map(|content| parts(content, at)).unwrap_or_default();
        answer.add(0, with_what_is_beside(message, content, at));
    } else if node.get("generation_id").is_some() && node.get("text").is_some() {
        answer.text(Slot::text(0), node.get("text"), at);
        let calls = node.get("tool_calls").into_iter().flat_map(|list| at.items(list));
        answer.add(0, calls.map(|item| call(item, at)));
        let cites = node.get("citations").into_iter().flat_map(|list| at.items(list));
        answer.add(0, cites.map(|item| cited(item, at)));
    } else {
        return false;
    }
    ended(node, answer);
    true
}

/// Why it stopped, and its counts.
fn ended(node: Node<'_>, answer: &mut Answer) {
    answer.named(node, "model", "id");
    answer.finish(0, node.get("finish_reason"));
    if let Some(error) = node.get("error").filter(|error| !error.is_empty()) {
        answer.fail(failure::new(node, error));
    }
    let usage = node.first(&["usage", "meta"]);
    answer.counts.add(usage.and_then(|usage| usage.first(&["tokens", "billed_units"])));
    answer.counts.put_new("cache_read_tokens", usage.and_then(|usage| usage.get("cached_tokens")));
}

pub(super) fn event(name: &str, node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let name = node.text_of("event_type").unwrap_or_else(|| name.into());
    let message = node.path(&["delta", "message"]);
    let inner = |name: &str| message.and_then(|message| message.get(name));
    let index = number(node.get("index"));
    match &*name {
        "message-start" => answer.named(node, "model", "id"),
        "content-start" | "content-delta" => match inner("content").and_then(|content| content.get("thinking")) {
            Some(thought) => answer.thinking(Slot::block(index), Some(thought), at),
            None => {
                answer.extend_all(Slot::block(index), inner("content").map(|it| parts(it, at)).unwrap_or_default());
            }
        },
        "tool-plan-delta" => answer.thinking(Slot::text(0), inner("tool_plan"), at),
        "tool-call-start" | "tool-call-delta" => {
            let Some(item) = inner("tool_calls") else { return false };
            let Some(function) = item.get("function") else { return false };
            let piece =
                CallPiece { id: item.get("id"), name: function.get("name"), arguments: function.get("arguments") };
            answer.call_piece(Slot::call(0, index), piece, item, at);
        }
        "citation-start" => {
            answer.extend_all(Slot::aside(0), inner("citations").map(|citation| cited(citation, at)));
        }
        "message-end" => {
            if let Some(delta) = node.get("delta") {
                ended(delta, answer);
            }
            answer.has_ended = true;
        }
        "text-generation" => answer.text(Slot::text(0), node.get("text"), at),
        "tool-calls-generation" => {
            let calls = node.get("tool_calls").into_iter().flat_map(Node::items);
            answer.add(0, calls.map(|item| call(item, at)));
        }
        "citation-generation" => {
            let cites = node.get("citations").into_iter().flat_map(Node::items);
            answer.extend_all(Slot::aside(0), cites.map(|item| cited(item, at)));
        }
        "stream-end" => {
            answer.finish(0, node.get("finish_reason"));
            if let Some(response) = node.get("response") {
                ended(response, answer);
            }
            answer.has_ended = true;
        }
        "content-end" | "tool-call-end" | "citation-end" | "stream-start" => {}
        "tool-calls-chunk" | "search-queries-generation" | "search-results" | "debug" => {
            answer.extend(Slot::aside(0), at.part(node, raw(&name, node)));
        }
        _ => return false,
    }
    true
}

fn raw(name: &str, node: Node<'_>) -> Content {
    Content::Other { name: name.to_owned(), raw: node.raw().into_owned() }
}
