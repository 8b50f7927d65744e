//! A new run, or a whole turn in one call: visible as a whole, or not at all.
//!
//! Chunks are written first; nothing refers to them yet. Up to 90 step heads are written in the run's transaction, more
//! in earlier ones, tagged with the post's digest, and they count only once the run exists. The same post again is the
//! same answer. Whatever is written for a chat or a run that is deleted meanwhile is found by the deletion, or emptied
//! here.

use super::{
    super::{
        change::Change,
        content::{
            chunks::Content,
            encoding::{TurnDigest, check_size, content_of},
        },
        errors::{Cancellation, WriteError},
        item::{Attributes, Item, bytes},
        keys,
        read::snapshot::Snapshot,
        records::{
            chat::{Chat, new_chat},
            label::{endpoint_label, first_message},
            run::{RunRecord, end},
            step::StepRecord,
            totals::Totals,
        },
        table::Store,
        transaction::Action,
    },
    chats::list_chat,
    conditions::chat_exists,
    staged::StagedError,
};
use crate::{
    access::proof::{RecordableChat, RefusedChat},
    failure::Failure,
    ids::{WriteId, run_started_at},
    metrics::LeftBehind,
};
use ::redact::Redacted;
use api::{
    ids::ChatId,
    problem::Problem,
    run::{CreateRun, Run},
    step::StepInput,
    time::Timestamp,
};
use std::mem;
use tokio::time::Instant;

/// Heads that go with their run in one transaction, which takes 100 items.
const HEADS_IN_TRANSACTION: usize = 90;

/// What became of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// The run is new.
    New(Run),
    /// The same was posted before; this is the answer of then.
    Same(Run),
}

/// The run that a post makes, of which the steps were taken, and the digest is not known yet. Each step has its number.
fn record(chat: ChatId, body: &CreateRun, steps: &[StepInput], now: Timestamp) -> RunRecord {
    let first = steps.iter().min_by_key(|step| step.step_number);
    let message = body.summary.as_ref().and_then(|summary| summary.first_message.as_deref());
    RunRecord {
        chat,
        id: body.id.unwrap_or_else(|| run_started_at(body.started_at)),
        kind: body.kind,
        status: body.status,
        started_at: body.started_at,
        finished_at: end(Some(body.status), body.finished_at, body.started_at, now),
        created_at: now,
        updated_at: now,
        provider: body.provider.clone(),
        model: body.model.clone(),
        first_message: message.and_then(first_message),
        root: body.root_chat_id,
        parent: body.parent_chat_id,
        model_config: body.model_config_id,
        trigger_message: body.trigger_message_id.clone(),
        history_tip: body.history_tip_message_id.clone(),
        digest: Vec::new(),
        totals: steps.iter().map(Totals::of).sum(),
        first_step: first.and_then(|step| step.step_number),
        endpoint_label: first.and_then(endpoint_label),
    }
}

/// A post, serialised once.
struct EncodedTurn {
    /// The post without its steps.
    body: CreateRun,
    run: RunRecord,
    heads: Vec<StepRecord>,
    /// The chunks that its heads name.
    chunks: Vec<Item>,
}

impl EncodedTurn {
    /// # Errors
    ///
    /// `Problem::StepTooLarge` when a step could never be read back.
    fn of(chat: ChatId, mut body: CreateRun, now: Timestamp) -> Result<Self, Failure> {
        let steps = mem::take(&mut body.steps);
        let mut run = record(chat, &body, &steps, now);
        let mut digest = TurnDigest::begin(&body)?;
        let write = WriteId::random();
        let mut heads = Vec::with_capacity(steps.len());
        let mut chunks = Vec::new();
        // By value: a turn is large, and a step that is encoded is needed no more.
        for step in steps {
            let Some(number) = step.step_number else { continue };
            let content = content_of(&step)?;
            check_size(&content)?;
            digest.add(&step, &content)?;
            let (content, rest) = Content::of(content.into_bytes());
            let head = StepRecord::new(&step, number, content, &write, now);
            chunks.extend(head.chunk_owner((run.chat, run.id)).items(rest));
            heads.push(head);
        }
        run.digest = digest.finish();
        for head in &mut heads {
            head.turn = Some(run.digest.clone());
        }
        Ok(Self { body, run, heads, chunks })
    }
}

/// The answer to a post whose run exists.
///
/// # Errors
///
/// `Problem::OtherContent` when something else was posted.
fn repeated(existing: &RunRecord, chat: ChatId, mut body: CreateRun, now: Timestamp) -> Result<Created, Failure> {
    let steps = mem::take(&mut body.steps);
    let run = record(chat, &body, &steps, now);
    let mut digest = TurnDigest::begin(&body)?;
    for step in steps {
        digest.add(&step, &content_of(&step)?)?;
    }
    same(existing, &RunRecord { digest: digest.finish(), ..run })
}

/// The same post again is the same answer, whatever happened to the run since: it is made of what was posted, and of
/// the moment when that was new.
fn same(existing: &RunRecord, posted: &RunRecord) -> Result<Created, Failure> {
    if existing.digest != posted.digest {
        return Err(Problem::OtherContent.into());
    }
    let finished_at = if posted.status.is_final() { existing.finished_at } else { posted.finished_at };
    let then =
        RunRecord { finished_at, created_at: existing.created_at, updated_at: existing.created_at, ..posted.clone() };
    Ok(Created::Same(then.into()))
}

