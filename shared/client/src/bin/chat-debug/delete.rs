//! Deletes recordings, once whoever sits there has said so.

use crate::{args::Delete, failure::Failure, terminal::Screen};
use client::Client;
use std::io::{self, BufRead, IsTerminal, Write};

pub(crate) async fn run(client: &Client, command: &Delete, screen: &mut Screen<impl Write>) -> Result<(), Failure> {
    match command {
        Delete::Run { chat, run, yes } => {
            confirm(*yes, &format!("Delete run {run} of chat {chat}, for ever?"))?;
            client.delete_debug_run(*chat, *run).await?;
            screen.line(&format!("Run {run} of chat {chat} is deleted, for ever."))?;
        }
        Delete::Chat { chat, yes } => {
            confirm(
                *yes,
                &format!("Delete every recording of chat {chat}, for ever, and never record anything of it again?"),
            )?;
            client.delete_chat(*chat).await?;
            screen.line(&format!(
                "Every recording of chat {chat} is deleted, for ever. Nothing of it will be recorded again."
            ))?;
        }
    }
    Ok(())
}

/// The question goes to stderr, which must be seen for the answer to mean anything.
fn confirm(yes: bool, question: &str) -> Result<(), Failure> {
    let (stdin, stderr) = (io::stdin(), io::stderr());
    if yes {
        Ok(())
    } else if stdin.is_terminal() && stderr.is_terminal() {
        ask(question, &mut stdin.lock(), &mut stderr.lock())
    } else {
        Err(Failure::Unasked)
    }
}

fn ask(question: &str, answers: &mut impl BufRead, questions: &mut impl Write) -> Result<(), Failure> {
    write!(questions, "{question} [y/N] ")?;
    questions.flush()?;
    let mut answer = String::new();
    answers.read_line(&mut answer)?;
    match &*answer.trim().to_ascii_lowercase() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::Declined),
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
