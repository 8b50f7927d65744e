//! The functions' binaries, by the profile that they are built with.
//!
//! What measures or deploys a function starts the release binary. Tests start that of the dev profile, which links in a
//! second where the release binary takes half a minute; `make budgets` runs the smoke test on release binaries.

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
    /// What tests start: `Dev`, unless the variable `FUNCTIONS_PROFILE` is `release`.
    pub fn of_tests() -> Self {
        if env::var_os("FUNCTIONS_PROFILE").is_some_and(|profile| profile == "release") {
            Self::Release
        } else {
            Self::Dev
        }
    }

    /// Where cargo puts an operation's binary, in the target folder that this very program was built into.
    pub fn path(self, operation: &str) -> Result<PathBuf> {
        let program = env::current_exe().context("This program cannot tell where it is")?;
        let profile = program.ancestors().find(|folder| folder.ends_with("debug") || folder.ends_with("release"));
        let profile = profile.context("This program is not where cargo builds programs.")?;
        let folder = match self {
            Self::Dev => "debug",
            Self::Release => "release",
        };
        Ok(profile.with_file_name(folder).join(operation))
    }

    /// An operation's binary. One that is missing or older than its sources is refused.
    pub fn binary(self, operation: &str) -> Result<PathBuf> {
        let binary = self.path(operation)?;
        let advice = match self {
            Self::Dev => "Run `make test`, or `make functions` before `cargo test`.".to_owned(),
            Self::Release => format!(
                "Run `cargo build --release --locked --bin {operation}`; `make budgets` and `make bench` build all."
            ),
        };
        let shown = binary.display();
        let built = fs::metadata(&binary).and_then(|binary| binary.modified());
        let built = built.with_context(|| format!("The binary {shown} is missing. {advice}"))?;
        // Beside a binary, cargo names the sources that it was built of: `binary: source source …`.
        let sources = fs::read_to_string(binary.with_extension("d"))?;
        let sources = sources.split_once(": ").map_or("", |(_, sources)| sources).split_whitespace();
        for source in sources {
            let changed = fs::metadata(source).and_then(|source| source.modified());
            ensure!(
                changed.is_ok_and(|changed| changed <= built),
                "The binary {shown} is older than {source}. {advice}"
            );
        }
        Ok(binary)
    }
}
