//! Tables that read well on a terminal and are Markdown.

use crate::folders::ROOT;
use anyhow::{Context, Result, ensure};
use service::clock::Clock;
use std::{
    fmt::{self, Write as _},
    fs,
    path::Path,
    process::Command,
    thread::available_parallelism,
};

/// A table under a heading, with what has to be known to read it.
#[derive(Debug, Default)]
pub(crate) struct Section {
    pub(crate) title: &'static str,
    /// The paragraphs above the table.
    pub(crate) text: String,
    /// The first row is the head; the first column is text, the others are numbers.
    pub(crate) rows: Vec<Vec<String>>,
    /// Below the table: what was not measured and why, and which targets are met.
    pub(crate) notes: Vec<String>,
    /// The last line, for a program that reads figures.
    pub(crate) figures: Option<String>,
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## {}\n", self.title)?;
        if !self.text.is_empty() {
            writeln!(f, "{}\n", self.text)?;
        }
        let columns = self.rows.first().map_or(0, Vec::len);
        let width =
            |column: usize| self.rows.iter().filter_map(move |row| row.get(column)).map(|cell| cell.chars().count());
        let widths: Vec<usize> = (0..columns).map(|column| width(column).max().unwrap_or(0).max(3)).collect();
        for (line, row) in self.rows.iter().enumerate() {
            let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| match column {
                0 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            });
            writeln!(f, "| {} |", cells.collect::<Vec<_>>().join(" | "))?;
            if line == 0 {
                let rules = widths.iter().enumerate().map(|(column, &width)| match column {
                    0 => "-".repeat(width),
                    _ => format!("{}:", "-".repeat(width - 1)),
                });
                writeln!(f, "| {} |", rules.collect::<Vec<_>>().join(" | "))?;
            }
        }
        writeln!(f)?;
        for note in &self.notes {
            writeln!(f, "- {note}")?;
        }
        if let Some(figures) = &self.figures {
            writeln!(f, "\n{figures}")?;
        }
        Ok(())
    }
}

/// The text of this name, with a value in each of its `{places}`.
pub(crate) fn text(name: &str, values: &[(&str, &dyn fmt::Display)]) -> Result<String> {
    let texts = include_str!("texts.md").split("# ").map(|text| text.split_once('\n').unwrap_or_default());
    let found = texts.into_iter().find(|(title, _)| *title == name);
    let (_, mut text) = found.map(|(title, text)| (title, text.trim().to_owned())).context("There is no such text.")?;
    for (place, value) in values {
        text = text.replace(&format!("{{{place}}}"), &value.to_string());
    }
    ensure!(!text.contains(['{', '}']), "A place of the text {name:?} has no value: {text}");
    Ok(text)
}

/// A note that says whether a target is met.
pub(crate) fn target(what: &str, wanted: &str, measured: &str, is_met: bool) -> String {
    format!("{what}: {measured}, target {wanted}: **{}**", if is_met { "met" } else { "missed" })
}

/// A note that names what was left out, and why.
pub(crate) fn not_measured(what: &str, cause: impl fmt::Display) -> String {
    format!("NOT MEASURED: {what}: {cause}.")
}

/// All sections of a run.
#[derive(Debug, Default)]
pub(crate) struct Report(Vec<Section>);

impl Report {
    pub(crate) fn push(&mut self, section: Section) {
        self.0.push(section);
    }

    /// Writes `infra/benchmarks.md`, with date and machine; says where.
    pub(crate) fn keep(&self) -> Result<&'static str> {
        const KEPT: &str = "infra/benchmarks.md";
        let machine = machine().context("The machine cannot be described")?;
        let mut text = format!(
            "# Benchmarks\n\nMeasured on {} by `make bench`, all in one run, on {machine}.\n",
            Clock::default().now().to_string().get(..10).unwrap_or_default(),
        );
        for section in &self.0 {
            write!(text, "\n{section}")?;
        }
        fs::write(Path::new(ROOT).join(KEPT), text)?;
        Ok(KEPT)
    }
}

/// The processor, its cores, the memory and the compiler.
fn machine() -> Result<String> {
    let field = |file: &str, name: &str| -> Result<String> {
        let text = fs::read_to_string(file)?;
        let line = text.lines().find(|line| line.starts_with(name)).with_context(|| format!("{file} lacks {name}"))?;
        Ok(line.split_once(':').map_or("", |(_, value)| value.trim()).to_owned())
    };
    let memory: u64 = field("/proc/meminfo", "MemTotal")?.trim_end_matches(" kB").parse()?;
    let compiler = Command::new("rustc").arg("--version").output()?.stdout;
    let compiler = String::from_utf8(compiler)?;
    let compiler = compiler.split(" (").next().unwrap_or_default();
    Ok(format!(
        "{} cores of {}, {} GB, {compiler}",
        available_parallelism()?,
        field("/proc/cpuinfo", "model name")?,
        memory / 1_000_000,
    ))
}
