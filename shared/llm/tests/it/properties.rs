//! What holds of every input: a stream that is cut gives a beginning of the whole view, nothing panics, and nothing takes
//! longer than its length allows.
//!
//! `FUZZ_ROUNDS=10000 cargo test -p llm --test it broken` breaks each body so often, by a seed of its own, which a failure
//! names.

use crate::recorded::{self, attempt};
use api::{
    step::Body,
    view::{Choice, Content, Outcome, Part, StepView},
};
use llm::Recorded;
use std::{fs, hint::black_box};

fn view(request: &[u8], response: &[u8]) -> StepView {
    let attempt = attempt("https://h.example/x", Some(Body(request.to_vec())), Some(Body(response.to_vec())));
    Recorded { attempts: &[attempt], ..Recorded::default() }.view()
}

/// Whether a part may be the beginning of another.
fn begins(part: &Part, whole: &Part) -> bool {
    match (&part.content, &whole.content) {
        (Content::Text { text }, Content::Text { text: whole })
        | (Content::Refusal { text }, Content::Refusal { text: whole })
        | (Content::Compaction { text }, Content::Compaction { text: whole })
        | (Content::Thinking { text, .. }, Content::Thinking { text: whole, .. }) => whole.starts_with(text),
        (
            Content::ToolCall { id, name, arguments, .. },
            Content::ToolCall { id: whole_id, name: whole_name, arguments: whole, .. },
        ) => (id.is_none() || id == whole_id) && whole_name.starts_with(name) && whole.starts_with(&**arguments),
        (Content::Other { name, raw }, Content::Other { name: whole_name, raw: whole }) => {
            name == whole_name && whole.starts_with(raw)
        }
        (Content::Media { kind, bytes, .. }, Content::Media { kind: whole_kind, bytes: whole, .. }) => {
            kind == whole_kind && bytes <= whole
        }
        (part, whole) => part == whole,
    }
}

fn choice_begins(choice: &Choice, whole: &Choice) -> bool {
    choice.parts.len() <= whole.parts.len()
        && choice.parts.iter().zip(&whole.parts).all(|(part, whole)| begins(part, whole))
        && (choice.finish.is_none() || choice.finish == whole.finish)
}

#[test]
fn a_cut_stream_is_a_beginning_of_the_whole() {
    let mut streams = 0;
    for (name, body) in recorded::bodies().into_iter().filter(|(_, body)| body.0.len() < 6_000) {
        let whole = view(b"{\"stream\":true}", &body.0);
        if !whole.is_stream || whole.attempts[0].response.as_ref().is_none_or(|it| !it.framing.is_stream()) {
            continue;
        }
        streams += 1;
        for end in 1..body.0.len() {
            let cut = view(b"{\"stream\":true}", &body.0[..end]);
            // What is cut before its first event need not look like a stream.
            if cut.attempts[0].response.as_ref().is_none_or(|it| !it.framing.is_stream()) {
                continue;
            }
            for choice in &cut.answer {
                let whole = whole.answer.iter().find(|whole| whole.index == choice.index);
                assert!(
                    whole.is_some_and(|whole| choice_begins(choice, whole)),
                    "{name}, {end} bytes: {choice:#?}\nof {whole:#?}"
                );
            }
            let is_less = cut.answer != whole.answer && whole.outcome == Outcome::Completed;
            let is_batch = whole.answer.iter().any(|choice| choice.id.is_some());
            assert!(!is_less || is_batch || cut.outcome != Outcome::Completed, "{name}, {end} bytes: {:?}", cut.answer);
        }
    }
    assert!(streams > 15, "{streams} streams");
}

/// Pieces that break or bend JSON and streams.
const PIECES: [&str; 24] = [
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "1e999",
    "-",
    "NaN",
    "\\ud83d",
    "\n",
    "\n\n",
    "\r",
    "data: ",
    "event: error\n",
    "[DONE]",
    "{\"type\":\"error\"}",
    "\"index\":18446744073709551615",
    "\"content\":[[[]]]",
    "\u{fffd}",
    "\0",
];

