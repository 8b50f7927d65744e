//! The tables: cells are medians between their quartiles.

use super::{
    canned::{LATENCY, RUNS, STEPS},
    start::{BATCHES, CALLS_OF_A_BATCH, ROUNDS, SLOW_ROUNDS, SLOWEST_EVERY, Start, WARM_UP},
    variants::{BARE_QUERY, HELLO, Role, SDK_DEFAULTS, Variant},
};
use crate::{
    report::{Section, not_measured, target, text},
    sample::{Samples, figure, megabytes},
};
use anyhow::Result;

/// Somebody's starts.
pub(super) struct Measured {
    pub(super) variant: Variant,
    pub(super) starts: Vec<Start>,
    /// Of first calls at a share of a core, in milliseconds.
    pub(super) slow_walls: Samples,
}

/// What is measured of a start.
type Of = fn(&Start) -> f64;

impl Measured {
    fn samples(&self, of: Of) -> Samples {
        self.starts.iter().map(of).collect()
    }
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

    fn start(&self, role: Role, of: Of) -> Result<f64, &'a str> {
        Ok(self.of(role)?.samples(of).median())
    }

    fn slow_wall(&self, role: Role) -> Result<f64, &'a str> {
        let measured = self.unshared.map_or_else(|| self.of(role), Err)?;
        Ok(measured.slow_walls.median())
    }

    fn ratio(&self, over: Role, under: Role, of: Of) -> Result<f64, &'a str> {
        Ok(self.start(over, of)? / self.start(under, of)?)
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

/// A column of a table: its head, and its cell for each who was measured.
type Column<'a> = (&'static str, Box<dyn Fn(&Measured) -> String + 'a>);

fn start(head: &'static str, of: Of) -> Column<'static> {
    (head, Box::new(move |measured| cell(&measured.samples(of))))
}

/// How many times as much as ours, which lists the same runs.
fn times_list<'a>(head: &'static str, medians: &'a Medians<'a>, of: Of) -> Column<'a> {
    let times = move |measured: &Measured| {
        let ratio = medians.ratio(measured.variant.role, Role::List, of);
        ratio.map_or_else(|_| "–".to_owned(), |ratio| format!("{ratio:.2} ×"))
    };
    (head, Box::new(times))
}

fn rows(medians: &Medians<'_>, columns: &[Column<'_>]) -> Vec<Vec<String>> {
    let head = std::iter::once(String::new()).chain(columns.iter().map(|(head, _)| (*head).to_owned()));
    let row = |measured: &Measured| {
        let cells = columns.iter().map(|(_, cell)| cell(measured));
        std::iter::once(measured.variant.name.clone()).chain(cells).collect()
    };
    std::iter::once(head.collect()).chain(medians.all.iter().map(row)).collect()
}

fn first(medians: &Medians<'_>) -> Result<Section> {
    let columns = [
        ("size, MB", Box::new(|measured: &Measured| figure(megabytes(measured.variant.size))) as Box<_>),
        start("init CPU, ms", |start| start.init_cpu),
        start("first CPU, ms", |start| start.first_cpu),
        start("first wall, ms", |start| start.first_wall),
        times_list("CPU of both, × list", medians, init_and_first),
    ];
    let defaults = medians.ratio(Role::Defaults, Role::Query, init_and_first).map_or_else(
        |cause| not_measured("The SDK's defaults over our client", cause),
        |times| format!("SDK defaults take {} × the CPU of the bare query at start and first call.", figure(times)),
    );
    Ok(Section {
        title: "Start and first call",
        text: text(
            "start and first call",
            &[
                ("runs", &RUNS),
                ("steps", &STEPS),
                ("hello", &HELLO),
                ("bare_query", &BARE_QUERY),
                ("sdk_defaults", &SDK_DEFAULTS),
                ("rounds", &ROUNDS),
                ("slowest_rounds", &ROUNDS.div_ceil(SLOWEST_EVERY)),
                ("latency", &LATENCY.as_millis()),
            ],
        )?,
        rows: rows(medians, &columns),
        notes: vec![defaults],
        ..Section::default()
    })
}

fn warm(medians: &Medians<'_>) -> Result<Section> {
    let columns = [
        start("CPU, ms", |start| start.warm_cpu),
        start("wall, ms", |start| start.warm_wall),
        start("peak memory, MB", |start| start.memory),
        times_list("CPU, × list", medians, |start| start.warm_cpu),
        times_list("memory, × list", medians, |start| start.memory),
    ];
    Ok(Section {
        title: "A warm call",
        text: text("warm call", &[("warm_up", &WARM_UP), ("calls", &CALLS_OF_A_BATCH), ("batches", &BATCHES)])?,
        rows: rows(medians, &columns),
        ..Section::default()
    })
}

fn slow(medians: &Medians<'_>) -> Result<Section> {
    let wall: Column<'_> = ("first call, ms", Box::new(|measured| cell(&measured.slow_walls)));
    Ok(Section {
        title: "The first answer at 7 % of a core",
        text: text("share of a core", &[("rounds", &SLOW_ROUNDS)])?,
        rows: rows(medians, &[wall]),
        ..Section::default()
    })
}

/// The targets, each with what was measured, or why it was not.
fn targets(medians: &Medians<'_>) -> Vec<String> {
    let note = |what: &str, wanted: String, unit: &str, measured: Result<f64, &str>, is_met: &dyn Fn(f64) -> bool| {
        let shown = |measured| target(what, &wanted, &format!("{} {unit}", figure(measured)), is_met(measured));
        measured.map_or_else(|cause| not_measured(what, cause), shown)
    };
    let at_most = |what: &str, limit: f64, unit: &str, measured| {
        note(what, format!("at most {limit} {unit}"), unit, measured, &|measured| measured <= limit)
    };
    let mut targets = Vec::new();
    for (name, role) in [("list", Role::List), ("detail", Role::Detail)] {
        let cpu = format!("CPU of the first {name}, TLS and token check included, keys given");
        targets.push(at_most(&cpu, 4.0, "ms", medians.start(role, |start| start.first_cpu)));
        let wall = format!("Wall of the first {name} at 7 % of a core");
        targets.push(at_most(&wall, 60.0, "ms", medians.slow_wall(role)));
    }
    let memory = medians.start(Role::List, |start| start.memory);
    let init = medians.ratio(Role::List, Role::Hello, |start| start.init_cpu);
    let warm = medians.ratio(Role::List, Role::Query, |start| start.warm_cpu);
    let over_query = "CPU of a warm list, token check, ownership and second read included, over the bare query";
    targets.push(at_most("Peak memory of list over TLS", 10.0, "MB", memory));
    targets.push(at_most("CPU of list's init over that of lambda_http's hello", 1.5, "×", init));
    targets.push(at_most(over_query, 1.25, "×", warm));
    for (name, role, factor) in [("Go", Role::Go, 3.0), ("Node", Role::Node, 10.0), ("Python", Role::Python, 10.0)] {
        let what = format!("CPU of {name}'s first call over ours");
        let measured = medians.ratio(role, Role::List, |start| start.first_cpu);
        targets.push(note(&what, format!("at least {factor} ×"), "×", measured, &|measured| measured >= factor));
    }
    targets
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
