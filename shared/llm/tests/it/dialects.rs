//! What each dialect says, in the shapes that no reported case has.

use crate::{
    lines::{line_ended, lines_asked, lines_said},
    recorded::attempt,
};
use api::{
    json::Object,
    step::Body,
    view::{Place, StepView},
};
use llm::Recorded;

fn view(request: &str, response: &str) -> StepView {
    let attempt = attempt("https://h.example/", Some(Body(request.into())), Some(Body(response.into())));
    Recorded { attempts: &[attempt], ..Recorded::default() }.view()
}

/// Server-sent events of these data.
fn sse(events: &[&str]) -> String {
    events.iter().flat_map(|event| ["data: ", event, "\n\n"]).collect()
}

fn assert_said(name: &str, response: &str, said: &[&str], ended: &str) {
    let view = view("{}", response);
    assert_eq!(
        (lines_said(&view), line_ended(&view)),
        (said.iter().map(|line| (*line).to_owned()).collect(), ended.to_owned()),
        "{name}"
    );
}

#[test]
fn openais_responses_are_put_together_from_their_items() {
    let events = [
        r#"{"type":"response.created","response":{"id":"r","model":"m","status":"in_progress","output":[]}}"#,
        r#"{"type":"response.in_progress","response":{"id":"r"}}"#,
        r#"{"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","id":"rs","summary":[]}}"#,
        r#"{"type":"response.reasoning_summary_part.added","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}}"#,
        r#"{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"Hm"}"#,
        r#"{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"."}"#,
        r#"{"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"Hm."}]}}"#,
        r#"{"type":"response.output_item.added","output_index":1,"item":{"type":"message","role":"assistant","content":[]}}"#,
        r#"{"type":"response.content_part.added","output_index":1,"content_index":0,"part":{"type":"output_text","text":""}}"#,
        r#"{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"He"}"#,
        r#"{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"llo"}"#,
        r#"{"type":"response.output_text.done","output_index":1,"content_index":0,"text":"Hello"}"#,
        r#"{"type":"response.output_item.added","output_index":2,"item":{"type":"function_call","call_id":"c","name":"add","arguments":""}}"#,
        r#"{"type":"response.function_call_arguments.delta","output_index":2,"delta":"{\"a\":"}"#,
        r#"{"type":"response.function_call_arguments.delta","output_index":2,"delta":"1}"}"#,
        r#"{"type":"response.function_call_arguments.done","output_index":2,"arguments":"{\"a\":1}"}"#,
        r#"{"type":"response.completed","response":{"id":"r","status":"completed","output":[{"type":"reasoning"},{"type":"message","content":[{"type":"output_text","text":"Hello"}]},{"type":"function_call","call_id":"c","name":"add","arguments":"{\"a\":1}"},{"type":"custom_tool_call","call_id":"d","name":"sql","input":"SELECT 1"}],"usage":{"input_tokens":1}}}"#,
    ];
    let (thinks, calls) = ("[thinks] Hm.", "c→add({\"a\":1})");
    let whole = &[thinks, "Hello", calls, "d→sql(SELECT 1)", "stop: completed"];
    assert_said("whole", &sse(&events), whole, "completed");
    let early = "interrupted: The stream ends without its last event.";
    assert_said("cut", &sse(&events[..14]), &[thinks, "Hello", "c→add({\"a\":)"], early);
    assert_said("cut in the middle of a text", &sse(&events[..10]), &[thinks, "He"], early);
    let failed =
        r#"{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"No."}}}"#;
    assert_said("failed", &sse(&[events[0], failed]), &["stop: failed"], "error: No.");
    let incomplete = r#"{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":[]}}"#;
    assert_said("incomplete", &sse(&[events[0], incomplete]), &["stop: content_filter"], "completed");
    let error = r#"{"type":"error","code":"rate_limit","message":"Slow down.","param":null}"#;
    assert_said("an error", &sse(&[events[0], error]), &[], "error: Slow down.");
}

