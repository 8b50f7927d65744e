//! One run as a page: what was asked, what the model said, and what happened on the way.
//!
//! A step shows what was new in its request, its answer, its attempts and its error. Long texts
//! are cut, which is said each time; `--json` has all of it.

use crate::{
    runs::{style, tokens},
    terminal::{Screen, Style, duration, lines, one_line, shorten},
};
use api::json::Word;
use api::{
    run::{RunDetail, Summary},
    step::{Attempt, Operation, Step},
};
use client::llm::{Answer, Message, Part, Payload, content};
use serde_json::Value;
use std::io::{self, Write};

/// Lines and characters of a part that are shown.
const LINES: usize = 24;
const LINE: usize = 400;
/// Messages of a request that are shown, the newest.
const MESSAGES: usize = 4;

pub(crate) fn render(detail: &RunDetail, screen: &mut Screen<impl Write>) -> io::Result<()> {
    head(detail, screen)?;
    for step in &detail.steps {
        screen.line("")?;
        self::step(step, screen)?;
    }
    Ok(())
}

fn head(detail: &RunDetail, screen: &mut Screen<impl Write>) -> io::Result<()> {
    let run = &detail.run;
    let title = screen.paint(Style::Strong, &format!("Run {}", run.id));
    let status = screen.paint(style(run.status), run.status.as_str());
    screen.line(&format!("{title}  {status}"))?;
    let model = [run.model.as_deref(), run.provider.as_deref()];
    let took = run.finished_at.map(|end| format!(", took {}", duration(end.since(run.started_at))));
    for (name, value) in [
        ("chat", run.chat_id.to_string()),
        ("kind", run.kind.as_str().to_owned()),
        ("model", model.into_iter().flatten().map(one_line).collect::<Vec<_>>().join(", ")),
        ("started", format!("{}{}", run.started_at, took.unwrap_or_default())),
        ("tokens", format!("{}{}", tokens(run), special_tokens(&run.summary))),
        ("endpoint", one_line(run.summary.endpoint_label.as_deref().unwrap_or_default())),
        ("first", one_line(run.summary.first_message.as_deref().unwrap_or_default())),
    ] {
        if !value.is_empty() {
            let name = screen.paint(Style::Faint, &format!("{name:<9}"));
            screen.line(&format!("  {name} {value}"))?;
        }
    }
    Ok(())
}

fn special_tokens(summary: &Summary) -> String {
    let counts = [
        (summary.total_reasoning_tokens, "reasoning"),
        (summary.total_cache_creation_tokens, "written to the cache"),
        (summary.total_cache_read_tokens, "read from the cache"),
    ];
    let counts = counts.into_iter().filter_map(|(count, name)| Some(format!("{} {name}", count?)));
    let text = counts.collect::<Vec<_>>().join(", ");
    if text.is_empty() { text } else { format!(" ({text})") }
}

fn step(step: &Step, screen: &mut Screen<impl Write>) -> io::Result<()> {
    let operation = match step.operation {
        Operation::Stream => "stream",
        Operation::Generate => "generate",
    };
    let title = screen.paint(Style::Strong, &format!("Step {}", step.step_number));
    let status = screen.paint(style(step.status), step.status.as_str());
    let mut facts = vec![operation.to_owned()];
    facts.extend(step.finished_at.map(|end| duration(end.since(step.started_at))));
    facts.extend(step.usage.as_ref().map(|usage| {
        let count =
            |count: Option<api::step::Count>| count.map_or_else(|| "?".to_owned(), |count| count.get().to_string());
        let counts = usage.counts();
        format!("{} → {} tokens", count(counts.input_tokens), count(counts.output_tokens))
    }));
    screen.line(&format!("{title}  {status}  {}", screen.paint(Style::Faint, &facts.join(", "))))?;
    request(step, screen)?;
    answer(step, screen)?;
    attempts(&step.attempts, screen)?;
    match &step.error {
        Some(error) => block("error", Style::Bad, &[pretty(error.get())], screen),
        None => Ok(()),
    }
}

