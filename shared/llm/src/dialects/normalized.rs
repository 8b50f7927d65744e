//! Answers in the forms of chat products and frameworks: Coder, Vercel's AI SDK, `LangChain`, OpenTelemetry, and the small
//! object that a replay makes. They are the last to be asked: their names are everybody's.

use crate::{
    answer::Answer,
    at::At,
    json::Node,
    message::{call, message, thoughts},
    part::{other, parts},
};
use api::view::{Content, Part};

pub(super) fn whole(node: Node<'_>, at: At, answer: &mut Answer) -> bool {
    // LangChain has lists of lists of generations, OpenTelemetry a list of messages.
    let lists = node.first(&["generations", "gen_ai.output.messages", "output_messages"]).unwrap_or(node);
    if lists.is_array() {
        let first = lists.items().next().map(|first| if first.is_array() { first } else { lists });
        let choices: Vec<_> = first.into_iter().flat_map(Node::items).collect();
        if !choices.iter().all(|choice| choice.first(&["role", "message", "text", "type", "lc"]).is_some()) {
            return false;
        }
        for (index, choice) in (0..).zip(choices.iter().copied()) {
            let said = choice.get("message").filter(|message| message.is_object()).unwrap_or(choice);
            answer.add(index, message(said, at).map(|message| message.parts).unwrap_or_default());
            ended(index, choice, answer);
        }
        return true;
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

fn said(node: Node<'_>, at: At) -> Vec<Part> {
    let content = node.first(&["content", "parts", "message", "output", "response", "text"]);
    let mut found = content.map(|content| parts(content, at)).unwrap_or_default();
    let is_call = |part: &Part| matches!(part.content, Content::ToolCall { .. });
    if let Some(list) = node.first(&["toolCalls", "tool_calls"]).filter(|_| !found.iter().any(is_call)) {
        found.extend(list.items().map(|item| call(item, at)));
    }
    let mut said = thoughts(node, at);
    said.append(&mut found);
    said
}

/// Why it stopped: a word, or an object with the provider's and the framework's.
fn finish(node: Node<'_>) -> Option<Node<'_>> {
    let names = ["finish_reason", "finishReason", "stop_reason", "stopReason"];
    let said = node.first(&names).or_else(|| node.get("response_metadata")?.first(&names));
    said.and_then(|said| said.first(&["raw", "unified"]).or(Some(said)))
}

fn ended(index: u64, node: Node<'_>, answer: &mut Answer) {
    answer.finish(index, finish(node));
    let inner = node.path(&["message", "kwargs"]).or_else(|| node.get("message")).unwrap_or(node);
    answer.named(node, "model", "id");
    answer.named(node.get("response_metadata").unwrap_or(node), "model_name", "id");
    for usage in ["usage", "usage_metadata"].iter().filter_map(|name| inner.get(name).or_else(|| node.get(name))) {
        // The AI SDK's counts are numbers, or objects with a total.
        let of = |name| usage.get(name).and_then(|count| count.get("total").or(Some(count)));
        let is_its = ["inputTokens", "promptTokens"].iter().any(|name| usage.get(name).is_some());
        if is_its {
            let ours = [
                ("input_tokens", "inputTokens"),
                ("input_tokens", "promptTokens"),
                ("output_tokens", "outputTokens"),
                ("output_tokens", "completionTokens"),
                ("reasoning_tokens", "reasoningTokens"),
                ("cache_read_tokens", "cachedInputTokens"),
                ("total_tokens", "totalTokens"),
            ];
            for (name, its) in ours {
                answer.counts.put_new(name, of(its));
            }
        } else {
            answer.counts.add(Some(usage));
        }
    }
}

/// A product's form is no stream.
pub(super) fn event(_: &str, _: Node<'_>, _: At, _: &mut Answer) -> bool {
    false
}
