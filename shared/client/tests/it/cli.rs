//! The command line as scripts see it: what it prints, and how it ends.

use crate::canned::{ID, Server, answer, refusal, run};
use api::problem::Problem;
use std::process::{Command, Output, Stdio};

fn chat_debug(url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chat-debug"));
    command.env_clear().env("CHAT_DEBUG_URL", url).env("CHAT_DEBUG_TOKEN", "s3cret");
    command
}

fn code(output: &Output) -> Option<i32> {
    assert!(!String::from_utf8_lossy(&output.stderr).contains("s3cret"));
    output.status.code()
}

#[test]
fn exit_codes_are_those_of_the_help() {
    for (given, expected) in [
        (answer(204, "", ""), 0),
        (refusal(&Problem::OtherOwner, ""), 1),
        (refusal(&Problem::NotFound, ""), 3),
        (refusal(&Problem::Unauthenticated, ""), 4),
        (answer(403, "", r#"{"message":"Forbidden"}"#), 4),
    ] {
        let server = Server::answering([given.clone()]);
        let output = chat_debug(&server.url).args(["delete", "chat", ID, "--yes"]).output().expect("a run");
        assert_eq!(code(&output), Some(expected), "{given}");
        assert_eq!(output.stderr.is_empty(), expected == 0);
    }
}

#[test]
fn a_stack_that_does_not_run_is_unavailable_and_says_how_to_start_it() {
    let output = chat_debug("http://127.0.0.1:1").args(["runs", ID]).output().expect("a run");
    assert_eq!(code(&output), Some(5));
    assert!(String::from_utf8_lossy(&output.stderr).contains("make run"));
}

#[test]
fn without_a_token_the_usage_is_wrong() {
    let output =
        chat_debug("http://127.0.0.1:1").env_remove("CHAT_DEBUG_TOKEN").args(["runs", ID]).output().expect("a run");
    assert_eq!(code(&output), Some(2));
    let output = chat_debug("nonsense").args(["runs", ID]).output().expect("a run");
    assert_eq!(code(&output), Some(2));
}

#[test]
fn runs_are_printed_without_colours_into_a_pipe() {
    let server = Server::answering([answer(200, "", &format!("[{}]", run("error", "\\u001b[2Jhello")))]);
    let output = chat_debug(&server.url).args(["runs", ID]).output().expect("a run");
    let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    assert_eq!(code(&output), Some(0));
    assert!(text.contains("\\u{1b}[2Jhello") && !text.contains('\x1b'), "{text}");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let runs = vec![run("completed", &"x".repeat(150)); 100].join(",");
    let server = Server::answering([answer(200, "", &format!("[{runs}]"))]);
    let mut child = chat_debug(&server.url)
        .args(["runs", ID, "--limit", "100", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a run");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("an end");
    assert_eq!((code(&output), output.stderr.len()), (Some(0), 0));
}

#[test]
fn a_replay_prints_its_runs_and_tells_what_was_not_recorded() {
    let recorded = format!(r#"{{"recorded":true,"run":{}}}"#, run("completed", "x"));
    let not_recorded = r#"{"recorded":false,"decision":{"enabled":false,"decided_by":"user"}}"#;
    let server = Server::answering([answer(201, "", &recorded), answer(200, "", not_recorded)]);
    let file = std::env::temp_dir().join(format!("chat-debug-{}.jsonl", std::process::id()));
    let line = r#"{"source":"a/b","calls":[]}"#;
    std::fs::write(&file, format!("{line}\n{line}\n")).expect("a file");
    let output = chat_debug(&server.url).arg("replay").arg(&file).output().expect("a run");
    std::fs::remove_file(&file).expect("a file");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(code(&output), Some(0), "{err}");
    assert!(out.ends_with(&format!("\t{ID}\ta/b\n")) && out.lines().count() == 1, "{out}");
    assert!(
        err.contains("Recorded: 1.") && err.contains("Not recorded: 1, because the owner has not opted in"),
        "{err}"
    );
}

#[test]
fn a_replay_that_records_nothing_fails() {
    let not_recorded = r#"{"recorded":false,"decision":{"enabled":false,"decided_by":"gate"}}"#;
    let server = Server::answering([answer(200, "", not_recorded)]);
    let file = std::env::temp_dir().join(format!("chat-debug-none-{}.jsonl", std::process::id()));
    std::fs::write(&file, "{\"source\":\"a\",\"calls\":[]}\n").expect("a file");
    let output = chat_debug(&server.url).arg("replay").arg(&file).output().expect("a run");
    std::fs::remove_file(&file).expect("a file");
    assert_eq!(code(&output), Some(1));
    assert!(output.stdout.is_empty());
}

fn printed(answers: impl IntoIterator<Item = String>, arguments: &[&str]) -> String {
    let server = Server::answering(answers);
    let output = chat_debug(&server.url).args(arguments).output().expect("a run");
    assert_eq!(code(&output), Some(0), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn more_runs_are_announced_and_not_guessed() {
    let page = |link: &str| answer(200, link, &format!("[{}]", run("error", "x")));
    let next = format!("link: <{}/{ID}/debug/runs?cursor=a>; rel=\"next\"\r\n", api::routes::BASE);
    let limited = ["runs", ID, "--limit", "1"];
    assert!(!printed([page("")], &limited).contains("more"));
    assert!(printed([page(&next)], &limited).contains("There may be more"));
}

#[test]
fn a_filter_that_finds_nothing_is_not_explained_by_the_switches() {
    let none = || [answer(200, "", "[]")];
    assert_eq!(printed(none(), &["runs", ID, "--status", "error"]), "No runs with this status or kind.\n");
    assert!(printed(none(), &["runs", ID]).contains("explain"));
}

#[test]
fn a_setting_is_confirmed_without_a_word_on_what_follows() {
    let done = || [answer(204, "", "")];
    assert_eq!(printed(done(), &["settings", "user", "off"]), "You are opted out.\n");
    assert_eq!(printed(done(), &["settings", "gate", "on"]), "The gate is open.\n");
    assert_eq!(printed(done(), &["settings", "chat", ID, "inherit"]), format!("Chat {ID} is set to inherit.\n"));
}

fn replay(server: &Server, name: &str, text: &str) -> Command {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.jsonl"));
    std::fs::write(&file, text).expect("a file");
    let mut command = chat_debug(&server.url);
    command.arg("replay").arg(&file).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn a_replay_goes_on_when_nobody_reads() {
    let recorded = format!(r#"{{"recorded":true,"run":{}}}"#, run("completed", "x"));
    let server = Server::answering(vec![answer(201, "", &recorded); 3]);
    let mut child = replay(&server, "unread", &"{\"source\":\"a\",\"calls\":[]}\n".repeat(3)).spawn().expect("a run");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("an end");
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!((code(&output), &*err), (Some(0), "Recorded: 3.\n"));
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_replay_leaves_what_is_no_corpus() {
    let server = Server::answering([]);
    let output = replay(&server, "text", "Dear\nreader\n").output().expect("a run");
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!((code(&output), err.matches("is no conversation").count()), (Some(1), 1), "{err}");
    assert!(err.contains("Failed: 1") && !err.contains("column"), "{err}");
}

#[test]
fn the_same_refusal_is_told_once_and_counted() {
    let server = Server::answering(vec![refusal(&Problem::OtherOwner, ""); 3]);
    let output = replay(&server, "refused", &"{\"source\":\"a\",\"calls\":[]}\n".repeat(3)).output().expect("a run");
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!((code(&output), err.matches("--owner").count()), (Some(1), 2), "{err}");
    assert!(err.contains("3 × ") && err.contains("Failed: 3"), "{err}");
}

#[test]
fn nothing_is_deleted_unasked() {
    for arguments in [&["delete", "chat", ID][..], &["delete", "run", ID, ID]] {
        let server = Server::answering([answer(204, "", "")]);
        let output = chat_debug(&server.url).args(arguments).stdin(Stdio::null()).output().expect("a run");
        assert_eq!(code(&output), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains("--yes"));
        assert!(server.requests().is_empty());
    }
}

#[test]
fn a_recorder_is_told_about_a_chat_of_the_owner_that_it_names() {
    let refused = || refusal(&Problem::UserOnly, "");
    let decision = r#"{"override":"inherit","effective":true,"decided_by":"user"}"#;
    let server = Server::answering([refused(), answer(200, "", decision), refused(), refused()]);
    let output = chat_debug(&server.url).args(["explain", ID, "--owner", "a+b&c"]).output().expect("a run");
    assert_eq!(code(&output), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).contains("This chat is recorded, because its owner opted in."));
    let asked = &server.requests()[1].line;
    let expected = format!("GET /api/experimental/chats/{ID}/debug/decision?owner_id=a%2Bb%26c");
    assert!(asked.starts_with(&expected), "{asked}");

    let server = Server::answering([refused()]);
    let output = chat_debug(&server.url).args(["explain", ID]).output().expect("a run");
    assert_eq!(code(&output), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--owner"));
}

#[test]
fn settings_are_printed_as_they_were_answered() {
    let chat = r#"{"override":"on","effective":true,"decided_by":"chat"}"#;
    let user = r#"{"debug_logging_enabled":true,"user_toggle_allowed":true,"forced_by_deployment":false}"#;
    let forbidden = || answer(403, "", r#"{"message":"Forbidden"}"#);
    let show =
        printed([forbidden(), answer(200, "", user), answer(200, "", chat)], &["settings", "show", ID, "--json"]);
    let explain = printed([answer(200, "", chat), answer(200, "", user), forbidden()], &["explain", ID, "--json"]);
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    let expected = value(&format!(r#"{{"gate":null,"user":{user},"chat":{chat}}}"#));
    assert_eq!((value(&show), value(&explain)), (expected.clone(), expected));
}
