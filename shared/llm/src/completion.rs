//! What the model said, from one body or put together from a stream.

use crate::{
    message::{self, Part},
    payload::{Payload, StreamEvent},
};
use api::json::MAX_DEPTH;
use serde_json::{Value, json};
use std::collections::HashMap;

/// What the model said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completion {
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// Why it stopped, as the provider says it.
    pub finish: Option<String>,
}

impl Completion {
    /// Reads a response of any shape; empty when it holds no completion.
    pub fn of(payload: &Payload) -> Self {
        match payload {
            Payload::Json(value) => Self::of_json(value),
            Payload::Events(events) => Self::of_events(events),
            Payload::Other => Self::default(),
        }
    }

    /// Reads a response that came in one piece.
    pub fn of_json(value: &Value) -> Self {
        if let Some(choices) = value["choices"].as_array() {
            return choices.iter().fold(Self::default(), Self::and_choice);
        }
        if let Some(candidates) = value["candidates"].as_array() {
            return candidates.iter().fold(Self::default(), Self::and_candidate);
        }
        if let Some(embeddings) =
            value["data"].as_array().filter(|data| data.iter().any(|item| item.get("embedding").is_some()))
        {
            return Self { parts: vec![Part::Other(counted(embeddings.len(), "embedding"))], finish: None };
        }
        let content = ["content", "output", "message", "response"].iter().find_map(|name| value.get(name));
        let mut parts = content.map(message::parts).unwrap_or_default();
        parts.extend(message::tool_calls(value));
        Self { parts, finish: finish(value) }
    }

    /// Puts a completion together from its stream.
    pub fn of_events(events: &[StreamEvent]) -> Self {
        // The responses API repeats the whole completion in its last event.
        let last =
            events.iter().rev().map(|event| &event.data["response"]).find(|response| response["output"].is_array());
        match last.map(Self::of_json).filter(|whole| !whole.parts.is_empty()) {
            Some(whole) => whole,
            None => events.iter().fold(Assembly::default(), Assembly::and).finish(),
        }
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.finish.is_none()
    }

    /// A small JSON object of it, in the form that [`Completion::of_json`] reads.
    pub fn to_json(&self) -> Value {
        let content: Vec<_> = self.parts.iter().map(part_to_json).collect();
        match &self.finish {
            Some(finish) => json!({"role": "assistant", "content": content, "finish_reason": finish}),
            None => json!({"role": "assistant", "content": content}),
        }
    }

    fn and_choice(mut self, choice: &Value) -> Self {
        self.parts.extend(boundary(!self.parts.is_empty()));
        self.parts.extend(message::parts(&choice["message"]["content"]));
        self.parts.extend(message::parts(&choice["message"]["refusal"]));
        self.parts.extend(message::parts(&choice["text"]));
        self.parts.extend(message::tool_calls(&choice["message"]));
        self.finish = self.finish.or_else(|| finish(choice));
        self
    }

    fn and_candidate(mut self, candidate: &Value) -> Self {
        self.parts.extend(boundary(!self.parts.is_empty()));
        self.parts.extend(message::parts(&candidate["content"]["parts"]));
        self.finish = self.finish.or_else(|| finish(candidate));
        self
    }
}

/// Separates two choices of one response, so that they do not read as one.
fn boundary(is_between: bool) -> Option<Part> {
    is_between.then(|| Part::Other("another choice".to_owned()))
}

fn finish(value: &Value) -> Option<String> {
    let names = ["finish_reason", "stop_reason", "finishReason", "stopReason", "done_reason"];
    names.iter().find_map(|name| value[name].as_str()).map(str::to_owned)
}

