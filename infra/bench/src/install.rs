//! Other programs: run to their end, and built by a script that stands beside their sources.

use crate::folders::{ROOT, scratch};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// How many lines of what a failed program said are shown.
const SAID: usize = 4;

/// Runs a program; the last lines that it says are why it failed.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("{name} cannot be started"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let lines: Vec<_> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        bail!("{name} says: {}", lines.get(lines.len().saturating_sub(SAID)..).unwrap_or_default().join(" "));
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// What stands in a folder of `infra/bench`.
pub(crate) fn sources(folder: &str) -> PathBuf {
    Path::new(ROOT).join("infra/bench").join(folder)
}

/// Has the script `build` of such a folder run in a folder of its own. Gives that folder, and what the script prints.
pub(crate) fn build(folder: &str) -> Result<(PathBuf, String)> {
    eprintln!("• Building infra/bench/{folder}; the first time, it installs packages");
    let built = scratch()?.join(folder);
    fs::create_dir_all(&built)?;
    let printed = run(Command::new("sh").arg(sources(folder).canonicalize()?.join("build")).current_dir(&built))?;
    Ok((built, printed))
}
