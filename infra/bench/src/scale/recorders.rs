//! 10,000 whole turns recorded by 64 processes at once, as Lambda would run them, and each of them read back.

use crate::{
    process::{Launch, Process},
    report::{Section, text},
    sample::{Samples, figure, kilobytes, millis, thousands},
    workload::{self, exchanges, owner},
};
use anyhow::{Result, ensure};
use api::{
    routes::CREATE_DEBUG_RUN,
    run::{CreateRun, Run},
};
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use std::{
    cell::RefCell,
    time::{Duration, Instant},
};
use tests::{
    runtime::variables,
    world::{World, opt_in, run_id, runs},
};

const TURNS: u32 = 10_000;
const RECORDERS: usize = 64;
/// Each of an owner of its own. Any recorder may get any chat's turn.
const CHATS: u32 = 64;
const STEPS: u32 = 3;
const BYTES: usize = 2_000;

pub(super) async fn measure() -> Result<Section> {
    let world = World::recording(&owner(0)).await;
    for n in 1..CHATS {
        world.user(&owner(n)).put(&opt_in(), json!({"debug_logging_enabled": true})).await.expect(204);
    }
    let (latency, elapsed) = record(&world).await?;
    for chat in 0..CHATS {
        read_back(&world, chat).await?;
    }
    let head = ["", "turns/s", "p50", "p99"].map(str::to_owned);
    let [p50, p99] = [50, 99].map(|percent| format!("{} ms", figure(latency.percentile(percent))));
    let turns = thousands(TURNS.into());
    let row = [format!("{turns} turns"), figure(f64::from(TURNS) / elapsed.as_secs_f64()), p50, p99];
    Ok(Section {
        title: "Scale: many recorders at once",
        text: text(
            "recorders",
            &[
                ("turns", &turns),
                ("recorders", &RECORDERS),
                ("others", &(RECORDERS - 1)),
                ("chats", &CHATS),
                ("steps", &STEPS),
                ("kb", &kilobytes(BYTES)),
            ],
        )?,
        rows: vec![head.into(), row.into()],
        ..Section::default()
    })
}

fn turn(n: u32) -> Value {
    workload::turn(&owner(n % CHATS), n, STEPS, BYTES)
}

/// How long each turn took, and all of them together. Fails unless each was acknowledged.
async fn record(world: &World) -> Result<(Samples, Duration)> {
    let launch = Launch::of(CREATE_DEBUG_RUN.operation, &variables(world, world.engine.endpoint()))?;
    let processes = try_join_all((0..RECORDERS).map(|_| Process::start(&launch))).await?;
    let left = RefCell::new(0..TURNS);
    let next = || left.borrow_mut().next();
    let began = Instant::now();
    let recorders = processes.into_iter().map(async |mut process| {
        let mut latency = Samples::default();
        while let Some(n) = next() {
            let body = turn(n).to_string().into_bytes();
            let (elapsed, answer) =
                process.send(&world.recorder().request("POST", &runs(n % CHATS), Some(body))).await?;
            ensure!(answer.status == 201, "Turn {n} was not recorded: {}", answer.body);
            latency.push(millis(elapsed));
        }
        Ok(latency)
    });
    let mut all = Samples::default();
    for latency in try_join_all(recorders).await? {
        all.extend(latency);
    }
    Ok((all, began.elapsed()))
}

/// Fails unless a chat lists each of its turns once, and each step comes back byte for byte.
async fn read_back(world: &World, chat: u32) -> Result<()> {
    let turns: Vec<u32> = (0..TURNS).filter(|n| n % CHATS == chat).collect();
    let mut listed = Vec::new();
    let mut next = Some(runs(chat));
    while let Some(path) = next {
        let answer = world.user(&owner(chat)).get(&path).await.expect(200);
        let page: Vec<Run> = serde_json::from_str(&answer.body)?;
        listed.extend(page.into_iter().map(|run| run.id.to_string()));
        next = answer.next();
    }
    let mut wanted: Vec<_> = turns.iter().map(|n| run_id(*n)).collect();
    listed.sort();
    wanted.sort();
    ensure!(listed == wanted, "Chat {chat} does not list each run that was acknowledged once, and them alone.");
    for n in turns {
        let CreateRun { steps, .. } = serde_json::from_value(turn(n))?;
        let posted = steps.into_iter().map(|step| (step.normalized_request, step.normalized_response));
        ensure!(posted.eq(exchanges(world, &owner(chat), chat, n).await?), "Turn {n} came back changed.");
    }
    // The wire keeps every request until it is taken.
    world.wire.take();
    Ok(())
}
