//! The messages of a request, and the parts that messages and completions are made of.

use serde_json::Value;
use std::{borrow::Cow, slice};

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Message {
    /// `system`, `user`, `assistant`, `tool`, or the provider's own name.
    pub role: String,
    /// What it holds, in order.
    pub parts: Vec<Part>,
}

/// A part of a message or of a completion.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Part {
    /// Text.
    Text(String),
    /// What the model thought before it spoke.
    Thinking(String),
    /// The provider's summary of what it dropped from the conversation.
    Compaction(String),
    /// The model calls a tool.
    ToolCall {
        /// The tool.
        name: String,
        /// Its arguments, as JSON.
        arguments: String,
    },
    /// What a tool gave back.
    ToolResult(String),
    /// Anything else, by the provider's name for it: `image`, `document`, ….
    Other(String),
}

impl Message {
    /// Whether the model said it.
    pub fn is_models(&self) -> bool {
        matches!(&*self.role, "assistant" | "model")
    }

    /// Its text alone.
    pub fn text(&self) -> String {
        let texts = self.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(&**text),
            _ => None,
        });
        texts.collect::<Vec<_>>().join("\n")
    }
}

/// The messages of a request, whoever's shape it has: instructions first.
pub fn messages(request: &Value) -> Vec<Message> {
    let instructions = ["system", "instructions", "systemInstruction", "system_instruction"];
    let system = instructions
        .iter()
        .find_map(|name| request.get(name))
        .map(|value| Message { role: "system".to_owned(), parts: parts(value) });
    let list = ["messages", "input", "contents", "prompt"].iter().find_map(|name| request.get(name));
    let conversation = match list {
        Some(Value::Array(items)) => items.iter().filter_map(message).collect(),
        Some(text) => message(text).into_iter().collect(),
        None => Vec::new(),
    };
    system.into_iter().filter(|system| !system.parts.is_empty()).chain(conversation).collect()
}

/// The text of the first message that a user wrote.
pub fn first_user_text(request: &Value) -> Option<String> {
    let texts = messages(request).into_iter().filter(|message| message.role == "user").map(|message| message.text());
    texts.map(|text| text.trim().to_owned()).find(|text| !text.is_empty())
}

fn message(value: &Value) -> Option<Message> {
    let role = match value {
        Value::String(_) => "user",
        Value::Object(_) => role(value),
        _ => return None,
    };
    let mut parts = match value.get("content").or_else(|| value.get("parts")) {
        Some(content) if role == "tool" => vec![Part::ToolResult(flat_text(content))],
        Some(content) => self::parts(content),
        None if value.is_string() || value.get("type").is_some() => self::parts(value),
        None => Vec::new(),
    };
    parts.extend(tool_calls(value));
    Some(Message { role: role.to_owned(), parts })
}

/// Items of the responses API that are no messages have no role: calls and reasoning are the model's, results a tool's.
/// Gemini may leave the user's role out.
fn role(value: &Value) -> &str {
    match (value["role"].as_str(), value["type"].as_str()) {
        (Some("developer"), _) => "system",
        (Some(role), _) => role,
        (None, Some(kind)) if kind.ends_with("_output") => "tool",
        (None, Some(kind)) if kind.ends_with("_call") || kind == "reasoning" => "assistant",
        (None, _) => "user",
    }
}

/// The `tool_calls` that stand beside a message's content in `OpenAI`'s dialect.
pub fn tool_calls(message: &Value) -> Vec<Part> {
    let calls = message["tool_calls"].as_array().map_or(&[][..], Vec::as_slice);
    calls.iter().flat_map(parts).collect()
}

/// The parts of a content, of whatever shape.
pub fn parts(content: &Value) -> Vec<Part> {
    let mut parts = Vec::new();
    // A list instead of recursion: foreign JSON may be nested deeply and must not use up the stack.
    let mut waiting = vec![content];
    while let Some(value) = waiting.pop() {
        let inner = |inner: Option<&Value>| inner.map(flat_text).unwrap_or_default();
        match Look::at(value) {
            Look::Nothing => {}
            Look::Around(values) => waiting.extend(values.iter().rev()),
            Look::Text(text) => parts.push(Part::Text(text.to_owned())),
            Look::Thinking(thought) => parts.push(Part::Thinking(inner(thought))),
            Look::Compaction(summary) => parts.push(Part::Compaction(flat_text(summary))),
            Look::ToolCall(call) => parts.push(tool_call(call)),
            Look::ToolResult(result) => parts.push(Part::ToolResult(inner(result))),
            Look::Other(name) => parts.push(Part::Other(name.to_owned())),
        }
    }
    parts
}

