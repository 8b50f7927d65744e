//! What recordings take in the table, and what requests cost then.
//!
//! - [`scene`]: recordings in a table of their own, made and read back by the handlers
//! - [`frames`]: the CPU that it takes to make a frame, and to read it
//! - [`chain`]: what it would save if steps built on each other
//!
//! Of the table it knows the size, as DynamoDB counts it, and not what its items mean.

mod chain;
pub(crate) mod frames;
mod scene;

use crate::{
    report::{Section, not_measured, target, text},
    sample::{figure, kilobytes},
    workload,
};
use anyhow::{Context, Result, ensure};
use api::routes::{self, LIST_DEBUG_RUNS};
use chain::Chained;
use frames::Frame;
use scene::{OWNER, Recorded, Scene};
use serde_json::{Value, json};
use tests::{
    agent_runs::{self, turn_of},
    cases, corpus,
    world::{World, open_run, run, runs, step},
};

/// What is made, by the name that its maker gives it.
const SMALL: &str = "turn-1x3";
const MIDDLE: &str = "turn-3x12";
const AGENT: &str = "agent-30-wire";

/// The most bytes that may be stored, of those that were sent.
const MOST_OF_CORPUS: f64 = 0.12;
const MOST_OF_AGENT: f64 = 0.016;
const MOST_OF_AGENT_STEPS: f64 = 0.17;
/// The most write units.
const MOST_FOR_SMALL: f64 = 9.0;
const MOST_FOR_MIDDLE: f64 = 15.0;
const MOST_FOR_AGENT: f64 = 75.0;
const MOST_FOR_STEP: f64 = 12.0;
/// The most read units of a list of 100 runs.
const MOST_FOR_LIST: f64 = 12.0;
/// The most microseconds to make a small frame, and to read it.
const MOST_TO_MAKE: f64 = 70.0;
const MOST_TO_READ: f64 = 25.0;

pub(crate) async fn measure() -> Result<Vec<Section>> {
    let [small, middle, agent] = [SMALL, MIDDLE, AGENT].map(agent_runs::steps);
    let (small, middle, agent) = (small?, middle?, agent?);
    Ok(vec![cpu(&small, &agent)?, chained(&agent)?, table(&small, &middle, &agent).await?])
}

fn cpu(small: &[String], agent: &[String]) -> Result<Section> {
    eprintln!("• Making and reading frames");
    let mut bytes = 0;
    let is_within = |step: &&String| {
        bytes += step.len();
        bytes <= 1_000_000
    };
    let large: Vec<String> = agent.iter().take_while(is_within).cloned().collect();
    let (small, large) = (Frame::measure(small)?, Frame::measure(&large)?);
    let row = |what: &str, frame: &Frame| {
        let sizes = [frame.json, frame.packed].map(|bytes| figure(kilobytes(bytes)));
        [what.to_owned()].into_iter().chain(sizes).chain([frame.make, frame.read].map(figure)).collect()
    };
    let head = ["", "JSON, KB", "frame, KB", "to make, µs", "to read, µs"].map(str::to_owned);
    Ok(Section {
        title: "Storage: CPU of a frame",
        text: text("frames", &[("batches", &frames::BATCHES)])?,
        rows: vec![head.into(), row("a step of 3 KB", &small), row("the first steps of an agent", &large)],
        notes: vec![
            at_most("3 KB, µs to make a frame", small.make, MOST_TO_MAKE),
            at_most("3 KB, µs to read it", small.read, MOST_TO_READ),
        ],
        ..Section::default()
    })
}

/// What an agent's steps take that are put one by one, beside what they would if they built on each other.
fn chained(agent: &[String]) -> Result<Section> {
    let sent: usize = agent.iter().map(String::len).sum();
    let row = |what: &str, Chained { stored, write_units, read_units, in_turn }: Chained| {
        #[expect(clippy::cast_precision_loss, reason = "sizes are shown in a few digits")]
        let ratio = stored as f64 / sent as f64;
        let cells = [figure(kilobytes(stored)), format!("{ratio:.4}")];
        [what.to_owned()].into_iter().chain(cells).chain([write_units, read_units, in_turn].map(figure)).collect()
    };
    let head = ["", "content, KB", "of sent", "write units a put", "read units a put", "calls in turn a put"];
    Ok(Section {
        title: "Storage: steps that would build on each other",
        text: text("chain", &[])?,
        rows: vec![
            head.map(str::to_owned).into(),
            row("each packed alone, as they are", Chained::alone(agent)?),
            row("on the step before", Chained::on_the_one_before(agent)?),
        ],
        ..Section::default()
    })
}

