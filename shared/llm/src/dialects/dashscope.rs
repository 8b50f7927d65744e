//! Alibaba's `DashScope`: what others answer, within `output`. Unless it is asked for increments, each event of a
//! stream says again all that came before.

use super::chat;
use crate::{
    answer::{Answer, Counts, Lane, Slot, number_or},
    at::At,
    failure,
    json::Node,
    message::{call, rest, thoughts},
    part::{cited, parts},
};
use api::view::Content;

pub(super) fn whole(node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let Some(output) = output(node) else { return failed(node, answer) };
    if !chat::whole(output, at, answer) {
        answer.text(Slot::text(0), output.get("text"), at);
    }
    about(node, output, answer);
    cite(output, at, answer);
    true
}

pub(super) fn event(_: &str, node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let Some(output) = output(node) else { return failed(node, answer) };
    about(node, output, answer);
    let choices = output.get("choices").filter(|choices| choices.is_array());
    for (place, choice) in (0..).zip(choices.into_iter().flat_map(|choices| at.items(choices))) {
        let index = number_or(choice.get("index"), place);
        let message = choice.get("message").unwrap_or(choice);
        answer.finish(index, choice.get("finish_reason"));
        let mut said = thoughts(message, at);
        said.extend(message.get("content").map(|content| parts(content, at)).unwrap_or_default());
        rest(message, at, &mut said);
        for part in said {
            let slot = match part.content {
                Content::Text { .. } => Slot::text(index),
                Content::Thinking { .. } => Slot { lane: Lane::Block(1), ..Slot::text(index) },
                _ => Slot::aside(index),
            };
            answer.grow(slot, part);
        }
        for (place, item) in (0..).zip(message.get("tool_calls").into_iter().flat_map(|list| at.items(list))) {
            let mut call = call(item, at);
            if let Content::ToolCall { name, .. } = &mut call.content
                && item.path(&["function", "name"]).is_none_or(Node::is_empty)
            {
                name.clear();
            }
            answer.grow(Slot::call(index, number_or(item.get("index"), place)), call);
        }
    }
    for part in output.get("text").map(|text| parts(text, at)).unwrap_or_default() {
        answer.grow(Slot::text(0), part);
    }
    if answer.is_finished() && !answer.has_ended {
        cite(output, at, answer);
        answer.has_ended = true;
    }
    true
}

fn output(node: Node<'_>) -> Option<Node<'_>> {
    let is_one = |output: &Node<'_>| {
        output.get("choices").is_some_and(Node::is_array)
            || output.get("text").is_some_and(Node::is_text) && output.get("finish_reason").is_some()
    };
    node.get("output").filter(is_one)
}

/// An error says nothing but what it is; in a stream only the name of its event does.
fn failed(node: Node<'_>, answer: &mut Answer) -> bool {
    let is_error = ["code", "message", "request_id"].iter().all(|name| node.get(name).is_some_and(Node::is_text));
    let is_error = is_error && node.members().count() == 3;
    if is_error {
        answer.fail(failure::new(node, node));
    }
    is_error
}

fn about(node: Node<'_>, output: Node<'_>, answer: &mut Answer) {
    answer.named(node, "model", "request_id");
    // An application counts for each model that it asks.
    let mut models = node.path(&["usage", "models"]).into_iter().flat_map(Node::items).peekable();
    if models.peek().is_some() {
        answer.counts = Counts::default();
        models.for_each(|model| answer.counts.plus(Counts::of(Some(model))));
        // Each event says all of them.
        answer.counts.is_sum = false;
    } else {
        answer.counts.add(node.get("usage"));
    }
    answer.finish(0, output.get("finish_reason"));
}

/// Where it looked.
fn cite(output: Node<'_>, at: At<'_>, answer: &mut Answer) {
    let found = output.path(&["search_info", "search_results"]);
    answer.add(0, found.into_iter().flat_map(|list| at.items(list)).map(|item| cited(item, at)));
}
