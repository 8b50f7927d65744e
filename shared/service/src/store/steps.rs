//! Steps as they stand in the table, and the pages of them.
//!
//! A step is a small head, which names its content by write, and content parts beside it. A page is
//! cut by what it weighs as it travels, and never in the middle of a step.

use super::{
    Order, Store,
    content::{self, Content, MAX_PARTS, Parts},
    item::{Item, Read, Undecodable, bytes, message, number, put, required, text, time},
    keys,
    raw::RawItem,
    runs::{RunRecord, Totals},
};
use crate::{
    access::proof::{Owned, UnprovenChat},
    failure::Failure,
    ids::WriteId,
};
use api::{
    ids::{ChatId, MessageId, RunId, StepId, StepNumber},
    json::StringEnum,
    problem::MAX_STEP_BYTES,
    status::Status,
    step::{Operation, StepInput},
    time::Timestamp,
};
use serde::Serialize;
use serde_json::value::RawValue;
use std::{cmp::Ordering, collections::VecDeque};

/// What a page of steps may weigh as it travels: room for one step of any size, and below Lambda's
/// 6 MB (6,291,556 bytes) with the run around it.
const MAX_PAGE_BYTES: usize = 6_000_000;
const _: () = assert!(MAX_STEP_BYTES < MAX_PAGE_BYTES);

/// How many heads are asked for beside the proof of ownership: a turn of five steps needs no second look.
const HEADS_BESIDE_PROOF: usize = 6;
/// How many parts of content are: what a stranger can cause is about what one item holds.
const PARTS_BESIDE_PROOF: usize = 1;

/// How often a reader looks again when a step is replaced under its eyes.
const REREADS: usize = 5;

/// A step's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRecord {
    pub(super) number: StepNumber,
    pub(super) operation: Operation,
    pub(super) status: Status,
    pub(super) started_at: Timestamp,
    pub(super) finished_at: Option<Timestamp>,
    pub(super) updated_at: Timestamp,
    pub(super) history_tip: Option<MessageId>,
    pub(super) assistant_message: Option<MessageId>,
    /// What it adds to its run's totals.
    pub(super) totals: Totals,
    /// The write that put it.
    pub(super) write: String,
    /// The digest of the post that brought it, if it came with a whole turn.
    pub(super) turn: Option<Vec<u8>>,
    pub(super) content: Content,
}

/// Steps by number as JSON, and the one to go on behind when there are more.
#[derive(Debug)]
pub struct StepPage {
    /// The steps, whole.
    pub steps: Vec<Box<RawValue>>,
    /// The last of them, when more stand behind it.
    pub next: Option<StepNumber>,
}

impl StepRecord {
    /// The head of a step that a write puts now.
    pub(super) fn new(step: &StepInput, number: StepNumber, content: Content, write: &WriteId, now: Timestamp) -> Self {
        Self {
            number,
            operation: step.operation,
            status: step.status,
            started_at: step.started_at,
            finished_at: step.finished_at,
            updated_at: now,
            history_tip: step.history_tip_message_id.clone(),
            assistant_message: step.assistant_message_id.clone(),
            totals: Totals::of(step),
            write: write.to_string(),
            turn: None,
            content,
        }
    }

    /// Whether the head belongs to the run that stands. One that a crashed post left behind does not.
    pub(super) fn is_of(&self, run: &RunRecord) -> bool {
        self.turn.as_ref().is_none_or(|turn| *turn == run.digest)
    }

    pub(super) fn item(&self, chat: ChatId, run: RunId) -> Item {
        let mut item = keys::step(chat, run, self.number).item();
        put(&mut item, "operation", Some(text(self.operation.as_str())));
        put(&mut item, "status", Some(text(self.status.as_str())));
        put(&mut item, "started_at", Some(time(self.started_at)));
        put(&mut item, "finished_at", self.finished_at.map(time));
        put(&mut item, "updated_at", Some(time(self.updated_at)));
        put(&mut item, "history_tip_message_id", self.history_tip.as_ref().map(message));
        put(&mut item, "assistant_message_id", self.assistant_message.as_ref().map(message));
        put(&mut item, "write", Some(text(self.write.as_str())));
        put(&mut item, "turn", self.turn.as_deref().map(bytes));
        self.totals.write(&mut item);
        match &self.content {
            Content::Inline(content) => put(&mut item, "content", Some(bytes(content.as_slice()))),
            Content::Parts(Parts { count, size, checksum }) => {
                put(&mut item, "parts", Some(number(count)));
                put(&mut item, "size", Some(number(size)));
                put(&mut item, "checksum", Some(bytes(checksum.as_slice())));
            }
        }
        item
    }

