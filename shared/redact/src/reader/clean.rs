//! Texts of a post in which nothing was found: a conversation comes again with each call, and in more than one form.
//! Each is read once.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, Hash},
};

/// The shortest text that is remembered, in bytes: a shorter one is read as quickly.
const SHORTEST: usize = 64;
/// The most texts that are remembered.
const MOST: usize = 10_000;

/// A text and where it is, as a hash of 64 bits that nobody can choose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key(u64);

/// By the texts' hashes, whether they are JSON.
#[derive(Debug, Default)]
pub(super) struct Clean(HashMap<u64, bool>);

impl Clean {
    /// The key of a text in a place of this kind, if the text is worth it.
    pub(super) fn key(&self, text: &str, place: impl Hash) -> Option<Key> {
        (text.len() >= SHORTEST).then(|| Key(self.0.hasher().hash_one((text, place))))
    }

    /// Whether a text is JSON in which nothing was found, or another.
    pub(super) fn known(&self, Key(key): Key) -> Option<bool> {
        self.0.get(&key).copied()
    }

    pub(super) fn add(&mut self, Key(key): Key, is_json: bool) {
        if self.0.len() < MOST {
            self.0.insert(key, is_json);
        }
    }
}
