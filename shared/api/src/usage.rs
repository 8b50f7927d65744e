//! `usage`: kept as it was sent, and counted whatever names the provider uses.
//!
//! A run's totals mean the same for every provider. **Input** is all that was sent, including what was read from and
//! written to a cache; **output** is all that came back, including thinking. Reasoning and the two cache counts are
//! parts of these.
//!
//! A count is that of the first line in its table that has a number; a line of several names is their sum. The API's
//! own names come first, since the recorder chose them. What is no number or below 0 counts as absent, so that no turn
//! is lost over a count. Fractions are rounded, and 2^53 - 1 is the largest count.

use crate::{
    content::ContentName,
    json::{Object, mend},
    number::{Count, Number},
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::collections::HashMap;

/// Names whose sum is one count. A dot leads into an object of details, unless the name has it.
type Names = &'static [&'static str];

const INPUT: &[Names] = &[
    &["input_tokens"],                                      // this API; OpenAI Responses; LangChain
    &["prompt_tokens", "connector_tokens"], // OpenAI Chat Completions and those like it; Mistral's tools
    &["promptTokenCount", "toolUsePromptTokenCount"], // Gemini
    &["prompt_token_count", "tool_use_prompt_token_count"], // Gemini in Python
    &["total_input_tokens", "total_tool_use_tokens"], // Gemini Interactions
    &["inputTokens"],                       // Bedrock Converse; the AI SDK
    &["inputTokens.total"],                 // providers of the AI SDK
    &["promptTokens"],                      // the AI SDK before version 5
    &["prompt_eval_count"],                 // Ollama
    &["gen_ai.usage.input_tokens"],         // OpenTelemetry
    &["gen_ai.usage.prompt_tokens"],
    &["llm.token_count.prompt"], // OpenInference
];

const OUTPUT: &[Names] = &[
    &["output_tokens"],
    &["completion_tokens"],
    &["candidatesTokenCount", "responseTokenCount", "thoughtsTokenCount"],
    &["candidates_token_count", "response_token_count", "thoughts_token_count"],
    &["total_output_tokens", "total_thought_tokens"],
    &["outputTokens"],
    &["outputTokens.total"],
    &["completionTokens"],
    &["eval_count"],
    &["gen_ai.usage.output_tokens"],
    &["gen_ai.usage.completion_tokens"],
    &["llm.token_count.completion"],
];

const TOTAL: &[Names] = &[
    &["total_tokens"],
    &["totalTokenCount"],
    &["total_token_count"],
    &["totalTokens"],
    &["gen_ai.usage.total_tokens"],
    &["llm.usage.total_tokens"],
    &["llm.token_count.total"],
];

const REASONING: &[Names] = &[
    &["reasoning_tokens"],
    &["completion_tokens_details.reasoning_tokens"],
    &["output_tokens_details.reasoning_tokens"],
    &["output_tokens_details.thinking_tokens"],
    &["thoughtsTokenCount"],
    &["thoughts_token_count"],
    &["total_thought_tokens"],
    &["output_token_details.reasoning"],
    &["outputTokenDetails.reasoningTokens"],
    &["outputTokens.reasoning"],
    &["reasoningTokens"],
    &["gen_ai.usage.reasoning.output_tokens"],
    &["gen_ai.usage.reasoning_tokens"],
    &["llm.token_count.completion_details.reasoning"],
];

/// `input_tokens` beside these is Anthropic's, which leaves out what a cache was read for or written with.
const ANTHROPIC: Names = &["cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation"];
/// Unless one of these says that it is this API's, or OpenAI's.
const NOT_ANTHROPIC: Names = &["cache_creation_tokens", "cache_read_tokens", "prompt_tokens", "input_tokens_details"];

/// `inputTokens` beside these is Bedrock's, which leaves it out too.
const BEDROCK: Names = &[
    "cacheReadInputTokens",
    "cacheWriteInputTokens",
    "cacheReadInputTokenCount",
    "cacheWriteInputTokenCount",
    "cacheCreationInputTokens",
];
const NOT_BEDROCK: Names = &["input_tokens", "prompt_tokens"];

