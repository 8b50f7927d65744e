//! A step's head: all of a step but its content.

use super::{
    super::{
        content::{
            chunks::{ChunkOwner, MAX_CHUNKS},
            json::{json, members},
        },
        item::{Attributes, Item, Undecodable, WRITE, bytes, message, number, put, required, text, time, write_id},
        keys::{self, Key, Range},
    },
    names::{ASSISTANT_MESSAGE_ID, FINISHED_AT, HISTORY_TIP_MESSAGE_ID, STARTED_AT, UPDATED_AT},
    outline::ContentsOutline,
    run::RunRecord,
    totals::Totals,
};
use crate::{failure::Failure, ids::WriteId};
use api::{
    ids::{ChatId, MessageId, RunId, StepId, StepNumber},
    json::StringEnum,
    outline::StepOutline,
    status::Status,
    step::{Count, Counted, Operation, StepInput},
    time::Timestamp,
};
use serde::Serialize;

const OUTLINE: &str = "outline";
/// The digest of the post that brought a head.
pub(in crate::store) const POST_DIGEST: &str = "turn";

/// A step's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRecord {
    pub(in crate::store) number: StepNumber,
    pub(in crate::store) operation: Operation,
    pub(in crate::store) status: Status,
    pub(in crate::store) started_at: Timestamp,
    pub(in crate::store) finished_at: Option<Timestamp>,
    pub(in crate::store) updated_at: Timestamp,
    pub(in crate::store) history_tip: Option<MessageId>,
    pub(in crate::store) assistant_message: Option<MessageId>,
    /// What it adds to its run's totals.
    pub(in crate::store) totals: Totals,
    /// What its contents say in short.
    pub(in crate::store) outline: ContentsOutline,
    /// The write that put it.
    pub(in crate::store) write: WriteId,
    /// The digest of the post that brought it together with its run; none if it was put by itself.
    pub(in crate::store) post_digest: Option<Vec<u8>>,
    pub(in crate::store) content: StepContent,
}

/// Where a step's content is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum StepContent {
    /// In one item that is put together with the head.
    Beside,
    /// In so many chunks.
    Chunked(usize),
}

impl StepRecord {
    /// The head of a step that a write puts now, with what was read out of it, and of which so many bytes are stored.
    pub(in crate::store) fn new(
        step: &StepInput,
        number: StepNumber,
        (outline, counted): (ContentsOutline, Option<&Counted>),
        (content, stored): (StepContent, usize),
        write: &WriteId,
        now: Timestamp,
    ) -> Self {
        Self {
            number,
            operation: step.operation,
            status: step.status,
            started_at: step.started_at,
            finished_at: step.finished_at,
            updated_at: now,
            history_tip: step.history_tip_message_id.clone(),
            assistant_message: step.assistant_message_id.clone(),
            totals: Totals::of(step, counted).with_stored(stored),
            outline,
            write: write.clone(),
            post_digest: None,
            content,
        }
    }

    /// Whether the head belongs to the run. One that a crashed post left behind does not.
    pub(in crate::store) fn is_of(&self, run: &RunRecord) -> bool {
        self.post_digest.as_ref().is_none_or(|digest| *digest == run.post_digest)
    }

    /// How many bytes of content are stored.
    pub(in crate::store) fn stored(&self) -> usize {
        usize::try_from(self.totals.stored).unwrap_or_default()
    }

    /// Which chunks are its content's.
    pub(in crate::store) fn chunk_owner(&self, of: (ChatId, RunId)) -> ChunkOwner<'_> {
        ChunkOwner { of, step: Some(self.number), write: &self.write }
    }

    /// How many chunks its content has.
    pub(in crate::store) const fn chunk_count(&self) -> usize {
        match self.content {
            StepContent::Beside => 0,
            StepContent::Chunked(count) => count,
        }
    }

    /// The keys of its content's chunks.
    pub(in crate::store) fn chunk_keys(&self, of: (ChatId, RunId)) -> impl Iterator<Item = Key> {
        (0..self.chunk_count()).map(move |index| self.chunk_owner(of).key(index))
    }

    /// The keys under which its content is.
    pub(in crate::store) fn content_keys(&self, of: (ChatId, RunId)) -> impl Iterator<Item = Key> {
        let is_beside = self.content == StepContent::Beside;
        let beside = is_beside.then(|| keys::content(of.0, of.1, self.number));
        beside.into_iter().chain(self.chunk_keys(of))
    }

    /// The range of those keys.
    pub(in crate::store) fn content_range(&self, (chat, run): (ChatId, RunId)) -> Range {
        match self.content {
            StepContent::Beside => keys::contents_of_step(chat, run, self.number),
            StepContent::Chunked(_) => keys::chunks_of_write(chat, run, self.number, &self.write),
        }
    }

    pub(in crate::store) fn item(&self, (chat, run): (ChatId, RunId)) -> Item {
        let mut item = keys::step(chat, run, self.number).item();
        put(&mut item, "operation", Some(text(self.operation.as_str())));
        put(&mut item, "status", Some(text(self.status.as_str())));
        put(&mut item, STARTED_AT, Some(time(self.started_at)));
        put(&mut item, FINISHED_AT, self.finished_at.map(time));
        put(&mut item, UPDATED_AT, Some(time(self.updated_at)));
        put(&mut item, HISTORY_TIP_MESSAGE_ID, self.history_tip.as_ref().map(message));
        put(&mut item, ASSISTANT_MESSAGE_ID, self.assistant_message.as_ref().map(message));
        put(&mut item, WRITE, Some(write_id(&self.write)));
        put(&mut item, POST_DIGEST, self.post_digest.as_deref().map(bytes));
        self.totals.write(&mut item);
        put(&mut item, OUTLINE, serde_json::to_string(&self.outline).ok().map(text));
        if let StepContent::Chunked(count) = self.content {
            put(&mut item, "chunks", Some(number(count)));
        }
        item
    }

    /// The step as it is on the wire, up to its content's members.
    ///
    /// # Errors
    ///
    /// `Problem::Internal` when it does not serialise.
    pub(in crate::store) fn head_json(&self, (chat, run): (ChatId, RunId)) -> Result<String, Failure> {
        #[derive(Serialize)]
        struct HeadJson<'a> {
            id: StepId,
            run_id: RunId,
            chat_id: ChatId,
            step_number: StepNumber,
            operation: Operation,
            status: Status,
            #[serde(skip_serializing_if = "Option::is_none")]
            history_tip_message_id: Option<&'a MessageId>,
            #[serde(skip_serializing_if = "Option::is_none")]
            assistant_message_id: Option<&'a MessageId>,
            started_at: Timestamp,
            updated_at: Timestamp,
            #[serde(skip_serializing_if = "Option::is_none")]
            finished_at: Option<Timestamp>,
        }
        let head = json(&HeadJson {
            id: StepId::of(run, self.number),
            run_id: run,
            chat_id: chat,
            step_number: self.number,
            operation: self.operation,
            status: self.status,
            history_tip_message_id: self.history_tip.as_ref(),
            assistant_message_id: self.assistant_message.as_ref(),
            started_at: self.started_at,
            updated_at: self.updated_at,
            finished_at: self.finished_at,
        })?;
        Ok(members(&head).to_owned())
    }
}

