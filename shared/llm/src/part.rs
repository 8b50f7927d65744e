//! The parts of a message or an answer, whoever's shape they have.
//!
//! Providers name their parts differently, but no name means two things, so that one reader serves all: a part is known
//! by its `type`, or where there is none by the member that holds it. What is known by neither is [`Content::Other`],
//! whole.
//!
//! Wrappers are opened by a list of what waits, never by a call, and a result within a result is not opened: foreign
//! JSON may be nested deeply and must not use up the stack.

use crate::{
    at::At,
    json::Node,
    media::{media, media_of_text},
};
use api::view::{Content, MediaKind, Part};
use std::borrow::Cow;

/// The parts of a content.
pub(crate) fn parts(content: Node<'_>, at: At<'_>) -> Vec<Part> {
    Parts { at, found: Vec::new(), is_in_result: false }.of(content)
}

/// What a tool gave back.
pub(crate) fn parts_of_result(content: Node<'_>, at: At<'_>) -> Vec<Part> {
    Parts { at, found: Vec::new(), is_in_result: true }.of(content)
}

/// A part of a text; nothing when that is empty.
pub(crate) fn text_part(node: Node<'_>, at: At<'_>) -> Option<Part> {
    let text = node.text().filter(|text| !text.is_empty())?;
    Some(at.part(node, Content::Text { text: text.into_owned() }))
}

/// A tool's call: the object with its name and arguments, and the one around it, which may have its id.
pub(crate) fn tool_call(call: Node<'_>, around: Node<'_>, at: At<'_>) -> Part {
    let kind = around.type_name();
    let names = ["name", "toolName", "tool_name"];
    let own = call.first(&names).or_else(|| around.first(&names)).and_then(Node::text);
    let name = own.filter(|name| !name.is_empty()).unwrap_or_else(|| name_of_kind(&kind));
    let arguments = call.first(&["arguments", "input", "args", "parameters"]);
    let others = ["action", "operation", "queries", "code", "query", "command", "server_tool_call"];
    let arguments = arguments.or_else(|| call.first(&others));
    let ids = ["call_id", "tool_call_id", "toolCallId", "toolUseId", "id"];
    let id = call.first(&ids).or_else(|| around.first(&ids)).map(|id| id.plain().into_owned());
    let is_named = matches!(&*kind, "function_call" | "custom_tool_call" | "tool_call" | "tool-call" | "dynamic-tool");
    let is_hosted = around.get("providerExecuted").is_some_and(Node::is_true)
        || around.get("provider_executed").is_some_and(Node::is_true)
        || matches!(&*kind, "server_tool_use" | "mcp_tool_use" | "tool.execution" | "tool.execution.started")
        || kind.ends_with("_call") && !is_named && !HOME.contains(&&*kind);
    let arguments = arguments.map(|arguments| arguments.plain().into_owned()).unwrap_or_default();
    at.part(around, Content::ToolCall { id, name: name.into_owned(), arguments, is_hosted })
}

/// Kinds of calls that have no name and that the caller runs.
const HOME: [&str; 5] = ["computer_call", "local_shell_call", "shell_call", "apply_patch_call", "mcp_approval_request"];

/// `web_search` of a `web_search_call`.
fn name_of_kind<'a>(kind: &Cow<'a, str>) -> Cow<'a, str> {
    let name = kind.strip_suffix("_call").or_else(|| kind.strip_prefix("tool-")).unwrap_or(kind);
    if name.is_empty() { "?".into() } else { name.to_owned().into() }
}

/// Types of results that stand beside their values.
const VALUES: [&str; 5] = ["text", "json", "content", "error-text", "error-json"];
/// Members that hold what a tool gave back.
const RESULTS: [&str; 10] = [
    "content",
    "output",
    "response",
    "result",
    "results",
    "outputs",
    "server_tool_call_response",
    "error",
    "errorText",
    "info",
];