fn counted(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

fn part_to_json(part: &Part) -> Value {
    match part {
        Part::Text(text) => json!({"type": "text", "text": text}),
        Part::Thinking(thinking) => json!({"type": "thinking", "thinking": thinking}),
        Part::Compaction(summary) => json!({"type": "compaction", "content": summary}),
        Part::ToolCall { name, arguments } if arguments.trim().is_empty() => {
            json!({"type": "tool_use", "name": name, "input": {}})
        }
        Part::ToolCall { name, arguments } => {
            // Arguments that are nested too deeply for a free-form object are text.
            let input = serde_json::from_str(arguments).ok().filter(|input| depth(input) <= MAX_DEPTH - AROUND_INPUT);
            json!({"type": "tool_use", "name": name, "input": input.unwrap_or_else(|| arguments.clone().into())})
        }
        Part::ToolResult(result) => json!({"type": "tool_result", "content": result}),
        Part::Other(kind) => json!({"type": kind}),
    }
}

/// How deep the input of a call is in a completion's JSON, and one level that the parser keeps for itself.
const AROUND_INPUT: usize = 4;

/// How deep a value is nested. The parser has bounded it.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// A completion in the making: parts by the place that the stream gives them.
#[derive(Default)]
struct Assembly {
    /// The parts, each with its choice and block.
    parts: Vec<(Place, Part)>,
    /// The index of each place's last part among them.
    last: HashMap<Place, usize>,
    /// Arguments that came whole when their block began.
    inputs: HashMap<Place, String>,
    finish: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    choice: u64,
    block: u64,
}

impl Assembly {
    fn and(mut self, event: &StreamEvent) -> Self {
        let data = &event.data;
        for choice in list(&data["choices"]) {
            self.choice(choice);
        }
        for candidate in list(&data["candidates"]) {
            let choice = number(&candidate["index"]);
            for part in list(&candidate["content"]["parts"]).iter().flat_map(message::parts) {
                self.add(Place { choice, block: 0 }, part);
            }
            self.stop(finish(candidate));
        }
        self.block(event);
        self
    }

    /// A chunk of `OpenAI`'s chat completions.
    fn choice(&mut self, choice: &Value) {
        let place = |block| Place { choice: number(&choice["index"]), block };
        let delta = &choice["delta"];
        for (text, is_thought) in [
            (&delta["reasoning_content"], true),
            (&delta["content"], false),
            (&delta["refusal"], false),
            (&choice["text"], false),
        ] {
            self.text(place(0), text, is_thought);
        }
        for call in list(&delta["tool_calls"]) {
            // After the text, which has block 0.
            self.call(place(1 + number(&call["index"])), &call["function"]["name"], &call["function"]["arguments"]);
        }
        self.stop(finish(choice));
    }

    /// The events of Anthropic, of Bedrock's converse, of the responses API and of Ollama.
    fn block(&mut self, event: &StreamEvent) {
        let data = &event.data;
        let block = ["index", "contentBlockIndex", "output_index"].iter().find_map(|name| data[name].as_u64());
        let place = Place { choice: 0, block: block.unwrap_or_default() };
        match &*event.name {
            "content_block_start" => self.start(place, &data["content_block"]),
            "contentBlockStart" => self.call(place, &data["start"]["toolUse"]["name"], &Value::Null),
            "content_block_delta" | "contentBlockDelta" => self.delta(place, &data["delta"]),
            "response.output_text.delta" | "response.refusal.delta" => self.text(place, &data["delta"], false),
            "response.reasoning_summary_text.delta" => self.text(place, &data["delta"], true),
            "response.output_item.added" => self.call(place, &data["item"]["name"], &Value::Null),
            "response.function_call_arguments.delta" => self.call(place, &Value::Null, &data["delta"]),
            "message_delta" => self.stop(finish(&data["delta"])),
            _ => {
                if data.get("choices").is_none() {
                    self.text(place, &data["message"]["content"], false);
                    self.text(place, &data["response"], false);
                }
                self.stop(finish(data));
            }
        }
    }

    /// The start of a block. It may have the whole input; mostly the input follows in deltas, and a `{}` here means
    /// nothing.
    fn start(&mut self, place: Place, block: &Value) {
        for part in message::parts(block) {
            match part {
                Part::ToolCall { name, arguments } => {
                    self.add(place, Part::ToolCall { name, arguments: String::new() });
                    if !matches!(&*arguments, "" | "{}" | "null") {
                        self.inputs.entry(place).or_insert(arguments);
                    }
                }
                Part::Thinking(text) | Part::Text(text) if text.is_empty() => {}
                part => self.add(place, part),
            }
        }
    }

    fn delta(&mut self, place: Place, delta: &Value) {
        self.text(place, &delta["text"], false);
        match (delta["type"].as_str(), delta["content"].as_str()) {
            (Some("compaction_delta"), summary) => {
                self.add(place, Part::Compaction(summary.unwrap_or_default().to_owned()));
            }
            _ => self.text(place, &delta["content"], false),
        }
        self.text(place, &delta["thinking"], true);
        self.text(place, &delta["reasoningContent"]["text"], true);
        self.call(place, &Value::Null, &delta["partial_json"]);
        self.call(place, &Value::Null, &delta["toolUse"]["input"]);
    }

    fn text(&mut self, place: Place, text: &Value, is_thought: bool) {
        match text.as_str() {
            None | Some("") => {}
            Some(text) if is_thought => self.add(place, Part::Thinking(text.to_owned())),
            Some(text) => self.add(place, Part::Text(text.to_owned())),
        }
    }

    fn call(&mut self, place: Place, name: &Value, arguments: &Value) {
        if name.is_string() || arguments.is_string() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            self.add(place, Part::ToolCall { name: text(name), arguments: text(arguments) });
        }
    }

    fn stop(&mut self, finish: Option<String>) {
        self.finish = finish.or(self.finish.take());
    }

    /// Continues the place's last part when it is of the same kind.
    fn add(&mut self, place: Place, part: Part) {
        let last = self.last.get(&place).and_then(|at| self.parts.get_mut(*at)).map(|(_, last)| last);
        match (last, part) {
            (Some(Part::Text(last)), Part::Text(more))
            | (Some(Part::Thinking(last)), Part::Thinking(more))
            | (Some(Part::Compaction(last)), Part::Compaction(more)) => {
                last.push_str(&more);
            }
            (Some(Part::ToolCall { name: last_name, arguments: last }), Part::ToolCall { name, arguments }) => {
                last_name.push_str(&name);
                last.push_str(&arguments);
            }
            (_, part) => {
                self.last.insert(place, self.parts.len());
                self.parts.push((place, part));
            }
        }
    }

    fn finish(mut self) -> Completion {
        self.parts.sort_by_key(|(place, _)| place.choice);
        let mut parts = Vec::with_capacity(self.parts.len());
        let mut choice = None;
        for (place, mut part) in self.parts {
            // Deltas win over an input that came whole.
            if let Part::ToolCall { arguments, .. } = &mut part
                && arguments.is_empty()
                && let Some(input) = self.inputs.remove(&place)
            {
                *arguments = input;
            }
            parts.extend(boundary(choice.is_some_and(|before| before != place.choice)));
            parts.push(part);
            choice = Some(place.choice);
        }
        Completion { parts, finish: self.finish }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    fn call(name: &str, arguments: &str) -> Part {
        Part::ToolCall { name: name.to_owned(), arguments: arguments.to_owned() }
    }

    fn stream(events: &[Value]) -> Completion {
        let body = events.iter().fold(String::new(), |body, data| format!("{body}data: {data}\n\n"));
        Completion::of(&Payload::of(body.as_bytes()))
    }

    #[test]
    fn a_completion_is_read_in_every_providers_shape() {
        for value in [
            json!({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}),
            json!({"choices": [{"text": "Hi", "finish_reason": "stop"}]}),
            json!({"type": "message", "content": [{"type": "text", "text": "Hi"}], "stop_reason": "stop"}),
            json!({"candidates": [{"content": {"parts": [{"text": "Hi"}]}, "finishReason": "stop"}]}),
            json!({"output": {"message": {"content": [{"text": "Hi"}]}}, "stopReason": "stop"}),
            json!({"message": {"role": "assistant", "content": "Hi"}, "done_reason": "stop"}),
        ] {
            let completion = Completion::of_json(&value);
            assert_eq!(
                (&*completion.parts, completion.finish.as_deref()),
                (&[text("Hi")][..], Some("stop")),
                "{value}"
            );
        }
        let response = json!({"output": [{"type": "message", "content": [{"type": "output_text", "text": "Hi"}]}, {"type": "function_call", "name": "add", "arguments": "{}"}]});
        assert_eq!(Completion::of_json(&response).parts, [text("Hi"), call("add", "{}")]);
    }

    #[test]
    fn embeddings_are_counted_and_not_printed() {
        let value = json!({"data": [{"embedding": [0.1]}, {"embedding": [0.2]}]});
        assert_eq!(Completion::of_json(&value).parts, [Part::Other("2 embeddings".into())]);
    }

    #[test]
    fn a_stream_of_blocks_is_put_together() {
        let completion = stream(&[
            json!({"type": "message_start", "message": {"content": []}}),
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}}),
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Hm."}}),
            json!({"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}}),
            json!({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "He"}}),
            json!({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "llo"}}),
            json!({"type": "content_block_start", "index": 2, "content_block": {"type": "tool_use", "name": "add", "input": {}}}),
            json!({"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": "{\"a\""}}),
            json!({"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": ":1}"}}),
            json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}}),
        ]);
        assert_eq!(completion.parts, [Part::Thinking("Hm.".into()), text("Hello"), call("add", r#"{"a":1}"#)]);
        assert_eq!(completion.finish.as_deref(), Some("tool_use"));
    }

    #[test]
    fn an_input_that_comes_whole_is_kept_unless_deltas_follow() {
        let start = |index: u64, input: Value| json!({"type": "content_block_start", "index": index, "content_block": {"type": "tool_use", "name": "add", "input": input}});
        let completion = stream(&[
            start(0, json!({"a": 1})),
            start(1, json!({"a": 1})),
            json!({"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "{\"b\":2}"}}),
            start(2, json!({})),
            start(3, Value::Null),
        ]);
        assert_eq!(
            completion.parts,
            [call("add", r#"{"a":1}"#), call("add", r#"{"b":2}"#), call("add", ""), call("add", "")]
        );
        assert_eq!(completion.to_json()["content"][2]["input"], json!({}));
    }

    #[test]
    fn a_compaction_is_not_the_completions_text() {
        let completion = stream(&[
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "compaction", "content": null}}),
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "compaction_delta", "content": "So far."}}),
            json!({"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}}),
            json!({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "Hi"}}),
        ]);
        assert_eq!(completion.parts, [Part::Compaction("So far.".into()), text("Hi")]);
        assert_eq!(Completion::of_json(&completion.to_json()), completion);
    }

    #[test]
    fn arguments_of_any_depth_leave_a_completion_that_can_be_kept() {
        for depth in [1, 100, 124, 125, 126, 127, 128, 1000] {
            let arguments = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
            let completion = Completion { parts: vec![call("add", &arguments)], finish: None };
            let kept = api::json::Object::from_value(&completion.to_json()).expect("an object");
            let read = serde_json::from_str(kept.get()).expect("JSON");
            assert_eq!(Completion::of_json(&read), completion, "{depth}");
        }
    }

    #[test]
    fn an_input_that_comes_whole_is_its_first_calls() {
        let start = |input: &str| json!({"type": "content_block_start", "content_block": {"type": "tool_use", "name": "add", "input": input}});
        let between = json!({"type": "content_block_delta", "delta": {"text": "x"}});
        let completion = stream(&[start("y"), between.clone(), start(""), between, start("")]);
        let calls: Vec<_> = completion.parts.iter().filter(|part| matches!(part, Part::ToolCall { .. })).collect();
        assert_eq!(calls, [&call("add", "y"), &call("add", ""), &call("add", "")]);
    }

    #[test]
    fn a_stream_of_choices_is_put_together_choice_by_choice() {
        let delta = |index: u64, delta: Value| json!({"choices": [{"index": index, "delta": delta}]});
        let completion = stream(&[
            delta(0, json!({"role": "assistant", "content": "A"})),
            delta(1, json!({"content": "B"})),
            delta(0, json!({"content": "a"})),
            delta(1, json!({"tool_calls": [{"index": 0, "function": {"name": "add", "arguments": ""}}]})),
            delta(1, json!({"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]})),
            json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
        ]);
        assert_eq!(completion.parts, [text("Aa"), Part::Other("another choice".into()), text("B"), call("add", "{}")]);
        assert_eq!(completion.finish.as_deref(), Some("stop"));
    }

    #[test]
    fn other_streams_are_put_together_too() {
        let gemini = stream(&[
            json!({"candidates": [{"content": {"parts": [{"text": "He"}]}}]}),
            json!({"candidates": [{"content": {"parts": [{"text": "llo"}]}, "finishReason": "STOP"}]}),
        ]);
        assert_eq!((&*gemini.parts, gemini.finish.as_deref()), (&[text("Hello")][..], Some("STOP")));
        let cut = stream(&[
            json!({"type": "response.created", "response": {"output": []}}),
            json!({"type": "response.output_text.delta", "output_index": 0, "delta": "He"}),
            json!({"type": "response.output_text.delta", "output_index": 0, "delta": "llo"}),
        ]);
        assert_eq!(cut.parts, [text("Hello")]);
        let whole = stream(&[
            json!({"type": "response.completed", "response": {"output": [{"type": "message", "content": [{"type": "output_text", "text": "Hello"}]}]}}),
        ]);
        assert_eq!(whole.parts, [text("Hello")]);
    }

    #[test]
    fn a_completion_reads_back_from_its_own_json() {
        let completion = Completion {
            parts: vec![Part::Thinking("Hm.".into()), text("Hi"), call("add", r#"{"a":1}"#)],
            finish: Some("stop".into()),
        };
        assert_eq!(Completion::of_json(&completion.to_json()), completion);
    }
}
