//! Turns of a given size and those of the corpus, the same in every run of the bench.

use anyhow::Result;
use api::{json::Object, run::RunDetail, time::Timestamp};
use client::replay::{self, ReplayedTurn};
use serde_json::{Value, json};
use std::{fs, path::Path};
use tests::world::{self, World, started_at};

const WORDS: [&str; 16] = [
    "answer", "before", "chapter", "detail", "evening", "forward", "garden", "however", "island", "journey", "kitchen",
    "letter", "morning", "nobody", "orange", "please",
];

/// The owner's name that has this number.
pub(crate) fn owner(n: u32) -> String {
    format!("user-{n}")
}

/// The n-th turn of an owner, of so many steps, each with so many bytes of request and response.
pub(crate) fn turn(owner: &str, n: u32, steps: u32, bytes: usize) -> Value {
    world::turn(owner, n, (1..=steps).map(|number| step(n, number, bytes)).collect())
}

/// The recorded traffic in a folder, so often, each turn a second after the one before.
pub(crate) fn corpus(owner: &str, folder: &Path, rounds: usize) -> Result<Vec<ReplayedTurn>> {
    let owner = owner.parse()?;
    let mut files: Vec<_> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|file| file.to_string_lossy().ends_with(".jsonl.gz"));
    files.sort();
    let mut turns = Vec::new();
    let mut start: Timestamp = "2026-01-02T03:04:05Z".parse()?;
    for file in files.iter().cycle().take(files.len() * rounds) {
        for conversation in replay::open(file)? {
            let conversation = conversation?;
            let chat = replay::chat_of(&conversation.source);
            turns.push(ReplayedTurn::new(&conversation, &owner, &chat, start));
            start = Timestamp::from_micros(start.micros() + 1_000_000).unwrap_or(start);
        }
    }
    Ok(turns)
}

/// What the steps of a run exchanged with the model, as its owner reads it: each request, and its response.
pub(crate) async fn exchanges(world: &World, owner: &str, chat: u32, n: u32) -> Result<Vec<(Object, Option<Object>)>> {
    let answer = world.user(owner).get(&world::run(chat, n)).await.expect(200);
    let detail: RunDetail = serde_json::from_str(&answer.body)?;
    Ok(detail.steps.into_iter().map(|step| (step.normalized_request, step.normalized_response)).collect())
}

/// Five sixths of a step are what was sent: a conversation grows, and its answer is short.
fn step(n: u32, number: u32, bytes: usize) -> Value {
    let seed = u64::from(n) << 32 | u64::from(number);
    let asked = json!({"model": "model-1", "messages": [{"role": "user", "content": text(seed, bytes * 5 / 6)}]});
    let answered = json!({"choices": [{"message": {"role": "assistant", "content": text(!seed, bytes / 6)}}]});
    json!({
        "step_number": number, "operation": "stream", "status": "completed",
        "started_at": started_at(n), "finished_at": started_at(n),
        "normalized_request": asked, "normalized_response": answered,
        "usage": {"input_tokens": bytes / 5, "output_tokens": bytes / 25},
    })
}

/// Words in an order that the seed decides.
fn text(mut seed: u64, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 8);
    while text.len() < bytes {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let word = WORDS.iter().cycle().nth((seed >> 60) as usize).copied().unwrap_or_default();
        text.push_str(word);
        text.push(' ');
    }
    text.truncate(bytes);
    text
}