const CACHE_CREATION: &[Names] = &[
    &["cache_creation_tokens"],
    &["cache_creation_input_tokens"],
    &["cache_creation.ephemeral_5m_input_tokens", "cache_creation.ephemeral_1h_input_tokens"],
    &["prompt_tokens_details.cache_write_tokens"],
    &["prompt_tokens_details.cache_creation_input_tokens"], // Alibaba
    &["input_tokens_details.cache_write_tokens"],
    &["cacheWriteInputTokens"],
    &["cacheWriteInputTokenCount"],
    &["cacheCreationInputTokens"],
    &["input_token_details.cache_creation"],
    &["inputTokenDetails.cacheWriteTokens"],
    &["inputTokens.cacheWrite"],
    &["gen_ai.usage.cache_creation.input_tokens"],
    &["gen_ai.usage.cache_creation_input_tokens"],
    &["llm.token_count.prompt_details.cache_write"],
];

const CACHE_READ: &[Names] = &[
    &["cache_read_tokens"],
    &["cache_read_input_tokens"],
    &["prompt_tokens_details.cached_tokens"],
    &["input_tokens_details.cached_tokens"],
    &["input_token_details.cached_tokens"], // OpenAI Realtime
    &["prompt_cache_hit_tokens"],           // DeepSeek
    &["cached_tokens"],                     // Moonshot
    &["cachedContentTokenCount"],
    &["cached_content_token_count"],
    &["total_cached_tokens"],
    &["cacheReadInputTokens"],
    &["cacheReadInputTokenCount"],
    &["input_token_details.cache_read"],
    &["inputTokenDetails.cacheReadTokens"],
    &["inputTokens.cacheRead"],
    &["cachedInputTokens"],
    &["gen_ai.usage.cache_read.input_tokens"],
    &["gen_ai.usage.cache_read_input_tokens"],
    &["llm.token_count.prompt_details.cache_read"],
];

/// `usage` as it was sent, and its counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Usage {
    sent: Object,
    #[serde(skip)]
    counts: TokenCounts,
}

/// Token counts under this API's names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct TokenCounts {
    /// Tokens sent, including those read from or written to a cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<Count>,
    /// Tokens received, including thinking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<Count>,
    /// What the provider says the total is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_tokens: Option<Count>,
    /// Tokens of reasoning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<Count>,
    /// Tokens written to the provider's cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_creation_tokens: Option<Count>,
    /// Tokens read from the provider's cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_read_tokens: Option<Count>,
}

/// Token counts that this service read out of what a model answered, for a step whose recorder sent none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Counted {
    /// The content that says them: the answer of the step's last completed attempt.
    pub from: ContentName,
    /// The counts.
    pub tokens: TokenCounts,
    /// What of them is part of what.
    pub include: Includes,
}

/// Which counts are parts of the input and of the output.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Includes {
    /// What of the input has a count of its own.
    pub input: Vec<TokenPart>,
    /// What of the output has a count of its own.
    pub output: Vec<TokenPart>,
}