#[test]
fn nothing_that_is_broken_panics() {
    let rounds = std::env::var_os("FUZZ_ROUNDS").and_then(|rounds| rounds.to_str()?.parse().ok());
    let seed = if rounds.is_some() { fastrand::u64(..) } else { 14 };
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let bodies = recorded::bodies();
    for (_, Body(body)) in &bodies {
        for _ in 0..rounds.unwrap_or(20) {
            let mut broken = body.clone();
            for _ in 0..random.usize(1..4) {
                let (start, end) = (random.usize(..=broken.len()), random.usize(..=broken.len()));
                let range = start.min(end)..start.max(end).min(start.min(end) + 20);
                match random.u8(..4) {
                    0 => drop(broken.drain(range)),
                    1 => drop(broken.splice(range, random.choice(PIECES).unwrap().bytes())),
                    2 => {
                        let other = &bodies[random.usize(..bodies.len())].1.0;
                        let from = random.usize(..=other.len());
                        let piece = other[from..].iter().take(200).copied().collect::<Vec<_>>();
                        drop(broken.splice(start..start, piece));
                    }
                    _ => broken.iter_mut().skip(start).take(1).for_each(|byte| *byte = random.u8(..)),
                }
            }
            let view = view(&broken, &broken);
            let json = serde_json::to_string(&view).unwrap();
            assert_eq!(serde_json::from_str::<StepView>(&json).unwrap(), view);
        }
    }
}

