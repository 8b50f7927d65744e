//! Writes a frame.

use crate::{
    content::Content,
    envelope::{self, OutOfMemory},
    records::{write_again, write_content, write_step, write_text},
};
use std::{collections::HashMap, hash::BuildHasher, ops::Range};

/// A reference takes a few bytes, and to look for one takes time: a content below this size is written again.
const LEAST_REPEATED: usize = 64;

/// Steps that are to be packed into one frame.
#[derive(Default)]
pub struct Steps {
    records: Vec<u8>,
}

impl Steps {
    /// Begins a step, which ends where the next begins.
    pub fn begin(&mut self, number: u32) -> StepWriter<'_> {
        write_step(number, &mut self.records);
        let origin = self.records.len();
        StepWriter { records: &mut self.records, origin, contents: HashMap::new() }
    }

    /// How many bytes they take before they are compressed: what [`Frame::open`](crate::Frame::open) is asked to hold.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.records.len()
    }

    /// Packs them.
    ///
    /// # Errors
    ///
    /// [`OutOfMemory`].
    pub fn pack(&self) -> Result<Vec<u8>, OutOfMemory> {
        envelope::pack(&self.records)
    }
}

/// Writes the pieces of a step, in the order in which its JSON has them.
pub struct StepWriter<'a> {
    records: &'a mut Vec<u8>,
    /// Where the step's records begin.
    origin: usize,
    /// Where contents stand in the step, by their lengths and how they begin and end: of those that are alike in that,
    /// the last.
    contents: HashMap<u64, Range<usize>>,
}

impl StepWriter<'_> {
    /// Adds a text, which is copied into the JSON as it is.
    pub fn text(&mut self, text: &[u8]) {
        if !text.is_empty() {
            write_text(text, self.records);
        }
    }

    /// Adds a content, which becomes a member of the JSON with a comma before it. The bytes of a normalized form are
    /// JSON.
    pub fn content(&mut self, content: Content, bytes: &[u8]) {
        if bytes.len() < LEAST_REPEATED {
            write_content(content, bytes, self.records);
            return;
        }
        let ends = (bytes.first_chunk::<LEAST_REPEATED>(), bytes.last_chunk::<LEAST_REPEATED>());
        let hash = self.contents.hasher().hash_one((bytes.len(), ends));
        let step = self.records.get(self.origin..).unwrap_or_default();
        let before = self.contents.get(&hash).filter(|&before| step.get(before.clone()) == Some(bytes));
        if let Some(before) = before {
            write_again(content, bytes.len(), before.start, self.records);
        } else {
            write_content(content, bytes, self.records);
            let end = self.records.len() - self.origin;
            self.contents.insert(hash, end - bytes.len()..end);
        }
    }
}
