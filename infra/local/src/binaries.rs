//! The functions' binaries. One release build serves the budgets, the tests, `make deploy-local` and `make bench`;
//! `make run` starts those of the dev profile, which it builds itself.

use anyhow::{Context, Result, ensure};
use std::{env, fs, path::PathBuf};

/// How binaries are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Quickly.
    Dev,
    /// As they are deployed.
    Release,
}

impl Profile {
    /// Where cargo puts an operation's binary, in the target folder that this very program was built into.
    pub fn binary(self, operation: &str) -> Result<PathBuf> {
        let program = env::current_exe().context("This program cannot tell where it is")?;
        let profile = program.ancestors().find(|folder| folder.ends_with("debug") || folder.ends_with("release"));
        let profile = profile.context("This program does not stand where cargo builds programs.")?;
        let folder = match self {
            Self::Dev => "debug",
            Self::Release => "release",
        };
        Ok(profile.with_file_name(folder).join(operation))
    }
}

/// An operation's release binary. One that is missing or old is refused.
pub fn of(operation: &str) -> Result<PathBuf> {
    let binary = Profile::Release.binary(operation)?;
    let advice = || {
        format!(
            "Run `cargo build --release --locked --bin {operation}`; `make test`, `make budgets` and `make bench` build all."
        )
    };
    let built = fs::metadata(&binary).and_then(|binary| binary.modified());
    let built = built.with_context(|| format!("The release binary of {operation} is missing. {}", advice()))?;
    // Beside a binary, cargo names the sources that it was built of: `binary: source source …`.
    let sources = fs::read_to_string(binary.with_extension("d"))?;
    let sources = sources.split_once(": ").map_or("", |(_, sources)| sources).split_whitespace();
    for source in sources {
        let is_older = fs::metadata(source).and_then(|source| source.modified()).is_ok_and(|changed| changed <= built);
        ensure!(is_older, "The release binary of {operation} is older than {source}. {}", advice());
    }
    Ok(binary)
}
