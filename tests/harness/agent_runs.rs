//! Turns that `fixtures/agent_runs.py` makes up: as large as what agents send and are answered, and repeating itself
//! as much.

use crate::fixtures::{started_at, turn};
use anyhow::{Context, Result, ensure};
use std::process::Command;

/// The steps of the turn of this kind, each as it is put; see the script for the kinds.
///
/// # Errors
///
/// When there is no Python, or no such kind.
pub fn steps(kind: &str) -> Result<Vec<String>> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/agent_runs.py");
    let made =
        Command::new("python3").args([script, kind]).output().context("python3 is missing, which makes turns")?;
    ensure!(made.status.success(), "{script}: {}", String::from_utf8_lossy(&made.stderr));
    let head = format!(
        r#"{{"operation":"stream","status":"completed","started_at":"{}","finished_at":"{}","#,
        started_at(0),
        started_at(1),
    );
    let step = |content: &str| Ok(content.replacen('{', &head, 1));
    str::from_utf8(&made.stdout)?.lines().map(step).collect()
}

/// A body that posts the n-th run of an owner, with these steps.
pub fn turn_of(owner: &str, n: u32, steps: &[String]) -> String {
    let numbered = |(number, step): (u32, &String)| step.replacen('{', &format!(r#"{{"step_number":{number},"#), 1);
    let steps: Vec<String> = (1..).zip(steps).map(numbered).collect();
    turn(owner, n, Vec::new()).to_string().replace(r#""steps":[]"#, &format!(r#""steps":[{}]"#, steps.join(",")))
}
