//! A new run, or a whole turn in one call: visible as a whole, or not at all.
//!
//! Content parts go first, under a fresh write id that nothing names yet. The heads go with their run
//! in one transaction; those that do not fit go before it, marked with the digest of the post, which
//! only the run that comes last confirms. The same post again is the same answer. Whatever is stored for a
//! chat or a run that is deleted meanwhile is there for the deletion to find, or is emptied here.

use super::{
    Chat, RunRecord, Snapshot, StepRecord, Store, Totals, chats,
    client::{Fault, Reason, Unwritten, names, values},
    content::{Content, encode, part_keys, parts},
    item::{Item, bytes},
    keys,
    label::{endpoint_label, first_message},
    runs::end,
    unbuilt,
};
use crate::{
    access::proof::{RecordableChat, RefusedChat},
    failure::Failure,
    ids::{WriteId, run_started_at},
    metrics::LeftBehind,
    redact::Redacted,
};
use api::{
    ids::ChatId,
    problem::Problem,
    run::{CreateRun, Run},
    time::Timestamp,
};
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use ring::digest::{self, SHA256};
use std::{io, mem};
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

/// The run that a post makes. Its steps' numbers are known to be there.
fn record(chat: ChatId, body: &CreateRun, now: Timestamp) -> Result<RunRecord, Failure> {
    let first = body.steps.iter().min_by_key(|step| step.step_number);
    let message = body.summary.as_ref().and_then(|summary| summary.first_message.as_deref());
    Ok(RunRecord {
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
        digest: digest_of(body)?,
        totals: body.steps.iter().map(Totals::of).sum(),
        first_step: first.and_then(|step| step.step_number),
        endpoint_label: first.and_then(endpoint_label),
    })
}

/// What was posted, in the one form that a check gives it, and without the keys that are redacted.
fn digest_of(body: &CreateRun) -> Result<Vec<u8>, Failure> {
    let mut digest = Digest(digest::Context::new(&SHA256));
    serde_json::to_writer(&mut digest, body).map_err(|_| Failure::internal("body is no JSON"))?;
    Ok(digest.0.finish().as_ref().to_vec())
}

/// Takes what is written, and keeps none of it.
struct Digest(digest::Context);

impl io::Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The same again is the same answer, whatever happened to the run since: it is made of what was
/// posted, and of the moment of then.
fn same(stood: &RunRecord, posted: &RunRecord) -> Result<Created, Failure> {
    if stood.digest != posted.digest {
        return Err(Problem::OtherContent.into());
    }
    let finished_at = if posted.status.is_final() { stood.finished_at } else { posted.finished_at };
    let then = RunRecord { finished_at, created_at: stood.created_at, updated_at: stood.created_at, ..posted.clone() };
    Ok(Created::Same(then.into()))
}

