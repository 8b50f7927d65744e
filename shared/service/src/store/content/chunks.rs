//! Where a step's content is: inline in its head while it is small, else in chunks, each an item of its own.

use super::super::{
    item::{CHUNK_BYTES, INLINE_BYTES, Item},
    keys::{self, Key},
};
use api::{
    ids::{ChatId, RunId, StepNumber},
    problem::MAX_STEP_BYTES,
};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use bytes::Bytes;
use ring::digest::{SHA256, digest};
use std::mem;

/// The most chunks that a step can have.
pub(in crate::store) const MAX_CHUNKS: usize = MAX_STEP_BYTES.div_ceil(CHUNK_BYTES);

/// Where a step's content is, as its head says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) enum Content {
    /// In the head.
    Inline(Vec<u8>),
    /// In chunks.
    Chunked(Chunks),
}

/// What the head says of its chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Chunks {
    /// How many there are.
    pub(in crate::store) count: usize,
    /// The bytes of all of them.
    pub(in crate::store) size: usize,
    /// SHA-256 of all of them.
    pub(in crate::store) checksum: Vec<u8>,
}

impl Content {
    /// What the head says of a content, and the bytes that are left to be put in chunks.
    pub(in crate::store) fn of(content: Vec<u8>) -> (Self, Vec<u8>) {
        if content.len() <= INLINE_BYTES {
            return (Self::Inline(content), Vec::new());
        }
        let (count, size) = (content.len().div_ceil(CHUNK_BYTES), content.len());
        (Self::Chunked(Chunks { count, size, checksum: checksum(&content) }), content)
    }

    /// How many chunks there are.
    pub(in crate::store) const fn chunk_count(&self) -> usize {
        match self {
            Self::Inline(_) => 0,
            Self::Chunked(chunks) => chunks.count,
        }
    }

    /// Gives the whole content away, if these are all of its chunks.
    pub(in crate::store) fn assemble(&mut self, chunks: Vec<Vec<u8>>) -> Option<Vec<u8>> {
        match self {
            Self::Inline(content) => Some(mem::take(content)),
            Self::Chunked(named) => {
                let count = chunks.len();
                let whole = <[Vec<u8>; 1]>::try_from(chunks).map_or_else(|chunks| chunks.concat(), |[chunk]| chunk);
                let is_whole = count == named.count && whole.len() == named.size;
                (is_whole && checksum(&whole) == named.checksum).then_some(whole)
            }
        }
    }
}

fn checksum(content: &[u8]) -> Vec<u8> {
    digest(&SHA256, content).as_ref().to_vec()
}

/// Which write of which step chunks belong to: chunks of different writes never mix.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct ChunkOwner<'a> {
    /// The step's chat.
    pub(in crate::store) chat: ChatId,
    /// Its run.
    pub(in crate::store) run: RunId,
    /// Its number.
    pub(in crate::store) number: StepNumber,
    /// The write.
    pub(in crate::store) write: &'a str,
}

impl ChunkOwner<'_> {
    /// The key of one of the chunks.
    pub(in crate::store) fn key(self, index: usize) -> Key {
        keys::chunk(self.chat, self.run, self.number, self.write, index)
    }

    /// The items of a content's chunks, which share its memory.
    pub(in crate::store) fn items(self, content: Vec<u8>) -> Vec<Item> {
        let content = Bytes::from(content);
        let item = |(index, chunk): (usize, &[u8])| {
            let mut item = self.key(index).item();
            item.insert("content".into(), AttributeValue::B(Blob::from_maybe_shared(content.slice_ref(chunk))));
            item
        };
        content.chunks(CHUNK_BYTES).enumerate().map(item).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_chunks_of_one_write_make_a_content() {
        let json = vec![b'x'; CHUNK_BYTES * 2 + 1];
        let (mut content, staged) = Content::of(json.clone());
        let chunks: Vec<Vec<u8>> = staged.chunks(CHUNK_BYTES).map(<[u8]>::to_vec).collect();
        assert_eq!((chunks.len(), content.chunk_count()), (3, 3));
        assert_eq!(content.assemble(chunks.clone()), Some(json));
        assert_eq!(content.assemble(chunks[..2].to_vec()), None);
        assert_eq!(content.assemble(Vec::new()), None);
        let mut other = chunks;
        other[1][0] = b'y';
        assert_eq!(content.assemble(other), None);
    }

    #[test]
    fn small_content_is_in_the_head() {
        let (content, staged) = Content::of(vec![b'x'; INLINE_BYTES]);
        assert_eq!((content, staged.len()), (Content::Inline(vec![b'x'; INLINE_BYTES]), 0));
        assert!(matches!(Content::of(vec![b'x'; INLINE_BYTES + 1]), (Content::Chunked(Chunks { count: 1, .. }), _)));
    }
}
