//! The turns that both backends record, in the form that each of them takes.

use super::{
    exchange::{self, Exchange},
    otlp::{self, Trace},
};
use crate::{sample::kilobytes, workload};
use anyhow::Result;
use api::{run::CreateRun, time::Timestamp};
use client::replay::{self, ReplayedTurn};
use std::{fs, path::Path};

/// How often the corpus is recorded, each time with ids of its own.
const ROUNDS: usize = 2;
/// How many turns are made.
const MADE: u32 = 60;
/// What a made turn is: so many steps of so many bytes.
const MADE_STEPS: u32 = 12;
const MADE_BYTES: usize = 12_000;

/// Turns of a kind, which go into a chat, and a project of Phoenix's, of their own.
pub(super) struct Workload {
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
    /// The recorded traffic beside the repository, a second after each other.
    pub(super) fn corpus(owner: &str, folder: &Path) -> Result<Self> {
        let owner = owner.parse()?;
        let mut files: Vec<_> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        files.retain(|file| file.to_string_lossy().ends_with(".jsonl.gz"));
        files.sort();
        let mut turns = Vec::new();
        let mut start: Timestamp = "2026-01-02T03:04:05Z".parse()?;
        for file in files.iter().cycle().take(files.len() * ROUNDS) {
            for conversation in replay::open(file)? {
                let conversation = conversation?;
                let chat = replay::chat_id(&owner, &conversation.source);
                turns.push(Turn::new("corpus", ReplayedTurn::new(&conversation, &owner, chat, start).run)?);
                start = Timestamp::from_micros(start.micros() + 1_000_000).unwrap_or(start);
            }
        }
        Ok(Self { name: "corpus".to_owned(), chat: 1, turns })
    }

    pub(super) fn made(owner: &str) -> Result<Self> {
        let turn = |n| {
            let run = workload::turn(owner, n, MADE_STEPS, MADE_BYTES);
            Turn::new("made", serde_json::from_value(run)?)
        };
        let name = format!("{MADE_STEPS} × {} KB", kilobytes(MADE_BYTES));
        Ok(Self { name, chat: 2, turns: (0..MADE).map(turn).collect::<Result<_>>()? })
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
