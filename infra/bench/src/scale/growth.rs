//! Lists and details as a chat, and as a run, grows: what they ask of DynamoDB, what they answer, and their CPU.
//!
//! A chat is made large by copying the items of one turn that was recorded, under other ids, straight into
//! the engine. Some of the copies are read through the API before anything is measured.

use super::owner;
use crate::{
    lambda::Lambda,
    plot::{self, Chart, Line},
    report::Section,
    sample::{Samples, figure, thousands, verdict},
    workload,
};
use anyhow::{Context, Result, ensure};
use api::routes::{CREATE_DEBUG_RUN, GET_DEBUG_RUN, LIST_DEBUG_RUNS, LIST_DEBUG_STEPS, Route};
use local::dynoxide::ImportOptions;
use serde_json::Value;
use std::time::Duration;
use tests::{
    runtime::variables,
    wire::round_trips,
    world::{Sent, TABLE, World, chat_id, run, run_id, runs},
};

/// Runs in a chat, each of them a turn of `STEPS` steps.
const RUNS: [u32; 3] = [100, 10_000, 100_000];
const STEPS: u32 = 1;
/// Steps in a run.
const RUN_STEPS: [u32; 3] = [10, 100, 1_000];
/// A step, in bytes: small enough for a thousand of them to fit an answer.
const BYTES: usize = 2_048;
/// Calls that follow each other faster than this were sent side by side.
const QUIET: Duration = Duration::from_millis(30);
/// CPU is a median of so many batches of so many calls.
const BATCHES: usize = 15;
const CALLS: u32 = 8;
/// How much more CPU is still flat: what one measurement differs from the next.
const NOISE: f64 = 1.25;

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
    let mut recorder = Lambda::start(CREATE_DEBUG_RUN.operation, &variables(&world, world.engine.endpoint())).await?;
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
        returned.push(Question::new(&world, &GET_DEBUG_RUN, "detail with all steps", count, &path).await?);
        let path = format!("{path}/steps");
        returned.push(Question::new(&world, &LIST_DEBUG_STEPS, "page of all steps", count, &path).await?);
    }
    let (stored, returned) = (measured(stored).await?, measured(returned).await?);
    let plotted = plot::keep(&[
        chart("runs in the chat", "read units", &stored, |point| point.units),
        chart("runs in the chat", "KB of answer", &stored, |point| kilobytes(point.bytes)),
        chart("runs in the chat", "CPU, µs", &stored, |point| point.cpu.median()),
        chart("steps in the run", "read units", &returned, |point| point.units),
        chart("steps in the run", "KB of answer", &returned, |point| kilobytes(point.bytes)),
        chart("steps in the run", "CPU, µs", &returned, |point| point.cpu.median()),
    ])?;
    let head = ["", "stored", "calls", "in turn", "read units", "KB", "CPU, µs", "p10 to p90"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(stored.iter().map(|point| row(point, "runs")));
    rows.extend(returned.iter().map(|point| row(point, "steps")));
    Ok(Section {
        title: "Scale: cost as work grows",
        text: vec![
            format!(
                "*Stored* is the number of runs in the chat, each a turn of a step of 2 KB, or of steps of 2 KB in the \
                 run. CPU is that of the release process for a call, token check and ownership included: a median of \
                 {BATCHES} batches of {CALLS} calls, in which all sizes take turns.",
            ),
            format!("![Lists and details as a chat and a run grow]({plotted})"),
        ],
        rows,
        notes: stored_notes(&stored).into_iter().chain(returned_notes(&returned)).collect(),
    })
}

async fn record(recorder: &mut Lambda, world: &World, chat: u32, turn: &Value) -> Result<()> {
    let body = turn.to_string().into_bytes();
    let answer = recorder.call(&world.recorder().request("POST", &runs(chat), Some(body))).await?;
    ensure!(answer.status == 201, "A turn was not recorded: {}", answer.body);
    Ok(())
}

/// Makes a chat with this many runs.
async fn fill(recorder: &mut Lambda, world: &World, chat: u32, count: u32) -> Result<()> {
    record(recorder, world, chat, &workload::turn(&owner(0), 0, STEPS, BYTES)).await?;
    let partition = format!("CHAT#{}", chat_id(chat));
    let first = run_id(0);
    let of_run = |item: &Value| {
        let key = |name: &str| item.get(name).and_then(|key| key.get("S")).and_then(Value::as_str).unwrap_or_default();
        key("pk") == partition && key("sk").contains(&first)
    };
    let items: Vec<String> =
        items_of(world, &partition)?.iter().filter(|item| of_run(item)).map(Value::to_string).collect();
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

/// A partition's items, as DynamoDB writes them.
fn items_of(world: &World, partition: &str) -> Result<Vec<Value>> {
    let query = serde_json::json!({
        "TableName": TABLE, "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": partition}},
    });
    let found = serde_json::to_value(world.engine.database().query(serde_json::from_value(query)?)?)?;
    Ok(found.get("Items").and_then(Value::as_array).cloned().unwrap_or_default())
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
    lambda: Lambda,
    sent: Sent,
}

