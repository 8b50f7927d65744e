//! Reads what chat products and LLM providers send each other: messages, completions, streams, token counts.
//!
//! `OpenAI` (chat completions, responses, embeddings), Anthropic, Gemini, Bedrock and APIs like theirs. It reads
//! loosely and never fails: what it does not know it leaves out. It does no I/O, judges nothing and changes nothing;
//! whoever needs the bytes keeps them.
//!
//! - [`json`]: JSON with half of a surrogate pair in it
//! - [`payload`]: a body as JSON or as the events of a stream
//! - [`message`]: the messages of a request, and the parts they are made of
//! - [`completion`]: what the model said, from one body or put together from a stream
//! - [`usage`]: token counts as the provider gave them
//! - [`provider`]: who serves the model, which model, and how it was called

#![warn(missing_docs)]
#![expect(
    clippy::indexing_slicing,
    reason = "an index into a `serde_json::Value` reads null where there is nothing, and does not panic"
)]

pub mod completion;
pub mod json;
pub mod message;
pub mod payload;
pub mod provider;
pub mod usage;

pub use completion::Completion;
pub use message::{Message, Part};
pub use payload::{Payload, StreamEvent};

#[cfg(test)]
mod tests {
    use super::*;
    use api::step::Headers;
    use provider::CallView;
    use serde_json::{Value, json};
    use std::{fs, hint::black_box};

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
    fn a_completion_is_put_together_in_the_time_of_its_stream() {
        let block = |index: usize| json!({"type": "content_block_delta", "index": index, "delta": {"text": "x"}});
        let call = |input: &str| {
            let block = json!({"type": "tool_use", "name": "add", "input": input});
            json!({"type": "content_block_start", "index": 0, "content_block": block})
        };
        let choice = |index| json!({"choices": [{"index": index, "delta": {"content": "x"}, "finish_reason": null}]});
        let hostile: [(_, &dyn Fn(usize, usize) -> Value); 4] = [
            ("blocks", &|index, _| block(index)),
            ("blocks, back and forth", &|index, _| block(if index % 2 == 0 { 0 } else { index })),
            ("choices", &|index, _| choice(index)),
            ("calls in one place", &|index, count| match index {
                0 => call(&"y".repeat(count * 10)),
                _ if index % 2 == 0 => call(""),
                _ => block(0),
            }),
        ];
        for (name, data) in hostile {
            let event = |data: Value| StreamEvent { name: data["type"].as_str().unwrap_or_default().to_owned(), data };
            let stream = |count| Payload::Events((0..count).map(|index| event(data(index, count))).collect());
            assert_linear(name, 4_000, stream, |stream| {
                black_box((stream.is_whole(), stream.stream_error(), usage::usage(stream), Completion::of(stream)));
            });
        }
    }

    #[test]
    fn a_body_is_read_in_the_time_of_its_length() {
        let result = r#"{"role":"tool","content":[{"type":"tool_result"},{"type":"tool_result","content":{"a":1}}]},"#;
        let hostile: [(_, _, &dyn Fn(usize) -> String); 9] = [
            ("results", 2_000, &|n| format!("{{\"messages\":[{}1]}}", result.repeat(n))),
            ("halves of pairs", 40_000, &|n| format!("\"{}\"", "\\ud83d".repeat(n))),
            ("halves of pairs, line by line", 4_000, &|n| "\"\\ud83d\"\n".repeat(n)),
            ("halves of pairs in what is no JSON", 40_000, &|n| "\\ud83d".repeat(n)),
            ("backslashes", 40_000, &|n| format!("\"{}", "\\".repeat(n))),
            ("quotes", 40_000, &|n| "\"".repeat(n)),
            ("brackets", 40_000, &|n| "[".repeat(n)),
            ("lines", 4_000, &|n| "1\n".repeat(n)),
            ("fields", 4_000, &|n| format!("data: x{}", "\ndata: x".repeat(n))),
        ];
        for (name, size, body) in hostile {
            assert_linear(name, size, body, |body| {
                let request = Payload::of(body.as_bytes()).into_json().unwrap_or_default();
                black_box((message::messages(&request), message::first_user_text(&request)));
            });
        }
        let url = |n| format!("https://h.example/models/{}", "?a=;%3A:@".repeat(n));
        assert_linear("parameters", 4_000, url, |url| {
            let (request, response) = (&Value::Null, &Payload::Other);
            let view = CallView { url, request, response_headers: &Headers::default(), response };
            black_box((view.provider(), view.model(), view.operation()));
        });
    }
}
