//! Answers in the forms of chat products and frameworks: Coder, Vercel's AI SDK, `LangChain`, OpenTelemetry, and the
//! small object that a replay makes. They are the last to be asked: their names are everybody's.

use crate::{
    answer::Answer,
    at::At,
    json::Node,
    message::{call, message, thoughts},
    part::{other, parts},
};
use api::view::{Content, Part};

pub(super) fn whole(node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    // LangChain has lists of lists of generations, OpenTelemetry a list of messages, perhaps as a text.
    let lists = node.first(&LISTS).unwrap_or(node);
    if at.opened(lists, |lists, at| choices(lists, at, answer)) {
        about(node, answer);
        return true;
    }
    if lists.is_array() {
        return false;
    }
    let node = node.get("kwargs").filter(|_| node.get("lc").is_some()).unwrap_or(node);
    let found = said(node, at);
    let has_end = finish(node).is_some();
    if found.is_empty() && !has_end {
        return false;
    }
    // What has an end and nothing else that is known is shown as it is.
    let is_bare = found.is_empty() && node.members().count() > 1;
    answer.add(0, if is_bare { vec![other(node, "answer", at)] } else { found });
    ended(0, node, answer);
    true
}

/// Members with the answers in a list.
const LISTS: [&str; 6] = [
    "generations",
    "gen_ai.output.messages",
    "gen_ai.completion",
    "llm.output_messages",
    "output_messages",
    "messages",
];
/// What stands before the names of counts among attributes.
const COUNTS: [&str; 3] = ["gen_ai.usage.", "llm.usage.", "llm.token_count."];

/// Takes in a list of answers; `false` of what is none.
fn choices(lists: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let is_choice = |choice: Node<'_>| choice.first(&["role", "message", "text", "type", "lc"]).is_some();
    let list = lists.items().next().filter(|first| first.is_array()).unwrap_or(lists);
    if !lists.is_array() || list.is_empty() || !list.items().all(is_choice) {
        return false;
    }
    for (index, choice) in (0..).zip(at.items(list)) {
        let said = choice.get("message").filter(|message| message.is_object()).unwrap_or(choice);
        answer.add(index, message(said, at).map(|message| message.parts).unwrap_or_default());
        ended(index, choice, answer);
    }
    true
}

/// What stands beside a list of answers.
fn about(node: Node<'_>, answer: &mut Answer) {
    answer.named(node, "gen_ai.response.model", "gen_ai.response.id");
    answer.named(node.get("llm_output").unwrap_or(node), "model_name", "id");
    answer.counts.add(node.path(&["llm_output", "token_usage"]).filter(|_| answer.counts.is_empty()));
    answer.named(node, "llm.response.model_name", "id");
    for (name, count) in node.members().filter(|(name, _)| COUNTS.iter().any(|before| name.starts_with(before))) {
        answer.counts.put_new(&name, Some(count));
    }
    let reasons = node.first(&["gen_ai.response.finish_reasons", "finish_reasons"]);
    for (index, reason) in (0..).zip(reasons.into_iter().flat_map(Node::items)) {
        if answer.has_choice(index) {
            answer.finish(index, Some(reason));
        }
    }
}

fn said(node: Node<'_>, at: At<'_>) -> Vec<Part> {
    let content = node.first(&["content", "parts", "message", "output", "response", "text"]);
    let mut found = content.map(|content| parts(content, at)).unwrap_or_default();
    let is_call = |part: &Part| matches!(part.content, Content::ToolCall { .. });
    if let Some(list) = node.first(&["toolCalls", "tool_calls"]).filter(|_| !found.iter().any(is_call)) {
        found.extend(at.items(list).map(|item| call(item, at)));
    }
    let mut said = thoughts(node, at);
    said.append(&mut found);
    said
}

/// Why it stopped: a word, or an object with the provider's and the framework's.
fn finish(node: Node<'_>) -> Option<Node<'_>> {
    let names = ["finish_reason", "finishReason", "stop_reason", "stopReason"];
    let inner = ["response_metadata", "generation_info"].iter().find_map(|name| node.get(name)?.first(&names));
    let said = node.first(&names).or(inner);
    said.and_then(|said| said.first(&["raw", "unified"]).or(Some(said)))
}

fn ended(index: u64, node: Node<'_>, answer: &mut Answer) {
    let inner = ["message", "kwargs"]
        .iter()
        .fold(node, |node, name| node.get(name).filter(|inner| inner.is_object()).unwrap_or(node));
    answer.finish(index, finish(node).or_else(|| finish(inner)));
    let metadata = inner.get("response_metadata").unwrap_or(inner);
    answer.named(node, "model", "id");
    answer.named(metadata, "model_name", "id");
    answer.named(metadata, "model", "id");
    for usage in ["usage", "usage_metadata"].iter().filter_map(|name| inner.get(name).or_else(|| node.get(name))) {
        answer.counts.add(Some(usage));
    }
}

/// A product's form is no stream.
pub(super) fn event(_: &str, _: Node<'_>, _: At<'_>, _: &mut Answer) -> bool {
    false
}
