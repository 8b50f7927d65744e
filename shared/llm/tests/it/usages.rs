//! Token counts as providers answer them, read out of their answers and streams.

use crate::recorded::{self, attempt};
use api::{
    json::Object,
    step::{Attempt, AttemptStatus, Body, Counted, Usage},
    view::{Content, Tokens},
};
use llm::{Outline, Recorded};

/// Input, output, reasoning, written to the cache, read from it.
type Counts = [Option<u64>; 5];

const USAGES: [(&str, &str, Counts); 55] = [
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
        r#"{"output":{"message":{"content":[{"text":"x"}]}},"usage":{"inputTokens":10,"outputTokens":2,"totalTokens":42,"cacheReadInputTokenCount":20,"cacheWriteInputTokenCount":10}}"#,
        [Some(40), Some(2), None, Some(10), Some(20)],
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
        "the AI SDK's providers",
        r#"{"content":[{"type":"text","text":"x"}],"finishReason":"stop","usage":{"inputTokens":{"total":10,"noCache":6,"cacheRead":4},"outputTokens":{"total":2,"text":1,"reasoning":1}}}"#,
        [Some(10), Some(2), Some(1), None, Some(4)],
    ),
    (
        "LangChain",
        r#"{"type":"ai","content":"x","usage_metadata":{"input_tokens":10,"output_tokens":2,"total_tokens":12,"input_token_details":{"audio":1,"cache_creation":3,"cache_read":4},"output_token_details":{"reasoning":1}}}"#,
        [Some(10), Some(2), Some(1), Some(3), Some(4)],
    ),
    (
        "LangChain, what the provider said alone",
        r#"{"type":"ai","content":"x","usage":{"prompt_tokens":10,"completion_tokens":2}}"#,
        [Some(10), Some(2), None, None, None],
    ),
    (
        "the AI SDK, version 4",
        r#"{"text":"x","finishReason":"stop","usage":{"promptTokens":10,"completionTokens":2,"totalTokens":12}}"#,
        [Some(10), Some(2), None, None, None],
    ),
    (
        "the AI SDK, version 5",
        r#"{"text":"x","finishReason":"stop","usage":{"inputTokens":10,"outputTokens":2,"totalTokens":12,"reasoningTokens":1,"cachedInputTokens":4}}"#,
        [Some(10), Some(2), Some(1), None, Some(4)],
    ),
    (
        "the AI SDK, version 6",
        r#"{"text":"x","finishReason":"stop","usage":{"inputTokens":10,"inputTokenDetails":{"noCacheTokens":3,"cacheReadTokens":4,"cacheWriteTokens":3},"outputTokens":2,"outputTokenDetails":{"textTokens":1,"reasoningTokens":1},"totalTokens":12}}"#,
        [Some(10), Some(2), Some(1), Some(3), Some(4)],
    ),
    (
        "OpenTelemetry",
        r#"{"gen_ai.output.messages":[{"role":"assistant","parts":[{"type":"text","content":"x"}]}],"gen_ai.usage.input_tokens":10,"gen_ai.usage.cache_read.input_tokens":4,"gen_ai.usage.cache_creation.input_tokens":3,"gen_ai.usage.output_tokens":2,"gen_ai.usage.reasoning.output_tokens":1}"#,
        [Some(10), Some(2), Some(1), Some(3), Some(4)],
    ),
    (
        "OpenAI, chat completions that write a cache",
        r#"{"choices":[],"usage":{"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,"prompt_tokens_details":{"cached_tokens":1920,"cache_write_tokens":80}}}"#,
        [Some(2006), Some(300), None, Some(80), Some(1920)],
    ),
    (
        "OpenAI, responses that write a cache",
        r#"{"object":"response","output":[],"usage":{"input_tokens":2006,"input_tokens_details":{"cached_tokens":1920,"cache_write_tokens":80},"output_tokens":300,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":2306}}"#,
        [Some(2006), Some(300), Some(0), Some(80), Some(1920)],
    ),
    (
        "OpenAI, a streamed response that says in each event that it has not counted yet",
        "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"max_output_tokens\":null,\"output\":[],\"usage\":null}}\n\nevent: response.incomplete\ndata: {\"type\":\"response.incomplete\",\"response\":{\"output\":[],\"incomplete_details\":{\"reason\":\"max_output_tokens\"},\"usage\":{\"input_tokens\":100,\"output_tokens\":50}}}\n\n",
        [Some(100), Some(50), None, None, None],
    ),
    (
        "OpenAI, a realtime session of two answers",
        "{\"type\":\"response.created\",\"response\":{\"output\":[]}}\n{\"type\":\"response.done\",\"response\":{\"output\":[],\"usage\":{\"total_tokens\":25,\"input_tokens\":20,\"output_tokens\":5,\"input_token_details\":{\"text_tokens\":20,\"audio_tokens\":0,\"cached_tokens\":4}}}}\n{\"type\":\"response.created\",\"response\":{\"output\":[]}}\n{\"type\":\"response.done\",\"response\":{\"output\":[],\"usage\":{\"total_tokens\":40,\"input_tokens\":30,\"output_tokens\":10,\"input_token_details\":{\"text_tokens\":30,\"audio_tokens\":0,\"cached_tokens\":16}}}}\n",
        [Some(50), Some(15), None, None, Some(20)],
    ),
    (
        "OpenAI, a batch",
        "{\"custom_id\":\"a\",\"response\":{\"body\":{\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2}}}}\n{\"custom_id\":\"b\",\"response\":{\"body\":{\"choices\":[],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":3,\"prompt_tokens_details\":{\"cached_tokens\":7}}}}}\n",
        [Some(30), Some(5), None, None, Some(7)],
    ),
    (
        "xAI, whose thinking stands beside its completion",
        r#"{"choices":[],"usage":{"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,"prompt_tokens_details":{"text_tokens":32,"audio_tokens":0,"image_tokens":0,"cached_tokens":6},"completion_tokens_details":{"reasoning_tokens":94,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0},"num_sources_used":0}}"#,
        [Some(32), Some(103), Some(94), None, Some(6)],
    ),
    (
        "xAI, streamed, which counts in each event",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}],\"usage\":{\"prompt_tokens\":14,\"completion_tokens\":0,\"total_tokens\":14}}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":14,\"completion_tokens\":1,\"total_tokens\":401,\"completion_tokens_details\":{\"reasoning_tokens\":386}}}\n\ndata: [DONE]\n\n",
        [Some(14), Some(387), Some(386), None, None],
    ),
    (
        "OpenRouter",
        r#"{"choices":[],"usage":{"prompt_tokens":194,"completion_tokens":2,"total_tokens":196,"cost":0.95,"cost_details":{"upstream_inference_cost":19},"prompt_tokens_details":{"cached_tokens":100,"cache_write_tokens":50,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":1}}}"#,
        [Some(194), Some(2), Some(1), Some(50), Some(100)],
    ),
    (
        "OpenRouter, streamed behind its keep-alives",
        ": OPENROUTER PROCESSING\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":null}],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":4,\"total_tokens\":14,\"completion_tokens_details\":{\"reasoning_tokens\":0}}}\n\ndata: [DONE]\n\n",
        [Some(10), Some(4), Some(0), None, None],
    ),
    (
        "Mistral",
        r#"{"object":"chat.completion","choices":[{"index":0,"message":{"content":"x"}}],"usage":{"prompt_tokens":16,"completion_tokens":34,"total_tokens":50,"prompt_audio_seconds":null,"prompt_tokens_details":{"cached_tokens":8}}}"#,
        [Some(16), Some(34), None, None, Some(8)],
    ),
    (
        "Groq",
        r#"{"choices":[],"usage":{"queue_time":0.037,"prompt_tokens":18,"prompt_time":0.0006,"completion_tokens":556,"completion_time":0.46,"total_tokens":574,"prompt_tokens_details":{"cached_tokens":10}},"x_groq":{"id":"req_1"}}"#,
        [Some(18), Some(556), None, None, Some(10)],
    ),
    (
        "DeepSeek, thinking",
        r#"{"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":64},"completion_tokens_details":{"reasoning_tokens":40},"prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":36}}"#,
        [Some(100), Some(50), Some(40), None, Some(64)],
    ),
    (
        "Moonshot",
        r#"{"choices":[],"usage":{"prompt_tokens":19,"completion_tokens":21,"total_tokens":40,"cached_tokens":10}}"#,
        [Some(19), Some(21), None, None, Some(10)],
    ),
    (
        "Perplexity, whose reasoning is more than its completion",
        r#"{"choices":[],"usage":{"prompt_tokens":33,"completion_tokens":7163,"total_tokens":7196,"citation_tokens":20016,"num_search_queries":28,"reasoning_tokens":95305}}"#,
        [Some(33), Some(7163), Some(95305), None, None],
    ),
    (
        "Anthropic, a cache for five minutes and for an hour",
        r#"{"type":"message","content":[],"usage":{"input_tokens":2048,"cache_read_input_tokens":1800,"cache_creation_input_tokens":248,"output_tokens":503,"cache_creation":{"ephemeral_5m_input_tokens":148,"ephemeral_1h_input_tokens":100},"server_tool_use":{"web_search_requests":1}}}"#,
        [Some(4096), Some(503), None, Some(248), Some(1800)],
    ),
    (
        "Anthropic, streamed with a search, which counts again in the end",
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"type\":\"message\",\"content\":[],\"usage\":{\"input_tokens\":2679,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":3}}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"input_tokens\":10682,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":510,\"server_tool_use\":{\"web_search_requests\":1}}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
        [Some(10682), Some(510), None, Some(0), Some(0)],
    ),
    (
        "Anthropic, compacted on the way",
        r#"{"type":"message","content":[],"usage":{"input_tokens":23000,"output_tokens":1000,"iterations":[{"type":"compaction","input_tokens":180000,"output_tokens":3500},{"type":"message","input_tokens":23000,"output_tokens":1000}]}}"#,
        [Some(203_000), Some(4500), None, None, None],
    ),
    (
        "Gemini with a tool, streamed as events that all count",
        "data: {\"candidates\":[],\"usageMetadata\":{\"promptTokenCount\":10,\"totalTokenCount\":10}}\r\n\r\ndata: {\"candidates\":[],\"usageMetadata\":{\"promptTokenCount\":10,\"candidatesTokenCount\":2,\"toolUsePromptTokenCount\":3,\"thoughtsTokenCount\":5,\"cachedContentTokenCount\":4,\"totalTokenCount\":20,\"promptTokensDetails\":[{\"modality\":\"TEXT\",\"tokenCount\":10}]}}\r\n\r\n",
        [Some(13), Some(7), Some(5), None, Some(4)],
    ),
    (
        "Gemini's interactions",
        r#"{"id":"v1_x","object":"interaction","usage":{"total_input_tokens":7,"total_cached_tokens":2,"total_output_tokens":20,"total_tool_use_tokens":3,"total_thought_tokens":22,"total_tokens":52}}"#,
        [Some(10), Some(42), Some(22), None, Some(2)],
    ),
    (
        "Bedrock, Converse that says some counts twice",
        r#"{"output":{"message":{"content":[]}},"usage":{"cacheReadInputTokenCount":20,"cacheReadInputTokens":20,"cacheWriteInputTokenCount":0,"cacheWriteInputTokens":0,"inputTokens":10,"outputTokens":5,"totalTokens":35}}"#,
        [Some(30), Some(5), None, Some(0), Some(20)],
    ),
    (
        "Cohere, streamed",
        "data: {\"type\":\"message-start\",\"delta\":{\"message\":{\"content\":[]}}}\n\ndata: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"COMPLETE\",\"usage\":{\"billed_units\":{\"input_tokens\":5,\"output_tokens\":2},\"tokens\":{\"input_tokens\":71,\"output_tokens\":12}}}}\n\n",
        [Some(71), Some(12), None, None, None],
    ),
    (
        "Cohere, with a cache",
        r#"{"id":"c","finish_reason":"COMPLETE","message":{"content":[]},"usage":{"billed_units":{"input_tokens":5},"tokens":{"input_tokens":71,"output_tokens":12},"cached_tokens":64}}"#,
        [Some(71), Some(12), None, None, Some(64)],
    ),
    (
        "Mistral's conversations, whose tools count beside the prompt",
        "event: conversation.response.done\ndata: {\"type\":\"conversation.response.done\",\"usage\":{\"prompt_tokens\":188,\"completion_tokens\":55,\"total_tokens\":7355,\"connector_tokens\":7112,\"connectors\":{\"web_search\":1}}}\n\n",
        [Some(7300), Some(55), None, None, None],
    ),
    (
        "DashScope, whose cache is written and read",
        r#"{"output":{"choices":[{"finish_reason":"stop","message":{"content":"x"}}]},"usage":{"input_tokens":100,"output_tokens":5,"total_tokens":105,"prompt_tokens_details":{"cached_tokens":60,"cache_creation_input_tokens":30},"output_tokens_details":{"reasoning_tokens":2}},"request_id":"r"}"#,
        [Some(100), Some(5), Some(2), Some(30), Some(60)],
    ),
    (
        "TGI, streamed",
        "data:{\"index\":1,\"token\":{\"id\":1,\"text\":\"x\",\"special\":false},\"generated_text\":\"x\",\"details\":{\"finish_reason\":\"length\",\"generated_tokens\":1,\"input_length\":8}}\n\n",
        [Some(8), Some(1), None, None, None],
    ),
    (
        "vLLM, pretty-printed over the lines of an event",
        "data: {\ndata:   \"choices\": [],\ndata:   \"usage\": {\"prompt_tokens\": 5, \"completion_tokens\": 2}\ndata: }\n\n",
        [Some(5), Some(2), None, None, None],
    ),
];

