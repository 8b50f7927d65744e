//! Recording, opening and listing beside Arize Phoenix, on the same turns and asked by the same client.
//!
//! - [`turns`]: what both record, and [`otlp`]: how Phoenix takes it
//! - [`backend`]: what both are asked, and how long they take
//! - [`chat_debug`] and [`server`]: the two backends, asked over [`http`]
//!
//! Nothing is asserted of the times; that what comes back is what was sent, is.

mod backend;
mod chat_debug;
mod http;
mod otlp;
mod server;
mod turns;

use crate::{
    report::{Section, not_measured, target, text},
    sample::{Samples, figure, kilobytes, megabytes},
};
use anyhow::{Context, Result};
use backend::Times;
use chat_debug::{ChatDebug, OWNER};
use server::Phoenix;
use std::{fs, path::Path};
use turns::{Kind, Workload};

/// Where both keep their files: what is compared is no disk, which Phoenix does not wait for.
const IN_MEMORY: &str = "/dev/shm/chat-debug-bench";

const TITLE: &str = "Beside Arize Phoenix";

/// A column of times.
type Of = fn(&Times) -> &Samples;

/// What is timed, and how many times ahead ours has to be at the median, of a workload of each [`Kind`].
const OPERATIONS: [(&str, Of, [f64; 2]); 4] = [
    ("record, acknowledged", |times| &times.acknowledged, [1.5, 0.8]),
    ("record, readable", |times| &times.readable, [30.0, 22.0]),
    ("open", |times| &times.open, [12.0, 20.0]),
    ("list 20", |times| &times.list, [8.0, 8.0]),
];
/// The same for the memory of the largest of our functions.
const MEMORY: f64 = 40.0;

/// What both took for a workload.
struct Comparison<'a> {
    workload: &'a Workload,
    ours: Times,
    theirs: Times,
    /// The peak memory of each of our functions.
    peaks: Vec<(&'static str, u64)>,
}

pub(crate) async fn measure() -> Result<Vec<Section>> {
    let python = match server::install() {
        Ok(python) => python,
        Err(cause) => {
            let what = format!("arize-phoenix {}, which cannot be installed", server::version());
            let notes = vec![not_measured(&what, format!("{cause:#}").trim_end_matches('.'))];
            return Ok(vec![Section { title: TITLE, notes, ..Section::default() }]);
        }
    };
    let folder = Path::new(IN_MEMORY);
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir(folder).with_context(|| format!("{IN_MEMORY} cannot be made"))?;
    let corpus = tests::corpus::folder();
    let mut workloads = vec![Workload::made(OWNER)?];
    if let Some(corpus) = &corpus {
        workloads.insert(0, Workload::corpus(OWNER, corpus)?);
    }

    let mut ours = Vec::new();
    for (n, workload) in workloads.iter().enumerate() {
        let chat_debug = ChatDebug::start(&folder.join(format!("ours-{n}.sqlite"))).await?;
        ours.push((backend::measure(&chat_debug, workload).await?, chat_debug.peaks()?));
    }
    let phoenix = Phoenix::start(&python, folder).await?;
    let mut compared = Vec::new();
    for (workload, (ours, peaks)) in workloads.iter().zip(ours) {
        let theirs = backend::measure(&phoenix, workload).await?;
        compared.push(Comparison { workload, ours, theirs, peaks });
    }
    let their_peak = phoenix.peak()?;
    drop(phoenix);
    fs::remove_dir_all(folder)?;

    let head = ["", "ours p50", "ours p90", "Phoenix p50", "Phoenix p90", "ratio p50", "ratio p90"];
    let mut rows = vec![head.map(str::to_owned).into()];
    rows.extend(compared.iter().flat_map(Comparison::times));
    rows.extend(compared.iter().flat_map(|compared| compared.memory(their_peak)));
    let mut notes = targets(&compared, their_peak);
    if corpus.is_none() {
        notes.push(not_measured("the corpus", "it stands in ../shared/corpus and is not here"));
    }
    Ok(vec![Section { title: TITLE, text: introduction(&workloads)?, rows, notes, ..Section::default() }])
}

impl Comparison<'_> {
    fn times(&self) -> Vec<Vec<String>> {
        let row = |(what, of, _): (&str, Of, _)| {
            let [ours, theirs] = [&self.ours, &self.theirs].map(|times| [50, 90].map(|p| of(times).percentile(p)));
            let ratios = [theirs[0] / ours[0], theirs[1] / ours[1]].map(times);
            let walls = ours.into_iter().chain(theirs).map(|wall| format!("{} ms", figure(wall)));
            let what = format!("{}: {what}", self.workload.name);
            std::iter::once(what).chain(walls).chain(ratios).collect()
        };
        OPERATIONS.into_iter().map(row).collect()
    }

    fn memory(&self, their_peak: u64) -> Vec<Vec<String>> {
        let row = |(operation, bytes): &(&str, u64)| {
            let what = format!("{}: memory of {operation}", self.workload.name);
            let [ours, theirs] = [*bytes, their_peak].map(|bytes| format!("{} MB", figure(megabytes(bytes))));
            let none = String::new;
            vec![what, ours, none(), theirs, none(), times(megabytes(their_peak) / megabytes(*bytes)), none()]
        };
        self.peaks.iter().map(row).collect()
    }
}

/// The targets, each with what was measured.
fn targets(compared: &[Comparison], their_peak: u64) -> Vec<String> {
    let note = |it: &Comparison, what: &str, ratio: f64, wanted: f64| {
        target(&format!("{}: {what}", it.workload.name), &format!("{wanted} ×"), &times(ratio), ratio >= wanted)
    };
    let timed = OPERATIONS.into_iter().flat_map(|(what, of, wanted)| {
        compared.iter().map(move |it| {
            let ratio = of(&it.theirs).median() / of(&it.ours).median();
            let [corpus, made] = wanted;
            let wanted = match it.workload.kind {
                Kind::Corpus => corpus,
                Kind::Made => made,
            };
            note(it, &format!("{what}, p50"), ratio, wanted)
        })
    });
    let largest = compared.iter().filter_map(|it| {
        let bytes = it.peaks.iter().map(|(_, bytes)| *bytes).max()?;
        let what = "memory of the largest of the three functions (the table shows all three beside it)";
        Some(note(it, what, megabytes(their_peak) / megabytes(bytes), MEMORY))
    });
    timed.chain(largest).collect()
}

fn times(ratio: f64) -> String {
    format!("{} ×", figure(ratio))
}

fn introduction(workloads: &[Workload]) -> Result<String> {
    let workload = |Workload { name, turns, .. }: &Workload| {
        let count = turns.len();
        let mean = |total: usize| figure(kilobytes(total / count.max(1)));
        let steps: usize = turns.iter().map(|turn| turn.run.steps.len()).sum();
        let ours = mean(turns.iter().map(|turn| turn.body.len()).sum());
        let theirs = mean(turns.iter().map(|turn| turn.trace.body.len()).sum());
        let largest = figure(kilobytes(turns.iter().map(|turn| turn.body.len()).max().unwrap_or_default()));
        format!(
            "{name} ({count} turns with {steps} steps, {ours} KB a turn as ours takes it and {theirs} KB as Phoenix does; \
             {largest} KB the largest)"
        )
    };
    let workloads = workloads.iter().map(workload).collect::<Vec<_>>().join("; ");
    text("phoenix", &[("version", &server::version()), ("workloads", &workloads)])
}
