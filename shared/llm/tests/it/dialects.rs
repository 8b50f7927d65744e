//! What each dialect says, in the shapes that no reported case has.

use crate::{
    lines::{line_ended, lines_asked, lines_said},
    recorded::attempt,
};
use api::{json::Object, step::Body, view::StepView};
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
    let said =
        &["for a", "T", "stop: end_turn", "for b", "[error]", "stop: error", "for c", "[error]", "stop: expired"];
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
            vec!["A"],
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
fn requests_of_every_shape_say_what_was_asked() {
    for (request, asked) in [
        (r#"{"model":"m","input":["Q","R"]}"#, vec!["user: Q", "user: R"]),
        (r#"{"prompt":[1,2,3]}"#, vec!["user: [tokens]"]),
        (
            r#"{"chat_history":[{"role":"CHATBOT","message":"A"}],"message":"Q","preamble":"S"}"#,
            vec!["system: S", "assistant: A", "user: Q"],
        ),
        (r#"{"inputText":"Q"}"#, vec!["user: Q"]),
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
