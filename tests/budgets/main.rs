//! `make budgets`: every function, as it is deployed, held to what it may take and to what it declares.
//!
//! It prints a row for each function, and ends with an error that names every budget that is exceeded and
//! what to do. It measures no time, so a busy machine exceeds no budget, unless it is so slow that requests
//! which are sent side by side reach DynamoDB far apart.
//!
//! - [`function`]: the limits, and what is measured of a function
//! - [`binary`]: what its file asks of Lambda's machine
//! - [`start`]: its instructions to the first `next`
//! - [`call`]: a request's memory, threads and fetched keys, and what it asks of DynamoDB
//!
//! What each case may cost is declared in [`tests::cases`].

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a command line talks to a person")]
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a budget that cannot be measured is exceeded")]

mod binary;
mod call;
mod function;
mod start;

use anyhow::{Error, Result, anyhow, bail, ensure};
use api::routes::ROUTES;
use function::{HEAD, Measured, Row};
use std::{env, process::ExitCode, sync::Arc, thread::available_parallelism};
use tests::runtime::require_valgrind;
use tokio::sync::Semaphore;

#[tokio::main]
async fn main() -> ExitCode {
    match budgets().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Measures the functions that are named, or all.
async fn budgets() -> Result<()> {
    let named: Vec<_> = env::args().skip(1).collect();
    if let Some(unknown) = named.iter().find(|name| !ROUTES.iter().any(|route| route.operation == **name)) {
        bail!("There is no function {unknown}; api::routes lists them.");
    }
    require_valgrind().await.map_err(Error::msg)?;
    print(&HEAD.map(str::to_owned));
    let routes = ROUTES.into_iter().filter(|route| named.is_empty() || named.iter().any(|it| it == route.operation));
    // As many at once as there are cores. Each in a task of its own: a world that cannot be set up is one function's
    // fault.
    let cores = Arc::new(Semaphore::new(available_parallelism()?.get()));
    let measured = routes.map(|route| {
        let cores = Arc::clone(&cores);
        let measuring = tokio::spawn(async move {
            let _core = cores.acquire().await?;
            Measured::of(route).await
        });
        (route.operation, measuring)
    });
    let measured: Vec<_> = measured.collect();
    let (mut exceeded, mut held) = (Vec::new(), 0);
    for (operation, measuring) in measured {
        match measuring.await.unwrap_or_else(|panic| Err(anyhow!("{panic}"))) {
            Ok(measured) => {
                print(&measured.row());
                exceeded.extend(measured.exceeded());
                held += 1;
            }
            Err(error) => exceeded.push(format!("{operation}: {error:#}")),
        }
    }
    ensure!(exceeded.is_empty(), "Budgets are exceeded: {}.\n{}", exceeded.len(), exceeded.join("\n"));
    println!("{held} functions are within their budgets.");
    Ok(())
}

fn print([function, instructions, size, memory, threads, fetches, glibc, costs, largest]: &Row<String>) {
    println!(
        "{function:<23}{instructions:>13}{size:>10}{memory:>10}{threads:>9}{fetches:>14}{glibc:>7}{costs:>8}  {largest}"
    );
}
