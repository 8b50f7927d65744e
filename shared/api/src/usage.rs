//! `usage`: kept as it was sent, and counted once, under whichever names it came.
//!
//! A run's totals mean the same for every provider. **Input** is everything that was sent, what was read
//! from and written to a cache included; **output** is everything that came back, thinking included.
//! Reasoning and the two cache counts say how much of them that was.
//!
//! Each count is taken from the first line of its table that names anything countable, and a line of
//! several names is their sum. Our own names come first: they are the recorder's word. What is no number
//! at or above 0 counts as absent, since a turn is not lost for a count; fractions are rounded, and
//! nothing counts above 2^53 - 1.

use crate::{
    json::{Object, mend},
    number::{Count, Number},
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::collections::HashMap;

/// Names that are one count together. A dot leads into an object of details.
type Names = &'static [&'static str];

const INPUT: &[Names] = &[
    &["input_tokens"],                                                 // ours; OpenAI Responses
    &["prompt_tokens"],                                                // OpenAI Chat Completions and those like it
    &["promptTokenCount", "toolUsePromptTokenCount"],                  // Gemini
    &["prompt_token_count", "tool_use_prompt_token_count"],            // Gemini in Python
    &["inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens"], // Bedrock Converse
    &["prompt_eval_count"],                                            // Ollama
];

/// Anthropic counts under `input_tokens` only what no cache had a part in.
const INPUT_OF_ANTHROPIC: Names = &["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"];

const OUTPUT: &[Names] = &[
    &["output_tokens"],
    &["completion_tokens"],
    &["candidatesTokenCount", "thoughtsTokenCount"],
    &["candidates_token_count", "thoughts_token_count"],
    &["outputTokens"],
    &["eval_count"],
];

const TOTAL: &[Names] = &[&["total_tokens"], &["totalTokenCount"], &["total_token_count"], &["totalTokens"]];

const REASONING: &[Names] = &[
    &["reasoning_tokens"],
    &["completion_tokens_details.reasoning_tokens"],
    &["output_tokens_details.reasoning_tokens"],
    &["output_tokens_details.thinking_tokens"],
    &["thoughtsTokenCount"],
    &["thoughts_token_count"],
];

const CACHE_CREATION: &[Names] = &[
    &["cache_creation_tokens"],
    &["cache_creation_input_tokens"],
    &["prompt_tokens_details.cache_write_tokens"],
    &["cacheWriteInputTokens"],
];

const CACHE_READ: &[Names] = &[
    &["cache_read_tokens"],
    &["cache_read_input_tokens"],
    &["prompt_tokens_details.cached_tokens"],
    &["input_tokens_details.cached_tokens"],
    &["prompt_cache_hit_tokens"],
    &["cachedContentTokenCount"],
    &["cached_content_token_count"],
    &["cacheReadInputTokens"],
];

/// `usage` as it was sent, and what it counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Usage {
    sent: Object,
    #[serde(skip)]
    counts: TokenCounts,
}

/// A step's counts, under the names that a recorder may use itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TokenCounts {
    /// Tokens sent, those that a cache had a part in included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<Count>,
    /// Tokens received, thinking included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<Count>,
    /// What the provider says the total is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_tokens: Option<Count>,
    /// Tokens of reasoning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<Count>,
    /// Tokens written to the provider's cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_creation_tokens: Option<Count>,
    /// Tokens read from the provider's cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_read_tokens: Option<Count>,
}

impl Usage {
    /// The object as it was sent.
    pub fn sent(&self) -> &Object {
        &self.sent
    }

    /// What it counts.
    pub fn counts(&self) -> TokenCounts {
        self.counts
    }
}

impl From<Object> for Usage {
    fn from(sent: Object) -> Self {
        let counts = TokenCounts::of(&sent);
        Self { sent, counts }
    }
}

impl<'de> Deserialize<'de> for Usage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Object::deserialize(deserializer).map(Self::from)
    }
}

