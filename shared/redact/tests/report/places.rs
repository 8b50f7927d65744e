//! Where credentials are planted.

use super::secrets::Made;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use fastrand::Rng;
use flate2::{Compression, write::GzEncoder, write::ZlibEncoder};
use serde_json::{Value, json};
use std::io::Write as _;

/// What is posted.
#[derive(Clone, Copy)]
pub(crate) enum Post {
    Run,
    Patch,
    Step,
}

/// A post with a credential in it.
pub(crate) struct Planted {
    pub(crate) kind: Post,
    pub(crate) post: Value,
    /// What may be left, without masks.
    pub(crate) expected: Vec<Value>,
    pub(crate) fragments: Vec<String>,
}

/// A place that a text of several pieces can be put into.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) name: &'static str,
    /// Into how many pieces the text is cut.
    pieces: usize,
    /// Whether all of a text that holds a credential is taken.
    is_whole: bool,
    /// Whether a name beside the value can be its member's or header's.
    build: fn(&Text) -> Value,
}

/// What is put into a place.
pub(crate) struct Text {
    /// The name that the value has.
    name: &'static str,
    /// The text, in pieces.
    pieces: Vec<String>,
    /// The value alone.
    value: String,
}

impl Text {
    fn whole(&self) -> String {
        self.pieces.concat()
    }
}

impl Place {
    pub(crate) fn plant(&self, made: &Made, rng: &mut Rng) -> Planted {
        let written = made.written();
        // A name that is not the member's own stands before the value.
        let label = if made.name.is_empty() { String::new() } else { format!("{}=", made.name) };
        let before = format!("Please look at this: {label}{}", made.before);
        let after = format!("{}{}", made.after, if self.is_whole { "" } else { " and say why, thanks." });
        let text = format!("{before}{}{after}", made.secret);
        let mut cuts: Vec<usize> = (1..self.pieces).map(|_| rng.usize(0..=text.len())).collect();
        cuts.sort_unstable();
        let secret = before.len()..before.len() + made.secret.len();
        let (mut pieces, mut left, mut start) = (Vec::new(), Vec::new(), 0);
        for end in cuts.into_iter().chain([text.len()]) {
            pieces.push(text[start..end].to_owned());
            let kept = |range: std::ops::Range<usize>| range.start.min(range.end)..range.end;
            let head = kept(start..end.min(secret.start).max(start));
            let tail = kept(start.max(secret.end).min(end)..end);
            left.push(format!("{}{}", &text[head], &text[tail]));
            start = end;
        }
        let build = |pieces: Vec<String>, value: String| (self.build)(&Text { name: made.name, pieces, value });
        let post = build(pieces, written);
        let kept_value = format!("{}{}", made.before, made.after);
        let mut expected = vec![build(left.clone(), kept_value), build(left, String::new())];
        if self.is_whole {
            expected = vec![build(vec![String::new()], String::new())];
        }
        Planted { kind: Post::Step, post, expected, fragments: made.fragments() }
    }
}

fn step(attempt: &Value) -> Value {
    let mut whole = json!({"number": 1, "status": "completed", "method": "POST", "url": "https://api.example.com/v1"});
    whole.as_object_mut().unwrap().extend(attempt.as_object().unwrap().clone());
    json!({"operation": "stream", "status": "completed", "started_at": "2026-01-02T03:04:05Z", "attempts": [whole]})
}

fn with(member: &str, value: Value) -> Value {
    let mut step = step(&json!({}));
    step[member] = value;
    step
}

fn body(bytes: impl AsRef<[u8]>) -> Value {
    step(&json!({"response_body": STANDARD.encode(bytes.as_ref()), "request_body": STANDARD.encode("{\"n\":1.0}")}))
}

/// A message of a request, as JSON.
fn chat(content: &str) -> String {
    let messages = json!([{"role": "system", "content": "You help."}, {"role": "user", "content": content}]);
    json!({"model": "m", "max_tokens": 4096, "messages": messages, "stream": true}).to_string()
}

fn member(text: &Text) -> Value {
    let name = if text.name.is_empty() { "note" } else { text.name };
    json!({"config": {"user": "acme", name: text.value, "retries": 3}})
}

