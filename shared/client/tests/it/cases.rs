//! Every reported conversation as a replay makes it: nothing of it is blank or melted, and none ended better than it
//! did.

use api::{
    status::Status,
    step::StepInput,
    view::{Choice, Content, Message, Outcome, Part, StepView},
};
use client::replay::{ReplayedTurn, chat_of, open};
use llm::{Recorded, json::Json};
use std::{fs, path::Path};

/// What did not end well, by the beginning of its name. All else did.
const FAILED: [(&str, Status); 17] = [
    ("12-", Status::Error),
    ("13a-", Status::Error),
    ("14-", Status::Interrupted),
    ("15a-", Status::Interrupted),
    ("23-", Status::Error),
    ("25-", Status::Error),
    ("43b-", Status::Interrupted),
    ("43c-", Status::Error),
    ("44b-", Status::Error),
    ("45b-", Status::Error),
    ("52d-", Status::Error),
    ("53c-", Status::Error),
    ("54c-", Status::Error),
    ("55c-", Status::Error),
    ("p04-", Status::Interrupted),
    ("p06-", Status::Error),
    ("p08-", Status::Error),
];

fn steps(path: &Path) -> Vec<StepInput> {
    let start = "2026-01-02T03:04:05Z".parse().unwrap();
    let conversations = open(path).unwrap().map(Result::unwrap);
    let turns = conversations.map(|conversation| {
        let chat = chat_of(&conversation.source);
        ReplayedTurn::new(&conversation, &"alice".parse().unwrap(), &chat, start)
    });
    turns.flat_map(|turn| turn.run.steps).collect()
}

/// The calls of an answer, and its words.
fn calls_and_words(answer: &[Choice]) -> Vec<(&str, &str)> {
    let parts = answer.iter().flat_map(|choice| &choice.parts);
    let said = parts.filter_map(|part| match &part.content {
        Content::ToolCall { name, arguments, .. } => {
            Some((&**name, if arguments.is_empty() { "{}" } else { arguments }))
        }
        Content::Text { text } => Some(("", &**text)),
        _ => None,
    });
    said.collect()
}

fn assert_shown(name: &str, part: &Part) {
    match &part.content {
        Content::Text { text } | Content::Refusal { text } | Content::Compaction { text } => {
            assert!(!text.trim().is_empty(), "{name}: a blank text");
        }
        Content::Thinking { text, is_hidden } => assert!(*is_hidden || !text.is_empty(), "{name}: a blank thought"),
        Content::ToolCall { name: tool, arguments, .. } => {
            assert!(!tool.is_empty(), "{name}: a call of nothing");
            let is_json = arguments.starts_with(['{', '[']);
            assert!(!is_json || Json::read(arguments.as_bytes()).is_whole(), "{name}: melted arguments {arguments}");
        }
        Content::ToolResult { name: tool, .. } => assert!(tool.is_some(), "{name}: a result of nothing"),
        _ => {}
    }
}

fn assert_read(name: &str, step: &StepInput, view: &StepView) {
    let is_silent = |choice: &Choice| choice.parts.is_empty() && choice.finish.is_none();
    assert!(!view.answer.iter().all(is_silent) || view.error.is_some(), "{name}: nothing came");
    let was_sent = step.attempts.iter().any(|attempt| attempt.request_body.is_some());
    assert!(!was_sent || !view.messages.is_empty(), "{name}: nothing was asked");
    let asked = view.messages.iter().flat_map(|Message { parts, .. }| parts);
    asked.chain(view.answer.iter().flat_map(|choice| &choice.parts)).for_each(|part| assert_shown(name, part));
    let failed = FAILED.iter().find(|(beginning, _)| name.starts_with(beginning));
    let status = failed.map_or(Status::Completed, |(_, status)| *status);
    assert_eq!((step.status, step.error.is_some()), (status, failed.is_some()), "{name}");
    let outcome = match status {
        Status::Error => Outcome::Error,
        Status::Interrupted => Outcome::Interrupted,
        _ => Outcome::Completed,
    };
    assert_eq!(view.outcome, outcome, "{name}");
}

#[test]
fn a_replayed_case_reads_as_its_bytes_do() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/cases");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    for path in &paths {
        let name = path.file_name().unwrap().to_str().unwrap();
        for step in steps(path) {
            let view = Recorded::from(&step).view();
            assert_read(name, &step, &view);
            let bare = Recorded { attempts: &step.attempts, ..Recorded::default() }.view();
            assert_eq!((&bare.messages, &bare.answer), (&view.messages, &view.answer), "{name}");
            // What is stored beside the bytes says the same; of what has no kind, some has one there.
            let own = Recorded { normalized_response: step.normalized_response.as_ref(), ..Recorded::default() }.view();
            let mut parts = view.answer.iter().flat_map(|choice| &choice.parts);
            let is_known = !parts.any(|part| matches!(part.content, Content::Other { .. }));
            if is_known && step.normalized_response.is_some() {
                assert_eq!(calls_and_words(&own.answer), calls_and_words(&view.answer), "{name}");
            }
        }
    }
    assert!(paths.len() > 50, "{} cases", paths.len());
    for (beginning, _) in FAILED {
        let is_one = |path: &&std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(beginning);
        assert!(paths.iter().any(|path| is_one(&path)), "no case {beginning}");
    }
}
