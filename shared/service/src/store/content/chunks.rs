//! Where packed content is: in one item beside what names it while it is small, else in chunks, each an item of its
//! own.

use super::super::{
    item::{CHUNK_BYTES, Item, WRITE, bytes, write_id},
    keys::{self, Key},
};
use crate::ids::WriteId;
use api::{
    ids::{ChatId, RunId, StepNumber},
    problem::MAX_STORED_BYTES,
};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use bytes::Bytes;

/// The most chunks that content can have.
pub(in crate::store) const MAX_CHUNKS: usize = MAX_STORED_BYTES.div_ceil(CHUNK_BYTES);

/// Whose content chunks hold, and which write put them: chunks of different writes never mix.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct ChunkOwner<'a> {
    /// The chat and the run.
    pub(in crate::store) of: (ChatId, RunId),
    /// The step; without one, it is the whole turn's content.
    pub(in crate::store) step: Option<StepNumber>,
    /// The write.
    pub(in crate::store) write: &'a WriteId,
}

impl ChunkOwner<'_> {
    /// The key of one of the chunks.
    pub(in crate::store) fn key(self, index: usize) -> Key {
        keys::chunk(self.of.0, self.of.1, self.step, self.write, index)
    }

    /// The items of a content's chunks, which share its memory.
    pub(in crate::store) fn items(self, content: &Bytes) -> Vec<Item> {
        let item = |(index, chunk): (usize, &[u8])| {
            let mut item = self.key(index).item();
            item.insert(CONTENT.into(), AttributeValue::B(Blob::from_maybe_shared(content.slice_ref(chunk))));
            item
        };
        content.chunks(CHUNK_BYTES).enumerate().map(item).collect()
    }
}

/// The attribute that holds content.
pub(in crate::store) const CONTENT: &str = "content";

/// The item that holds a step's content beside its head: it names the write, since each is read by a call of its own.
pub(in crate::store) fn beside_head(
    (chat, run): (ChatId, RunId),
    number: StepNumber,
    write: &WriteId,
    content: &[u8],
) -> Item {
    let mut item = keys::content(chat, run, number).item();
    item.insert(WRITE.into(), write_id(write));
    item.insert(CONTENT.into(), bytes(content));
    item
}
