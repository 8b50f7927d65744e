//! Lists and details as a chat, and as a run, grows: what they read from DynamoDB, what they answer, and their CPU.
//!
//! A chat is made large by copying the items of one turn that was recorded, under other ids, straight into
//! the engine. Some of the copies are read through the API before anything is measured.

use crate::{
    process::{Launch, Process, TIME_LIMIT_MILLIS},
    report::{Section, target, text},
    sample::{Samples, figure, kilobytes, thousands},
    workload::{self, exchanges, owner},
};
use ::tests::{
    runtime::variables,
    world::{TABLE, TestRequest, World, run, run_id, runs},
};
use anyhow::{Context, Result, ensure};
use api::routes::{GET_DEBUG_RUN, LIST_DEBUG_RUNS, Route};
use local::dynoxide::ImportOptions;
use serde_json::Value;

/// Runs in a chat, each of them a turn of `STEPS` steps.
const RUNS: [u32; 3] = [100, 10_000, 100_000];
const STEPS: u32 = 1;
/// Steps in a run.
const RUN_STEPS: [u32; 3] = [10, 100, 1_000];
/// A step, in bytes: small enough for a thousand of them to fit an answer.
const BYTES: usize = 2_000;
/// CPU is a median of so many batches of so many calls.
const BATCHES: usize = 15;
const CALLS: u32 = 8;
/// How many times as much CPU is still the same: what one measurement differs from the next.
const NOISE: f64 = 1.25;
/// What part of an answer's bytes may come on top: ids and links are not of one length.
const MARGIN: f64 = 0.02;

pub(super) async fn measure() -> Result<Section> {
    let world = World::recording(&owner(0)).await;
    let mut list = Series::new("list of 100 runs", "runs", Growth::None);
    let mut detail = Series::new("detail of one run", "runs", Growth::None);
    let mut whole = Series::new("detail with all steps", "steps", Growth::OfSize);
    for (chat, count) in (1..).zip(RUNS) {
        fill(&world, chat, count).await?;
        list.ask(&world, &LIST_DEBUG_RUNS, count, &runs(chat)).await?;
        detail.ask(&world, &GET_DEBUG_RUN, count, &run(chat, count / 2)).await?;
    }
    for (chat, count) in (11..).zip(RUN_STEPS) {
        record(&world, chat, count).await;
        let steps = exchanges(&world, &owner(0), chat, 0).await?.len();
        ensure!(steps == count as usize, "A detail holds {steps} steps of {BYTES} bytes, and not {count}.");
        whole.ask(&world, &GET_DEBUG_RUN, count, &run(chat, 0)).await?;
    }
    let mut all = [list, detail, whole];
    for batch in 0..=BATCHES {
        // All sizes take turns, so that what else the machine does falls on each of them.
        for question in all.iter_mut().flat_map(|series| &mut series.questions) {
            let micros = question.batch().await?;
            // The first batch warms up.
            if batch > 0 {
                question.cpu.push(micros);
            }
        }
    }
    let head = ["", "size", "calls", "read units", "KB", "CPU, µs", "p10 to p90"].map(str::to_owned);
    Ok(Section {
        title: "Scale: cost as work grows",
        text: text(
            "growth",
            &[("steps", &STEPS), ("kb", &kilobytes(BYTES)), ("batches", &BATCHES), ("calls", &CALLS)],
        )?,
        rows: std::iter::once(head.into()).chain(all.iter().flat_map(Series::rows)).collect(),
        notes: all.iter().filter_map(Series::note).collect(),
        ..Section::default()
    })
}

async fn record(world: &World, chat: u32, steps: u32) {
    let turn = workload::turn(&owner(0), 0, steps, BYTES);
    world.recorder().post(&runs(chat), turn).await.expect(201);
}

/// Makes a chat with this many runs.
async fn fill(world: &World, chat: u32, count: u32) -> Result<()> {
    record(world, chat, STEPS).await;
    let of_run = |item: &Value| {
        let sort_key = item.pointer("/sk/S").and_then(Value::as_str);
        sort_key.is_some_and(|key| key.contains(&run_id(0)))
    };
    let items: Vec<String> = world.items_of(chat).iter().filter(|item| of_run(item)).map(Value::to_string).collect();
    ensure!(items.len() == 2, "A small turn is a run and its anchor.");
    let copies = (1..count).flat_map(|n| items.iter().map(move |item| (n, item)));
    let copies = copies.map(|(n, item)| serde_json::from_str(&item.replace(&run_id(0), &run_id(n))));
    let copies = copies.collect::<Result<Vec<_>, _>>()?;
    world.engine.database().import_items(TABLE, copies, ImportOptions::default())?;

    let original = exchanges(world, &owner(0), chat, 0).await?;
    for n in [1, count / 2, count - 1] {
        ensure!(exchanges(world, &owner(0), chat, n).await? == original, "Copy {n} of the turn differs from it.");
    }
    let newest = world.user(&owner(0)).get(&format!("{}?limit=1", runs(chat))).await.expect(200).json();
    let newest = newest.pointer("/0/id").and_then(Value::as_str);
    ensure!(newest == Some(&run_id(count - 1)), "The newest run is not the last copy.");
    Ok(())
}

