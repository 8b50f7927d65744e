//! The local stack's command line, behind `make run`, `make deploy-local`, `make token` and `make reset`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks to a person")]

mod deploy;
mod folder;
mod functions;
mod run;
mod sample;
mod stack_client;
mod welcome;

use anyhow::{Context, Result};
use api::ids::UserId;
use clap::Parser;
use folder::{DATABASE, Folder, KEY, LOG};
use local::{clock, gateway, issuer::TokenRole};
use run::Options;
use std::{fs, io::ErrorKind, process::ExitCode};
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
        role: TokenRole,
    },
    /// Forgets everything that was recorded here, and the issuer's key. The tools stay.
    Reset,
}

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
            println!("{}", folder.issuer()?.token(sub.as_str(), role, clock::seconds()?)?);
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