/// What was new in the request: the messages behind the model's last one.
fn request(step: &Step, screen: &mut Screen<impl Write>) -> io::Result<()> {
    let value = serde_json::from_str(step.normalized_request.get()).unwrap_or(Value::Null);
    let mut messages = content::messages(&value);
    if messages.is_empty() {
        messages = content::messages(&request_body(step));
    }
    let after_model = messages.iter().rposition(Message::is_models).map_or(0, |at| at + 1);
    // A request that ends with the model's words continues them: then they are what is new.
    let first = if after_model == messages.len() { after_model.saturating_sub(1) } else { after_model };
    let first = first.max(messages.len().saturating_sub(MESSAGES));
    if first > 0 {
        let earlier = screen.paint(Style::Faint, &format!("  … {first} earlier in the same request"));
        screen.line(&earlier)?;
    }
    for message in messages.iter().skip(first) {
        let texts: Vec<_> = message.parts.iter().map(part).collect();
        block(&one_line(&message.role), Style::Busy, &texts, screen)?;
    }
    Ok(())
}

fn request_body(step: &Step) -> Value {
    let body = step.attempts.last().and_then(|attempt| attempt.request_body.as_ref());
    body.and_then(|body| serde_json::from_slice(&body.0).ok()).unwrap_or(Value::Null)
}

/// What the model said, by the normalized response or else by the last attempt's body.
fn answer(step: &Step, screen: &mut Screen<impl Write>) -> io::Result<()> {
    let normalized = step.normalized_response.as_ref().and_then(|response| serde_json::from_str(response.get()).ok());
    let normalized = normalized.map(|value| Answer::of_json(&value)).filter(|answer| !answer.parts.is_empty());
    let answer = normalized.or_else(|| {
        let body = step.attempts.last()?.response_body.as_ref()?;
        Some(Answer::of(&Payload::of(&body.0))).filter(|answer| !answer.is_empty())
    });
    let Some(answer) = answer else { return Ok(()) };
    let mut texts = joined(&answer.parts);
    texts.extend(answer.finish.map(|finish| format!("[stopped: {finish}]")));
    block("answer", Style::Good, &texts, screen)
}

/// Answers with citations come in snippets of text that belong together.
fn joined(parts: &[Part]) -> Vec<String> {
    let are_text = |before: &Part, after: &Part| matches!((before, after), (Part::Text(_), Part::Text(_)));
    parts.chunk_by(are_text).map(|snippets| snippets.iter().map(part).collect()).collect()
}

fn part(part: &Part) -> String {
    match part {
        Part::Text(text) => text.clone(),
        Part::Thinking(text) => format!("[thinking] {text}"),
        Part::ToolCall { name, arguments } => format!("→ {name}({arguments})"),
        Part::ToolResult(text) => format!("← {text}"),
        Part::Other(kind) => format!("[{kind}]"),
    }
}

fn attempts(attempts: &[Attempt], screen: &mut Screen<impl Write>) -> io::Result<()> {
    let texts: Vec<_> = attempts.iter().map(attempt).collect();
    block("attempts", Style::Faint, &texts, screen)
}

fn attempt(attempt: &Attempt) -> String {
    let status = attempt.response_status.map_or_else(|| "failed".to_owned(), |status| status.to_string());
    let took = match (attempt.duration_ms, attempt.started_at, attempt.finished_at) {
        (Some(millis), ..) => Some(std::time::Duration::from_millis(millis.get())),
        (None, Some(start), Some(end)) => Some(end.since(start)),
        _ => None,
    };
    let mut words = vec![attempt.number.get().to_string()];
    words.extend(attempt.method.clone());
    words.extend(attempt.url.clone().or_else(|| attempt.path.clone()));
    words.push(status);
    words.extend(took.map(duration));
    words.extend(attempt.error.clone());
    words.join("  ")
}

