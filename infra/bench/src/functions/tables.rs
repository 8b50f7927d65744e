//! The tables: cells are medians between their quartiles.

use super::{
    Measured,
    canned::{RUNS, STEPS},
    start::{SlowStart, Start},
    variants::Role,
};
use crate::{
    report::Section,
    sample::{Samples, figure, verdict},
};

/// What a column shows of a start.
type Of<T> = fn(&T) -> f64;

fn samples<T>(starts: &[T], of: impl Fn(&T) -> f64) -> Samples {
    let mut samples = Samples::default();
    for start in starts {
        samples.push(of(start));
    }
    samples
}

fn cell(samples: &Samples) -> String {
    let [low, median, high] = [25, 50, 75].map(|percent| figure(samples.percentile(percent)));
    format!("{median} ({low}–{high})")
}

fn init_and_first(start: &Start) -> f64 {
    start.init_cpu + start.first_cpu
}

/// Everyone's medians.
struct Medians<'a>(&'a [Measured]);

impl Medians<'_> {
    fn of<T>(&self, role: Role, starts: impl Fn(&Measured) -> &[T], of: impl Fn(&T) -> f64) -> Option<f64> {
        let measured = self.0.iter().find(|measured| measured.variant.role == role)?;
        let starts = starts(measured);
        (!starts.is_empty()).then(|| samples(starts, of).median())
    }

    fn start(&self, role: Role, of: Of<Start>) -> Option<f64> {
        self.of(role, |measured| &measured.starts, of)
    }

    fn ratio(&self, over: Role, under: Role, of: Of<Start>) -> Option<f64> {
        Some(self.start(over, of)? / self.start(under, of)?)
    }

    /// How many times as much as ours, which lists the same runs.
    fn times_ours(&self, role: Role, of: Of<Start>) -> String {
        self.ratio(role, Role::List, of).map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2} ×"))
    }
}

pub(super) fn sections(all: &[Measured], absent: &[String], unshared: Option<String>) -> Vec<Section> {
    let medians = Medians(all);
    let mut notes = targets(&medians);
    notes.extend_from_slice(absent);
    let mut sections = vec![first(&medians), warm(&medians)];
    sections.push(match unshared {
        None => slow(&medians),
        Some(cause) => Section { title: SLOW, notes: vec![cause], ..Section::default() },
    });
    if let Some(last) = sections.last_mut() {
        last.notes.extend(notes);
    }
    sections
}

const SLOW: &str = "The first answer at 7 % of a core";

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|&cell| cell.to_owned()).collect()
}

fn first(medians: &Medians<'_>) -> Section {
    let head = row(&[
        "",
        "size, MB",
        "init CPU, ms",
        "init wall, ms",
        "first call CPU, ms",
        "first call wall, ms",
        "init CPU, × list",
        "first CPU, × list",
        "both, × list",
    ]);
    let rows = medians.0.iter().map(|Measured { variant, starts, .. }| {
        let cell = |of: Of<Start>| cell(&samples(starts, of));
        let megabytes = u32::try_from(variant.size / 1_000).map_or(f64::NAN, |kilobytes| f64::from(kilobytes) / 1e3);
        vec![
            variant.name.clone(),
            figure(megabytes),
            cell(|start| start.init_cpu),
            cell(|start| start.init_wall),
            cell(|start| start.first_cpu),
            cell(|start| start.first_wall),
            medians.times_ours(variant.role, |start| start.init_cpu),
            medians.times_ours(variant.role, |start| start.first_cpu),
            medians.times_ours(variant.role, init_and_first),
        ]
    });
    Section {
        title: "Start and first call",
        text: vec![
            format!(
                "Ours are the release binaries, token check (RS256) and ownership included: a list of {RUNS} runs, and a \
                 run of {STEPS} steps. Go, Node and Python list the same runs and answer the same JSON. All read the same \
                 bytes from a stand-in for DynamoDB, over TLS 1.3 with a chain of RSA 2048 as AWS has it, HTTP/1.1 and \
                 connections that are kept; no variable of the environment names certificates."
            ),
            "Init is from the start of the process until it asks for its first event. The first call includes its TLS \
             handshakes. Median (quartiles)."
                .to_owned(),
        ],
        rows: std::iter::once(head).chain(rows).collect(),
        notes: vec![
            "DynamoDB's stand-in waits 2 ms before each answer, which is in the walls.".to_owned(),
            "The size is what is deployed: a binary, Node's bundle, Python's packages. Node's and Python's own runtimes \
             are Lambda's."
                .to_owned(),
            "Ours and the bare query trust Amazon's roots alone, so copies of the binaries are measured in which \
             one root is the stand-in's. The others trust it beside the roots that they have by default."
                .to_owned(),
        ],
    }
}

