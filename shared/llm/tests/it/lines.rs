//! A view as lines, for a person to compare.

use api::view::{Content, Outcome, Part, StepView};

/// A line for each part that was sent.
pub(crate) fn lines_asked(view: &StepView) -> Vec<String> {
    let line = |(role, part): (&str, &Part)| format!("{role}: {}", line(part));
    let parts = view.messages.iter().flat_map(|message| message.parts.iter().map(|part| (&*message.role, part)));
    parts.map(line).collect()
}

/// A line for each part that came back, for each end, and for each body that was not read.
pub(crate) fn lines_said(view: &StepView) -> Vec<String> {
    let mut lines = Vec::new();
    for choice in &view.answer {
        lines.extend(choice.id.as_ref().map(|id| format!("for {id}")));
        lines.extend(choice.parts.iter().map(line));
        lines.extend(choice.finish.as_ref().map(|finish| format!("stop: {}", finish.said)));
    }
    let unread = view.unread.iter().filter(|unread| unread.what.contains("bytes"));
    lines.extend(unread.map(|unread| format!("unread: {}", unread.what)));
    lines
}

/// How it ended, and why.
pub(crate) fn line_ended(view: &StepView) -> String {
    let outcome = match view.outcome {
        Outcome::Completed => "completed",
        Outcome::Interrupted => "interrupted",
        Outcome::Error => "error",
    };
    match &view.error {
        Some(error) => format!("{outcome}: {}", error.message),
        None => outcome.to_owned(),
    }
}

fn line(part: &Part) -> String {
    let id = |id: &Option<String>, after: &str| id.as_ref().map(|id| format!("{id}{after}")).unwrap_or_default();
    match &part.content {
        Content::Text { text } => text.clone(),
        Content::Thinking { is_hidden: true, .. } => "[hidden]".to_owned(),
        Content::Thinking { text, .. } => format!("[thinks] {text}"),
        Content::Refusal { text } => format!("[refuses] {text}"),
        Content::ToolCall { id: own, name, arguments, .. } => format!("{}{name}({arguments})", id(own, "→")),
        Content::ToolResult { id: own, name, parts, is_error } => {
            let failed = if *is_error { " failed" } else { "" };
            let parts: Vec<_> = parts.iter().map(line).collect();
            format!("{}{}{failed}← {}", id(own, " "), id(name, ""), parts.join(" "))
        }
        Content::Media { media_type, bytes, .. } => {
            let bytes = bytes.map_or_else(|| "?".to_owned(), |bytes| bytes.to_string());
            format!("[{}, {bytes}]", media_type.as_deref().unwrap_or("?"))
        }
        Content::Compaction { text } => format!("[compacts] {text}"),
        Content::Citation { title, url, text } => {
            let words = [title, url, text].into_iter().flatten().map(|word| word.trim());
            format!("[cites {}]", words.collect::<Vec<_>>().join(", "))
        }
        Content::Embeddings { count, dimensions } => format!("[{count} embeddings of {dimensions:?}]"),
        Content::Other { name, .. } => format!("[{name}]"),
    }
}
