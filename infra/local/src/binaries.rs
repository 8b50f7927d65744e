//! The functions' release binaries: one build serves the gates, the tests and `make deploy-local`.

use anyhow::{Context, Result, ensure};
use std::{env, path::PathBuf};

/// An operation's binary, in the target folder that this very program was built into.
pub fn of(operation: &str) -> Result<PathBuf> {
    let program = env::current_exe().context("This program cannot tell where it is")?;
    let profile = program.ancestors().find(|folder| folder.ends_with("debug") || folder.ends_with("release"));
    let profile = profile.context("This program does not stand where cargo builds programs.")?;
    let binary = profile.with_file_name("release").join(operation);
    ensure!(
        binary.is_file(),
        "The release binary of {operation} is missing. Run `cargo build --release --locked --bin {operation}`; \
         `make test` and `make gates` do so for every function."
    );
    Ok(binary)
}
