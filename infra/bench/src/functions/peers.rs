//! What ours is measured beside: built and installed once into `.local/bench/`, from `infra/bench/peers`.
//!
//! A peer that cannot be had is named with the reason; it does not stop the others.

use crate::{
    folders::{ROOT, scratch},
    install::{self, run, which},
};
use anyhow::{Context, Result, ensure};
use local::binaries::Profile;
use serde_json::Value;
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

fn sources(peer: &str) -> PathBuf {
    Path::new(ROOT).join("infra/bench/peers").join(peer)
}

/// Builds Rust's peers and says where they are: each alone, so that none brings features into another.
pub(super) fn rust(packages: &[&str]) -> Result<PathBuf> {
    let target = Profile::Release.binary("list-debug-runs")?.parent().and_then(Path::parent).map(Path::to_owned);
    let target = target.context("A binary stands in a folder.")?;
    for package in packages {
        eprintln!("• Building {package} of infra/bench/peers/rust");
        run(as_from_a_shell(&mut Command::new("cargo"))
            .current_dir(sources("rust"))
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
    const PACKAGES: [&str; 3] =
        ["golang-go", "golang-github-aws-aws-sdk-go-v2-dev", "golang-github-golang-jwt-jwt-dev"];
    require_debian(&PACKAGES)?;
    eprintln!("• Building the Go peer");
    let folder = scratch()?.join("go");
    fs::create_dir_all(&folder)?;
    let program = folder.join("bootstrap");
    run(Command::new("go")
        .current_dir(sources("go"))
        .env("GO111MODULE", "off")
        .env("GOPATH", "/usr/share/gocode")
        .env("GOCACHE", folder.join("cache"))
        .env("CGO_ENABLED", "0")
        .args(["build", "-trimpath", "-ldflags=-s -w", "-o"])
        .arg(&program)
        .arg("."))?;
    let [_, sdk, _] = PACKAGES;
    let sdk = run(Command::new("dpkg-query").args(["--show", "--showformat=${Version}", sdk]))?;
    let go = run(Command::new("go").args(["env", "GOVERSION"]))?;
    let version = format!("{}, aws-sdk-go-v2 {}", go.replace("go", "Go "), sdk.split('-').next().unwrap_or_default());
    Ok(Peer { size: size(&program)?, program, arguments: Vec::new(), folder, version })
}

/// Node, its AWS SDK from npm, bundled.
pub(super) fn node() -> Result<Peer> {
    let program = which("node", "nodejs")?;
    which("npm", "npm")?;
    let (sources, folder) = (sources("node"), scratch()?.join("node"));
    fs::create_dir_all(&folder)?;
    for file in ["package.json", "package-lock.json", "main.js", "handler.js"] {
        fs::copy(sources.join(file), folder.join(file)).with_context(|| format!("{file} cannot be copied"))?;
    }
    install::once(&sources.join("package-lock.json"), &folder, || {
        let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
        run(Command::new("npm").current_dir(&folder).args(install))?;
        Ok(())
    })?;
    eprintln!("• Bundling the Node peer");
    let bundle = folder.join("bundle/main.cjs");
    run(Command::new("node_modules/.bin/esbuild")
        .current_dir(&folder)
        .args(["main.js", "--bundle", "--minify", "--platform=node", "--target=node20", "--format=cjs"])
        .args(["--log-level=warning", "--outfile=bundle/main.cjs"]))?;
    let node = run(Command::new(&program).arg("--version"))?;
    let sdk: Value =
        serde_json::from_slice(&fs::read(folder.join("node_modules/@aws-sdk/client-dynamodb/package.json"))?)?;
    let sdk = sdk.get("version").and_then(Value::as_str).context("A package has a version.")?;
    let version = format!("Node {}, AWS SDK {sdk}", node.trim_start_matches('v'));
    Ok(Peer { size: size(&bundle)?, program, arguments: vec![bundle.display().to_string()], folder, version })
}

/// Python, boto3 and the official runtime client from `PyPI`.
pub(super) fn python() -> Result<Peer> {
    which("python3", "python3")?;
    let (sources, folder) = (sources("python"), scratch()?.join("python"));
    fs::create_dir_all(&folder)?;
    fs::copy(sources.join("handler.py"), folder.join("handler.py")).context("handler.py cannot be copied")?;
    let requirements = sources.join("requirements.txt");
    let (program, packages) = (folder.join("venv/bin/python"), python_path(&folder));
    install::once(&requirements, &folder, || {
        install::virtual_environment(&folder.join("venv"))?;
        run(Command::new(&program)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "--target"])
            .arg(&packages)
            .arg("--requirement")
            .arg(&requirements))?;
        Ok(())
    })?;
    let versions = "import boto3, platform; print(f'Python {platform.python_version()}, boto3 {boto3.__version__}')";
    let version = run(Command::new(&program).env("PYTHONPATH", &packages).args(["-c", versions]))?;
    let arguments = ["-m", "awslambdaric", "handler.handle"].map(str::to_owned).into();
    Ok(Peer { size: size(&packages)?, program, arguments, folder, version })
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

/// Says what to install when it is not there.
fn require_debian(packages: &[&str]) -> Result<()> {
    let is_there = |package: &&&str| {
        let state = run(Command::new("dpkg-query").args(["--show", "--showformat=${db:Status-Status}", package]));
        state.is_ok_and(|state| state == "installed")
    };
    let missing: Vec<_> = packages.iter().filter(|package| !is_there(package)).copied().collect();
    let missing = missing.join(" ");
    ensure!(
        missing.is_empty(),
        "{missing} of Debian is missing. As root, run: \
         apt-get update && apt-get install --no-install-recommends {missing}"
    );
    Ok(())
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
        // To the peers' workspace, ours are dependencies like any other, and the SDK is what reads items.
        for line in ["api.opt-level = 3", "aws-sdk-dynamodb.opt-level = 3", "service.opt-level = 3"] {
            let at = peers.iter().position(|&peer| peer == line).unwrap();
            peers.remove(at);
        }
        assert!(peers.contains(&"[profile.release]"));
        assert_eq!(peers, release_profile(ours));
    }
}
