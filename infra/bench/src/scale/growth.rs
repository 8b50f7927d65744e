//! Lists and details as a chat, and as a run, grows: what they ask of DynamoDB, what they answer, and their CPU.
//!
//! A chat is made large by copying the items of one turn that was recorded, under other ids, straight into
//! the engine. Some of the copies are read through the API before anything is measured.

use crate::{
    process::{Launch, Process, TIME_LIMIT_MILLIS},
    report::{Section, target, text},
    sample::{Samples, figure, kilobytes, thousands},
    workload::{self, owner},
};
use ::tests::{
    runtime::variables,
    wire::round_trips,
    world::{TABLE, TestRequest, World, chat_id, run, run_id, runs},
};
use anyhow::{Context, Result, ensure};
use api::routes::{CREATE_DEBUG_RUN, GET_DEBUG_RUN, LIST_DEBUG_RUNS, LIST_DEBUG_STEPS, Route};
use local::dynoxide::ImportOptions;
use serde_json::Value;
use std::time::Duration;

/// Runs in a chat, each of them a turn of `STEPS` steps.
const RUNS: [u32; 3] = [100, 10_000, 100_000];
const STEPS: u32 = 1;
/// Steps in a run.
const RUN_STEPS: [u32; 3] = [10, 100, 1_000];
/// A step, in bytes: small enough for a thousand of them to fit an answer.
const BYTES: usize = 2_000;
/// Calls that follow each other faster than this were sent side by side.
const QUIET: Duration = Duration::from_millis(30);
/// CPU is a median of so many batches of so many calls.
const BATCHES: usize = 15;
const CALLS: u32 = 8;
/// How many times as much CPU is still the same: what one measurement differs from the next.
const NOISE: f64 = 1.25;
/// What part of an answer's bytes may differ: ids and links are not of one length.
const MARGIN: f64 = 0.02;

/// What a request costs at one size.
struct Point {
    what: &'static str,
    /// Runs in the chat, or steps in the run.
    size: u32,
    calls: usize,
    in_turn: usize,
    units: f64,
    bytes: usize,
    /// Microseconds of a call.
    cpu: Samples,
}

