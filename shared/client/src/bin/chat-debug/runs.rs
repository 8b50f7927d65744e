//! A chat's runs as a table, newest first.

use crate::{
    args,
    error::CommandError,
    terminal::{self, Screen, Style, duration, one_line, shorten},
};
use api::ids::{ChatId, MessageId};
use api::json::StringEnum;
use api::{run::Run, status::Status};
use client::{Client, RunFilter};
use std::io::{self, Write};

const FIRST_MESSAGE: usize = 60;
const MODEL: usize = 32;

pub(crate) async fn show(
    client: &Client,
    chat: ChatId,
    arguments: &args::Runs,
    screen: &mut Screen<impl Write>,
) -> Result<(), CommandError> {
    let (wanted, limit) = args::wanted(arguments.all, arguments.limit);
    let filter = RunFilter {
        limit: Some(limit),
        status: arguments.status,
        kind: arguments.kind,
        trigger_message_id: arguments.trigger_message.clone().map(MessageId::Text),
    };
    let is_filtered = RunFilter { limit: None, ..filter.clone() } != RunFilter::default();
    let (runs, may_be_more) = client.newest_runs(chat, &filter, wanted).await?;
    if arguments.json {
        return screen.json(&runs);
    }
    if runs.is_empty() && is_filtered {
        return Ok(screen.line("No runs like this: none has what the options ask for.")?);
    }
    Ok(table(&runs, may_be_more, screen)?)
}

fn table(runs: &[Run], may_be_more: bool, screen: &mut Screen<impl Write>) -> io::Result<()> {
    if runs.is_empty() {
        return screen.line("No runs. `chat-debug explain CHAT` says whether this chat is recorded.");
    }
    let head = ["STARTED", "RUN", "KIND", "STATUS", "MODEL", "STEPS", "TOKENS", "TOOK", "FIRST MESSAGE"];
    let rows: Vec<_> = runs.iter().map(cells).collect();
    let mut widths = head.map(|cell| cell.chars().count());
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let head = screen.paint(Style::Strong, &padded(&head.map(str::to_owned), &widths, |_, cell| cell));
    screen.line(&head)?;
    for (run, row) in runs.iter().zip(&rows) {
        let line = padded(row, &widths, |column, cell| match column {
            3 => screen.paint(style(run.status), &cell),
            _ => cell,
        });
        screen.line(&line)?;
    }
    if may_be_more {
        let hint = screen.paint(Style::Faint, "There may be more: --all shows every run.");
        screen.line(&hint)?;
    }
    Ok(())
}

fn cells(run: &Run) -> [String; 9] {
    let summary = &run.summary;
    [
        run.started_at.to_string(),
        run.id.to_string(),
        run.kind.as_str().to_owned(),
        run.status.as_str().to_owned(),
        shorten(&one_line(run.model.as_deref().unwrap_or("-")), MODEL),
        summary.step_count.map_or_else(|| "-".to_owned(), |count| count.to_string()),
        tokens(run).unwrap_or_else(|| "-".to_owned()),
        run.finished_at.map_or_else(|| "-".to_owned(), |end| duration(end.since(run.started_at))),
        shorten(&one_line(summary.first_message.as_deref().unwrap_or_default()), FIRST_MESSAGE),
    ]
}

/// Tokens in and out, once the run is final; `None` when no step has a usage.
pub(crate) fn tokens(run: &Run) -> Option<String> {
    let summary = &run.summary;
    match (summary.total_input_tokens.unwrap_or_default(), summary.total_output_tokens.unwrap_or_default()) {
        (0, 0) => None,
        (input, output) => Some(format!("{input} → {output}")),
    }
}

/// Pads first and paints then, since colours have no width.
fn padded(row: &[String], widths: &[usize], paint: impl Fn(usize, String) -> String) -> String {
    let cells = row.iter().zip(widths).enumerate();
    let cells: Vec<_> = cells.map(|(column, (cell, width))| paint(column, format!("{cell:<width$}"))).collect();
    cells.join("  ").trim_end().to_owned()
}

pub(crate) fn style(status: Status) -> terminal::Style {
    match status {
        Status::InProgress => Style::Busy,
        Status::Completed => Style::Good,
        Status::Error => Style::Bad,
        Status::Interrupted => Style::Odd,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_aligned_and_harmless() {
        let mut run: Run = serde_json::from_str(
            r#"{"id":"018f4e3c-9a1b-7def-8123-456789abcdef","chat_id":"018f4e3c-9a1b-7def-8123-456789abcdef","kind":"chat_turn","status":"completed","model":"m\u001b[2J","summary":{"step_count":2,"total_input_tokens":7,"first_message":"Hello\nyou"},"started_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z","finished_at":"2026-01-02T03:04:07Z"}"#,
        )
        .expect("a run");
        let mut out = Vec::new();
        table(std::slice::from_ref(&run), false, &mut Screen::plain(&mut out)).expect("memory");
        let text = String::from_utf8(out).expect("UTF-8");
        let [head, row] = text.lines().collect::<Vec<_>>()[..] else { panic!("{text}") };
        assert_eq!(head.find("KIND"), row.find("chat_turn"));
        assert!(row.contains("7 → 0") && row.contains("2.0 s") && row.ends_with("Hello you"), "{row}");
        assert!(!row.contains('\x1b'), "{row}");
        run.summary.total_input_tokens = Some(0);
        run.summary.total_output_tokens = Some(0);
        assert_eq!(cells(&run)[6], "-");
    }
}
