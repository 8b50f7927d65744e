//! The functions of `make run`: built once, started, and asked until all of them answer.

use crate::{
    folder::{Folder, LOG},
    stack_client::StackClient,
};
use anyhow::{Context, Result, bail};
use api::{
    jobs::JOBS,
    routes::{Callers, ROUTES, Route, fill},
};
use local::{
    binaries::Profile,
    child::{self, Group, Guarded},
    lambda::{Functions, Limits},
};
use std::{
    env,
    fs::File,
    io::{IsTerminal, Write, stdout},
    process::Command,
};
use tokio::task::JoinSet;

/// Builds every function in a profile: `dev` or `release`.
pub(crate) async fn build(folder: &Folder, profile: &str) -> Result<()> {
    let mut cargo = Command::new("cargo");
    let functions = ROUTES.into_iter().map(|route| route.operation).chain(JOBS.into_iter().map(|job| job.name));
    // No `--package`: that would choose other features, and everything would be built twice.
    cargo.args(["build", "--profile", profile]).args(functions.flat_map(|function| ["--bin", function]));
    let status = Guarded::spawn(as_from_a_shell(&mut cargo, folder))?.ended().await?;
    if !status.success() {
        bail!("The functions do not build; cargo says why above.");
    }
    Ok(())
}

/// The functions, each started at its first event, in a group that goes when we go.
pub(crate) fn of(folder: &Folder, group: &Group, environment: Vec<(&'static str, String)>) -> Result<Functions> {
    let log = File::create(folder.file(LOG)).with_context(|| format!("The file .local/{LOG} cannot be written"))?;
    let group = group.id();
    Ok(Functions::new(log, Limits::HERE, move |operation| {
        let mut command = tokio::process::Command::new(Profile::Dev.path(operation)?);
        // What somebody has set for an AWS account of theirs has no business here.
        command.env_clear().envs(environment.iter().map(|(name, value)| (name, value))).process_group(group);
        Ok(command)
    }))
}

/// Asks every function for an answer, all at once, and returns when each has given its own 401.
pub(crate) async fn answer(folder: &Folder, client: &StackClient) -> Result<()> {
    let everyone = async {
        let mut asked = JoinSet::new();
        for route in ROUTES {
            let client = client.clone();
            asked.spawn(async move { ask(route, &client).await });
        }
        let mut answered = 0;
        while let Some(answer) = asked.join_next().await {
            answer??;
            answered += 1;
            if stdout().is_terminal() {
                print!("\r  {answered} of {} answer", ROUTES.len());
                stdout().flush()?;
            }
        }
        anyhow::Ok(())
    };
    let outcome = everyone.await;
    if stdout().is_terminal() {
        println!();
    }
    let log = child::tail(&folder.file(LOG));
    outcome.with_context(|| format!("The functions did not start. The end of .local/{LOG}:\n\n{log}\n"))
}

/// Without a token a function says 401, and nothing but a function says it so; a public one answers.
async fn ask(route: &'static Route, client: &StackClient) -> Result<()> {
    let nil = "00000000-0000-0000-0000-000000000000";
    let path = fill(route, &[nil, nil, "1", "request"]);
    let answer = client.call(route.method.as_str(), &path, None, None).await?;
    let is_right = match route.callers {
        Callers::Anyone => answer.status == 200,
        _ => answer.status == 401 && answer.body.get("status") == Some(&401.into()),
    };
    if !is_right {
        bail!("{} gave a call without a token the status {}, which is not its own.", route.operation, answer.status);
    }
    Ok(())
}

/// Lets cargo see what it would see from a shell. `cargo run`, which we run under, describes our own
/// package in the environment; a build script that watches those variables would build all anew.
fn as_from_a_shell<'a>(command: &'a mut Command, folder: &Folder) -> &'a mut Command {
    let is_cargo_variable = |name: &str| {
        ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"].iter().any(|prefix| name.starts_with(prefix))
    };
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_cargo_variable)) {
        command.env_remove(name);
    }
    command.current_dir(&folder.workspace)
}
