//! `make bench`: what a function costs beside its floor and its peers, and as work grows.
//!
//! Everything is measured in one run, with the release binaries that are deployed. Timings are
//! compared, never asserted.
//!
//! - [`functions`]: starts and calls of ours, of bare Rust, and of Node, Python and Go
//! - [`profile`]: where the instructions of a warm request go
//! - [`phoenix`]: recording, opening and listing beside Arize Phoenix
//! - [`scale`]: round trips, units, bytes and CPU as chats and runs grow
//! - [`redaction`]: what redaction adds to the CPU of recording
//! - [`storage`]: what recordings take in the table, and what requests cost then
//! - [`workload`]: turns of a given size and those of the corpus; `exchange`: what has to come back of a step
//! - `process`, `throttle`: a function's process, and a share of a core for it
//! - `sample`, `folders`, `install`: many measurements, where things are, and other programs
//! - [`report`]: the tables, on the terminal and in `infra/benchmarks.md`

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks to a person")]

mod exchange;
mod folders;
mod functions;
mod install;
mod phoenix;
mod process;
mod profile;
mod redaction;
mod report;
mod sample;
mod scale;
mod storage;
mod throttle;
mod workload;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use report::{Report, Section};
use std::time::Instant;
use tokio::runtime::Builder;

/// Measures everything, and keeps the tables in infra/benchmarks.md; named parts are printed only.
#[derive(Parser)]
struct Options {
    /// Which parts to measure.
    parts: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Functions,
    Profile,
    Phoenix,
    Scale,
    Redaction,
    Storage,
}

impl Part {
    fn measure(self) -> Result<Vec<Section>> {
        // The gateway and DynamoDB are no threads of the client's: what hands a lone request on shall wake none.
        let mut runtime =
            if self == Self::Phoenix { Builder::new_current_thread() } else { Builder::new_multi_thread() };
        runtime.enable_all().build()?.block_on(async {
            match self {
                Self::Functions => functions::measure().await,
                Self::Profile => profile::measure().await,
                Self::Phoenix => phoenix::measure().await,
                Self::Scale => scale::measure().await,
                Self::Redaction => redaction::measure(),
                Self::Storage => storage::measure().await,
            }
        })
    }
}

fn main() -> Result<()> {
    let began = Instant::now();
    let Options { parts } = Options::parse();
    let is_whole = parts.is_empty();
    let parts = if is_whole { Part::value_variants() } else { &parts };
    let mut report = Report::default();
    for part in parts {
        for section in part.measure()? {
            print!("\n{section}");
            report.push(section);
        }
    }
    if is_whole {
        eprintln!("• Kept in {}", report.keep()?);
    }
    eprintln!("• It took {} minutes", began.elapsed().as_secs() / 60);
    Ok(())
}