impl Store {
    /// The answer to a post that was recorded before, if it was: for a chat that is recorded no more.
    pub fn recorded_before(
        &self,
        chat: &RefusedChat,
        body: Redacted<CreateRun>,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Option<Created> {
        // Other content under the same id was not recorded, which is what its recorder is then told.
        repeated(snapshot.run.as_ref()?, chat.id(), body.into_inner(), now).ok()
    }

    /// Records a run, or a whole turn. `body` is checked. Content that no head names in the end is emptied before the
    /// answer.
    ///
    /// # Errors
    ///
    /// - `Problem::OtherContent` when the id, or the number of a step, is taken by another post
    /// - `Problem::OtherOwner` and `Problem::NotFound` when the chat was registered with another owner meanwhile, or
    ///   chat or run were deleted
    /// - `Problem::StepTooLarge` when a step could never be read back
    /// - `Problem::Unavailable` when the table does not answer in time: the same post again is safe
    pub async fn create_run(
        &self,
        chat: &RecordableChat,
        body: Redacted<CreateRun>,
        snapshot: &Snapshot,
        now: Timestamp,
        until: Instant,
    ) -> Result<Created, Failure> {
        if let Some(existing) = &snapshot.run {
            return repeated(existing, chat.id(), body.into_inner(), now);
        }
        let EncodedTurn { body, run, heads, chunks } = EncodedTurn::of(chat.id(), body.into_inner(), now)?;
        let of = (run.chat, run.id);
        let mut named = 0;
        let leaves = !chunks.is_empty() || heads.len() > HEADS_IN_TRANSACTION;
        let mut left = leaves.then(LeftBehind::unless_settled);
        let written = match self.stage(chunks, until).await {
            Ok(()) => self.put_turn(chat, &body, &run, &heads, &mut named, until).await,
            Err(failure) => Err(failure.into()),
        };
        if written.is_err() && named > 0 {
            // Heads that went before a run which did not come wait for the same post, or for a deletion.
            drop(left.take());
        }
        let unnamed = heads.iter().skip(named).flat_map(|head| head.chunk_keys(of)).collect();
        self.end_staged(of, written, unnamed, left, until).await
    }

    /// Puts the heads, those of the last transaction with their run, and counts how many are named for good. Each
    /// transaction holds only while chat and run live: whatever is stored is there for a deletion to find.
    async fn put_turn(
        &self,
        chat: &RecordableChat,
        body: &CreateRun,
        run: &RunRecord,
        heads: &[StepRecord],
        named: &mut usize,
        until: Instant,
    ) -> Result<Created, StagedError> {
        let new_chat = new_chat(&body.owner_id, body.root_chat_id, body.parent_chat_id, run.created_at);
        let mut is_registered = chat.is_registered();
        loop {
            let heads = heads.get(*named..).unwrap_or_default();
            let (heads, is_last) = match heads.split_at_checked(HEADS_IN_TRANSACTION) {
                Some((first, rest)) if !rest.is_empty() => (first, false),
                _ => (heads, true),
            };
            if Instant::now() >= until {
                return Err(Failure::unavailable("deadline while posting"))?;
            }
            let mut actions = vec![
                if is_registered {
                    chat_exists(run.chat)
                } else {
                    Action::update_if_absent(keys::chat(run.chat), new_chat.clone())
                },
                Action::check_absent(keys::tombstone(run.chat, run.id)),
                if is_last {
                    Action::put_if_absent(run.item())
                } else {
                    Action::check_absent(keys::run(run.chat, run.id))
                },
            ];
            let items = heads.iter().map(|head| head.item((run.chat, run.id)));
            actions.extend(items.map(|item| if is_last { Action::put(item) } else { put_early(run, item) }));
            actions.extend((!is_registered).then(|| list_chat(&body.owner_id, run.chat, run.created_at)));
            let reasons = match self.transact(actions).await {
                Ok(()) => {
                    *named += heads.len();
                    is_registered = true;
                    if is_last {
                        return Ok(Created::New(run.clone().into()));
                    }
                    continue;
                }
                Err(WriteError::Cancelled(reasons)) => reasons,
                Err(error) => return Err(error.into()),
            };
            match reasons.as_slice() {
                [_, Cancellation::Condition(_), ..] => return Err(Problem::NotFound.into()),
                [_, _, Cancellation::Condition(Some(existing)), ..] => {
                    return Ok(same(&RunRecord::read(existing.clone().into())?, run)?);
                }
                // Another post registered the chat meanwhile: its owner has to be the same, and it has to live.
                [Cancellation::Condition(Some(existing)), ..] => {
                    match Chat::read(Attributes::from(existing.clone()))? {
                        Chat { deleted: true, .. } => return Err(Problem::NotFound.into()),
                        Chat { owner, .. } if owner != body.owner_id => return Err(Problem::OtherOwner.into()),
                        _ => is_registered = true,
                    }
                }
                // A head of another post has the number, whose run does not exist (yet).
                [Cancellation::None, Cancellation::None, Cancellation::None, heads @ ..]
                    if heads.iter().any(|reason| matches!(reason, Cancellation::Condition(_))) =>
                {
                    return Err(Problem::OtherContent.into());
                }
                _ => return Err(WriteError::Cancelled(reasons).into()),
            }
        }
    }
}

/// A head that only the run confirms. It takes the place of nothing but the same post's, tried before.
fn put_early(run: &RunRecord, head: Item) -> Action {
    Action::Put(head, Change::default().require_no_item_or_equal("turn", bytes(run.digest.as_slice())))
}