impl TokenCounts {
    /// What an object counts.
    fn of(usage: &Object) -> Self {
        let text = mend(usage.get());
        let members = Members::of(&text);
        let count = |table: &[Names]| table.iter().find_map(|names| members.sum(names));
        let input = if members.are_anthropics() { members.sum(INPUT_OF_ANTHROPIC) } else { None };
        Self {
            input_tokens: input.or_else(|| count(INPUT)),
            output_tokens: count(OUTPUT),
            total_tokens: count(TOTAL),
            reasoning_tokens: count(REASONING),
            cache_creation_tokens: count(CACHE_CREATION),
            cache_read_tokens: count(CACHE_READ),
        }
    }
}

/// An object's members, each as it was sent; of those that come twice the last.
struct Members<'a>(HashMap<String, &'a RawValue>);

impl<'a> Members<'a> {
    fn of(json: &'a str) -> Self {
        Self(serde_json::from_str(json).unwrap_or_default())
    }

    /// Whether `input_tokens` is Anthropic's: what the cache had a part in is counted beside it under
    /// Anthropic's names, and nothing says otherwise. With our names beside it, it is the recorder's;
    /// with details beside it, or `prompt_tokens`, it is of an API in OpenAI's manner.
    fn are_anthropics(&self) -> bool {
        let has = |name: &&str| self.0.contains_key(*name);
        let others = ["cache_creation_tokens", "cache_read_tokens", "prompt_tokens", "input_tokens_details"];
        ["cache_creation_input_tokens", "cache_read_input_tokens"].iter().any(has) && !others.iter().any(has)
    }

    /// What these names count together; `None` when none of them counts anything.
    fn sum(&self, names: Names) -> Option<Count> {
        names.iter().filter_map(|name| self.count(name)).reduce(Count::plus)
    }

