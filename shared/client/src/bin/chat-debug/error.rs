//! Why a command failed: a text for people, an exit code for scripts.

use client::Error;
use std::{io, path::PathBuf, process::ExitCode};

#[derive(Debug)]
pub(crate) enum CommandError {
    /// The call failed.
    Client(Error),
    /// A recorder did not say whose chat it asks about.
    NoOwner(Error),
    /// Nobody said whose chat it is.
    OwnerNeeded,
    /// There is no token.
    NoToken,
    /// Printing failed.
    Output(io::Error),
    /// An answer cannot be printed as JSON.
    Json(serde_json::Error),
    /// A content cannot be written into this file.
    Save(PathBuf, io::Error),
    /// The clock shows no year from 1970 to 9999.
    Clock,
    /// There is no terminal to ask in whether to delete.
    Unasked,
    /// The answer was not to delete.
    Declined,
    /// Conversations were not recorded; why has been printed.
    Unrecorded(&'static str),
}

impl CommandError {
    /// What to print; nothing when the reader of the output has gone.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Client(error) => Some(error.to_string()),
            Self::NoOwner(_) => {
                Some("A recorder has to name the chat's owner. Give --owner, or use a token of the owner.".to_owned())
            }
            Self::OwnerNeeded => Some(
                "Say with --owner whose chat it is: a replay records for a user, and what is no id is a user's word."
                    .to_owned(),
            ),
            Self::NoToken => Some(
                "A token is needed. Set CHAT_DEBUG_TOKEN or give --token; `make -s token` prints one for the local stack."
                    .to_owned(),
            ),
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => None,
            Self::Output(error) => Some(format!("The output cannot be written: {error}.")),
            Self::Json(error) => Some(format!("The answer cannot be printed: {error}.")),
            Self::Save(file, error) => Some(format!("{} cannot be written: {error}.", file.display())),
            Self::Clock => Some("The system's clock is wrong. Set it, or give --start.".to_owned()),
            Self::Unasked => {
                Some("Deleting is for ever, and there is no terminal to ask in. Give --yes to delete.".to_owned())
            }
            Self::Declined => Some("Nothing was deleted.".to_owned()),
            Self::Unrecorded(text) => Some((*text).to_owned()),
        }
    }

    /// The code that `--help` documents.
    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(self.number())
    }

    fn number(&self) -> u8 {
        match self {
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
            Self::NoToken
            | Self::OwnerNeeded
            | Self::Unasked
            | Self::Client(Error::InvalidBaseUrl(_) | Error::InvalidToken) => 2,
            Self::Client(error) | Self::NoOwner(error) => match error.status() {
                Some(404) => 3,
                Some(401 | 403) => 4,
                _ if error.is_unavailable() => 5,
                _ => 1,
            },
            Self::Output(_) | Self::Json(_) | Self::Save(..) | Self::Clock | Self::Declined | Self::Unrecorded(_) => 1,
        }
    }
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        Self::Client(error)
    }
}

impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::problem::Problem;

    fn number(problem: &Problem) -> u8 {
        CommandError::Client(Error::Problem { problem: Box::new(problem.body()), request_id: None }).number()
    }

    #[test]
    fn codes_tell_scripts_what_happened() {
        for (problem, code) in [
            (Problem::NotFound, 3),
            (Problem::Unauthenticated, 4),
            (Problem::GateClosed, 4),
            (Problem::Unavailable, 5),
            (Problem::ForcedByDeployment, 1),
            (Problem::Internal, 1),
        ] {
            assert_eq!(number(&problem), code, "{problem:?}");
        }
        let unreachable = Error::Unreachable { base: String::new(), cause: String::new() };
        assert_eq!(CommandError::Client(unreachable).number(), 5);
        assert_eq!(CommandError::NoToken.number(), 2);
    }

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        let error = CommandError::Output(io::ErrorKind::BrokenPipe.into());
        assert_eq!((error.number(), error.text()), (0, None));
    }
}
