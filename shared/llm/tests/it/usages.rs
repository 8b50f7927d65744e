//! Token counts as providers answer them, read out of their answers and streams.

use crate::recorded::attempt;
use api::step::Body;
use llm::Recorded;

/// Input, output, reasoning, written to the cache, read from it.
type Counts = [Option<u64>; 5];

const USAGES: [(&str, &str, Counts); 24] = [
    (
        "OpenAI, chat completions",
        r#"{"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":30,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":20,"audio_tokens":0}}}"#,
        [Some(100), Some(50), Some(20), None, Some(30)],
    ),
    (
        "OpenAI, chat completions, streamed",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}],\"usage\":null}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":50}}\n\ndata: [DONE]\n\n",
        [Some(100), Some(50), None, None, None],
    ),
    (
        "OpenAI, responses",
        r#"{"object":"response","output":[],"usage":{"input_tokens":100,"input_tokens_details":{"cached_tokens":30},"output_tokens":50,"output_tokens_details":{"reasoning_tokens":20},"total_tokens":150}}"#,
        [Some(100), Some(50), Some(20), None, Some(30)],
    ),
    (
        "OpenAI, responses, streamed",
        "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"output\":[],\"usage\":{\"input_tokens\":100,\"output_tokens\":50,\"output_tokens_details\":{\"reasoning_tokens\":20}}}}\n\n",
        [Some(100), Some(50), Some(20), None, None],
    ),
    (
        "OpenAI, embeddings",
        r#"{"data":[{"embedding":[0.1]}],"usage":{"prompt_tokens":8,"total_tokens":8}}"#,
        [Some(8), None, None, None, None],
    ),
    (
        "OpenAI, transcripts",
        r#"{"text":"x","usage":{"type":"tokens","input_tokens":14,"output_tokens":45,"total_tokens":59}}"#,
        [Some(14), Some(45), None, None, None],
    ),
    (
        "Anthropic",
        r#"{"type":"message","content":[],"usage":{"input_tokens":10,"cache_creation_input_tokens":200,"cache_read_input_tokens":3000,"output_tokens":50,"service_tier":"standard"}}"#,
        [Some(3210), Some(50), None, Some(200), Some(3000)],
    ),
    (
        "Anthropic, streamed",
        "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":7,\"cache_read_input_tokens\":3,\"output_tokens\":1}}}\n\ndata: {\"type\":\"message_delta\",\"usage\":{\"input_tokens\":null,\"output_tokens\":9}}\n\n",
        [Some(10), Some(9), None, None, Some(3)],
    ),
    (
        "Gemini",
        r#"{"candidates":[],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":2,"thoughtsTokenCount":5,"totalTokenCount":17,"cachedContentTokenCount":4}}"#,
        [Some(10), Some(7), Some(5), None, Some(4)],
    ),
    (
        "Gemini, streamed",
        r#"[{"candidates":[],"usageMetadata":{"promptTokenCount":10}},{"candidates":[],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":2,"toolUsePromptTokenCount":3}}]"#,
        [Some(13), Some(2), None, None, None],
    ),
    (
        "Bedrock, converse",
        r#"{"output":{"message":{"content":[]}},"usage":{"inputTokens":10,"outputTokens":5,"totalTokens":45,"cacheReadInputTokens":20,"cacheWriteInputTokens":10}}"#,
        [Some(40), Some(5), None, Some(10), Some(20)],
    ),
    (
        "Bedrock, Claude through invoke, streamed",
        "data: {\"type\":\"message_start\",\"message\":{}}\n\ndata: {\"type\":\"message_stop\",\"amazon-bedrock-invocationMetrics\":{\"inputTokenCount\":10,\"outputTokenCount\":5}}\n\n",
        [Some(10), Some(5), None, None, None],
    ),
    (
        "Bedrock, Llama",
        r#"{"generation":"x","prompt_token_count":10,"generation_token_count":2}"#,
        [Some(10), Some(2), None, None, None],
    ),
    (
        "Bedrock, Titan",
        r#"{"inputTextTokenCount":10,"results":[{"outputText":"x","tokenCount":2,"completionReason":"FINISH"}]}"#,
        [Some(10), Some(2), None, None, None],
    ),
    (
        "Bedrock, Nova through invoke",
        r#"{"output":{"message":{"content":[{"text":"x"}]}},"usage":{"inputTokens":10,"outputTokens":2,"cacheReadInputTokenCount":0}}"#,
        [Some(10), Some(2), None, None, None],
    ),
    (
        "Cohere",
        r#"{"message":{"content":[]},"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":5,"output_tokens":2},"tokens":{"input_tokens":71,"output_tokens":12}}}"#,
        [Some(71), Some(12), None, None, None],
    ),
    (
        "Ollama",
        r#"{"model":"m","message":{"content":"x"},"done":true,"prompt_eval_count":12,"eval_count":5}"#,
        [Some(12), Some(5), None, None, None],
    ),
    (
        "Ollama, streamed",
        "{\"response\":\"x\",\"done\":false}\n{\"response\":\"\",\"done\":true,\"prompt_eval_count\":12,\"eval_count\":5}\n",
        [Some(12), Some(5), None, None, None],
    ),
    (
        "Groq, streamed",
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"x_groq\":{\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":3,\"queue_time\":0.1,\"prompt_time\":0.02}}}\n\n",
        [Some(9), Some(3), None, None, None],
    ),
    (
        "DeepSeek",
        r#"{"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":5,"prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":36}}"#,
        [Some(100), Some(5), None, None, Some(64)],
    ),
    (
        "Moonshot, in the choice",
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\",\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2}}]}\n\n",
        [Some(10), Some(2), None, None, None],
    ),
    (
        "floats, nulls and no numbers",
        r#"{"choices":[],"usage":{"prompt_tokens":10.0,"completion_tokens":2e0,"reasoning_tokens":null,"cost":NaN}}"#,
        [Some(10), Some(2), None, None, None],
    ),
    (
        "the AI SDK",
        r#"{"content":[{"type":"text","text":"x"}],"finishReason":"stop","usage":{"inputTokens":{"total":10,"cacheRead":4},"outputTokens":{"total":2}}}"#,
        [Some(10), Some(2), None, None, None],
    ),
    (
        "LangChain",
        r#"{"type":"ai","content":"x","usage_metadata":{"input_tokens":10,"output_tokens":2,"total_tokens":12}}"#,
        [Some(10), Some(2), None, None, None],
    ),
];

#[test]
fn every_providers_counts_are_read_out_of_its_answers() {
    for (provider, body, expected) in USAGES {
        let attempt = attempt("https://h.example/", None, Some(Body(body.into())));
        let view = Recorded { attempts: &[attempt], ..Recorded::default() }.view();
        let tokens = view.tokens.unwrap_or_else(|| panic!("{provider}: no counts"));
        let counts = [tokens.input, tokens.output, tokens.reasoning, tokens.cache_creation, tokens.cache_read];
        assert_eq!(counts, expected, "{provider}");
    }
}
