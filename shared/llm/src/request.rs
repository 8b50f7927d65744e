//! What a request asks: messages, tools and settings, whoever's shape it has.
//!
//! Every member is one of the three: what is neither messages nor tools is a parameter, so that nothing is left out.

use crate::{
    at::At,
    json::Node,
    message::message,
    part::{other, parts},
};
use api::view::{Message, Parameter, Tool};
use std::borrow::Cow;

/// What a request asks.
#[derive(Debug, Default)]
pub(crate) struct Request {
    pub(crate) model: Option<String>,
    pub(crate) is_stream: bool,
    pub(crate) messages: Vec<Message>,
    pub(crate) tools: Vec<Tool>,
    pub(crate) parameters: Vec<Parameter>,
}

const MODEL: [&str; 3] = ["model", "modelId", "model_id"];
/// Instructions, which come first.
const SYSTEM: [&str; 7] = [
    "system",
    "instructions",
    "systemInstruction",
    "system_instruction",
    "preamble",
    "gen_ai.system_instructions",
    "system_instructions",
];
/// Lists of messages, or one text; the last ones come last.
const MESSAGES: [&str; 12] = [
    "chat_history",
    "messages",
    "gen_ai.input.messages",
    "input_messages",
    "contents",
    "prompt",
    "input",
    "inputText",
    "inputs",
    "texts",
    "content",
    "message",
];
/// Lists of tools.
const TOOLS: [&str; 4] = ["tools", "functions", "gen_ai.tool.definitions", "tool_definitions"];
/// Objects of settings.
const SETTINGS: [&str; 7] = [
    "generationConfig",
    "generation_config",
    "inferenceConfig",
    "options",
    "textGenerationConfig",
    "toolConfig",
    "session",
];

impl Request {
    /// Reads the body of a request, or a product's own form of it.
    pub(crate) fn read(node: Node<'_>, at: At) -> Self {
        let mut request = Self::default();
        // A list alone is one of messages.
        if node.is_array() {
            request.messages(node, at);
        }
        for system in SYSTEM.iter().filter_map(|name| node.get(name)) {
            request.system(system, at);
        }
        for list in MESSAGES.iter().filter_map(|name| node.get(name)) {
            request.messages(list, at);
        }
        request.members(node, "", at);
        request
    }

    /// What this says, and where it says nothing, another.
    pub(crate) fn or(mut self, other: Self) -> Self {
        self.model = self.model.or(other.model);
        self.is_stream |= other.is_stream;
        if self.tools.is_empty() {
            self.tools = other.tools;
        }
        if self.parameters.is_empty() {
            self.parameters = other.parameters;
        }
        self
    }

    fn system(&mut self, system: Node<'_>, at: At) {
        let parts = parts(system, at);
        if !parts.is_empty() {
            self.messages.push(Message { role: "system".to_owned(), name: None, parts });
        }
    }

    fn messages(&mut self, list: Node<'_>, at: At) {
        if is_of_tokens(list) {
            self.messages.push(Message { role: "user".to_owned(), name: None, parts: vec![other(list, "tokens", at)] });
        } else if list.is_array() {
            self.messages.extend(list.items().filter_map(|item| self::item(item, at)));
        } else if !list.is_empty() {
            self.messages.extend(message(list, at));
        }
    }

    /// Tools and settings among an object's members.
    fn members(&mut self, node: Node<'_>, before: &str, at: At) {
        for (name, value) in node.members().filter(|(_, value)| !value.is_null()) {
            let name = &*name;
            if TOOLS.contains(&name) && value.is_array() {
                self.tools.extend(value.items().flat_map(tools));
            } else if before.is_empty() && SETTINGS.contains(&name) && value.is_object() {
                self.members(value, &format!("{name}."), at);
            } else if before.is_empty() && MODEL.contains(&name) {
                self.model = self.model.take().or_else(|| value.text().map(Cow::into_owned));
            } else if !before.is_empty() || !(SYSTEM.contains(&name) || MESSAGES.contains(&name)) {
                self.is_stream |= name == "stream" && value.is_true();
                let (name, value) = (format!("{before}{name}"), value.raw().into_owned());
                self.parameters.push(Parameter { name, value, left_out: None });
            } else {
                // It was read before.
            }
        }
        // A realtime session's instructions are within.
        if before == "session." {
            for system in SYSTEM.iter().filter_map(|name| node.get(name)) {
                self.system(system, at);
            }
        }
    }

    /// Reads what was sent over a websocket: a session's settings, and items of a conversation.
    pub(crate) fn add_event(&mut self, event: Node<'_>, at: At) {
        if let Some(item) = event.get("item") {
            self.messages.extend(message(item, at));
            return;
        }
        match event.get("session").or_else(|| event.get("response")) {
            Some(session) => {
                let mut inner = Self::read(session, at);
                self.model = self.model.take().or(inner.model.take());
                self.messages.append(&mut inner.messages);
                self.tools.append(&mut inner.tools);
                self.parameters.append(&mut inner.parameters);
            }
            None if event.get("custom_id").is_some() => {
                let mut inner = Self::read(event.first(&["body", "params"]).unwrap_or(event), at);
                self.model = self.model.take().or(inner.model.take());
                self.messages.append(&mut inner.messages);
            }
            None if event.members().count() < 2 => {}
            None => {
                let name = event.type_name();
                let unknown = other(event, if name.is_empty() { "event" } else { &name }, at);
                self.messages.push(Message { role: "user".to_owned(), name: None, parts: vec![unknown] });
            }
        }
    }
}

/// A prompt may be a list of numbers: a token each.
fn is_of_tokens(list: Node<'_>) -> bool {
    list.is_array() && !list.is_empty() && list.items().all(Node::is_number)
}

fn item(item: Node<'_>, at: At) -> Option<Message> {
    if item.is_array() {
        let parts = if is_of_tokens(item) { vec![other(item, "tokens", at)] } else { parts(item, at) };
        return Some(Message { role: "user".to_owned(), name: None, parts });
    }
    message(item, at)
}

/// The tools of an item: Gemini declares many functions in one.
fn tools(item: Node<'_>) -> Vec<Tool> {
    match item.first(&["functionDeclarations", "function_declarations"]) {
        Some(list) => list.items().map(tool).collect(),
        None => vec![tool(item)],
    }
}

fn tool(item: Node<'_>) -> Tool {
    let inner = item.first(&["function", "custom", "toolSpec"]).filter(|inner| inner.is_object()).unwrap_or(item);
    let name = inner.first(&["name", "server_label", "type"]).and_then(Node::text).map(Cow::into_owned);
    // Gemini's own tools are members with settings.
    let name = name.or_else(|| item.members().next().map(|(name, _)| name.into_owned()));
    Tool {
        name: name.unwrap_or_default(),
        description: inner.text_of("description").map(Cow::into_owned),
        raw: item.raw().into_owned(),
        left_out: None,
    }
}