    fn count(&self, name: &str) -> Option<Count> {
        if let Some((details, name)) = name.split_once('.') {
            return Members::of(self.0.get(details)?.get()).count(name);
        }
        let nearest = Number::parse(self.0.get(name)?.get())?.nearest;
        (nearest >= 0).then(|| Count::clamped(nearest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Input, output, reasoning, written to the cache, read from it.
    fn counted(usage: &str) -> [Option<u64>; 5] {
        let usage: Usage = serde_json::from_str(usage).expect(usage);
        let counts = usage.counts();
        [
            counts.input_tokens,
            counts.output_tokens,
            counts.reasoning_tokens,
            counts.cache_creation_tokens,
            counts.cache_read_tokens,
        ]
        .map(|count| count.map(Count::get))
    }

    #[test]
    fn every_providers_counts_mean_the_same() {
        for (usage, counts) in [
            // OpenAI Chat Completions.
            (
                r#"{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":30,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":20,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}"#,
                [Some(100), Some(50), Some(20), None, Some(30)],
            ),
            // OpenAI Responses.
            (
                r#"{"input_tokens":100,"input_tokens_details":{"cached_tokens":30},"output_tokens":50,"output_tokens_details":{"reasoning_tokens":20},"total_tokens":150}"#,
                [Some(100), Some(50), Some(20), None, Some(30)],
            ),
            // Anthropic.
            (
                r#"{"input_tokens":10,"cache_creation_input_tokens":200,"cache_read_input_tokens":3000,"cache_creation":{"ephemeral_5m_input_tokens":200,"ephemeral_1h_input_tokens":0},"output_tokens":50,"service_tier":"standard"}"#,
                [Some(3210), Some(50), None, Some(200), Some(3000)],
            ),
            (
                r#"{"input_tokens":10,"cache_creation_input_tokens":null,"cache_read_input_tokens":null,"output_tokens":50}"#,
                [Some(10), Some(50), None, None, None],
            ),
            (r#"{"input_tokens":10,"cache_read_input_tokens":5}"#, [Some(15), None, None, None, Some(5)]),
            // Gemini.
            (
                r#"{"promptTokenCount":10,"candidatesTokenCount":2,"thoughtsTokenCount":5,"totalTokenCount":17,"cachedContentTokenCount":4,"promptTokensDetails":[{"modality":"TEXT","tokenCount":10}]}"#,
                [Some(10), Some(7), Some(5), None, Some(4)],
            ),
            (r#"{"promptTokenCount":10,"thoughtsTokenCount":5}"#, [Some(10), Some(5), Some(5), None, None]),
            (
                r#"{"prompt_token_count":10,"candidates_token_count":2,"thoughts_token_count":5,"cached_content_token_count":null}"#,
                [Some(10), Some(7), Some(5), None, None],
            ),
            // Bedrock Converse.
            (
                r#"{"inputTokens":10,"outputTokens":5,"totalTokens":45,"cacheReadInputTokens":20,"cacheWriteInputTokens":10}"#,
                [Some(40), Some(5), None, Some(10), Some(20)],
            ),
            // DeepSeek, LiteLLM, Ollama.
            (
                r#"{"prompt_tokens":100,"completion_tokens":5,"prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":36}"#,
                [Some(100), Some(5), None, None, Some(64)],
            ),
            (
                r#"{"prompt_tokens":100,"completion_tokens":5,"cache_creation_input_tokens":60,"cache_read_input_tokens":30}"#,
                [Some(100), Some(5), None, Some(60), Some(30)],
            ),
            (r#"{"prompt_eval_count":10,"eval_count":5}"#, [Some(10), Some(5), None, None, None]),
        ] {
            assert_eq!(counted(usage), counts, "{usage}");
        }
    }

    #[test]
    fn our_own_names_are_the_recorders_word() {
        for (usage, counts) in [
            (
                r#"{"input_tokens":11,"output_tokens":3,"reasoning_tokens":9,"cache_creation_tokens":5,"cache_read_tokens":6}"#,
                [Some(11), Some(3), Some(9), Some(5), Some(6)],
            ),
            // Once, however often it is said.
            (
                r#"{"input_tokens":11,"prompt_tokens":12,"promptTokenCount":13,"output_tokens":3,"completion_tokens":4,"reasoning_tokens":1,"completion_tokens_details":{"reasoning_tokens":2}}"#,
                [Some(11), Some(3), Some(1), None, None],
            ),
            (
                r#"{"input_tokens":11,"cache_read_tokens":6,"cache_read_input_tokens":6,"cache_creation_input_tokens":5}"#,
                [Some(11), None, None, Some(5), Some(6)],
            ),
            (r#"{"input_tokens":0,"prompt_tokens":12}"#, [Some(0), None, None, None, None]),
        ] {
            assert_eq!(counted(usage), counts, "{usage}");
        }
    }

    #[test]
    fn what_is_no_count_counts_as_absent() {
        for (usage, counts) in [
            (r#"{"input_tokens":5,"output_tokens":1,"reasoning_tokens":null}"#, [Some(5), Some(1), None, None, None]),
            (r#"{"prompt_tokens":10.0,"completion_tokens":2e0}"#, [Some(10), Some(2), None, None, None]),
            (r#"{"input_tokens":10.5,"output_tokens":"7"}"#, [Some(11), None, None, None, None]),
            (r#"{"input_tokens":-1,"prompt_tokens":3,"output_tokens":[2]}"#, [Some(3), None, None, None, None]),
            (r#"{"input_tokens":1,"input_tokens":2,"output_tokens":{}}"#, [Some(2), None, None, None, None]),
            (
                r#"{"input_tokens":9223372036854775807,"output_tokens":1e999}"#,
                [Some(Count::MAX), Some(Count::MAX), None, None, None],
            ),
            (
                r#"{"promptTokenCount":9007199254740991,"toolUsePromptTokenCount":1,"prompt_tokens_details":null}"#,
                [Some(Count::MAX), None, None, None, None],
            ),
            (r#"{"\ud83d":"\udc00","prompt_tokens":4}"#, [Some(4), None, None, None, None]),
            (r#"{"cost":1.5,"tokens":7,"details":{"input_tokens":3}}"#, [None; 5]),
            ("{}", [None; 5]),
        ] {
            assert_eq!(counted(usage), counts, "{usage}");
            let kept: Usage = serde_json::from_str(usage).expect(usage);
            assert_eq!((kept.sent().get(), &*serde_json::to_string(&kept).expect("JSON")), (usage, usage));
        }
    }
}
