//! 10,000 whole turns recorded by 64 processes at once, as Lambda would run them, and each of them read back.

use crate::{
    process::{Launch, Process},
    report::{Section, target, text},
    sample::{Samples, figure, kilobytes, millis, thousands},
    workload::{self, owner},
};
use anyhow::{Context, Result, ensure};
use api::{
    ids::RunId,
    routes::{CREATE_DEBUG_RUN, GET_DEBUG_RUN, LIST_DEBUG_RUNS},
    run::{CreateRun, Run, RunDetail},
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use tests::{
    runtime::variables,
    world::{World, opt_in, run, run_id, runs},
};
use tokio::task::JoinSet;

const TURNS: u32 = 10_000;
const RECORDERS: u32 = 64;
/// Each of an owner of its own. Any recorder may get any chat's turn.
const CHATS: u32 = 64;
const STEPS: u32 = 3;
const BYTES: usize = 2_000;
/// How many read back at once.
const READERS: u32 = 4;

/// What a recorder saw.
#[derive(Default)]
struct Tally {
    /// The turns that were answered with 201.
    acknowledged: Vec<u32>,
    /// Answers that said otherwise.
    refused: Vec<u64>,
    latency: Samples,
}

pub(super) async fn measure() -> Result<Section> {
    let world = Arc::new(World::new().await);
    world.consent(&owner(0)).await;
    for n in 1..CHATS {
        let answer = world.user(&owner(n)).put(&opt_in(), r#"{"debug_logging_enabled":true}"#).await;
        answer.expect(204);
    }
    let (recorded, elapsed) = record(&world).await?;
    let (read, listed) = read_back(&world, &recorded.acknowledged).await?;
    let acknowledged = recorded.acknowledged.len();
    let is_met = acknowledged == TURNS as usize && read == acknowledged && listed == acknowledged;
    let head = ["", "acknowledged", "refused", "listed", "read back the same", "turns/s", "p50", "p99"];
    let cell = |latency| format!("{} ms", figure(latency));
    let row = vec![
        format!("{} turns by {RECORDERS} recorders", thousands(TURNS.into())),
        acknowledged.to_string(),
        recorded.refused.len().to_string(),
        listed.to_string(),
        read.to_string(),
        figure(f64::from(TURNS) / elapsed.as_secs_f64()),
        cell(recorded.latency.percentile(50)),
        cell(recorded.latency.percentile(99)),
    ];
    let wanted = format!("all {}, nothing lost and nothing double", thousands(TURNS.into()));
    let measured = format!("{acknowledged} acknowledged, {listed} listed, {read} read back the same");
    let mut notes = vec![target("turns recorded at once", &wanted, &measured, is_met)];
    let refused: BTreeSet<_> = recorded.refused.iter().collect();
    if !refused.is_empty() {
        notes.push(format!("Refused with {refused:?}."));
    }
    notes.push(format!(
        "The limit here is this machine: all recorders share its cores with the embedded engine, which is one process \
         and writes one transaction at a time, so a turn waits for {} others. DynamoDB has neither limit, and Lambda \
         gives each recorder a core's share of its own.",
        RECORDERS - 1,
    ));
    Ok(Section {
        title: "Scale: many recorders at once",
        text: text(
            "recorders",
            &[("recorders", &RECORDERS), ("chats", &CHATS), ("steps", &STEPS), ("kb", &kilobytes(BYTES))],
        )?,
        rows: vec![head.map(str::to_owned).to_vec(), row],
        notes,
    })
}

/// Who a turn belongs to, and what it is.
fn turn(n: u32) -> (u32, Value) {
    let chat = n % CHATS;
    (chat, workload::turn(&owner(chat), n, STEPS, BYTES))
}

async fn record(world: &Arc<World>) -> Result<(Tally, Duration)> {
    let variables = variables(world, world.engine.endpoint());
    let mut processes = Vec::new();
    for _ in 0..RECORDERS {
        processes.push(Process::start(&Launch::of(CREATE_DEBUG_RUN.operation, &variables)?, None).await?);
    }
    let next = Arc::new(AtomicU32::new(0));
    let began = Instant::now();
    let mut recorders = JoinSet::new();
    for mut process in processes {
        let (world, next) = (Arc::clone(world), Arc::clone(&next));
        recorders.spawn(async move {
            let mut seen = Tally::default();
            let recorder = world.recorder();
            loop {
                let n = next.fetch_add(1, Relaxed);
                if n >= TURNS {
                    return anyhow::Ok(seen);
                }
                let (chat, turn) = turn(n);
                let sent = recorder.request("POST", &runs(chat), Some(turn.to_string().into_bytes()));
                let (latency, answer) = process.send(&sent).await?;
                seen.latency.push(millis(latency));
                match answer.status {
                    201 => seen.acknowledged.push(n),
                    status => seen.refused.push(status),
                }
            }
        });
    }
    let mut all = Tally::default();
    while let Some(seen) = recorders.join_next().await {
        let seen = seen??;
        all.acknowledged.extend(seen.acknowledged);
        all.refused.extend(seen.refused);
        all.latency.extend(seen.latency);
    }
    Ok((all, began.elapsed()))
}

/// How many of the acknowledged turns came back the same, and how many runs the lists hold.
async fn read_back(world: &Arc<World>, acknowledged: &[u32]) -> Result<(usize, usize)> {
    let mut expected = vec![Vec::new(); CHATS as usize];
    for n in acknowledged {
        expected.get_mut((n % CHATS) as usize).context("A turn has a chat.")?.push(*n);
    }
    let chats: Arc<Vec<_>> = Arc::new((0..).zip(expected).collect());
    let next = Arc::new(AtomicU32::new(0));
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let (world, chats, next) = (Arc::clone(world), Arc::clone(&chats), Arc::clone(&next));
        readers.spawn(async move {
            let variables = variables(&world, world.engine.endpoint());
            let mut list = Process::start(&Launch::of(LIST_DEBUG_RUNS.operation, &variables)?, None).await?;
            let mut detail = Process::start(&Launch::of(GET_DEBUG_RUN.operation, &variables)?, None).await?;
            let (mut read, mut listed) = (0, 0);
            while let Some((chat, turns)) = chats.get(next.fetch_add(1, Relaxed) as usize) {
                listed += list_to_its_end(&world, &mut list, *chat, turns).await?;
                for n in turns {
                    read += usize::from(is_same(&world, &mut detail, *chat, *n).await?);
                }
            }
            anyhow::Ok((read, listed))
        });
    }
    let (mut read, mut listed) = (0, 0);
    while let Some(reader) = readers.join_next().await {
        let (read_by_one, listed_by_one) = reader??;
        read += read_by_one;
        listed += listed_by_one;
    }
    Ok((read, listed))
}

/// How many runs a chat's list has. Fails unless they are those that were acknowledged, once each.
async fn list_to_its_end(world: &World, list: &mut Process, chat: u32, turns: &[u32]) -> Result<usize> {
    let user = world.user(&owner(chat));
    let mut ids: Vec<RunId> = Vec::new();
    let mut path = runs(chat);
    loop {
        let (_, answer) = list.send(&user.request("GET", &path, None)).await?;
        ensure!(answer.status == 200, "{path}: {}", answer.body);
        let page: Vec<Run> = serde_json::from_str(&answer.body)?;
        ids.extend(page.into_iter().map(|run| run.id));
        let link = answer.headers.get("link").and_then(Value::as_str);
        match link.and_then(|link| link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"")) {
            Some(next) => next.clone_into(&mut path),
            None => break,
        }
    }
    let unique: BTreeSet<_> = ids.iter().map(ToString::to_string).collect();
    ensure!(unique.len() == ids.len(), "Chat {chat} lists a run twice.");
    let expected: BTreeSet<_> = turns.iter().map(|n| run_id(*n)).collect();
    ensure!(unique == expected, "Chat {chat} does not list the runs that were acknowledged, and them alone.");
    Ok(ids.len())
}

/// Whether a turn's steps come back byte for byte.
async fn is_same(world: &World, detail: &mut Process, chat: u32, n: u32) -> Result<bool> {
    let sent = world.user(&owner(chat)).request("GET", &run(chat, n), None);
    let (_, answer) = detail.send(&sent).await?;
    ensure!(answer.status == 200, "{}: {}", sent.path, answer.body);
    let read: RunDetail = serde_json::from_str(&answer.body)?;
    let posted: CreateRun = serde_json::from_str(&turn(n).1.to_string())?;
    let posted = posted.steps.iter().map(|step| (&step.normalized_request, &step.normalized_response));
    Ok(read.steps.iter().map(|step| (&step.normalized_request, &step.normalized_response)).eq(posted))
}
