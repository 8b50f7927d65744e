//! Hugging Face's text generation: a text, or a stream of tokens whose last has the whole text too.

use crate::{
    answer::{Answer, Slot},
    at::At,
    json::Node,
};

pub(super) fn whole(node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    // Asked on the top of a server, it answers a list of one.
    let first = if node.is_array() { node.items().next() } else { Some(node) };
    let Some(first) = first.filter(|first| generated(*first).is_some()) else { return false };
    let others = first.path(&["details", "best_of_sequences"]);
    let list = if node.is_array() { node.items().collect() } else { vec![node] };
    for (choice, one) in (0..).zip(list.into_iter().chain(others.into_iter().flat_map(Node::items))) {
        if at.has_room() {
            answer.text(Slot::text(choice), generated(one), at);
            ended(choice, one.get("details").unwrap_or(one), answer);
        }
    }
    true
}

fn generated(node: Node<'_>) -> Option<Node<'_>> {
    node.get("generated_text").filter(|text| text.is_text())
}

fn ended(choice: u64, details: Node<'_>, answer: &mut Answer) {
    answer.end(choice, None);
    answer.finish(choice, details.get("finish_reason"));
    answer.counts.put_new("input_tokens", details.get("input_length"));
    answer.counts.put_new("output_tokens", details.get("generated_tokens"));
}

pub(super) fn event(_: &str, node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let Some(token) = node.get("token").filter(|token| token.get("text").is_some()) else { return false };
    // An end of the text is a token, and none of its words.
    if !token.get("special").is_some_and(Node::is_true) {
        answer.text(Slot::text(0), token.get("text"), at);
    }
    if node.first(&["generated_text", "details"]).is_some() {
        ended(0, node.get("details").unwrap_or(node), answer);
        answer.has_ended = true;
    }
    true
}