/// A part of the input or of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TokenPart {
    /// What was written to the provider's cache.
    CacheCreation,
    /// What was read from it.
    CacheRead,
    /// Thinking.
    Reasoning,
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
        let own = Self::of_members(&members);
        members.iterations().iter().map(Self::of_members).fold(own, Self::plus)
    }

    fn of_members(members: &UsageMembers<'_>) -> Self {
        let count = |table: &[Names]| table.iter().find_map(|names| members.sum(names));
        let (cache_creation_tokens, cache_read_tokens) = (count(CACHE_CREATION), count(CACHE_READ));
        let input = members.input_without_cache().and_then(|name| {
            [members.count(name), cache_creation_tokens, cache_read_tokens].into_iter().flatten().reduce(Count::plus)
        });
        let counts = Self {
            input_tokens: input.or_else(|| count(INPUT)),
            output_tokens: count(OUTPUT),
            total_tokens: count(TOTAL),
            reasoning_tokens: count(REASONING),
            cache_creation_tokens,
            cache_read_tokens,
        };
        Self { output_tokens: counts.with_thinking_beside().or(counts.output_tokens), ..counts }
    }

    /// The output with its thinking, where the total says that it does not include it yet, as `xAI` does.
    fn with_thinking_beside(self) -> Option<Count> {
        let output = self.output_tokens?.plus(self.reasoning_tokens.filter(|tokens| tokens.get() > 0)?);
        (self.total_tokens? == self.input_tokens?.plus(output)).then_some(output)
    }

    /// These and others.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let sum = |own: Option<Count>, other| [own, other].into_iter().flatten().reduce(Count::plus);
        Self {
            input_tokens: sum(self.input_tokens, other.input_tokens),
            output_tokens: sum(self.output_tokens, other.output_tokens),
            total_tokens: sum(self.total_tokens, other.total_tokens),
            reasoning_tokens: sum(self.reasoning_tokens, other.reasoning_tokens),
            cache_creation_tokens: sum(self.cache_creation_tokens, other.cache_creation_tokens),
            cache_read_tokens: sum(self.cache_read_tokens, other.cache_read_tokens),
        }
    }

    /// What of them is part of what. One that is larger than what it would be a part of is beside it.
    pub fn include(self) -> Includes {
        let part = |count: Option<Count>, whole, part| count.filter(|_| count <= whole).map(|_| part);
        Includes {
            input: [
                part(self.cache_creation_tokens, self.input_tokens, TokenPart::CacheCreation),
                part(self.cache_read_tokens, self.input_tokens, TokenPart::CacheRead),
            ]
            .into_iter()
            .flatten()
            .collect(),
            output: part(self.reasoning_tokens, self.output_tokens, TokenPart::Reasoning).into_iter().collect(),
        }
    }
}

/// The object's members as they were sent; of a name that comes twice, the last.
struct UsageMembers<'a>(HashMap<String, &'a RawValue>);

impl<'a> UsageMembers<'a> {
    fn of(json: &'a str) -> Self {
        Self(serde_json::from_str(json).unwrap_or_default())
    }

