//! Prints one run: what was asked, what the model said, and what happened on the way.
//!
//! A step shows what is new in its request, what the model said, its attempts, its error, and what could not be shown.
//! Long texts are cut, and the page says so; `--json` prints everything.

use crate::{
    part,
    runs::{style, tokens},
    shown::Shown,
    terminal::{Screen, Style, duration, lines, one_line, shorten},
};
use api::{
    json::{Object, StringEnum},
    redaction::Redaction,
    run::{Run, RunDetail, Summary},
    status::Status,
    step::{Attempt, Step},
    view::{AttemptView, Outcome, Parameter, Part, StepView},
};
use llm::Recorded;
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
    taken_out(detail.redaction.as_ref(), printer)
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
    let view = Recorded::from(step).view();
    let title = printer.screen.paint(Style::Strong, &format!("Step {}", step.step_number));
    let status = status(step.status, view.outcome, printer);
    let mut facts = vec![step.operation.as_str().to_owned()];
    facts.extend(step.finished_at.map(|end| duration(end.since(step.started_at))));
    facts.extend(view.first_token_ms.map(|millis| format!("first token after {millis} ms")));
    facts.extend(view.tokens.as_ref().map(|tokens| {
        let count = |count: Option<u64>| count.map_or_else(|| "?".to_owned(), |count| count.to_string());
        format!("{} → {} tokens", count(tokens.input), count(tokens.output))
    }));
    printer.screen.line(&format!("{title}  {status}  {}", printer.screen.paint(Style::Faint, &facts.join(", "))))?;
    request(&view, printer)?;
    answer(&view, printer)?;
    let attempts: Vec<_> = step.attempts.iter().zip(&view.attempts).map(|(own, view)| attempt(own, view)).collect();
    block("attempts", Style::Faint, &attempts, printer)?;
    error(step, &view, printer)?;
    let unread: Vec<_> = view.unread.iter().map(part::unread).collect();
    block("not shown", Style::Odd, &unread, printer)?;
    taken_out(step.redaction.as_ref(), printer)?;
    let omitted: Vec<_> = step
        .omitted
        .iter()
        .map(|it| format!("{}: {} bytes; --save DIR writes it into a file", it.content, it.bytes))
        .collect();
    block("omitted", Style::Odd, &omitted, printer)
}

/// The recorder's word, and ours where the bytes say that it did not go well.
fn status(said: Status, read: Outcome, printer: &RunPrinter<'_, impl Write>) -> String {
    let own = printer.screen.paint(style(said), said.as_str());
    let read = match read {
        Outcome::Error => Status::Error,
        Outcome::Interrupted => Status::Interrupted,
        Outcome::Completed => return own,
    };
    if said == Status::Completed {
        format!("{}, recorded as {own}", printer.screen.paint(style(read), read.as_str()))
    } else {
        own
    }
}

/// What was new in the request: the messages that no earlier step has shown.
fn request(view: &StepView, printer: &mut RunPrinter<'_, impl Write>) -> io::Result<()> {
    let settings = settings(view);
    if !settings.is_empty() {
        printer.is_cut |= settings.chars().count() > LINE;
        let line = printer.screen.paint(Style::Faint, &format!("  {}", shorten(&settings, LINE)));
        printer.screen.line(&line)?;
    }
    // A request with nothing new is a repeated one: its last message tells which.
    let messages = &view.messages;
    let first = printer.shown.count(messages).min(messages.len().saturating_sub(1));
    if first > 0 {
        printer.is_cut = true;
        let earlier = printer.screen.paint(Style::Faint, &format!("  … {first} earlier, shown above"));
        printer.screen.line(&earlier)?;
    }
    for message in messages.iter().skip(first) {
        let who = [Some(&message.role), message.name.as_ref()].into_iter().flatten().map(|word| one_line(word));
        block(&who.collect::<Vec<_>>().join(" "), Style::Busy, &part::texts(&message.parts), printer)?;
    }
    let said: Vec<Part> = view.answer.iter().flat_map(|choice| choice.parts.clone()).collect();
    printer.shown.keep(messages, &said);
    Ok(())
}

/// The tools and the sampling parameters of a request.
fn settings(view: &StepView) -> String {
    let names: Vec<_> = view.tools.iter().map(|tool| one_line(&tool.name)).collect();
    let tools = (!names.is_empty()).then(|| format!("tools {}", names.join(", ")));
    let sampling = view.parameters.iter().filter_map(|Parameter { name, value, .. }| {
        let name = name.rsplit('.').next().unwrap_or(name);
        SAMPLING.contains(&name).then(|| format!("{name} {}", one_line(value)))
    });
    tools.into_iter().chain(sampling).collect::<Vec<_>>().join("; ")
}

