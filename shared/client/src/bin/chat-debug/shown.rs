//! What the steps of a page have shown, so that a conversation that grows is not printed again with each step.

use api::view::{Content, Message, Part};
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, RandomState},
};

/// The hashes of all beginnings of the requests that were shown, each with the hashes of the parts that the model
/// answered to it.
#[derive(Default)]
pub(crate) struct Shown {
    hasher: RandomState,
    answers: HashMap<u64, HashSet<u64>>,
}

impl Shown {
    /// How many of a request's messages earlier steps have shown, as request or as completion.
    pub(crate) fn count(&self, messages: &[Message]) -> usize {
        let mut hash = 0;
        let nothing = HashSet::new();
        let mut answered = &nothing;
        for (count, message) in messages.iter().enumerate() {
            hash = self.hasher.hash_one((hash, message));
            let was_answered =
                || message.is_models() && message.parts.iter().all(|part| answered.contains(&self.said(part)));
            match self.answers.get(&hash) {
                Some(answer) => answered = answer,
                None if was_answered() => {}
                None => return count,
            }
        }
        messages.len()
    }

    pub(crate) fn keep(&mut self, messages: &[Message], completion: &[Part]) {
        let mut hash = 0;
        for message in messages {
            hash = self.hasher.hash_one((hash, message));
            self.answers.entry(hash).or_default();
        }
        if !messages.is_empty() {
            let said: Vec<_> = completion.iter().map(|part| self.said(part)).collect();
            self.answers.entry(hash).or_default().extend(said);
        }
    }

    /// The same for parts that say the same; white space in arguments may differ.
    fn said(&self, part: &Part) -> u64 {
        match &part.content {
            Content::ToolCall { name, arguments, .. } => {
                let value = serde_json::from_str(arguments).unwrap_or_else(|_| Value::from(&**arguments));
                self.hasher.hash_one((name, value))
            }
            _ => self.hasher.hash_one(part),
        }
    }
}
