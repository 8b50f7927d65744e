//! What reading costs: CPU for 1 MB of bodies of each kind, and the most memory for a step of the largest stored size,
//! whatever it asks for.
//!
//! `make reading-report` prints it. It fails when a step takes more than [`MOST_TIMES`] its bytes.

#![expect(clippy::expect_used, clippy::print_stdout, clippy::unwrap_used, reason = "a test that prints")]

#[path = "../it/hostile.rs"]
mod hostile;
mod usual;

use api::step::{Attempt, Body};
use flate2::{Compression, write::GzEncoder};
use hostile::Kind;
use llm::{Outline, Recorded};
use std::{env, fs, hint::black_box, io::Write, process::Command};

/// The most that a step's contents may have, unpacked.
const LARGEST: usize = 16 * 1024 * 1024;
/// The most memory of a step, by its bytes.
const MOST_TIMES: usize = 10;
/// Bodies of one step that each unpack to more than is read.
const BOMBS: usize = 20;

fn main() {
    if let Some(index) = env::args().nth(1).and_then(|index| index.parse::<usize>().ok()) {
        return print_memory(index);
    }
    // Without optimisation it says nothing.
    if !cfg!(debug_assertions) {
        print_costs();
    }
    println!("\n{:<32} {:>8}", "hostile, 16 MiB", "× bytes");
    let names = hostile::KINDS.iter().map(|(name, ..)| *name).chain(["packed bodies"]);
    // Without optimisation there is time for the worst alone.
    let measured = names.enumerate().filter(|(index, _)| !cfg!(debug_assertions) || (22..27).contains(index));
    let taken: Vec<_> = measured.map(|(index, name)| (name, memory_of_another(index))).collect();
    for (name, bytes) in &taken {
        println!("{name:<32} {:>8}", tenths(*bytes * 10 / LARGEST));
    }
    let worst = taken.iter().max_by_key(|(_, bytes)| *bytes).expect("a kind");
    assert!(worst.1 <= MOST_TIMES * LARGEST, "{} take {} bytes", worst.0, worst.1);
}

fn tenths(tenths: usize) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// What a process of its own takes, where nothing was before.
fn memory_of_another(index: usize) -> usize {
    let output = Command::new(env::current_exe().unwrap()).arg(index.to_string()).output().unwrap();
    assert!(output.status.success(), "{index}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// What the bodies take and what is made of them, all at once.
fn print_memory(index: usize) {
    let before = status("VmRSS:");
    let attempts = match hostile::KINDS.get(index) {
        Some(kind) => vec![attempt(b"{}".to_vec(), as_large_as(kind, LARGEST).into_bytes())],
        None => vec![attempt(bomb(), bomb()); BOMBS],
    };
    // Where this is not allowed, what was built beside the bodies counts too.
    let _ = fs::write("/proc/self/clear_refs", "5");
    black_box(Recorded { attempts: &attempts, ..Recorded::default() }.view());
    println!("{}", status("VmHWM:") - before);
}

/// The largest body of a kind.
fn as_large_as((_, size, body): &Kind, most: usize) -> String {
    let mut n = size * (most / body(*size).len());
    loop {
        let body = body(n);
        if body.len() <= most {
            return body;
        }
        n -= n * (body.len() - most).div_ceil(1 << 10) / body.len().div_ceil(1 << 10) + 1;
    }
}

fn bomb() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..LARGEST / 4_000 {
        encoder.write_all(&[b'['; 8_000]).unwrap();
    }
    encoder.finish().unwrap()
}

fn attempt(request: Vec<u8>, response: Vec<u8>) -> Attempt {
    let answered = r#"{"number":1,"status":"completed","response_status":200}"#;
    let (request_body, response_body) = (Some(Body(request)), Some(Body(response)));
    Attempt { request_body, response_body, ..serde_json::from_str(answered).unwrap() }
}

/// A number of kibibytes in what Linux says of this process, in bytes.
fn status(name: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("Linux counts");
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

fn print_costs() {
    println!("{:<32} {:>11} {:>11} {:>13}  counts", "ms for 1 MB", "of 1 MB", "of 4 MB", "outline");
    let mut when_written = Vec::new();
    for (name, bodies) in usual::KINDS {
        let [small, large] = [1_000_000, 4_000_000].map(|bytes| {
            let (request, response) = usual::as_large_as(bodies, bytes);
            attempt(request, response)
        });
        let view = |attempt: &Attempt| drop(black_box(recorded(attempt).view()));
        let outline = |attempt: &Attempt| drop(black_box(Outline::of(recorded(attempt))));
        let costs = [cost(&small, view), cost(&large, view), cost(&large, outline)];
        let counts = match (Outline::of(recorded(&large)).counted, recorded(&large).view().tokens) {
            (Some(_), _) => "when written",
            (None, Some(_)) => "when shown",
            (None, None) => "",
        };
        when_written.extend((counts == "when written").then_some((costs[2], name)));
        let [small, large, outline] = costs.map(millis);
        println!("{name:<32} {small:>11} {large:>11} {outline:>13}  {counts}");
    }
    let (most, name) = when_written.iter().max().expect("one that counts");
    println!("\nWhat counts when it is written takes {} ms a MB at most, {name}.", millis(*most));
}

fn millis(micros: u128) -> String {
    format!("{}.{:02}", micros / 1000, micros % 1000 / 10)
}

fn recorded(attempt: &Attempt) -> Recorded<'_> {
    Recorded { attempts: std::slice::from_ref(attempt), ..Recorded::default() }
}

/// Microseconds of CPU for 1 MB of an attempt's bodies.
fn cost(attempt: &Attempt, work: impl Fn(&Attempt)) -> u128 {
    let bodies = [&attempt.request_body, &attempt.response_body];
    let bytes: usize = bodies.into_iter().flatten().map(|body| body.0.len()).sum();
    // Once is too short to be told from what else the machine does.
    let rounds = 40_000_000_usize.div_ceil(bytes);
    let cost = cpu::cost(|| (0..rounds).for_each(|_| work(attempt)));
    cost.as_micros() * 1_000_000 / (rounds * bytes) as u128
}
