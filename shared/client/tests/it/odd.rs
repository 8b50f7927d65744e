//! The command line with files and answers as nobody wants them: it says what to do next, loses nothing else, and
//! repeats nothing of what it was given.

use crate::{
    backend::{Backend, Ran, chat_debug, file, ran},
    canned::{CannedServer, ID, answer, refusal},
    command::empty,
};
use api::problem::Problem;
use local::issuer::TokenRole;
use std::{
    io::Write,
    process::{Command, Stdio},
};

const SECRET: &str = "the-secret-of-a-test-0123456789";

/// A run of a chat in which a model was called, as mitmproxy, Chrome and Firefox say it.
fn hars() -> [String; 3] {
    let ask = r#""text": "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"QUESTION\"}]}""#;
    let said = r#""text": "{\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"message\":{\"role\":\"assistant\",\"content\":\"ANSWER\"}}]}""#;
    let entry = |timings: &str, more: &str, request: &str, response: &str| {
        format!(
            r#"{{"startedDateTime": "2026-01-02T03:04:05.678000+00:00", "time": 41.5, "cache": {{}}, "timings": {{{timings}}}, {more}
"request": {{"method": "POST", "url": "https://h.example/v1/chat/completions", "httpVersion": "HTTP/2.0", "cookies": [], "queryString": [], "headersSize": -1, "bodySize": 70, "headers": [{{"name": "content-type", "value": "application/json"}}], "postData": {{"mimeType": "application/json", {ask}{request}}}}},
"response": {{"status": 200, "statusText": "", "httpVersion": "HTTP/2.0", "cookies": [], "redirectURL": "", "headersSize": -1, "bodySize": 90, "headers": [{{"name": "content-type", "value": "application/json"}}], "content": {{"size": 90, "mimeType": "application/json", {said}}}{response}}}}}"#
        )
    };
    let mitmproxy =
        entry(r#""connect": null, "ssl": null, "send": 0, "receive": 1.5, "wait": 40"#, "", r#", "params": []"#, "");
    let chrome = entry(
        r#""blocked": 2.1, "dns": -1, "ssl": -1, "connect": -1, "send": 0.1, "wait": 30.2, "receive": 9, "_blocked_queueing": 1"#,
        r#""_initiator": {"type": "script"}, "_priority": "High", "_resourceType": "fetch", "connection": "4", "serverIPAddress": "[::1]","#,
        "",
        r#", "_transferSize": 90, "_error": null"#,
    );
    let firefox = entry(
        r#""blocked": 0, "dns": 0, "connect": 0, "ssl": 0, "send": 0, "wait": 41, "receive": 0"#,
        r#""pageref": "page_1", "_securityState": "secure","#,
        r#", "params": []"#,
        "",
    );
    [("mitmproxy", mitmproxy), ("WebInspector", chrome), ("Firefox", firefox)].map(|(creator, entry)| {
        let log = format!(
            r#""version": "1.2", "creator": {{"name": "{creator}", "version": "1"}}, "pages": [], "entries": [{entry}]"#
        );
        format!("{{\n  \"log\": {{{log}}}\n}}\n")
    })
}

#[tokio::test]
async fn the_hars_of_browsers_and_proxies_are_replayed() {
    let backend = Backend::new().await;
    for (name, har) in ["mitmproxy", "chrome", "firefox"].into_iter().zip(hars()) {
        let ran = backend.replayed(&file(&format!("har-{name}"), &har), &[]).await;
        assert_eq!((ran.code, &*ran.err), (Some(0), "Recorded: 1.\n"), "{name}");
        let [chat, run, _] = ran.out.split('\t').collect::<Vec<_>>()[..] else { panic!("{ran:?}") };
        let page = backend.printed(&["run", chat, run]).await;
        assert!(page.contains("QUESTION") && page.contains("ANSWER") && page.contains("completed"), "{name}:\n{page}");
    }
}

