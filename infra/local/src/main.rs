//! The local stack's command line, behind `make run`, `make deploy-local`, `make token` and `make reset`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks to a person")]

mod deploy;
mod front;
mod functions;
mod run;
mod sample;

use anyhow::{Context, Result, bail};
use api::ids::UserId;
use clap::{ArgAction, Parser};
use local::{
    clock, gateway,
    issuer::{Issuer, Role},
};
use std::{
    fs::{self, File},
    io::ErrorKind,
    path::{Path, PathBuf},
    process::ExitCode,
};
use tokio::runtime::Runtime;

/// The whole of chat debug on one machine.
#[derive(Parser)]
enum Command {
    /// Runs every function behind one port, on an embedded DynamoDB.
    Run(Options),
    /// Deploys the template to an emulator of AWS, behind its gateway.
    Deploy {
        /// Where the stage answers.
        #[arg(long, env = "PORT", default_value = "9000")]
        port: u16,
    },
    /// Prints a token that is good here for twelve hours, and nothing else.
    Token {
        /// Whom the token is for.
        #[arg(long, default_value = "user-1")]
        sub: UserId,
        /// What they may do.
        #[arg(long, value_enum, default_value = "user")]
        role: Role,
    },
    /// Forgets everything that was recorded here, and the issuer's key. The tools stay.
    Reset,
}

#[derive(clap::Args)]
struct Options {
    /// Where the functions answer.
    #[arg(long, env = "PORT", default_value = "9000")]
    port: u16,
    /// Where the development issuer publishes its key; the next port when absent.
    #[arg(long, env = "ISSUER_PORT")]
    issuer_port: Option<u16>,
    /// Records every chat, whatever its owner chose.
    #[arg(long, env = "FORCE_DEBUG_LOGGING", default_value = "false", action = ArgAction::Set)]
    force_debug_logging: bool,
}

/// The folder that everything local is kept in, and the workspace around it.
struct Folder {
    workspace: PathBuf,
}

impl Folder {
    fn find() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let workspace = here.ancestors().nth(2).context("This package stands in no workspace.")?.to_owned();
        fs::create_dir_all(workspace.join(".local")).context("The folder .local cannot be made")?;
        Ok(Self { workspace })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.workspace.join(".local").join(name)
    }

    fn issuer(&self) -> Result<Issuer> {
        Issuer::open(&self.file(KEY))
    }

    /// Held by a running stack; two on one database would not see each other's writes.
    fn lock(&self) -> Result<File> {
        let file = File::create(self.file("lock")).context("The file .local/lock cannot be made")?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(_) => bail!("A stack is already running in this folder. End it with Ctrl-C first."),
        }
    }
}

const KEY: &str = "issuer.pk8";
const DATABASE: &str = "dynamodb.sqlite";
const LOG: &str = "functions.log";

fn main() -> ExitCode {
    match perform(Command::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(command: Command) -> Result<()> {
    let folder = Folder::find()?;
    match command {
        Command::Run(options) => {
            let _lock = folder.lock()?;
            let kept = "What was recorded is kept; `make reset` clears it.";
            runtime()?.block_on(run::until_stopped(run::stack(&folder, &options), kept))
        }
        Command::Deploy { port } => {
            let _lock = folder.lock()?;
            let gone = "What was recorded is gone.";
            runtime()?.block_on(run::until_stopped(deploy::stack(&folder, port), gone))
        }
        Command::Token { sub, role } => {
            println!("{}", folder.issuer()?.token(sub.as_str(), role, now()?)?);
            Ok(())
        }
        Command::Reset => {
            let _lock = folder.lock()?;
            let journals = ["-wal", "-shm"].map(|suffix| format!("{DATABASE}{suffix}"));
            for name in [KEY, DATABASE, LOG, gateway::LOG].into_iter().chain(journals.iter().map(String::as_str)) {
                match fs::remove_file(folder.file(name)) {
                    Err(error) if error.kind() != ErrorKind::NotFound => {
                        return Err(error).with_context(|| format!("The file .local/{name} cannot be removed"));
                    }
                    _ => {}
                }
            }
            println!("Nothing is recorded here any more. `make run` starts afresh.");
            Ok(())
        }
    }
}

fn runtime() -> Result<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Seconds since 1970.
fn now() -> Result<i64> {
    Ok(i64::try_from(clock::millis()? / 1_000)?)
}
