//! A run's anchor: where a posted turn's steps are, or that the run is deleted. It is small, since each write of the
//! run checks it, and a check costs as much as the item has bytes.

use super::super::{
    content::{
        chunks::{CONTENT, ChunkOwner, MAX_CHUNKS},
        frames::FrameSpan,
    },
    item::{Attributes, Item, Undecodable, WRITE, bytes, flag, number, put, required, size_of, text, time, write_id},
    keys,
};
use crate::ids::WriteId;
use api::{
    ids::{ChatId, RunId},
    time::Timestamp,
};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use bytes::Bytes;

/// When a run was deleted; the attribute tells a tombstone from a turn.
const DELETED_AT: &str = "deleted_at";

/// The outlines of a posted turn's steps.
const OUTLINES: &str = "outlines";

/// The last bytes of content that is beside the anchor.
const TAIL: &str = "tail";
/// What a write unit pays for, in bytes.
const WRITE_UNIT_BYTES: usize = 1024;

/// What a run's anchor says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) enum Turn {
    /// The run is deleted.
    Deleted,
    /// The run was posted with its steps, and was final.
    Posted(PostedTurn),
}

/// The steps of a posted turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct PostedTurn {
    /// The write that put it. Nothing beside the anchor has it when the anchor holds all.
    pub(in crate::store) write: WriteId,
    /// Its steps' frames.
    pub(in crate::store) frames: Vec<FrameSpan>,
    /// Where they are.
    pub(in crate::store) content: TurnContent,
    /// Its steps' outlines as a frame, if they are small; else they are in an item of their own.
    pub(in crate::store) outlines: Option<Vec<u8>>,
}

/// Where a turn's frames are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) enum TurnContent {
    /// In the anchor.
    Inline(Vec<u8>),
    /// In an item of their own, without these last bytes: the anchor has room for them that is paid for.
    Whole(Vec<u8>),
    /// In so many chunks.
    Chunked(usize),
}

impl Turn {
    pub(in crate::store) fn read(mut attributes: Attributes<'_>) -> Result<Self, Undecodable> {
        if attributes.time(DELETED_AT)?.is_some() {
            return Ok(Self::Deleted);
        }
        let content = match attributes.bytes(CONTENT)? {
            Some(content) => TurnContent::Inline(content),
            None => match attributes.number("chunks")? {
                None if attributes.flag("whole")?.is_some() => {
                    TurnContent::Whole(attributes.bytes(TAIL)?.unwrap_or_default())
                }
                None => return Err(Undecodable(CONTENT)),
                Some(count) if count <= MAX_CHUNKS => TurnContent::Chunked(count),
                Some(_) => return Err(Undecodable("chunks")),
            },
        };
        let outlines = attributes.bytes(OUTLINES)?;
        let frames = match (attributes.borrowed("frames")?, &content) {
            (None, TurnContent::Inline(content)) => Some(vec![FrameSpan::only(content.len())]),
            (frames, _) => frames.and_then(|frames| serde_json::from_str(&frames).ok()),
        };
        let write = match attributes.write_id()? {
            None if is_all(&content, outlines.as_ref()) => WriteId::default(),
            write => required(write, WRITE)?,
        };
        Ok(Self::Posted(PostedTurn { write, frames: required(frames, "frames")?, content, outlines }))
    }

    /// Whether the run is deleted, whatever else does not decode.
    pub(in crate::store) fn is_tombstone(mut attributes: Attributes<'_>) -> bool {
        attributes.time(DELETED_AT) != Ok(None)
    }

    /// The item of a deleted run.
    pub(in crate::store) fn tombstone((chat, run): (ChatId, RunId), now: Timestamp) -> Item {
        let mut item = keys::turn(chat, run).item();
        put(&mut item, DELETED_AT, Some(time(now)));
        item
    }
}