/// A heading and what stands under it, cut where it is long.
fn block(title: &str, style: Style, texts: &[String], screen: &mut Screen<impl Write>) -> io::Result<()> {
    if texts.is_empty() {
        return Ok(());
    }
    let title = screen.paint(style, title);
    screen.line(&format!("  {title}"))?;
    for text in texts {
        let lines = lines(text);
        for line in lines.iter().take(LINES) {
            screen.line(format!("    {}", shorten(line, LINE)).trim_end())?;
        }
        if lines.len() > LINES {
            let more = screen.paint(Style::Faint, &format!("    … {} more lines", lines.len() - LINES));
            screen.line(&more)?;
        }
    }
    Ok(())
}

fn pretty(json: &str) -> String {
    let value: Result<Value, _> = serde_json::from_str(json);
    value.and_then(|value| serde_json::to_string_pretty(&value)).unwrap_or_else(|_| json.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::step::Body;

    fn detail(step_members: &str) -> RunDetail {
        let id = "018f4e3c-9a1b-7def-8123-456789abcdef";
        let time = "2026-01-02T03:04:05Z";
        let text = format!(
            r#"{{"id":"{id}","chat_id":"{id}","kind":"chat_turn","status":"error","model":"m-1","provider":"p","summary":{{"step_count":1,"total_input_tokens":7,"total_output_tokens":9,"total_reasoning_tokens":2}},"started_at":"{time}","updated_at":"{time}","steps":[{{"id":"{id}","run_id":"{id}","chat_id":"{id}","step_number":1,"operation":"stream","status":"error",{step_members},"metadata":{{}},"started_at":"{time}","updated_at":"{time}"}}]}}"#
        );
        serde_json::from_str(&text).expect("a run")
    }

    fn page(detail: &RunDetail) -> String {
        let mut out = Vec::new();
        render(detail, &mut Screen::plain(&mut out)).expect("memory");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn a_page_shows_what_is_new_and_what_came_of_it() {
        let text = page(&detail(
            r#""normalized_request":{"messages":[{"role":"user","content":"first"},{"role":"assistant","content":"second"},{"role":"user","content":"third\u001b[2J"}]},"normalized_response":{"content":[{"type":"text","text":"fourth"},{"type":"tool_use","name":"add","input":{"a":1}}],"finish_reason":"tool_use"},"attempts":[{"number":1,"status":"completed","method":"POST","url":"https://h.example/p","response_status":529}],"error":{"message":"overloaded"}"#,
        ));
        for part in [
            "m-1, p",
            "7 → 9 (2 reasoning)",
            "2 earlier",
            "third\\u{1b}[2J",
            "fourth",
            "→ add({\"a\":1})",
            "[stopped: tool_use]",
            "https://h.example/p  529",
            "overloaded",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(!text.contains("first\n") && !text.contains('\x1b'), "{text}");
    }

    #[test]
    fn without_a_normalized_response_the_stream_is_put_together() {
        let mut detail = detail(r#""normalized_request":{},"attempts":[{"number":1,"status":"completed"}]"#);
        let attempt = &mut detail.steps[0].attempts[0];
        attempt.request_body = Some(Body(br#"{"input":"question"}"#.to_vec()));
        attempt.response_body =
            Some(Body(b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"an answer\"}}]}\n\n".to_vec()));
        let text = page(&detail);
        assert!(text.contains("question") && text.contains("an answer"), "{text}");
    }

    #[test]
    fn what_cannot_be_read_is_left_out_and_what_is_cut_says_so() {
        let text =
            page(&detail(r#""normalized_request":{"messages":[1,{"role":"user","content":{"x":1}}]},"attempts":[]"#));
        assert!(text.contains("[x]"), "{text}");
        let long = "l\\n".repeat(LINES + 3);
        let text = page(&detail(&format!(r#""normalized_request":{{"prompt":"{long}"}},"attempts":[]"#)));
        assert!(text.contains("3 more lines"), "{text}");
    }
}