#[tokio::test]
async fn each_file_is_read_whatever_the_others_are() {
    let backend = Backend::new().await;
    let folder = env!("CARGO_TARGET_TMPDIR");
    let binary: String = std::iter::repeat_with(|| char::from(fastrand::u8(..32))).take(5000).collect();
    let misshapen = format!(r#"{{"source":"s","calls":[{{"method":"POST","url":"u","request_headers":"{SECRET}"}}]}}"#);
    let har = hars()[0].clone();
    let files = [
        format!("{folder}/there-is-no-such-file"),
        folder.to_owned(),
        file("odd-empty", ""),
        file("odd-blank", "\n \n"),
        file("odd-binary", &binary),
        file("odd-cut", &format!("{}{}", empty("a"), &empty("b")[..20])),
        file("odd-misshapen", &format!("{misshapen}\n{}", empty("c"))),
        file("odd-har-cut", har.trim_end().trim_end_matches('}')),
        file(
            "odd-har-of-nothing",
            r#"{"log":{"entries":[{"request":null},{"request":{"headers":{}},"response":[]},7]}}"#,
        ),
        file("odd-good", &format!("\u{feff}{}", empty("d"))),
    ];
    let mut arguments = vec!["replay", "--owner", "alice"];
    arguments.extend(files.iter().map(String::as_str));
    let ran = backend.ran(TokenRole::Recorder, &arguments).await;
    assert_eq!((ran.code, ran.out.lines().count()), (Some(1), 3), "{ran:?}");
    assert!(ran.err.contains("Recorded: 3.") && ran.err.contains("Failed: 7, see above."), "{ran:?}");
    for name in &files[..9] {
        assert!(ran.err.contains(name.as_str()), "{name}: {ran:?}");
    }
    assert!(ran.err.contains("The rest of") && !ran.err.contains(SECRET), "{ran:?}");
}

#[tokio::test]
async fn a_replay_reads_its_standard_input() {
    let backend = Backend::new().await;
    let mut command = backend.command(TokenRole::Recorder, &["replay", "-", "--owner", "alice"]);
    command.stdin(Stdio::piped());
    let child = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(empty("a").as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    });
    let output = child.await.unwrap();
    assert_eq!((output.status.code(), &*output.stderr), (Some(0), &b"Recorded: 1.\n"[..]));
}

async fn asked(server: &CannedServer, arguments: &[&str]) -> Ran {
    let mut command: Command = chat_debug(&server.url, SECRET);
    command.args(arguments);
    ran(command).await
}

/// Makes each answer anew.
type Says = fn(&str) -> String;

#[tokio::test]
async fn each_answer_says_what_to_do_next_and_repeats_nothing() {
    let page = format!("<html>{SECRET}</html>");
    let problem = |problem: Problem| refusal(&problem, "");
    let gateway = |status: u16, said: &str| answer(status, "", &format!(r#"{{"message":"{said}"}}"#));
    for (said, code, next) in [
        (answer(301, "location: https://h.example/\r\n", &page), 1, "Give the URL"),
        (answer(200, "", &page), 1, "Check the service's URL"),
        (answer(200, "", &format!(r#"[{{"id":"{SECRET}"}}]"#)), 1, "the service's version"),
        (answer(200, "content-encoding: gzip\r\n", &page), 1, "Check the service's URL"),
        (answer(400, "", &page), 1, "Check the service's URL"),
        (gateway(401, "Unauthorized"), 4, "give a fresh one"),
        (problem(Problem::Unauthenticated), 4, "token"),
        (gateway(403, "Forbidden"), 4, "whom it was made for"),
        (gateway(404, "Not Found"), 3, "Check the service's URL"),
        (problem(Problem::NotFound), 3, "."),
        (problem(Problem::ForcedByDeployment), 1, "."),
        (gateway(413, "Request Too Long"), 1, "Record less"),
        (answer(500, "", &page), 1, "look into its log"),
        (answer(502, "", &page), 5, "Try again later"),
    ] {
        let server = CannedServer::answering([said.clone()]);
        let ran = asked(&server, &["runs", ID]).await;
        assert!(ran.code == Some(code) && ran.err.contains(next) && ran.out.is_empty(), "{said}: {ran:?}");
    }
    let always: [(Says, &str); 3] = [
        (|_: &str| answer(429, "", r#"{"message":"Too Many Requests"}"#), "Wait a little"),
        (|_: &str| answer(503, "", "<html>"), "Try again later"),
        (|_: &str| String::new(), "Try again"),
    ];
    for (said, next) in always {
        let ran = asked(&CannedServer::answering_each(said), &["runs", ID]).await;
        assert!(ran.code == Some(5) && ran.err.contains(next), "{ran:?}");
    }
}

#[tokio::test]
async fn a_conversation_that_is_refused_does_not_keep_the_next_from_being_recorded() {
    let server = CannedServer::answering([
        refusal(&Problem::OtherOwner, ""),
        answer(413, "", r#"{"message":"Request Too Long"}"#),
        answer(413, "", r#"{"message":"Request Too Long"}"#),
        crate::canned::taken("POST"),
    ]);
    let lines = file("refused-and-not", &[empty("a"), empty("b"), empty("c")].concat());
    let ran = asked(&server, &["replay", &lines, "--owner", "alice"]).await;
    assert_eq!((ran.code, ran.out.lines().count()), (Some(1), 1), "{ran:?}");
    assert!(ran.err.contains("Recorded: 1.") && ran.err.contains("Failed: 2"), "{ran:?}");
}