fn answer(view: &StepView, printer: &mut RunPrinter<'_, impl Write>) -> io::Result<()> {
    for choice in &view.answer {
        let mut texts = part::texts_of_answer(&choice.parts);
        texts.extend(choice.finish.as_ref().map(|finish| format!("[stopped: {}]", one_line(&finish.said))));
        let title = match &choice.id {
            Some(id) => format!("answer to {}", one_line(id)),
            None if view.answer.len() > 1 => format!("answer {}", choice.index + 1),
            None => "answer".to_owned(),
        };
        block(&title, Style::Good, &texts, printer)?;
    }
    Ok(())
}

fn attempt(attempt: &Attempt, view: &AttemptView) -> String {
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
    let own = view.error.as_ref().map(|error| error.message.clone());
    words.extend(attempt.error.clone().or(own));
    words.extend(view.retry_reason.as_ref().map(|reason| format!("tried again: {reason}")));
    let delay = view.retry_delay_ms.map(std::time::Duration::from_millis);
    words.extend(delay.map(|delay| format!("after {}", duration(delay))));
    words.join("  ")
}

/// The recorder's error, or what the bytes say.
fn error(step: &Step, view: &StepView, printer: &mut RunPrinter<'_, impl Write>) -> io::Result<()> {
    let text = match (&step.error, &view.error) {
        (Some(error), _) => pretty(error),
        (None, Some(failure)) if view.outcome != Outcome::Completed => match &failure.code {
            Some(code) => format!("{} ({code})", failure.message),
            None => failure.message.clone(),
        },
        (None, _) => return Ok(()),
    };
    block("error", Style::Bad, &[text], printer)
}

/// What was taken out before it was stored.
fn taken_out(redaction: Option<&Redaction>, printer: &mut RunPrinter<'_, impl Write>) -> io::Result<()> {
    let Some(redaction) = redaction else { return Ok(()) };
    let found = redaction.found.iter().map(|found| match found.count {
        1 => format!("{} in {}", found.rule, found.at),
        count => format!("{} in {}, {count} times", found.rule, found.at),
    });
    let withheld = redaction.withheld.iter().map(|it| format!("{}: withheld, {} ({} bytes)", it.at, it.why, it.bytes));
    let more = redaction.more.map(|more| format!("… and in {more} more places"));
    let lines: Vec<_> = found.chain(withheld).chain(more).map(|line| one_line(&line)).collect();
    block("taken out", Style::Odd, &lines, printer)
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

fn pretty(error: &Object) -> String {
    let value = error.value().ok();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| error.get().to_owned())
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
            r#""redaction":{"rules":1,"total":3,"found":[{"rule":"jwt","at":"/attempts/0/url","count":2}],"withheld":[{"at":"/attempts/0/request_body","why":"brotli","bytes":9}]},"normalized_request":{"messages":[{"role":"user","content":"first"},{"role":"assistant","content":"second"},{"role":"user","content":"third\u001b[2J"}]},"normalized_response":{"content":[{"type":"text","text":"fourth"},{"type":"tool_use","name":"add","input":{"a":1}}],"finish_reason":"tool_use"},"attempts":[{"number":1,"status":"completed","method":"POST","url":"https://h.example/p","response_status":529}],"error":{"message":"overloaded"}"#,
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
            "jwt in /attempts/0/url, 2 times",
            "/attempts/0/request_body: withheld, brotli (9 bytes)",
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
        for part in
            ["QUESTION \u{fffd}", "ANSWER \u{fffd}", r#"→ add({"a":"\ud83d"})"#, "7 → ? tokens", "overloaded \u{fffd}"]
        {
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
    fn attempts_say_why_they_were_repeated_and_bodies_what_they_are() {
        let mut detail = detail(
            r#""normalized_request":{"messages":[{"role":"tool","content":[{"type":"tool_result","tool_use_id":"c","is_error":true,"content":"E"}]}]},"attempts":[{"number":1,"status":"completed","response_status":429,"retry_classification":"rate_limit","retry_delay_ms":20000},{"number":2,"status":"completed","response_status":200,"response_headers":{"content-type":"audio/mpeg"}}]"#,
        );
        let step = &mut detail.steps[0];
        step.attempts[1].response_body = Some(Body(vec![0xff; 3000]));
        step.status = Status::Completed;
        let text = page(&detail);
        for part in [
            "← failed: E",
            "1  429  HTTP status 429.  tried again: rate_limit  after 20.0 s",
            "[audio] audio/mpeg, 3000 bytes",
            "the answer of attempt 2: 3,000 bytes, audio/mpeg",
            "Step 1  completed",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn a_step_that_failed_is_not_called_completed() {
        let mut detail =
            detail(r#""normalized_request":{},"attempts":[{"number":1,"status":"completed","response_status":200}]"#);
        let step = &mut detail.steps[0];
        step.status = Status::Completed;
        step.attempts[0].response_body = Some(Body(br#"{"error":{"message":"No.","code":"c"}}"#.to_vec()));
        let text = page(&detail);
        assert!(text.contains("Step 1  error, recorded as completed") && text.contains("    No. (c)\n"), "{text}");
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
