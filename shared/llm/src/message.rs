//! A message, whoever's shape it has: its role, its content, and what stands beside the content.

use crate::{
    at::At,
    json::Node,
    media::{media, media_of_text},
    part::{cited, other, parts, parts_of_result, text_part, tool_call},
};
use api::view::{Content, Message, Part};
use std::{borrow::Cow, collections::HashSet};

/// Members that say something about a message and are no part of what it says.
const ASIDE: [&str; 38] = [
    "additional_kwargs",
    "audio",
    "author",
    "cache_control",
    "citations",
    "annotations",
    "content",
    "contents",
    "created_at",
    "createdAt",
    "end_turn",
    "example",
    "finish_reason",
    "function_call",
    "id",
    "images",
    "invalid_tool_calls",
    "logprobs",
    "message",
    "metadata",
    "name",
    "object",
    "parts",
    "phase",
    "prefix",
    "providerMetadata",
    "providerOptions",
    "provider_specific_fields",
    "reasoning_details",
    "refusal",
    "response_metadata",
    "role",
    "status",
    "tool_call_id",
    "tool_calls",
    "tool_name",
    "type",
    "usage_metadata",
];

/// Reads a message; `None` of what is none, as a number.
pub(crate) fn message(node: Node<'_>, at: At<'_>) -> Option<Message> {
    if node.is_text() {
        return Some(Message { role: "user".to_owned(), name: None, parts: parts(node, at) });
    }
    if !node.is_object() {
        let is_something = !node.is_empty() && !node.is_array();
        let unknown = || Message { role: "user".to_owned(), name: None, parts: vec![other(node, "message", at)] };
        return is_something.then(unknown);
    }
    let class = class(node);
    let node = unwrapped(node);
    let role = role(node, &class);
    let name = node.get("name").filter(|_| role != "tool").and_then(Node::text).map(Cow::into_owned);
    Some(Message { parts: parts_of(node, &role, at), role, name })
}

