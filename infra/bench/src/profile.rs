//! Where the instructions of a warm request go: a list's, a detail's and a recording's, by callgrind.
//!
//! Each function runs twice, once with a few requests more; what these took, divided by their number,
//! is a warm request. DynamoDB is the embedded engine over plain HTTP, so TLS is not in it.

use crate::{
    folders::{ROOT, scratch},
    report::{Section, not_measured, text},
    sample::{kilobytes, thousands},
    workload,
};
use ::tests::{
    runtime::{Binary, require_valgrind, variables},
    world::{TestRequest, World, run, runs},
};
use anyhow::{Context, Result, anyhow, ensure};
use api::routes::{CREATE_DEBUG_RUN, GET_DEBUG_RUN, LIST_DEBUG_RUNS, Route};
use local::binaries::Profile;
use std::{collections::BTreeMap, fs, ops::Range};
use tokio::process::Command;

const TITLE: &str = "The warm path: instructions of a request";
/// What is built for this: a release with the names of its functions.
const CARGO_PROFILE: &str = "symbols";
const OWNER: &str = "user-1";
/// Runs in the chat, each a turn of `STEPS` steps.
const RUNS: u32 = 100;
const STEPS: u32 = 5;
const BYTES: usize = 3_000;
/// Of the turns that are recorded while it is counted.
const RECORDED_STEPS: u32 = 12;
const RECORDED_BYTES: usize = 12_000;
/// Requests that one of the two processes answers more.
const MORE: u32 = 50;
/// How many of our own functions are named.
const NAMED: usize = 6;

/// Whose a function is, told by the first of these crates that its name holds: `ecp_` is ring's P-256, `HUF_` and
/// `FSE_` are zstd's, and the SDK signs with `hmac` and `sha2`. The others are nobody's in particular: memory, strings,
/// hash maps and the system's calls.
const LAYERS: [(&str, &[&str]); 8] = [
    ("redaction", &["redact"]),
    (OURS, &["api", "create_debug_run", "frame", "get_debug_run", "list_debug_runs", "llm", "service"]),
    ("token check", &["__ecp_", "ecp_", "jsonwebtoken", "ring", "ring_core_"]),
    ("Lambda runtime", &["aws_lambda_events", "lambda_http", "lambda_runtime", "lambda_runtime_api_client", "tower"]),
    ("AWS SDK", &["aws_", "base64_simd", "hmac", "sha2"]),
    ("HTTP, sockets, tasks", &["futures_util", "http", "httparse", "hyper", "hyper_util", "mio", "tokio"]),
    ("JSON", &["serde", "serde_core", "serde_json"]),
    ("zstd", &["FSE_", "HIST_", "HUF_", "ZSTD_", "zstd_safe"]),
];
const OURS: &str = "ours";
const REST: &str = "memory, strings, system";

/// A request that is counted.
struct Scene {
    name: &'static str,
    route: &'static Route,
    /// The n-th of them.
    request: fn(&World, u32) -> TestRequest,
    status: u16,
}

fn scenes() -> [Scene; 3] {
    [
        Scene {
            name: "list",
            route: &LIST_DEBUG_RUNS,
            request: |world, _| world.user(OWNER).request("GET", &runs(1), None),
            status: 200,
        },
        Scene {
            name: "detail",
            route: &GET_DEBUG_RUN,
            request: |world, _| world.user(OWNER).request("GET", &run(1, 0), None),
            status: 200,
        },
        Scene {
            name: "recording",
            route: &CREATE_DEBUG_RUN,
            request: |world, n| {
                let turn = workload::turn(OWNER, RUNS + n, RECORDED_STEPS, RECORDED_BYTES);
                world.recorder().request("POST", &runs(1), Some(turn.to_string().into_bytes()))
            },
            status: 201,
        },
    ]
}

/// Instructions by function.
type Counts = BTreeMap<String, f64>;

pub(crate) async fn measure() -> Result<Vec<Section>> {
    if let Err(cause) = require_valgrind().await {
        let notes = vec![not_measured("a warm request's instructions", cause.trim_end_matches('.'))];
        return Ok(vec![Section { title: TITLE, notes, ..Section::default() }]);
    }
    let scenes = scenes();
    eprintln!("• Building the functions once more, with the names of their functions");
    let mut cargo = Command::new("cargo");
    cargo.current_dir(ROOT).args(["build", "--locked", "--profile", CARGO_PROFILE]);
    let built = cargo.args(scenes.iter().flat_map(|scene| ["--bin", scene.route.operation])).status().await?;
    ensure!(built.success(), "The functions do not build; cargo says why above.");

    let world = World::recording(OWNER).await;
    for n in 0..RUNS {
        world.recorder().post(&runs(1), workload::turn(OWNER, n, STEPS, BYTES)).await.expect(201);
    }
    let mut counted = Vec::new();
    for scene in scenes {
        let counts = warm(&world, &scene).await?;
        counted.push((scene, counts));
    }
    Ok(vec![section(&counted)?])
}

/// The instructions of a request when the process has answered before.
async fn warm(world: &World, scene: &Scene) -> Result<Counts> {
    eprintln!("• Counting the instructions of {}", scene.route.operation);
    let once = counted(world, scene, 0..1).await?;
    let more = counted(world, scene, 1..2 + MORE).await?;
    let of_one = |name: &str, count: f64| (count - once.get(name).copied().unwrap_or_default()) / f64::from(MORE);
    Ok(more.into_iter().map(|(name, count)| (name.clone(), of_one(&name, count))).collect())
}

