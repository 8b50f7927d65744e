//! The command line.

use crate::error::CommandError;
use api::json::StringEnum;
use api::{
    external::ChatName,
    ids::{ChatId, KeyId, MessageText, RunId, UserId},
    recorder_keys::KeyLabel,
    run::RunKind,
    settings::ChatOverride,
    status::Status,
    time::Timestamp,
};
use clap::{
    Args, Parser, Subcommand, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};
use std::path::PathBuf;

const AFTER_HELP: &str = "\
CHAT is a chat's id, or the chat product's own word for it together with --owner.

Exit codes:
  0  done
  1  refused, or failed
  2  wrong usage
  3  not found
  4  not authorised
  5  unavailable; the same command may succeed later";

/// Reads, steers and records debug runs of chats.
#[derive(Debug, Parser)]
#[command(name = "chat-debug", version, after_help = AFTER_HELP, after_long_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Where the service is
    #[arg(long, global = true, env = "CHAT_DEBUG_URL", default_value = "http://127.0.0.1:9000")]
    pub url: String,
    /// Who is calling: a bearer token, or a recorder key. The environment is the safer place, as command lines can be
    /// seen by others
    #[arg(long, global = true, env = "CHAT_DEBUG_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// Whose the chats are: a recorder has to say so, and whoever names a chat by the chat product's own word
    #[arg(long, global = true, env = "CHAT_DEBUG_OWNER")]
    pub owner: Option<UserId>,
    /// CHAT is the chat product's own word for the chat, also where it is spelled like an id
    #[arg(long, global = true)]
    pub by_word: bool,
    /// Whether to colour; `auto` does in a terminal, unless `NO_COLOR` is set
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists one's own chats, newest registration first
    Chats(Chats),
    /// Lists a chat's runs, newest first
    Runs(Runs),
    /// Shows a run with its steps
    Run {
        /// The chat
        chat: ChatName,
        /// The run
        run: RunId,
        /// Print what the service answers, with all steps, as JSON
        #[arg(long)]
        json: bool,
        /// Write each body and normalized form into a file of its own in this folder; none that exists is overwritten
        #[arg(long, value_name = "DIR", conflicts_with = "json")]
        save: Option<PathBuf>,
    },
    /// Writes a run's HTTP exchanges into a HAR, which browsers' network panels and `replay` read
    Export {
        /// The chat
        chat: ChatName,
        /// The run
        run: RunId,
        /// The file, which must not exist yet [default: run-ID.har]
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Shows or sets what is recorded
    #[command(subcommand)]
    Settings(Settings),
    /// Says why a chat is recorded or not
    Explain {
        /// The chat
        chat: ChatName,
        /// Print what the service answers, as one JSON object; null is what the token may not see
        #[arg(long)]
        json: bool,
    },
    /// Records conversations from files of LLM traffic; needs a recorder's token
    Replay(Replay),
    /// Makes, lists and revokes recorder keys
    #[command(subcommand)]
    Keys(Keys),
    /// Deletes recordings, for ever
    #[command(subcommand)]
    Delete(Delete),
}

