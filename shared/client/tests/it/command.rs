//! The command line as scripts see it: what it prints, and how it ends.

use crate::{
    backend::{
        Backend, LARGE, alice, chat_debug, chat_of, file, fixture, fixtures_of_calls, large_turn, ran, turn as calls,
    },
    canned::{CannedServer, ID, answer},
};
use api::{
    chat::PutChat,
    settings::{ChatOverride, PutChatSettings},
};
use client::replay::record;
use local::issuer::TokenRole;
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use tests::world::{World, chat_id, open_run, run_id, runs, step_body, turn};

const START: [&str; 2] = ["--start", "2026-01-02T03:04:05Z"];

#[tokio::test]
async fn exit_codes_are_those_of_the_help() {
    let backend = Backend::of(World::forced().await).await;
    for (role, arguments, expected) in [
        (TokenRole::User, &["settings", "show"][..], 0),
        (TokenRole::User, &["settings", "user", "off"], 1),
        (TokenRole::User, &["runs", "x"], 2),
        (TokenRole::User, &["runs", ID], 3),
        (TokenRole::User, &["settings", "gate", "on"], 4),
        (TokenRole::Recorder, &["runs", ID], 4),
    ] {
        let ran = backend.ran(role, arguments).await;
        assert_eq!((ran.code, ran.err.is_empty()), (Some(expected), expected == 0), "{arguments:?}: {ran:?}");
    }
    for refused in [answer(401, "", r#"{"message":"Unauthorized"}"#), answer(403, "", r#"{"message":"Forbidden"}"#)] {
        let server = CannedServer::answering([refused]);
        let mut command = chat_debug(&server.url, "s3cret");
        assert_eq!(
            ran({
                command.args(["runs", ID]);
                command
            })
            .await
            .code,
            Some(4)
        );
    }
}

#[tokio::test]
async fn a_user_is_shown_the_gate_as_far_as_it_concerns_them() {
    for (backend, gate) in [
        (Backend::of(World::forced().await).await, "gate  without effect, since this deployment records every chat"),
        (Backend::of(World::new().await).await, "gate  off: users may not record"),
        (Backend::new().await, "gate  on: users may record"),
    ] {
        let shown = backend.ran(TokenRole::User, &["settings", "show"]).await;
        assert!(shown.out.lines().any(|line| line == gate), "{shown:?}");
    }
}

#[tokio::test]
async fn a_stack_that_does_not_run_is_unavailable_and_says_how_to_start_it() {
    let mut command = chat_debug("http://127.0.0.1:1", "s3cret");
    command.args(["runs", ID]);
    let ran = ran(command).await;
    assert!(ran.code == Some(5) && ran.err.contains("make run"), "{ran:?}");
}

#[tokio::test]
async fn without_a_token_or_a_url_the_usage_is_wrong() {
    let mut command = chat_debug("http://127.0.0.1:1", "s3cret");
    command.env_remove("CHAT_DEBUG_TOKEN").args(["runs", ID]);
    assert_eq!(ran(command).await.code, Some(2));
    let mut command = chat_debug("nonsense", "s3cret");
    command.args(["runs", ID]);
    assert_eq!(ran(command).await.code, Some(2));
}

/// Posts runs of alice's, which begin with this text.
async fn posted(backend: &Backend, count: u32, first_message: &str) {
    for n in 1..=count {
        let mut run = open_run("alice", n);
        run["summary"] = json!({"first_message": first_message});
        backend.world.recorder().post(&runs(1), run).await.expect(201);
    }
}

#[tokio::test]
async fn runs_are_printed_without_colours_into_a_pipe() {
    let backend = Backend::new().await;
    posted(&backend, 1, "\u{1b}[2Jhello").await;
    let text = backend.printed(&["runs", &chat_id(1)]).await;
    assert!(text.contains("\\u{1b}[2Jhello") && !text.contains('\x1b'), "{text}");
}

#[tokio::test]
async fn more_runs_are_announced_and_not_guessed() {
    let backend = Backend::new().await;
    posted(&backend, 2, "hello").await;
    assert!(backend.printed(&["runs", &chat_id(1), "--limit", "1"]).await.contains("There may be more"));
    assert!(!backend.printed(&["runs", &chat_id(1), "--limit", "3"]).await.contains("more"));
}

#[tokio::test]
async fn a_filter_that_finds_nothing_is_not_explained_by_the_switches() {
    let backend = Backend::new().await;
    backend.recorder().put_chat(chat_id(1).parse().unwrap(), &owned()).await.unwrap();
    let filtered = backend.printed(&["runs", &chat_id(1), "--status", "error"]).await;
    assert_eq!(filtered, "No runs like this: none has what the options ask for.\n");
    assert!(backend.printed(&["runs", &chat_id(1)]).await.contains("explain"));
}

#[tokio::test]
async fn the_run_of_a_message_is_found_be_its_id_a_number_or_a_text() {
    let backend = Backend::new().await;
    let chat = chat_of("s").to_string();
    let mut ids = Vec::new();
    for id in [json!(14), json!("msg 1&é"), json!("15")] {
        let mut turn = calls("s", &[&id.to_string().replace('"', "")]);
        turn.run.trigger_message_id = serde_json::from_value(id).unwrap();
        record(&backend.recorder(), &turn).await.unwrap();
        ids.push(turn.run.id.unwrap().to_string());
    }
    for (written, id) in ["14", "msg 1&é", "15"].into_iter().zip(ids) {
        let text = backend.printed(&["runs", &chat, "--trigger-message", written, "--json"]).await;
        let found: Vec<Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(found.iter().map(|run| run["id"].as_str().unwrap()).collect::<Vec<_>>(), [id], "{written}");
    }
    assert!(backend.printed(&["runs", &chat, "--trigger-message", "16"]).await.starts_with("No runs like this"));
}

fn owned() -> PutChat {
    PutChat { owner_id: Some(alice()), external_id: None, root_chat_id: None, parent_chat_id: None }
}

#[tokio::test]
async fn a_reader_that_goes_away_is_no_failure() {
    let backend = Backend::new().await;
    let mut step = step_body(Some(1));
    step["normalized_request"] = json!({"prompt": "x".repeat(1_000_000)});
    backend.world.recorder().post(&runs(1), turn("alice", 1, vec![step])).await.expect(201);
    let mut command = backend.command(TokenRole::User, &["run", &chat_id(1), &run_id(1), "--json"]);
    let unread = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        child.wait_with_output().unwrap()
    });
    let output = unread.await.unwrap();
    assert_eq!((output.status.code(), &*output.stderr), (Some(0), &b""[..]));
}

