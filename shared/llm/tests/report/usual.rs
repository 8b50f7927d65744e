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

fn frame(payload: &str) -> Vec<u8> {
    let name = b"\x0b:event-type\x07\x00\x11contentBlockDelta";
    let lengths =
        [16 + name.len() + payload.len(), name.len()].map(|length| u32::try_from(length).unwrap().to_be_bytes());
    [&lengths[0][..], &lengths[1], &[0; 4], name, payload.as_bytes(), &[0; 4]].concat()
}

pub(crate) const KINDS: [(&str, Bodies); 17] = [
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
    ("chat completions", |n| {
        let piece = r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}"#;
        said(events(piece, piece, n, "[DONE]"))
    }),
    ("responses", |n| {
        let piece = r#"{"type":"response.output_text.delta","item_id":"i","output_index":0,"content_index":0,"delta":" word","sequence_number":7}"#;
        said(events(piece, piece, n, r#"{"type":"response.completed","response":{}}"#))
    }),
    ("Anthropic's messages", |n| {
        let piece = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" word"}}"#;
        said(events(r#"{"type":"message_start","message":{"content":[]}}"#, piece, n, r#"{"type":"message_stop"}"#))
    }),
    ("a call in pieces", |n| {
        let piece =
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}"#;
        said(events(
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"c","name":"x","input":{}}}"#,
            piece,
            n,
            r#"{"type":"message_stop"}"#,
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
    ("Bedrock's frames", |n| {
        said(frame(r#"{"contentBlockIndex":0,"delta":{"text":" word"},"p":"abcdefghijkl"}"#).repeat(n))
    }),
    ("Ollama's lines", |n| {
        said(r#"{"model":"m","created_at":"2026-01-02T03:04:05Z","message":{"role":"assistant","content":" word"},"done":false}
"#.repeat(n).into_bytes())
    }),
    ("the AI SDK's events", |n| {
        let piece = r#"{"type":"text-delta","id":"0","delta":" word"}"#;
        said(events(r#"{"type":"start"}"#, piece, n, r#"{"type":"finish"}"#))
    }),
    ("the AI SDK's lines", |n| said("0:\" word\"\n".repeat(n).into_bytes())),
    ("a realtime session", |n| {
        said(r#"{"type":"response.output_audio.delta","output_index":0,"delta":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}
"#.repeat(n).into_bytes())
    }),
    ("a batch", |n| {
        said(r#"{"custom_id":"a","response":{"status_code":200,"body":{"choices":[{"index":0,"message":{"content":"It was the best of times."},"finish_reason":"stop"}],"usage":{"prompt_tokens":7}}}}
"#.repeat(n).into_bytes())
    }),
    ("embeddings", |n| {
        said(list(r#"{"data":["#, &format!(r#"{{"embedding":[{}0.5]}}"#, "-0.0123456789,".repeat(255)), n, "]}"))
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