impl PostedTurn {
    /// Which chunks are its content's.
    pub(in crate::store) fn chunk_owner(&self, of: (ChatId, RunId)) -> ChunkOwner<'_> {
        ChunkOwner { of, step: None, write: &self.write }
    }

    pub(in crate::store) fn item(&self, (chat, run): (ChatId, RunId)) -> Item {
        let mut item = keys::turn(chat, run).item();
        // What follows from the rest is left out: a small turn is two write units for each 1,024 bytes.
        let is_only = matches!((&self.content, &*self.frames), (TurnContent::Inline(_), [_]));
        let frames = || serde_json::to_string(&self.frames).unwrap_or_default();
        let is_all = is_all(&self.content, self.outlines.as_ref());
        put(&mut item, WRITE, (!is_all).then(|| write_id(&self.write)));
        put(&mut item, "frames", (!is_only).then(|| text(frames())));
        put(&mut item, OUTLINES, self.outlines.as_deref().map(bytes));
        match &self.content {
            TurnContent::Inline(content) => put(&mut item, CONTENT, Some(bytes(content.as_slice()))),
            TurnContent::Whole(tail) => {
                put(&mut item, "whole", Some(flag(true)));
                put(&mut item, TAIL, (!tail.is_empty()).then(|| bytes(tail.as_slice())));
            }
            TurnContent::Chunked(count) => put(&mut item, "chunks", Some(number(count))),
        }
        item
    }

    /// Moves the end of content that is beside the anchor into the anchor, where that saves a write unit.
    pub(in crate::store) fn fill_anchor(&mut self, of: (ChatId, RunId), content: &Bytes) {
        if !matches!(self.content, TurnContent::Whole(_)) {
            return;
        }
        let over = size_of(&self.whole_item(of, content)) % WRITE_UNIT_BYTES;
        let used = size_of(&self.item(of)) % WRITE_UNIT_BYTES;
        if used + TAIL.len() + over <= WRITE_UNIT_BYTES {
            let tail = content.len().checked_sub(over).and_then(|at| content.get(at..));
            self.content = TurnContent::Whole(tail.unwrap_or_default().to_vec());
        }
    }

    /// The item of content that is beside the anchor.
    pub(in crate::store) fn whole_item(&self, (chat, run): (ChatId, RunId), content: &Bytes) -> Item {
        let mut item = keys::whole_turn(chat, run).item();
        let content = match &self.content {
            TurnContent::Whole(tail) => content.slice(..content.len().saturating_sub(tail.len())),
            _ => content.clone(),
        };
        put(&mut item, WRITE, Some(write_id(&self.write)));
        put(&mut item, CONTENT, Some(AttributeValue::B(Blob::from_maybe_shared(content))));
        item
    }

    /// The item of outlines that are beside the anchor.
    pub(in crate::store) fn outlines_item(&self, (chat, run): (ChatId, RunId), outlines: &[u8]) -> Item {
        let mut item = keys::outlines(chat, run).item();
        put(&mut item, WRITE, Some(write_id(&self.write)));
        put(&mut item, OUTLINES, Some(bytes(outlines)));
        item
    }

    /// Takes the outlines of such an item, if they are this turn's.
    pub(in crate::store) fn take_outlines(&mut self, mut item: Attributes<'_>) -> Result<(), Undecodable> {
        if self.outlines.is_none() && item.write_id()?.as_ref() == Some(&self.write) {
            self.outlines = Some(required(item.bytes(OUTLINES)?, OUTLINES)?);
        }
        Ok(())
    }

    /// Takes the content of such an item, if this turn's write put it: of the same post, others have other bytes.
    pub(in crate::store) fn take_whole(&mut self, mut item: Attributes<'_>) -> Result<(), Undecodable> {
        if let TurnContent::Whole(tail) = &mut self.content
            && item.write_id()?.as_ref() == Some(&self.write)
        {
            let mut content = required(item.bytes(CONTENT)?, CONTENT)?;
            content.append(tail);
            self.content = TurnContent::Inline(content);
        }
        Ok(())
    }
}

/// Whether the anchor holds all of its turn.
fn is_all(content: &TurnContent, outlines: Option<&Vec<u8>>) -> bool {
    matches!(content, TurnContent::Inline(_)) && outlines.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_turn_or_a_tombstone_reads_back_as_it_was_written() {
        let of = (ChatId::from_uuid(Uuid::from_u128(1)), RunId::from_uuid(Uuid::from_u128(2)));
        let several = || serde_json::from_str::<Vec<FrameSpan>>("[[1,2,3],[5,9,7]]").expect("frames");
        for (write, frames, content, outlines) in [
            ("", vec![FrameSpan::only(3)], TurnContent::Inline(vec![1, 2, 3]), Some(vec![4])),
            ("w", several(), TurnContent::Inline(vec![1, 2, 3]), None),
            ("w", several(), TurnContent::Whole(Vec::new()), None),
            ("w", several(), TurnContent::Whole(vec![3]), None),
            ("w", several(), TurnContent::Chunked(MAX_CHUNKS), Some(vec![4])),
        ] {
            let turn = PostedTurn { write: WriteId::read(write), frames, content, outlines };
            assert_eq!(Turn::read(turn.item(of).into()), Ok(Turn::Posted(turn.clone())));
            assert!(!Turn::is_tombstone(turn.item(of).into()));
        }
        let turn = |write: &str| PostedTurn {
            write: WriteId::read(write),
            frames: Vec::new(),
            content: TurnContent::Whole(vec![6]),
            outlines: None,
        };
        for (write, is_taken) in [("w", true), ("another", false)] {
            let mut other = turn(write);
            other.take_outlines(turn("w").outlines_item(of, &[4]).into()).expect("outlines");
            assert_eq!(other.outlines, is_taken.then(|| vec![4]));
            other.take_whole(turn("w").whole_item(of, &Bytes::from_static(&[5, 6])).into()).expect("content");
            assert_eq!(other.content == TurnContent::Inline(vec![5, 6]), is_taken);
        }
        let tombstone = || Turn::tombstone(of, Timestamp::from_micros(5).expect("a time"));
        assert_eq!(Turn::read(tombstone().into()), Ok(Turn::Deleted));
        assert!(Turn::is_tombstone(tombstone().into()));
    }

    #[test]
    fn an_anchor_is_filled_up_when_that_saves_a_write_unit() {
        let of = (ChatId::from_uuid(Uuid::from_u128(1)), RunId::from_uuid(Uuid::from_u128(2)));
        let units = |item: &Item| size_of(item).div_ceil(WRITE_UNIT_BYTES);
        let mut saved = 0;
        for size in 5_000..7_000 {
            let content = Bytes::from(vec![7; size]);
            let turn = PostedTurn {
                write: WriteId::read("w".repeat(36)),
                frames: vec![FrameSpan::only(size)],
                content: TurnContent::Whole(Vec::new()),
                outlines: Some(vec![0; 300]),
            };
            let mut filled = turn.clone();
            filled.fill_anchor(of, &content);
            assert_eq!(units(&filled.item(of)), units(&turn.item(of)), "{size}");
            let (before, after) = (units(&turn.whole_item(of, &content)), units(&filled.whole_item(of, &content)));
            let TurnContent::Whole(tail) = &filled.content else { panic!("{size}: it is in the anchor") };
            assert_eq!(before - after, usize::from(!tail.is_empty()), "{size}");
            saved += before - after;
            filled.take_whole(filled.whole_item(of, &content).into()).expect("content");
            assert_eq!(filled.content, TurnContent::Inline(content.to_vec()), "{size}");
        }
        assert!((700..1_400).contains(&saved), "{saved}");
    }
}