#[tokio::test]
async fn ones_own_chats_are_listed() {
    let backend = Backend::new().await;
    assert!(backend.printed(&["chats"]).await.starts_with("No chats"));
    for n in 1..=3 {
        backend.recorder().put_chat(chat_id(n).parse().unwrap(), &owned()).await.unwrap();
    }
    let printed = backend.printed(&["chats", "--limit", "2"]).await;
    let lines: Vec<_> = printed.lines().collect();
    assert!(lines[0].starts_with("CHAT ") && lines[0].find("REGISTERED") == lines[1].find("20"), "{printed}");
    assert!(lines[1].starts_with(&chat_id(3)) && lines[2].starts_with(&chat_id(2)), "{printed}");
    assert_eq!(lines[3..], ["There are more: --all shows every chat."]);
    let all: Value = serde_json::from_str(&backend.printed(&["chats", "--all", "--json"]).await).unwrap();
    assert_eq!(all, backend.alice_herself().get(&tests::world::chats()).await.json());
}

#[tokio::test]
async fn keys_are_made_used_listed_and_revoked() {
    let backend = Backend::new().await;
    let made = backend.ran(TokenRole::User, &["keys", "create", "--label", "my bot"]).await;
    let key = made.out.trim();
    assert!(made.code == Some(0) && key.starts_with("cdk_") && made.err.contains("alice alone"), "{made:?}");
    assert!(!made.err.contains(key), "it is on standard output alone");
    let lines = file("by-key", &empty("a"));
    let by_key = |arguments: &[&str]| {
        let mut command = chat_debug(&backend.server.origin, key);
        command.args(arguments);
        ran(command)
    };
    let replayed = by_key(&["replay", &lines, "--owner", "alice"]).await;
    assert!(replayed.code == Some(0) && replayed.out.starts_with(&chat_of("a").to_string()), "{replayed:?}");
    let explained = by_key(&["explain", "a", "--owner", "alice"]).await;
    assert!(explained.code == Some(0) && explained.out.contains("This chat is recorded"), "{explained:?}");
    let listed = backend.printed(&["keys", "list"]).await;
    assert!(listed.contains("my bot") && !listed.contains("cdk_"), "{listed}");
    let id = &key[4..40];
    assert!(backend.printed(&["keys", "revoke", id]).await.contains("is revoked"));
    assert_eq!(by_key(&["replay", &lines, "--owner", "alice"]).await.code, Some(4));
    assert!(backend.printed(&["keys", "list"]).await.starts_with("No keys"));
    assert_eq!(backend.ran(TokenRole::User, &["keys", "create", "--general"]).await.code, Some(4));
    let general = backend.ran(TokenRole::Admin, &["keys", "create", "--general", "--json"]).await;
    assert!(general.out.contains("\"key\": \"cdk_"), "{general:?}");
}