fn sse(events: impl IntoIterator<Item = Value>) -> Value {
    let events: String = events.into_iter().map(|event| format!("event: e\ndata: {event}\n\n: ping\n\n")).collect();
    body(events + "data: [DONE]\n\n")
}

fn lines(events: impl IntoIterator<Item = Value>) -> Value {
    body(events.into_iter().map(|event| format!("{event}\n")).collect::<String>() + "{\"done\":true}\n")
}

fn openai(piece: &String) -> Value {
    json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": piece}}]})
}

fn openai_call(piece: &String) -> Value {
    let call = json!({"index": 1, "function": {"arguments": piece}});
    json!({"choices": [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": null}]})
}

fn responses(piece: &String) -> Value {
    json!({"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "content_index": 0, "delta": piece})
}

fn anthropic(piece: &String) -> Value {
    json!({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": piece}})
}

fn anthropic_call(piece: &String) -> Value {
    json!({"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": piece}})
}

fn gemini(piece: &String) -> Value {
    json!({"candidates": [{"content": {"role": "model", "parts": [{"text": piece}]}}], "modelVersion": "g"})
}

fn bedrock(piece: &String) -> Value {
    json!({"contentBlockIndex": 0, "delta": {"text": piece}, "p": "abcdefgh"})
}

fn ollama(piece: &String) -> Value {
    json!({"model": "m", "message": {"role": "assistant", "content": piece}, "done": false})
}

/// A frame of Amazon's event stream.
fn frame(payload: &str) -> Vec<u8> {
    let mut headers = vec![11];
    headers.extend(b":event-type\x07\0\x05chunk");
    let mut bytes = Vec::new();
    let checksum = |bytes: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        crc.sum().to_be_bytes()
    };
    for length in [16 + headers.len() + payload.len(), headers.len()] {
        bytes.extend(u32::try_from(length).unwrap().to_be_bytes());
    }
    bytes.extend(checksum(&bytes));
    bytes.extend(headers);
    bytes.extend(payload.as_bytes());
    bytes.extend(checksum(&bytes));
    bytes
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// A name as a variable of a shell has it.
fn variable(name: &str) -> String {
    name.replace('-', "_").to_uppercase()
}

/// A value as a URL has it.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

const fn place(name: &'static str, build: fn(&Text) -> Value) -> Place {
    Place { name, pieces: 1, is_whole: false, build }
}

const fn split(name: &'static str, build: fn(&Text) -> Value) -> Place {
    Place { name, pieces: 9, is_whole: false, build }
}

const fn whole(name: &'static str, build: fn(&Text) -> Value) -> Place {
    Place { name, pieces: 1, is_whole: true, build }
}

pub(crate) const PLACES: &[Place] = &[
    whole("a header", |text| {
        let name = if text.name.contains('-') { text.name } else { "Authorization" };
        step(&json!({"request_headers": {"accept": "*/*", name: text.value}}))
    }),
    place("another header", |text| step(&json!({"response_headers": {"x-note": text.whole(), "etag": "W/\"abc\""}}))),
    whole("a URL's query", |text| {
        step(&json!({"url": format!("https://api.example.com/v1?alt=sse&key={}&x=1", encoded(&text.value))}))
    }),
    place("a text's URL", |text| {
        step(&json!({"error": format!("Get \"https://h/?note={}\": EOF", encoded(&text.whole()))}))
    }),
    place("an attempt's error", |text| step(&json!({"error": text.whole()}))),
    place("a step's error", |text| with("error", json!({"message": text.whole(), "code": "a1b2c3d4"}))),
    place("a member of an error", |text| with("error", member(text))),
    place("metadata", |text| with("metadata", member(text))),
    place("a normalized request", |text| {
        with("normalized_request", json!({"messages": [{"content": [text.whole()]}]}))
    }),
    place("a normalized response", |text| with("normalized_response", json!({"text": {"value": text.whole()}}))),
    place("usage", |text| with("usage", json!({"input_tokens": 7, "note": text.whole()}))),
    place("a list of headers", |text| {
        let name = if text.name.is_empty() { "Authorization" } else { text.name };
        let headers = json!([{"name": "accept", "value": "*/*"}, {"name": name, "value": text.value}]);
        with("metadata", json!({"headers": headers}))
    }),
    place("a body of JSON", |text| body(chat(&text.whole()))),
    place("a member of a body", |text| body(member(text).to_string())),
    place("JSON in a string", |text| body(chat(&member(text).to_string()))),
    place("JSON in JSON in a string", |text| body(chat(&json!({"arguments": member(text).to_string()}).to_string()))),
    place("JSON, deep", |text| body(format!("{}{}{}", "{\"a\":[".repeat(300), json!(text.whole()), "]}".repeat(300)))),
    place("JSON that breaks off", |text| {
        let chat = chat(&text.whole());
        body(&chat[..chat.len() - 3])
    }),
    whole("base64 in a string", |text| {
        body(if text.whole().is_empty() { chat("") } else { chat(&STANDARD.encode(text.whole())) })
    }),
    place("a page", |text| body(format!("<html>\n<pre>{}</pre>\n</html>", text.whole()))),
    place("bytes that are no text", |text| body([b"caf\xe9 ", text.whole().as_bytes(), b" \xff"].concat())),
    place("a form", |text| body(format!("grant=x&note={}&n=1", encoded(&text.whole())))),
    place("a form of parts", |text| {
        let part = |name: &str, body: &str| {
            format!("--b7\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{body}\r\n")
        };
        body(part("model", "whisper-1") + &part("prompt", &text.whole()) + "--b7--\r\n")
    }),
    place("gzip", |text| body(gzip(&chat(&text.whole())))),
    place("zlib", |text| {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(chat(&text.whole()).as_bytes()).unwrap();
        body(encoder.finish().unwrap())
    }),
    place("zstd", |text| {
        let chat = chat(&text.whole());
        let mut bytes = vec![0x28, 0xb5, 0x2f, 0xfd, 0xa0];
        bytes.extend(u32::try_from(chat.len()).unwrap().to_le_bytes());
        bytes.extend(&(u32::try_from(chat.len()).unwrap() << 3 | 1).to_le_bytes()[..3]);
        bytes.extend(chat.as_bytes());
        body(bytes)
    }),
    place("an attribute of a span", |text| {
        let attributes = json!([
            {"key": "gen_ai.system", "value": {"stringValue": "openai"}},
            {"key": "gen_ai.prompt.0.content", "value": {"stringValue": text.whole()}},
        ]);
        body(json!({"resourceSpans": [{"scopeSpans": [{"spans": [{"attributes": attributes}]}]}]}).to_string())
    }),
    place("a message of LangChain", |text| {
        let message = json!({"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "HumanMessage"],
            "kwargs": {"content": text.whole(), "type": "human"}});
        with("normalized_request", json!({"messages": [[message]]}))
    }),
    place("a file of variables in a tool's result", |text| {
        let name = if text.name.is_empty() { "NOTE" } else { text.name };
        let file = format!("# .env\nPORT=8080\n{name}={}\nDEBUG=true\n", text.value);
        let result =
            json!({"type": "tool_result", "tool_use_id": "toolu_01", "content": [{"type": "text", "text": file}]});
        body(json!({"messages": [{"role": "user", "content": [result]}]}).to_string())
    }),
    place("YAML", |text| {
        let name = if text.name.is_empty() { "note" } else { text.name };
        with("metadata", json!({"file": format!("app:\n  name: acme\n  {name}: \"{}\"\n  port: 80\n", text.value)}))
    }),
    place("INI", |text| {
        let name = if text.name.is_empty() { "note" } else { text.name };
        with(
            "metadata",
            json!({"file": format!("[default]\nregion = eu-west-1\n{name} = {}\noutput = json\n", text.value)}),
        )
    }),
    place("TOML", |text| {
        let name = if text.name.is_empty() { "note" } else { text.name };
        with(
            "metadata",
            json!({"file": format!("[app]\nport = 80\n{name} = \"\"\"{}\"\"\"\nname = \"x\"\n", text.value)}),
        )
    }),
    place("a table of commas", |text| {
        let name = if text.name.is_empty() { "note" } else { text.name };
        let value = text.value.replace('"', "'");
        with("metadata", json!({"file": format!("user,{name},role\nbob,\"{value}\",admin\n")}))
    }),
    place("a table of tabs", |text| {
        let name = if text.name.is_empty() { "note" } else { text.name };
        step(
            &json!({"error": format!("rows:\nuser\t{name}\trole\nbob\t{}\tadmin\n2 rows", text.value.replace('\n', " "))}),
        )
    }),
    place("a Dockerfile", |text| {
        let name = if text.name.is_empty() { "NOTE".to_owned() } else { variable(text.name) };
        body(chat(&format!("FROM x\nENV {name} {}\nRUN make", text.value)))
    }),
    place("other shells", |text| {
        let name = if text.name.is_empty() { "NOTE".to_owned() } else { variable(text.name) };
        let lines = format!("> setx {name} {0}\n$env:{name} = \"{0}\"\nset -gx {name} {0}\nls", text.value);
        step(&json!({"error": lines}))
    }),
    place("XML", |text| {
        let name = if text.name.is_empty() { "note" } else { text.name };
        let value = text.value.replace('&', "&amp;");
        body(format!("<app>\n  <add key=\"{name}\" value=\"{value}\" />\n  <port>80</port>\n</app>"))
    }),
    place("arguments of a command", |text| {
        let option = if text.name.is_empty() { "--note" } else { "--password" };
        with("normalized_response", json!({"input": {"argv": ["psql", "--host", "db", option, text.value]}}))
    }),
    place("an item of DynamoDB", |text| {
        let name = if text.name.is_empty() { "note" } else { text.name };
        body(json!({"Item": {"id": {"S": "u1"}, name: {"S": text.value}}}).to_string())
    }),
    place("a value of Vertex", |text| {
        let name = if text.name.is_empty() { "note" } else { text.name };
        body(json!({"inputs": {"struct_val": {name: {"string_val": [text.value]}}}}).to_string())
    }),
    place("a shell", |text| {
        let name = if text.name.is_empty() { "NOTE" } else { text.name };
        with("metadata", json!({"output": format!("$ export {name}='{}'\n$ make test\nok\n", text.value)}))
    }),
    place("a log of a call", |text| {
        let name = if text.name.is_empty() { "note" } else { text.name };
        step(
            &json!({"error": format!("request failed: {{'headers': {{'accept': '*/*', '{name}': '{}'}}, 'n': 1}}", text.value)}),
        )
    }),
    place("coloured", |text| {
        let name = if text.name.is_empty() { "note" } else { text.name };
        step(&json!({"error": format!("\u{1b}[32m{name}\u{1b}[0m=\u{1b}[33m{}\u{1b}[0m\nok", text.value)}))
    }),
    place("declared", |text| {
        let name = if text.name.is_empty() { "note" } else { text.name };
        body(chat(&format!("class A {{\n  val {name}: String = \"{}\"\n}}", text.value)))
    }),
    place("a default", |text| {
        let name = if text.name.is_empty() { "NOTE" } else { text.name };
        body(chat(&format!("process.env['{name}'] ??= '{}';\nrun()", text.value)))
    }),
    place("a command that stores it", |text| {
        let name = if text.name.is_empty() { "note" } else { text.name };
        let value = &text.value;
        step(&json!({"error": format!("$ aws ssm put-parameter --name /app/{name} --value '{value}' --type String")}))
    }),
    place("a drawn table", |text| {
        let name = if text.name.is_empty() { "note" } else { text.name };
        let value = text.value.replace('\n', " ");
        with("metadata", json!({"out": format!("All:\n┌───┐\n│ id │ {name} │\n├───┤\n│ 1 │ {value} │\n└───┘\n")}))
    }),
    place("a row of a page", |text| {
        let name = if text.name.is_empty() { "note" } else { text.name };
        body(format!("<table><tr><th>{name}</th><td>{}</td></tr></table>", text.value.replace('&', "&amp;")))
    }),
    place("a change", |text| {
        let name = if text.name.is_empty() { "note" } else { text.name };
        body(chat(&format!("@@ -1,2 +1,2 @@\n a: 1\n-{name}=\n+{name}={}\n b: 2", text.value)))
    }),
    place("below its name", |text| {
        let name = if text.name.is_empty() { "note" } else { text.name };
        body(chat(&format!("Here is the {name}:\n\n```\n{}\n```\nthanks", text.value)))
    }),
    place("a pair in a text", |text| {
        let name = if text.name.is_empty() { "note" } else { text.name };
        let pair = format!("{{\"name\": \"{name}\", \"value\": \"{}\"}}", text.value);
        step(&json!({"error": format!("bad headers [{{\"name\": \"accept\", \"value\": \"*/*\"}}, {pair}] of it")}))
    }),
    place("a list in a text", |text| {
        let name = if text.name.is_empty() { "x-note" } else { text.name };
        step(&json!({"error": format!("rawHeaders: [ 'accept', '*/*', '{name}', '{}' ]", text.value)}))
    }),
    place("entities", |text| {
        let name = if text.name.is_empty() { "note" } else { text.name };
        let page = format!(
            "<div data-x=\"{{&quot;a&quot;:1,&quot;{name}&quot;:&quot;{}&quot;}}\">",
            text.value.replace('&', "&amp;")
        );
        body(page)
    }),
    whole("gzip in base64", |text| {
        body(if text.whole().is_empty() { chat("") } else { chat(&STANDARD.encode(gzip(&text.whole()))) })
    }),
    split("AI SDK's lines", |text| {
        let lines: String = text.pieces.iter().map(|piece| format!("0:{}\n", json!(piece))).collect();
        body(format!("f:{{\"messageId\":\"m\"}}\n{lines}d:{{\"finishReason\":\"stop\"}}\n"))
    }),
    split("AI SDK's calls", |text| {
        let line = |piece: &String| format!("c:{}\n", json!({"toolCallId": "call_1", "argsTextDelta": piece}));
        body(text.pieces.iter().map(line).collect::<String>() + "d:{\"finishReason\":\"stop\"}\n")
    }),
    split("AI SDK's events", |text| {
        sse(text.pieces.iter().map(|piece| json!({"type": "text-delta", "id": "txt-0", "delta": piece})))
    }),
    split("AI SDK's events of calls", |text| {
        sse(text
            .pieces
            .iter()
            .map(|piece| json!({"type": "tool-input-delta", "toolCallId": "c-1", "inputTextDelta": piece})))
    }),
    split("texts as events", |text| sse(text.pieces.iter().map(|piece| json!(piece)))),
    split("frames of a websocket", |text| {
        lines(text.pieces.iter().map(|piece| {
            json!({"type": "response.audio_transcript.delta", "event_id": "e", "item_id": "i", "content_index": 0, "delta": piece})
        }))
    }),
    split("thinking", |text| {
        sse(text.pieces.iter().map(|piece| {
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": piece}})
        }))
    }),
    split("Converse's calls", |text| {
        let event = |piece| json!({"contentBlockIndex": 1, "delta": {"toolUse": {"input": piece}}}).to_string();
        body(text.pieces.iter().flat_map(|piece| frame(&event(piece))).collect::<Vec<_>>())
    }),
    split("Cohere's stream", |text| {
        sse(text.pieces.iter().map(
            |piece| json!({"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": piece}}}}),
        ))
    }),
    place("an event on several lines", |text| {
        let event = serde_json::to_string_pretty(&openai(&text.whole())).unwrap();
        body(format!("data: {}\n\ndata: [DONE]\n\n", event.replace('\n', "\ndata: ")))
    }),
    split("Gemini's live stream", |text| {
        lines(text.pieces.iter().map(|piece| json!({"serverContent": {"modelTurn": {"parts": [{"text": piece}]}}})))
    }),
    split("agents' events", |text| {
        sse(text.pieces.iter().map(|piece| {
            json!({"jsonrpc": "2.0", "result": {"artifact": {"parts": [{"kind": "text", "text": piece}]}, "append": true}})
        }))
    }),
    split("patches of a text", |text| {
        let patch = |piece: &String| json!({"ops": [{"op": "add", "path": "/streamed_output/-", "value": piece}]});
        sse(text.pieces.iter().map(patch))
    }),
    split("Converse's stream of an SDK", |text| {
        lines(
            text.pieces
                .iter()
                .map(|piece| json!({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": piece}}})),
        )
    }),
    whole("wrapped base64", |text| {
        let lines = STANDARD
            .encode("x".repeat(90) + &text.whole())
            .as_bytes()
            .chunks(76)
            .map(<[u8]>::to_owned)
            .collect::<Vec<_>>();
        let file = String::from_utf8(lines.join(&b'\n')).unwrap();
        body(if text.whole().is_empty() { chat("a file:\n") } else { chat(&format!("a file:\n{file}")) })
    }),
    whole("zlib in base64", |text| {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.whole().as_bytes()).unwrap();
        body(if text.whole().is_empty() { chat("") } else { chat(&STANDARD.encode(encoder.finish().unwrap())) })
    }),
    split("OpenAI's stream", |text| sse(text.pieces.iter().map(openai))),
    split("OpenAI's calls", |text| sse(text.pieces.iter().map(openai_call))),
    split("OpenAI's responses", |text| sse(text.pieces.iter().map(responses))),
    split("Anthropic's stream", |text| sse(text.pieces.iter().map(anthropic))),
    split("Anthropic's calls", |text| sse(text.pieces.iter().map(anthropic_call))),
    split("Gemini's stream", |text| sse(text.pieces.iter().map(gemini))),
    split("Gemini's array", |text| {
        let chunks: Vec<_> = text.pieces.iter().map(|piece| gemini(piece).to_string()).collect();
        body(format!("[{},\r\n{{\"candidates\":[{{\"finishReason\":\"STOP\"}}]}}]\n", chunks.join("\n,\r\n")))
    }),
    split("Ollama's lines", |text| lines(text.pieces.iter().map(ollama))),
    split("Bedrock's frames", |text| {
        body(text.pieces.iter().flat_map(|piece| frame(&bedrock(piece).to_string())).collect::<Vec<_>>())
    }),
    split("Anthropic in Bedrock's frames", |text| {
        let inner = |piece| json!({"bytes": STANDARD.encode(anthropic(piece).to_string()), "p": "abcd"}).to_string();
        body(text.pieces.iter().flat_map(|piece| frame(&inner(piece))).collect::<Vec<_>>())
    }),
    split("a stream in gzip", |text| {
        let events: String = text.pieces.iter().map(|piece| format!("data: {}\n\n", openai(piece))).collect();
        body(gzip(&(events + "data: [DONE]\n\n")))
    }),
];

/// A member of a post that holds a text.
pub(crate) struct Leaf {
    kind: Post,
    whole: Value,
    pub(crate) pointer: String,
}

impl Leaf {
    pub(crate) fn plant(&self, made: &Made) -> Planted {
        let (mut post, mut left) = (self.whole.clone(), self.whole.clone());
        let label = if made.name.is_empty() { String::new() } else { format!("{}=", made.name) };
        *post.pointer_mut(&self.pointer).unwrap() = json!(format!("see {label}{} here", made.written()));
        *left.pointer_mut(&self.pointer).unwrap() = json!(format!("see {label}{}{} here", made.before, made.after));
        // A name that grew too long is masked as a whole.
        let mut none = self.whole.clone();
        *none.pointer_mut(&self.pointer).unwrap() = json!("");
        // A URL's parameter goes to its end.
        let mut end = self.whole.clone();
        *end.pointer_mut(&self.pointer).unwrap() = json!(format!("see {label}{}", made.before));
        Planted { kind: self.kind, post, expected: vec![left, none, end], fragments: made.fragments() }
    }
}

/// Every member of posts that may hold a text, of posts that have all members.
pub(crate) fn leaves() -> Vec<Leaf> {
    let posts =
        [(Post::Run, super::decoys::run()), (Post::Patch, super::decoys::patch()), (Post::Step, super::decoys::step())];
    let mut leaves = Vec::new();
    for (kind, whole) in posts {
        let mut left = vec![(String::new(), &whole)];
        while let Some((pointer, value)) = left.pop() {
            match value {
                Value::Object(members) => {
                    left.extend(members.iter().map(|(name, value)| (format!("{pointer}/{name}"), value)));
                }
                Value::Array(values) => {
                    left.extend(values.iter().enumerate().map(|(at, value)| (format!("{pointer}/{at}"), value)));
                }
                Value::String(text) if text == super::decoys::TEXT => {
                    leaves.push(Leaf { kind, whole: whole.clone(), pointer });
                }
                _ => {}
            }
        }
    }
    assert!(leaves.len() >= 20, "few places are found");
    leaves
}