impl Store {
    /// The answer to a post that was recorded before, if it was: for a chat that is recorded no more.
    pub fn recorded_before(
        &self,
        chat: &RefusedChat,
        body: &Redacted<CreateRun>,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Result<Option<Created>, Failure> {
        let Some(stood) = &snapshot.run else { return Ok(None) };
        // Other content under the same id was not recorded, which is what its recorder is then told.
        Ok(same(stood, &record(chat.id(), body, now)?).ok())
    }

    /// Records a run, or a whole turn. `body` is checked. Content that nothing names in the end is emptied before
    /// the answer.
    pub async fn create_run(
        &self,
        chat: &RecordableChat,
        body: Redacted<CreateRun>,
        snapshot: &Snapshot,
        now: Timestamp,
        until: Instant,
    ) -> Result<Created, Failure> {
        let run = record(chat.id(), &body, now)?;
        if let Some(stood) = &snapshot.run {
            return same(stood, &run);
        }
        let mut body = body.into_inner();
        let write = WriteId::random();
        let mut heads = Vec::with_capacity(body.steps.len());
        let mut staged = Vec::new();
        // By value: a turn is large, and a step that is encoded is needed no more.
        for step in mem::take(&mut body.steps) {
            let Some(number) = step.step_number else { continue };
            let (content, beside) = Content::of(encode(&step)?);
            staged.extend(parts(run.chat, run.id, number, &write, beside));
            let head = StepRecord::new(&step, number, content, &write, now);
            heads.push(StepRecord { turn: Some(run.digest.clone()), ..head });
        }
        let mut named = 0;
        let leaves = !staged.is_empty() || heads.len() > HEADS_IN_TRANSACTION;
        let left = leaves.then(LeftBehind::unless_settled);
        let written = match self.stage(staged, until).await {
            Ok(()) => self.put_turn(chat, &body, &run, &heads, &mut named, until).await,
            Err(failure) => Err(failure.into()),
        };
        // What may have been done stays, unless it was deleted, which can never be named.
        if matches!(written, Err(Unwritten::Unknown(_))) && !self.is_gone((run.chat, run.id)).await {
            return Ok(written?);
        }
        // Heads that went before a run which did not come wait for the same post, or for a deletion.
        if written.is_ok() || named == 0 {
            left.into_iter().for_each(LeftBehind::settled);
        }
        let unnamed = heads.iter().skip(named).flat_map(|head| part_keys((run.chat, run.id), head));
        self.empty(unnamed.collect(), until).await;
        Ok(written?)
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
    ) -> Result<Created, Unwritten> {
        let new_chat = chats::made(&body.owner_id, body.root_chat_id, body.parent_chat_id, run.created_at);
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
            let mut items = vec![
                if is_registered {
                    self.chat_stands(run.chat)?
                } else {
                    self.make_if_absent(keys::chat(run.chat), new_chat.clone())?
                },
                self.is_absent(keys::gone(run.chat, run.id))?,
                if is_last { self.put_if_absent(run.item())? } else { self.is_absent(keys::run(run.chat, run.id))? },
            ];
            for head in heads {
                let head = head.item(run.chat, run.id);
                items.push(if is_last { self.put(head)? } else { self.put_early(run, head)? });
            }
            let reasons = match self.transact(&items).await {
                Ok(()) => {
                    *named += heads.len();
                    is_registered = true;
                    if is_last {
                        return Ok(Created::New(run.clone().into()));
                    }
                    continue;
                }
                Err(Fault::Cancelled(reasons)) => reasons,
                Err(fault) => return Err(fault.into()),
            };
            match reasons.as_slice() {
                [_, Reason::Condition(_), ..] => return Err(Problem::NotFound.into()),
                [_, _, Reason::Condition(Some(stood)), ..] => {
                    return Ok(same(&RunRecord::read(stood.clone().into())?, run)?);
                }
                // Another post registered the chat meanwhile: its owner has to be ours, and it has to live.
                [Reason::Condition(Some(stood)), ..] => match Chat::read(stood.clone().into())? {
                    Chat { deleted: true, .. } => return Err(Problem::NotFound.into()),
                    Chat { owner, .. } if owner != body.owner_id => return Err(Problem::OtherOwner.into()),
                    _ => is_registered = true,
                },
                // A head of another post is in the way, whose run does not stand (yet).
                [Reason::None, Reason::None, Reason::None, heads @ ..]
                    if heads.iter().any(|reason| matches!(reason, Reason::Condition(_))) =>
                {
                    return Err(Problem::OtherContent.into());
                }
                _ => return Err(Fault::Cancelled(reasons).into()),
            }
        }
    }

    /// A head that only the run confirms. It takes the place of nothing but the same post's, tried before.
    fn put_early(&self, run: &RunRecord, head: Item) -> Result<TransactWriteItem, Failure> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(head))
            .condition_expression("attribute_not_exists(pk) OR #turn = :turn")
            .set_expression_attribute_names(Some(names(&["turn"])))
            .set_expression_attribute_values(Some(values([(":turn", bytes(run.digest.as_slice()))])))
            .build();
        Ok(TransactWriteItem::builder().put(put.map_err(unbuilt)?).build())
    }
}
