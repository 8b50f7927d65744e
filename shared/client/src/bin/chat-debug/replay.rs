//! Records conversations from files, one after the other.
//!
//! What the service decided not to record is printed at the end; it is an error only when nothing was recorded. A
//! conversation that is refused is printed, and the next one follows. An error that every conversation would meet ends
//! the replay.

use crate::{
    args::{self, Naming},
    error::CommandError,
    terminal::{Screen, one_line},
};
use api::{
    external::ChatName,
    ids::{RunId, UserId},
    json::StringEnum,
    settings::DecidedBy,
    time::Timestamp,
};
use client::{
    Client, Error, RunOutcome,
    replay::{Conversation, ReadError, ReplayedTurn, chat_of, conversations, record},
};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read, Write},
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

pub(crate) async fn run(
    client: &Client,
    naming: &Naming,
    arguments: &args::Replay,
    screen: &mut Screen<impl Write>,
) -> Result<(), CommandError> {
    let owner = naming.owner.as_ref().ok_or(CommandError::OwnerNeeded)?;
    let mut replay = Replay {
        client,
        owner,
        chat: arguments.chat.clone().map(|chat| naming.name(chat)),
        arguments,
        next_start: arguments.start,
        tally: Tally::default(),
        bar: bar(&arguments.files),
        unprinted: None,
    };
    let outcome = replay.files(screen).await;
    replay.bar.finish_and_clear();
    replay.tally.tell();
    outcome?;
    replay.tally.verdict()?;
    replay.unprinted.map_or(Ok(()), |error| Err(error.into()))
}

struct Replay<'a> {
    client: &'a Client,
    /// The user whose opt-in counts and who may read the chats.
    owner: &'a UserId,
    /// The chat for every run.
    chat: Option<ChatName>,
    arguments: &'a args::Replay,
    /// Where the next conversation begins, when a start was given.
    next_start: Option<Timestamp>,
    tally: Tally,
    bar: ProgressBar,
    /// Why printing failed. Recording goes on without it.
    unprinted: Option<io::Error>,
}

/// What became of the conversations.
#[derive(Default)]
struct Tally {
    recorded: u64,
    not_recorded: BTreeMap<&'static str, u64>,
    failed: u64,
    /// How often each refusal came.
    refusals: BTreeMap<String, u64>,
}