    /// The step as it travels: the head's members, then the content's, which are JSON already.
    fn to_json(&self, chat: ChatId, run: RunId, mut content: String) -> Result<String, Failure> {
        #[derive(Serialize)]
        struct Head<'a> {
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
        let head = serde_json::to_string(&Head {
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
        });
        let head = head.map_err(|_| Failure::internal("step head is no JSON"))?;
        match head.strip_suffix('}') {
            Some(members) if content.starts_with('{') => {
                content.reserve_exact(members.len());
                content.replace_range(..1, &format!("{members},"));
                Ok(content)
            }
            _ => Err(Failure::internal("step content is no object")),
        }
    }
}

impl StepRecord {
    pub(super) fn read(mut read: Read<'_>) -> Result<Self, Undecodable> {
        let content = match read.bytes("content")? {
            Some(content) => Content::Inline(content),
            None => Content::Parts(Parts {
                count: required(read.number("parts")?.filter(|count| *count <= MAX_PARTS), "parts")?,
                size: required(read.number("size")?, "size")?,
                checksum: required(read.bytes("checksum")?, "checksum")?,
            }),
        };
        Ok(Self {
            number: required(read.text("sk")?.and_then(|sk| keys::step_of(&sk)), "sk")?,
            operation: required(read.string_enum("operation")?, "operation")?,
            status: required(read.string_enum("status")?, "status")?,
            started_at: required(read.time("started_at")?, "started_at")?,
            finished_at: read.time("finished_at")?,
            updated_at: required(read.time("updated_at")?, "updated_at")?,
            history_tip: read.message("history_tip_message_id")?,
            assistant_message: read.message("assistant_message_id")?,
            totals: Totals::read(&mut read)?,
            write: required(read.text("write")?, "write")?,
            turn: read.bytes("turn")?,
            content,
        })
    }
}

/// How a part's key compares with the one that is wanted, and its content if it is the one. A part that was
/// retired has none any more.
fn compared(part: &RawItem, wanted: &str, now: Timestamp) -> Result<(Ordering, Option<Vec<u8>>), Failure> {
    let part = part.read()?;
    let order = required(part.sort_key(), "sk")?.cmp(wanted);
    let part = if order.is_eq() { part.unexpired(now) } else { None };
    Ok((order, part.map(|mut part| part.bytes("content")).transpose()?.flatten()))
}

/// A range of one run that is read page by page, as far as it is needed.
struct Reader<'a> {
    store: &'a Store,
    range: keys::Range,
    items: VecDeque<RawItem>,
    has_more: bool,
}

impl<'a> Reader<'a> {
    async fn begin(store: &'a Store, range: keys::Range, limit: Option<usize>) -> Result<Self, Failure> {
        let page = store.query(&range, Order::Ascending, limit, None, None).await?;
        Ok(Self { store, range, has_more: page.next.is_some(), items: page.items.into() })
    }

    /// The first item; when the page is used up, the next one is read, from `sk` on.
    async fn first_from(&mut self, sk: impl FnOnce() -> String) -> Result<Option<&RawItem>, Failure> {
        if self.items.is_empty() && self.has_more {
            self.range.from = sk();
            let mut start = None;
            // An empty page is not the end as long as it names a next one.
            while self.items.is_empty() && self.has_more {
                let page = self.store.query(&self.range, Order::Ascending, None, start, None).await?;
                self.has_more = page.next.is_some();
                self.items.extend(page.items);
                start = page.next;
            }
        }
        Ok(self.items.front())
    }

    /// Takes the item that [`Self::first_from`] finds.
    async fn next_from(&mut self, sk: impl FnOnce() -> String) -> Result<Option<RawItem>, Failure> {
        self.first_from(sk).await?;
        Ok(self.items.pop_front())
    }
}

/// The first steps of a run, read beside the proof of who owns it.
pub struct Steps<'a> {
    of: (ChatId, RunId),
    after: Option<StepNumber>,
    heads: Reader<'a>,
    parts: Reader<'a>,
}