#[tokio::test]
async fn a_chat_is_found_by_the_chat_products_own_word() {
    let backend = Backend::new().await;
    let (word, like_an_id) = ("conversation 7", &*chat_id(1));
    let lines = file("named", &empty("a"));
    for (arguments, chat) in [
        (&["--chat", word][..], chat_of(word).to_string()),
        (&["--chat", like_an_id], like_an_id.to_owned()),
        (&["--chat", like_an_id, "--by-word"], chat_of(like_an_id).to_string()),
    ] {
        let ran = backend.replayed(&lines, arguments).await;
        assert!(ran.code == Some(0) && ran.out.starts_with(&chat), "{arguments:?}: {ran:?}");
    }
    assert!(backend.printed(&["runs", word, "--owner", "alice"]).await.contains("completed"));
    assert!(backend.printed(&["runs", like_an_id, "--by-word", "--owner", "alice"]).await.contains("completed"));
    assert!(backend.printed(&["chats"]).await.contains(word));
    let ran = backend.ran(TokenRole::User, &["runs", word]).await;
    assert!(ran.code == Some(2) && ran.err.contains("--owner"), "{ran:?}");
}

#[tokio::test]
async fn a_setting_is_confirmed_without_a_word_on_what_follows() {
    let backend = Backend::new().await;
    let chat = chat_id(1);
    backend.recorder().put_chat(chat.parse().unwrap(), &owned()).await.unwrap();
    assert_eq!(backend.printed(&["settings", "user", "off"]).await, "You are opted out.\n");
    let inherit = backend.printed(&["settings", "chat", &chat, "inherit"]).await;
    assert_eq!(inherit, format!("Chat {chat} is set to inherit.\n"));
    assert_eq!(backend.ran(TokenRole::Admin, &["settings", "gate", "on"]).await.out, "The gate is open.\n");
}

#[tokio::test]
async fn settings_are_printed_as_they_were_answered() {
    let backend = Backend::new().await;
    let chat = chat_id(1);
    backend.recorder().put_chat(chat.parse().unwrap(), &owned()).await.unwrap();
    let user = backend.alice_herself().get(&tests::world::opt_in()).await.json();
    let of_chat = backend.alice_herself().get(&tests::world::chat_setting(1)).await.json();
    let expected = json!({"gate": null, "user": user, "chat": of_chat});
    for arguments in [["settings", "show", &chat, "--json"].as_slice(), &["explain", &chat, "--json"]] {
        let printed: Value = serde_json::from_str(&backend.printed(arguments).await).unwrap();
        assert_eq!(printed, expected, "{arguments:?}");
    }
}