pub(super) async fn measure() -> Result<Section> {
    let world = World::new().await;
    world.consent(&owner(0)).await;
    let mut recorder = start(&world, &CREATE_DEBUG_RUN).await?;
    let (mut stored, mut returned) = (Vec::new(), Vec::new());
    for (chat, count) in (1..).zip(RUNS) {
        fill(&mut recorder, &world, chat, count).await?;
        let middle = run(chat, count / 2);
        stored.push(Question::new(&world, &LIST_DEBUG_RUNS, "list of 100 runs", count, &runs(chat)).await?);
        stored.push(Question::new(&world, &GET_DEBUG_RUN, "detail of one run", count, &middle).await?);
    }
    for (chat, count) in (11..).zip(RUN_STEPS) {
        let turn = workload::turn(&owner(0), 0, count, BYTES);
        record(&mut recorder, &world, chat, &turn).await?;
        let path = run(chat, 0);
        let detail = world.user(&owner(0)).get(&path).await.expect(200).json();
        ensure!(steps(&detail)?.len() == count as usize, "A detail does not hold {count} steps of {BYTES} bytes.");
        returned.push(Question::new(&world, &GET_DEBUG_RUN, "detail with all steps", count, &path).await?);
        let path = format!("{path}/steps");
        returned.push(Question::new(&world, &LIST_DEBUG_STEPS, "page of all steps", count, &path).await?);
    }
    let (stored, returned) = (measured(stored).await?, measured(returned).await?);
    let head = ["", "size", "calls", "in turn", "read units", "KB", "CPU, µs", "p10 to p90"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(stored.iter().map(|point| row(point, "runs")));
    rows.extend(returned.iter().map(|point| row(point, "steps")));
    let notes = Growth::of(&stored).iter().map(flat).chain(Growth::of(&returned).iter().map(linear)).collect();
    Ok(Section {
        title: "Scale: cost as work grows",
        text: text(
            "growth",
            &[("steps", &STEPS), ("kb", &kilobytes(BYTES)), ("batches", &BATCHES), ("calls", &CALLS)],
        )?,
        rows,
        notes,
    })
}

async fn start(world: &World, route: &Route) -> Result<Process> {
    Process::start(&Launch::of(route.operation, &variables(world, world.engine.endpoint()))?, None).await
}

async fn record(recorder: &mut Process, world: &World, chat: u32, turn: &Value) -> Result<()> {
    let body = turn.to_string().into_bytes();
    let (_, answer) = recorder.send(&world.recorder().request("POST", &runs(chat), Some(body))).await?;
    ensure!(answer.status == 201, "A turn was not recorded: {}", answer.body);
    Ok(())
}

/// Makes a chat with this many runs.
async fn fill(recorder: &mut Process, world: &World, chat: u32, count: u32) -> Result<()> {
    record(recorder, world, chat, &workload::turn(&owner(0), 0, STEPS, BYTES)).await?;
    let partition = format!("CHAT#{}", chat_id(chat));
    let first = run_id(0);
    let of_run = |item: &Value| {
        let key = |name: &str| item.get(name).and_then(|key| key.get("S")).and_then(Value::as_str).unwrap_or_default();
        key("pk") == partition && key("sk").contains(&first)
    };
    let items: Vec<String> = world.items_of(chat).iter().filter(|item| of_run(item)).map(Value::to_string).collect();
    ensure!(items.len() > STEPS as usize, "A turn is an item for the run and one for each step.");
    let copies = (1..count).flat_map(|n| items.iter().map(move |item| (n, item)));
    let copies = copies.map(|(n, item)| serde_json::from_str(&item.replace(&run_id(0), &run_id(n))));
    let copies = copies.collect::<Result<Vec<_>, _>>()?;
    world.engine.database().import_items(TABLE, copies, ImportOptions::default())?;

    let user = world.user(&owner(0));
    let original = steps(&user.get(&run(chat, 0)).await.expect(200).json())?;
    for n in [1, count / 2, count - 1] {
        let copy = user.get(&run(chat, n)).await.expect(200).json();
        ensure!(steps(&copy)? == original, "Copy {n} of the turn differs from it.");
    }
    let newest = user.get(&format!("{}?limit=1", runs(chat))).await.expect(200).json();
    ensure!(
        newest.pointer("/0/id").and_then(Value::as_str) == Some(&*run_id(count - 1)),
        "The newest run is the last."
    );
    Ok(())
}

/// What the steps of a detail exchanged with the model.
fn steps(detail: &Value) -> Result<Vec<[Option<Value>; 2]>> {
    let steps = detail.get("steps").and_then(Value::as_array).context("A detail has steps.")?;
    let exchange = |step: &Value| ["normalized_request", "normalized_response"].map(|name| step.get(name).cloned());
    Ok(steps.iter().map(exchange).collect())
}

/// What is asked of a function, whose process is its own.
struct Question {
    point: Point,
    process: Process,
    sent: TestRequest,
}

impl Question {
    /// Counts what an answer costs; its CPU is measured later.
    async fn new(world: &World, route: &Route, what: &'static str, size: u32, path: &str) -> Result<Self> {
        let user = world.user(&owner(0));
        let mut sent = user.request("GET", path, None);
        sent.deadline = u64::try_from(world.now())? * 1_000 + TIME_LIMIT_MILLIS;
        world.wire.hold(QUIET);
        world.wire.take();
        let answer = user.send(sent.clone()).await.expect(200);
        world.wire.hold(Duration::ZERO);
        let seen = world.wire.take();
        let units = answer.line.get("read_units").and_then(Value::as_f64).context("The log says what was read.")?;
        let (calls, in_turn, bytes) = (seen.len(), round_trips(&seen), answer.body.len());
        let point = Point { what, size, calls, in_turn, units, bytes, cpu: Samples::default() };
        let process = start(world, route).await?;
        Ok(Self { point, process, sent })
    }

    /// Microseconds of a call, over a batch of them.
    async fn batch(&mut self) -> Result<f64> {
        let before = self.process.cpu()?;
        for _ in 0..CALLS {
            let (_, answer) = self.process.send(&self.sent).await?;
            ensure!(answer.status == 200, "{}: {}", self.sent.path, answer.body);
            ensure!(answer.body.len() == self.point.bytes, "{} is another answer than before.", self.sent.path);
        }
        Ok(self.process.cpu()?.saturating_sub(before).as_secs_f64() * 1e6 / f64::from(CALLS))
    }
}

/// All sizes take turns, so that what else the machine does falls on each of them.
async fn measured(mut questions: Vec<Question>) -> Result<Vec<Point>> {
    for batch in 0..=BATCHES {
        for question in &mut questions {
            let micros = question.batch().await?;
            // The first batch warms up.
            if batch > 0 {
                question.point.cpu.push(micros);
            }
        }
    }
    Ok(questions.into_iter().map(|question| question.point).collect())
}

fn row(point: &Point, of: &str) -> Vec<String> {
    let Point { what, size, calls, in_turn, units, bytes, cpu } = point;
    vec![
        (*what).to_owned(),
        format!("{} {of}", thousands(f64::from(*size))),
        calls.to_string(),
        in_turn.to_string(),
        thousands(*units),
        figure(kilobytes(*bytes)),
        figure(cpu.median()),
        format!("{} to {}", figure(cpu.percentile(10)), figure(cpu.percentile(90))),
    ]
}

/// How many times as much the largest size of a request costs as its smallest does.
struct Growth<'a> {
    small: &'a Point,
    large: &'a Point,
    size: f64,
    units: f64,
    bytes: f64,
    cpu: f64,
}