    /// The name of an input that leaves out what was read from and written to a cache.
    fn input_without_cache(&self) -> Option<&'static str> {
        let has = |names: Names| names.iter().any(|name| self.0.contains_key(*name));
        match () {
            () if has(ANTHROPIC) && !has(NOT_ANTHROPIC) => Some("input_tokens"),
            () if has(BEDROCK) && !has(NOT_BEDROCK) => Some("inputTokens"),
            () => None,
        }
    }

    /// What Anthropic counts apart from its own totals: a compaction of the conversation, advice of another model.
    fn iterations(&self) -> Vec<Self> {
        let list = self.0.get("iterations").and_then(|list| serde_json::from_str::<Vec<&RawValue>>(list.get()).ok());
        let iterations = list.into_iter().flatten().map(|one| Self::of(one.get()));
        let is_apart = |one: &Self| one.0.get("type").is_some_and(|kind| kind.get() != r#""message""#);
        iterations.filter(is_apart).collect()
    }

    /// The sum of what these names count; `None` when none of them is a count.
    fn sum(&self, names: Names) -> Option<Count> {
        names.iter().filter_map(|name| self.count(name)).reduce(Count::plus)
    }

    fn count(&self, name: &str) -> Option<Count> {
        let Some(value) = self.0.get(name) else {
            let (details, name) = name.split_once('.')?;
            return UsageMembers::of(self.0.get(details)?.get()).count(name);
        };
        let nearest = Number::parse(value.get())?.nearest;
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
            // Bedrock says some counts under two names.
            (
                r#"{"inputTokens":10,"outputTokens":5,"cacheReadInputTokens":20,"cacheReadInputTokenCount":20,"cacheWriteInputTokens":0,"cacheWriteInputTokenCount":0}"#,
                [Some(30), Some(5), None, Some(0), Some(20)],
            ),
            // The AI SDK from version 6 on, and before; its providers.
            (
                r#"{"inputTokens":30,"inputTokenDetails":{"noCacheTokens":8,"cacheReadTokens":20,"cacheWriteTokens":2},"outputTokens":5,"outputTokenDetails":{"textTokens":1,"reasoningTokens":4},"totalTokens":35}"#,
                [Some(30), Some(5), Some(4), Some(2), Some(20)],
            ),
            (
                r#"{"inputTokens":30,"outputTokens":5,"totalTokens":35,"reasoningTokens":4,"cachedInputTokens":20}"#,
                [Some(30), Some(5), Some(4), None, Some(20)],
            ),
            (r#"{"promptTokens":30,"completionTokens":5,"totalTokens":35}"#, [Some(30), Some(5), None, None, None]),
            (
                r#"{"inputTokens":{"total":30,"noCache":10,"cacheRead":20},"outputTokens":{"total":5,"text":1,"reasoning":4}}"#,
                [Some(30), Some(5), Some(4), None, Some(20)],
            ),
            // LangChain, OpenTelemetry.
            (
                r#"{"input_tokens":350,"output_tokens":240,"total_tokens":590,"input_token_details":{"audio":10,"cache_creation":200,"cache_read":100},"output_token_details":{"audio":10,"reasoning":200}}"#,
                [Some(350), Some(240), Some(200), Some(200), Some(100)],
            ),
            (
                r#"{"gen_ai.usage.input_tokens":30,"gen_ai.usage.output_tokens":5,"gen_ai.usage.cache_read.input_tokens":20}"#,
                [Some(30), Some(5), None, None, Some(20)],
            ),
        ] {
            assert_eq!(counted(usage), counts, "{usage}");
        }
    }

    #[test]
    fn what_a_provider_counts_beside_its_totals_is_added() {
        for (usage, counts) in [
            // xAI's completion leaves thinking out, and its total does not.
            (
                r#"{"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,"completion_tokens_details":{"reasoning_tokens":94}}"#,
                [Some(32), Some(103), Some(94), None, None],
            ),
            (
                r#"{"prompt_tokens":32,"completion_tokens":94,"total_tokens":126,"completion_tokens_details":{"reasoning_tokens":94}}"#,
                [Some(32), Some(94), Some(94), None, None],
            ),
            // Anthropic's compaction.
            (
                r#"{"input_tokens":23000,"output_tokens":1000,"iterations":[{"type":"compaction","input_tokens":180000,"output_tokens":3500,"cache_read_input_tokens":1},{"type":"message","input_tokens":23000,"output_tokens":1000}]}"#,
                [Some(203_001), Some(4500), None, None, Some(1)],
            ),
            (r#"{"input_tokens":3,"iterations":[{"type":7,"input_tokens":1}]}"#, [Some(4), None, None, None, None]),
            (r#"{"input_tokens":3,"iterations":[1,"x"]}"#, [Some(3), None, None, None, None]),
            // Its cache by how long it is kept alone.
            (
                r#"{"input_tokens":10,"cache_creation":{"ephemeral_5m_input_tokens":200,"ephemeral_1h_input_tokens":100},"output_tokens":1}"#,
                [Some(310), Some(1), None, Some(300), None],
            ),
        ] {
            assert_eq!(counted(usage), counts, "{usage}");
        }
    }

    #[test]
    fn what_is_part_of_a_count_is_said() {
        let include = |usage: &str| {
            let usage: Usage = serde_json::from_str(usage).expect(usage);
            serde_json::to_string(&usage.counts().include()).expect("JSON")
        };
        for (usage, expected) in [
            (
                r#"{"input_tokens":10,"cache_creation_input_tokens":200,"cache_read_input_tokens":0,"output_tokens":5,"reasoning_tokens":5}"#,
                r#"{"input":["cache_creation","cache_read"],"output":["reasoning"]}"#,
            ),
            // What is larger is no part.
            (r#"{"inputTokens":10,"cachedInputTokens":11,"outputTokens":1}"#, r#"{"input":[],"output":[]}"#),
            (r#"{"reasoning_tokens":5}"#, r#"{"input":[],"output":[]}"#),
        ] {
            assert_eq!(include(usage), expected, "{usage}");
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
