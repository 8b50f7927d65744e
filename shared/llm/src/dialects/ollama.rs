//! Ollama's chat and generate: a stream's lines have the shape of a whole answer, and the last one is done.

use crate::{
    answer::{Answer, Slot},
    at::At,
    json::Node,
    message::{calls, rest, thoughts},
    part::parts,
};
use api::view::Content;

pub(super) fn whole(node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let is_taken = line(node, at, answer);
    // The first line of a stream that was cut behind it.
    if is_taken && node.get("done").is_some_and(|done| !done.is_true()) {
        answer.is_cut = true;
    }
    is_taken
}

pub(super) fn event(_: &str, node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    line(node, at, answer)
}

fn line(node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let message = node.get("message").filter(|message| message.is_object());
    let text = node.get("response").filter(|text| text.is_text());
    let is_one = node.get("done").is_some() && (message.is_some() || text.is_some())
        || message.is_some() && node.get("model").is_some() && node.get("choices").is_none();
    if !is_one {
        return false;
    }
    let slot = Slot::text(0);
    if let Some(message) = message {
        answer.extend_all(slot, thoughts(message, at));
        answer.extend_all(slot, message.get("content").map(|content| parts(content, at)).unwrap_or_default());
        // Calls are always whole.
        answer.add(0, calls(message, at));
        let mut found = Vec::new();
        rest(message, at, &mut found);
        answer.extend_all(Slot::aside(0), found);
    } else {
        answer.words(slot, node.get("thinking"), at, |text| Content::Thinking { text, is_hidden: false });
        answer.text(slot, text, at);
    }
    answer.named(node, "model", "id");
    answer.end(0, None);
    answer.finish(0, node.get("done_reason"));
    for name in ["prompt_eval_count", "eval_count"] {
        if let Some(count) = node.get(name) {
            answer.counts.put(name, count);
        }
    }
    let nanos = |name| node.get(name).and_then(Node::number);
    if let Some(prompt) = nanos("prompt_eval_duration") {
        let all = prompt.saturating_add(nanos("load_duration").unwrap_or_default());
        answer.first_token_ms.get_or_insert(all / 1_000_000);
    }
    answer.has_ended |= node.get("done").is_some_and(Node::is_true);
    true
}