/// The instructions of a process that answers the requests of these numbers.
async fn counted(world: &World, scene: &Scene, requests: Range<u32>) -> Result<Counts> {
    let Scene { route, status, .. } = scene;
    let release = Profile::Release.binary(route.operation)?;
    let binary = release.ancestors().nth(1).context("A binary stands in a folder.")?.with_file_name(CARGO_PROFILE);
    let binary = binary.join(route.operation);
    let out = scratch()?.join(format!("callgrind.{}", route.operation));
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--compress-strings=no"]);
    valgrind.arg(format!("--callgrind-out-file={}", out.display())).arg(binary);
    let variables = variables(world, world.engine.endpoint());
    let mut function = Binary::spawn_by(valgrind, route.operation, &variables).await;
    function.ready().await.map_err(|cause| anyhow!("{} did not start under valgrind: {cause}", route.operation))?;
    for n in requests {
        let answer = function.send(&(scene.request)(world, n)).await;
        let answer = answer.map_err(|cause| anyhow!("{} gave no answer: {cause}", route.operation))?;
        ensure!(answer.status == *status, "{} answered {} under valgrind.", route.operation, answer.status);
    }
    function.terminate().await;
    let counted = fs::read_to_string(&out).context("valgrind has written nothing")?;
    fs::remove_file(out)?;
    Ok(parse(&counted))
}

/// The instructions of every function itself, without those that it calls.
fn parse(callgrind: &str) -> Counts {
    let mut counts = Counts::new();
    let mut function = "";
    let mut is_call = false;
    for line in callgrind.lines() {
        if let Some(name) = line.strip_prefix("fn=") {
            // A function that calls itself has a name for each depth.
            function = name.rsplit_once('\'').map_or(name, |(name, _)| name);
        } else if line.starts_with("calls=") {
            is_call = true;
        } else if line.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '*')) {
            let cost = line.split_whitespace().nth(1).and_then(|cost| cost.parse::<f64>().ok());
            // The line below a call is what the callee took.
            if let (false, Some(cost)) = (is_call, cost) {
                *counts.entry(function.to_owned()).or_default() += cost;
            }
            is_call = false;
        }
    }
    counts
}

/// Whose a function is.
fn layer(name: &str) -> &'static str {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let layer_of = |word: &str| {
        let is_in = |krate: &&str| if krate.ends_with('_') { word.starts_with(krate) } else { word == *krate };
        LAYERS.iter().find(|(_, crates)| crates.iter().any(is_in)).map(|(layer, _)| *layer)
    };
    words.into_iter().find_map(layer_of).unwrap_or(REST)
}

fn section(counted: &[(Scene, Counts)]) -> Result<Section> {
    let mut head = vec![String::new()];
    head.extend(counted.iter().flat_map(|(scene, _)| [scene.name.to_owned(), String::new()]));
    let mut rows = vec![head];
    let mut row = |name: &str, sum: &dyn Fn(&Counts) -> f64| {
        let cells = counted.iter().flat_map(|(_, counts)| {
            let count = sum(counts);
            [thousands(count), format!("{:.0} %", count * 100.0 / all(counts))]
        });
        rows.push(std::iter::once(name.to_owned()).chain(cells).collect());
    };
    for name in LAYERS.iter().map(|(name, _)| *name).chain([REST]) {
        row(name, &|counts| of(counts, name));
    }
    row("all", &all);
    let (kb, recorded_kb) = (kilobytes(BYTES), kilobytes(RECORDED_BYTES));
    let sizes = text(
        "profile",
        &[
            ("more", &MORE),
            ("runs", &RUNS),
            ("steps", &STEPS),
            ("kb", &kb),
            ("recorded_steps", &RECORDED_STEPS),
            ("recorded_kb", &recorded_kb),
        ],
    )?;
    Ok(Section {
        title: TITLE,
        text: sizes,
        rows,
        notes: counted.iter().map(|(scene, counts)| largest(scene.name, counts)).collect(),
        ..Section::default()
    })
}

fn of(counts: &Counts, of: &str) -> f64 {
    counts.iter().filter(|(name, _)| layer(name) == of).fold(0.0, |sum, (_, count)| sum + count)
}

fn all(counts: &Counts) -> f64 {
    counts.values().sum()
}

/// The most expensive of our own functions.
fn largest(of: &str, counts: &Counts) -> String {
    let mut ours: Vec<_> = counts.iter().filter(|(name, _)| layer(name) == OURS).collect();
    ours.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let named = ours.into_iter().take(NAMED).map(|(name, count)| format!("`{name}` {}", thousands(*count)));
    format!("Ours in the {of}, the largest: {}", named.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_has_its_own_instructions_and_not_those_of_its_callees() {
        let counted =
            "fl=a.rs\nfn=service::a\n1 10\n+2 5\ncfn=b\ncalls=3 7\n* 1000\n-1 1\n\nfn=b'2\n7 900\nfn=b\n7 100\n";
        assert_eq!(parse(counted), Counts::from([("service::a".to_owned(), 16.0), ("b".to_owned(), 1_000.0)]));
    }

    #[test]
    fn a_function_is_of_the_first_crate_in_its_name() {
        assert_eq!(layer("core::ptr::drop_in_place<service::store::table::QueryPage>"), OURS);
        assert_eq!(layer("<aws_lambda_events::x as serde::Deserialize>::deserialize"), "Lambda runtime");
        assert_eq!(layer("aws_smithy_json::escape::unescape_string"), "AWS SDK");
        assert_eq!(layer("<api::run::Run as serde::ser::Serialize>::serialize"), OURS);
        assert_eq!(layer("__ecp_nistz256_mul_montq"), "token check");
        assert_eq!(layer("malloc"), REST);
    }
}
