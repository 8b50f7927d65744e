//! Recording, opening and listing beside Arize Phoenix, on the same turns and asked by the same client.
//!
//! - [`turns`]: what both record, and [`otlp`]: how Phoenix takes it
//! - [`side`]: what both are asked, and how long they take
//! - [`ours`] and [`server`]: the two sides, asked over [`http`]
//!
//! Nothing is asserted of the times; that what comes back is what was sent, is.

mod http;
mod otlp;
mod ours;
mod server;
mod side;
mod turns;

use crate::{
    ROOT,
    report::{Section, not_measured, target},
    sample::{Samples, figure, kilobytes, megabytes},
};
use anyhow::Result;
use ours::{OWNER, Ours};
use server::Phoenix;
use side::Times;
use std::{fs, path::Path};
use turns::Workload;

const TITLE: &str = "Beside Arize Phoenix";

pub(crate) async fn measure() -> Result<Vec<Section>> {
    let root = Path::new(ROOT).join(".local/bench");
    fs::create_dir_all(&root)?;
    let python = match server::install(&root.join("phoenix")).await {
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
        let ours = Ours::start(&folder.join(format!("ours-{n}.sqlite"))).await?;
        our_times.push(side::measure(&ours, workload).await?);
        peaks.push(ours.peaks().await?);
        refused.extend(ours.refused(workload).await?);
    }
    let phoenix = Phoenix::start(&python, &folder.canonicalize()?).await?;
    for workload in &workloads {
        their_times.push(side::measure(&phoenix, workload).await?);
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
    Ok(vec![Section { title: TITLE, text: text(&workloads), rows: comparison.rows, notes, drawing: None }])
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

struct Targets {
    list: Target,
    recording: Target,
    opening: Target,
    memory: Target,
}

struct Comparison {
    rows: Vec<Vec<String>>,
    targets: Targets,
}

impl Default for Comparison {
    fn default() -> Self {
        let head = ["", "ours p50", "ours p90", "Phoenix p50", "Phoenix p90", "ratio p50", "ratio p90"];
        Self {
            rows: vec![head.map(str::to_owned).into()],
            targets: Targets {
                list: Target::new("list 20, p50", 8.0),
                recording: Target::new("record, readable, p50", 10.0),
                opening: Target::new("open, p50", 10.0),
                memory: Target::new(
                    "memory of the largest of the three functions (the table shows all three beside it)",
                    40.0,
                ),
            },
        }
    }
}

impl Comparison {
    fn add(&mut self, workload: &str, ours: &Times, theirs: &Times) {
        let Targets { list, recording, opening, .. } = &mut self.targets;
        let mut row = |what: &str, ours: &Samples, theirs: &Samples| {
            let values = [ours.percentile(50), ours.percentile(90), theirs.percentile(50), theirs.percentile(90)];
            let [p50, p90, their_p50, their_p90] = values;
            let ratios = [their_p50 / p50, their_p90 / p90];
            let cells = values.map(|value| format!("{} ms", figure(value))).into_iter().chain(ratios.map(times));
            self.rows.push(std::iter::once(format!("{workload}: {what}")).chain(cells).collect());
            ratios[0]
        };
        row("record, acknowledged", &ours.acknowledged, &theirs.acknowledged);
        recording.measured.push(row("record, readable", &ours.readable, &theirs.readable));
        opening.measured.push(row("open", &ours.open, &theirs.open));
        list.measured.push(row("list 20", &ours.list, &theirs.list));
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
        self.targets.memory.measured.extend(of_largest);
        row("all three", peaks.iter().map(|(_, bytes)| bytes).sum());
    }

    fn notes(&self) -> Vec<String> {
        let Targets { list, recording, opening, memory } = &self.targets;
        [list, recording, opening, memory].map(Target::note).into()
    }
}

fn times(ratio: f64) -> String {
    format!("{} ×", figure(ratio))
}

fn text(workloads: &[Workload]) -> Vec<String> {
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
    let paragraph = str::to_owned;
    vec![
        format!(
            "arize-phoenix {} with its own server and SQLite, and our release binaries of create-debug-run, \
             get-debug-run and list-debug-runs, on the same turns: {}.",
            server::version(),
            workloads.iter().map(workload).collect::<Vec<_>>().join("; "),
        ),
        paragraph(
            "*Fairness.* Both are HTTP servers on loopback to the same client, one request at a time over connections \
             that stay. Before ours stands a server that does the gateway's work; behind it the embedded DynamoDB, over \
             HTTP, on a file. Phoenix's SQLite runs with synchronous=OFF, that of the embedded engine with FULL. What \
             came back was compared with what was sent, each message of each turn, on both sides.",
        ),
        paragraph(
            "*Record.* A whole turn in one POST; to Phoenix as OTLP over HTTP in protobuf, a span for the turn and one \
             for each step, with the OpenInference attributes of an LLM: request and response whole, model, tokens, and \
             as metadata the corpus's HTTP attempts. Its instrumentations send the messages one by one once more; they \
             are left out, so that both get the same.",
        ),
        paragraph(
            "*Readable.* Phoenix acknowledges what it holds in memory and stores it later, so it is looked for, every \
             10 ms, until it can be read. Ours is stored and readable when it is acknowledged.",
        ),
        paragraph("*Open.* `GET …/spans?trace_id=…` there, the run with its steps here."),
        paragraph(
            "*List.* The latest 20 root spans of a project there, the latest 20 runs of a chat here. Our list says what \
             a run's steps add up to; so Phoenix is asked by GraphQL for the columns that its user interface's table has \
             of that, and once more for the spans alone (`GET …/spans?parent_id=null&sort=start_time&limit=20`), which \
             is less than ours answers.",
        ),
        paragraph(
            "*Memory.* The peak of Phoenix's server since its start, both workloads included; of ours the peak of each \
             function, which starts anew for each workload and follows its largest turn. Phoenix's database runs inside \
             its process; ours does not, as DynamoDB does not run in Lambda.",
        ),
    ]
}