async fn table(small: &[String], middle: &[String], agent: &[String]) -> Result<Section> {
    let mut rows = vec![HEAD.map(str::to_owned).into()];
    let mut notes = Vec::new();
    let corpus = if let Some(folder) = corpus::folder() {
        eprintln!("• Recording the corpus");
        let mut scene = Scene::new().await?;
        for turn in workload::corpus(OWNER, &folder, 1)? {
            let runs = routes::fill(&routes::CREATE_DEBUG_RUN.route, &[&turn.chat.to_string()]);
            scene.post(&runs, &serde_json::to_string(&turn.run)?).await?;
        }
        let corpus = scene.read_back().await?;
        rows.push(row("corpus", &corpus));
        notes.push(at_most("corpus, stored of what was sent", corpus.ratio(), MOST_OF_CORPUS));
        Some(corpus.ratio())
    } else {
        notes.push(not_measured("the corpus", "it stands in ../shared/corpus and is not here"));
        None
    };

    eprintln!("• Recording turns that are made up");
    for (what, steps, most) in [("1 × 3 KB", small, MOST_FOR_SMALL), ("3 × 12 KB", middle, MOST_FOR_MIDDLE)] {
        let posted = posted(steps).await?;
        rows.push(row(what, &posted));
        notes.push(at_most(&format!("{what}, write units"), posted.write_units, most));
    }
    let agent_posted = posted(agent).await?;
    rows.push(row("an agent's run", &agent_posted));
    notes.push(at_most("an agent's run, stored of what was sent", agent_posted.ratio(), MOST_OF_AGENT));
    notes.push(at_most("an agent's run, write units", agent_posted.write_units, MOST_FOR_AGENT));
    let agent_put = put(agent).await?;
    rows.push(row("the same, step by step", &agent_put));
    notes.push(at_most("the same step by step, stored of what was sent", agent_put.ratio(), MOST_OF_AGENT_STEPS));

    let (mut scene, only) = (Scene::new().await?, small.first().context("A small turn has a step.")?);
    scene.post(&runs(1), &open_run(OWNER, 1).to_string()).await?;
    let before = scene.write_units();
    scene.put(&step(1, 1, 1), only).await?;
    notes.push(at_most("a step put alone, 3 KB, write units", scene.write_units() - before, MOST_FOR_STEP));
    notes.push(at_most("a list of 100 runs, read units", list().await?, MOST_FOR_LIST));

    let ratio = |ratio: Option<f64>| ratio.map_or_else(|| "unknown".to_owned(), |ratio| format!("{ratio:.2}"));
    let [corpus, posted, put] = [corpus, Some(agent_posted.ratio()), Some(agent_put.ratio())].map(ratio);
    Ok(Section {
        title: "Storage: what recordings take",
        text: text("storage", &[])?,
        rows,
        notes,
        figures: Some(format!("corpus={corpus} agent={posted} agent_steps={put}")),
    })
}

/// These steps as a turn.
async fn posted(steps: &[String]) -> Result<Recorded> {
    let mut scene = Scene::new().await?;
    scene.post(&runs(1), &turn_of(OWNER, 1, steps)).await?;
    scene.read_back().await
}

/// These steps put into an open run, one by one.
async fn put(steps: &[String]) -> Result<Recorded> {
    let mut scene = Scene::new().await?;
    scene.post(&runs(1), &open_run(OWNER, 1).to_string()).await?;
    for (number, content) in (1..).zip(steps) {
        scene.put(&step(1, 1, number), content).await?;
    }
    scene.finish(&run(1, 1), &json!({"status": "completed"}).to_string()).await?;
    scene.read_back().await
}

/// The read units of a list of 100 runs.
async fn list() -> Result<f64> {
    let world = World::new().await;
    let case = cases::of(&LIST_DEBUG_RUNS).next().context("A list has a case.")?;
    let request = case.prepare(&world).await;
    let answer = world.user(OWNER).send(request).await.expect(200);
    let listed = answer.json().as_array().map_or(0, Vec::len);
    ensure!(listed == 100, "{listed} runs were listed.");
    answer.line.get("read_units").and_then(Value::as_f64).context("The log says what was read.")
}

const HEAD: [&str; 8] =
    ["", "turns", "sent, KB", "stored, KB", "stored of sent", "items", "write units a turn", "read units a turn"];

fn row(what: &str, recorded: &Recorded) -> Vec<String> {
    let Recorded { turns, sent, stored, items, write_units, read_units } = recorded;
    vec![
        what.to_owned(),
        turns.to_string(),
        figure(kilobytes(*sent)),
        figure(kilobytes(*stored)),
        format!("{:.4}", recorded.ratio()),
        items.to_string(),
        figure(write_units / f64::from(*turns)),
        figure(read_units / f64::from(*turns)),
    ]
}

fn at_most(what: &str, measured: f64, most: f64) -> String {
    let digits = if most < 1.0 { 4 } else { 1 };
    target(what, &format!("at most {most}"), &format!("{measured:.digits$}"), measured <= most)
}
