//! What is printed, and how it is made harmless.
//!
//! A recording may hold anything, including escape sequences that rewrite the screen. All text that is not this
//! program's own goes through [`one_line`] or [`lines`] before it is printed.

use crate::{args::Color, error::CommandError};
use serde::Serialize;
use std::{
    env,
    fmt::Write as _,
    io::{self, BufWriter, IsTerminal, Stdout, Write},
    time::Duration,
};

/// What a piece of text is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Strong,
    Faint,
    Good,
    Bad,
    Odd,
    Busy,
}

/// Where the output goes, and whether it is coloured.
pub(crate) struct Screen<W: Write> {
    writer: W,
    color: bool,
}

impl Screen<BufWriter<Stdout>> {
    pub(crate) fn stdout(color: Color) -> Self {
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                io::stdout().is_terminal()
                    && !is_set("NO_COLOR")
                    && env::var_os("TERM").is_none_or(|term| term != "dumb")
            }
        };
        Self { writer: BufWriter::new(io::stdout()), color }
    }
}

impl<W: Write> Screen<W> {
    #[cfg(test)]
    pub(crate) fn plain(writer: W) -> Self {
        Self { writer, color: false }
    }

    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.writer, "{text}")
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }

    /// Prints a value as JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), CommandError> {
        let text = serde_json::to_string_pretty(value).map_err(CommandError::Json)?;
        Ok(self.line(&harmless_json(&text))?)
    }

    pub(crate) fn paint(&self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Strong => "1",
            Style::Faint => "2",
            Style::Good => "32",
            Style::Bad => "31",
            Style::Odd => "33",
            Style::Busy => "36",
        };
        if self.color && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// Control characters, and those that change the direction of writing, with which text can pass for other text.
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}')
}

/// Foreign text on one line: white space becomes a space, harmful characters are spelled out.
pub(crate) fn one_line(text: &str) -> String {
    spell_out(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Foreign text as lines: tabs become spaces, harmful characters are spelled out.
pub(crate) fn lines(text: &str) -> Vec<String> {
    text.lines().map(|line| spell_out(&line.replace('\t', "    "))).collect()
}

fn spell_out(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmful(character) { out.extend(character.escape_unicode()) } else { out.push(character) }
    }
    out
}

/// The same JSON with harmful characters escaped. Only strings have them: they may be raw there, as they were sent.
fn harmless_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => out.push(character),
            _ if is_harmful(character) => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out
}

/// At most so many characters, the last one an ellipsis when there were more.
pub(crate) fn shorten(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// A duration as people say it.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{} ms", duration.as_millis()),
        1..60 => format!("{:.1} s", duration.as_secs_f64()),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_do_not_reach_the_terminal() {
        let evil = "a\x1b[2J\u{9b}1m\u{7}\u{202e}b\r\nc\td";
        assert_eq!(one_line(evil), "a\\u{1b}[2J\\u{9b}1m\\u{7}\\u{202e}b c d");
        assert_eq!(lines(evil), ["a\\u{1b}[2J\\u{9b}1m\\u{7}\\u{202e}b", "c    d"]);
        assert_eq!(lines("over\rwritten"), ["over\\u{d}written"]);
    }

    #[test]
    fn json_stays_the_same_value() {
        let text = "{\n  \"a\": \"\u{9b}\u{7f}\u{202e}é\"\n}";
        let harmless = harmless_json(text);
        assert!(harmless.chars().all(|character| character == '\n' || !is_harmful(character)), "{harmless}");
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
        assert_eq!(value(&harmless), value(text));
    }

    #[test]
    fn durations_read_well() {
        for (millis, text) in [(7, "7 ms"), (1500, "1.5 s"), (61_000, "1 min 1 s"), (3_660_000, "1 h 1 min")] {
            assert_eq!(duration(Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn colours_are_printed_when_they_are_wanted() {
        let mut screen = Screen::plain(Vec::new());
        assert_eq!(screen.paint(Style::Bad, "x"), "x");
        screen.color = true;
        assert_eq!(screen.paint(Style::Bad, "x"), "\x1b[31mx\x1b[0m");
    }
}