#[test]
fn openais_items_of_every_kind_are_named() {
    let items = [
        (
            r#"{"type":"file_search_call","id":"f","queries":["q"],"results":[{"text":"R"}]}"#,
            vec!["f→file_search([\"q\"])", "f file_search← R"],
        ),
        (
            r#"{"type":"code_interpreter_call","id":"i","code":"1+1","outputs":[{"type":"logs","logs":"2"}]}"#,
            vec!["i→code_interpreter(1+1)", "i code_interpreter← {\"type\":\"logs\",\"logs\":\"2\"}"],
        ),
        (r#"{"type":"image_generation_call","id":"g","result":"AAAA"}"#, vec!["g→image_generation()", "[?, 3]"]),
        (
            r#"{"type":"mcp_call","id":"m","name":"x","arguments":"{}","error":"No."}"#,
            vec!["m→x({})", "m x failed← No."],
        ),
        (r#"{"type":"mcp_approval_request","id":"a","name":"x","arguments":"{}"}"#, vec!["a→x({})"]),
        (
            r#"{"type":"computer_call","call_id":"c","action":{"type":"click"}}"#,
            vec!["c→computer({\"type\":\"click\"})"],
        ),
        (
            r#"{"type":"apply_patch_call","call_id":"p","operation":{"type":"x"}}"#,
            vec!["p→apply_patch({\"type\":\"x\"})"],
        ),
        (r#"{"type":"message","content":[{"type":"refusal","refusal":"No."}]}"#, vec!["[refuses] No."]),
        (
            r#"{"type":"message","content":[{"type":"output_text","text":"T","annotations":[{"type":"url_citation","url":"https://h","title":"H"}]}]}"#,
            vec!["T", "[cites H, https://h]"],
        ),
        (r#"{"type":"something_new","a":1}"#, vec!["[something_new]"]),
    ];
    for (item, said) in items {
        let view = view("{}", &format!(r#"{{"object":"response","status":"in_progress","output":[{item}]}}"#));
        assert_eq!(lines_said(&view), said, "{item}");
    }
}

#[test]
fn parallel_calls_stay_apart_however_they_are_numbered() {
    let delta = |delta: &str| format!(r#"{{"choices":[{{"index":0,"delta":{{"tool_calls":[{delta}]}}}}]}}"#);
    let end = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#;
    for (name, deltas) in [
        (
            "by number",
            vec![
                r#"{"index":0,"id":"a","function":{"name":"x","arguments":""}}"#,
                r#"{"index":1,"id":"b","function":{"name":"y","arguments":""}}"#,
                r#"{"index":0,"function":{"arguments":"{}"}}"#,
                r#"{"index":1,"function":{"arguments":"[]"}}"#,
            ],
        ),
        (
            "by id",
            vec![
                r#"{"index":0,"id":"a","function":{"name":"x","arguments":"{"}}"#,
                r#"{"index":0,"id":"a","function":{"name":"x","arguments":"}"}}"#,
                r#"{"index":0,"id":"b","function":{"name":"y","arguments":"[]"}}"#,
            ],
        ),
        (
            "without numbers, in one event",
            vec![
                r#"{"id":"a","function":{"name":"x","arguments":"{}"}},{"id":"b","function":{"name":"y","arguments":"[]"}}"#,
            ],
        ),
        (
            "with one number, in one event",
            vec![
                r#"{"index":0,"id":"a","function":{"name":"x","arguments":"{}"}},{"index":0,"id":"b","function":{"name":"y","arguments":"[]"}}"#,
            ],
        ),
    ] {
        let events: Vec<_> = deltas.into_iter().map(delta).chain([end.to_owned()]).collect();
        let events: Vec<_> = events.iter().map(|event| &**event).collect();
        assert_said(name, &sse(&events), &["a→x({})", "b→y([])", "stop: tool_calls"], "completed");
    }
    let twice = r#"{"index":0,"function":{"name":"x","arguments":"{}"}}"#;
    let events = [delta(twice), delta(twice), end.to_owned()];
    let events: Vec<_> = events.iter().map(|event| &**event).collect();
    assert_said("the same twice", &sse(&events), &["x({})", "x({})", "stop: tool_calls"], "completed");
}

#[test]
fn chat_completions_keep_what_stands_beside_the_text() {
    let message = |members: &str| format!(r#"{{"choices":[{{"message":{{{members}}},"finish_reason":"stop"}}]}}"#);
    for (members, said) in [
        (
            r#""content":"T","images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]"#,
            vec!["T", "[image/png, 3]"],
        ),
        (r#""content":null,"audio":{"id":"a","data":"AAAA","transcript":"T"}"#, vec!["T", "[?, 3]"]),
        (
            r#""content":"T","annotations":[{"type":"url_citation","url_citation":{"url":"https://h","title":"H"}}]"#,
            vec!["T", "[cites H, https://h]"],
        ),
        (
            r#""content":"T","reasoning":null,"reasoning_details":[{"type":"reasoning.summary","summary":"Hm."},{"type":"reasoning.encrypted","data":"x"}]"#,
            vec!["[thinks] Hm.", "[hidden]", "T"],
        ),
        (
            r#""content":[{"type":"text","text":"T"},{"type":"reference","reference_ids":[1]}]"#,
            vec!["T", "[reference]"],
        ),
        (r#""content":"T","something_new":{"a":1}"#, vec!["T", "[something_new]"]),
        (r#""content":"","function_call":{"name":"x","arguments":"{}"}"#, vec!["x({})"]),
    ] {
        let said: Vec<_> = said.into_iter().chain(["stop: stop"]).collect();
        assert_said(members, &message(members), &said, "completed");
    }
    let failed = r#"{"choices":[{"index":0,"delta":{"content":"T"},"finish_reason":"error","error":{"code":502,"message":"No."}}]}"#;
    assert_said("an error in a choice", &sse(&[failed]), &["T", "stop: error"], "error: No.");
    let late =
        sse(&[r#"{"choices":[{"index":0,"delta":{"content":"T"}}]}"#, r#"{"error":{"message":"No.","code":429}}"#]);
    assert_said("an error in a stream", &late, &["T"], "error: No.");
}

#[test]
fn what_servers_say_twice_or_in_odd_places_is_said_once() {
    let delta = |delta: &str| format!(r#"{{"choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#);
    let end = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#.to_owned();
    for (name, events, said, ended) in [
        (
            "Together, a text beside its delta",
            vec![r#"{"choices":[{"index":0,"text":"T","delta":{"token_id":7,"role":"assistant","content":"T","tool_calls":null}}]}"#.to_owned(), end.clone()],
            &["T", "stop: stop"][..],
            "completed",
        ),
        (
            "MiniMax, all of it at the end",
            vec![
                delta(r#"{"content":"T"}"#),
                r#"{"object":"chat.completion","choices":[{"index":0,"finish_reason":"stop","message":{"content":"T"}}],"base_resp":{"status_code":0,"status_msg":""}}"#.to_owned(),
            ],
            &["T", "stop: stop"],
            "completed",
        ),
        (
            "Azure, filters before and behind",
            vec![
                r#"{"choices":[],"prompt_filter_results":[{"prompt_index":0}]}"#.to_owned(),
                delta(r#"{"role":"assistant","content":null,"tool_calls":[]}"#),
                delta(r#"{"content":"T"}"#),
                end.clone(),
                r#"{"choices":[{"index":0,"content_filter_offsets":{"start":1}}]}"#.to_owned(),
            ],
            &["T", "stop: stop"],
            "completed",
        ),
        (
            "nulls everywhere",
            vec![
                r#"{"id":null,"choices":[{"index":0,"delta":{"content":null,"refusal":null,"function_call":null,"tool_calls":null,"reasoning":null,"audio":null},"finish_reason":""}],"usage":null}"#.to_owned(),
                r#"{"choices":null,"object":"chat.completion.chunk"}"#.to_owned(),
                r#"{"choices":[{"index":0,"delta":null}]}"#.to_owned(),
                delta(r#"{"content":"T"}"#),
                end.clone(),
            ],
            &["T", "stop: stop"],
            "completed",
        ),
        (
            "thoughts under two names",
            vec![delta(r#"{"content":null,"reasoning":"Hm.","reasoning_content":"Hm."}"#), delta(r#"{"content":"T"}"#), end.clone()],
            &["[thinks] Hm.", "T", "stop: stop"],
            "completed",
        ),
        (
            "arguments that are no text",
            vec![delta(r#"{"tool_calls":[{"index":0,"id":"c","function":{"name":"x","arguments":{"a":1}}}]}"#), end.clone()],
            &["c→x({\"a\":1})", "stop: stop"],
            "completed",
        ),
        (
            "Groq's error",
            vec![delta(r#"{"content":"T"}"#), r#"{"choices":[],"x_groq":{"id":"r","error":"over capacity"}}"#.to_owned()],
            &["T"],
            "error: over capacity",
        ),
        (
            "an error that is a text",
            vec![delta(r#"{"content":"T"}"#), r#"{"error":"No."}"#.to_owned(), "[DONE]".to_owned()],
            &["T"],
            "error: No.",
        ),
    ] {
        let events: Vec<_> = events.iter().map(|event| &**event).collect();
        assert_said(name, &sse(&events), said, ended);
    }
    let failed = r#"{"id":"i","choices":null,"base_resp":{"status_code":1008,"status_msg":"No money."}}"#;
    assert_said("MiniMax's error", failed, &[], "error: No money.");
    let queued = r#"{"object":"response","status":"queued","output":[]}"#;
    assert_said("a response that is not there yet", queued, &["stop: queued"], "completed");
    let cancelled = r#"{"object":"response","status":"cancelled","output":[{"type":"message","content":[{"type":"output_text","text":"T"}]}]}"#;
    assert_said(
        "a response that was cancelled",
        cancelled,
        &["T", "stop: cancelled"],
        "interrupted: The response was cancelled.",
    );
}

#[test]
fn anthropics_blocks_of_every_kind_are_named() {
    let events = [
        r#"{"type":"message_start","message":{"id":"msg","model":"m","content":[]}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"query\":\"q\"}"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","title":"H","url":"https://h","encrypted_content":"x"}]}}"#,
        r#"{"type":"content_block_start","index":2,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"signature_delta","signature":"x"}}"#,
        r#"{"type":"content_block_start","index":3,"content_block":{"type":"text","text":""}}"#,
        r#"{"type":"content_block_delta","index":3,"delta":{"type":"citations_delta","citation":{"type":"char_location","cited_text":"C"}}}"#,
        r#"{"type":"content_block_delta","index":3,"delta":{"type":"text_delta","text":"T"}}"#,
        r#"{"type":"content_block_start","index":4,"content_block":{"type":"something_new","a":1}}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"pause_turn"},"usage":{"output_tokens":3}}"#,
        r#"{"type":"message_stop"}"#,
    ];
    let said = &[
        "s→web_search({\"query\":\"q\"})",
        "s web_search← [cites H, https://h]",
        "[hidden]",
        "T",
        "[cites C]",
        "[something_new]",
        "stop: pause_turn",
    ];
    assert_said("streamed", &sse(&events), said, "completed");
    let failed = r#"{"type":"message","content":[{"type":"web_search_tool_result","tool_use_id":"s","content":{"type":"web_search_tool_result_error","error_code":"max_uses_exceeded"}}]}"#;
    let said = &["s  failed← {\"type\":\"web_search_tool_result_error\",\"error_code\":\"max_uses_exceeded\"}"];
    assert_said("a search that failed", failed, said, "completed");
}

#[test]
fn gemini_thinks_runs_code_and_cites() {
    let chunk = |parts: &str, more: &str| {
        format!(r#"{{"candidates":[{{"content":{{"role":"model","parts":[{parts}]}}{more}}}]}}"#)
    };
    let chunks = [
        chunk(r#"{"text":"H","thought":true}"#, ""),
        chunk(r#"{"text":"m.","thought":true}"#, ""),
        chunk(r#"{"text":"T"}"#, ""),
        chunk(
            r#"{"executableCode":{"language":"PYTHON","code":"1"}},{"codeExecutionResult":{"outcome":"OUTCOME_FAILED","output":"E"}}"#,
            "",
        ),
        chunk(
            r#"{"inlineData":{"mimeType":"image/png","data":"AAAA"}}"#,
            r#","finishReason":"MAX_TOKENS","groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://h","title":"H"}}]}"#,
        ),
    ];
    let chunks: Vec<_> = chunks.iter().map(|chunk| &**chunk).collect();
    let said = &[
        "[thinks] Hm.",
        "T",
        "code_execution({\"language\":\"PYTHON\",\"code\":\"1\"})",
        "code_execution failed← E",
        "[image/png, 3]",
        "[cites H, https://h]",
        "stop: MAX_TOKENS",
    ];
    assert_said("streamed", &sse(&chunks), said, "completed");
    assert_said("as an array", &format!("[{}]", chunks.join(",\r\n")), said, "completed");
    let dumped = r#"{"candidates":[{"content":{"parts":[{"text":null,"thought":null,"function_call":{"id":null,"name":"x","args":{}}},{"text":"T","function_call":null}],"role":"model"},"finish_reason":"STOP","index":null}],"usage_metadata":{"prompt_token_count":7},"prompt_feedback":null}"#;
    assert_said("as its library for Python writes it", dumped, &["x({})", "T", "stop: STOP"], "completed");
    let malformed = r#"{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"No such tool."}]}"#;
    assert_said("malformed", malformed, &["stop: MALFORMED_FUNCTION_CALL"], "error: No such tool.");
    let refused = r#"[{"error":{"code":400,"message":"No.","status":"INVALID_ARGUMENT"}}]"#;
    assert_said("an error as an array", refused, &[], "error: No.");
}

#[test]
fn coheres_and_ollamas_streams_are_put_together() {
    let events = [
        r#"{"type":"message-start","id":"i","delta":{"message":{"role":"assistant"}}}"#,
        r#"{"type":"tool-plan-delta","delta":{"message":{"tool_plan":"Hm."}}}"#,
        r#"{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}}"#,
        r#"{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"T"}}}}"#,
        r#"{"type":"content-end","index":0}"#,
        r#"{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"c","type":"function","function":{"name":"x","arguments":""}}}}}"#,
        r#"{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{}"}}}}}"#,
        r#"{"type":"tool-call-end","index":0}"#,
        r#"{"type":"message-end","delta":{"finish_reason":"TOOL_CALL","usage":{"tokens":{"input_tokens":1,"output_tokens":2}}}}"#,
    ];
    assert_said("Cohere", &sse(&events), &["[thinks] Hm.", "T", "c→x({})", "stop: TOOL_CALL"], "completed");
    let thinks = [
        events[0],
        r#"{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"thinking","thinking":""}}}}"#,
        r#"{"type":"content-delta","index":0,"delta":{"message":{"content":{"thinking":"Hm."}}}}"#,
        r#"{"type":"content-start","index":1,"delta":{"message":{"content":{"type":"text","text":""}}}}"#,
        r#"{"type":"content-delta","index":1,"delta":{"message":{"content":{"text":"T"}}}}"#,
        r#"{"type":"message-end","delta":{"finish_reason":"ERROR","error":"No."}}"#,
    ];
    assert_said("Cohere thinks and fails", &sse(&thinks), &["[thinks] Hm.", "T", "stop: ERROR"], "error: No.");
    let lines =
        "{\"model\":\"m\",\"response\":\"T\",\"done\":false}\n{\"model\":\"m\",\"response\":\"U\",\"done\":false}\n";
    let end = "{\"model\":\"m\",\"response\":\"\",\"done\":true,\"done_reason\":\"stop\",\"load_duration\":1000000,\"prompt_eval_duration\":2000000}\n";
    assert_said("Ollama", &format!("{lines}{end}"), &["TU", "stop: stop"], "completed");
    assert_eq!(view("{}", &format!("{lines}{end}")).first_token_ms, Some(3));
    let early = "interrupted: The stream ends without its last event.";
    assert_said("Ollama, cut", lines, &["TU"], early);
    assert_said("Ollama, cut behind its first line", lines.split_inclusive('\n').next().unwrap(), &["T"], early);
}

#[test]
fn the_ai_sdks_models_and_pages_stream_alike() {
    let model = [
        r#"{"type":"stream-start","warnings":[]}"#,
        r#"{"type":"response-metadata","id":"r","modelId":"m"}"#,
        r#"{"type":"reasoning-start","id":"0"}"#,
        r#"{"type":"reasoning-delta","id":"0","delta":"Hm."}"#,
        r#"{"type":"text-start","id":"1"}"#,
        r#"{"type":"text-delta","id":"1","delta":"T"}"#,
        r#"{"type":"tool-input-start","id":"c","toolName":"x"}"#,
        r#"{"type":"tool-input-delta","id":"c","delta":"{}"}"#,
        r#"{"type":"tool-input-end","id":"c"}"#,
        r#"{"type":"tool-call","toolCallId":"c","toolName":"x","input":"{}"}"#,
        r#"{"type":"finish","finishReason":{"unified":"tool-calls","raw":"tool_use"},"usage":{"inputTokens":{"total":10},"outputTokens":{"total":2}}}"#,
    ];
    assert_said("a model", &sse(&model), &["[thinks] Hm.", "T", "c→x({})", "stop: tool_use"], "completed");
    let answered = view("{}", &sse(&model));
    let tokens = answered.tokens.map(|tokens| (tokens.input, tokens.output));
    assert_eq!((answered.model_answered.as_deref(), tokens), (Some("m"), Some((Some(10), Some(2)))));
    let early = "interrupted: The stream ends without its last event.";
    assert_said("a model, cut", &sse(&model[..8]), &["[thinks] Hm.", "T", "c→x({})"], early);
    let page = [
        r#"{"type":"start","messageMetadata":{"a":1}}"#,
        r#"{"type":"text-start","id":"0"}"#,
        r#"{"type":"text-end","id":"0"}"#,
        r#"{"type":"source-url","sourceId":"s","url":"https://h","title":"H"}"#,
        r#"{"type":"file","url":"data:image/png;base64,AAAA","mediaType":"image/png"}"#,
        r#"{"type":"data-weather","data":{"a":1}}"#,
        r#"{"type":"tool-input-available","toolCallId":"c","toolName":"x","input":{},"providerExecuted":true}"#,
        r#"{"type":"tool-output-available","toolCallId":"c","output":"so far","preliminary":true}"#,
        r#"{"type":"tool-output-available","toolCallId":"c","output":{"value":1}}"#,
        r#"{"type":"tool-input-error","toolCallId":"d","toolName":"x","input":"{","errorText":"No JSON."}"#,
        r#"{"type":"tool-approval-request","approvalId":"a","toolCallId":"c"}"#,
        r#"{"type":"tool-output-denied","toolCallId":"e"}"#,
        r#"{"type":"finish"}"#,
        "[DONE]",
    ];
    let said = &[
        "[messageMetadata]",
        "[cites H, https://h]",
        "[image/png, 3]",
        "[data-weather]",
        "c→x({})",
        "c x← {\"value\":1}",
        "d→x({)",
        "d x failed← No JSON.",
        "[tool-approval-request]",
        "e  failed← ",
    ];
    assert_said("a page", &sse(&page), said, "completed");
    let texts = [
        r#"{"type":"text-delta","id":"a","delta":"A"}"#,
        r#"{"type":"text-delta","id":"b","delta":"B"}"#,
        r#"{"type":"text-delta","id":"a","delta":"a"}"#,
        r#"{"type":"finish","finishReason":"stop"}"#,
    ];
    assert_said("two texts at once", &sse(&texts), &["Aa", "B", "stop: stop"], "completed");
}

#[test]
fn the_ai_sdks_older_lines_are_put_together() {
    for (name, lines, said, ended) in [
        (
            "steps",
            "f:{\"messageId\":\"m\"}\n0:\"A\"\n9:{\"toolCallId\":\"c\",\"toolName\":\"x\",\"args\":{}}\na:{\"toolCallId\":\"c\",\"result\":{\"a\":1}}\ne:{\"finishReason\":\"tool-calls\",\"isContinued\":false}\nf:{\"messageId\":\"n\"}\n0:\"B\"\ne:{\"finishReason\":\"stop\"}\nd:{\"finishReason\":\"stop\"}\n",
            &["A", "c→x({})", "c x← {\"a\":1}", "B", "stop: stop"][..],
            "completed",
        ),
        ("a step alone", "0:\"A\"\r\ne:{\"finishReason\":\"stop\"}\r\n", &["A", "stop: stop"], "completed"),
        (
            "a cut step",
            "f:{\"messageId\":\"m\"}\n0:\"A\"\ne:{\"finishReason\":\"tool-calls\"}\nf:{\"messageId\":\"n\"}\n0:\"B",
            &["A", "stop: tool-calls"],
            "interrupted: The stream ends without its last event.",
        ),
        (
            "cut between two steps",
            "f:{\"messageId\":\"m\"}\n0:\"A\"\ne:{\"finishReason\":\"tool-calls\"}\n",
            &["A", "stop: tool-calls"],
            "interrupted: The stream ends without its last event.",
        ),
        (
            "cut behind a step, in the next",
            "0:\"A\"\ne:{\"finishReason\":\"stop\"}\n0:\"B\"\n",
            &["AB", "stop: stop"],
            "interrupted: The stream ends without its last event.",
        ),
        (
            "data behind the end",
            "f:{\"messageId\":\"m\"}\n0:\"A\"\nd:{\"finishReason\":\"stop\"}\n8:[{\"b\":2}]\n",
            &["A", "[annotations]", "stop: stop"],
            "completed",
        ),
        (
            "everything else",
            "g:\"Hm.\"\nj:{\"signature\":\"s\"}\nh:{\"sourceType\":\"url\",\"id\":\"s\",\"url\":\"https://h\",\"title\":\"H\"}\nk:{\"data\":\"AAAA\",\"mimeType\":\"image/png\"}\n2:[{\"a\":1}]\n8:[{\"b\":2}]\n{\"c\":3}\nd:{\"finishReason\":\"stop\",\"usage\":{\"promptTokens\":null,\"completionTokens\":null}}\n",
            &[
                "[thinks] Hm.",
                "[cites H, https://h]",
                "[image/png, 3]",
                "[data]",
                "[annotations]",
                "[event]",
                "stop: stop",
            ],
            "completed",
        ),
    ] {
        assert_said(name, lines, said, ended);
    }
}

#[test]
fn models_that_only_bedrock_and_vertex_have_are_read() {
    for (response, said) in [
        (
            r#"{"id":1,"prompt":{"text":"Q","tokens":[]},"completions":[{"data":{"text":"T","tokens":[]},"finishReason":{"reason":"endoftext"}}]}"#,
            &["T", "stop: endoftext"][..],
        ),
        (
            r#"{"id":"i","prompt":"Q","generations":[{"id":"g","text":"T","finish_reason":"COMPLETE"}]}"#,
            &["T", "stop: COMPLETE"],
        ),
        (
            r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"T"},"stop_reason":"stop"}]}"#,
            &["T", "stop: stop"],
        ),
        (r#"{"images":["AAAA"],"error":null}"#, &["[?, 3]"]),
        (r#"{"result":"success","artifacts":[{"seed":1,"base64":"AAAA","finishReason":"SUCCESS"}]}"#, &["[?, 3]"]),
        (r#"{"predictions":[{"bytesBase64Encoded":"AAAA","mimeType":"image/png"}]}"#, &["[image/png, 3]"]),
        (r#"{"predictions":["T","U"]}"#, &["T", "U"]),
        (
            r#"{"predictions":[{"candidates":[{"author":"1","content":"T"},{"author":"1","content":"U"}],"citationMetadata":[{"citations":[]}]}]}"#,
            &["T", "U"],
        ),
        (r#"{"predictions":[{"embeddings":{"values":[0.1,0.2]}}]}"#, &["[1 embeddings of Some(2)]"]),
        (r#"{"predictions":[{"score":0.5}]}"#, &["[prediction]"]),
    ] {
        assert_said(response, response, said, "completed");
    }
    let blocked = r#"{"predictions":[{"content":"","safetyAttributes":{"blocked":true}}]}"#;
    assert_said("blocked", blocked, &["stop: blocked"], "error: The answer was blocked.");
}

#[test]
fn results_in_one_list_are_those_of_a_batch() {
    let batch = r#"{"name":"batches/b","done":true,"response":{"inlinedResponses":{"inlinedResponses":[{"metadata":{"key":"a"},"response":{"candidates":[{"content":{"parts":[{"text":"T"}]},"finishReason":"STOP"}]}},{"metadata":{"key":"b"},"error":{"code":3,"message":"No."}}]}}}"#;
    assert_said("Gemini", batch, &["for a", "T", "stop: STOP", "for b", "[error]", "stop: 3"], "completed");
    let failed = "{\"custom_id\":\"a\",\"response\":{\"status_code\":400,\"body\":{\"error\":{\"message\":\"No.\",\"code\":\"c\"}}},\"error\":null}\n{\"recordId\":\"b\",\"modelInput\":{},\"error\":{\"errorCode\":400,\"errorMessage\":\"No.\"}}\n";
    assert_said("failures", failed, &["for a", "[error]", "stop: c", "for b", "[error]", "stop: No."], "completed");
}

#[test]
fn a_live_session_has_an_answer_for_each_turn() {
    let turn = |text: &str, end: &str| {
        format!(
            "{{\"serverContent\":{{\"modelTurn\":{{\"parts\":[{{\"text\":\"{text}\"}}]}}}}}}\n{{\"serverContent\":{{\"{end}\":true}}}}\n"
        )
    };
    let heard = "{\"serverContent\":{\"inputTranscription\":{\"text\":\"Q\"}}}\n";
    let session =
        format!("{{\"setupComplete\":{{}}}}\n{heard}{}{}", turn("A", "interrupted"), turn("B", "turnComplete"));
    let said = &["[inputTranscription]", "A", "stop: interrupted", "B", "stop: turnComplete"];
    assert_said("two", &session, said, "completed");
    let early = "interrupted: The stream ends without its last event.";
    assert_said("cut", &turn("A", "generationComplete"), &["A"], early);
}

#[test]
fn a_realtime_session_has_an_answer_for_each_response() {
    let response = |text: &str| {
        format!(
            "{{\"type\":\"response.created\",\"response\":{{}}}}\n{{\"type\":\"response.output_audio_transcript.delta\",\"output_index\":0,\"delta\":\"{text}\"}}\n{{\"type\":\"response.output_audio.delta\",\"output_index\":0,\"delta\":\"AAAA\"}}\n{{\"type\":\"response.done\",\"response\":{{\"status\":\"completed\"}}}}\n"
        )
    };
    let heard = "{\"type\":\"conversation.item.input_audio_transcription.completed\",\"transcript\":\"Q\"}\n";
    let session = format!("{{\"type\":\"session.created\"}}\n{}{heard}{}", response("A"), response("B"));
    let said = &[
        "A",
        "[?, 3]",
        "[conversation.item.input_audio_transcription.completed]",
        "stop: completed",
        "B",
        "[?, 3]",
        "stop: completed",
    ];
    assert_said("two", &session, said, "completed");
}

#[test]
fn a_batch_keeps_failures_to_themselves() {
    let file = "{\"custom_id\":\"a\",\"result\":{\"type\":\"succeeded\",\"message\":{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"T\"}],\"stop_reason\":\"end_turn\"}}}\n{\"custom_id\":\"b\",\"result\":{\"type\":\"errored\",\"error\":{\"type\":\"error\",\"error\":{\"type\":\"invalid_request\",\"message\":\"No.\"}}}}\n{\"custom_id\":\"c\",\"result\":{\"type\":\"expired\"}}\n";
    let said = &[
        "for a",
        "T",
        "stop: end_turn",
        "for b",
        "[error]",
        "stop: invalid_request",
        "for c",
        "[error]",
        "stop: expired",
    ];
    assert_said("Anthropic", file, said, "completed");
}

#[test]
fn answers_that_are_data_say_what_they_are() {
    for (response, said) in [
        (r#"{"data":[{"embedding":[0.1,0.2]},{"embedding":[0.3,0.4]}]}"#, "[2 embeddings of Some(2)]"),
        (r#"{"data":[{"embedding":"AAAA"}]}"#, "[1 embeddings of None]"),
        (r#"{"embedding":{"values":[0.1]}}"#, "[1 embeddings of Some(1)]"),
        (r#"{"embeddings":[[0.1,0.2,0.3]]}"#, "[1 embeddings of Some(3)]"),
        (r#"{"created":1,"data":[{"b64_json":"AAAA"}]}"#, "[?, 3]"),
        (r#"{"text":"T"}"#, "T"),
        (r#"{"something":"new"}"#, "[answer]"),
    ] {
        assert_said(response, response, &[said], "completed");
    }
}

#[test]
fn what_is_no_answer_is_called_so() {
    let stream = |response: &str| {
        let view = view(r#"{"stream":true}"#, response);
        (lines_said(&view), line_ended(&view))
    };
    let page = "<!doctype html><title>Sign in</title>";
    assert_eq!(stream(page).1, format!("error: A page came in the place of an answer: {page}"));
    assert_eq!(stream(" \n").1, "interrupted: The answer is empty.");
    assert_eq!(stream("upstream reset").1, "error: Text came in the place of an answer: upstream reset");
    assert_eq!(stream(": keep-alive\n\n").1, "interrupted: The stream ends without its last event.");
    assert_said(
        "cut",
        r#"{"choices":[{"message":{"content":"T"#,
        &["T"],
        "interrupted: The answer is cut in the middle.",
    );
    let broken = r#"{"choices":[{"message":{"content":"T"}}],}"#;
    assert_said("broken", broken, &["T"], "interrupted: The answer is not JSON from byte 41 on.");
    assert_said(
        "a stream that nobody knows",
        &sse(&[r#"{"a":1}"#, r#"{"a":2}"#, "x"]),
        &["[event]", "[event]"],
        "completed",
    );
}

#[test]
fn products_own_forms_are_read() {
    let read = |request: &str, response: &str| {
        let [request, response] = [request, response].map(|text| Object::parse(text).unwrap());
        let step = Recorded {
            normalized_request: Some(&request),
            normalized_response: Some(&response),
            ..Recorded::default()
        };
        let view = step.view();
        (lines_asked(&view), lines_said(&view))
    };
    for (name, request, asked, response, said) in [
        (
            "Coder",
            r#"{"messages":[{"role":"user","parts":[{"type":"text","text":"Q"},{"type":"file","filename":"x.png","media_type":"image/png"}]},{"role":"assistant","parts":[{"type":"reasoning","text":"Hm."},{"type":"tool-call","tool_call_id":"c","tool_name":"x","arguments":"{}"}]},{"role":"tool","parts":[{"type":"tool-result","tool_call_id":"c","tool_name":"x","result":"R"}]}]}"#,
            vec!["user: Q", "user: [image/png, ?]", "assistant: [thinks] Hm.", "assistant: c→x({})", "tool: c x← R"],
            r#"{"content":[{"type":"text","text":"A"},{"type":"source","title":"H","url":"https://h"}],"finish_reason":"stop"}"#,
            vec!["A", "[cites H, https://h]", "stop: stop"],
        ),
        (
            "the AI SDK",
            r#"{"prompt":[{"role":"system","content":"S"},{"role":"user","content":[{"type":"text","text":"Q"},{"type":"image","image":"AAAA","mediaType":"image/png"}]},{"role":"assistant","content":[{"type":"tool-call","toolCallId":"c","toolName":"x","input":{}}]},{"role":"tool","content":[{"type":"tool-result","toolCallId":"c","toolName":"x","output":{"type":"error-text","value":"E"}}]}]}"#,
            vec!["system: S", "user: Q", "user: [image/png, 3]", "assistant: c→x({})", "tool: c x failed← E"],
            r#"{"text":"A","toolCalls":[{"toolCallId":"d","toolName":"y","args":{"a":1}}],"finishReason":"tool-calls"}"#,
            vec!["A", "d→y({\"a\":1})", "stop: tool-calls"],
        ),
        (
            "LangChain",
            r#"{"messages":[{"lc":1,"type":"constructor","id":["langchain","schema","messages","HumanMessage"],"kwargs":{"content":"Q","type":"human"}},{"type":"ai","content":"","tool_calls":[{"name":"x","args":{},"id":"c","type":"tool_call"}]},{"type":"tool","content":"R","tool_call_id":"c"}]}"#,
            vec!["user: Q", "assistant: c→x({})", "tool: c x← R"],
            r#"{"generations":[[{"text":"A","generation_info":{},"message":{"lc":1,"kwargs":{"content":"A","response_metadata":{"finish_reason":"stop"}}}}]]}"#,
            vec!["A", "stop: stop"],
        ),
        (
            "OpenTelemetry",
            r#"{"gen_ai.system_instructions":[{"type":"text","content":"S"}],"gen_ai.input.messages":[{"role":"user","parts":[{"type":"text","content":"Q"},{"type":"blob","modality":"image","mime_type":"image/png","content":"AAAA"}]},{"role":"assistant","parts":[{"type":"tool_call","id":"c","name":"x","arguments":{}}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"c","response":"R"}]}]}"#,
            vec!["system: S", "user: Q", "user: [image/png, 3]", "assistant: c→x({})", "tool: c x← R"],
            r#"{"gen_ai.output.messages":[{"role":"assistant","parts":[{"type":"reasoning","content":"Hm."},{"type":"text","content":"A"}],"finish_reason":"stop"}]}"#,
            vec!["[thinks] Hm.", "A", "stop: stop"],
        ),
    ] {
        let (own_asked, own_said) = read(request, response);
        assert_eq!(own_asked, asked, "{name}");
        assert_eq!(own_said, said, "{name}");
    }
}

#[test]
fn json_in_texts_is_opened_where_it_may_stand() {
    for (request, asked) in [
        (
            r#"{"gen_ai.system_instructions":"You are [kind].","gen_ai.input.messages":"[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"Q \\ud83d\\ude00\"}]},{\"role\":\"assistant\",\"parts\":[{\"type\":\"server_tool_call\",\"id\":\"c\",\"name\":\"search\",\"server_tool_call\":{\"type\":\"web\",\"q\":1}},{\"type\":\"server_tool_call_response\",\"id\":\"c\",\"server_tool_call_response\":\"R\"},{\"type\":\"file\",\"modality\":\"image\",\"file_id\":\"f\"}]}]"}"#,
            vec![
                "system: You are [kind].",
                "user: Q 😀",
                "assistant: c→search({\"type\":\"web\",\"q\":1})",
                "assistant: c search← R",
                "assistant: [?, ?]",
            ],
        ),
        (r#"{"gen_ai.input.messages":"[{\"role\":\"user\""}"#, vec!["user: [{\"role\":\"user\""]),
        (r#"{"gen_ai.prompt":"{\"messages\":1}"}"#, vec!["user: [messages]"]),
        (r#"{"messages":"[{\"role\":\"system\",\"content\":\"S\"}]"}"#, vec!["system: S"]),
        (r#"{"prompt":"[{\"role\":\"user\"}]"}"#, vec!["user: [{\"role\":\"user\"}]"]),
    ] {
        assert_eq!(lines_asked(&view(request, "{}")), asked, "{request}");
    }
    let opened = view(r#"{"gen_ai.input.messages":"[{\"role\":\"user\",\"content\":\"Q\"}]"}"#, "{}");
    let place = &opened.messages[0].parts[0].source.place;
    assert_eq!(*place, Place::from(25..66), "the text that holds it");
    let tools =
        view(r#"{"gen_ai.tool.definitions":"[{\"name\":\"x\"}]","ai.prompt.tools":["{\"name\":\"y\"}"]}"#, "{}");
    assert_eq!(tools.tools.iter().map(|tool| &*tool.name).collect::<Vec<_>>(), ["x", "y"]);
}

#[test]
fn langchains_messages_are_read_however_they_were_written_down() {
    let made = |class: &str, kwargs: &str| {
        format!(
            r#"{{"lc":1,"type":"constructor","id":["langchain_core","messages",0,"{class}"],"kwargs":{{{kwargs}}}}}"#
        )
    };
    let (human, ai) = (made("HumanMessage", r#""content":"Q""#), made("AIMessageChunk", r#""content":"A""#));
    let called = made(
        "AIMessage",
        r#""content":"","additional_kwargs":{"tool_calls":[{"id":"c","type":"function","function":{"name":"x","arguments":"{}"}}]}"#,
    );
    for (name, messages, asked) in [
        ("for each prompt", format!("[[{human},{ai}]]"), vec!["user: Q", "assistant: A"]),
        (
            "a prompt",
            made("ChatPromptValue", &format!(r#""messages":[{human},{ai}]"#)),
            vec!["user: Q", "assistant: A"],
        ),
        (
            "pairs",
            r#"[["system","S"],["human","Q"],["ai","A"]]"#.to_owned(),
            vec!["system: S", "user: Q", "assistant: A"],
        ),
        ("calls in the provider's form", format!("[{called}]"), vec!["assistant: c→x({})"]),
        (
            "as dicts",
            r#"[{"type":"human","data":{"content":"Q"}},{"type":"ai","data":{"content":"A"}},{"type":"AIMessageChunk","content":"B"}]"#.to_owned(),
            vec!["user: Q", "assistant: A", "assistant: B"],
        ),
        (
            "what cannot be made",
            r#"[{"lc":1,"type":"not_implemented","id":["a","B"],"repr":"B()"}]"#.to_owned(),
            vec!["user: [not_implemented]"],
        ),
    ] {
        assert_eq!(lines_asked(&view(&format!(r#"{{"messages":{messages}}}"#), "{}")), asked, "{name}");
    }
}

#[test]
fn requests_of_every_shape_say_what_was_asked() {
    for (request, asked) in [
        (r#"{"model":"m","input":["Q","R"]}"#, vec!["user: Q", "user: R"]),
        (r#"{"prompt":[1,2,3]}"#, vec!["user: [tokens]"]),
        (
            r#"{"chat_history":[{"role":"CHATBOT","message":"A"}],"message":"Q","preamble":"S"}"#,
            vec!["system: S", "assistant: A", "user: Q"],
        ),
        (r#"{"inputText":"Q"}"#, vec!["user: Q"]),
        (
            r#"{"instances":["Q",{"prompt":"R"},{"a":1}],"parameters":{"topK":1}}"#,
            vec!["user: Q", "user: R", "user: [a]"],
        ),
        (r#"{"instances":7}"#, vec![]),
        (r#"{"messages":[{"role":"user","content":"Q","images":["AAAA"]}]}"#, vec!["user: Q", "user: [?, 3]"]),
        (
            r#"{"messages":[{"role":"user","content":[{"type":"document","title":"D","source":{"type":"text","media_type":"text/plain","data":"T"}}]}]}"#,
            vec!["user: [text/plain, 1]", "user: T"],
        ),
        (
            r#"{"messages":[{"role":"user","content":[{"document":{"format":"pdf","name":"d","source":{"bytes":"AAAA"}}},{"cachePoint":{"type":"default"}}]}]}"#,
            vec!["user: [application/pdf, 3]", "user: [cachePoint]"],
        ),
        (r#"{"messages":[{"role":"function","name":"x","content":"R"}]}"#, vec!["tool: x← R"]),
        (
            r#"{"messages":[{"role":"user","content":[{"type":"search_result","title":"H","source":"https://h","content":[{"type":"text","text":"T"}]}]}]}"#,
            vec!["user: [cites H, https://h]"],
        ),
        (r#"{"messages":[7,null,{"a":1}]}"#, vec!["user: [message]", "user: [a]"]),
    ] {
        assert_eq!(lines_asked(&view(request, "{}")), asked, "{request}");
    }
    let settings = view(
        r#"{"model":"m","max_tokens":5,"generationConfig":{"temperature":1e0},"tools":[{"googleSearch":{}},{"functionDeclarations":[{"name":"a"},{"name":"b"}]},{"toolSpec":{"name":"c"}},{"type":"web_search"}]}"#,
        "{}",
    );
    let parameters: Vec<_> = settings.parameters.iter().map(|it| (&*it.name, &*it.value)).collect();
    assert_eq!(parameters, [("max_tokens", "5"), ("generationConfig.temperature", "1e0")]);
    let tools: Vec<_> = settings.tools.iter().map(|tool| &*tool.name).collect();
    assert_eq!(tools, ["googleSearch", "a", "b", "c", "web_search"]);
}

#[test]
fn a_step_tells_which_messages_the_one_before_had() {
    let before = view(r#"{"messages":[{"role":"user","content":"Q"}]}"#, "{}");
    let request = r#"{ "messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]}"#;
    let mut after = view(request, "{}");
    after.compare(&before);
    assert_eq!(after.messages_before, 1);
}

#[test]
fn the_first_byte_of_a_stream_is_its_first_token_unless_the_provider_knows_better() {
    let first_token = |response: &str| {
        let mut attempt = attempt("https://h.example/", None, Some(Body(response.into())));
        attempt.first_byte_ms = Some(250.into());
        let view = Recorded { attempts: &[attempt], ..Recorded::default() }.view();
        assert_eq!(view.attempts[0].first_byte_ms, Some(250));
        view.first_token_ms
    };
    let chunk = r#"{"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]"#;
    assert_eq!(first_token(&format!("data: {chunk}}}\n\n")), Some(250));
    let counted = r#","x_groq":{"usage":{"queue_time":0.1,"prompt_time":0.02}}}"#;
    assert_eq!(first_token(&format!("data: {chunk}{counted}\n\n")), Some(120));
    assert_eq!(first_token(r#"{"choices":[{"index":0,"message":{"content":"x"}}]}"#), None);
}

#[test]
fn numbers_beyond_all_choices_are_no_sums_beyond_all_numbers() {
    let line = r#"{"custom_id":"a","response":{"body":{"choices":[{"index":18446744073709551615,"message":{"content":"x"}}]}}}"#;
    let view = view("{}", &format!("{line}\n{line}\n{line}\n"));
    assert_eq!(view.answer.iter().filter(|choice| choice.parts.len() == 1).count(), 3);
}

#[test]
fn what_providers_have_beside_their_answers_is_said_too() {
    for (name, response, said, ended) in [
        (
            "an open model's thoughts and what sums them up",
            r#"{"object":"response","status":"incomplete","output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"S"}],"content":[{"type":"reasoning_text","text":"T"}]}]}"#.to_owned(),
            &["[thinks] S", "[thinks] T", "stop: incomplete"][..],
            "completed",
        ),
        (
            "the same, streamed",
            sse(&[
                r#"{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"S"}"#,
                r#"{"type":"response.reasoning_text.delta","output_index":0,"content_index":0,"delta":"T"}"#,
                r#"{"type":"response.completed","response":{"status":"completed"}}"#,
            ]),
            &["[thinks] S", "[thinks] T", "stop: completed"],
            "completed",
        ),
        (
            "Gemini, nothing but why it stopped",
            r#"{"candidates":[{"content":{},"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"No."}]}"#.to_owned(),
            &["stop: MALFORMED_FUNCTION_CALL"],
            "error: No.",
        ),
        (
            "Gemini, pages that it read",
            r#"{"candidates":[{"content":{"parts":[{"text":"A"}]},"finishReason":"STOP","urlContextMetadata":{"urlMetadata":[{"retrievedUrl":"https://h","urlRetrievalStatus":"URL_RETRIEVAL_STATUS_SUCCESS"}]}}]}"#.to_owned(),
            &["A", "[cites https://h]", "stop: STOP"],
            "completed",
        ),
        (
            "Gemini's interactions",
            r#"{"object":"interaction","id":"v1","status":"completed","outputs":[{"type":"thought","signature":"z"},{"type":"thought","summary":[{"type":"text","text":"T"}]},{"type":"text","text":"A"},{"type":"function_call","id":"f","name":"w","arguments":{"a":1}}]}"#.to_owned(),
            &["[hidden]", "[thinks] T", "A", "f→w({\"a\":1})", "stop: completed"],
            "completed",
        ),
        (
            "Zhipu's sources",
            r#"{"choices":[{"index":0,"finish_reason":"stop","message":{"content":"A"}}],"web_search":[{"title":"H","link":"https://h"}]}"#.to_owned(),
            &["A", "[cites H, https://h]", "stop: stop"],
            "completed",
        ),
        (
            "what a request of a batch was refused for",
            "{\"custom_id\":\"a\",\"response\":{\"status_code\":400,\"body\":{\"error\":{\"message\":\"No.\",\"code\":\"bad\"}}},\"error\":null}\n".to_owned(),
            &["for a", "[error]", "stop: bad"],
            "completed",
        ),
        (
            "Cloudflare",
            r#"{"result":{"response":"A","usage":{"prompt_tokens":3}},"success":true,"errors":[],"messages":[]}"#.to_owned(),
            &["A"],
            "completed",
        ),
        (
            "Cloudflare, refused",
            r#"{"result":null,"success":false,"errors":[{"code":7009,"message":"No."}],"messages":[]}"#.to_owned(),
            &[],
            "error: No.",
        ),
        ("lists without anything", r#"{"messages":[],"a":1}"#.to_owned(), &["[answer]"], "completed"),
    ] {
        assert_said(name, &response, said, ended);
    }
}

#[test]
fn what_was_filtered_beside_an_answer_is_no_answer() {
    for beside in [r#"{"name":"pii"}"#, r#"{"reason":"pii"}"#] {
        let response =
            format!(r#"{{"choices":[{{"message":{{"content":"A"}},"finish_reason":"stop"}}],"filters":[{beside}]}}"#);
        assert_said(beside, &response, &["A", "stop: stop"], "completed");
    }
}
