//! The tables: cells are medians between their quartiles.

use super::{
    canned::{LATENCY, RUNS, STEPS},
    start::{BATCHES, CALLS_OF_A_BATCH, ROUNDS, SLOW_ROUNDS, SLOWEST_EVERY, SlowStart, Start, WARM_UP},
    variants::{BARE_QUERY, HELLO, Role, SDK_DEFAULTS, STD_ALONE, Variant},
};
use crate::{
    report::{Section, not_measured, target, text},
    sample::{Samples, figure, megabytes},
};
use anyhow::Result;

/// Everyone's starts.
pub(super) struct Measured {
    pub(super) variant: Variant,
    pub(super) starts: Vec<Start>,
    pub(super) slow_starts: Vec<SlowStart>,
}

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

/// What was measured, for its medians. Whatever is asked of one who is missing is answered with the reason.
pub(super) struct Medians<'a> {
    pub(super) all: &'a [Measured],
    pub(super) absent: &'a [(Role, String)],
    /// Why nobody was put under a share of a core.
    pub(super) unshared: Option<&'a str>,
}

impl<'a> Medians<'a> {
    fn of(&self, role: Role) -> Result<&'a Measured, &'a str> {
        let measured = self.all.iter().find(|measured| measured.variant.role == role);
        let cause =
            || self.absent.iter().find(|(absent, _)| *absent == role).map_or("no reason is known", |(_, cause)| cause);
        measured.ok_or_else(cause)
    }

    fn start(&self, role: Role, of: Of<Start>) -> Result<f64, &'a str> {
        Ok(samples(&self.of(role)?.starts, of).median())
    }

    fn slow_start(&self, role: Role, of: Of<SlowStart>) -> Result<f64, &'a str> {
        let measured = self.unshared.map_or_else(|| self.of(role), Err)?;
        Ok(samples(&measured.slow_starts, of).median())
    }

    fn ratio(&self, over: Role, under: Role, of: Of<Start>) -> Result<f64, &'a str> {
        Ok(self.start(over, of)? / self.start(under, of)?)
    }

    /// How many times as much as ours, which lists the same runs.
    fn times_ours(&self, role: Role, of: Of<Start>) -> String {
        self.ratio(role, Role::List, of).map_or_else(|_| "–".to_owned(), |ratio| format!("{ratio:.2} ×"))
    }
}

pub(super) fn sections(medians: &Medians<'_>) -> Result<Vec<Section>> {
    let targets = Section { title: "Targets of starts and calls", notes: targets(medians), ..Section::default() };
    let mut sections = vec![targets, first(medians)?, warm(medians)?];
    if medians.unshared.is_none() {
        sections.push(slow(medians)?);
    }
    Ok(sections)
}

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|&cell| cell.to_owned()).collect()
}

fn first(medians: &Medians<'_>) -> Result<Section> {
    let head = row(&["", "size, MB", "init CPU, ms", "first CPU, ms", "first wall, ms", "CPU of both, × list"]);
    let rows = medians.all.iter().map(|Measured { variant, starts, .. }| {
        let cell = |of: Of<Start>| cell(&samples(starts, of));
        vec![
            variant.name.clone(),
            figure(megabytes(variant.size)),
            cell(|start| start.init_cpu),
            cell(|start| start.first_cpu),
            cell(|start| start.first_wall),
            medians.times_ours(variant.role, init_and_first),
        ]
    });
    let defaults = medians.ratio(Role::Defaults, Role::Query, init_and_first);
    Ok(Section {
        title: "Start and first call",
        text: text(
            "start and first call",
            &[
                ("runs", &RUNS),
                ("steps", &STEPS),
                ("std_alone", &STD_ALONE),
                ("hello", &HELLO),
                ("bare_query", &BARE_QUERY),
                ("sdk_defaults", &SDK_DEFAULTS),
                ("rounds", &ROUNDS),
                ("slowest_rounds", &ROUNDS.div_ceil(SLOWEST_EVERY)),
            ],
        )?,
        rows: std::iter::once(head).chain(rows).collect(),
        notes: vec![
            defaults.map_or_else(
                |cause| not_measured("The SDK's defaults over our client", cause),
                |times| format!("SDK defaults take {} × the CPU of the bare query at start and first call.", figure(times)),
            ),
            format!(
                "DynamoDB's stand-in waits {} ms before each answer, which is in the walls.",
                LATENCY.as_millis()
            ),
            "The size is what is deployed: a binary, Node's bundle, Python's packages. Node's and Python's own runtimes \
             are Lambda's."
                .to_owned(),
            "Ours and the bare query trust Amazon's roots alone, so copies of the binaries are measured in which \
             one root is the stand-in's. The others trust it beside the roots that they have by default."
                .to_owned(),
        ],
    })
}

