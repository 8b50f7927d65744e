//! Reads a step and prints it without its credentials, by rules of one's own too.

#![expect(clippy::print_stdout, reason = "so that nothing is left out of the binary")]

use api::{json::parse_body, step::StepInput};
use redact::{Redacted, Rules};
use std::{env, error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let rules = Rules::parse(&env::args().nth(2).unwrap_or_default())?;
    // Without a file, it only starts.
    let Some(file) = env::args().nth(1) else { return Ok(()) };
    let step: StepInput = parse_body(&fs::read(file)?).map_err(|error| format!("{error:?}"))?;
    println!("{}", serde_json::to_string(&*Redacted::of(step, &rules))?);
    Ok(())
}
