//! Real traffic, viewed: ten conversations as a person checked them, and of all others that nothing of them is unknown.

use crate::{
    lines::{line_ended, lines_asked, lines_said},
    recorded::attempts_of,
};
use api::view::{Content, Outcome, StepView};
use flate2::read::MultiGzDecoder;
use llm::Recorded;
use serde_json::Value;
use std::{
    fmt::Write,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

/// Conversations whose views are kept, by the end of their source.
const GOLDEN: [&str; 12] = [
    "test_agent_loop_streaming",
    "test_citations",
    "test_code_execution",
    "test_compaction_streaming",
    "test_programmatic_tool_use_streaming",
    "test_redacted_thinking",
    "test_remote_mcp",
    "test_web_fetch_v1",
    "test_async_chat_completion_404",
    "test_async_chat_completion_multiple_choices_streaming",
    "test_async_chat_completion_multiple_tools_streaming_with_content",
    "test_async_chat_completion_streaming_not_complete",
];

/// A part that is shown as it is: a system message that adds a tool.
const UNKNOWN: &str = "tool_addition";

/// Characters of a line that are kept.
const LINE: usize = 100;

/// The recorded files, which lie beside the repository; CI must have them.
#[expect(clippy::disallowed_methods, reason = "tells CI from a lone clone")]
fn folder() -> Option<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    if corpus.is_dir() {
        return Some(corpus);
    }
    assert!(std::env::var("CI").is_err(), "../shared/corpus is missing: real traffic was not viewed");
    None
}

/// The name of each conversation, and the views of its calls.
fn conversations(folder: &Path) -> Vec<(String, Vec<StepView>)> {
    let mut conversations = Vec::new();
    for file in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
        if file.extension().is_some_and(|extension| extension == "gz") {
            let lines = BufReader::new(MultiGzDecoder::new(fs::File::open(file).unwrap())).lines();
            conversations.extend(lines.map(|line| {
                let conversation: Value = serde_json::from_str(&line.unwrap()).unwrap();
                let name = conversation["source"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
                let attempts = attempts_of(&conversation).into_iter();
                let view = |attempt| Recorded { attempts: &[attempt], ..Recorded::default() }.view();
                (name, attempts.map(view).collect())
            }));
        }
    }
    conversations
}

fn shown(views: &[StepView]) -> String {
    let mut text = String::new();
    let short = |line: &str| {
        let one_line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        let count = one_line.chars().count();
        let start: String = one_line.chars().take(LINE).collect();
        if count > LINE { format!("{start}… ({count})") } else { one_line }
    };
    for (number, view) in (1..).zip(views) {
        let tokens = view.tokens.as_ref().map(|tokens| (tokens.input, tokens.output));
        let who = [&view.provider, &view.model_asked, &view.model_answered].map(|it| it.as_deref().unwrap_or("?"));
        writeln!(text, "{number}. {}; {}; {tokens:?}", who.join(", "), short(&line_ended(view))).unwrap();
        let tools: Vec<_> = view.tools.iter().map(|tool| &*tool.name).collect();
        let parameters = view.parameters.iter().map(|parameter| format!("{} {}", parameter.name, parameter.value));
        writeln!(text, "  tools: {}", tools.join(", ")).unwrap();
        writeln!(text, "  {}", short(&parameters.collect::<Vec<_>>().join("; "))).unwrap();
        for line in lines_asked(view) {
            writeln!(text, "  > {}", short(&line)).unwrap();
        }
        for line in lines_said(view) {
            writeln!(text, "  < {}", short(&line)).unwrap();
        }
    }
    text
}

#[test]
fn conversations_are_viewed_as_they_were_checked() {
    let Some(folder) = folder() else { return };
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut viewed = 0;
    for (name, views) in conversations(&folder).iter().filter(|(name, _)| GOLDEN.contains(&&**name)) {
        viewed += 1;
        let (file, text) = (golden.join(format!("{name}.txt")), shown(views));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&file, &text).unwrap();
        }
        assert_eq!(text, fs::read_to_string(file).unwrap(), "{name}");
    }
    assert_eq!(viewed, GOLDEN.len());
}

#[test]
fn nothing_of_real_traffic_is_unknown() {
    let Some(folder) = folder() else { return };
    for (name, views) in conversations(&folder) {
        for view in views {
            let parts = view.messages.iter().flat_map(|message| &message.parts);
            for part in parts.chain(view.answer.iter().flat_map(|choice| &choice.parts)) {
                let is_known = !matches!(&part.content, Content::Other { name, .. } if name != UNKNOWN);
                assert!(is_known, "{name}: {part:?}");
            }
            assert_eq!(view.unread, [], "{name}");
            let is_refused = view.attempts[0].status != Some(200);
            let outcome = if is_refused { Outcome::Error } else { Outcome::Completed };
            assert_eq!(view.outcome, outcome, "{name}: {:?}", view.error);
            // One was cut behind its last choice.
            let has_tokens = view.tokens.is_some() || name.contains("not_complete");
            assert!(is_refused || !view.answer.is_empty() && has_tokens, "{name}");
        }
    }
}