impl Replay<'_> {
    async fn files(&mut self, screen: &mut Screen<impl Write>) -> Result<(), CommandError> {
        for path in &self.arguments.files {
            let name = path.display().to_string();
            let file: Box<dyn Read> = if path.as_os_str() == "-" {
                Box::new(io::stdin())
            } else {
                match File::open(path) {
                    Ok(file) => Box::new(file),
                    Err(error) => {
                        self.failed(&ReadError::unopened(&name, error).to_string());
                        continue;
                    }
                }
            };
            self.file(file, &name, screen).await?;
        }
        Ok(())
    }

    async fn file(
        &mut self,
        file: Box<dyn Read>,
        name: &str,
        screen: &mut Screen<impl Write>,
    ) -> Result<(), CommandError> {
        let mut lines = conversations(self.bar.wrap_read(file), name).peekable();
        if lines.peek().is_none() {
            self.say(&format!("{name} is empty."));
        }
        let mut is_corpus = false;
        while let Some(line) = lines.next() {
            match line {
                Ok(conversation) => {
                    is_corpus = true;
                    self.conversation(&conversation, screen).await?;
                }
                Err(error) => {
                    self.failed(&error.to_string());
                    // The first line is no conversation, so the file is of another kind.
                    if !is_corpus && lines.peek().is_some() {
                        self.say(&format!("The rest of {name} is not read, as it does not begin with a conversation."));
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    async fn conversation(
        &mut self,
        conversation: &Conversation,
        screen: &mut Screen<impl Write>,
    ) -> Result<(), CommandError> {
        let chat = self.chat.clone().unwrap_or_else(|| chat_of(&conversation.source));
        let turn = ReplayedTurn::new(conversation, self.owner, &chat, self.start(conversation)?);
        match record(self.client, &turn).await {
            Ok(RunOutcome::Created(run, _) | RunOutcome::Repeated(run, _)) => {
                self.tally.recorded += 1;
                if self.unprinted.is_none() {
                    self.unprinted = self.print(&turn, run.id, &conversation.source, screen).err();
                }
            }
            Ok(RunOutcome::NotRecorded(decision)) => {
                *self.tally.not_recorded.entry(reason(decision.decided_by)).or_default() += 1;
            }
            Err(error) if ends_everything(&error) => return Err(error.into()),
            Err(error) => self.refused(&conversation.source, format!("{error}{}", hint(&error))),
        }
        Ok(())
    }

    /// One after the other from `--start`; without it, such that each has just ended.
    fn start(&mut self, conversation: &Conversation) -> Result<Timestamp, CommandError> {
        let length = ReplayedTurn::duration(conversation);
        let Some(start) = self.next_start else { return shifted(now()?, length, i64::checked_sub) };
        self.next_start = Some(shifted(start, length, i64::checked_add)?);
        Ok(start)
    }

    fn print(&self, turn: &ReplayedTurn, run: RunId, source: &str, screen: &mut Screen<impl Write>) -> io::Result<()> {
        self.bar.suspend(|| {
            screen.line(&format!("{}\t{run}\t{}", turn.chat, one_line(source)))?;
            screen.flush()
        })
    }

    /// Prints a refusal once; the end says how often it came.
    fn refused(&mut self, source: &str, text: String) {
        if let Some(count) = self.tally.refusals.get_mut(&text) {
            *count += 1;
            self.tally.failed += 1;
        } else {
            self.failed(&format!("{source}: {text}"));
            self.tally.refusals.insert(text, 1);
        }
    }

    fn failed(&mut self, text: &str) {
        self.tally.failed += 1;
        self.say(text);
    }

    fn say(&self, text: &str) {
        self.bar.suspend(|| {
            let _ = writeln!(io::stderr(), "chat-debug: {}", one_line(text));
        });
    }
}

impl Tally {
    fn tell(&self) {
        let mut stderr = io::stderr();
        let _ = writeln!(stderr, "Recorded: {}.", self.recorded);
        for (reason, count) in &self.not_recorded {
            let _ = writeln!(stderr, "Not recorded: {count}, because {reason}.");
        }
        for (text, count) in self.refusals.iter().filter(|(_, count)| **count > 1) {
            let _ = writeln!(stderr, "{count} × {}", one_line(text));
        }
        if self.failed > 0 {
            let _ = writeln!(stderr, "Failed: {}, see above.", self.failed);
        }
    }

    fn verdict(&self) -> Result<(), CommandError> {
        if self.failed > 0 {
            Err(CommandError::Unrecorded("Some conversations could not be recorded."))
        } else if self.recorded == 0 {
            Err(CommandError::Unrecorded("Nothing was recorded."))
        } else {
            Ok(())
        }
    }
}

/// Whether the next conversation would meet the error too.
fn ends_everything(error: &Error) -> bool {
    error.is_unavailable() || (!error.is_too_large() && matches!(error.status(), None | Some(401 | 403)))
}

fn hint(error: &Error) -> &'static str {
    match error.slug() {
        Some("not-found") => " The chat was deleted, which is for ever; give another one with --chat.",
        Some("other-owner") => " Give the chat's owner with --owner, or another chat with --chat.",
        _ => "",
    }
}

fn reason(decided_by: DecidedBy) -> &'static str {
    match decided_by {
        DecidedBy::Gate => "the gate is closed (an admin opens it: `chat-debug settings gate on`)",
        DecidedBy::Chat => "the chat is set to off (its owner sets it: `chat-debug settings chat CHAT on`)",
        DecidedBy::User => "the owner has not opted in (with `chat-debug settings user on`)",
        DecidedBy::Deployment => DecidedBy::Deployment.as_str(),
    }
}

/// A progress bar over the bytes of all files; indicatif hides it when stderr is no terminal.
fn bar(files: &[impl AsRef<Path>]) -> ProgressBar {
    let sizes = files.iter().filter_map(|file| file.as_ref().metadata().ok());
    let bar = ProgressBar::new(sizes.map(|metadata| metadata.len()).sum());
    match ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {elapsed}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn shifted(time: Timestamp, by: Duration, shift: fn(i64, i64) -> Option<i64>) -> Result<Timestamp, CommandError> {
    let by = i64::try_from(by.as_micros()).ok();
    by.and_then(|by| shift(time.micros(), by)).and_then(Timestamp::from_micros).ok_or(CommandError::Clock)
}

/// The only place that asks for the time.
#[expect(clippy::disallowed_methods, reason = "a command line has no service::clock; a given --start moves time")]
fn now() -> Result<Timestamp, CommandError> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| CommandError::Clock)?;
    let micros = i64::try_from(since.as_micros()).map_err(|_| CommandError::Clock)?;
    Timestamp::from_micros(micros).ok_or(CommandError::Clock)
}
