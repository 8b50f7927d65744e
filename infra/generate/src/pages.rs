//! The tables of README.md and of infra's pages.

use crate::template::{callers, concurrency};
use api::routes::{BASE, Callers, ROUTES, Route};
use tests::cases::{self, Case, Cost};

/// Dollars for a million units in us-east-1, on demand.
const READ_PRICE: f64 = 0.125;
const WRITE_PRICE: f64 = 0.625;

/// How many calls at once an account has in a region, unless AWS raised it.
const QUOTA: usize = 1_000;
/// An example of `ReadConcurrency` and `RecordConcurrency`.
const EXAMPLE: [usize; 2] = [30, 100];

/// What there is to call, in the order of the routes.
pub(crate) fn endpoints() -> String {
    let row = |route: &Route| {
        let (method, path) = (route.method.as_str(), route.path.trim_start_matches(BASE));
        let endpoint = format!("{method} {path}");
        format!("| `{}` | {} | {} | {} |\n", endpoint.trim_end(), route.operation, callers(route), route.summary)
    };
    "| endpoint | operation | for | what |\n|---|---|---|---|\n".to_owned()
        + &ROUTES.into_iter().map(row).collect::<String>()
}

/// What every declared case costs, and what a unit does.
pub(crate) fn costs() -> String {
    let row = |Case { route, name, cost, .. }: &Case| {
        let Cost { calls, round_trips, read_units, write_units } = *cost;
        let dollars = f64::from(read_units) * READ_PRICE + f64::from(write_units) * WRITE_PRICE;
        let operation = route.operation;
        format!("| `{operation}` | {name} | {calls} | {round_trips} | {read_units} | {write_units} | {dollars:.3} |\n")
    };
    format!(
        "On-demand prices of us-east-1, November 2026: **${READ_PRICE} for a million read units, ${WRITE_PRICE} for a \
         million write units.**\n\n\
         | operation | case | calls | in turn | read units | write units | $ per million |\n|---|---|---|---|---|---|---|\n"
    ) + &ROUTES.into_iter().flat_map(cases::of).map(row).collect::<String>()
}

/// What reserved concurrency adds up to.
pub(crate) fn reserved() -> String {
    let count = |parameter| ROUTES.into_iter().filter(|route| concurrency(route) == Some(parameter)).count();
    let [readers, recorders] = [count("ReadConcurrency"), count("RecordConcurrency")];
    let [each_reader, each_recorder] = EXAMPLE;
    let sum = readers * each_reader + recorders * each_recorder;
    format!(
        "The sum is **{readers} · `ReadConcurrency` + {recorders} · `RecordConcurrency`**: {each_reader} and \
         {each_recorder} make {sum}, and leave {} of a quota of {QUOTA}.\n",
        QUOTA.saturating_sub(sum)
    )
}

/// The operations that the kill switch stops, as a line of its script.
pub(crate) fn recorders() -> String {
    let recorders = ROUTES.into_iter().filter(|route| route.callers == Callers::Recorder);
    format!("operations='{}'\n", recorders.map(|route| route.operation).collect::<Vec<_>>().join(" "))
}