/// What an object is that `LangChain` wrote down as the way to make it, by the last of its `id`; or beside its data.
fn class(node: Node<'_>) -> Cow<'_, str> {
    let id = node.get("id").filter(|_| node.get("lc").is_some());
    let last = id.and_then(|id| id.items().last()?.text());
    last.or_else(|| node.get("data").filter(|data| data.is_object()).map(|_| node.type_name())).unwrap_or_default()
}

/// What is within that way to make it, or beside its type.
fn unwrapped(node: Node<'_>) -> Node<'_> {
    node.get("kwargs")
        .filter(|_| node.get("lc").is_some())
        .or_else(|| node.get("data"))
        .filter(|it| it.is_object())
        .unwrap_or(node)
}

/// Items of the responses API that are no messages have no role: calls and reasoning are the model's, results a tool's.
/// Gemini may leave the user's role out, and Google's older models say an `author`, by a number.
fn role(node: Node<'_>, class: &str) -> String {
    let kind = node.type_name();
    let kind = if kind.is_empty() { class.into() } else { kind };
    let kind = kind.strip_suffix("Chunk").unwrap_or(&kind);
    // `AIMessage` is `LangChain`'s class of what it calls `ai`.
    let kind = kind.strip_suffix("Message").map_or_else(|| kind.to_owned(), str::to_ascii_lowercase);
    let role = match node.text_of("role").or_else(|| node.text_of("author")) {
        Some(role) => role.to_ascii_lowercase(),
        None if kind.ends_with("_output")
            || matches!(&*kind, "tool" | "function.result")
            || kind.ends_with("_result") =>
        {
            "tool".to_owned()
        }
        None if kind.ends_with("_call")
            || kind.ends_with("_use")
            || matches!(&*kind, "reasoning" | "function.call" | "tool.execution" | "agent.handoff") =>
        {
            "assistant".to_owned()
        }
        None if matches!(&*kind, "system" | "human" | "ai" | "function" | "developer") => kind,
        None => "user".to_owned(),
    };
    let ours = match &*role {
        "developer" => "system",
        "human" | "0" => "user",
        "ai" | "model" | "chatbot" | "bot" | "1" => "assistant",
        "function" | "ipython" => "tool",
        _ => return role,
    };
    ours.to_owned()
}

fn parts_of(node: Node<'_>, role: &str, at: At<'_>) -> Vec<Part> {
    let content = match node.first(&["content", "parts", "message", "contents"]) {
        Some(content) if role == "tool" => result(node, content, at),
        Some(content) => parts(content, at),
        // An item that is no message, and a text part where a message is due.
        None if node.get("role").is_none() && (node.get("type").is_some() || node.get("text").is_some()) => {
            return parts(node, at);
        }
        None => Vec::new(),
    };
    let mut found = with_what_is_beside(node, content, at);
    if found.is_empty() && node.get("role").is_none() && !node.is_empty() {
        let name = node.members().next().map(|(name, _)| name).unwrap_or_default();
        found.push(other(node, &name, at));
    }
    found
}

/// A message of a tool is its result, unless it holds results of its own.
fn result(node: Node<'_>, content: Node<'_>, at: At<'_>) -> Vec<Part> {
    let own = parts(content, at);
    if own.iter().any(|part| matches!(part.content, Content::ToolResult { .. })) {
        return own;
    }
    let text = |names: &[&str]| node.first(names).map(|name| name.plain().into_owned());
    let is_error =
        node.get("is_error").is_some_and(Node::is_true) || node.get("status").is_some_and(|it| it.is("error"));
    let id = text(&["tool_call_id", "toolCallId"]);
    let name = text(&["tool_name", "toolName", "name"]);
    vec![at.part(node, Content::ToolResult { id, name, parts: parts_of_result(content, at), is_error })]
}

/// A message's content with what the message has beside it: thoughts come before; refusals, sound, calls and the rest
/// after.
pub(crate) fn with_what_is_beside(node: Node<'_>, content: Vec<Part>, at: At<'_>) -> Vec<Part> {
    let mut found = thoughts(node, at);
    found.extend(content);
    if let Some(text) = node.get("refusal").and_then(Node::text).filter(|text| !text.is_empty()) {
        found.push(at.part(node, Content::Refusal { text: text.into_owned() }));
    }
    if let Some(audio) = node.get("audio").filter(|audio| audio.is_object()) {
        found.extend(audio.get("transcript").and_then(|transcript| text_part(transcript, at)));
        found.push(at.part(audio, media("audio", audio)));
    }
    // `LangChain` repeats the calls of the content beside it.
    let ids: HashSet<_> = found.iter().filter_map(|part| id_of_call(part).map(str::to_owned)).collect();
    found.extend(calls(node, at).into_iter().filter(|call| id_of_call(call).is_none_or(|id| !ids.contains(id))));
    rest(node, at, &mut found);
    found
}

fn id_of_call(part: &Part) -> Option<&str> {
    match &part.content {
        Content::ToolCall { id, .. } => id.as_deref(),
        _ => None,
    }
}

/// Images, citations, and members that nothing here knows.
pub(crate) fn rest(node: Node<'_>, at: At<'_>, found: &mut Vec<Part>) {
    for image in node.get("images").into_iter().flat_map(|images| at.items(images)) {
        if image.is_text() {
            found.push(at.part(image, media_of_text("image", image)));
        } else {
            found.extend(parts(image, at));
        }
    }
    let lists = ["annotations", "citations"].iter().filter_map(|name| node.get(name));
    found.extend(lists.flat_map(|list| at.items(list)).map(|item| cited(item, at)));
    let is_unknown = |name: &str| !ASIDE.contains(&name) && !THOUGHTS.contains(&name);
    let says_something = |value: Node<'_>| value.is_object() || value.is_array() || value.is_text();
    for (name, value) in node.members().filter(|(name, value)| is_unknown(name) && !value.is_empty()) {
        if says_something(value) && at.has_room() {
            found.push(other(value, &name, at));
        }
    }
}

/// Members with the model's thoughts: `DeepSeek`'s and vLLM's, `OpenRouter`'s and `Groq`'s, Ollama's, Cohere's.
pub(crate) const THOUGHTS: [&str; 4] = ["reasoning_content", "reasoning", "thinking", "tool_plan"];

/// The first that says something: proxies repeat one under the name of another.
pub(crate) fn thoughts(node: Node<'_>, at: At<'_>) -> Vec<Part> {
    let own = THOUGHTS.iter().find_map(|name| node.get(name).filter(|thought| !thought.is_empty()));
    match own {
        Some(thought) if thought.is_text() => {
            let text = thought.plain().into_owned();
            vec![at.part(thought, Content::Thinking { text, is_hidden: false })]
        }
        Some(thought) => vec![other(thought, "reasoning", at)],
        None => node.get("reasoning_details").map(|details| parts(details, at)).unwrap_or_default(),
    }
}

/// The calls that stand beside a message's content in `OpenAI`'s dialect, of old and now.
pub(crate) fn calls(node: Node<'_>, at: At<'_>) -> Vec<Part> {
    let lists = ["tool_calls", "invalid_tool_calls"].iter().filter_map(|name| node.get(name));
    let mut found: Vec<_> = lists.flat_map(|list| at.items(list)).map(|item| call(item, at)).collect();
    let legacy = node.get("function_call").filter(|call| call.is_object());
    found.extend(legacy.map(|call| tool_call(call, call, at)));
    if found.is_empty()
        && let Some(inner) = node.get("additional_kwargs")
    {
        let list = inner.get("tool_calls").into_iter().flat_map(|list| at.items(list));
        found.extend(list.map(|item| call(item, at)));
        let legacy = inner.get("function_call").filter(|call| call.is_object() && found.is_empty());
        found.extend(legacy.map(|call| tool_call(call, call, at)));
    }
    found
}

/// An item of `tool_calls`.
pub(crate) fn call(item: Node<'_>, at: At<'_>) -> Part {
    let inner = item.first(&["function", "custom"]).filter(|inner| inner.is_object());
    tool_call(inner.unwrap_or(item), item, at)
}