#[tokio::test]
async fn a_recorder_is_told_about_a_chat_of_the_owner_that_it_names() {
    let backend = Backend::new().await;
    let chat = chat_id(1);
    let ran = backend.ran(TokenRole::Recorder, &["explain", &chat, "--owner", "alice"]).await;
    assert!(ran.code == Some(0) && ran.out.contains("This chat is recorded, because its owner opted in."), "{ran:?}");
    let ran = backend.ran(TokenRole::Recorder, &["explain", &chat, "--owner", "a+b&c"]).await;
    assert!(ran.code == Some(0) && ran.out.contains("its owner has not opted in"), "{ran:?}");
    assert!(backend.lines().iter().any(|line| line.ends_with("/debug/decision?owner_id=a%2Bb%26c")));
    let ran = backend.ran(TokenRole::Recorder, &["explain", &chat]).await;
    assert!(ran.code == Some(4) && ran.err.contains("--owner"), "{ran:?}");
}

pub(crate) fn empty(source: &str) -> String {
    format!("{{\"source\":\"{source}\",\"calls\":[]}}\n")
}

#[tokio::test]
async fn a_replay_prints_its_runs_and_tells_what_was_not_recorded() {
    let backend = Backend::new().await;
    backend.recorder().put_chat(chat_of("b"), &owned()).await.unwrap();
    let off = PutChatSettings { override_: ChatOverride::Off };
    backend.alice().put_chat_debug_logging(chat_of("b"), &off).await.unwrap();
    let ran = backend.replayed(&file("partly", &[empty("a/b"), empty("b")].concat()), &[]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let (chat, rest) = ran.out.split_once('\t').unwrap();
    assert!(chat == chat_of("a/b").to_string() && rest.ends_with("\ta/b\n") && rest.lines().count() == 1, "{ran:?}");
    assert!(ran.err.contains("Recorded: 1.\n") && ran.err.contains("Not recorded: 1, because the chat is set to off"));
}

#[tokio::test]
async fn a_replay_that_records_nothing_fails() {
    let backend = Backend::of(World::new().await).await;
    let ran = backend.replayed(&file("none", &empty("a")), &[]).await;
    assert_eq!((ran.code, &*ran.out), (Some(1), ""), "{ran:?}");
    assert!(ran.err.contains("because the gate is closed"), "{ran:?}");
}

#[tokio::test]
async fn a_replay_goes_on_when_nobody_reads() {
    let backend = Backend::new().await;
    let lines = file("unread", &[empty("a"), empty("b"), empty("c")].concat());
    let mut command = backend.command(TokenRole::Recorder, &["replay", &lines, "--owner", "alice"]);
    let unread = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        child.wait_with_output().unwrap()
    });
    let output = unread.await.unwrap();
    assert_eq!((output.status.code(), &*output.stderr), (Some(0), &b"Recorded: 3.\n"[..]));
    assert_eq!(backend.asked().len(), 3);
}

#[tokio::test]
async fn a_replay_leaves_what_is_no_corpus() {
    let backend = Backend::new().await;
    let ran = backend.replayed(&file("text", "Dear\nreader\n"), &[]).await;
    assert_eq!((ran.code, ran.err.matches("is no conversation").count()), (Some(1), 1), "{ran:?}");
    assert!(ran.err.contains("Failed: 1") && !ran.err.contains("column") && backend.asked().is_empty(), "{ran:?}");
}

#[tokio::test]
async fn the_same_refusal_is_told_once_and_counted() {
    let backend = Backend::new().await;
    let bobs = PutChat { owner_id: Some("bob".parse().unwrap()), ..owned() };
    backend.recorder().put_chat(chat_of("a"), &bobs).await.unwrap();
    let ran = backend.replayed(&file("refused", &empty("a").repeat(3)), &[]).await;
    assert_eq!((ran.code, ran.err.matches("--owner").count()), (Some(1), 2), "{ran:?}");
    assert!(ran.err.contains("3 × ") && ran.err.contains("Failed: 3"), "{ran:?}");
}

