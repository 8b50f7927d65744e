//! The parts of messages and answers in words, one text for each that belongs together.

use crate::terminal::one_line;
use api::view::{Content, Origin, Part, Unread};

/// The texts of parts.
pub(crate) fn texts(parts: &[Part]) -> Vec<String> {
    parts.iter().map(text).collect()
}

/// The texts of an answer. One with citations comes in snippets that belong together: their sources follow them.
pub(crate) fn texts_of_answer(parts: &[Part]) -> Vec<String> {
    let (mut texts, mut snippets, mut sources) = (Vec::new(), String::new(), Vec::new());
    for part in parts {
        match &part.content {
            Content::Text { text } => snippets.push_str(text),
            Content::Citation { .. } => sources.push(text(part)),
            _ => {
                texts.extend(joined(&mut snippets, &mut sources));
                texts.push(text(part));
            }
        }
    }
    texts.extend(joined(&mut snippets, &mut sources));
    texts
}

fn joined(snippets: &mut String, sources: &mut Vec<String>) -> Vec<String> {
    let text = Some(std::mem::take(snippets)).filter(|text| !text.is_empty());
    text.into_iter().chain(sources.drain(..)).collect()
}

fn text(part: &Part) -> String {
    match &part.content {
        Content::Text { text } => text.clone(),
        Content::Thinking { is_hidden: true, .. } => "[thinking] kept back by the provider".to_owned(),
        Content::Thinking { text, .. } => format!("[thinking] {text}"),
        Content::Refusal { text } => format!("[refusal] {text}"),
        Content::Compaction { text } => format!("[compaction] {text}"),
        Content::ToolCall { name, arguments, .. } => format!("→ {name}({arguments})"),
        Content::ToolResult { name, parts, is_error, .. } => result(name.as_deref(), parts, *is_error),
        Content::Media { kind, media_type, bytes, reference, name } => {
            let size = bytes.map(|bytes| if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") });
            let words = [media_type.clone(), size, name.clone(), reference.clone()];
            let words: Vec<_> = words.into_iter().flatten().map(|word| one_line(&word)).collect();
            format!("[{}] {}", kind.as_str(), words.join(", "))
        }
        Content::Citation { title, url, text } => {
            let words = [title, url, text].into_iter().flatten().map(|word| one_line(word));
            format!("[source] {}", words.collect::<Vec<_>>().join(", "))
        }
        Content::Embeddings { count, dimensions } => {
            let numbers = dimensions.map(|numbers| format!(" of {numbers} numbers")).unwrap_or_default();
            format!("[{count} embedding{}{numbers}]", if *count == 1 { "" } else { "s" })
        }
        Content::Other { name, raw } => format!("[{name}] {raw}"),
    }
}

/// `← name: what it gave back`.
fn result(name: Option<&str>, parts: &[Part], is_error: bool) -> String {
    let who = match (name, is_error) {
        (Some(name), false) => format!("{}: ", one_line(name)),
        (Some(name), true) => format!("{} failed: ", one_line(name)),
        (None, true) => "failed: ".to_owned(),
        (None, false) => String::new(),
    };
    // A result holds none, so that this goes no deeper.
    format!("← {who}{}", texts(parts).join("\n"))
}

/// What is not shown, and where it is.
pub(crate) fn unread(unread: &Unread) -> String {
    let place = match unread.source.origin {
        Origin::NormalizedRequest => "the request".to_owned(),
        Origin::NormalizedResponse => "the answer".to_owned(),
        Origin::Request { attempt } => format!("the request of attempt {attempt}"),
        Origin::Response { attempt } => format!("the answer of attempt {attempt}"),
    };
    format!("{place}: {}", one_line(&unread.what))
}
