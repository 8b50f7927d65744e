use super::bodies::masked;
use crate::body::frames;
use base64::{Engine as _, engine::general_purpose::STANDARD};

const KEY: &str = "sk-proj-Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0AeUiOqTnB";
const MASK: &str = "[REDACTED:openai-key]";

/// A piece of a text as an event of a stream.
type Event = fn(&str) -> String;

/// How providers stream a text.
const EVENTS: [(&str, Event); 20] = [
    ("OpenAI chat", |piece| format!(r#"{{"id":"c-1","choices":[{{"index":0,"delta":{{"content":"{piece}"}}}}]}}"#)),
    ("its reasoning", |piece| format!(r#"{{"choices":[{{"delta":{{"reasoning_content":"{piece}"}},"index":1}}]}}"#)),
    ("its calls", |piece| {
        let call = format!(r#"{{"index":2,"function":{{"arguments":"{piece}"}}}}"#);
        format!(r#"{{"choices":[{{"index":0,"delta":{{"tool_calls":[{call}]}}}}]}}"#)
    }),
    ("OpenAI responses", |piece| {
        format!(r#"{{"type":"response.output_text.delta","item_id":"i-1","content_index":0,"delta":"{piece}"}}"#)
    }),
    ("Anthropic", |piece| {
        let delta = format!(r#"{{"type":"text_delta","text":"{piece}"}}"#);
        format!(r#"{{"type":"content_block_delta","index":1,"delta":{delta}}}"#)
    }),
    ("its calls", |piece| {
        let delta = format!(r#"{{"type":"input_json_delta","partial_json":"{piece}"}}"#);
        format!(r#"{{"type":"content_block_delta","index":1,"delta":{delta}}}"#)
    }),
    ("Gemini", |piece| format!(r#"{{"candidates":[{{"content":{{"parts":[{{"text":"{piece}"}}]}}}}]}}"#)),
    ("its thoughts", |piece| {
        format!(r#"{{"candidates":[{{"content":{{"parts":[{{"thought":true,"text":"{piece}"}}]}}}}]}}"#)
    }),
    ("Bedrock", |piece| format!(r#"{{"contentBlockIndex":0,"delta":{{"text":"{piece}"}}}}"#)),
    ("Ollama", |piece| format!(r#"{{"message":{{"content":"{piece}"}},"done":false}}"#)),
    ("Cohere", |piece| {
        format!(r#"{{"type":"content-delta","index":0,"delta":{{"message":{{"content":{{"text":"{piece}"}}}}}}}}"#)
    }),
    ("its plans", |piece| format!(r#"{{"type":"tool-plan-delta","delta":{{"message":{{"tool_plan":"{piece}"}}}}}}"#)),
    ("its calls", |piece| format!(r#"{{"tool_call_delta":{{"index":0,"parameters":"{piece}"}}}}"#)),
    ("LangGraph", |piece| {
        format!(r#"[{{"tool_call_chunks":[{{"args":"{piece}","index":0}}],"type":"AIMessageChunk"}},{{}}]"#)
    }),
    ("Gemini's calls", |piece| {
        let call = format!(r#"{{"functionCall":{{"partialArgs":[{{"jsonPath":"$.x","stringValue":"{piece}"}}]}}}}"#);
        format!(r#"{{"candidates":[{{"content":{{"parts":[{call}]}}}}]}}"#)
    }),
    ("a shell", |piece| format!(r#"{{"type":"response.shell_call.delta","delta":{{"stdout":"{piece}"}}}}"#)),
    ("AI SDK", |piece| format!(r#"{{"type":"text-delta","id":"0","delta":"{piece}"}}"#)),
    ("its calls", |piece| format!(r#"{{"type":"tool-input-delta","toolCallId":"c-1","inputTextDelta":"{piece}"}}"#)),
    ("texts", |piece| format!(r#""{piece}""#)),
    ("an unknown one", |piece| format!(r#"{{"kind":"x","arguments":"{piece}"}}"#)),
];

/// A body of events.
type Body = fn(&[String]) -> Vec<u8>;

/// How events become a body.
const BODIES: [(&str, Body); 6] = [
    ("server-sent events", |events| {
        events.iter().flat_map(|event| format!("event: e\ndata: {event}\n\n: ping\n\n").into_bytes()).collect()
    }),
    ("the same with other line ends", |events| {
        events.iter().flat_map(|event| format!("data:{event}\r\n\r\n").into_bytes()).collect()
    }),
    ("JSON lines", |events| events.iter().flat_map(|event| format!("{event}\n").into_bytes()).collect()),
    ("lines behind a mark", |events| {
        "\u{feff}".bytes().chain(events.iter().flat_map(|event| format!("{event}\n").into_bytes())).collect()
    }),
    ("frames", |events| events.iter().flat_map(|event| frame(event)).collect()),
    ("frames of events in base64", |events| {
        events
            .iter()
            .flat_map(|event| frame(&format!(r#"{{"p":"abc","bytes":"{}"}}"#, STANDARD.encode(event))))
            .collect()
    }),
];

fn frame(payload: &str) -> Vec<u8> {
    frames::frame(b"\x0b:event-type\x07\0\x05chunk", payload.as_bytes())
}

#[track_caller]
fn assert_masked(pieces: &[&str], kept: &[&str]) {
    for (body_name, body) in BODIES {
        for (name, event) in EVENTS {
            let of = |pieces: &[&str]| body(&pieces.iter().map(|piece| event(piece)).collect::<Vec<_>>());
            let found = masked(&of(pieces), "", "");
            let expected = of(kept);
            assert!(
                found == expected,
                "{name}, {body_name}: {}\n{}",
                String::from_utf8_lossy(&found),
                String::from_utf8_lossy(&expected)
            );
        }
    }
}

#[test]
fn every_cut_of_a_key_in_two_is_masked_as_no_cut() {
    for cut in 1..KEY.len() {
        let (one, two) = KEY.split_at(cut);
        let (first, last) = (format!("use {one}"), format!("{two} now"));
        let mask = format!("use {MASK}");
        assert_masked(&["I ", &first, &last, "."], &["I ", &mask, " now", "."]);
    }
}

#[test]
fn a_key_in_many_pieces_is_masked_in_the_first() {
    let pieces: Vec<String> = KEY.chars().map(String::from).collect();
    let pieces: Vec<&str> = [&["a "][..], &pieces.iter().map(|piece| &**piece).collect::<Vec<_>>(), &[" b"]].concat();
    let mut kept = vec!["a ", MASK];
    kept.extend(vec![""; KEY.len() - 1]);
    kept.push(" b");
    assert_masked(&pieces, &kept);
}

#[test]
fn names_count_in_arguments_that_come_in_pieces() {
    // Sources of JSON within JSON: their quotes are escaped.
    let given = [r#"{\"user\":\"u\",\"pass"#, r#"word\":\"hunt"#, "er2-", r#"xyz\",\"n\":1}"#];
    let kept = [r#"{\"user\":\"u\",\"pass"#, r#"word\":\"[REDACTED:password]"#, "", r#"\",\"n\":1}"#];
    assert_masked(&given, &kept);
}

#[test]
fn channels_come_in_any_order() {
    let (one, two) = KEY.split_at(20);
    let event = |index: usize, piece: &str| {
        format!("data: {{\"choices\":[{{\"index\":{index},\"delta\":{{\"content\":\"{piece}\"}}}}]}}\n\n")
    };
    let body = |a: &str, b: &str| {
        [
            event(0, a),
            "data: {\"type\":\"ping\"}\n\n".into(),
            event(1, "other words"),
            event(0, b),
            "data: [DONE]\n\n".into(),
        ]
        .concat()
        .into_bytes()
    };
    assert_eq!(masked(&body(one, two), "", ""), body(MASK, ""));
}

#[test]
fn a_key_that_breaks_off_with_its_stream_is_masked() {
    let event =
        |piece: &str| format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{piece}\"}}}}]}}\n\n");
    let cut = [event("use sk-proj-Qm7x"), event("R2vKp9")].concat().into_bytes();
    assert_eq!(masked(&cut, "", ""), [event(&format!("use {MASK}")), event("")].concat().into_bytes());
    let whole = [event("use sk-proj-Qm7x"), event("R2vKp9"), "data: [DONE]\n\n".into()].concat().into_bytes();
    assert_eq!(masked(&whole, "", ""), whole);
}

#[test]
fn an_array_of_chunks_is_a_stream() {
    let chunk = |piece: &str| format!(r#"{{"candidates":[{{"content":{{"parts":[{{"text":"{piece}"}}]}}}}]}}"#);
    let body = |pieces: &[&str]| {
        format!("[{}\n]", pieces.iter().map(|piece| chunk(piece)).collect::<Vec<_>>().join(",\r\n")).into_bytes()
    };
    let (one, two) = KEY.split_at(11);
    assert_eq!(masked(&body(&["a ", one, two, " b"]), "", ""), body(&["a ", MASK, "", " b"]));
}

#[test]
fn objects_one_behind_the_other_are_a_stream() {
    for gap in ["", "\n", "\r\n"] {
        let object = |piece: &str| format!("{{\n  \"response\": \"{piece}\",\n  \"done\": false\n}}");
        let body =
            |pieces: &[&str]| pieces.iter().map(|piece| object(piece)).collect::<Vec<_>>().join(gap).into_bytes();
        let (one, two) = KEY.split_at(11);
        assert_eq!(masked(&body(&["a ", one, two, " b"]), "", ""), body(&["a ", MASK, "", " b"]));
    }
}

#[test]
fn headers_of_frames_keep_their_length() {
    let headers = |message: &str| [b"\x0e:error-message\x07\0\x3a", message.as_bytes()].concat();
    let given = frames::frame(&headers(&format!("bad key {KEY}")), b"{}");
    let kept = frames::frame(&headers(&format!("bad key {MASK}{}", "*".repeat(KEY.len() - MASK.len()))), b"{}");
    assert_eq!(masked(&given, "", ""), kept);
}

#[test]
fn a_private_key_over_deltas_is_one() {
    let event =
        |said: &str| format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{said}\"}}}}]}}\n\n");
    let key = format!("EY-----\\n{}\\n-----END RSA PRIVATE KEY-----", "MIIEpAIBAAKCAQEA7Qm7xR2vKp9Lw4Zt".repeat(2));
    let given = [event("-----BEGIN RSA PRIVATE K"), event(&format!("{key}\\nok"))].concat();
    let stored = [event("[REDACTED:private-key]"), event("\\nok")].concat();
    assert_eq!(masked(given.as_bytes(), "", ""), stored.as_bytes());
    // A piece that is the end of one by itself has no mask of its own.
    let (lines, ok) = ("MIIEpAIBAAKCAQEA7Qm7xR2vKp9Lw4Zt".repeat(2), "-----END RSA PRIVATE KEY-----\\nok");
    let begin = format!("-----BEGIN RSA PRIVATE KEY-----\\n{lines}\\n");
    let given = [event(&begin), event(&format!("{lines}\\n{ok}"))].concat();
    assert_eq!(masked(given.as_bytes(), "", ""), stored.as_bytes());
}

#[test]
fn what_is_no_event_is_read_as_a_text() {
    let key = "-----BEGIN PRIVATE KEY-----\nQm7xR2vKp9Lw4Zt8\n-----END PRIVATE KEY-----";
    let text = |key: &str| format!("data: {{\"a\":1}}\n\nerror:\n{key}\n").into_bytes();
    assert_eq!(masked(&text(key), "", ""), text("[REDACTED:private-key]"));
}

#[test]
fn lines_that_say_their_kind_are_put_together_by_it() {
    let lines =
        |one: &str, two: &str| format!("f:{{\"messageId\":\"m\"}}\n0:\"a {one}\"\ng:\"hm\"\n0:\"{two} b\"\nd:{{}}\n");
    for at in 1..KEY.len() {
        let (one, two) = KEY.split_at(at);
        let kept = String::from_utf8(masked(lines(one, two).as_bytes(), "", "")).expect("a text");
        assert_eq!(kept, lines(MASK, ""), "{at}");
    }
}

#[test]
fn an_event_on_several_lines_is_read_as_one() {
    for end in ["\n", "\r\n"] {
        let event = |one: &str, two: &str| {
            let lines = [
                "event: e",
                "data: {\"a\": 1,",
                &format!("data: \"b\": \"see {one}"),
                &format!("data: {two} there\"}}"),
                "",
                "",
            ];
            lines.join(end)
        };
        for at in 1..KEY.len() {
            let (one, two) = KEY.split_at(at);
            let kept = String::from_utf8(masked(event(one, two).as_bytes(), "", "")).expect("a text");
            assert_eq!(kept, event(MASK, ""), "{at}");
        }
        // What is on lines of two events is no one text.
        let apart = format!("data: {{\"a\":\"x\"}}{end}{end}data: {{\"b\":\"y\"}}{end}{end}");
        assert_eq!(masked(apart.as_bytes(), "", ""), apart.as_bytes());
    }
}
