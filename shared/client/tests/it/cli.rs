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
        let output = chat_debug(&server.url).args(["delete", "chat", ID]).output().expect("a run");
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
