//! The turns that both backends record, in the form that each of them takes.

use super::otlp::{self, Trace};
use crate::{
    exchange::{self, Exchange},
    sample::kilobytes,
    workload,
};
use anyhow::Result;
use api::run::CreateRun;
use std::path::Path;

/// How often the corpus is recorded, each time with ids of its own.
const ROUNDS: usize = 2;
/// How many turns are made.
const MADE: u32 = 60;
/// What a made turn is: so many steps of so many bytes.
const MADE_STEPS: u32 = 12;
const MADE_BYTES: usize = 12_000;

#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Recorded traffic.
    Corpus,
    Made,
}

/// Turns of a kind, which go into a chat, and a project of Phoenix's, of their own.
pub(super) struct Workload {
    pub(super) kind: Kind,
    pub(super) name: String,
    /// The chat's number, and in its path.
    pub(super) chat: u32,
    pub(super) turns: Vec<Turn>,
}

/// A turn, ready to be sent.
pub(super) struct Turn {
    pub(super) run: CreateRun,
    /// What chat-debug is posted.
    pub(super) body: String,
    /// What Phoenix is posted.
    pub(super) trace: Trace,
}

impl Workload {
    /// The recorded traffic beside the repository.
    pub(super) fn corpus(owner: &str, folder: &Path) -> Result<Self> {
        let turns = workload::corpus(owner, folder, ROUNDS)?;
        // All go to one chat, which their source's name does not name.
        let turns = turns.into_iter().map(|turn| Turn::new("corpus", CreateRun { external_id: None, ..turn.run }));
        Ok(Self { kind: Kind::Corpus, name: "corpus".to_owned(), chat: 1, turns: turns.collect::<Result<_>>()? })
    }

    pub(super) fn made(owner: &str) -> Result<Self> {
        let turn = |n| {
            let run = workload::turn(owner, n, MADE_STEPS, MADE_BYTES);
            Turn::new("made", serde_json::from_value(run)?)
        };
        let name = format!("{MADE_STEPS} × {} KB", kilobytes(MADE_BYTES));
        Ok(Self { kind: Kind::Made, name, chat: 2, turns: (0..MADE).map(turn).collect::<Result<_>>()? })
    }

    /// Phoenix's name of it.
    pub(super) fn project(&self) -> &str {
        self.turns.first().map_or("", |turn| &turn.trace.project)
    }
}

impl Turn {
    fn new(project: &str, run: CreateRun) -> Result<Self> {
        Ok(Self { body: serde_json::to_string(&run)?, trace: otlp::trace(project, &run)?, run })
    }

    /// What its steps exchanged with the model.
    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        self.run.steps.iter().map(exchange::sent).collect()
    }
}