/// What stands in `usage` itself.
const RECORDED: [(&str, &str, Counts); 5] = [
    (
        "OpenTelemetry, nested",
        r#"{"gen_ai":{"usage":{"input_tokens":10,"output_tokens":2}}}"#,
        [Some(10), Some(2), None, None, None],
    ),
    (
        "OpenTelemetry, of old",
        r#"{"gen_ai.usage.prompt_tokens":10,"gen_ai.usage.completion_tokens":2}"#,
        [Some(10), Some(2), None, None, None],
    ),
    (
        "LiteLLM",
        r#"{"prompt_tokens":100,"completion_tokens":5,"cache_creation_input_tokens":60,"cache_read_input_tokens":30}"#,
        [Some(100), Some(5), None, Some(60), Some(30)],
    ),
    (
        "Claude Code",
        r#"{"inputTokens":10,"outputTokens":5,"cacheReadInputTokens":20,"cacheCreationInputTokens":7,"webSearchRequests":0,"costUSD":0.1}"#,
        [Some(37), Some(5), None, Some(7), Some(20)],
    ),
    (
        "Gemini in Python",
        r#"{"prompt_token_count":10,"candidates_token_count":2,"thoughts_token_count":5,"cached_content_token_count":4}"#,
        [Some(10), Some(7), Some(5), None, Some(4)],
    ),
];

