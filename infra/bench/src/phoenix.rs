//! Recording, opening and listing beside Arize Phoenix, on the same turns and asked by the same client.
//!
//! - [`turns`]: what both record, and [`otlp`]: how Phoenix takes it
//! - [`backend`]: what both are asked, and how long they take
//! - [`chat_debug`] and [`server`]: the two backends, asked over [`http`]
//! - [`one_core`]: where all of them run
//!
//! Nothing is asserted of the times; that what comes back is what was sent, is.

mod backend;
mod chat_debug;
mod http;
mod one_core;
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
use one_core::OneCore;
use server::Phoenix;
use std::{fs, path::Path};
use turns::{Kind, Workload};

/// Where both keep their files: what is compared is no disk, which Phoenix does not wait for.
const IN_MEMORY: &str = "/dev/shm/chat-debug-bench";

const TITLE: &str = "Beside Arize Phoenix";

/// How often each workload is measured on both: a machine that is shared is not equally fast from one minute to the next.
const ROUNDS: usize = 5;

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
    rounds: Vec<Round>,
}

struct Round {
    ours: Times,
    theirs: Times,
    /// The peak memory of each of our functions, in bytes.
    peaks: Vec<(&'static str, u64)>,
    /// That of Phoenix's server.
    their_peak: u64,
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
    let corpus = tests::corpus::folder();
    let mut workloads = vec![Workload::made(OWNER)?];
    if let Some(corpus) = &corpus {
        workloads.insert(0, Workload::corpus(OWNER, corpus)?);
    }

    let mut compared: Vec<_> = workloads.iter().map(|workload| Comparison { workload, rounds: Vec::new() }).collect();
    for number in 1..=ROUNDS {
        eprintln!("• Round {number} of {ROUNDS} beside Phoenix");
        for Comparison { workload, rounds } in &mut compared {
            rounds.push(round(&python, workload, number % 2 == 1).await?);
        }
    }

    let head = ["", "ours p50", "ours p90", "Phoenix p50", "Phoenix p90", "ratio p50", "ratio p90", "least to most"];
    let mut rows = vec![head.map(str::to_owned).into()];
    rows.extend(compared.iter().flat_map(Comparison::times));
    rows.extend(compared.iter().flat_map(Comparison::memory));
    let mut notes = targets(&compared);
    if corpus.is_none() {
        notes.push(not_measured("the corpus", "it stands in ../shared/corpus and is not here"));
    }
    Ok(vec![Section { title: TITLE, text: introduction(&workloads)?, rows, notes, ..Section::default() }])
}

/// A workload on both, from nothing; who goes first changes from round to round.
async fn round(python: &Path, workload: &Workload, is_ours_first: bool) -> Result<Round> {
    let _one = OneCore::take()?;
    let folder = Path::new(IN_MEMORY);
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir(folder).with_context(|| format!("{IN_MEMORY} cannot be made"))?;
    let measure_ours = async || {
        let chat_debug = ChatDebug::start(&folder.join("ours.sqlite")).await?;
        anyhow::Ok((backend::measure(&chat_debug, workload).await?, chat_debug.peaks()?))
    };
    let measure_theirs = async || {
        let phoenix = Phoenix::start(python, folder).await?;
        anyhow::Ok((backend::measure(&phoenix, workload).await?, phoenix.peak()?))
    };
    let ((ours, peaks), (theirs, their_peak)) = if is_ours_first {
        (measure_ours().await?, measure_theirs().await?)
    } else {
        let theirs = measure_theirs().await?;
        (measure_ours().await?, theirs)
    };
    fs::remove_dir_all(folder)?;
    Ok(Round { ours, theirs, peaks, their_peak })
}

impl Round {
    /// How many times ahead ours is.
    fn ratio(&self, of: Of, percent: usize) -> f64 {
        of(&self.theirs).percentile(percent) / of(&self.ours).percentile(percent)
    }
}

impl Comparison<'_> {
    fn each(&self, of: impl Fn(&Round) -> f64) -> Samples {
        self.rounds.iter().map(of).collect()
    }

    /// What the rounds are at the median.
    fn median(&self, of: impl Fn(&Round) -> f64) -> f64 {
        self.each(of).median()
    }

    fn times(&self) -> Vec<Vec<String>> {
        let row = |(what, of, _): (&str, Of, _)| {
            let ours = [50, 90].map(|p| self.median(|round| of(&round.ours).percentile(p)));
            let theirs = [50, 90].map(|p| self.median(|round| of(&round.theirs).percentile(p)));
            let ratios = [50, 90].map(|p| times(self.median(|round| round.ratio(of, p))));
            let walls = ours.into_iter().chain(theirs).map(|wall| format!("{} ms", figure(wall)));
            let what = format!("{}: {what}", self.workload.name);
            let range = range(&self.each(|round| round.ratio(of, 50)));
            std::iter::once(what).chain(walls).chain(ratios).chain([range]).collect()
        };
        OPERATIONS.into_iter().map(row).collect()
    }

    fn memory(&self) -> Vec<Vec<String>> {
        let operations = self.rounds.first().map_or(0, |round| round.peaks.len());
        let row = |n: usize| {
            let (operation, _) = self.rounds.first()?.peaks.get(n)?;
            let ours = |round: &Round| round.peaks.get(n).map_or(f64::NAN, |(_, bytes)| megabytes(*bytes));
            let ratio = |round: &Round| megabytes(round.their_peak) / ours(round);
            let what = format!("{}: memory of {operation}", self.workload.name);
            let [mine, theirs] = [self.median(ours), self.median(|round| megabytes(round.their_peak))]
                .map(|megabytes| format!("{} MB", figure(megabytes)));
            let none = String::new;
            let ratios = [times(self.median(ratio)), none(), range(&self.each(ratio))];
            Some([what, mine, none(), theirs, none()].into_iter().chain(ratios).collect())
        };
        (0..operations).filter_map(row).collect()
    }
}

/// The targets, each with what was measured.
fn targets(compared: &[Comparison]) -> Vec<String> {
    let note = |it: &Comparison, what: &str, ratio: f64, wanted: f64| {
        target(&format!("{}: {what}", it.workload.name), &format!("{wanted} ×"), &times(ratio), ratio >= wanted)
    };
    let timed = OPERATIONS.into_iter().flat_map(|(what, of, wanted)| {
        compared.iter().map(move |it| {
            let [corpus, made] = wanted;
            let wanted = match it.workload.kind {
                Kind::Corpus => corpus,
                Kind::Made => made,
            };
            note(it, &format!("{what}, p50"), it.median(|round| round.ratio(of, 50)), wanted)
        })
    });
    let largest = compared.iter().map(|it| {
        let what = "memory of the largest of the three functions (the table shows all three beside it)";
        let ratio = |round: &Round| {
            let largest = round.peaks.iter().map(|(_, bytes)| *bytes).max().unwrap_or_default();
            megabytes(round.their_peak) / megabytes(largest)
        };
        note(it, what, it.median(ratio), MEMORY)
    });
    timed.chain(largest).collect()
}

/// From the least to the most.
fn range(ratios: &Samples) -> String {
    format!("{} to {}", figure(ratios.percentile(0)), figure(ratios.percentile(100)))
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
    text("phoenix", &[("version", &server::version()), ("workloads", &workloads), ("rounds", &ROUNDS)])
}
