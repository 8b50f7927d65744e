//! The folder `.local`, which everything local is kept in.

use anyhow::{Context, Result, bail};
use local::issuer::Issuer;
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

/// The folder that everything local is kept in, and the workspace around it.
pub(crate) struct Folder {
    pub(crate) workspace: PathBuf,
}

impl Folder {
    pub(crate) fn find() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let workspace = here.ancestors().nth(2).context("This package is not in a workspace.")?.to_owned();
        fs::create_dir_all(workspace.join(".local")).context("The folder .local cannot be made")?;
        Ok(Self { workspace })
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.workspace.join(".local").join(name)
    }

    pub(crate) fn issuer(&self) -> Result<Issuer> {
        Issuer::open(&self.file(KEY))
    }

    /// Held by a running stack; two on one database would not see each other's writes.
    pub(crate) fn lock(&self) -> Result<File> {
        let file = File::create(self.file("lock")).context("The file .local/lock cannot be made")?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(_) => bail!("A stack is already running in this folder. End it with Ctrl-C first."),
        }
    }
}

pub(crate) const KEY: &str = "issuer.pk8";
pub(crate) const DATABASE: &str = "dynamodb.sqlite";
pub(crate) const LOG: &str = "functions.log";