impl<'a> Growth<'a> {
    /// Of each request that was asked at several sizes.
    fn of(points: &'a [Point]) -> Vec<Self> {
        let smallest = points.iter().map(|point| point.size).min();
        let firsts = points.iter().filter(|point| Some(point.size) == smallest);
        let last =
            |small: &Point| points.iter().filter(|point| point.what == small.what).max_by_key(|point| point.size);
        firsts.filter_map(|small| Some(Self::between(small, last(small)?))).collect()
    }

    fn between(small: &'a Point, large: &'a Point) -> Self {
        Self {
            small,
            large,
            size: f64::from(large.size) / f64::from(small.size),
            units: large.units / small.units,
            bytes: kilobytes(large.bytes) / kilobytes(small.bytes),
            cpu: large.cpu.median() / small.cpu.median(),
        }
    }

    fn is_flat(&self) -> bool {
        let asked = |point: &Point| (point.calls, point.in_turn, point.units);
        asked(self.small) == asked(self.large) && (self.bytes - 1.0).abs() <= MARGIN && self.cpu <= NOISE
    }

    fn is_linear(&self) -> bool {
        self.units <= self.size && self.bytes <= self.size * (1.0 + MARGIN) && self.cpu <= self.size * NOISE
    }

    /// What was asked at both sizes.
    fn what(&self, of: &str) -> String {
        format!("{}, {} × the {of}", self.small.what, thousands(self.size))
    }

    fn measured(&self) -> String {
        let Self { small, large, units, bytes, cpu, .. } = self;
        let [units, bytes, cpu] = [units, bytes, cpu].map(|growth| figure(*growth));
        format!(
            "calls {} and {}, in turn {} and {}, units × {units}, bytes × {bytes}, CPU × {cpu}",
            small.calls, large.calls, small.in_turn, large.in_turn,
        )
    }
}

/// What is stored and not asked for costs nothing.
fn flat(growth: &Growth) -> String {
    let wanted =
        format!("flat in what is stored (calls, turns and units equal, bytes ± {} %, CPU × {NOISE})", MARGIN * 100.0);
    target(&growth.what("runs"), &wanted, &growth.measured(), growth.is_flat())
}

/// What is returned costs at most what its size says.
fn linear(growth: &Growth) -> String {
    let times = thousands(growth.size);
    let wanted = format!(
        "at most linear in what is returned (units × {times}, bytes × {times} + {} %, CPU × {})",
        MARGIN * 100.0,
        figure(growth.size * NOISE),
    );
    target(&growth.what("steps"), &wanted, &growth.measured(), growth.is_linear())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(size: u32, units: f64, bytes: usize, micros: f64) -> Point {
        let mut cpu = Samples::default();
        cpu.push(micros);
        Point { what: "list", size, calls: 2, in_turn: 1, units, bytes, cpu }
    }

    /// Whether ten times the size is flat, and whether it is linear.
    fn verdicts(large: &Point) -> (bool, bool) {
        let small = point(10, 4.0, 1_000, 100.0);
        let growth = Growth::between(&small, large);
        (growth.is_flat(), growth.is_linear())
    }

    #[test]
    fn flat_allows_noise_for_cpu_alone() {
        assert_eq!(verdicts(&point(100, 4.0, 1_019, 125.0)), (true, true));
        assert_eq!(verdicts(&point(100, 4.5, 1_000, 100.0)), (false, true));
        assert_eq!(verdicts(&point(100, 4.0, 1_021, 100.0)), (false, true));
        assert_eq!(verdicts(&point(100, 4.0, 1_000, 126.0)), (false, true));
        assert_eq!(verdicts(&Point { calls: 3, ..point(100, 4.0, 1_000, 100.0) }), (false, true));
        assert_eq!(verdicts(&Point { in_turn: 2, ..point(100, 4.0, 1_000, 100.0) }), (false, true));
    }

    #[test]
    fn linear_allows_noise_for_cpu_alone() {
        assert!(verdicts(&point(100, 40.0, 10_190, 1_250.0)).1);
        assert!(!verdicts(&point(100, 40.5, 10_000, 1_000.0)).1);
        assert!(!verdicts(&point(100, 40.0, 10_201, 1_000.0)).1);
        assert!(!verdicts(&point(100, 40.0, 10_000, 1_251.0)).1);
    }

    #[test]
    fn growth_is_from_the_smallest_to_the_largest_of_each_request() {
        let detail = |size| Point { what: "detail", ..point(size, 1.0, 1, 1.0) };
        let points = [point(10, 1.0, 1, 1.0), detail(10), detail(100), point(100, 3.0, 1, 1.0)];
        let growths = Growth::of(&points);
        let seen: Vec<_> = growths.iter().map(|growth| (growth.small.what, growth.size, growth.units)).collect();
        assert_eq!(seen, [("list", 10.0, 3.0), ("detail", 10.0, 1.0)]);
    }
}