/// What a value is. Its inner values are not looked at, so that each value is read once.
enum Look<'a> {
    Nothing,
    /// A list, or a wrapper of something else.
    Around(&'a [Value]),
    /// Text that is not empty.
    Text(&'a str),
    Thinking(Option<&'a Value>),
    Compaction(&'a Value),
    ToolCall(&'a Value),
    /// A result may have no content.
    ToolResult(Option<&'a Value>),
    Other(&'a str),
}

impl<'a> Look<'a> {
    fn at(value: &'a Value) -> Self {
        match value {
            Value::String(text) if !text.is_empty() => Self::Text(text),
            Value::Array(items) => Self::Around(items),
            Value::Object(_) => Self::at_object(value),
            _ => Self::Nothing,
        }
    }

    fn at_object(value: &'a Value) -> Self {
        let kind = value["type"].as_str().unwrap_or_default();
        let wrapped = |names: &[&str]| names.iter().find_map(|name| value.get(name));
        let is_call = matches!(kind, "function_call" | "tool-call" | "tool_call" | "custom_tool_call")
            || kind.ends_with("tool_use");
        let call = wrapped(&["function", "functionCall", "function_call", "toolUse"]);
        if let Some(call) = call.or_else(|| is_call.then_some(value)) {
            return Self::ToolCall(call);
        }
        let content = |result| first_of(result, &["content", "output", "response", "result"]);
        if let Some(result) = wrapped(&["functionResponse", "function_response", "toolResult"]) {
            return Self::ToolResult(content(result).or(Some(result)));
        }
        if kind.ends_with("tool_result") || kind.ends_with("_call_output") || kind == "tool-result" {
            return Self::ToolResult(content(value));
        }
        if matches!(kind, "thinking" | "reasoning") || value["thought"] == true {
            return Self::Thinking(first_of(value, &["thinking", "text", "summary", "content"]));
        }
        // The responses API has such an item too, encrypted and without content.
        if let ("compaction", Some(summary)) = (kind, value.get("content")) {
            return Self::Compaction(summary);
        }
        match first_of(value, &["text", "content", "parts", "message", "refusal"]) {
            Some(inner) => Self::Around(slice::from_ref(inner)),
            None => Self::Other(name_of(value, kind)),
        }
    }
}

fn tool_call(call: &Value) -> Part {
    let name = first_of(call, &["name", "toolName", "tool_name"]).and_then(Value::as_str).unwrap_or("?");
    let arguments = first_of(call, &["arguments", "input", "args"]).map(plain).unwrap_or_default();
    Part::ToolCall { name: name.to_owned(), arguments }
}

/// Every text in a value, nested ones too; the value itself when there is none.
fn flat_text(value: &Value) -> String {
    enum Task<'a> {
        /// Everything in a value, or else the value itself.
        All(&'a Value),
        Texts(&'a Value),
        /// The value itself, unless texts were found since there were so many.
        OrElse(&'a Value, usize),
    }
    let mut texts: Vec<Cow<'_, str>> = Vec::new();
    let mut waiting = vec![Task::All(value)];
    while let Some(task) = waiting.pop() {
        match task {
            Task::All(value) => waiting.extend([Task::OrElse(value, texts.len()), Task::Texts(value)]),
            Task::OrElse(value, before) if texts.len() == before && !value.is_null() => texts.push(plain(value).into()),
            Task::OrElse(..) => {}
            Task::Texts(value) => match Look::at(value) {
                Look::Around(values) => waiting.extend(values.iter().rev().map(Task::Texts)),
                Look::Text(text) => texts.push(text.into()),
                Look::Compaction(inner) | Look::Thinking(Some(inner)) | Look::ToolResult(Some(inner)) => {
                    waiting.push(Task::All(inner));
                }
                Look::Thinking(None) | Look::ToolResult(None) => texts.push("".into()),
                Look::Nothing | Look::ToolCall(_) | Look::Other(_) => {}
            },
        }
    }
    texts.join("\n")
}

/// A string as it is, anything else as JSON.
pub(crate) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn first_of<'a>(value: &'a Value, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| value.get(name)).filter(|value| !value.is_null())
}

fn name_of<'a>(value: &'a Value, kind: &'a str) -> &'a str {
    let first_key = || value.as_object().and_then(|members| members.keys().next());
    if kind.is_empty() { first_key().map_or("", String::as_str) } else { kind }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    #[test]
    fn messages_are_read_in_every_providers_shape() {
        for request in [
            json!({"messages": [{"role": "user", "content": "Hello"}]}),
            json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}]}),
            json!({"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}),
            json!({"messages": [{"role": "user", "parts": [{"type": "text", "text": "Hello"}]}]}),
            json!({"input": "Hello"}),
            json!({"input": ["Hello", "there"]}),
            json!({"input": [{"role": "user", "content": [{"type": "input_text", "text": "Hello"}]}]}),
            json!({"contents": [{"parts": [{"text": "Hello"}]}]}),
            json!({"prompt": "Hello"}),
        ] {
            let first = &messages(&request)[0];
            assert_eq!((&*first.role, &*first.parts), ("user", &[text("Hello")][..]), "{request}");
            assert_eq!(first_user_text(&request).as_deref(), Some("Hello"), "{request}");
        }
    }

    #[test]
    fn instructions_come_first_and_are_not_the_users() {
        let request = json!({"system": [{"text": "Be brief."}], "messages": [{"role": "user", "content": " "}, {"role": "user", "content": "Hello"}]});
        assert_eq!(messages(&request)[0], Message { role: "system".into(), parts: vec![text("Be brief.")] });
        assert_eq!(first_user_text(&request).as_deref(), Some("Hello"));
    }

    #[test]
    fn tools_are_told_apart_from_text() {
        let call = |arguments: &str| Part::ToolCall { name: "add".into(), arguments: arguments.into() };
        for (value, expected) in [
            (json!({"type": "tool_use", "name": "add", "input": {"a": 1}}), call(r#"{"a":1}"#)),
            (json!({"type": "function_call", "name": "add", "arguments": "{}"}), call("{}")),
            (json!({"type": "function", "function": {"name": "add", "arguments": "{}"}}), call("{}")),
            (json!({"functionCall": {"name": "add", "args": {}}}), call("{}")),
            (json!({"toolUse": {"name": "add", "input": {}}}), call("{}")),
            (json!({"type": "tool_result", "content": [{"type": "text", "text": "2"}]}), Part::ToolResult("2".into())),
            (json!({"type": "function_call_output", "output": "2"}), Part::ToolResult("2".into())),
            (json!({"functionResponse": {"response": {"sum": 2}}}), Part::ToolResult(r#"{"sum":2}"#.into())),
            (json!({"functionResponse": {"sum": 2}}), Part::ToolResult(r#"{"sum":2}"#.into())),
            (json!({"type": "thinking", "thinking": "Hm."}), Part::Thinking("Hm.".into())),
            (json!({"type": "compaction", "content": "So far."}), Part::Compaction("So far.".into())),
            (json!({"type": "compaction", "encrypted_content": "x"}), Part::Other("compaction".into())),
            (json!({"text": "Hm.", "thought": true}), Part::Thinking("Hm.".into())),
            (json!({"type": "image", "source": {}}), Part::Other("image".into())),
            (json!({"inlineData": {}}), Part::Other("inlineData".into())),
        ] {
            assert_eq!(parts(&value), [expected], "{value}");
        }
    }

    #[test]
    fn openais_tool_messages_are_results() {
        let request = json!({"messages": [
            {"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "add", "arguments": "{}"}}]},
            {"role": "tool", "content": "2"},
        ]});
        let found = messages(&request);
        assert!(matches!(found[0].parts[..], [Part::ToolCall { .. }]));
        assert_eq!(found[1].parts, [Part::ToolResult("2".into())]);
    }

    #[test]
    fn a_tool_result_without_content_is_an_empty_one() {
        for result in [
            json!({"type": "tool_result", "tool_use_id": "v"}),
            json!({"type": "tool_result", "content": null}),
            json!({"type": "tool-result", "tool_call_id": "c", "tool_name": "w"}),
            json!({"type": "function_call_output", "output": null}),
            json!({"functionResponse": {"type": "tool_result"}}),
            json!({"toolResult": null}),
        ] {
            assert_eq!(parts(&result), [Part::ToolResult(String::new())], "{result}");
            let both = json!([result, {"type": "tool-result", "result": {"a": 1}}]);
            let request = json!({"messages": [{"role": "tool", "content": both}]});
            let [Part::ToolResult(text)] = &messages(&request)[0].parts[..] else { panic!("{request}") };
            assert_eq!(text.trim(), r#"{"a":1}"#, "{request}");
        }
    }

    /// As deep as no parser reads, but as somebody may build it.
    #[test]
    fn nesting_uses_up_no_stack_and_copies_nothing_twice() {
        // `json!` would copy what is within.
        let object = |members: Vec<(&str, Value)>| -> Value {
            members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
        };
        let of_type = |kind: &str, name, inner| object(vec![("type", kind.into()), (name, inner)]);
        let wraps: [&dyn Fn(Value) -> Value; 5] = [
            &|inner| Value::Array(vec![inner]),
            &|inner| object(vec![("content", inner)]),
            &|inner| of_type("tool_result", "content", inner),
            &|inner| of_type("thinking", "thinking", inner),
            &|inner| object(vec![("functionResponse", object(vec![("response", inner)]))]),
        ];
        for wrap in wraps {
            let mut value = json!("within");
            for _ in 0..10_000 {
                value = wrap(value);
            }
            let found = parts(&value);
            // Not even to be dropped is a value this deep on a test's stack.
            std::mem::forget(value);
            let [Part::Text(text) | Part::Thinking(text) | Part::ToolResult(text)] = &found[..] else {
                panic!("{found:?}")
            };
            assert_eq!(text, "within");
        }
    }

    #[test]
    fn what_is_unknown_is_left_out() {
        for request in
            [json!(null), json!({}), json!({"messages": 1}), json!({"input": [[1, 2], 3]}), json!({"messages": [{}]})]
        {
            assert!(messages(&request).iter().all(|message| message.parts.is_empty()), "{request}");
            assert_eq!(first_user_text(&request), None);
        }
    }
}
