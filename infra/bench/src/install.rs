//! Other programs: looked for, run to their end, and packages that are installed once.

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

/// Where a program is, or which package of Debian has it.
pub(crate) fn which(program: &str, package: &str) -> Result<PathBuf> {
    let found = run(Command::new("sh").args(["-c", &format!("command -v {program}")]));
    found
        .map(PathBuf::from)
        .with_context(|| format!("{program} is missing. On Debian and Ubuntu: apt-get install {package}"))
}

/// Installs packages into a folder, unless the same list of them is installed.
pub(crate) fn once(list: &Path, folder: &Path, install: impl FnOnce() -> Result<()>) -> Result<()> {
    let (list, installed) = (fs::read(list)?, folder.join("installed"));
    if fs::read(&installed).is_ok_and(|before| before == list) {
        return Ok(());
    }
    eprintln!("• Installing packages into {}, once", folder.display());
    install()?;
    Ok(fs::write(installed, list)?)
}

/// Makes a virtual environment of Python; gives its Python.
pub(crate) fn virtual_environment(folder: &Path) -> Result<PathBuf> {
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))
        .context("On Debian and Ubuntu: apt-get install python3-venv")?;
    Ok(folder.join("bin/python"))
}