fn warm(medians: &Medians<'_>) -> Result<Section> {
    let head = row(&["", "CPU, ms", "wall, ms", "peak memory, MB", "CPU, × list", "memory, × list"]);
    let rows = medians.all.iter().map(|Measured { variant, starts, .. }| {
        let cell = |of: Of<Start>| cell(&samples(starts, of));
        vec![
            variant.name.clone(),
            cell(|start| start.warm_cpu),
            cell(|start| start.warm_wall),
            cell(|start| start.memory),
            medians.times_ours(variant.role, |start| start.warm_cpu),
            medians.times_ours(variant.role, |start| start.memory),
        ]
    });
    Ok(Section {
        title: "A warm call",
        text: text("warm call", &[("warm_up", &WARM_UP), ("calls", &CALLS_OF_A_BATCH), ("batches", &BATCHES)])?,
        rows: std::iter::once(head).chain(rows).collect(),
        ..Section::default()
    })
}

fn slow(medians: &Medians<'_>) -> Result<Section> {
    let head = row(&["", "first call, ms", "start and first call, ms"]);
    let rows = medians.all.iter().map(|Measured { variant, slow_starts, .. }| {
        let cell = |of: Of<SlowStart>| cell(&samples(slow_starts, of));
        vec![variant.name.clone(), cell(|start| start.first), cell(|start| start.both)]
    });
    Ok(Section {
        title: "The first answer at 7 % of a core",
        text: text("share of a core", &[("rounds", &SLOW_ROUNDS)])?,
        rows: std::iter::once(head).chain(rows).collect(),
        ..Section::default()
    })
}

/// The targets, each with what was measured, or why it was not.
fn targets(medians: &Medians<'_>) -> Vec<String> {
    let at_most = |what: &str, limit: f64, unit: &str, measured: Result<f64, &str>| match measured {
        Ok(measured) => {
            let [wanted, shown] = [format!("at most {limit} {unit}"), format!("{} {unit}", figure(measured))];
            target(what, &wanted, &shown, measured <= limit)
        }
        Err(cause) => not_measured(what, cause),
    };
    let ahead = |name: &str, role: Role, factor: f64| {
        let what = format!("CPU of {name}'s first call over ours");
        let first = medians.ratio(role, Role::List, |start| start.first_cpu);
        let both = medians.ratio(role, Role::List, init_and_first);
        match first.and_then(|first| Ok((first, both?))) {
            Ok((first, both)) => {
                let shown = format!("{} × (with the start, {} ×)", figure(first), figure(both));
                target(&what, &format!("at least {factor} ×"), &shown, first >= factor)
            }
            Err(cause) => not_measured(&what, cause),
        }
    };
    vec![
        at_most(
            "CPU of the first list, TLS and token check included, keys given",
            4.0,
            "ms",
            medians.start(Role::List, |start| start.first_cpu),
        ),
        at_most(
            "CPU of the first detail, TLS and token check included, keys given",
            4.0,
            "ms",
            medians.start(Role::Detail, |start| start.first_cpu),
        ),
        at_most("Peak memory of list over TLS", 10.0, "MB", medians.start(Role::List, |start| start.memory)),
        at_most(
            "Wall of the first list at 7 % of a core",
            60.0,
            "ms",
            medians.slow_start(Role::List, |start| start.first),
        ),
        at_most(
            "Wall of the first detail at 7 % of a core",
            60.0,
            "ms",
            medians.slow_start(Role::Detail, |start| start.first),
        ),
        at_most(
            "CPU of list's init over that of lambda_http's hello",
            1.5,
            "×",
            medians.ratio(Role::List, Role::Hello, |start| start.init_cpu),
        ),
        at_most(
            "CPU of a warm list, token check, ownership and second read included, over the bare query",
            1.25,
            "×",
            medians.ratio(Role::List, Role::Query, |start| start.warm_cpu),
        ),
        ahead("Go", Role::Go, 3.0),
        ahead("Node", Role::Node, 10.0),
        ahead("Python", Role::Python, 10.0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_of_the_missing_are_named_with_the_reason() {
        let absent = [(Role::Go, "Go is missing".to_owned())];
        let targets = targets(&Medians { all: &[], absent: &absent, unshared: Some("nobody is root") });
        assert!(targets.iter().all(|target| target.starts_with("NOT MEASURED: ")));
        assert!(targets.contains(&"NOT MEASURED: CPU of Go's first call over ours: Go is missing.".to_owned()));
        assert!(targets.iter().any(|target| target.contains("7 % of a core: nobody is root")));
        assert_eq!(targets.len(), 10);
    }
}
