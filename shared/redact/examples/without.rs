//! Records a step and prints it. [`with`](with.rs) redacts it before: what it adds to a binary and to its start is what
//! redaction costs a recording function, which `make redaction-cost` prints.

#![expect(clippy::print_stdout, reason = "so that nothing is left out of the binary")]

mod recording;

use std::{env, error::Error};

fn main() -> Result<(), Box<dyn Error>> {
    println!("{}", recording::record(env::args().nth(1), |step| step)?);
    Ok(())
}