/// How what a request costs may grow.
#[derive(Clone, Copy)]
enum Growth {
    /// Not at all: what is stored and not returned costs nothing.
    None,
    /// As what is returned does.
    OfSize,
}

/// A request that is asked at several sizes, the smallest first.
struct Series {
    what: &'static str,
    /// What there is more of.
    of: &'static str,
    allowed: Growth,
    questions: Vec<Question>,
}

/// A request at one size, and its function, whose process is its own.
struct Question {
    size: u32,
    calls: f64,
    units: f64,
    bytes: usize,
    /// Microseconds of a call.
    cpu: Samples,
    process: Process,
    sent: TestRequest,
}

impl Series {
    fn new(what: &'static str, of: &'static str, allowed: Growth) -> Self {
        Self { what, of, allowed, questions: Vec::new() }
    }

    /// Takes up one more size, and counts what an answer costs; its CPU is measured later.
    async fn ask(&mut self, world: &World, route: &Route, size: u32, path: &str) -> Result<()> {
        let user = world.user(&owner(0));
        let mut sent = user.request("GET", path, None);
        sent.deadline = u64::try_from(world.now())? * 1_000 + TIME_LIMIT_MILLIS;
        let answer = user.send(sent.clone()).await.expect(200);
        let logged = |name| answer.line.get(name).and_then(Value::as_f64).context("The log says what was read.");
        let (calls, units) = (logged("round_trips")?, logged("read_units")?);
        let launch = Launch::of(route.operation, &variables(world, world.engine.endpoint()))?;
        let process = Process::start(&launch).await?;
        let (bytes, cpu) = (answer.body.len(), Samples::default());
        self.questions.push(Question { size, calls, units, bytes, cpu, process, sent });
        Ok(())
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |Question { size, calls, units, bytes, cpu, .. }: &Question| {
            vec![
                self.what.to_owned(),
                format!("{} {}", thousands(f64::from(*size)), self.of),
                thousands(*calls),
                thousands(*units),
                figure(kilobytes(*bytes)),
                figure(cpu.median()),
                format!("{} to {}", figure(cpu.percentile(10)), figure(cpu.percentile(90))),
            ]
        };
        self.questions.iter().map(row).collect()
    }

    /// Whether the largest size costs at most as many times what the smallest does as it may.
    fn note(&self) -> Option<String> {
        let (small, large) = (self.questions.first()?, self.questions.last()?);
        let size = f64::from(large.size) / f64::from(small.size);
        let (limit, why) = match self.allowed {
            Growth::None => (1.0, "flat in what is stored"),
            Growth::OfSize => (size, "at most linear in what is returned"),
        };
        let grown = Grown {
            calls: large.calls / small.calls,
            units: large.units / small.units,
            bytes: kilobytes(large.bytes) / kilobytes(small.bytes),
            cpu: large.cpu.median() / small.cpu.median(),
        };
        let what = format!("{}, {} × the {}", self.what, thousands(size), self.of);
        let [calls, units, bytes, cpu] = [grown.calls, grown.units, grown.bytes, grown.cpu].map(figure);
        let measured = format!("calls × {calls}, units × {units}, bytes × {bytes}, CPU × {cpu}");
        let times = thousands(limit);
        let wanted = format!(
            "{why} (calls and units × {times}, bytes × {times} + {} %, CPU × {})",
            MARGIN * 100.0,
            figure(limit * NOISE),
        );
        Some(target(&what, &wanted, &measured, grown.is_within(limit)))
    }
}

impl Question {
    /// Microseconds of a call, over a batch of them.
    async fn batch(&mut self) -> Result<f64> {
        let before = self.process.cpu()?;
        for _ in 0..CALLS {
            let (_, answer) = self.process.send(&self.sent).await?;
            ensure!(answer.status == 200, "{}: {}", self.sent.path, answer.body);
            ensure!(answer.body.len() == self.bytes, "{} is another answer than before.", self.sent.path);
        }
        Ok(self.process.cpu()?.saturating_sub(before).as_secs_f64() * 1e6 / f64::from(CALLS))
    }
}

/// How many times as much the largest size costs as the smallest does.
struct Grown {
    calls: f64,
    units: f64,
    bytes: f64,
    cpu: f64,
}

impl Grown {
    fn is_within(&self, times: f64) -> bool {
        let Self { calls, units, bytes, cpu } = *self;
        calls <= times && units <= times && bytes <= times * (1.0 + MARGIN) && cpu <= times * NOISE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bytes_and_cpu_may_be_more_than_the_limit() {
        let grown = |calls, units, bytes, cpu| Grown { calls, units, bytes, cpu }.is_within(10.0);
        assert!(grown(10.0, 10.0, 10.2, 12.5));
        assert!(!grown(10.1, 10.0, 10.0, 10.0));
        assert!(!grown(10.0, 10.1, 10.0, 10.0));
        assert!(!grown(10.0, 10.0, 10.3, 10.0));
        assert!(!grown(10.0, 10.0, 10.0, 12.6));
    }
}
