//! A case as the release binary plays it: what it asked of DynamoDB, and what it took of the machine.

use anyhow::{Context, Result, anyhow, ensure};
use local::binaries::Profile;
use serde_json::Value;
use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};
use tests::{
    cases::{Case, Cost},
    log,
    runtime::{Binary, variables},
    wire,
    world::World,
};
use tokio::{net::TcpListener, process::Command};

/// How long the wire waits for one more request before it lets answers go.
const QUIET: Duration = Duration::from_millis(120);

/// What a case came to.
pub(crate) struct Called {
    /// What it cost, by the wire and by the function's own log line.
    pub cost: Cost,
    /// The most memory that the process ever held, in bytes.
    pub peak: u64,
    pub threads: u64,
    /// How many times it turned to the issuer for keys, although it was given them.
    pub fetches: usize,
}

/// Starts an operation's binary, has it play a case, and ends it.
pub(crate) async fn call(case: &Case) -> Result<Called> {
    let world = World::new().await;
    let sent = case.prepare(&world).await;
    let (operation, name) = (case.route.operation, case.name);
    let issuer = Listener::open().await?;
    // By name, as in Lambda: looking it up takes a thread.
    let mut variables = variables(&world, &world.wire.endpoint().replace("127.0.0.1", "localhost"));
    variables.push(("JWKS_URL", issuer.url.clone()));

    world.wire.take();
    world.wire.hold(QUIET);
    let binary = Command::new(Profile::Release.binary(operation)?);
    let mut function = Binary::spawn_by(binary, operation, &variables).await;
    let answer = function.send(&sent).await.map_err(|error| anyhow!("{operation}, {name}: {error}"))?;
    ensure!(answer.status < 300 || answer.status == 304, "{operation}, {name}: the answer is {answer:?}");
    let process = function.id().context("the process is gone")?;
    let process = fs::read_to_string(format!("/proc/{process}/status"))?;
    let remains = function.kill().await;
    world.wire.assert_allowed();

    let seen = world.wire.take();
    let line = log::check_line(remains.stdout.trim_end());
    let cost = Cost {
        calls: whole(&line["round_trips"]),
        round_trips: u32::try_from(wire::round_trips(&seen))?,
        read_units: whole(&line["read_units"]),
        write_units: whole(&line["write_units"]),
    };
    ensure!(
        usize::try_from(cost.calls)? == seen.len(),
        "{operation}, {name}: the log line counts {} calls, and {} went over the wire.",
        cost.calls,
        seen.len(),
    );
    let of = |name: &str| number(&process, name).with_context(|| format!("/proc says no {name} of the process"));
    Ok(Called { cost, peak: of("VmHWM")? * 1_024, threads: of("Threads")?, fetches: issuer.count.load(Relaxed) })
}

/// A count of the log line. Units are whole, since every read is strongly consistent.
fn whole(value: &Value) -> u32 {
    let number = value.as_f64().expect("a number");
    assert!(number.fract() == 0.0 && (0.0..1e9).contains(&number), "{number} is no whole number of units");
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it has just been looked at")]
    let whole = number as u32;
    whole
}

/// A number of `/proc/<id>/status`.
fn number(status: &str, name: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    value.split_whitespace().next()?.parse().ok()
}

/// An issuer that must not be asked, since the keys are given: it counts connections and answers nothing.
struct Listener {
    url: String,
    count: Arc<AtomicUsize>,
}

impl Listener {
    async fn open() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/jwks.json", listener.local_addr()?);
        let count = Arc::new(AtomicUsize::new(0));
        let counting = Arc::clone(&count);
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                counting.fetch_add(1, Relaxed);
            }
        });
        Ok(Self { url, count })
    }
}
