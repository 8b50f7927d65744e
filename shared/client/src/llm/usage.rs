//! Token counts under our names (`CONTRACT.md`), whatever the provider calls them.
//!
//! Nothing is added up: what the provider does not count is absent.

use super::Payload;
use api::step::{Count, TokenCounts, Usage};
use serde_json::Value;

/// The counts of a body; of a stream, the last word on each.
pub fn counts(payload: &Payload) -> TokenCounts {
    let mut counts = TokenCounts::default();
    match payload {
        Payload::Json(value) => merge(&mut counts, value),
        Payload::Events(events) => events.iter().for_each(|event| merge(&mut counts, &event.data)),
        Payload::Other => {}
    }
    counts
}

/// The counts as a step carries them; `None` when there are none.
pub fn usage(counts: TokenCounts) -> Option<Usage> {
    if counts == TokenCounts::default() {
        return None;
    }
    serde_json::from_str(&serde_json::to_string(&counts).ok()?).ok()
}

fn merge(counts: &mut TokenCounts, body: &Value) {
    let places = ["/usage", "/usageMetadata", "/message/usage", "/response/usage", "/x_groq/usage"];
    let usage = places.iter().filter_map(|place| body.pointer(place)).find(|usage| usage.is_object());
    // Ollama counts in the body itself.
    let Some(usage) = usage.or_else(|| body.get("eval_count").map(|_| body)) else { return };
    for (count, names) in [
        (
            &mut counts.input_tokens,
            &["/input_tokens", "/prompt_tokens", "/inputTokens", "/promptTokenCount", "/prompt_eval_count"][..],
        ),
        (
            &mut counts.output_tokens,
            &["/output_tokens", "/completion_tokens", "/outputTokens", "/candidatesTokenCount", "/eval_count"],
        ),
        (&mut counts.total_tokens, &["/total_tokens", "/totalTokens", "/totalTokenCount"]),
        (
            &mut counts.reasoning_tokens,
            &[
                "/completion_tokens_details/reasoning_tokens",
                "/output_tokens_details/reasoning_tokens",
                "/output_tokens_details/thinking_tokens",
                "/reasoning_tokens",
                "/thoughtsTokenCount",
            ],
        ),
        (
            &mut counts.cache_creation_tokens,
            &["/cache_creation_input_tokens", "/cacheWriteInputTokens", "/prompt_tokens_details/cache_write_tokens"],
        ),
        (
            &mut counts.cache_read_tokens,
            &[
                "/cache_read_input_tokens",
                "/prompt_tokens_details/cached_tokens",
                "/input_tokens_details/cached_tokens",
                "/cacheReadInputTokens",
                "/cachedContentTokenCount",
                "/prompt_cache_hit_tokens",
            ],
        ),
    ] {
        let found = names.iter().find_map(|name| Count::try_from(usage.pointer(name)?.as_u64()?).ok());
        *count = found.or(*count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sent(payload: &Payload) -> String {
        usage(counts(payload)).map(|usage| usage.sent().get().to_owned()).unwrap_or_default()
    }

    #[test]
    fn every_providers_counts_get_our_names() {
        for (body, expected) in [
            (
                json!({"usage": {"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17, "prompt_tokens_details": {"cached_tokens": 3}, "completion_tokens_details": {"reasoning_tokens": 2}}}),
                r#"{"input_tokens":12,"output_tokens":5,"total_tokens":17,"reasoning_tokens":2,"cache_read_tokens":3}"#,
            ),
            (
                json!({"usage": {"input_tokens": 12, "output_tokens": 5, "output_tokens_details": {"reasoning_tokens": 2}, "input_tokens_details": {"cached_tokens": 3}}}),
                r#"{"input_tokens":12,"output_tokens":5,"reasoning_tokens":2,"cache_read_tokens":3}"#,
            ),
            (
                json!({"usage": {"input_tokens": 12, "output_tokens": 5, "cache_creation_input_tokens": 4, "cache_read_input_tokens": 0}}),
                r#"{"input_tokens":12,"output_tokens":5,"cache_creation_tokens":4,"cache_read_tokens":0}"#,
            ),
            (
                json!({"usageMetadata": {"promptTokenCount": 12, "candidatesTokenCount": 5, "thoughtsTokenCount": 2, "totalTokenCount": 19}}),
                r#"{"input_tokens":12,"output_tokens":5,"total_tokens":19,"reasoning_tokens":2}"#,
            ),
            (
                json!({"usage": {"inputTokens": 12, "outputTokens": 5, "totalTokens": 17}}),
                r#"{"input_tokens":12,"output_tokens":5,"total_tokens":17}"#,
            ),
            (json!({"usage": null}), ""),
            (json!({"usage": {"prompt_tokens": -1}}), ""),
        ] {
            assert_eq!(sent(&Payload::Json(body.clone())), expected, "{body}");
        }
    }

    #[test]
    fn a_streams_last_word_counts() {
        let body = concat!(
            "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\n",
            "data: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":9}}\n\n",
        );
        assert_eq!(sent(&Payload::of(body.as_bytes())), r#"{"input_tokens":7,"output_tokens":9}"#);
        let responses = "data: {\"type\":\"response.completed\",\"response\":{\"usage\":{\"input_tokens\":7}}}\n\n";
        assert_eq!(sent(&Payload::of(responses.as_bytes())), r#"{"input_tokens":7}"#);
    }
}
