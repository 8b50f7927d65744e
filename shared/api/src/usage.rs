//! `usage`: kept as it was sent, and counted whatever names the provider uses.
//!
//! A run's totals mean the same for every provider. **Input** is all that was sent, including what was read from and
//! written to a cache; **output** is all that came back, including thinking. Reasoning and the two cache counts are parts
//! of these.
//!
//! A count is that of the first line in its table that has a number; a line of several names is their sum. The API's own
//! names come first, since the recorder chose them. What is no number or below 0 counts as absent, so that no turn is lost
//! over a count. Fractions are rounded, and 2^53 - 1 is the largest count.

use crate::{
    json::{Object, mend},
    number::{Count, Number},
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::collections::HashMap;

/// Names whose sum is one count. A dot leads into an object of details.
type Names = &'static [&'static str];

const INPUT: &[Names] = &[
    &["input_tokens"],                                                 // this API; OpenAI Responses
    &["prompt_tokens"],                                                // OpenAI Chat Completions and those like it
    &["promptTokenCount", "toolUsePromptTokenCount"],                  // Gemini
    &["prompt_token_count", "tool_use_prompt_token_count"],            // Gemini in Python
    &["inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens"], // Bedrock Converse
    &["prompt_eval_count"],                                            // Ollama
];

/// Anthropic leaves what a cache was read for or written with out of `input_tokens`.
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

/// `usage` as it was sent, and its counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Usage {
    sent: Object,
    #[serde(skip)]
    counts: TokenCounts,
}

/// A step's counts, under this API's names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TokenCounts {
    /// Tokens sent, including those read from or written to a cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<Count>,
    /// Tokens received, including thinking.
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

    /// Its counts.
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
    /// The counts of an object.
    fn of(usage: &Object) -> Self {
        let text = mend(usage.get());
        let members = UsageMembers::of(&text);
        let count = |table: &[Names]| table.iter().find_map(|names| members.sum(names));
        let input = if members.is_anthropic() { members.sum(INPUT_OF_ANTHROPIC) } else { None };
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

/// The object's members as they were sent; of a name that comes twice, the last.
struct UsageMembers<'a>(HashMap<String, &'a RawValue>);

impl<'a> UsageMembers<'a> {
    fn of(json: &'a str) -> Self {
        Self(serde_json::from_str(json).unwrap_or_default())
    }

    /// Whether `input_tokens` is Anthropic's: there are cache counts under Anthropic's names, and none of the names that
    /// this API or OpenAI's would use along with them.
    fn is_anthropic(&self) -> bool {
        let has = |name: &&str| self.0.contains_key(*name);
        let others = ["cache_creation_tokens", "cache_read_tokens", "prompt_tokens", "input_tokens_details"];
        ["cache_creation_input_tokens", "cache_read_input_tokens"].iter().any(has) && !others.iter().any(has)
    }

    /// The sum of what these names count; `None` when none of them is a count.
    fn sum(&self, names: Names) -> Option<Count> {
        names.iter().filter_map(|name| self.count(name)).reduce(Count::plus)
    }

    fn count(&self, name: &str) -> Option<Count> {
        if let Some((details, name)) = name.split_once('.') {
            return UsageMembers::of(self.0.get(details)?.get()).count(name);
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
    fn this_apis_own_names_come_first() {
        for (usage, counts) in [
            (
                r#"{"input_tokens":11,"output_tokens":3,"reasoning_tokens":9,"cache_creation_tokens":5,"cache_read_tokens":6}"#,
                [Some(11), Some(3), Some(9), Some(5), Some(6)],
            ),
            // Only once, however many names say it.
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