#[derive(Debug, Args)]
pub(crate) struct Chats {
    /// How many chats to show
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// Show every chat
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
    /// Print what the service answers, as one JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Runs {
    /// The chat
    pub chat: ChatName,
    /// How many runs to show
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// Only runs with this status
    #[arg(long, value_parser = string_enum::<Status>())]
    pub status: Option<Status>,
    /// Only runs of this kind
    #[arg(long, value_parser = string_enum::<RunKind>())]
    pub kind: Option<RunKind>,
    /// Only runs that this message of the chat product started
    #[arg(long, value_name = "ID")]
    pub trigger_message: Option<MessageText>,
    /// Show every run
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
    /// Print what the service answers, as one JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Settings {
    /// Shows every setting that the token may see
    Show {
        /// A chat to show as well
        chat: Option<ChatName>,
        /// The same
        #[arg(long = "chat", id = "named", value_name = "CHAT", conflicts_with = "chat")]
        named: Option<ChatName>,
        /// Print what the service answers, as one JSON object; null is what the token may not see
        #[arg(long)]
        json: bool,
    },
    /// Opts in to or out of having one's chats recorded
    User {
        /// In or out
        switch: Switch,
    },
    /// Allows or forbids users to record; for admins
    Gate {
        /// Open or closed
        switch: Switch,
    },
    /// Overrides one's opt-in for a chat
    Chat {
        /// The chat
        chat: ChatName,
        /// What decides
        #[arg(value_name = "OVERRIDE")]
        over: Override,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

impl Switch {
    pub(crate) const fn is_on(self) -> bool {
        matches!(self, Self::On)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Override {
    /// The owner's opt-in decides
    Inherit,
    /// Record the chat, whatever the opt-in
    On,
    /// Never record the chat
    Off,
}

impl From<Override> for ChatOverride {
    fn from(over: Override) -> Self {
        match over {
            Override::Inherit => Self::Inherit,
            Override::On => Self::On,
            Override::Off => Self::Off,
        }
    }
}

const REPLAY_HELP: &str = "\
The files hold one JSON object a line, gzipped or not:

  {\"source\": \"where it is from\",
   \"calls\": [{\"method\", \"url\", \"request_headers\", \"request_body\",
              \"status\", \"response_headers\", \"response_body\"}]}

A body is a string, or {\"base64\": …} when it is no UTF-8. A line becomes a run, a
call a step; a refused request that is sent again becomes the step's next attempt.
A HAR, as a browser or mitmproxy exports it, becomes a run of the entries that call
a model.

Each run that is recorded is printed as a line: chat id, run id and source,
separated by tabs.";

#[derive(Debug, Args)]
#[command(after_long_help = REPLAY_HELP)]
pub(crate) struct Replay {
    /// Files of conversations, .jsonl or .jsonl.gz, or .har; - is the standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The chat for every run; otherwise each source has a chat of its own, which is called like it
    #[arg(long)]
    pub chat: Option<ChatName>,
    /// When the first conversation began; the same start makes a repeated replay record nothing twice
    /// [default: such that each has just ended]
    #[arg(long, value_name = "TIME")]
    pub start: Option<Timestamp>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Makes a key, and prints it: nobody can read it again. It records for the token's user alone
    Create {
        /// The key records for any owner; for admins
        #[arg(long)]
        general: bool,
        /// What to tell the key by
        #[arg(long)]
        label: Option<KeyLabel>,
        /// Until when the key is good [default: for ever]
        #[arg(long, value_name = "TIME")]
        expires: Option<Timestamp>,
        /// Print what the service answers, as one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Lists one's own keys, and an admin's general ones
    List {
        /// Print what the service answers, as one JSON array
        #[arg(long)]
        json: bool,
    },
    /// Revokes a key, for ever
    Revoke {
        /// The key's id, which `list` shows
        key: KeyId,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Delete {
    /// Deletes a run, for ever
    Run {
        /// The chat
        chat: ChatName,
        /// The run
        run: RunId,
        /// Do not ask; needed where there is no terminal to ask in
        #[arg(long)]
        yes: bool,
    },
    /// Deletes everything recorded of a chat, for ever; nothing of it will be recorded again
    Chat {
        /// The chat
        chat: ChatName,
        /// Do not ask; needed where there is no terminal to ask in
        #[arg(long)]
        yes: bool,
    },
}

/// What the names of chats mean, as the command line says.
pub(crate) struct Naming {
    pub(crate) owner: Option<UserId>,
    pub(crate) by_word: bool,
}

impl Naming {
    /// The chat of a name.
    pub(crate) fn name(&self, name: ChatName) -> ChatName {
        if self.by_word { name.into_external() } else { name }
    }

    /// The id of a chat. A word is its owner's, so that it needs one.
    pub(crate) fn id(&self, name: ChatName) -> Result<ChatId, CommandError> {
        match (self.name(name), &self.owner) {
            (ChatName::Id(id), _) => Ok(id),
            (name, Some(owner)) => Ok(name.id(owner)),
            (ChatName::External(_), None) => Err(CommandError::OwnerNeeded),
        }
    }
}

/// A parser of a closed list of strings, which the help and the errors then list.
fn string_enum<T: StringEnum + Send + Sync>() -> impl TypedValueParser<Value = T> {
    let strings = PossibleValuesParser::new(T::ALL.iter().map(|value| value.as_str()));
    strings.try_map(|given| T::parse(&given).ok_or("must be one of the words above"))
}

/// How many entries of a list are wanted, and how many of them on a page.
pub(crate) fn wanted(all: bool, limit: u32) -> (usize, u8) {
    /// The most that a page holds.
    const PAGE: u8 = 100;
    let wanted = if all { usize::MAX } else { usize::try_from(limit).unwrap_or(usize::MAX) };
    (wanted, u8::try_from(wanted).map_or(PAGE, |limit| limit.min(PAGE)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    const CHAT: &str = "018f4e3c-9a1b-7def-8123-456789abcdef";

    fn parse(line: &str) -> Result<Command, clap::Error> {
        let words = format!("chat-debug {line}");
        Arguments::try_parse_from(words.split(' ')).map(|arguments| arguments.command)
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn names_become_values() {
        let Ok(Command::Runs(runs)) = parse(&format!("runs {CHAT} --status error --kind quickgen --limit 3")) else {
            panic!("no runs");
        };
        assert_eq!((runs.status, runs.kind, runs.limit), (Some(Status::Error), Some(RunKind::Quickgen), 3));
    }

    #[test]
    fn the_chat_to_show_may_be_anywhere() {
        for line in [format!("settings show {CHAT}"), format!("settings show --chat {CHAT}")] {
            let Ok(Command::Settings(Settings::Show { chat, named, .. })) = parse(&line) else { panic!("{line}") };
            assert!(chat.or(named).is_some(), "{line}");
        }
        assert!(parse(&format!("settings show {CHAT} --chat {CHAT}")).is_err());
    }

    #[test]
    fn wrong_usage_is_refused_with_code_2() {
        for line in [
            "",
            "runs",
            "runs ",
            &format!("runs {CHAT} --status x"),
            &format!("runs {CHAT} --limit 0"),
            "replay",
            "settings user maybe",
        ] {
            let error = parse(line).expect_err(line);
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn the_help_never_shows_a_token() {
        let mut command = Arguments::command();
        let token = command.get_arguments().find(|argument| argument.get_id() == "token").expect("an argument");
        assert!(token.is_hide_env_values_set());
        assert!(command.render_long_help().to_string().contains("Exit codes"));
    }
}
