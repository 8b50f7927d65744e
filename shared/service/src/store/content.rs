//! A step's content: JSON as it will travel, in the head when it is small, else in parts beside it.

use super::{
    Chat, StepRecord, Store,
    client::{Fault, refused},
    item::{EXPIRES_AT, INLINE_BYTES, Item, PART_BYTES, Read, number},
    keys::{self, Key},
};
use crate::{failure::Failure, ids::WriteId, metrics::LeftBehind};
use api::{
    ids::{ChatId, RunId, StepNumber},
    json::Object,
    problem::{MAX_STEP_BYTES, Problem},
    step::{Attempt, StepInput, Usage},
};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use ring::digest::{SHA256, digest};
use serde::Serialize;
use std::{mem, time::Duration};
use tokio::time::{Instant, timeout_at};

/// The most parts that a step can have.
pub(super) const MAX_PARTS: usize = MAX_STEP_BYTES.div_ceil(PART_BYTES);
/// The most parts on their way at once.
const SIDE_BY_SIDE: usize = 8;
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

/// How long a write that ran out of time may still take back what it staged.
const TAKE_BACK: Duration = Duration::from_millis(150);

impl Store {
    /// Puts parts that nothing names yet, side by side, until then. Each where nothing stands: one that arrives late,
    /// when it was emptied already, changes nothing.
    pub(super) async fn stage(&self, parts: Vec<Item>, until: Instant) -> Result<(), Failure> {
        let puts = stream::iter(parts).map(|part| async {
            let put = self.client.put_item().table_name(&self.table).set_item(Some(part));
            match put.condition_expression("attribute_not_exists(pk)").send().await.map_err(refused("PutItem")) {
                // Its key is ours alone: a first try of the SDK's own had put it.
                Ok(_) | Err(Fault::Condition(_)) => Ok(()),
                Err(fault) => Err(Failure::from(fault)),
            }
        });
        let all = puts.buffer_unordered(SIDE_BY_SIDE).try_collect();
        timeout_at(until, all).await.unwrap_or_else(|_elapsed| Err(Failure::unavailable("deadline while staging")))
    }

    /// Whether a chat or a run of it is deleted: nothing that is written about it can be named any more. What cannot
    /// be read is not.
    pub(super) async fn is_gone(&self, (chat, run): (ChatId, RunId)) -> bool {
        let (chat, mark) = (keys::chat(chat), keys::gone(chat, run));
        let Ok(mut found) = self.get_all(&[&chat, &mark]).await else { return false };
        let is_deleted = |chat: Read<'_>| Chat::read(chat).is_ok_and(|chat| chat.deleted);
        found.take(&mark).is_some() || found.take(&chat).is_some_and(is_deleted)
    }

    /// Empties what no head names (any more), and lets the table's TTL take it: a function that records may put but
    /// not delete. What is left when the time is up is counted, and goes with its run.
    pub(super) async fn empty(&self, keys: Vec<Key>, until: Instant) {
        let expires_at = self.clock.now().millis() / 1_000;
        let puts = stream::iter(keys).map(|key| async {
            let mut item = key.item();
            item.insert(EXPIRES_AT.to_owned(), number(expires_at));
            let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
            put.send().await.is_ok()
        });
        let all = puts.buffer_unordered(SIDE_BY_SIDE).fold(true, async |all, one| all && one);
        let left = LeftBehind::unless_settled();
        if let Ok(true) = timeout_at(until + TAKE_BACK, all).await {
            left.settled();
        }
    }
}

/// The keys of a write's parts, as its head names them.
pub(super) fn part_keys((chat, run): (ChatId, RunId), step: &StepRecord) -> Vec<Key> {
    let count = match &step.content {
        Content::Inline(_) => 0,
        Content::Parts(parts) => parts.count,
    };
    (0..count).map(|part| keys::part(chat, run, step.number, &step.write, part)).collect()
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
