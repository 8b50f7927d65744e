//! Prints one run: what was asked, what the model said, and what happened on the way.
//!
//! A step shows what is new in its request, what the model said, its attempts and its error. Long texts are cut, and the
//! page says so; `--json` prints everything.

use crate::{
    runs::{style, tokens},
    shown::Shown,
    terminal::{Screen, Style, duration, lines, one_line, shorten},
};
use api::json::StringEnum;
use api::{
    run::{Run, RunDetail, Summary},
    step::{Attempt, Step},
};
use llm::{Completion, Part, Payload, json, message};
use serde_json::Value;
use std::io::{self, Write};

/// Lines and characters of a part that are shown.
const LINES: usize = 24;
const LINE: usize = 400;
/// The names of sampling parameters, of all providers.
const SAMPLING: [&str; 20] = [
    "temperature",
    "top_p",
    "topP",
    "top_k",
    "topK",
    "min_p",
    "max_tokens",
    "maxTokens",
    "max_completion_tokens",
    "max_output_tokens",
    "maxOutputTokens",
    "num_predict",
    "frequency_penalty",
    "presence_penalty",
    "repeat_penalty",
    "seed",
    "stop",
    "stop_sequences",
    "stopSequences",
    "reasoning_effort",
];

/// Prints a run, and remembers what it has shown.
struct RunPrinter<'a, W: Write> {
    screen: &'a mut Screen<W>,
    shown: Shown,
    /// Whether something was shortened or folded.
    is_cut: bool,
}

pub(crate) fn render(detail: &RunDetail, screen: &mut Screen<impl Write>) -> io::Result<()> {
    let printer = &mut RunPrinter { screen, shown: Shown::default(), is_cut: false };
    head(detail, printer)?;
    for step in &detail.steps {
        printer.screen.line("")?;
        self::step(step, printer)?;
    }
    if printer.is_cut {
        let hint = printer.screen.paint(Style::Faint, "Shortened; --json has everything.");
        printer.screen.line("")?;
        printer.screen.line(&hint)?;
    }
    Ok(())
}

fn head(detail: &RunDetail, printer: &mut RunPrinter<'_, impl Write>) -> io::Result<()> {
    let run = &detail.run;
    let title = printer.screen.paint(Style::Strong, &format!("Run {}", run.id));
    let status = printer.screen.paint(style(run.status), run.status.as_str());
    printer.screen.line(&format!("{title}  {status}"))?;
    let model = [run.model.as_deref(), run.provider.as_deref()];
    let took = run.finished_at.map(|end| format!(", took {}", duration(end.since(run.started_at))));
    for (name, value) in [
        ("chat", run.chat_id.to_string()),
        ("kind", run.kind.as_str().to_owned()),
        ("model", model.into_iter().flatten().map(one_line).collect::<Vec<_>>().join(", ")),
        ("started", format!("{}{}", run.started_at, took.unwrap_or_default())),
        ("tokens", all_tokens(run)),
        ("endpoint", one_line(run.summary.endpoint_label.as_deref().unwrap_or_default())),
        ("first", one_line(run.summary.first_message.as_deref().unwrap_or_default())),
    ] {
        if !value.is_empty() {
            let name = printer.screen.paint(Style::Faint, &format!("{name:<9}"));
            printer.screen.line(&format!("  {name} {value}"))?;
        }
    }
    Ok(())
}

fn all_tokens(run: &Run) -> String {
    let special = special_tokens(&run.summary);
    match tokens(run) {
        Some(tokens) => tokens + &special,
        None => special.trim_start().to_owned(),
    }
}

fn special_tokens(summary: &Summary) -> String {
    let counts = [
        (summary.total_reasoning_tokens, "reasoning"),
        (summary.total_cache_creation_tokens, "written to the cache"),
        (summary.total_cache_read_tokens, "read from the cache"),
    ];
    let counts =
        counts.into_iter().filter_map(|(count, name)| Some(format!("{} {name}", count.filter(|count| *count > 0)?)));
    let text = counts.collect::<Vec<_>>().join(", ");
    if text.is_empty() { text } else { format!(" ({text})") }
}

fn step(step: &Step, printer: &mut RunPrinter<'_, impl Write>) -> io::Result<()> {
    let title = printer.screen.paint(Style::Strong, &format!("Step {}", step.step_number));
    let status = printer.screen.paint(style(step.status), step.status.as_str());
    let mut facts = vec![step.operation.as_str().to_owned()];
    facts.extend(step.finished_at.map(|end| duration(end.since(step.started_at))));
    facts.extend(step.usage.as_ref().map(|usage| {
        let count =
            |count: Option<api::step::Count>| count.map_or_else(|| "?".to_owned(), |count| count.get().to_string());
        let counts = usage.counts();
        format!("{} → {} tokens", count(counts.input_tokens), count(counts.output_tokens))
    }));
    printer.screen.line(&format!("{title}  {status}  {}", printer.screen.paint(Style::Faint, &facts.join(", "))))?;
    let completion = completion_of(step);
    request(step, &completion.parts, printer)?;
    show_completion(completion, printer)?;
    attempts(&step.attempts, printer)?;
    match &step.error {
        Some(error) => block("error", Style::Bad, &[pretty(error.get())], printer),
        None => Ok(()),
    }
}

