//! What ours is measured beside: built and installed once into `.local/bench/`, from `infra/bench/peers`.
//!
//! A peer that cannot be had is named with the reason; it does not stop the others.

use crate::install::{build, run, sources};
use anyhow::{Context, Result};
use local::binaries::Profile;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A program and what it takes to run it.
pub(super) struct Peer {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    /// Where it runs.
    pub(super) folder: PathBuf,
    /// What is deployed, in bytes; the language's own runtime is Lambda's.
    pub(super) size: u64,
    /// The versions that count.
    pub(super) version: String,
}

/// Builds Rust's peers and says where they are: each alone, so that none brings features into another.
pub(super) fn rust(packages: &[&str]) -> Result<PathBuf> {
    let target = Profile::Release.binary("list-debug-runs")?.parent().and_then(Path::parent).map(Path::to_owned);
    let target = target.context("A binary stands in a folder.")?;
    for package in packages {
        eprintln!("• Building {package} of infra/bench/peers/rust");
        run(as_from_a_shell(&mut Command::new("cargo"))
            .current_dir(sources("peers/rust"))
            .args(["build", "--release", "--locked", "--quiet", "--package", package, "--target-dir"])
            .arg(&target))
        .with_context(|| {
            format!(
                "{package} cannot be built. If its Cargo.lock is out of date, run: \
                 cargo update --workspace --manifest-path infra/bench/peers/rust/Cargo.toml"
            )
        })?;
    }
    Ok(target.join("release"))
}

/// Without what `cargo run` says of this program: build scripts read it, and would build everything again.
fn as_from_a_shell(cargo: &mut Command) -> &mut Command {
    let is_of_cargo = |name: &str| {
        ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"].iter().any(|prefix| name.starts_with(prefix))
    };
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_of_cargo)) {
        cargo.env_remove(name);
    }
    cargo
}

/// Debian's Go and its AWS SDK.
pub(super) fn go() -> Result<Peer> {
    let (folder, version) = build("peers/go")?;
    let program = folder.join("bootstrap");
    Ok(Peer { size: size(&program)?, program, arguments: Vec::new(), folder, version })
}

/// Node, its AWS SDK from npm, bundled.
pub(super) fn node() -> Result<Peer> {
    let (folder, version) = build("peers/node")?;
    let bundle = folder.join("bundle/main.cjs");
    let arguments = vec![bundle.display().to_string()];
    Ok(Peer { size: size(&bundle)?, program: folder.join("node"), arguments, folder, version })
}

/// Python, boto3 and the official runtime client from `PyPI`.
pub(super) fn python() -> Result<Peer> {
    let (folder, version) = build("peers/python")?;
    let arguments = ["-m", "awslambdaric", "handler.handle"].map(str::to_owned).into();
    let size = size(&python_path(&folder))?;
    Ok(Peer { size, program: folder.join("venv/bin/python"), arguments, folder, version })
}

/// Where Python finds its packages.
pub(super) fn python_path(peer: &Path) -> PathBuf {
    peer.join("packages")
}

/// botocore's roots and one more, in one file.
pub(super) fn botocore_roots(peer: &Path, root: &str) -> Result<PathBuf> {
    let bundle = python_path(peer).join("botocore/cacert.pem");
    let bundle = fs::read_to_string(&bundle).with_context(|| format!("{} cannot be read", bundle.display()))?;
    let roots = peer.join("roots.pem");
    fs::write(&roots, bundle + root)?;
    Ok(roots)
}

/// The size of a file, or of all files below a folder, in bytes.
pub(super) fn size(path: &Path) -> Result<u64> {
    let known = fs::symlink_metadata(path).with_context(|| format!("{} is missing", path.display()))?;
    if !known.is_dir() {
        return Ok(known.len());
    }
    fs::read_dir(path)?.map(|entry| size(&entry?.path())).sum()
}

#[cfg(test)]
mod tests {
    /// The lines of the release profile that say something.
    fn release_profile(manifest: &str) -> Vec<&str> {
        let mut is_inside = false;
        let inside = manifest.lines().filter(|line| {
            if line.starts_with('[') {
                is_inside = line.starts_with("[profile.release");
            }
            is_inside
        });
        inside.filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
    }

    #[test]
    fn the_rust_peers_are_built_as_ours() {
        let ours = include_str!("../../../../Cargo.toml");
        let mut peers = release_profile(include_str!("../../peers/rust/Cargo.toml"));
        // The SDK is what reads items.
        let at = peers.iter().position(|&peer| peer == "aws-sdk-dynamodb.opt-level = 3").unwrap();
        peers.remove(at);
        assert!(peers.contains(&"[profile.release]"));
        assert_eq!(peers, release_profile(ours));
    }
}