/// A tool's result: the object with its content, and the one around it.
pub(crate) fn tool_result(result: Node<'_>, around: Node<'_>, at: At<'_>) -> Part {
    let ids = ["tool_use_id", "tool_call_id", "toolCallId", "toolUseId", "call_id", "id"];
    let id = result.first(&ids).or_else(|| around.first(&ids)).map(|id| id.plain().into_owned());
    let names = ["tool_name", "toolName", "name"];
    let name = result.first(&names).or_else(|| around.first(&names)).and_then(Node::text).map(Cow::into_owned);
    let content = result.first(&RESULTS);
    // The AI SDK puts the value beside its type.
    let (kind, inner) = match content.map(|content| (content.type_name(), content.get("value"))) {
        Some((kind, Some(value))) if VALUES.contains(&&*kind) => (kind, Some(value)),
        _ => (Cow::default(), content),
    };
    let says_failed = |node: Node<'_>| {
        ["is_error", "isError"].iter().any(|name| node.get(name).is_some_and(Node::is_true))
            || node.get("status").is_some_and(|status| ["error", "failed"].iter().any(|word| status.is(word)))
            || ["error", "errorText"].iter().any(|name| node.get(name).is_some_and(|error| !error.is_empty()))
    };
    let failed_inside = content.is_some_and(|content| {
        content.type_name().ends_with("_error")
            || content.is_object() && content.get("error").is_some_and(|error| !error.is_empty() && !error.is_number())
    });
    let is_error = says_failed(result) || says_failed(around) || kind.starts_with("error") || failed_inside;
    let parts = inner.map(|inner| parts_of_result(inner, at)).unwrap_or_default();
    at.part(around, Content::ToolResult { id, name, parts, is_error })
}

/// Anything, as it was sent.
pub(crate) fn other(node: Node<'_>, name: &str, at: At<'_>) -> Part {
    at.part(node, Content::Other { name: name.to_owned(), raw: node.raw().into_owned() })
}

struct Parts<'r> {
    at: At<'r>,
    found: Vec<Part>,
    is_in_result: bool,
}

