//! Recording, opening and listing beside Arize Phoenix, on the same turns and asked by the same client.
//!
//! - [`turns`]: what both record, and [`otlp`]: how Phoenix takes it
//! - [`backend`]: what both are asked, and how long they take; [`exchange`]: what has to come back
//! - [`chat_debug`] and [`server`]: the two backends, asked over [`http`]
//!
//! Nothing is asserted of the times; that what comes back is what was sent, is.

mod backend;
mod chat_debug;
mod exchange;
mod http;
mod otlp;
mod server;
mod turns;

use crate::{
    folders,
    report::{Section, not_measured, target, text},
    sample::{Samples, figure, kilobytes, megabytes},
};
use anyhow::Result;
use backend::Times;
use chat_debug::{ChatDebug, OWNER};
use server::Phoenix;
use std::fs;
use turns::Workload;

const TITLE: &str = "Beside Arize Phoenix";

pub(crate) async fn measure() -> Result<Vec<Section>> {
    let root = folders::scratch()?;
    let python = match server::install(&root.join("phoenix")) {
        Ok(python) => python,
        Err(cause) => {
            let what = format!("arize-phoenix {}, which cannot be installed", server::version());
            let notes = vec![not_measured(&what, format!("{cause:#}").trim_end_matches('.'))];
            return Ok(vec![Section { title: TITLE, notes, ..Section::default() }]);
        }
    };
    let folder = root.join("phoenix-data");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir(&folder)?;
    let corpus = tests::corpus::folder();
    let mut workloads = vec![Workload::made(OWNER)?];
    if let Some(corpus) = &corpus {
        workloads.insert(0, Workload::corpus(OWNER, corpus)?);
    }

    let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
    let (mut peaks, mut refused) = (Vec::new(), Samples::default());
    for (n, workload) in workloads.iter().enumerate() {
        let ours = ChatDebug::start(&folder.join(format!("ours-{n}.sqlite"))).await?;
        our_times.push(backend::measure(&ours, workload).await?);
        peaks.push(ours.peaks()?);
        refused.extend(ours.refused(workload).await?);
    }
    let phoenix = Phoenix::start(&python, &folder.canonicalize()?).await?;
    for workload in &workloads {
        their_times.push(backend::measure(&phoenix, workload).await?);
    }
    let their_peak = phoenix.peak()?;

    let mut comparison = Comparison::default();
    for ((workload, ours), theirs) in workloads.iter().zip(&our_times).zip(&their_times) {
        comparison.add(&workload.name, ours, theirs);
    }
    for (workload, peaks) in workloads.iter().zip(&peaks) {
        comparison.memory(&workload.name, peaks, their_peak);
    }
    let mut notes = comparison.notes();
    notes.push(format!(
        "Of each of our times, {} ms are the way: the client, the server before the function, and Lambda's runtime API. \
         So long takes a request without a token, which reaches no DynamoDB.",
        figure(refused.median())
    ));
    if corpus.is_none() {
        notes.push(not_measured("the corpus", "it stands in ../shared/corpus and is not here"));
    }
    Ok(vec![Section { title: TITLE, text: introduction(&workloads)?, rows: comparison.rows, notes }])
}

/// A figure that has to be so many times ahead, in each of its measurements.
struct Target {
    what: &'static str,
    times: f64,
    measured: Vec<f64>,
}

impl Target {
    const fn new(what: &'static str, times: f64) -> Self {
        Self { what, times, measured: Vec::new() }
    }

    fn note(&self) -> String {
        let measured: Vec<_> = self.measured.iter().copied().map(times).collect();
        let is_met = !measured.is_empty() && self.measured.iter().all(|ratio| *ratio >= self.times);
        target(self.what, &format!("{} ×", self.times), &measured.join(", "), is_met)
    }
}

struct Comparison {
    rows: Vec<Vec<String>>,
    list: Target,
    recording: Target,
    opening: Target,
    memory: Target,
}

impl Default for Comparison {
    fn default() -> Self {
        let head = ["", "ours p50", "ours p90", "Phoenix p50", "Phoenix p90", "ratio p50", "ratio p90"];
        let largest = "memory of the largest of the three functions (the table shows all three beside it)";
        Self {
            rows: vec![head.map(str::to_owned).into()],
            list: Target::new("list 20, p50", 8.0),
            recording: Target::new("record, readable, p50", 10.0),
            opening: Target::new("open, p50", 10.0),
            memory: Target::new(largest, 40.0),
        }
    }
}

impl Comparison {
    fn add(&mut self, workload: &str, ours: &Times, theirs: &Times) {
        let rows = &mut self.rows;
        let mut row = |what: &str, ours: &Samples, theirs: &Samples| {
            let values = [ours.percentile(50), ours.percentile(90), theirs.percentile(50), theirs.percentile(90)];
            let [p50, p90, their_p50, their_p90] = values;
            let ratios = [their_p50 / p50, their_p90 / p90];
            let cells = values.map(|value| format!("{} ms", figure(value))).into_iter().chain(ratios.map(times));
            rows.push(std::iter::once(format!("{workload}: {what}")).chain(cells).collect());
            ratios[0]
        };
        row("record, acknowledged", &ours.acknowledged, &theirs.acknowledged);
        self.recording.measured.push(row("record, readable", &ours.readable, &theirs.readable));
        self.opening.measured.push(row("open", &ours.open, &theirs.open));
        self.list.measured.push(row("list 20", &ours.list, &theirs.list));
        row("list 20, without totals", &ours.list_without_totals, &theirs.list_without_totals);
    }

    /// Of each function, and of all together, which never share a process.
    fn memory(&mut self, workload: &str, peaks: &[(&str, u64)], their_peak: u64) {
        let mut row = |what: &str, bytes: u64| {
            let ratio = megabytes(their_peak) / megabytes(bytes);
            let [ours, theirs] = [bytes, their_peak].map(|bytes| format!("{} MB", figure(megabytes(bytes))));
            let none = String::new;
            self.rows.push(vec![
                format!("{workload}: memory of {what}"),
                ours,
                none(),
                theirs,
                none(),
                times(ratio),
                none(),
            ]);
            ratio
        };
        let of_largest = peaks.iter().map(|(operation, bytes)| row(operation, *bytes)).reduce(f64::min);
        self.memory.measured.extend(of_largest);
        row("all three", peaks.iter().map(|(_, bytes)| bytes).sum());
    }

    fn notes(&self) -> Vec<String> {
        [&self.list, &self.recording, &self.opening, &self.memory].map(Target::note).into()
    }
}

fn times(ratio: f64) -> String {
    format!("{} ×", figure(ratio))
}

fn introduction(workloads: &[Workload]) -> Result<String> {
    let mean = |total: usize, count: usize| figure(kilobytes(total / count.max(1)));
    let workload = |workload: &Workload| {
        let (turns, count) = (&workload.turns, workload.turns.len());
        let steps: usize = turns.iter().map(|turn| turn.run.steps.len()).sum();
        let ours = mean(turns.iter().map(|turn| turn.body.len()).sum(), count);
        let theirs = mean(turns.iter().map(|turn| turn.trace.body.len()).sum(), count);
        format!(
            "{} ({count} turns with {steps} steps, {ours} KB a turn as ours takes it and {theirs} KB as Phoenix does; {} KB \
             the largest)",
            workload.name,
            figure(kilobytes(turns.iter().map(|turn| turn.body.len()).max().unwrap_or_default())),
        )
    };
    let workloads = workloads.iter().map(workload).collect::<Vec<_>>().join("; ");
    text("phoenix", &[("version", &server::version()), ("workloads", &workloads)])
}
