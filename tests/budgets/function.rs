//! A function, measured: its row of the table, and the budgets that it exceeds.

use crate::{
    binary::{self, Glibc},
    call::{self, Called},
    start,
};
use anyhow::{Context, Result};
use api::routes::Route;
use local::binaries::Profile;
use std::fs;
use tests::{
    cases::{self, Case, Cost},
    runtime::variables,
    world::World,
};

// Raising a limit needs its reason in the commit.
const INSTRUCTIONS: u64 = 1_100_000;
const SIZE: u64 = 6_500_000;
const MEMORY: u64 = 10 * MB;
const THREADS: u64 = 2;
/// What Lambda's runtime `provided.al2023` has.
const GLIBC: Glibc = Glibc(2, 34);

const MB: u64 = 1_000_000;

/// The table's head, of the columns that [`Measured::row`] fills.
pub(crate) const HEAD: Row = [
    "function",
    "instructions",
    "size",
    "memory",
    "threads",
    "keys fetched",
    "GLIBC",
    "costs",
    "most memory of larger cases",
];

/// A row's cells.
pub(crate) type Row<T = &'static str> = [T; 9];

/// What was measured of a function.
pub(crate) struct Measured {
    operation: &'static str,
    /// From its start to its first `next`.
    instructions: u64,
    /// Of its binary, in bytes.
    size: u64,
    glibc: Glibc,
    /// Its declared cases, the small one first.
    first: Played,
    others: Vec<Played>,
}

/// A case as it is declared, and as it came out.
struct Played {
    declared: &'static Case,
    called: Called,
}

impl Measured {
    /// Measures the operation of a route.
    pub(crate) async fn of(route: &'static Route) -> Result<Self> {
        let operation = route.operation;
        let binary = Profile::Release.binary(operation)?;
        let world = World::new().await;
        let instructions = start::instructions(operation, &variables(&world, world.engine.endpoint())).await?;
        let mut played = Vec::new();
        for declared in cases::of(route) {
            let called = call::call(declared).await?;
            played.push(Played { declared, called });
        }
        let mut played = played.into_iter();
        Ok(Self {
            operation,
            instructions,
            size: fs::metadata(&binary)?.len(),
            glibc: binary::needed_glibc(&binary)?,
            first: played.next().context("it has no case")?,
            others: played.collect(),
        })
    }

    fn cases(&self) -> impl Iterator<Item = &Played> {
        [&self.first].into_iter().chain(&self.others)
    }

    fn threads(&self) -> u64 {
        self.cases().map(|case| case.called.threads).max().unwrap_or_default()
    }

    fn fetches(&self) -> usize {
        self.cases().map(|case| case.called.fetches).sum()
    }

    pub(crate) fn row(&self) -> Row<String> {
        let largest = self.others.iter().max_by_key(|case| case.called.peak);
        let largest = largest.map(|case| format!("{} ({})", in_mb(case.called.peak), case.declared.name));
        let exact = self.cases().filter(|case| case.is_exact()).count();
        [
            self.operation.to_owned(),
            in_millions(self.instructions),
            in_mb(self.size),
            in_mb(self.first.called.peak),
            self.threads().to_string(),
            self.fetches().to_string(),
            self.glibc.to_string(),
            format!("{exact} of {}", self.cases().count()),
            largest.unwrap_or_default(),
        ]
    }

    /// The budgets that it exceeds, each with its limit and what to do.
    pub(crate) fn exceeded(&self) -> Vec<String> {
        let mut exceeded = Vec::new();
        let mut hold = |holds: bool, what: String| {
            if !holds {
                exceeded.push(format!("{} {what}", self.operation));
            }
        };
        let Self { instructions, size, glibc, .. } = self;
        hold(
            *instructions <= INSTRUCTIONS,
            format!(
                "takes {instructions} instructions to its first `next`; the limit is {INSTRUCTIONS}. Profile the start \
                 with `valgrind --tool=callgrind` and callgrind_annotate."
            ),
        );
        hold(
            *size <= SIZE,
            format!(
                "has a binary of {size} bytes; the limit is {SIZE}. See what came in with `cargo tree --edges features`."
            ),
        );
        hold(
            *glibc <= GLIBC,
            format!(
                "needs GLIBC {glibc}; the limit is {GLIBC}, or Lambda does not start it. See which symbols do with \
                 `readelf --dyn-syms --wide`."
            ),
        );
        let Played { declared: Case { name, .. }, called: Called { peak, .. } } = &self.first;
        hold(
            *peak <= MEMORY,
            format!(
                "holds {peak} bytes of memory at its peak ({name}); the limit is {MEMORY}. See what is held twice, or \
                 for longer than it is needed."
            ),
        );
        let (threads, fetches) = (self.threads(), self.fetches());
        hold(
            threads <= THREADS,
            format!("runs {threads} threads; the limit is {THREADS}. See who starts one beside the runtime's own."),
        );
        hold(
            fetches == 0,
            format!("connects to JWKS_URL {fetches} times, and must not, since JWKS is given. See service::identity."),
        );
        for case in self.cases() {
            let Played { declared, called } = case;
            hold(
                case.is_exact(),
                format!(
                    "takes {} ({}); tests/harness/cases.rs declares {}. Mend the function; or declare the \
                     new cost there, and say why in the commit.",
                    words(&called.cost),
                    declared.name,
                    words(&declared.cost),
                ),
            );
        }
        exceeded
    }
}

impl Played {
    fn is_exact(&self) -> bool {
        self.called.cost == self.declared.cost
    }
}

fn words(cost: &Cost) -> String {
    let Cost { calls, round_trips, read_units, write_units } = cost;
    format!("{calls} calls in {round_trips} round trips, {read_units} read and {write_units} write units")
}

fn in_mb(bytes: u64) -> String {
    format!("{}.{:02} MB", bytes / MB, bytes % MB / 10_000)
}

fn in_millions(count: u64) -> String {
    format!("{}.{:03} M", count / 1_000_000, count % 1_000_000 / 1_000)
}
