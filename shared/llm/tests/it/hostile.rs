//! Bodies that ask for as much as they can: for a part, a choice or a place with every few bytes.

/// What a body is, how often its piece is there in a small one, and one with so many.
pub(crate) type Kind = (&'static str, usize, fn(usize) -> String);

fn event(data: &str) -> String {
    format!("data: {data}\n\n")
}

fn delta(index: usize, delta: &str) -> String {
    event(&format!(r#"{{"choices":[{{"index":{index},"delta":{delta}}}]}}"#))
}

fn block(index: usize) -> String {
    event(&format!(r#"{{"type":"content_block_delta","index":{index},"delta":{{"text":"x"}}}}"#))
}

fn list(before: &str, piece: &str, n: usize, after: &str) -> String {
    format!("{before}{}{piece}{after}", format!("{piece},").repeat(n))
}

const CALL: &str = r#"{"tool_calls":[{"index":0,"function":{"name":"w","arguments":"{}"}}]}"#;
const ITEM: &str = r#"{"type":"response.output_item.done","output_index":0,"item":{"type":"message","content":[{"type":"output_text","text":"x"}]}}"#;
const RESULT: &str = r#"{"role":"tool","content":[{"type":"tool_result"},{"type":"tool_result","content":{"a":1}}]}"#;
const BATCH: &str = "{\"custom_id\":\"a\",\"response\":{\"body\":{\"choices\":[{\"message\":{\"content\":\"x\"}}]}}}\n";
const DONE: &str = r#"{"type":"response.done","response":{"output":[{"type":"function_call","name":"w"}]}}"#;

pub(crate) const KINDS: [Kind; 49] = [
    ("blocks", 2_000, |n| (0..n).map(block).collect()),
    ("blocks, back and forth", 2_000, |n| (0..n).map(|n| block(n % 2 * n)).collect()),
    ("choices", 2_000, |n| (0..n).map(|n| delta(n, r#"{"content":"x"}"#)).collect()),
    ("choices that end", 2_000, |n| {
        (0..n).map(|n| event(&format!(r#"{{"choices":[{{"index":{n},"finish_reason":"stop"}}]}}"#))).collect()
    }),
    ("one choice", 2_000, |n| (0..n).map(|_| delta(0, r#"{"content":"x","a":{}}"#)).collect()),
    ("calls in one place", 2_000, |n| (0..n).map(|_| delta(0, CALL)).collect()),
    ("pieces of a call", 2_000, |n| {
        (0..n).map(|_| delta(0, r#"{"tool_calls":[{"function":{"arguments":"{"}}]}"#)).collect()
    }),
    ("thoughts and words", 2_000, |n| (0..n).map(|_| delta(0, r#"{"content":"x","reasoning":"y"}"#)).collect()),
    ("items sent again", 2_000, |n| event(ITEM).repeat(n)),
    ("whole responses", 2_000, |n| event(DONE).repeat(n)),
    ("sessions", 2_000, |n| {
        [r#"{"type":"response.created"}"#, r#"{"type":"response.done","response":{"status":"completed"}}"#]
            .map(event)
            .concat()
            .repeat(n)
    }),
    ("turns", 2_000, |n| {
        "{\"serverContent\":{\"modelTurn\":{\"parts\":[{\"text\":\"x\"}]},\"turnComplete\":true}}\n".repeat(n)
    }),
    ("texts with names", 2_000, |n| {
        (0..n).map(|n| event(&format!(r#"{{"type":"text-delta","id":"{n}","delta":"x"}}"#))).collect()
    }),
    ("calls with names", 2_000, |n| {
        (0..n).map(|n| event(&format!(r#"{{"type":"tool-input-available","toolCallId":"{n}","input":1}}"#))).collect()
    }),
    ("lines with codes", 4_000, |n| "0:\"x\"\n".repeat(n)),
    ("lines with codes, by turns", 4_000, |n| "0:\"\\n\"\ng:\"x\"\n".repeat(n)),
    ("counts", 2_000, |n| (0..n).map(|n| event(&format!(r#"{{"choices":[],"usage":{{"a{n}":1}}}}"#))).collect()),
    ("counts in one answer", 4_000, |n| {
        let counts = (0..n).map(|n| format!("\"{n}\":1,")).collect::<Vec<_>>().concat();
        format!(r#"{{"choices":[],"usage":{{{counts}"a":1}}}}"#)
    }),
    ("unknown events", 2_000, |n| event(r#"{"a":1}"#).repeat(n)),
    ("unknown events of many names", 2_000, |n| (0..n).map(|n| event(&format!(r#"{{"type":"{n}","a":1}}"#))).collect()),
    ("events that are no JSON", 2_000, |n| event("a").repeat(n)),
    ("results of a batch", 2_000, |n| BATCH.repeat(n)),
    ("batches in batches", 2_000, |n| format!("{}1{}", r#"{"custom_id":"a","response":"#.repeat(n), "}".repeat(n))),
    ("results in one list", 2_000, |n| list(r#"{"response":{"inlinedResponses":["#, r#"{"response":1}"#, n, "]}}")),
    ("results", 2_000, |n| list(r#"{"messages":["#, RESULT, n, "]}")),
    ("messages that are none", 4_000, |n| list(r#"{"messages":["#, "7", n, "]}")),
    ("parts that are none", 4_000, |n| list(r#"{"messages":[{"role":"user","content":["#, "{}", n, "]}]}")),
    ("choices that are none", 4_000, |n| list(r#"{"choices":["#, "7", n, "]}")),
    ("tools", 4_000, |n| list(r#"{"tools":["#, "7", n, "]}")),
    ("parameters", 4_000, |n| list("{", "\"a\":1", n, "}")),
    ("predictions", 4_000, |n| list(r#"{"predictions":["#, "7", n, "]}")),
    ("members", 4_000, |n| format!("{{{}\"a\":1}}", "\"content\":\"x\",".repeat(n))),
    ("a message of members", 4_000, |n| list(r#"{"messages":[{"role":"user","#, "\"a\":[1]", n, "}]}")),
    ("halves of pairs", 20_000, |n| format!("{{\"prompt\":\"{}\"}}", "\\ud83d".repeat(n))),
    ("halves of pairs, line by line", 4_000, |n| "[\"\\ud83d\"]\n".repeat(n)),
    ("backslashes", 20_000, |n| format!("[\"{}", "\\".repeat(n))),
    ("quotes", 20_000, |n| format!("[{}", "\"".repeat(n))),
    ("brackets", 20_000, |n| "[".repeat(n)),
    ("brackets, line by line", 20_000, |n| format!("{{}}\n{}", "[\n".repeat(n))),
    ("texts without ends", 4_000, |n| format!("{{}}\n{}", "{\"a\n".repeat(n))),
    ("wrappers", 4_000, |n| format!("{}1{}", "{\"content\":[".repeat(n), "]}".repeat(n))),
    ("lines", 4_000, |n| "{}\n".repeat(n)),
    ("fields", 4_000, |n| format!("data: x{}", "\ndata: x".repeat(n))),
    ("an error", 20_000, |n| format!(r#"{{"error":{{"a":"{}"}}}}"#, "x".repeat(n))),
    ("attributes", 4_000, |n| list("{", "\"a.0\":1", n, "}")),
    ("attributes of a list", 2_000, |n| {
        let members: Vec<_> = (0..n).map(|n| format!(r#""gen_ai.prompt.{n}.content":"x""#)).collect();
        format!("{{{}}}", members.join(","))
    }),
    ("steps of an attribute", 20_000, |n| format!("{{\"a{}\":1,\"a{}.b\":1}}", ".0".repeat(n), ".0".repeat(n))),
    ("texts that grow", 40_000, |n| {
        let text = |n| format!(r#"{{"output":{{"text":"{}","finish_reason":"null"}}}}"#, "xy".repeat(n));
        (0..n.isqrt()).map(|n| event(&text(n))).collect()
    }),
    ("words in an array", 2_000, |n| list("[", r#"{"candidates":[{"candidates":[{"name":"x","aCount":1}]}]}"#, n, "]")),
];
