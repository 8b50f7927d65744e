//! A function, measured: its row of the table, and the gates that it breaks.

use crate::{
    binary::{self, Glibc},
    call::{self, Called},
    scenes, start,
};
use anyhow::{Context, Result};
use api::routes::{Cost, Route};
use local::binaries;
use std::fs;
use tests::{runtime::variables, world::World};

// Raising a limit needs its reason in the commit.
const INSTRUCTIONS: u64 = 1_500_000;
const SIZE: u64 = 6 * MB;
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
    first: Case,
    others: Vec<Case>,
}

/// A case as it is declared, and as it came out.
struct Case {
    declared: &'static Cost,
    called: Called,
}

impl Measured {
    /// Measures the operation of a route.
    pub(crate) async fn of(route: &'static Route) -> Result<Self> {
        let operation = route.operation;
        let binary = binaries::of(operation)?;
        let world = World::new().await;
        let instructions = start::instructions(operation, &variables(&world, world.engine.endpoint())).await?;
        let mut cases = Vec::new();
        for (declared, scene) in scenes::of(route)? {
            cases.push(Case { declared, called: call::call(operation, declared.case, &scene).await? });
        }
        let mut cases = cases.into_iter();
        Ok(Self {
            operation,
            instructions,
            size: fs::metadata(&binary)?.len(),
            glibc: binary::needed_glibc(&binary)?,
            first: cases.next().context("it declares no cost. Add a case to shared/api/src/routes/costs.rs and a scene to tests/gates/scenes.rs")?,
            others: cases.collect(),
        })
    }

    fn cases(&self) -> impl Iterator<Item = &Case> {
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
        let largest = largest.map(|case| format!("{} ({})", in_mb(case.called.peak), case.declared.case));
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

    /// The gates that it breaks, each with its limit and what to do.
    pub(crate) fn broken(&self) -> Vec<String> {
        let mut broken = Vec::new();
        let mut gate = |holds: bool, what: String| {
            if !holds {
                broken.push(format!("{} {what}", self.operation));
            }
        };
        let Self { instructions, size, glibc, .. } = self;
        gate(
            *instructions <= INSTRUCTIONS,
            format!(
                "takes {instructions} instructions to its first `next`; the limit is {INSTRUCTIONS}. Profile the start \
                 with `valgrind --tool=callgrind` and callgrind_annotate."
            ),
        );
        gate(
            *size <= SIZE,
            format!(
                "has a binary of {size} bytes; the limit is {SIZE}. See what came in with `cargo tree --edges features`."
            ),
        );
        gate(
            *glibc <= GLIBC,
            format!(
                "needs GLIBC {glibc}; the limit is {GLIBC}, or Lambda does not start it. See which symbols do with \
                 `readelf --dyn-syms --wide`."
            ),
        );
        let Case { declared: Cost { case, .. }, called: Called { peak, .. } } = &self.first;
        gate(
            *peak <= MEMORY,
            format!(
                "holds {peak} bytes of memory at its peak ({case}); the limit is {MEMORY}. See what is held twice, or \
                 for longer than it is needed."
            ),
        );
        let (threads, fetches) = (self.threads(), self.fetches());
        gate(
            threads <= THREADS,
            format!("runs {threads} threads; the limit is {THREADS}. See who starts one beside the runtime's own."),
        );
        gate(
            fetches == 0,
            format!("connects to JWKS_URL {fetches} times, and must not, since JWKS is given. See service::identity."),
        );
        for case in self.cases() {
            let Case { declared, called } = case;
            gate(
                case.is_exact(),
                format!(
                    "takes {} ({}); api::routes declares {}. Mend the function; or declare the new cost in \
                     shared/api/src/routes/costs.rs, and say why in the commit.",
                    words(&called.cost),
                    declared.case,
                    words(declared),
                ),
            );
        }
        broken
    }
}

impl Case {
    fn is_exact(&self) -> bool {
        self.called.cost == *self.declared
    }
}

fn words(cost: &Cost) -> String {
    let Cost { calls, round_trips, read_units, write_units, .. } = cost;
    format!("{calls} calls in {round_trips} round trips, {read_units} read and {write_units} write units")
}

fn in_mb(bytes: u64) -> String {
    format!("{}.{:02} MB", bytes / MB, bytes % MB / 10_000)
}

fn in_millions(count: u64) -> String {
    format!("{}.{:03} M", count / 1_000_000, count % 1_000_000 / 1_000)
}
