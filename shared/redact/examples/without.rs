//! Reads a step and prints it. [`with`](with.rs) redacts it before: what it adds to a binary and to its start is what redaction
//! costs, which `make redaction-cost` prints.

#![expect(clippy::print_stdout, reason = "so that nothing is left out of the binary")]

use api::{json::parse_body, step::StepInput};
use std::{env, error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    // Without a file, it only starts.
    let Some(file) = env::args().nth(1) else { return Ok(()) };
    let step: StepInput = parse_body(&fs::read(file)?).map_err(|error| format!("{error:?}"))?;
    println!("{}", serde_json::to_string(&step)?);
    Ok(())
}