fn answered(body: impl Into<Vec<u8>>) -> Attempt {
    attempt("https://h.example/", None, Some(Body(body.into())))
}

fn of(tokens: &Tokens) -> Counts {
    [tokens.input, tokens.output, tokens.reasoning, tokens.cache_creation, tokens.cache_read]
}

/// What a step of these attempts is counted by when it is written, and what its view says.
fn counted(attempts: &[Attempt]) -> (Option<Counted>, Option<Tokens>) {
    let step = Recorded { attempts, ..Recorded::default() };
    (Outline::of(step).counted, step.view().tokens)
}

/// Fails unless a step is counted by these numbers of this answer, by its outline and by its view alike.
fn assert_counted(name: &str, attempts: &[Attempt], from: &str, expected: Counts) {
    let (outline, view) = counted(attempts);
    let view = view.expect(name);
    assert_eq!(of(&view), expected, "{name}");
    let outline = outline.expect(name);
    let step = Recorded { attempts, ..Recorded::default() };
    assert_eq!(outline.from.to_string(), from, "{name}");
    assert_eq!(
        (Some(outline.from), Some(&outline.include)),
        (step.view().tokens_from, step.view().tokens_include.as_ref()),
        "{name}"
    );
    let json = serde_json::to_string(&outline.tokens).unwrap();
    let again = Tokens::of(&Usage::from(Object::parse(&json).unwrap()));
    assert_eq!(of(&again), expected, "{name}: {json}");
}