impl StepRecord {
    /// What lists and polls show of it.
    pub(in crate::store) fn into_outline(self) -> StepOutline {
        let (totals, contents) = (self.totals, self.outline);
        let above_zero = |total| Some(Count::clamped(total)).filter(|total| total.get() > 0);
        StepOutline {
            step_number: self.number,
            operation: self.operation,
            status: self.status,
            started_at: self.started_at,
            updated_at: self.updated_at,
            finished_at: self.finished_at,
            has_error: (totals.errors > 0).then_some(true),
            input_tokens: above_zero(totals.input),
            output_tokens: above_zero(totals.output),
            reasoning_tokens: above_zero(totals.reasoning),
            cache_creation_tokens: above_zero(totals.cache_creation),
            cache_read_tokens: above_zero(totals.cache_read),
            model: contents.model,
            tools_called: contents.tools_called,
            tools_left_out: contents.tools_left_out,
            attempts: contents.attempts,
            attempts_left_out: contents.attempts_left_out,
            normalized_request_bytes: contents.normalized_request_bytes,
            normalized_response_bytes: contents.normalized_response_bytes,
        }
    }

    pub(in crate::store) fn read(mut attributes: Attributes<'_>) -> Result<Self, Undecodable> {
        let chunks = attributes.number("chunks")?;
        let outline = attributes.borrowed(OUTLINE)?;
        Ok(Self {
            number: required(attributes.text("sk")?.and_then(|sk| keys::step_of(&sk)), "sk")?,
            operation: required(attributes.string_enum("operation")?, "operation")?,
            status: required(attributes.string_enum("status")?, "status")?,
            started_at: required(attributes.time(STARTED_AT)?, STARTED_AT)?,
            finished_at: attributes.time(FINISHED_AT)?,
            updated_at: required(attributes.time(UPDATED_AT)?, UPDATED_AT)?,
            history_tip: attributes.message(HISTORY_TIP_MESSAGE_ID)?,
            assistant_message: attributes.message(ASSISTANT_MESSAGE_ID)?,
            totals: Totals::read(&mut attributes)?,
            outline: required(outline.and_then(|outline| serde_json::from_str(&outline).ok()), OUTLINE)?,
            write: required(attributes.write_id()?, WRITE)?,
            post_digest: attributes.bytes(POST_DIGEST)?,
            content: match chunks {
                None => StepContent::Beside,
                Some(count) if count <= MAX_CHUNKS => StepContent::Chunked(count),
                Some(_) => return Err(Undecodable("chunks")),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::step::Step;
    use uuid::Uuid;

    #[test]
    fn a_head_and_its_content_make_the_step_that_clients_read() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let record = StepRecord {
            number: StepNumber::try_from(3).expect("a number"),
            operation: Operation::Stream,
            status: Status::Completed,
            started_at: at("2026-01-02T03:04:05Z"),
            finished_at: Some(at("2026-01-02T03:04:06Z")),
            updated_at: at("2026-01-02T03:04:07Z"),
            history_tip: Some(MessageId::from(-1)),
            assistant_message: "m-1".parse().ok().map(MessageId::Text),
            totals: Totals::default(),
            outline: ContentsOutline::default(),
            write: WriteId::read("w"),
            post_digest: None,
            content: StepContent::Chunked(2),
        };
        let (chat, run) = (ChatId::from_uuid(Uuid::from_u128(1)), RunId::from_uuid(Uuid::from_u128(2)));
        let head = record.head_json((chat, run)).expect("JSON");
        let json = head + r#","normalized_request":{"n":1.0},"attempts":[],"metadata":{}}"#;
        let step: Step = serde_json::from_str(&json).expect("a step");
        assert_eq!((step.chat_id, step.run_id, step.step_number.get()), (chat, run, 3));
        assert_eq!(
            (step.normalized_request.get(), &step.history_tip_message_id),
            (r#"{"n":1.0}"#, &record.history_tip)
        );
        assert_eq!(step.assistant_message_id, record.assistant_message);
        for content in [StepContent::Chunked(2), StepContent::Beside] {
            let record = StepRecord { content, ..record.clone() };
            assert_eq!(StepRecord::read(record.item((chat, run)).into()), Ok(record));
        }
    }
}
