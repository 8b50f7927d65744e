//! Bodies as they are: a long conversation that is sent, or a long answer that comes, in each kind's words.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use std::io::Write;

/// A request and a response with so many messages, chunks or values.
type Bodies = fn(usize) -> (Vec<u8>, Vec<u8>);

const WORDS: &str = "It was the best of times, it was the worst of times. ";

fn list(before: &str, piece: &str, n: usize, after: &str) -> Vec<u8> {
    format!("{before}{}{piece}{after}", format!("{piece},").repeat(n)).into_bytes()
}

fn events(first: &str, piece: &str, n: usize, last: &str) -> Vec<u8> {
    let event = |data: &str| format!("data: {data}\n\n");
    [event(first), event(piece).repeat(n), event(last)].concat().into_bytes()
}

fn asked(messages: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
    (messages, b"{}".to_vec())
}

fn said(answer: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
    (b"{}".to_vec(), answer)
}

fn message(n: usize) -> Vec<u8> {
    let piece = format!(r#"{{"role":"user","content":"{}"}}"#, WORDS.repeat(4));
    list(r#"{"model":"m","messages":["#, &piece, n, "]}")
}

fn frame(name: &str, payload: &str) -> Vec<u8> {
    let length = |bytes: usize| u32::try_from(bytes).unwrap().to_be_bytes();
    let header = [b"\x0b:event-type\x07\0", &length(name.len())[3..], name.as_bytes()].concat();
    let whole = length(16 + header.len() + payload.len());
    [&whole[..], &length(header.len()), &[0; 4], &header, payload.as_bytes(), &[0; 4]].concat()
}

fn lines(piece: &str, n: usize, last: &str) -> Vec<u8> {
    let line = |line: &str| line.to_owned() + "\n";
    [line(piece).repeat(n), line(last)].concat().into_bytes()
}

const USAGE: &str = r#""usage":{"prompt_tokens":7,"completion_tokens":9}"#;
const ANTHROPIC: [&str; 2] = [
    r#"{"type":"message_start","message":{"content":[],"usage":{"input_tokens":7,"output_tokens":1}}}"#,
    r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}"#,
];
/// The answers that are too many to be added up while a step is written.
pub(crate) const A_BATCH: &str = "a batch";

pub(crate) const KINDS: [(&str, Bodies); 21] = [
    ("a conversation", |n| asked(message(n))),
    ("a conversation, gzipped", |n| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let words = (0..n).map(|n| format!("{:x}", n.wrapping_mul(2_654_435_761)).repeat(20));
        let texts: Vec<_> = words.map(|words| format!(r#"{{"role":"user","content":"{words}"}}"#)).collect();
        encoder.write_all(format!(r#"{{"messages":[{}]}}"#, texts.join(",")).as_bytes()).unwrap();
        asked(encoder.finish().unwrap())
    }),
    ("calls and results", |n| {
        asked(list(
            r#"{"messages":["#,
            r#"{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"x","input":{"a":[1,2,{"b":null}]}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":[{"type":"text","text":"Sunny."}]}]}"#,
            n,
            "]}",
        ))
    }),
    ("an image", |n| {
        let image = STANDARD.encode(vec![7; n * 40]);
        asked(format!(r#"{{"messages":[{{"role":"user","content":[{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{image}"}}}}]}}]}}"#).into_bytes())
    }),
    ("messages held as a text", |n| {
        let inner = String::from_utf8(list(
            "[",
            r#"{"role":"user","parts":[{"type":"text","content":"It was the best of times."}]}"#,
            n,
            "]",
        ))
        .unwrap();
        asked(format!(r#"{{"gen_ai.input.messages":{}}}"#, serde_json::to_string(&inner).unwrap()).into_bytes())
    }),
    ("an answer in one piece", |n| {
        let text = WORDS.repeat(n);
        let answer = format!(r#"{{"choices":[{{"message":{{"content":"{text}"}}}}],{USAGE}}}"#);
        said(answer.into_bytes())
    }),
    ("chat completions", |n| {
        let piece = r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}"#;
        said(events(piece, piece, n, &format!(r#"{{"choices":[],{USAGE}}}"#)))
    }),
    ("the same, counting in each event", |n| {
        let piece = format!(
            r#"{{"id":"c","object":"chat.completion.chunk","choices":[{{"index":0,"delta":{{"content":" word"}}}}],{USAGE}}}"#
        );
        said(events(&piece, &piece, n, &piece))
    }),
    ("responses", |n| {
        let piece = r#"{"type":"response.output_text.delta","item_id":"i","output_index":0,"content_index":0,"delta":" word","sequence_number":7}"#;
        let last = r#"{"type":"response.completed","response":{"usage":{"input_tokens":7,"output_tokens":9}}}"#;
        said(events(piece, piece, n, last))
    }),
    ("Anthropic's messages", |n| {
        let piece = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" word"}}"#;
        said(events(ANTHROPIC[0], piece, n, ANTHROPIC[1]))
    }),
    ("a call in pieces", |n| {
        let piece =
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}"#;
        said(events(
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"c","name":"x","input":{}}}"#,
            piece,
            n,
            ANTHROPIC[1],
        ))
    }),
    ("Gemini's array", |n| {
        said(list(
            "[",
            r#"{"candidates":[{"content":{"parts":[{"text":" word"}],"role":"model"}}],"usageMetadata":{"promptTokenCount":7}}"#,
            n,
            "]",
        ))
    }),
    ("Gemini's array, as it is sent", |n| {
        let piece = "{\n  \"candidates\": [\n    {\n      \"content\": {\n        \"parts\": [\n          {\n            \"text\": \" word\"\n          }\n        ]\n      }\n    }\n  ],\n  \"usageMetadata\": {\n    \"promptTokenCount\": 7\n  }\n}";
        said(format!("[{}{piece}]", format!("{piece}\n,\r\n").repeat(n)).into_bytes())
    }),
    ("Bedrock's frames", |n| {
        let piece =
            frame("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":" word"},"p":"abcdefghijkl"}"#)
                .repeat(n);
        said([piece, frame("metadata", r#"{"usage":{"inputTokens":7,"outputTokens":9}}"#)].concat())
    }),
    ("Bedrock's frames around others", |n| {
        let wrapped =
            |event: &str| frame("chunk", &format!(r#"{{"bytes":"{}","p":"abcdefghijkl"}}"#, STANDARD.encode(event)));
        let piece = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" word"}}"#;
        said([wrapped(ANTHROPIC[0]), wrapped(piece).repeat(n), wrapped(ANTHROPIC[1])].concat())
    }),
    ("Ollama's lines", |n| {
        said(lines(
            r#"{"model":"m","created_at":"2026-01-02T03:04:05Z","message":{"role":"assistant","content":" word"},"done":false}"#,
            n,
            r#"{"model":"m","message":{"role":"assistant","content":""},"done":true,"prompt_eval_count":7,"eval_count":9}"#,
        ))
    }),
    ("the AI SDK's events", |n| {
        let piece = r#"{"type":"text-delta","id":"0","delta":" word"}"#;
        said(events(
            r#"{"type":"start"}"#,
            piece,
            n,
            r#"{"type":"finish","messageMetadata":{"usage":{"inputTokens":7,"outputTokens":9}}}"#,
        ))
    }),
    ("the AI SDK's lines", |n| {
        said(lines("0:\" word\"", n, r#"d:{"finishReason":"stop","usage":{"promptTokens":7,"completionTokens":9}}"#))
    }),
    ("a realtime session", |n| {
        said(lines(
            r#"{"type":"response.output_audio.delta","output_index":0,"delta":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
            n,
            r#"{"type":"response.done","response":{"usage":{"input_tokens":7,"output_tokens":9}}}"#,
        ))
    }),
    (A_BATCH, |n| {
        let line = r#"{"custom_id":"a","response":{"status_code":200,"body":{"choices":[{"index":0,"message":{"content":"It was the best of times."},"finish_reason":"stop"}],"usage":{"prompt_tokens":7}}}}"#;
        said(lines(line, n, line))
    }),
    ("embeddings", |n| {
        said(list(
            r#"{"data":["#,
            &format!(r#"{{"embedding":[{}0.5]}}"#, "-0.0123456789,".repeat(255)),
            n,
            r#"],"usage":{"prompt_tokens":7}}"#,
        ))
    }),
];

/// The bodies of a kind with about so many bytes.
pub(crate) fn as_large_as(bodies: Bodies, bytes: usize) -> (Vec<u8>, Vec<u8>) {
    let length = |n| {
        let (request, response) = bodies(n);
        request.len() + response.len()
    };
    let (few, more) = (length(50), length(150));
    bodies(100 * bytes / (more - few).max(1))
}
