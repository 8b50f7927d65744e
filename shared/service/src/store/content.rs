//! A step's content: JSON as it will travel, in the head when it is small, else in parts beside it.

use super::{
    RunRecord, StepRecord, Store,
    client::failed,
    item::{INLINE_BYTES, Item, PART_BYTES, number},
    keys,
};
use crate::{failure::Failure, ids::WriteId};
use api::{
    ids::{ChatId, RunId, StepNumber},
    json::Object,
    problem::{MAX_STEP_BYTES, Problem},
    step::{Attempt, StepInput, Usage},
    time::Timestamp,
};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use ring::digest::{SHA256, digest};
use serde::Serialize;
use std::mem;
use tokio::time::Instant;

/// The most parts that a step can have.
pub(super) const MAX_PARTS: usize = MAX_STEP_BYTES.div_ceil(PART_BYTES);
/// The most parts on their way at once.
pub(super) const SIDE_BY_SIDE: usize = 8;
/// More than a step's head adds to its content as it travels.
const HEAD_BYTES: usize = 1_000;

/// Where a step's content stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// In the head.
    Inline(Vec<u8>),
    /// In parts beside it.
    Parts(Parts),
}

/// What the head says of its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) count: usize,
    pub(super) size: usize,
    pub(super) checksum: Vec<u8>,
}

/// What a text weighs inside Lambda's answer, which quotes it once more.
pub(super) fn travel_bytes(json: &str) -> usize {
    // Raw line breaks and tabs may stand between the members of free-form JSON.
    let is_escaped = |byte: &u8| u8::from(matches!(byte, b'"' | b'\\' | 0..0x20));
    // Chunks whose count fits into a byte are counted many bytes at a time.
    let escaped = json.as_bytes().chunks(255).map(|chunk| chunk.iter().map(is_escaped).sum::<u8>());
    json.len() + escaped.map(usize::from).sum::<usize>()
}

/// A step's content as JSON. Refuses what could never be read back.
pub(super) fn encode(step: &StepInput) -> Result<Vec<u8>, Failure> {
    #[derive(Serialize)]
    struct Members<'a> {
        normalized_request: &'a Object,
        #[serde(skip_serializing_if = "Option::is_none")]
        normalized_response: &'a Option<Object>,
        #[serde(skip_serializing_if = "Option::is_none")]
        usage: &'a Option<Usage>,
        attempts: &'a [Attempt],
        #[serde(skip_serializing_if = "Option::is_none")]
        error: &'a Option<Object>,
        metadata: &'a Object,
    }
    let json = serde_json::to_string(&Members {
        normalized_request: &step.normalized_request,
        normalized_response: &step.normalized_response,
        usage: &step.usage,
        attempts: &step.attempts,
        error: &step.error,
        metadata: &step.metadata,
    });
    let json = json.map_err(|_| Failure::internal("content is no JSON"))?;
    if travel_bytes(&json) + HEAD_BYTES > MAX_STEP_BYTES {
        return Err(Problem::StepTooLarge.into());
    }
    Ok(json.into_bytes())
}

fn checksum(content: &[u8]) -> Vec<u8> {
    digest(&SHA256, content).as_ref().to_vec()
}

impl Content {
    pub(super) fn of(content: Vec<u8>) -> (Self, Vec<u8>) {
        if content.len() <= INLINE_BYTES {
            return (Self::Inline(content), Vec::new());
        }
        let (count, size) = (content.len().div_ceil(PART_BYTES), content.len());
        (Self::Parts(Parts { count, size, checksum: checksum(&content) }), content)
    }

    /// Gives the whole content away, if these are all of its parts.
    pub(super) fn assemble(&mut self, parts: Vec<Vec<u8>>) -> Option<Vec<u8>> {
        match self {
            Self::Inline(content) => Some(mem::take(content)),
            Self::Parts(named) => {
                let count = parts.len();
                let whole = <[Vec<u8>; 1]>::try_from(parts).map_or_else(|parts| parts.concat(), |[part]| part);
                let is_whole = count == named.count && whole.len() == named.size;
                (is_whole && checksum(&whole) == named.checksum).then_some(whole)
            }
        }
    }
}

/// The items of a content's parts, which share its memory.
pub(super) fn parts(chat: ChatId, run: RunId, number: StepNumber, write: &WriteId, content: Vec<u8>) -> Vec<Item> {
    let content = Bytes::from(content);
    let part = |(part, chunk): (usize, &[u8])| {
        let mut item = keys::part(chat, run, number, &write.to_string(), part).item();
        item.insert("content".into(), AttributeValue::B(Blob::from_maybe_shared(content.slice_ref(chunk))));
        item
    };
    content.chunks(PART_BYTES).enumerate().map(part).collect()
}

impl Store {
    /// Puts items that nothing sees yet, side by side.
    pub(super) async fn put_all(&self, items: Vec<Item>) -> Result<(), Failure> {
        let puts = stream::iter(items).map(|item| async {
            let sent = self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await;
            sent.map(|_| ()).map_err(failed("PutItem"))
        });
        puts.buffer_unordered(SIDE_BY_SIDE).try_collect().await
    }

    /// Empties the parts of a write that no head names any more, and lets the table's TTL take them:
    /// a function that records may put but not delete. What fails here is a later purge's work.
    pub(super) async fn retire_parts(&self, run: &RunRecord, step: &StepRecord, now: Timestamp, until: Instant) {
        let Content::Parts(Parts { count, .. }) = step.content else { return };
        let empty = |part| {
            let mut item = keys::part(run.chat, run.id, step.number, &step.write, part).item();
            item.insert("expires_at".into(), number(now.millis() / 1_000));
            item
        };
        let _later = tokio::time::timeout_at(until, self.put_all((0..count).map(empty).collect())).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_parts_of_one_write_make_a_content() {
        let json = vec![b'x'; PART_BYTES * 2 + 1];
        let (mut content, staged) = Content::of(json.clone());
        let parts: Vec<Vec<u8>> = staged.chunks(PART_BYTES).map(<[u8]>::to_vec).collect();
        assert_eq!(parts.len(), 3);
        assert_eq!(content.assemble(parts.clone()), Some(json));
        assert_eq!(content.assemble(parts[..2].to_vec()), None);
        assert_eq!(content.assemble(Vec::new()), None);
        let mut other = parts;
        other[1][0] = b'y';
        assert_eq!(content.assemble(other), None);
    }

    #[test]
    fn whatever_lambda_escapes_is_weighed() {
        let json = "{\"a\\\\b\":\n\t\r [\"\u{1f600}\"]}";
        let quoted = serde_json::to_string(json).expect("JSON");
        assert_eq!(travel_bytes(json), quoted.len() - 2);
    }

    #[test]
    fn small_content_stands_in_the_head() {
        let (content, staged) = Content::of(vec![b'x'; INLINE_BYTES]);
        assert_eq!((content, staged.len()), (Content::Inline(vec![b'x'; INLINE_BYTES]), 0));
        assert!(matches!(Content::of(vec![b'x'; INLINE_BYTES + 1]), (Content::Parts(Parts { count: 1, .. }), _)));
    }
}