impl Question {
    /// Counts what an answer costs; its CPU is measured later.
    async fn new(world: &World, route: &Route, what: &'static str, size: u32, path: &str) -> Result<Self> {
        let user = world.user(&owner(0));
        let mut sent = user.request("GET", path, None);
        sent.deadline = u64::try_from(world.now())? * 1_000 + 60_000;
        world.wire.hold(QUIET);
        world.wire.take();
        let answer = user.send(sent.clone()).await.expect(200);
        world.wire.hold(Duration::ZERO);
        let seen = world.wire.take();
        let units = answer.line.get("read_units").and_then(Value::as_f64).context("The log says what was read.")?;
        let (calls, in_turn, bytes) = (seen.len(), round_trips(&seen), answer.body.len());
        let point = Point { what, size, calls, in_turn, units, bytes, cpu: Samples::default() };
        let lambda = Lambda::start(route.operation, &variables(world, world.engine.endpoint())).await?;
        Ok(Self { point, lambda, sent })
    }

    /// Microseconds of a call, over a batch of them.
    async fn batch(&mut self) -> Result<f64> {
        let before = self.lambda.cpu()?;
        for _ in 0..CALLS {
            let answer = self.lambda.call(&self.sent).await?;
            ensure!(answer.status == 200, "{}: {}", self.sent.path, answer.body);
            ensure!(answer.body.len() == self.point.bytes, "{} is another answer than before.", self.sent.path);
        }
        Ok(self.lambda.cpu()?.saturating_sub(before).as_secs_f64() * 1e6 / f64::from(CALLS))
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

/// The smallest and the largest of each operation.
fn extremes(points: &[Point]) -> Vec<(&Point, &Point)> {
    let (first, last) = (points.iter().take(2), points.iter().rev().take(2).rev());
    first.zip(last).collect()
}

/// How many times as much a figure is at the larger size.
fn growth(small: &Point, large: &Point, value: impl Fn(&Point) -> f64) -> f64 {
    value(large) / value(small)
}

fn stored_notes(points: &[Point]) -> Vec<String> {
    let note = |(small, large): (&Point, &Point)| {
        let is_same = (small.calls, small.in_turn) == (large.calls, large.in_turn);
        let units = growth(small, large, |point| point.units);
        let bytes = growth(small, large, |point| kilobytes(point.bytes));
        let cpu = growth(small, large, |point| point.cpu.median());
        let is_met = is_same && [units, bytes, cpu].into_iter().all(|growth| growth <= NOISE);
        format!(
            "Target, flat in what is stored: {} with {} × the runs: units × {}, bytes × {}, CPU × {}: **{}**",
            small.what,
            thousands(f64::from(large.size / small.size)),
            figure(units),
            figure(bytes),
            figure(cpu),
            verdict(is_met),
        )
    };
    extremes(points).into_iter().map(note).collect()
}

fn returned_notes(points: &[Point]) -> Vec<String> {
    let note = |(small, large): (&Point, &Point)| {
        let units = growth(small, large, |point| point.units);
        let bytes = growth(small, large, |point| kilobytes(point.bytes));
        let cpu = growth(small, large, |point| point.cpu.median());
        let times = f64::from(large.size / small.size);
        let is_met = [units, bytes, cpu].into_iter().all(|growth| growth <= times * NOISE);
        format!(
            "Target, at most linear in what is returned: {} with {} × the steps: units × {}, bytes × {}, CPU × {}: **{}**",
            small.what,
            thousands(times),
            figure(units),
            figure(bytes),
            figure(cpu),
            verdict(is_met),
        )
    };
    extremes(points).into_iter().map(note).collect()
}

#[expect(clippy::cast_precision_loss, reason = "sizes are shown in three digits")]
fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1e3
}

fn chart(across: &'static str, title: &'static str, points: &[Point], value: impl Fn(&Point) -> f64) -> Chart {
    let mut lines: Vec<Line> = Vec::new();
    for point in points {
        let at = (f64::from(point.size), value(point));
        match lines.iter_mut().find(|line| line.name == point.what) {
            Some(line) => line.points.push(at),
            None => lines.push(Line { name: point.what, points: vec![at] }),
        }
    }
    Chart { title, across, lines }
}
