//! `make generate`: whatever follows from the lists of routes and jobs, infra/rights.yaml and the declared costs.
//!
//! It writes files of this repository, or the part of a file between two comments, which are committed: a reviewer
//! reads them whole. `--check` writes nothing, and fails if something would change.
//!
//! - `rights`: what infra/rights.yaml decides
//! - `template`: the parts of infra/template.yaml
//! - `pages`: the tables of README.md and infra's pages
//! - `manifests`: the functions: their packages, in Cargo.toml, and in the tests that call them
//! - `section`: the part of a file between two comments
//!
//! It decides nothing: what an operation is called, may do and costs is decided elsewhere.

#![expect(clippy::print_stdout, reason = "a command line talks to a person")]

mod manifests;
mod pages;
mod rights;
mod section;
mod template;

use anyhow::{Context, Result, bail};
use api::{jobs::JOBS, routes::ROUTES};
use rights::Rights;
use section::replace;
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// A file, and what belongs in it.
struct Generated {
    path: PathBuf,
    text: String,
}

impl Generated {
    fn is_committed(&self) -> bool {
        fs::read_to_string(&self.path).is_ok_and(|committed| committed == self.text)
    }
}

fn main() -> Result<()> {
    let is_check = match env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => bail!("It takes --check or nothing."),
    };
    let root = root()?;
    let mut changed = files(root)?;
    changed.retain(|file| !file.is_committed());
    let names = changed.iter().map(|file| Ok(file.path.strip_prefix(root)?.display().to_string()));
    let names = names.collect::<Result<Vec<_>>>()?.join(", ");
    if is_check && !changed.is_empty() {
        bail!("{names}: not what would be generated. Run `make generate`, and commit what it writes.");
    }
    for file in changed {
        if let Some(folder) = file.path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&file.path, file.text).with_context(|| format!("{} cannot be written", file.path.display()))?;
    }
    println!("{}", if names.is_empty() { "Everything is as it would be generated." } else { &names });
    Ok(())
}

fn root() -> Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).context("This package is not in a workspace.")
}

/// Every file with something generated in it.
fn files(root: &Path) -> Result<Vec<Generated>> {
    let rights = Rights::parse(&read(&root.join("infra/rights.yaml"))?).context("infra/rights.yaml")?;
    let sections: [(&str, Vec<(&str, String)>); 7] = [
        (
            "infra/template.yaml",
            vec![
                ("throttled routes", template::throttled_routes()),
                ("throttles", template::throttles()),
                ("functions of the gateway", template::functions_of_gateway()),
                ("functions of the scheduler", template::functions_of_scheduler()),
                ("functions of the deployment", template::functions_of_deployment()),
                ("operations", template::operations(&rights)?),
                ("jobs", template::jobs(&rights)?),
                ("alarms of functions", template::alarms()),
                ("dashboard", template::dashboard()),
            ],
        ),
        ("Cargo.toml", vec![("router", manifests::router())]),
        ("README.md", vec![("endpoints", pages::endpoints())]),
        ("infra/costs.md", vec![("costs", pages::costs())]),
        ("infra/runbook.md", vec![("reserved", pages::reserved()), ("recorders", pages::recorders())]),
        ("tests/Cargo.toml", vec![("functions", manifests::dependencies())]),
        ("tests/harness/operations.rs", vec![("handlers", manifests::handlers())]),
    ];
    let mut files = vec![Generated { path: root.join("infra/openapi.json"), text: api::openapi::document() }];
    let functions = ROUTES.into_iter().map(|route| (route.operation, manifests::main(route)));
    for (name, main) in functions.chain(JOBS.into_iter().map(|job| (job.name, manifests::main_of_job(job)))) {
        let folder = root.join("functions").join(name);
        files.push(Generated { path: folder.join("src/main.rs"), text: main });
        let manifest = folder.join("Cargo.toml");
        if !manifest.exists() {
            files.push(Generated { path: manifest, text: manifests::package(name) });
        }
    }
    for (name, sections) in sections {
        let path = root.join(name);
        let mut text = read(&path)?;
        for (section, content) in sections {
            text = replace(&text, section, &content).with_context(|| name.to_owned())?;
        }
        files.push(Generated { path, text });
    }
    Ok(files)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_committed_is_what_is_generated() {
        let stale: Vec<_> = files(root().unwrap()).unwrap().into_iter().filter(|it| !it.is_committed()).collect();
        let names: Vec<_> = stale.iter().map(|file| file.path.display().to_string()).collect();
        assert!(names.is_empty(), "{}: run `make generate`, and commit what it writes", names.join(", "));
    }
}