impl Parts<'_> {
    fn of(mut self, content: Node<'_>) -> Vec<Part> {
        let mut waiting = vec![content];
        while let Some(node) = waiting.pop() {
            if node.is_array() {
                let start = waiting.len();
                waiting.extend(self.at.items(node));
                waiting.get_mut(start..).unwrap_or_default().reverse();
            } else if node.is_object() {
                waiting.extend(self.object(node));
            } else if node.is_text() {
                self.found.extend(text_part(node, self.at));
            } else if !node.is_empty() {
                self.found.push(other(node, "value", self.at));
            }
        }
        self.found
    }

    fn push(&mut self, node: Node<'_>, content: Content) {
        self.found.push(self.at.part(node, content));
    }

    /// Takes an object in; what is to be read in its place, when it is a wrapper.
    fn object<'a>(&mut self, node: Node<'a>) -> Option<Node<'a>> {
        let kind = node.type_name();
        let kind = &*kind;
        let by_type = if kind.is_empty() { None } else { self.by_type(node, kind) };
        match by_type.or_else(|| self.by_member(node)) {
            Some(Taken::Whole) => None,
            Some(Taken::Around(inner)) => Some(inner),
            // What a tool gives back is its own: any object may be meant.
            None if self.is_in_result => {
                self.push(node, Content::Text { text: node.raw().into_owned() });
                None
            }
            None => {
                let first = node.members().next().map(|(name, _)| name).unwrap_or_default();
                let name = if kind.is_empty() { &*first } else { kind };
                self.found.push(other(node, name, self.at));
                None
            }
        }
    }

    fn by_type<'a>(&mut self, node: Node<'a>, kind: &str) -> Option<Taken<'a>> {
        match kind {
            "text" | "input_text" | "output_text" | "summary_text" | "text-delta" => {
                let text = node.first(&["text", "content", "delta"])?;
                if node.get("thought").is_some_and(Node::is_true) {
                    self.thinking(node, Some(text));
                } else if text.is_text() {
                    self.found.extend(text_part(text, self.at));
                } else {
                    return Some(Taken::Around(text));
                }
                self.citations(node);
            }
            "refusal" => {
                let text = node.first(&["refusal", "text"])?.plain().into_owned();
                self.push(node, Content::Refusal { text });
            }
            "thinking" | "reasoning" | "reasoning_text" | "thinking_delta" | "thought" => {
                let said = |name: &str| node.get(name).filter(|text| !text.is_empty());
                let own = ["thinking", "text", "reasoning", "content"].iter().find_map(|name| said(name));
                // Open models have their thoughts beside what sums them up.
                if let Some(summary) = said("summary").filter(|_| own.is_some()) {
                    self.thinking(node, Some(summary));
                }
                self.thinking(node, own.or_else(|| said("summary")));
            }
            "redacted_thinking" | "redacted-reasoning" | "reasoning.encrypted" => self.thinking(node, None),
            "reasoning.text" | "reasoning.summary" => self.thinking(node, node.first(&["text", "summary"])),
            // A stream says first that there will be one.
            "compaction" if node.members().all(|(name, value)| name == "type" || value.is_null()) => {}
            "compaction" => {
                let text = node.first(&["content", "text"])?.plain().into_owned();
                self.push(node, Content::Compaction { text });
            }
            "source" | "source-url" | "source-document" | "url_citation" | "citation" | "search_result"
            | "web_search_result" | "tool_reference" => self.push(node, citation(node)),
            "message" | "message.input" | "message.output" | "non_standard" => {
                return node.first(&["content", "value"]).map(Taken::Around);
            }
            "audio" | "output_audio" | "input_audio" => {
                let transcript = node.path(&["audio", "transcript"]).or_else(|| node.get("transcript"));
                self.found.extend(transcript.and_then(|transcript| text_part(transcript, self.at)));
                self.push(node, media("audio", node));
            }
            "document" => {
                self.push(node, media(kind, node));
                if let Some(text) = text_of_document(node) {
                    return Some(Taken::Around(text));
                }
            }
            _ if MEDIA.contains(&kind) => self.push(node, media(kind, node)),
            _ if is_result(kind) => self.result(node, node)?,
            _ if is_call(kind) => self.call(node, kind),
            _ => return None,
        }
        Some(Taken::Whole)
    }

    /// Gemini's, Bedrock's and some of `OpenAI`'s parts have no type: the member that holds them tells.
    fn by_member<'a>(&mut self, node: Node<'a>) -> Option<Taken<'a>> {
        let of = |names: &[&'static str]| names.iter().find_map(|name| Some((*name, node.get(name)?)));
        if let Some((_, call)) = of(&["functionCall", "function_call", "toolUse", "function", "custom"])
            && call.is_object()
        {
            self.found.push(tool_call(call, node, self.at));
        } else if let Some((_, result)) = of(&["functionResponse", "function_response", "toolResult"]) {
            self.result(result, node)?;
        } else if let Some((_, code)) = of(&["executableCode", "executable_code"]) {
            let arguments = code.raw().into_owned();
            let name = "code_execution".to_owned();
            self.push(node, Content::ToolCall { id: None, name, arguments, is_hosted: true });
        } else if let Some((_, result)) = of(&["codeExecutionResult", "code_execution_result"]) {
            let is_error = !result.get("outcome").is_none_or(|outcome| outcome.is("OUTCOME_OK"));
            let parts = result.get("output").map(|output| parts_of_result(output, self.at)).unwrap_or_default();
            let name = Some("code_execution".to_owned());
            self.push(node, Content::ToolResult { id: None, name, parts, is_error });
        } else if let Some((_, reasoning)) = of(&["reasoningContent"]) {
            self.thinking(node, reasoning.path(&["reasoningText", "text"]).or_else(|| reasoning.get("text")));
        } else if let Some((_, cited)) = of(&["citationsContent"]) {
            let content = cited.get("content");
            self.found.extend(
                content
                    .into_iter()
                    .flat_map(|content| self.at.items(content))
                    .filter_map(|item| text_part(item.get("text")?, self.at)),
            );
            self.citations(cited);
        } else if let Some((name, _)) = of(&["inlineData", "inline_data", "fileData", "file_data"]) {
            self.push(node, media(name, node));
        } else if let Some((name, _)) =
            of(&["image", "document", "video", "audio"]).filter(|(_, inner)| inner.is_object())
        {
            self.push(node, media(name, node));
        } else if let Some((name, text)) = of(&["image", "video", "audio"]).filter(|(_, inner)| inner.is_text()) {
            self.push(node, media_of_text(name, text));
        } else if let Some((_, json)) = of(&["json"]).filter(|_| self.is_in_result) {
            self.push(node, Content::Text { text: json.raw().into_owned() });
        } else if node.get("thought").is_some_and(Node::is_true) {
            self.thinking(node, node.get("text"));
        } else if let Some(text) = node.get("text").filter(|text| text.is_text())
            && (!self.is_in_result || node.members().count() == 1)
        {
            self.found.extend(text_part(text, self.at));
            self.citations(node);
        } else {
            let is_message = node.get("role").is_some();
            let wrappers: &[_] = if is_message || !self.is_in_result {
                &["content", "parts", "text", "message", "guardContent", "searchResult"]
            } else {
                &["guardContent"]
            };
            return node.first(wrappers).map(Taken::Around);
        }
        Some(Taken::Whole)
    }

    /// Thoughts may be a text, or a list of texts. Without any they are hidden.
    fn thinking(&mut self, node: Node<'_>, text: Option<Node<'_>>) {
        let text = text.map(|text| flat_text(text)).unwrap_or_default();
        let kind = node.type_name();
        let secrets = ["data", "encrypted_content", "redactedContent", "redactedData", "signature"];
        let has_secret = |node: Node<'_>| secrets.iter().any(|name| node.get(name).is_some_and(|it| !it.is_empty()));
        let is_kept_back = matches!(
            &*kind,
            "reasoning" | "thought" | "redacted_thinking" | "redacted-reasoning" | "reasoning.encrypted"
        ) || has_secret(node)
            || node.get("reasoningContent").is_some_and(has_secret);
        let is_hidden = text.is_empty() && is_kept_back;
        self.push(node, Content::Thinking { text, is_hidden });
    }

    /// A call, and what came of it where both are one item.
    fn call(&mut self, node: Node<'_>, kind: &str) {
        if let Some(call) = node.first(&["function", "custom"]).filter(|call| call.is_object()) {
            self.found.push(tool_call(call, node, self.at));
            return;
        }
        self.found.push(tool_call(node, node, self.at));
        let image = node.get("result").filter(|_| kind == "image_generation_call");
        if let Some(image) = image {
            self.push(node, media_of_text("image", image));
        } else if !self.is_in_result
            && ["output", "outputs", "results", "result", "error", "errorText", "info"]
                .iter()
                .any(|name| node.get(name).is_some_and(|output| !output.is_empty()))
        {
            self.found.push(tool_result(node, node, self.at));
        }
    }

    /// `None` for one within another.
    fn result(&mut self, result: Node<'_>, around: Node<'_>) -> Option<()> {
        let result = (!self.is_in_result).then(|| tool_result(result, around, self.at))?;
        self.found.push(result);
        Some(())
    }

    fn citations(&mut self, node: Node<'_>) {
        let lists = ["annotations", "citations"].iter().filter_map(|name| node.get(name));
        self.found.extend(lists.flat_map(|list| self.at.items(list)).map(|item| cited(item, self.at)));
    }
}

