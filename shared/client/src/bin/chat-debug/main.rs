//! `chat-debug`: reads, steers and records debug runs from a terminal.
//!
//! It shows what the service answers and decides nothing. A recording may hold any text, escape sequences included, so
//! that it is printed through [`terminal`] alone, which makes it harmless.
//!
//! - [`args`]: the command line
//! - [`chats`], [`runs`]: one's own chats, and a chat's runs, as tables
//! - [`run`]: one run as a page; [`mod@part`] puts parts in words, [`shown`] knows what earlier steps have shown
//! - [`save`]: the contents of a run's steps as files; [`export`]: a run as a HAR
//! - [`settings`], [`explain`]: the switches, and why a chat is recorded or not, by its [`tiers`]
//! - [`keys`]: makes, lists and revokes recorder keys
//! - [`delete`]: deletes recordings, once that is confirmed
//! - [`replay`]: records captured traffic
//! - [`terminal`], [`error`]: what is printed, and how a command fails

mod args;
mod chats;
mod delete;
mod error;
mod explain;
mod export;
mod keys;
mod part;
mod replay;
mod run;
mod runs;
mod save;
mod settings;
mod shown;
mod terminal;
mod tiers;

use args::{Arguments, Command, Naming};
use clap::Parser;
use client::Client;
use error::CommandError;
use std::{
    io::{self, Write},
    process::ExitCode,
};
use terminal::Screen;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut screen = Screen::stdout(arguments.color);
    let outcome = execute(arguments, &mut screen).await;
    match outcome.and_then(|()| Ok(screen.flush()?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // What was printed before comes before; a reader that went away needs neither.
            let _ = screen.flush();
            if let Some(text) = error.text() {
                let _ = writeln!(io::stderr(), "chat-debug: {}", terminal::one_line(&text));
            }
            error.code()
        }
    }
}

async fn execute(arguments: Arguments, screen: &mut Screen<impl Write>) -> Result<(), CommandError> {
    let token = arguments.token.ok_or(CommandError::NoToken)?;
    let client = Client::new(&arguments.url, &token)?;
    let naming = Naming { owner: arguments.owner, by_word: arguments.by_word };
    match arguments.command {
        Command::Chats(arguments) => chats::show(&client, &arguments, screen).await,
        Command::Runs(arguments) => {
            let chat = naming.id(arguments.chat.clone())?;
            runs::show(&client, chat, &arguments, screen).await
        }
        Command::Run { chat, run, json, save } => {
            let detail = client.read_run(naming.id(chat)?, run).await?;
            match save {
                Some(folder) => save::save(&client, &detail, &folder, screen).await,
                None if json => screen.json(&detail),
                None => Ok(run::render(&detail, screen)?),
            }
        }
        Command::Export { chat, run, output } => export::export(&client, (naming.id(chat)?, run), output, screen).await,
        Command::Settings(command) => settings::run(&client, &naming, command, screen).await,
        Command::Explain { chat, json } => {
            let (chat, id) = (naming.name(chat.clone()), naming.id(chat)?);
            explain::show(&client, (&chat, id, naming.owner.as_ref()), json, screen).await
        }
        Command::Replay(arguments) => replay::run(&client, &naming, &arguments, screen).await,
        Command::Keys(command) => keys::run(&client, command, screen).await,
        Command::Delete(command) => delete::run(&client, &naming, command, screen).await,
    }
}