#[test]
fn every_providers_counts_are_read_out_of_its_answers() {
    for (provider, body, expected) in USAGES {
        assert_counted(provider, &[answered(body)], "attempts/1/response", expected);
    }
}

#[test]
fn every_recorders_counts_are_understood() {
    for (recorder, usage, expected) in RECORDED {
        let usage = Usage::from(Object::parse(usage).unwrap());
        assert_eq!(of(&Tokens::of(&usage)), expected, "{recorder}");
    }
}

#[test]
fn counts_are_found_wherever_a_stream_has_them() {
    let usage =
        |output: u32| format!(r#"{{"choices":[],"usage":{{"prompt_tokens":10,"completion_tokens":{output}}}}}"#);
    let event = |data: &str| format!("data: {data}\n\n");
    let delta = event(r#"{"choices":[{"index":0,"delta":{"content":"the \"tokens\": an amount"}}]}"#);
    let count = event(r#"{"choices":[{"index":0,"delta":{"content":"amount"}}]}"#);
    let many = [&*delta, &*count].concat().repeat(50);
    let each = |n: u32| (1..=n).map(|output| event(&usage(output))).collect::<String>();
    for (name, stream, output) in [
        ("in the first event", event(&usage(2)) + &many, 2),
        ("in the last", many.clone() + &event(&usage(2)), 2),
        ("in the midst", many.clone() + &event(&usage(2)) + &many, 2),
        ("before the end", many.clone() + &event(&usage(2)) + &event("[DONE]") + &": ping\n\n".repeat(50), 2),
        ("in each", each(50), 50),
        ("in a line without its field", many.clone() + &usage(2) + "\n", 2),
        ("in an event that was cut", many.clone() + &event(&usage(2)) + "data: {\"choices\":[{\"ind", 2),
        ("behind a byte order mark", "\u{feff}".to_owned() + &event(&usage(2)), 2),
        ("with other line ends", (many + &event(&usage(2))).replace('\n', "\r"), 2),
    ] {
        let expected = [Some(10), Some(output), None, None, None];
        assert_counted(name, &[answered(stream)], "attempts/1/response", expected);
    }
}

#[test]
fn only_the_last_completed_attempt_counts() {
    let body = |output: u32| format!(r#"{{"choices":[],"usage":{{"prompt_tokens":10,"completion_tokens":{output}}}}}"#);
    let completed = |output| answered(body(output));
    let failed = |output| Attempt { status: AttemptStatus::Failed, ..completed(output) };
    let refused = |output| Attempt { response_status: Some(500), ..completed(output) };
    let silent = || Attempt { response_body: None, ..completed(0) };
    let counts = |output| [Some(10), Some(output), None, None, None];
    assert_counted("tried again", &[refused(1), failed(2), completed(3)], "attempts/3/response", counts(3));
    assert_counted("then cut off", &[completed(1), failed(2)], "attempts/1/response", counts(1));
    for (name, attempts) in [
        ("refused in the end", vec![completed(1), refused(2)]),
        ("without a body in the end", vec![completed(1), silent()]),
        ("none", vec![]),
    ] {
        assert_eq!(counted(&attempts), (None, None), "{name}");
    }
    // What a broken attempt says is shown, and not counted.
    let (outline, view) = counted(&[failed(2)]);
    assert_eq!((outline, view.as_ref().map(of)), (None, Some(counts(2))));
}

#[test]
fn a_recorders_word_comes_first() {
    let usage = Usage::from(Object::parse(r#"{"input_tokens":1}"#).unwrap());
    let attempts = [answered(r#"{"choices":[],"usage":{"prompt_tokens":10}}"#)];
    let step = Recorded { attempts: &attempts, usage: Some(&usage), ..Recorded::default() };
    let view = step.view();
    assert_eq!((Outline::of(step).counted, view.tokens_from), (None, None));
    assert_eq!(view.tokens.as_ref().map(of), Some([Some(1), None, None, None, None]));
}

#[test]
fn a_products_own_form_is_shown() {
    let object = Object::parse(r#"{"content":[{"type":"text","text":"x"}],"usage":{"inputTokens":10}}"#).unwrap();
    let step = Recorded { normalized_response: Some(&object), ..Recorded::default() };
    let view = step.view();
    assert_eq!(
        (Outline::of(step).counted, view.tokens_from.map(|from| from.to_string())),
        (None, Some("response".into()))
    );
    assert_eq!(view.tokens.as_ref().map(of), Some([Some(10), None, None, None, None]));
}

/// The model and the tools of an answer, as a list has them; the view says the same.
fn named(name: &str, body: &[u8]) -> (Option<String>, Vec<String>) {
    let attempts = [answered(body)];
    let step = Recorded { attempts: &attempts, ..Recorded::default() };
    let (outline, view) = (Outline::of(step), step.view());
    let mut tools: Vec<String> = Vec::new();
    for part in view.answer.into_iter().flat_map(|choice| choice.parts) {
        if let Content::ToolCall { name, .. } = part.content
            && !tools.contains(&name)
        {
            tools.push(name);
        }
    }
    let outlined = (outline.model_answered, outline.tools_called);
    assert_eq!(outlined, (view.model_answered, tools), "{name}");
    outlined
}

#[test]
fn what_is_written_and_what_is_shown_are_alike() {
    let (mut counts, mut models, mut calls) = (0, 0, 0);
    for (name, body) in recorded::bodies() {
        let (model, tools) = named(&name, &body.0);
        let (outline, view) = counted(&[answered(body.0)]);
        counts += usize::from(outline.is_some());
        models += usize::from(model.is_some());
        calls += usize::from(!tools.is_empty());
        let outline = outline.map(|counted| counted.tokens);
        let view = view.map(|tokens| Usage::from(Object::parse(&tokens.given).unwrap()).counts());
        assert_eq!(outline, view, "{name}");
    }
    assert!(
        counts > 15 && models > 10 && calls > 15,
        "{counts} that count, {models} with a model, {calls} with a call"
    );
}

#[test]
fn models_and_tools_are_found_wherever_a_stream_has_them() {
    let gemini = |first: &str, second: &str| {
        let chunk = |part| format!(r#"{{"candidates":[{{"content":{{"parts":[{part}]}}}}],"modelVersion":"m"}}"#);
        format!("[{}\n,\r\n{}]", chunk(first), chunk(second))
    };
    let (call, text) = (r#"{"functionCall":{"name":"w","args":{}}}"#, r#"{"text":"x"}"#);
    let delta = |model: &str, text: &str| {
        format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{text:?}}}}}]{model}}}\n\n")
    };
    let azure = "data: {\"choices\":[],\"created\":0,\"id\":\"\",\"model\":\"\",\"prompt_filter_results\":[]}\n\n";
    for (name, stream, tools) in [
        ("in the first of an array", gemini(call, text), &["w"][..]),
        ("in the last", gemini(text, call), &["w"]),
        ("behind an empty one", azure.to_owned() + &delta(r#","model":"m""#, "x"), &[]),
        ("behind a text that says so", delta("", "{\"model") + &delta(r#","model":"m""#, "x"), &[]),
    ] {
        let expected = (Some("m".to_owned()), tools.iter().map(|tool| (*tool).to_owned()).collect());
        assert_eq!(named(name, stream.as_bytes()), expected, "{name}");
    }
}

#[test]
fn sums_are_counted_unless_some_of_them_may_be_left_out() {
    let application = r#"{"output":{"text":"x","finish_reason":"null"},"usage":{"models":[{"model_id":"q","input_tokens":10,"output_tokens":2}]}}"#;
    let amount = r#"{"type":"response.text.delta","delta":"amount"}"#;
    let done = r#"{"type":"response.done","response":{"output":[],"usage":{"input_tokens":5,"output_tokens":1}}}"#;
    for (name, events) in [
        ("an application's, which each event says", vec![application; 40]),
        ("a session's among texts that say the same", [vec![amount; 40], vec![done; 2], vec![amount; 40]].concat()),
    ] {
        let stream: String = events.iter().flat_map(|event| ["data: ", event, "\n\n"]).collect();
        assert_counted(name, &[answered(stream)], "attempts/1/response", [Some(10), Some(2), None, None, None]);
    }
    let stream: String = [done; 40].iter().flat_map(|event| ["data: ", event, "\n\n"]).collect();
    assert_eq!(counted(&[answered(stream)]).0, None);
}