/// Whether a part goes on with the last one, of the same kind; it is added to that then.
pub(crate) fn goes_on(last: &mut Part, part: &Part) -> bool {
    match (&mut last.content, &part.content) {
        (Content::Text { text }, Content::Text { text: more })
        | (Content::Refusal { text }, Content::Refusal { text: more })
        | (Content::Compaction { text }, Content::Compaction { text: more }) => text.push_str(more),
        (Content::Thinking { text, is_hidden }, Content::Thinking { text: more, is_hidden: is_more_hidden }) => {
            text.push_str(more);
            *is_hidden = text.is_empty() && (*is_hidden || *is_more_hidden);
        }
        (
            Content::Media { kind: MediaKind::Audio, bytes, .. },
            Content::Media { kind: MediaKind::Audio, bytes: more, .. },
        ) => *bytes = Some(bytes.unwrap_or_default() + more.unwrap_or_default()),
        (Content::Other { name, raw }, Content::Other { name: next, raw: more }) if name == next => {
            raw.push('\n');
            raw.push_str(more);
        }
        _ => return false,
    }
    last.source.place.join(&part.source.place);
    true
}

/// Whether a part is more of the last one, of the same kind, or that again with more; it is taken into that then.
/// Increments say nothing again.
pub(crate) fn grows(last: &mut Part, part: &Part, is_incremental: bool) -> bool {
    let grow = |text: &mut String, more: &str| {
        if !is_incremental && more.starts_with(&**text) {
            text.clear();
        }
        text.push_str(more);
    };
    match (&mut last.content, &part.content) {
        (Content::Text { text }, Content::Text { text: more })
        | (Content::Thinking { text, .. }, Content::Thinking { text: more, .. }) => grow(text, more),
        (
            Content::ToolCall { id, name, arguments, .. },
            Content::ToolCall { id: more_id, name: more_name, arguments: more, .. },
        ) => {
            if more_id.as_ref().is_some_and(|more| !more.is_empty()) {
                id.clone_from(more_id);
            }
            grow(name, more_name);
            grow(arguments, more);
        }
        (last, part) => return last == part,
    }
    last.source.place.join(&part.source.place);
    true
}

