//! Where the repository is, and where what is installed, built and written for a measurement goes.

use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The repository.
pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// `.local/bench`, made if need be.
pub(crate) fn scratch() -> Result<PathBuf> {
    let folder = Path::new(ROOT).join(".local/bench");
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    Ok(folder.canonicalize()?)
}
