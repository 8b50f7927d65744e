//! The messages of a request, and the parts that messages and answers are made of.

use serde_json::Value;

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Message {
    /// `system`, `user`, `assistant`, `tool`, or the provider's own word.
    pub role: String,
    /// What it holds, in order.
    pub parts: Vec<Part>,
}

/// A part of a message or of an answer.
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

/// Items of the responses API that are no messages have no role: the model made the calls and the
/// thoughts, a tool the results. Gemini may leave the user's role out.
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
    match content {
        Value::String(text) if text.is_empty() => Vec::new(),
        Value::String(text) => vec![Part::Text(text.clone())],
        Value::Array(items) => items.iter().flat_map(parts).collect(),
        Value::Object(_) => part(content),
        _ => Vec::new(),
    }
}

fn part(value: &Value) -> Vec<Part> {
    let kind = value["type"].as_str().unwrap_or_default();
    if let Some(call) = tool_call(value, kind) {
        return vec![call];
    }
    if let Some(result) = tool_result(value, kind) {
        return vec![Part::ToolResult(flat_text(result))];
    }
    if matches!(kind, "thinking" | "reasoning") || value["thought"] == true {
        let thought = first_of(value, &["thinking", "text", "summary", "content"]).map(flat_text).unwrap_or_default();
        return vec![Part::Thinking(thought)];
    }
    // The responses API has such an item too, encrypted and without content.
    if let ("compaction", Some(summary)) = (kind, value.get("content")) {
        return vec![Part::Compaction(flat_text(summary))];
    }
    match first_of(value, &["text", "content", "parts", "message", "refusal"]) {
        Some(inner) => parts(inner),
        None => vec![Part::Other(name_of(value, kind))],
    }
}

fn tool_call(value: &Value, kind: &str) -> Option<Part> {
    let inner = ["function", "functionCall", "function_call", "toolUse"].iter().find_map(|name| value.get(name));
    let is_call =
        matches!(kind, "function_call" | "tool-call" | "tool_call" | "custom_tool_call") || kind.ends_with("tool_use");
    let call = inner.or_else(|| is_call.then_some(value))?;
    let name = first_of(call, &["name", "toolName", "tool_name"]).and_then(Value::as_str).unwrap_or("?");
    let arguments = first_of(call, &["arguments", "input", "args"]).map(plain).unwrap_or_default();
    Some(Part::ToolCall { name: name.to_owned(), arguments })
}

fn tool_result<'a>(value: &'a Value, kind: &str) -> Option<&'a Value> {
    let inner = ["functionResponse", "function_response", "toolResult"].iter().find_map(|name| value.get(name));
    let is_result = kind.ends_with("tool_result") || kind.ends_with("_call_output") || kind == "tool-result";
    let result = inner.or_else(|| is_result.then_some(value))?;
    first_of(result, &["content", "output", "response", "result"]).or(Some(result))
}

/// Every text in a value, nested ones too; the value itself when there is none.
fn flat_text(value: &Value) -> String {
    let texts: Vec<_> = parts(value)
        .into_iter()
        .filter_map(|part| match part {
            Part::Text(text) | Part::Thinking(text) | Part::Compaction(text) | Part::ToolResult(text) => Some(text),
            _ => None,
        })
        .collect();
    if texts.is_empty() && !value.is_null() { plain(value) } else { texts.join("\n") }
}

/// A string as it is, anything else as JSON.
pub(crate) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn first_of<'a>(value: &'a Value, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| value.get(name)).filter(|value| !value.is_null())
}

fn name_of(value: &Value, kind: &str) -> String {
    let first_key = || value.as_object().and_then(|members| members.keys().next()).cloned();
    if kind.is_empty() { first_key().unwrap_or_default() } else { kind.to_owned() }
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
    fn tools_are_told_apart_from_words() {
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
    fn what_is_unknown_is_left_out() {
        for request in
            [json!(null), json!({}), json!({"messages": 1}), json!({"input": [[1, 2], 3]}), json!({"messages": [{}]})]
        {
            assert!(messages(&request).iter().all(|message| message.parts.is_empty()), "{request}");
            assert_eq!(first_user_text(&request), None);
        }
    }
}
