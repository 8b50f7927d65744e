//! `chat-debug`: reads, steers and records debug runs from a terminal.
//!
//! It shows what the service answers and decides nothing. Whatever comes out of a recording is
//! text of strangers: it reaches the terminal only through [`terminal`], which makes it harmless.
//!
//! - [`args`]: the command line
//! - [`runs`], [`page`]: a chat's runs as a table, one run as a page
//! - [`settings`], [`explain`]: the switches, and why a chat is recorded or not
//! - [`delete`]: recordings deleted, once it is confirmed
//! - [`replay`]: recorded traffic, recorded again
//! - [`terminal`], [`failure`]: what is printed, and how it ends

mod args;
mod delete;
mod explain;
mod failure;
mod page;
mod replay;
mod runs;
mod settings;
mod terminal;

use args::{Arguments, Command};
use clap::Parser;
use client::Client;
use failure::Failure;
use std::{
    io::{self, Write},
    process::ExitCode,
};
use terminal::Screen;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut screen = Screen::stdout(arguments.color);
    let outcome = run(arguments, &mut screen).await;
    match outcome.and_then(|()| Ok(screen.flush()?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // What was printed before comes before; a reader that went away needs neither.
            let _ = screen.flush();
            if let Some(text) = failure.text() {
                let _ = writeln!(io::stderr(), "chat-debug: {}", terminal::one_line(&text));
            }
            failure.code()
        }
    }
}

async fn run(arguments: Arguments, screen: &mut Screen<impl Write>) -> Result<(), Failure> {
    let token = arguments.token.ok_or(Failure::NoToken)?;
    let client = Client::new(&arguments.url, &token)?;
    match arguments.command {
        Command::Runs(arguments) => runs::show(&client, &arguments, screen).await,
        Command::Run { chat, run, json } => {
            let detail = client.read_run(chat, run).await?;
            if json { screen.json(&detail) } else { Ok(page::render(&detail, screen)?) }
        }
        Command::Settings(command) => settings::run(&client, &command, screen).await,
        Command::Explain { chat, owner, json } => explain::show(&client, (chat, owner.as_ref()), json, screen).await,
        Command::Replay(arguments) => replay::run(&client, &arguments, screen).await,
        Command::Delete(command) => delete::run(&client, &command, screen).await,
    }
}