fn warm(medians: &Medians<'_>) -> Section {
    let head = row(&["", "CPU, ms", "wall, ms", "peak memory, MB", "CPU, × list", "wall, × list", "memory, × list"]);
    let rows = medians.0.iter().map(|Measured { variant, starts, .. }| {
        let cell = |of: Of<Start>| cell(&samples(starts, of));
        vec![
            variant.name.clone(),
            cell(|start| start.warm_cpu),
            cell(|start| start.warm_wall),
            cell(|start| start.memory),
            medians.times_ours(variant.role, |start| start.warm_cpu),
            medians.times_ours(variant.role, |start| start.warm_wall),
            medians.times_ours(variant.role, |start| start.memory),
        ]
    });
    Section {
        title: "A warm call",
        text: vec![
            "After a hundred calls; the mean of a batch of twenty, the median of ten batches, and of all starts."
                .to_owned(),
        ],
        rows: std::iter::once(head).chain(rows).collect(),
        notes: Vec::new(),
    }
}

fn slow(medians: &Medians<'_>) -> Section {
    let head = row(&["", "first call, ms", "start and first call, ms"]);
    let rows = medians.0.iter().map(|Measured { variant, slow_starts, .. }| {
        let cell = |of: Of<SlowStart>| cell(&samples(slow_starts, of));
        vec![variant.name.clone(), cell(|start| start.first), cell(|start| start.both)]
    });
    Section {
        title: SLOW,
        text: vec![
            "Wall. 7 % is what a function of 128 MB gets: 1.4 of every 20 ms, by a control group. Lambda starts a function \
             at full speed, so the first call alone is what a caller waits for beside the start; the other column has \
             the start throttled as well."
                .to_owned(),
        ],
        rows: std::iter::once(head).chain(rows).collect(),
        notes: Vec::new(),
    }
}

/// The targets, each with what was measured.
fn targets(medians: &Medians<'_>) -> Vec<String> {
    let at_most = |what: &str, limit: f64, unit: &str, measured: Option<f64>| {
        let measured = measured?;
        Some(format!(
            "{what}: {} {unit}, target at most {limit} {unit}: {}",
            figure(measured),
            verdict(measured <= limit)
        ))
    };
    let ahead = |name: &str, role: Role, factor: f64| {
        let first = medians.ratio(role, Role::List, |start| start.first_cpu)?;
        let both = medians.ratio(role, Role::List, init_and_first)?;
        Some(format!(
            "Ahead of {name} on the first call: {} × in CPU, target {factor} ×: {}; with the start {} ×",
            figure(first),
            verdict(first >= factor),
            figure(both)
        ))
    };
    let slow = |role| medians.of(role, |measured| &measured.slow_starts, |start: &SlowStart| start.first);
    let defaults = || {
        let times = medians.ratio(Role::Defaults, Role::Query, init_and_first)?;
        Some(format!("SDK defaults take {} × the CPU of the bare query at start and first call", figure(times)))
    };
    [
        at_most(
            "First list, TLS and token check included, CPU",
            4.0,
            "ms",
            medians.start(Role::List, |start| start.first_cpu),
        ),
        at_most("First detail, the same", 4.0, "ms", medians.start(Role::Detail, |start| start.first_cpu)),
        at_most("First list at 7 % of a core", 60.0, "ms", slow(Role::List)),
        at_most("First detail at 7 % of a core", 60.0, "ms", slow(Role::Detail)),
        at_most(
            "Init CPU of list over lambda_http's hello",
            1.5,
            "×",
            medians.ratio(Role::List, Role::Hello, |start| start.init_cpu),
        ),
        at_most(
            "Warm CPU of list, token check, ownership and second read included, over the bare query",
            1.25,
            "×",
            medians.ratio(Role::List, Role::Query, |start| start.warm_cpu),
        ),
        ahead("Go", Role::Go, 3.0),
        ahead("Node", Role::Node, 10.0),
        ahead("Python", Role::Python, 10.0),
        defaults(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