/// What became of an object.
enum Taken<'a> {
    Whole,
    Around(Node<'a>),
}

const MEDIA: [&str; 19] = [
    "image",
    "image_url",
    "input_image",
    "image-data",
    "image-url",
    "input_file",
    "file",
    "file-data",
    "file-url",
    "media",
    "document",
    "document_url",
    "video",
    "video_url",
    "blob",
    "uri",
    "computer_screenshot",
    "container_upload",
    "tool_file",
];

fn is_call(kind: &str) -> bool {
    kind.ends_with("tool_use")
        || kind.ends_with("_call")
        || kind.starts_with("tool-")
        || matches!(
            kind,
            "dynamic-tool"
                | "function"
                | "custom"
                | "mcp_approval_request"
                | "invalid_tool_call"
                | "function.call"
                | "tool.execution"
        )
}

fn is_result(kind: &str) -> bool {
    [
        "tool_result",
        "tool-result",
        "tool-error",
        "_call_output",
        "tool_call_response",
        "mcp_approval_response",
        "function.result",
    ]
    .iter()
    .any(|end| kind.ends_with(end))
}

/// A document may be a text, or a list of parts.
fn text_of_document(node: Node<'_>) -> Option<Node<'_>> {
    let source = node.get("source")?;
    let text = source.get("data").filter(|_| source.type_name() == "text");
    text.or_else(|| source.get("content"))
}

/// An item of a list of citations.
pub(crate) fn cited(item: Node<'_>, at: At<'_>) -> Part {
    let inner = item.first(&["url_citation", "file_citation"]).filter(|inner| inner.is_object());
    at.part(item, if item.is_text() { url_of(item) } else { citation(inner.unwrap_or(item)) })
}

/// Perplexity cites by URLs alone.
fn url_of(item: Node<'_>) -> Content {
    Content::Citation { title: None, url: Some(item.plain().into_owned()), text: None }
}

/// What is cited, in whatever words.
fn citation(node: Node<'_>) -> Content {
    let text = |names: &[&str]| node.first(names).filter(|text| text.is_text()).map(|text| text.plain().into_owned());
    let place = node.first(&["location", "web"]).and_then(|place| place.first(&["web", "url", "uri"]));
    let place = place.and_then(|place| if place.is_object() { place.get("url") } else { Some(place) });
    Content::Citation {
        title: text(&["title", "document_title", "filename"]),
        url: text(&["url", "uri", "source", "file_id", "retrievedUrl", "link"])
            .or_else(|| Some(place?.plain().into_owned())),
        text: text(&["cited_text", "quote", "text"]),
    }
}

/// The texts of a list of texts, or of objects with one each.
fn flat_text(node: Node<'_>) -> String {
    if !node.is_array() {
        return node.plain().into_owned();
    }
    let mut flat = String::new();
    for item in node.items() {
        flat.extend((!flat.is_empty()).then_some('\n'));
        flat.push_str(&item.first(&["text", "content"]).unwrap_or(item).plain());
    }
    flat
}
