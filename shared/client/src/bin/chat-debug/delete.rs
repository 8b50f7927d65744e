//! Deletes recordings, once that is confirmed.

use crate::{
    args::{Delete, Naming},
    error::CommandError,
    terminal::Screen,
};
use client::{Client, Error};
use std::io::{self, BufRead, IsTerminal, Write};

pub(crate) async fn run(
    client: &Client,
    naming: &Naming,
    command: Delete,
    screen: &mut Screen<impl Write>,
) -> Result<(), CommandError> {
    match command {
        Delete::Run { chat, run, yes } => {
            let chat = naming.id(chat)?;
            confirm(yes, &format!("Delete run {run} of chat {chat}, for ever?"))?;
            told(async |on_rest| client.delete_debug_run(chat, run, on_rest).await).await?;
            screen.line(&format!("Run {run} of chat {chat} is deleted, for ever."))?;
        }
        Delete::Chat { chat, yes } => {
            let chat = naming.id(chat)?;
            confirm(
                yes,
                &format!("Delete every recording of chat {chat}, for ever, and never record anything of it again?"),
            )?;
            told(async |on_rest| client.delete_chat(chat, on_rest).await).await?;
            screen.line(&format!(
                "Every recording of chat {chat} is deleted, for ever. Nothing of it will be recorded again."
            ))?;
        }
    }
    Ok(())
}

/// Prints the progress of a deletion that takes several calls, and what is left when it fails.
async fn told(delete: impl AsyncFnOnce(&mut dyn FnMut(u32)) -> Result<(), Error>) -> Result<(), Error> {
    let mut told = 0;
    let outcome = delete(&mut |calls| {
        told = calls;
        let _ = writeln!(io::stderr(), "chat-debug: A part is deleted, the rest is hidden; going on ({calls}).");
    })
    .await;
    match outcome {
        Err(error) if told > 0 && !matches!(error, Error::Undeleted { .. }) => {
            let _ = writeln!(io::stderr(), "chat-debug: The rest is left, and hidden. The same command goes on.");
            Err(error)
        }
        outcome => outcome,
    }
}

/// Asks on stderr, which must be a terminal too: the question has to be seen.
fn confirm(yes: bool, question: &str) -> Result<(), CommandError> {
    let (stdin, stderr) = (io::stdin(), io::stderr());
    if yes {
        Ok(())
    } else if stdin.is_terminal() && stderr.is_terminal() {
        ask(question, &mut stdin.lock(), &mut stderr.lock())
    } else {
        Err(CommandError::Unasked)
    }
}

fn ask(question: &str, answers: &mut impl BufRead, questions: &mut impl Write) -> Result<(), CommandError> {
    write!(questions, "{question} [y/N] ")?;
    questions.flush()?;
    let mut answer = String::new();
    answers.read_line(&mut answer)?;
    match &*answer.trim().to_ascii_lowercase() {
        "y" | "yes" => Ok(()),
        _ => Err(CommandError::Declined),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_is_a_yes() {
        for (answer, expected) in [("y\n", true), ("Yes\n", true), ("n\n", false), ("\n", false), ("", false)] {
            let mut asked = Vec::new();
            let outcome = ask("Delete?", &mut answer.as_bytes(), &mut asked);
            assert_eq!(outcome.is_ok(), expected, "{answer:?}");
            assert_eq!(asked, b"Delete? [y/N] ");
        }
    }
}
