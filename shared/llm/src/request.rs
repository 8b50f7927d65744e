//! What a request asks: messages, tools and settings, whoever's shape it has.
//!
//! Every member is one of the three: what is neither messages nor tools is a parameter, so that nothing is left out.

use crate::{
    at::At,
    flat,
    json::Node,
    media::{media, media_of_text},
    message::message,
    part::{goes_on, other, parts, text_part, tool_result},
};
use api::view::{Content, Message, Parameter, Part, Tool};
use std::borrow::Cow;

/// What a request asks.
#[derive(Debug, Default)]
pub(crate) struct Request {
    pub(crate) model: Option<String>,
    pub(crate) is_stream: bool,
    /// Whether a stream is to say nothing twice, which `DashScope` else does.
    pub(crate) is_incremental: bool,
    pub(crate) messages: Vec<Message>,
    pub(crate) tools: Vec<Tool>,
    pub(crate) parameters: Vec<Parameter>,
}

/// Members that name the model.
pub(crate) const MODEL: [&str; 6] =
    ["model", "modelId", "model_id", "gen_ai.request.model", "llm.request.model_name", "llm.model_name"];
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
const MESSAGES: [&str; 15] = [
    "chat_history",
    "messages",
    "gen_ai.input.messages",
    "gen_ai.prompt",
    "ai.prompt.messages",
    "input_messages",
    "llm.input_messages",
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
const TOOLS: [&str; 7] = [
    "tools",
    "functions",
    "gen_ai.tool.definitions",
    "tool_definitions",
    "ai.prompt.tools",
    "llm.request.functions",
    "llm.tools",
];
/// Members that may hold JSON as a text: attributes of OpenTelemetry, and what can be no text.
const OPENED: [&str; 9] = [
    "gen_ai.system_instructions",
    "gen_ai.input.messages",
    "gen_ai.prompt",
    "gen_ai.tool.definitions",
    "ai.prompt.messages",
    "input_messages",
    "messages",
    "system_instructions",
    "tool_definitions",
];
/// Requests in a list, and what stands before the names of their settings.
const INSTANCES: &str = "instances";
const IN_INSTANCE: &str = "instance.";
/// Instructions of one of them.
const CONTEXT: &str = "context";
/// Members that `DashScope` and Google's older models have a request within, and what they call its messages.
const WITHIN: [(&str, &str); 2] = [("input", "input."), ("prompt", "prompt.")];
const SAID_WITHIN: [&str; 2] = ["messages", "prompt"];
/// Objects of settings.
const SETTINGS: [&str; 8] = [
    "parameters",
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
    pub(crate) fn read(node: Node<'_>, at: At<'_>) -> Self {
        flat::opened(node, at, Self::of)
    }

    fn of(node: Node<'_>, at: At<'_>) -> Self {
        let mut request = Self::default();
        // A list alone is one of messages.
        if node.is_array() {
            request.messages(node, at);
        }
        request.said(node, at);
        for instance in node.get(INSTANCES).into_iter().flat_map(|list| at.items(list)) {
            request.instance(instance, at);
        }
        request.members(node, "", at);
        request
    }

    /// Instructions and messages.
    fn said(&mut self, node: Node<'_>, at: At<'_>) {
        let named = |name: &&'static str| Some((*name, node.get(name)?));
        for (name, system) in SYSTEM.iter().filter_map(named) {
            opened(name, system, at, |system, at| self.system(system, at));
        }
        for (name, list) in MESSAGES.iter().filter_map(named) {
            match before_within(name, list) {
                Some(before) => self.within(list, before, at),
                None => opened(name, list, at, |list, at| self.messages(list, at)),
            }
        }
    }

    /// A request within a member of another.
    fn within(&mut self, node: Node<'_>, before: &str, at: At<'_>) {
        if let Some(context) = node.get(CONTEXT).filter(|context| context.is_text()) {
            self.system(context, at);
        }
        for list in SAID_WITHIN.iter().filter_map(|name| node.get(name)).filter(|list| is_said(*list)) {
            self.messages(list, at);
        }
        self.members(node, before, at);
    }

    /// One of the requests that Vertex takes in a list.
    fn instance(&mut self, instance: Node<'_>, at: At<'_>) {
        let before = self.messages.len();
        if let Some(context) = instance.get(CONTEXT).filter(|context| context.is_text()) {
            self.system(context, at);
        }
        self.said(instance, at);
        if self.messages.len() == before {
            self.messages.extend(message(instance, at));
        } else {
            self.members(instance, IN_INSTANCE, at);
        }
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

    fn system(&mut self, system: Node<'_>, at: At<'_>) {
        let parts = parts(system, at);
        if !parts.is_empty() {
            self.messages.push(Message { role: "system".to_owned(), name: None, parts });
        }
    }

    fn messages(&mut self, list: Node<'_>, at: At<'_>) {
        // `LangChain`'s prompt is an object around its messages.
        let list = list.path(&["kwargs", "messages"]).unwrap_or(list);
        if is_of_tokens(list) {
            self.messages.push(Message { role: "user".to_owned(), name: None, parts: vec![other(list, "tokens", at)] });
        } else if list.is_array() {
            for item in at.items(list) {
                self.item(item, at);
            }
        } else if !list.is_empty() {
            self.messages.extend(message(list, at));
        }
    }

    /// Tools and settings among an object's members.
    fn members(&mut self, node: Node<'_>, before: &str, at: At<'_>) {
        for (name, value) in node.members().filter(|(_, value)| !value.is_null()) {
            let name = &*name;
            if TOOLS.contains(&name) && (value.is_array() || OPENED.contains(&name)) {
                opened(name, value, at, |list, at| self.tools(list, at));
            } else if before.is_empty() && SETTINGS.contains(&name) && value.is_object() {
                self.members(value, &format!("{name}."), at);
            } else if before.is_empty() && MODEL.contains(&name) {
                self.model = self.model.take().or_else(|| value.text().map(Cow::into_owned));
            } else if is_read(before, name, value) {
                // What is said comes in an order of its own.
            } else if at.has_room() {
                self.is_stream |= name == "stream" && value.is_true();
                self.is_incremental |= name == "incremental_output" && value.is_true();
                let (name, value) = (format!("{before}{name}"), value.raw().into_owned());
                self.parameters.push(Parameter { name, value, left_out: None });
            }
        }
        // A realtime session's instructions are within.
        if before == "session." {
            for system in SYSTEM.iter().filter_map(|name| node.get(name)) {
                self.system(system, at);
            }
        }
    }

    /// Reads what was sent over a websocket, as a session's settings and items of a conversation; or one request of
    /// many.
    pub(crate) fn add_event(&mut self, event: Node<'_>, at: At<'_>) {
        if !at.has_room() {
            return;
        }
        let one_of_many = event.first(&["custom_id", "key", "recordId"]);
        let one_of_many = one_of_many.and_then(|_| event.first(&["body", "params", "request", "modelInput"]));
        if let Some(request) = one_of_many {
            let inner = Self::read(request, at);
            self.model = self.model.take().or(inner.model);
            self.messages.extend(inner.messages);
        } else if let Some(item) = event.get("item") {
            self.messages.extend(message(item, at));
        } else if let Some(session) = event.first(&["session", "response", "setup"]) {
            let inner = Self::read(session, at);
            self.model = self.model.take().or(inner.model);
            self.messages.extend(inner.messages);
            self.tools.extend(inner.tools);
            self.parameters.extend(inner.parameters);
        } else if let Some(content) = event.first(&["clientContent", "client_content"]) {
            self.messages(content.get("turns").unwrap_or(content), at);
        } else if let Some(results) = event.first(&["toolResponse", "tool_response"]) {
            let list = results.first(&["functionResponses", "function_responses"]).unwrap_or(results);
            let parts = at.items(list).map(|result| tool_result(result, result, at)).collect();
            self.messages.push(Message { role: "tool".to_owned(), name: None, parts });
        } else if let Some(input) = event.first(&["realtimeInput", "realtime_input"]) {
            self.heard(input, at);
        } else if let Some(sound) = event.get("audio").filter(|sound| sound.is_text()) {
            self.spoke(vec![at.part(sound, media_of_text("audio", sound))]);
        } else if event.members().count() > 1 {
            let name = event.type_name();
            let unknown = other(event, if name.is_empty() { "event" } else { &name }, at);
            self.messages.push(Message { role: "user".to_owned(), name: None, parts: vec![unknown] });
        }
    }

    /// What Gemini is sent as it comes: text, or pieces of sound and pictures.
    fn heard(&mut self, input: Node<'_>, at: At<'_>) {
        let chunks = input.first(&["mediaChunks", "media_chunks"]).into_iter().flat_map(|chunks| at.items(chunks));
        let single = ["audio", "video"].iter().filter_map(|name| input.get(name));
        let media = chunks.chain(single).map(|chunk| at.part(chunk, media("", chunk)));
        let mut parts: Vec<_> = media.collect();
        parts.extend(input.get("text").and_then(|text| text_part(text, at)));
        if parts.is_empty() && !input.is_empty() {
            parts.push(other(input, "realtimeInput", at));
        }
        self.spoke(parts);
    }

    /// Adds what the user says piece by piece: sound goes on with the sound before it.
    fn spoke(&mut self, parts: Vec<Part>) {
        for part in parts {
            let last = self.messages.last_mut().filter(|last| last.role == "user");
            let is_sound = matches!(part.content, Content::Media { .. });
            let is_added =
                last.and_then(|last| last.parts.last_mut()).is_some_and(|last| is_sound && goes_on(last, &part));
            if !is_added {
                self.messages.push(Message { role: "user".to_owned(), name: None, parts: vec![part] });
            }
        }
    }

    fn item(&mut self, item: Node<'_>, at: At<'_>) {
        if item.is_array() && !item.is_empty() && item.items().all(is_message) {
            // `LangChain` has a list of messages for each prompt.
            self.messages.extend(at.items(item).filter_map(|item| message(item, at)));
        } else if let Some((role, text)) = pair(item) {
            self.messages.push(Message { role, name: None, parts: parts(text, at) });
        } else if item.is_array() {
            let parts = if is_of_tokens(item) { vec![other(item, "tokens", at)] } else { parts(item, at) };
            self.messages.push(Message { role: "user".to_owned(), name: None, parts });
        } else {
            self.messages.extend(message(item, at));
        }
    }

    fn tools(&mut self, list: Node<'_>, at: At<'_>) {
        for item in at.items(list) {
            at.opened(item, |item, at| self.tools_of(item, at));
        }
    }

    /// The tools of an item: Gemini declares many functions in one.
    fn tools_of(&mut self, item: Node<'_>, at: At<'_>) {
        match item.first(&["functionDeclarations", "function_declarations"]) {
            Some(list) => self.tools.extend(at.items(list).map(tool)),
            None => self.tools.push(tool(item)),
        }
    }
}

/// Whether a member is read as something that is said.
fn is_read(before: &str, name: &str, value: Node<'_>) -> bool {
    let is_own = match before {
        "" => name == INSTANCES && value.is_array(),
        IN_INSTANCE => name == CONTEXT && value.is_text(),
        "input." | "prompt." => {
            return name == CONTEXT && value.is_text() || SAID_WITHIN.contains(&name) && is_said(value);
        }
        _ => return false,
    };
    is_own || SYSTEM.contains(&name) || MESSAGES.contains(&name)
}

/// What stands before the settings of a request that is within a member.
fn before_within(name: &str, node: Node<'_>) -> Option<&'static str> {
    let (_, before) = WITHIN.iter().find(|(own, _)| *own == name)?;
    let is_message = node.first(&["role", "content", "parts", "text", "type", "lc"]).is_some();
    let has_said = || SAID_WITHIN.iter().any(|name| node.get(name).is_some_and(is_said));
    (!is_message && has_said()).then_some(*before)
}

fn is_said(list: Node<'_>) -> bool {
    list.is_array() || list.is_text()
}

/// A prompt may be a list of numbers: a token each.
fn is_of_tokens(list: Node<'_>) -> bool {
    list.is_array() && !list.is_empty() && list.items().all(Node::is_number)
}

/// Whether an item of a list is a message by its shape.
fn is_message(item: Node<'_>) -> bool {
    item.first(&["role", "lc"]).is_some() || item.get("type").is_some() && item.get("data").is_some_and(Node::is_object)
}

/// A message as a role and a text, as `LangChain` takes it.
fn pair(item: Node<'_>) -> Option<(String, Node<'_>)> {
    let mut items = item.items();
    let (role, text) = (items.next()?.text()?, items.next()?);
    let role = match &*role {
        "system" => "system",
        "human" | "user" => "user",
        "ai" | "assistant" => "assistant",
        _ => return None,
    };
    (items.next().is_none() && text.is_text()).then(|| (role.to_owned(), text))
}

/// Reads a member, or the JSON that stands in it where that may be.
fn opened(name: &str, node: Node<'_>, at: At<'_>, read: impl FnOnce(Node<'_>, At<'_>)) {
    if OPENED.contains(&name) { at.opened(node, read) } else { read(node, at) }
}

fn tool(item: Node<'_>) -> Tool {
    let declared = item.get("json_schema").filter(|inner| inner.is_object()).unwrap_or(item);
    let inner = declared.first(&["function", "custom", "toolSpec"]).filter(|it| it.is_object()).unwrap_or(declared);
    let name = item.get("name").or_else(|| inner.first(&["name", "server_label", "type"]));
    let name = name.and_then(Node::text).map(Cow::into_owned);
    // Gemini's own tools are members with settings.
    let name = name.or_else(|| item.members().next().map(|(name, _)| name.into_owned()));
    Tool {
        name: name.unwrap_or_default(),
        description: item.text_of("description").or_else(|| inner.text_of("description")).map(Cow::into_owned),
        raw: item.raw().into_owned(),
        left_out: None,
    }
}