#[test]
fn a_step_is_read_in_the_time_of_its_length() {
    let event = |data: &str| format!("data: {data}\n\n");
    let delta = |index: usize, delta: &str| event(&format!(r#"{{"choices":[{{"index":{index},"delta":{delta}}}]}}"#));
    let block = |index: usize, delta: &str| {
        event(&format!(r#"{{"type":"content_block_delta","index":{index},"delta":{delta}}}"#))
    };
    let call = r#"{"tool_calls":[{"index":0,"function":{"name":"w","arguments":"{}"}}]}"#;
    let item = r#"{"type":"response.output_item.done","output_index":0,"item":{"type":"message","content":[{"type":"output_text","text":"x"}]}}"#;
    let result = r#"{"role":"tool","content":[{"type":"tool_result"},{"type":"tool_result","content":{"a":1}}]},"#;
    let line = "{\"custom_id\":\"a\",\"response\":{\"body\":{\"choices\":[{\"message\":{\"content\":\"x\"}}]}}}\n";
    let hostile: [(_, usize, &dyn Fn(usize) -> String); 28] = [
        ("blocks", 2_000, &|n| (0..n).map(|n| block(n, r#"{"text":"x"}"#)).collect()),
        ("blocks, back and forth", 2_000, &|n| (0..n).map(|n| block(n % 2 * n, r#"{"text":"x"}"#)).collect()),
        ("choices", 2_000, &|n| (0..n).map(|n| delta(n, r#"{"content":"x"}"#)).collect()),
        ("choices that end", 2_000, &|n| {
            (0..n).map(|n| event(&format!(r#"{{"choices":[{{"index":{n},"finish_reason":"stop"}}]}}"#))).collect()
        }),
        ("one choice", 2_000, &|n| (0..n).map(|_| delta(0, r#"{"content":"x","a":{}}"#)).collect()),
        ("calls in one place", 2_000, &|n| (0..n).map(|_| delta(0, call)).collect()),
        ("pieces of a call", 2_000, &|n| {
            (0..n).map(|_| delta(0, r#"{"tool_calls":[{"function":{"arguments":"{"}}]}"#)).collect()
        }),
        ("thoughts and words", 2_000, &|n| (0..n).map(|_| delta(0, r#"{"content":"x","reasoning":"y"}"#)).collect()),
        ("items sent again", 2_000, &|n| event(item).repeat(n)),
        ("whole responses", 2_000, &|n| {
            event(r#"{"type":"response.done","response":{"output":[{"type":"function_call","name":"w"}]}}"#).repeat(n)
        }),
        ("sessions", 2_000, &|n| {
            [r#"{"type":"response.created"}"#, r#"{"type":"response.done","response":{"status":"completed"}}"#]
                .map(event)
                .concat()
                .repeat(n)
        }),
        ("counts", 2_000, &|n| (0..n).map(|n| event(&format!(r#"{{"choices":[],"usage":{{"a{n}":1}}}}"#))).collect()),
        ("unknown events", 2_000, &|n| event(r#"{"a":1}"#).repeat(n)),
        ("events that are no JSON", 2_000, &|n| event("a").repeat(n)),
        ("results of a batch", 2_000, &|n| line.repeat(n)),
        ("batches in batches", 2_000, &|n| {
            format!("{}1{}", r#"{"custom_id":"a","response":"#.repeat(n), "}".repeat(n))
        }),
        ("results", 2_000, &|n| format!("{{\"messages\":[{}1]}}", result.repeat(n))),
        ("members", 4_000, &|n| format!("{{{}\"a\":1}}", "\"content\":\"x\",".repeat(n))),
        ("halves of pairs", 20_000, &|n| format!("{{\"prompt\":\"{}\"}}", "\\ud83d".repeat(n))),
        ("halves of pairs, line by line", 4_000, &|n| "[\"\\ud83d\"]\n".repeat(n)),
        ("backslashes", 20_000, &|n| format!("[\"{}", "\\".repeat(n))),
        ("quotes", 20_000, &|n| format!("[{}", "\"".repeat(n))),
        ("brackets", 20_000, &|n| "[".repeat(n)),
        ("brackets, line by line", 20_000, &|n| format!("{{}}\n{}", "[\n".repeat(n))),
        ("texts without ends", 4_000, &|n| format!("{{}}\n{}", "{\"a\n".repeat(n))),
        ("wrappers", 4_000, &|n| format!("{}1{}", "{\"content\":[".repeat(n), "]}".repeat(n))),
        ("lines", 4_000, &|n| "{}\n".repeat(n)),
        ("fields", 4_000, &|n| format!("data: x{}", "\ndata: x".repeat(n))),
    ];
    for (name, size, body) in hostile {
        assert_linear(name, size, body, |body| {
            let view = view(body.as_bytes(), body.as_bytes());
            let attempt = attempt("https://h/", Some(Body(body.clone().into())), Some(Body(body.clone().into())));
            let step = Recorded { attempts: &[attempt], ..Recorded::default() };
            black_box((view, llm::Outline::of(step)));
        });
    }
    let url = |n| format!("https://h.example/models/{}", "?a=;%3A:@".repeat(n));
    assert_linear("parameters", 4_000, url, |url| {
        black_box((llm::provider::provider(url, None), llm::provider::model(url), llm::provider::is_stream(url)));
    });
}

/// Nanoseconds of CPU that this thread has used, which no neighbour adds to.
fn cpu() -> u64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux counts");
    stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).expect("a number")
}

fn cost(work: impl FnOnce()) -> u64 {
    let before = cpu();
    work();
    // The kernel counts in ticks.
    (cpu() - before).max(4_000_000)
}

/// Fails when four times the input costs more than six times the CPU.
fn assert_linear<T>(name: &str, size: usize, input: impl Fn(usize) -> T, read: impl Fn(&T)) {
    let (small, large) = (input(size), input(size * 4));
    // Once is enough: what is linear can only seem to be more, on a busy machine.
    let is_linear = || cost(|| read(&large)) <= cost(|| read(&small)) * 6;
    assert!((0..20).any(|_| is_linear()), "{name}");
}

#[test]
fn a_view_of_a_large_step_says_what_it_costs() {
    let text = "It was the best of times, it was the worst of times. ".repeat(4);
    let messages = format!(r#"{{"role":"user","content":"{text}"}},"#).repeat(4_000);
    let request = format!(r#"{{"model":"m","messages":[{messages}{{"role":"user","content":"x"}}]}}"#);
    let chunk = r#"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}"#;
    let response = format!("{chunk}\n\n").repeat(5_000);
    for (name, request, response) in [("request", &*request, "{}"), ("stream", "{}", &*response)] {
        let kilobytes = (request.len() + response.len()) as u64 / 1000;
        let attempt = attempt("https://h/", Some(Body(request.into())), Some(Body(response.into())));
        let step = Recorded { attempts: &[attempt], ..Recorded::default() };
        // The kernel counts in ticks: once is too short to be measured.
        let micros = |work: &dyn Fn()| cost(|| (0..20).for_each(|_| work())) / 20 / kilobytes;
        let view = micros(&|| drop(black_box(step.view())));
        let outline = micros(&|| drop(black_box(llm::Outline::of(step))));
        println!("{name}, {kilobytes} kB: view {view} µs a MB, outline {outline} µs a MB");
        assert!(outline * 4 < view, "{name}: an outline is made of every step that is written");
    }
}
