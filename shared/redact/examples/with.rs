//! Records a step and prints it without its credentials, by rules of one's own too.

#![expect(clippy::print_stdout, reason = "so that nothing is left out of the binary")]

mod recording;

use redact::{Redacted, Rules};
use std::{env, error::Error};

fn main() -> Result<(), Box<dyn Error>> {
    let rules = Rules::parse(&env::args().nth(2).unwrap_or_default())?;
    println!("{}", recording::record(env::args().nth(1), |step| Redacted::of(step, &rules).into_parts().0)?);
    Ok(())
}
