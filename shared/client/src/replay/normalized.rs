//! The answer of a stream as one small object, in a form that every reader of this workspace reads back.

use api::{
    json::Object,
    view::{Choice, Content, Part},
};
use serde::Serialize;
use serde_json::value::RawValue;

/// The object of an answer; `None` when it says nothing. Of several choices, each is there.
pub(crate) fn answer(choices: &[Choice]) -> Option<Object> {
    if choices.iter().all(|choice| choice.parts.is_empty() && choice.finish.is_none()) {
        return None;
    }
    // Arguments that are nested too deeply for a free-form object are text.
    [true, false].iter().find_map(|is_json| Object::parse(&text(choices, *is_json)?).ok())
}

/// `is_json` says whether arguments that are JSON are written as that.
fn text(choices: &[Choice], is_json: bool) -> Option<String> {
    if let [choice] = choices {
        return serde_json::to_string(&Said::of(choice, is_json)).ok();
    }
    let numbered = choices.iter().map(|choice| {
        let mut message = Said::of(choice, is_json);
        Numbered { index: choice.index, finish_reason: message.finish_reason.take(), message }
    });
    serde_json::to_string(&Many { choices: numbered.collect() }).ok()
}

#[derive(Serialize)]
struct Many<'a> {
    choices: Vec<Numbered<'a>>,
}

#[derive(Serialize)]
struct Numbered<'a> {
    index: u64,
    message: Said<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Said<'a> {
    role: &'static str,
    content: Vec<Block<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<&'a str>,
}

impl<'a> Said<'a> {
    fn of(choice: &'a Choice, is_json: bool) -> Self {
        Self {
            role: "assistant",
            content: choice.parts.iter().map(|part| Block::of(part, is_json)).collect(),
            finish_reason: choice.finish.as_ref().map(|finish| &*finish.said),
        }
    }
}

/// A part: one that has a name in this form, or as it was sent.
#[derive(Serialize)]
#[serde(untagged)]
enum Block<'a> {
    Known(Known<'a>),
    Raw(Box<RawValue>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Known<'a> {
    Text {
        text: &'a str,
    },
    Thinking {
        thinking: &'a str,
    },
    RedactedThinking {},
    Refusal {
        refusal: &'a str,
    },
    Compaction {
        content: &'a str,
    },
    ToolUse {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        name: &'a str,
        input: Input<'a>,
    },
    ToolResult {
        #[serde(skip_serializing_if = "Option::is_none")]
        tool_use_id: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<&'a str>,
        content: Vec<Block<'a>>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
    },
    Citation {
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        url: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cited_text: Option<&'a str>,
    },
    Embeddings {
        count: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        dimensions: Option<usize>,
    },
    #[serde(untagged)]
    Media {
        r#type: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        media_type: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        url: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        size: Option<u64>,
    },
    #[serde(untagged)]
    Other {
        r#type: &'a str,
        raw: &'a str,
    },
}

#[derive(Serialize)]
#[serde(untagged)]
enum Input<'a> {
    Json(Box<RawValue>),
    Text(&'a str),
}

impl<'a> Input<'a> {
    fn of(arguments: &'a str, is_json: bool) -> Self {
        let text = if arguments.trim().is_empty() { "{}" } else { arguments };
        match raw(text).filter(|_| is_json) {
            Some(json) => Self::Json(json),
            None => Self::Text(arguments),
        }
    }
}

impl<'a> Block<'a> {
    fn of(part: &'a Part, is_json: bool) -> Self {
        Self::Known(match &part.content {
            Content::Text { text } => Known::Text { text },
            Content::Thinking { is_hidden: true, .. } => Known::RedactedThinking {},
            Content::Thinking { text, .. } => Known::Thinking { thinking: text },
            Content::Refusal { text } => Known::Refusal { refusal: text },
            Content::Compaction { text } => Known::Compaction { content: text },
            Content::ToolCall { id, name, arguments, .. } => {
                Known::ToolUse { id: id.as_deref(), name, input: Input::of(arguments, is_json) }
            }
            Content::ToolResult { id, name, parts, is_error } => Known::ToolResult {
                tool_use_id: id.as_deref(),
                name: name.as_deref(),
                // A result holds none, so that this goes no deeper.
                content: parts.iter().map(|part| Self::of(part, is_json)).collect(),
                is_error: *is_error,
            },
            Content::Citation { title, url, text } => {
                Known::Citation { title: title.as_deref(), url: url.as_deref(), cited_text: text.as_deref() }
            }
            Content::Media { kind, media_type, bytes, reference, name } => Known::Media {
                r#type: kind.as_str(),
                media_type: media_type.as_deref(),
                url: reference.as_deref(),
                name: name.as_deref(),
                size: *bytes,
            },
            Content::Embeddings { count, dimensions } => Known::Embeddings { count: *count, dimensions: *dimensions },
            Content::Other { name, raw: text } => match raw(text).filter(|_| is_json) {
                Some(json) => return Self::Raw(json),
                None => Known::Other { r#type: name, raw: text },
            },
        })
    }
}

fn raw(text: &str) -> Option<Box<RawValue>> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::view::{Finish, Meaning, Source};
    use llm::Recorded;

    fn part(content: Content) -> Part {
        Part { content, source: Source::default(), left_out: None }
    }

    fn call(arguments: &str) -> Part {
        let (id, name, arguments) = (Some("c".to_owned()), "add".to_owned(), arguments.to_owned());
        part(Content::ToolCall { id, name, arguments, is_hosted: false })
    }

    fn choice(index: u64, parts: Vec<Part>) -> Choice {
        let finish = Some(Finish { said: "stop".into(), meaning: Meaning::Stop });
        Choice { index, id: None, parts, finish }
    }

    fn read(object: &Object) -> Vec<Choice> {
        Recorded { normalized_response: Some(object), ..Recorded::default() }.view().answer
    }

    #[test]
    fn an_answer_reads_back_as_it_was() {
        let text = |text: &str| part(Content::Text { text: text.into() });
        let parts = vec![
            part(Content::Thinking { text: "Hm.".into(), is_hidden: false }),
            part(Content::Thinking { text: String::new(), is_hidden: true }),
            text("Hi"),
            part(Content::Compaction { text: "So far.".into() }),
            part(Content::Refusal { text: "No.".into() }),
            call(r#"{"a": 1e999}"#),
            call("SELECT 1"),
            part(Content::ToolResult {
                id: Some("c".into()),
                name: Some("add".into()),
                parts: vec![text("2")],
                is_error: true,
            }),
        ];
        for choices in [vec![choice(0, parts.clone())], vec![choice(0, parts), choice(1, vec![text("Other")])]] {
            assert_eq!(read(&answer(&choices).expect("an object")), choices);
        }
        assert_eq!(answer(&[]), None);
        assert_eq!(answer(&[Choice::default()]), None);
    }

    #[test]
    fn arguments_of_any_depth_leave_an_answer_that_can_be_kept() {
        for depth in [1, 100, 123, 124, 125, 126, 127, 128, 1000] {
            let arguments = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
            let choices = [choice(0, vec![call(&arguments)])];
            assert_eq!(read(&answer(&choices).expect("an object")), choices, "{depth}");
        }
    }
}