/// Conversations whose kind stopped a replay, or blanked a page; the last one is larger than a request may be.
fn conversations() -> Vec<String> {
    let large = large_turn("large").run.steps.into_iter().flat_map(|step| step.attempts);
    let call = |body: &[u8]| json!({"method": "POST", "url": "https://h.example/", "request_body": str::from_utf8(body).unwrap(), "status": 200, "response_body": r#"{"content":"ANSWER"}"#});
    let calls: Vec<_> = large.filter_map(|attempt| attempt.request_body).map(|body| call(&body.0)).collect();
    let question = json!({"method": "POST", "url": "https://h.example/", "request_body": r#"{"prompt":"QUESTION"}"#, "status": 200, "response_body": r#"{"content":"ANSWER"}"#});
    let calls: Vec<_> = [question].into_iter().chain(calls).collect();
    vec![
        fixture("01a-anthropic-tool-result-without-content.jsonl"),
        fixture("16a-half-an-emoji-in-the-request.jsonl"),
        fixture("16b-half-an-emoji-in-the-answer.jsonl"),
        format!("{}\n", json!({"source": "large", "calls": calls})),
    ]
}

#[tokio::test]
async fn small_and_large_conversations_are_replayed_twice_and_shown() {
    let backend = Backend::new().await;
    let lines = file("conversations", &conversations().concat());
    let first = backend.replayed(&lines, &START).await;
    assert_eq!((first.code, &*first.err), (Some(0), "Recorded: 4.\n"));
    let again = backend.replayed(&lines, &START).await;
    assert_eq!((again.code, &*again.err, &again.out), (Some(0), "Recorded: 4.\n", &first.out));
    for line in first.out.lines() {
        let [chat, run, source] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let listed = backend.printed(&["runs", chat]).await;
        assert!(listed.lines().count() == 2 && listed.contains("completed"), "one run, and no other: {listed}");
        if source == "large" {
            continue;
        }
        let page = backend.printed(&["run", chat, run]).await;
        assert!(page.contains("QUESTION") && page.contains("ANSWER"), "{source}:\n{page}");
    }
}

/// The reported conversations, and what the pages of their runs say.
const REPORTED: &[(&str, &[&str])] = &[
    ("01a-anthropic-tool-result-without-content", &["completed", "→ w({})", "← w:", "ANSWER"]),
    ("04-gemini-parallel-calls-streamed", &["completed", "→ get_weather({\"c\": 1})\n", "→ get_time({\"z\": 2})\n"]),
    ("06-tool-name-repeated-in-every-chunk", &["completed", "→ get_weather({\"c\":1})\n"]),
    ("07a-ollama-tool-calls-streamed", &["[thinking] THOUGHT", "ANSWER", "→ get_weather", "→ get_time"]),
    ("07c-ollama-thinking-and-tool-call-plain", &["[thinking] THOUGHT", "ANSWER", "→ w({\"a\": 1})"]),
    ("08-mistral-thinking-streamed", &["[thinking] THOUGHT", "ANSWER", "10 → 2 tokens"]),
    ("09a-openrouter-reasoning-streamed", &["[thinking] THOUGHT", "ANSWER", "10 → 2 tokens"]),
    ("09b-deepseek-reasoning-content-plain", &["[thinking] THOUGHT", "ANSWER", "3 read from the cache"]),
    ("10a-legacy-function-call-streamed", &["→ w({\"a\":1})", "[stopped: function_call]"]),
    ("11-bedrock-converse-reasoning-plain", &["← w: {\"r\": \"SUNNY\"}", "[thinking] THOUGHT", "ANSWER"]),
    ("12-gemini-prompt-blocked", &["error", "PROHIBITED_CONTENT", "[image] image/png, 1 byte"]),
    ("13a-error-body-with-status-200", &["error", "Provider returned error"]),
    ("14-gemini-array-stream-cut", &["interrupted", "ANSWER", "The stream ends without its last event."]),
    ("15a-streamed-200-with-an-empty-body", &["interrupted", "The answer is empty."]),
    ("16a-half-an-emoji-in-the-request", &["QUESTION cut \u{fffd}", "ANSWER"]),
    ("16b-half-an-emoji-in-the-answer", &["QUESTION", "ANSWER \u{fffd}"]),
    ("17a-minus-infinity-in-logprobs", &["completed", "ANSWER", "10 → 2 tokens"]),
    ("19a-gzip-request-body", &["QUESTION", "ANSWER"]),
    (
        "20a-empty-reasoning-summary",
        &["[thinking] kept back by the provider", "→ mcpfn", "← mcpfn: MCPOUT", "web_search"],
    ),
    ("21a-mcp-web-search-and-shell-calls", &["→ mcpfn", "← mcpfn: MCPOUT", "web_search"]),
    ("21c-chat-completions-custom-tool", &["tools sql", "→ sql(SELECT 1)"]),
    ("22-incomplete-response-says-why", &["ANSW", "[stopped: max_output_tokens]"]),
    ("23-ollama-error-line-in-a-stream", &["error", "PART", "an error was encountered while running the model"]),
    ("24a-token-counts-as-floats", &["10 → 2 tokens"]),
    ("25-har-style-status-0", &["error", "No answer was recorded."]),
    (
        "29-tool-error-and-image-in-a-tool-result",
        &["← w failed: FAILED", "[image] image/png, 1 byte", "[thinking] THOUGHT"],
    ),
    ("30-realtime-over-a-websocket", &["completed", "SYS", "QUESTION", "ANSWER", "10 → 2 tokens"]),
    ("31a-batch-results", &["completed", "answer to a", "ANSWER1", "answer to b", "ANSWER2", "20 → 4 tokens"]),
    ("32-audio-answer-says-that-it-is-there", &["[audio] audio/mpeg, 3000 bytes", "3,000 bytes, audio/mpeg"]),
    ("33a-llama-through-invoke", &["QUESTION", "ANSWER", "10 → 2 tokens"]),
    ("41-gemini-thoughts-in-the-output-count", &["[thinking] THOUGHT", "10 → 7 tokens"]),
    ("42a-usage-inside-a-choice", &["ANSWER", "10 → 2 tokens"]),
    (
        "43a-ai-sdk-ui-message-stream",
        &[
            "[thinking] THOUGHT",
            "→ get_weather({\"c\": 1})\n",
            "← get_weather: SUNNY",
            "← get_time failed: FAILED",
            "ANSWER",
        ],
    ),
    ("43b-ai-sdk-stream-aborted", &["interrupted", "ANS", "It was aborted: THE USER LEFT"]),
    ("43c-ai-sdk-stream-with-an-error", &["error", "ANS", "Too many requests"]),
    ("44a-ai-sdk-data-stream", &["I LOOK", "→ get_time({\"z\":2})\n", "← get_weather: SUNNY", "10 → 2 tokens"]),
    ("44b-ai-sdk-data-stream-with-an-error", &["error", "ANS", "An error occurred."]),
    ("45a-vertex-predictions", &["QUESTION", "ANSWER", "10 → 2 tokens"]),
    ("45b-vertex-chat-blocked", &["error", "SYS", "EARLIER", "The answer was blocked."]),
    ("45c-vllm-on-vertex", &["QUESTION", "ANSWER", "10 → 2 tokens"]),
    ("45d-claude-on-vertex-streamed", &["QUESTION", "ANSWER", "10 → 2 tokens"]),
    ("46a-jamba-through-invoke-streamed", &["QUESTION", "ANSWER", "10 → 2 tokens"]),
    ("46b-mistral-large-through-invoke", &["→ get_weather({\"c\": 1})\n", "→ get_time({\"z\": 2})\n"]),
    ("46c-command-through-invoke-streamed", &["QUESTION", "ANSWER", "10 → 2 tokens"]),
    ("46d-deepseek-through-invoke", &["QUESTION", "ANSWER", "[stopped: length]"]),
    ("46e-titan-through-invoke-streamed", &["QUESTION", "ANSWER", "10 → 2 tokens"]),
    ("47-mistral-content-of-every-kind", &["[thinking] THOUGHT", "ANSWER", "[audio]", "https://h.example/x.png"]),
    (
        "48-gemini-live-over-a-websocket",
        &[
            "SYS",
            "QUESTION",
            "[audio] audio/pcm;rate=16000, 6 bytes",
            "→ w({\"c\": 1})",
            "← w: {\"r\": \"SUNNY\"}",
            "ANSWER",
        ],
    ),
    ("49a-anthropic-batch-results", &["answer to a", "ANSWER", "answer to b", "No.", "[stopped: canceled]"]),
    ("49b-gemini-batch-results", &["answer to a", "ANSWER", "answer to b", "No."]),
    ("49c-vertex-batch-results", &["ANSWER", "Bad Request: No."]),
    ("52a-dashscope-streamed-from-the-beginning-each-time", &["SYS", "QUESTION", "ANSWER", "10 → 3 tokens"]),
    (
        "52b-dashscope-streamed-in-pieces",
        &["[thinking] 11 THOUGHT", "11 ANSWER", "→ get_weather({\"c\": 1})\n", "→ get_time({\"z\": 2})\n"],
    ),
    ("52c-dashscope-text-alone", &["QUESTION", "ANSWER", "10 → 2 tokens"]),
    ("52d-dashscope-error-in-a-stream", &["error", "AN", "Output data may contain inappropriate content."]),
    ("52e-dashscope-images-and-calls", &["https://h.example/x.png", "QUESTION", "ANSWER", "→ w({\"a\": 1})"]),
    (
        "53a-mistral-conversation-streamed",
        &[
            "← w: SUNNY",
            "→ web_search({\"query\":\"q\"})",
            "FOUND",
            "[thinking] THOUGHT",
            "ANSWER",
            "→ get_weather({\"c\": 1})\n",
            "→ get_time({\"z\": 2})\n",
            "10 → 2 tokens",
        ],
    ),
    ("53b-mistral-conversation", &["SYS", "QUESTION", "→ web_search", "ANSWER", "→ get_weather", "10 → 2 tokens"]),
    ("53c-mistral-conversation-fails", &["error", "ANS", "No."]),
    ("54a-tgi-streamed", &["QUESTION", "ANSWER", "[stopped: eos_token]", "10 → 3 tokens"]),
    ("54b-tgi", &["QUESTION", "ANSWER", "OTHER"]),
    ("54c-tgi-error-in-a-stream", &["error", "AN", "Request failed during generation: out of memory"]),
    ("55a-palm-text", &["QUESTION", "ANSWER", "OTHER", "https://h.example"]),
    ("55b-palm-messages", &["SYS", "QUESTION", "ANSWER"]),
    ("55c-palm-blocked", &["error", "QUESTION", "The prompt was blocked: SAFETY."]),
    ("p02-crlf-stream", &["completed", "ANSWER"]),
    ("p03-keep-alives-in-a-stream", &["completed", "ANSWER"]),
    ("p04-anthropic-stream-cut", &["interrupted", "ANS"]),
    ("p06-bedrock-exception-frame", &["error", "[thinking] THOUGHT", "ANSWER", "Too many tokens"]),
    ("p07-gemini-array-whole", &["completed", "ANSWER", "10 → 2 tokens"]),
    ("p08-html-502", &["error", "502 Bad Gateway"]),
    ("p09-refusal", &["[refusal] I CANNOT"]),
    ("p12-invoke-stream-with-wrapped-events", &["completed", "ANSWER", "10 → 2 tokens"]),
];

#[tokio::test]
async fn what_was_reported_of_others_is_replayed_and_shown_right() {
    assert_eq!(fixtures_of_calls(), REPORTED.iter().map(|(name, _)| (*name).to_owned()).collect::<BTreeSet<_>>());
    let backend = Backend::new().await;
    let lines: String =
        REPORTED.iter().map(|(name, _)| fixture(&format!("{name}.jsonl")).trim().to_owned() + "\n").collect();
    let ran = backend.replayed(&file("reported", &lines), &START).await;
    assert_eq!((ran.code, &*ran.err), (Some(0), &*format!("Recorded: {}.\n", REPORTED.len())));
    for (line, (name, parts)) in ran.out.lines().zip(REPORTED) {
        let [chat, run, source] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        assert_eq!(source, format!("case-{name}"));
        let page = backend.printed(&["run", chat, run]).await;
        for part in *parts {
            assert!(page.contains(part), "{name}: {part}\n{page}");
        }
        let ended = ["error", "interrupted"].iter().find(|status| parts.contains(status)).unwrap_or(&"completed");
        assert!(page.lines().next().unwrap().ends_with(ended), "{name}: {ended}\n{page}");
    }
}

#[tokio::test]
async fn a_replay_that_was_killed_is_started_anew() {
    let backend = Backend::new().await;
    let lines = file("killed", &conversations().concat());
    let arguments = [&["replay", &lines, "--owner", "alice"][..], &START].concat();
    let mut child = backend.command(TokenRole::Recorder, &arguments).spawn().unwrap();
    // Three small ones, the large one's opening, and the second of its steps.
    backend.until_asked(6).await;
    child.kill().unwrap();
    tokio::time::sleep(Duration::from_millis(1)).await;
    child.wait().unwrap();
    let again = backend.replayed(&lines, &START).await;
    assert_eq!((again.code, &*again.err), (Some(0), "Recorded: 4.\n"));
    let listed = backend.printed(&["runs", &chat_of("large").to_string(), "--json"]).await;
    let [run] = &serde_json::from_str::<Vec<Value>>(&listed).unwrap()[..] else { panic!("{listed}") };
    assert_eq!((&run["status"], &run["summary"]["step_count"]), (&json!("completed"), &json!(1 + LARGE)));
}

#[tokio::test]
async fn a_replay_counts_what_a_provider_counts_and_loses_no_turn_for_a_number() {
    let backend = Backend::new().await;
    for (name, input, output) in [
        ("24a-token-counts-as-floats", 10, 2),
        ("41-gemini-thoughts-in-the-output-count", 10, 7),
        ("25-har-style-status-0", 0, 0),
    ] {
        let ran = backend.replayed(&file(name, &fixture(&format!("{name}.jsonl"))), &START).await;
        assert_eq!((ran.code, &*ran.err), (Some(0), "Recorded: 1.\n"), "{name}");
        let chat = ran.out.split('\t').next().unwrap();
        let listed: Value = serde_json::from_str(&backend.printed(&["runs", chat, "--json"]).await).unwrap();
        let summary = &listed[0]["summary"];
        assert_eq!([&summary["total_input_tokens"], &summary["total_output_tokens"]], [input, output], "{name}");
    }
}

#[tokio::test]
async fn what_a_recorder_posted_is_shown_though_a_tool_gave_nothing_back_or_an_emoji_was_cut() {
    let backend = Backend::new().await;
    for (n, name) in
        [(1, "01b-coder-tool-result-without-result.json"), (2, "16d-half-an-emoji-in-normalized-request.json")]
    {
        let body = fixture(name).replace("OWNER", "alice").replace("2026-11-20", "2026-01-20");
        let posted = backend.world.recorder().post(&runs(n), &body).await.expect(201).json();
        let run = posted["run"]["id"].as_str().unwrap();
        let page = backend.printed(&["run", &chat_id(n), run]).await;
        assert!(page.contains("QUESTION"), "{name}:\n{page}");
        let whole = backend.printed(&["run", &chat_id(n), run, "--json"]).await;
        assert_eq!(whole.contains(r"\ud83d"), body.contains(r"\ud83d"), "{name}: as it was sent");
    }
}

#[tokio::test]
async fn contents_are_saved_as_files_also_those_that_the_page_omits() {
    let backend = Backend::new().await;
    let mut large = step_body(Some(1));
    large["normalized_request"] = json!({"quotes": "\"".repeat(2_300_000)});
    large["attempts"] = json!([{"number": 1, "status": "completed", "request_body": "AP8=", "response_body": ""}]);
    let whole = large["normalized_request"].to_string();
    backend.world.recorder().post(&runs(1), turn("alice", 1, vec![large])).await.expect(201);

    let page = backend.printed(&["run", &chat_id(1), &run_id(1)]).await;
    assert!(page.contains(&format!("request: {} bytes; --save DIR", whole.len())), "{page}");
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("saved");
    drop(std::fs::remove_dir_all(&folder));
    let arguments = ["run", &chat_id(1), &run_id(1), "--save", folder.to_str().unwrap()];
    let listed = backend.printed(&arguments).await;
    assert_eq!(listed.lines().count(), 3, "{listed}");
    for (name, bytes) in [
        ("step-1-request", whole.as_bytes()),
        ("step-1-attempts-1-request", b"\0\xff"),
        ("step-1-attempts-1-response", b""),
    ] {
        assert!(std::fs::read(folder.join(name)).unwrap() == bytes, "{name}");
    }
    let again = backend.ran(TokenRole::User, &arguments).await;
    assert_eq!((again.code, again.err.contains("cannot be written")), (Some(1), true), "{again:?}");
}