impl Store {
    /// Begins to read a run's steps behind `after`: a few heads and a part of content, asked for at once.
    pub async fn steps(
        &self,
        chat: &UnprovenChat,
        run: RunId,
        after: Option<StepNumber>,
    ) -> Result<Steps<'_>, Failure> {
        let heads = Reader::begin(self, keys::steps(chat.id(), run, after), Some(HEADS_BESIDE_PROOF));
        let parts = Reader::begin(self, keys::parts(chat.id(), run, after), Some(PARTS_BESIDE_PROOF));
        let (heads, parts) = tokio::try_join!(heads, parts)?;
        Ok(Steps { of: (chat.id(), run), after, heads, parts })
    }

    /// The steps of their run, which is proven now, read on only while the page has room.
    pub async fn page(&self, run: &Owned<RunRecord>, steps: Steps<'_>) -> Result<StepPage, Failure> {
        let Steps { of, after: mut behind, mut heads, mut parts } = steps;
        if of != (run.chat, run.id) {
            return Err(Failure::internal("steps of another run"));
        }
        let mut steps = Vec::new();
        let mut last = None;
        let mut weight = 0;
        loop {
            let from = || keys::steps(run.chat, run.id, behind).from;
            let Some(head) = heads.next_from(from).await? else { break };
            let head = head.read()?;
            behind = Some(required(head.sort_key().and_then(keys::step_of), "sk")?);
            let Some(head) = head.unexpired(self.clock.now()).map(StepRecord::read).transpose()? else { continue };
            if !head.is_of(run) {
                continue;
            }
            let number = head.number;
            let Some((mut head, content)) = self.whole(run, head, &mut parts).await? else { continue };
            head.status = head.status.within(run.status);
            let json = head.to_json(run.chat, run.id, content)?;
            weight += content::travel_bytes(&json);
            if weight > MAX_PAGE_BYTES && last.is_some() {
                return Ok(StepPage { steps, next: last });
            }
            steps.push(RawValue::from_string(json).map_err(|_| Failure::internal("step is no JSON"))?);
            last = Some(number);
        }
        Ok(StepPage { steps, next: None })
    }

    /// A head with all of its content. A part that is missing was replaced while we read: the head is
    /// read again. `None` when the step went away meanwhile.
    async fn whole(
        &self,
        run: &RunRecord,
        mut head: StepRecord,
        parts: &mut Reader<'_>,
    ) -> Result<Option<(StepRecord, String)>, Failure> {
        let mut found = self.parts_from(run, &head, parts).await?;
        for _ in 0..REREADS {
            match head.content.assemble(found) {
                Some(content) => {
                    let content = String::from_utf8(content).map_err(|_| Failure::internal("content is no text"))?;
                    return Ok(Some((head, content)));
                }
                None => match self.get(keys::step(run.chat, run.id, head.number)).await? {
                    Some(item) => head = StepRecord::read(item)?,
                    None => return Ok(None),
                },
            }
            let range = keys::parts_of_write(run.chat, run.id, head.number, &head.write);
            let mut again = Reader::begin(self, range, None).await?;
            found = self.parts_from(run, &head, &mut again).await?;
        }
        Err(Failure::unavailable("a step's content is not whole"))
    }

    /// The parts of a head's write, in order. Parts of other writes are passed over, and never waited for.
    async fn parts_from(
        &self,
        run: &RunRecord,
        head: &StepRecord,
        parts: &mut Reader<'_>,
    ) -> Result<Vec<Vec<u8>>, Failure> {
        let mut found = Vec::new();
        let Content::Parts(Parts { count, .. }) = head.content else { return Ok(found) };
        while found.len() < count {
            let wanted = keys::part(run.chat, run.id, head.number, &head.write, found.len()).sk;
            let Some(first) = parts.first_from(|| wanted.clone()).await? else { break };
            let (order, content) = compared(first, &wanted, self.clock.now())?;
            if order.is_gt() {
                break;
            }
            found.extend(content);
            parts.items.pop_front();
        }
        Ok(found)
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
            write: "w".into(),
            turn: None,
            content: Content::Inline(Vec::new()),
        };
        let (chat, run) = (ChatId::from_uuid(Uuid::from_u128(1)), RunId::from_uuid(Uuid::from_u128(2)));
        let content = r#"{"normalized_request":{"n":1.0},"attempts":[],"metadata":{}}"#.to_owned();
        let step: Step = serde_json::from_str(&record.to_json(chat, run, content).expect("JSON")).expect("a step");
        assert_eq!((step.chat_id, step.run_id, step.step_number.get()), (chat, run, 3));
        assert_eq!(
            (step.normalized_request.get(), &step.history_tip_message_id),
            (r#"{"n":1.0}"#, &record.history_tip)
        );
        assert_eq!(step.assistant_message_id, record.assistant_message);
        let item = record.item(chat, run);
        assert_eq!(StepRecord::read(item.into()), Ok(record));
    }
}