/// What was new in the request: the messages that no earlier step has shown.
fn request(step: &Step, completion: &[Part], printer: &mut RunPrinter<'_, impl Write>) -> io::Result<()> {
    let mut value = json::value(step.normalized_request.get()).unwrap_or_default();
    let mut messages = message::messages(&value);
    if messages.is_empty() {
        let body = request_body(step);
        messages = message::messages(&body);
        if !body.is_null() {
            value = body;
        }
    }
    let settings = settings(&value);
    if !settings.is_empty() {
        printer.is_cut |= settings.chars().count() > LINE;
        let line = printer.screen.paint(Style::Faint, &format!("  {}", shorten(&settings, LINE)));
        printer.screen.line(&line)?;
    }
    // A request with nothing new is a repeated one: its last message tells which.
    let first = printer.shown.count(&messages).min(messages.len().saturating_sub(1));
    if first > 0 {
        printer.is_cut = true;
        let earlier = printer.screen.paint(Style::Faint, &format!("  … {first} earlier, shown above"));
        printer.screen.line(&earlier)?;
    }
    for message in messages.iter().skip(first) {
        let texts: Vec<_> = message.parts.iter().map(part).collect();
        block(&one_line(&message.role), Style::Busy, &texts, printer)?;
    }
    printer.shown.keep(&messages, completion);
    Ok(())
}

/// The tools and the sampling parameters of a request.
fn settings(request: &Value) -> String {
    let tools = ["/tools", "/functions", "/toolConfig/tools"].into_iter().filter_map(|place| request.pointer(place));
    let names: Vec<_> = tools.filter_map(Value::as_array).flatten().flat_map(tool_names).collect();
    let tools = (!names.is_empty()).then(|| format!("tools {}", names.join(", ")));
    let places = [request, &request["generationConfig"], &request["inferenceConfig"], &request["options"]];
    let sampling = places.into_iter().flat_map(|place| {
        SAMPLING.iter().filter_map(|name| Some((name, place.get(*name).filter(|value| !value.is_null())?)))
    });
    let sampling = sampling.map(|(name, value)| format!("{name} {}", one_line(&value.to_string())));
    tools.into_iter().chain(sampling).collect::<Vec<_>>().join("; ")
}

fn tool_names(tool: &Value) -> Vec<String> {
    let mut lists =
        ["/functionDeclarations", "/function_declarations"].into_iter().filter_map(|place| tool.pointer(place));
    match lists.find_map(Value::as_array) {
        Some(declared) => declared.iter().filter_map(tool_name).collect(),
        None => tool_name(tool).into_iter().collect(),
    }
}

fn tool_name(tool: &Value) -> Option<String> {
    let mut names =
        ["/name", "/function/name", "/toolSpec/name", "/type"].into_iter().filter_map(|place| tool.pointer(place));
    names.find_map(Value::as_str).map(one_line)
}

fn request_body(step: &Step) -> Value {
    let body = step.attempts.last().and_then(|attempt| attempt.request_body.as_ref());
    body.and_then(|body| Payload::of(&body.0).into_json()).unwrap_or_default()
}

/// What the model said, by the normalized response or else by the last attempt's body.
fn completion_of(step: &Step) -> Completion {
    let normalized = step.normalized_response.as_ref().and_then(|response| json::value(response.get()));
    let normalized =
        normalized.map(|value| Completion::of_json(&value)).filter(|completion| !completion.parts.is_empty());
    let completion = normalized.or_else(|| {
        let body = step.attempts.last()?.response_body.as_ref()?;
        Some(Completion::of(&Payload::of(&body.0)))
    });
    completion.unwrap_or_default()
}

fn show_completion(completion: Completion, printer: &mut RunPrinter<'_, impl Write>) -> io::Result<()> {
    let mut texts = joined(&completion.parts);
    texts.extend(completion.finish.map(|finish| format!("[stopped: {finish}]")));
    block("answer", Style::Good, &texts, printer)
}

/// Completions with citations come in snippets of text that belong together.
fn joined(parts: &[Part]) -> Vec<String> {
    let are_text = |before: &Part, after: &Part| matches!((before, after), (Part::Text(_), Part::Text(_)));
    parts.chunk_by(are_text).map(|snippets| snippets.iter().map(part).collect()).collect()
}

fn part(part: &Part) -> String {
    match part {
        Part::Text(text) => text.clone(),
        Part::Thinking(text) => format!("[thinking] {text}"),
        Part::Compaction(text) => format!("[compaction] {text}"),
        Part::ToolCall { name, arguments } => format!("→ {name}({arguments})"),
        Part::ToolResult(text) => format!("← {text}"),
        Part::Other(kind) => format!("[{kind}]"),
    }
}

fn attempts(attempts: &[Attempt], printer: &mut RunPrinter<'_, impl Write>) -> io::Result<()> {
    let texts: Vec<_> = attempts.iter().map(attempt).collect();
    block("attempts", Style::Faint, &texts, printer)
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

/// A heading and its texts, cut where they are long.
fn block(title: &str, style: Style, texts: &[String], printer: &mut RunPrinter<'_, impl Write>) -> io::Result<()> {
    if texts.is_empty() {
        return Ok(());
    }
    let title = printer.screen.paint(style, title);
    printer.screen.line(&format!("  {title}"))?;
    for text in texts {
        let lines = lines(text);
        for line in lines.iter().take(LINES) {
            printer.is_cut |= line.chars().count() > LINE;
            printer.screen.line(format!("    {}", shorten(line, LINE)).trim_end())?;
        }
        if lines.len() > LINES {
            printer.is_cut = true;
            let more = printer.screen.paint(Style::Faint, &format!("    … {} more lines", lines.len() - LINES));
            printer.screen.line(&more)?;
        }
    }
    Ok(())
}

fn pretty(text: &str) -> String {
    let value = json::value(text);
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| text.to_owned())
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
            "first",
            "second",
            "third\\u{1b}[2J",
            "fourth",
            "→ add({\"a\":1})",
            "[stopped: tool_use]",
            "https://h.example/p  529",
            "overloaded",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(!text.contains('\x1b') && !text.contains("Shortened"), "{text}");
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
        assert!(text.contains("3 more lines") && text.ends_with("Shortened; --json has everything.\n"), "{text}");
    }

    #[test]
    fn half_an_emoji_blanks_nothing_around_it() {
        let half = r"\ud83d";
        let text = page(&detail(&format!(
            r#""normalized_request":{{"messages":[{{"role":"user","content":"QUESTION {half}"}}]}},"normalized_response":{{"content":[{{"type":"text","text":"ANSWER {half}"}},{{"type":"tool_use","name":"add","input":{{"a":"{half}"}}}}]}},"usage":{{"input_tokens":7,"x":"{half}"}},"attempts":[],"error":{{"message":"overloaded {half}"}}"#,
        )));
        for part in [
            "QUESTION \u{fffd}",
            "ANSWER \u{fffd}",
            "→ add({\"a\":\"\u{fffd}\"})",
            "7 → ? tokens",
            "overloaded \u{fffd}",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn only_what_an_earlier_step_has_shown_is_folded() {
        let tool = r#"{"type":"tool_use","name":"add","input":{"a": 1}}"#;
        let request = |more: &str| {
            format!(
                r#"{{"system":"Be brief.","messages":[{{"role":"user","content":"one"}},{{"role":"assistant","content":"two"}},{{"role":"user","content":"three"}}{more}]}}"#
            )
        };
        let mut run = detail(&format!(
            r#""normalized_request":{},"normalized_response":{{"content":[{tool}]}},"attempts":[]"#,
            request("")
        ));
        let text = page(&run);
        assert!(!text.contains("earlier"), "{text}");
        for part in ["Be brief.", "one", "two", "three"] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        let more = format!(
            r#",{{"role":"assistant","content":[{tool}]}},{{"role":"user","content":[{{"type":"tool_result","content":"five"}}]}}"#
        );
        let second = detail(&format!(r#""normalized_request":{},"attempts":[]"#, request(&more)));
        run.steps.extend(second.steps);
        let text = page(&run);
        assert!(text.contains("… 5 earlier, shown above") && text.contains("← five"), "{text}");
        assert_eq!((text.matches("Be brief.").count(), text.matches("→ add").count()), (1, 1), "{text}");
        assert!(text.ends_with("Shortened; --json has everything.\n"), "{text}");
        let other = detail(
            r#""normalized_request":{"system":"Other.","messages":[{"role":"user","content":"one"}]},"attempts":[]"#,
        );
        run.steps = [run.steps.remove(0)].into_iter().chain(other.steps).collect();
        assert!(!page(&run).contains("earlier"), "another beginning");
    }

    #[test]
    fn tools_and_sampling_are_named() {
        let text = page(&detail(
            r#""normalized_request":{"prompt":"x","tools":[{"name":"read_file"},{"type":"function","function":{"name":"run_tests"}}],"temperature":1.9,"max_tokens":1024},"attempts":[]"#,
        ));
        assert!(text.contains("  tools read_file, run_tests; temperature 1.9; max_tokens 1024\n"), "{text}");
    }

    #[test]
    fn no_usage_is_no_line_of_tokens() {
        let mut detail = detail(r#""normalized_request":{},"attempts":[]"#);
        let summary = &mut detail.run.summary;
        summary.total_input_tokens = Some(0);
        summary.total_output_tokens = Some(0);
        summary.total_reasoning_tokens = Some(0);
        assert!(!page(&detail).contains("tokens"));
    }

    #[test]
    fn a_compaction_is_no_answer() {
        let text = page(&detail(
            r#""normalized_request":{},"normalized_response":{"content":[{"type":"compaction","content":"so far"},{"type":"text","text":"Hi"}]},"attempts":[]"#,
        ));
        assert!(text.contains("    [compaction] so far\n    Hi\n"), "{text}");
    }
}
