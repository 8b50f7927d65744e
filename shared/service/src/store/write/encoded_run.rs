//! A post as it is stored, serialised once: its run, and its steps as one turn or as items of their own.

use super::super::{
    content::{
        chunks::{ChunkOwner, beside_head},
        digest::PostDigest,
        encoding::{Noted, add_step, pack},
        frames::FrameWriter,
    },
    item::{CHUNK_BYTES, Item, SMALL_BYTES},
    records::{
        label::{endpoint_label, first_message},
        outline::{self, MAX_INLINE_OUTLINES, contents_of},
        run::{RunRecord, end},
        step::{StepContent, StepRecord},
        totals::Totals,
        turn::{PostedTurn, TurnContent},
    },
};
use crate::{
    access::proof::ClaimedChat,
    failure::Failure,
    ids::{WriteId, run_started_at},
};
use api::{
    ids::{ChatId, MessageId, RunId, StepNumber},
    problem::{MAX_STORED_BYTES, Problem},
    redaction::{MAX_RUN_RECEIPT_ENTRIES, Redaction},
    run::CreateRun,
    step::StepInput,
    time::Timestamp,
};
use bytes::Bytes;
use frame::Steps;
use redact::{Receipt, Redacted};
use std::mem;

/// A post as it is to be stored.
pub struct EncodedRun {
    /// The post without its steps.
    pub(super) body: CreateRun,
    pub(super) run: RunRecord,
    pub(super) steps: EncodedSteps,
}

/// A post's steps.
pub(super) enum EncodedSteps {
    /// They never change.
    Turn(EncodedTurn),
    /// The run is open, or has no steps.
    Items(Vec<EncodedStep>),
}

/// A turn, with what does not fit into its anchor.
pub(super) struct EncodedTurn {
    pub(super) turn: PostedTurn,
    /// Its content, which is put before the anchor, unless that holds it.
    pub(super) content: Bytes,
    /// Its steps' outlines, if they are put beside the anchor.
    pub(super) outlines: Option<Item>,
}

/// A step that is an item of its own.
pub(super) struct EncodedStep {
    pub(super) head: StepRecord,
    /// Its content, if it is put together with the head.
    pub(super) beside: Option<Item>,
    /// The chunks that the head names, which are put before it.
    pub(super) chunks: Vec<Item>,
}

impl EncodedRun {
    /// Takes a post that is checked. It asks the table for nothing: whether the chat is recorded may be asked meanwhile.
    ///
    /// # Errors
    ///
    /// `Problem::TurnTooLarge` and `Problem::StepTooLarge` when more would be stored than a partition takes at once,
    /// and the second when a step could never be read back; `Problem::Unavailable` when memory is short.
    pub fn of(chat: &ClaimedChat, body: Redacted<CreateRun>, now: Timestamp) -> Result<Self, Failure> {
        let (mut body, receipt) = body.into_parts();
        let steps = mem::take(&mut body.steps);
        let redaction = receipt.of_rest().map(|redaction| redaction.naming(MAX_RUN_RECEIPT_ENTRIES));
        let mut run = RunRecord { redaction, ..record(chat.id(), &body, &steps, now) };
        let digest = PostDigest::begin(&body)?;
        let steps = if run.is_posted_turn {
            EncodedSteps::Turn(encode_turn(&mut run, steps, &receipt, digest, now)?)
        } else {
            EncodedSteps::Items(encode_items(&mut run, steps, &receipt, digest, now)?)
        };
        Ok(Self { body, run, steps })
    }
}

/// The run that a post makes, of which the steps were taken; neither its digest nor what its steps add up to is known
/// yet. Each step has its number.
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
        post_digest: Vec::new(),
        totals: Totals::default(),
        first_step: first.and_then(|step| step.step_number),
        endpoint_label: first.and_then(endpoint_label),
        last_message: steps.iter().filter_map(last_message).max(),
        revision: 0,
        is_posted_turn: body.status.is_final() && !steps.is_empty(),
        redaction: None,
    }
}

/// A turn's step has its number, or the turn was not checked.
fn number_of(step: &StepInput) -> Result<StepNumber, Failure> {
    step.step_number.ok_or_else(|| Failure::internal("step without its number"))
}

/// The greatest number among the message ids of a step.
pub(super) fn last_message(step: &StepInput) -> Option<i64> {
    let ids = [&step.history_tip_message_id, &step.assistant_message_id].into_iter().flatten();
    ids.filter_map(MessageId::number).max()
}

/// Steps as one turn.
fn encode_turn(
    run: &mut RunRecord,
    steps: Vec<StepInput>,
    receipt: &Receipt,
    mut digest: PostDigest,
    now: Timestamp,
) -> Result<EncodedTurn, Failure> {
    let of = (run.chat, run.id);
    let write = WriteId::random();
    let (mut frames, mut outlines) = (FrameWriter::default(), Vec::with_capacity(steps.len()));
    let mut totals = Vec::with_capacity(steps.len());
    // By value: a turn is large, and a step that is encoded is needed no more.
    for (index, step) in steps.into_iter().enumerate() {
        let number = number_of(&step)?;
        let (outline, counted) = contents_of(&step);
        let counted = counted.as_ref();
        let mut head = StepRecord::new(&step, number, (outline, counted), (StepContent::Beside, 0), &write, now);
        head.status = head.status.within(run.status);
        let noted = Noted { counted, redaction: receipt.of_step(index) };
        frames.add(number, &head.head_json(of)?, (&step, noted), &mut digest)?;
        totals.push(head.totals);
        outlines.push(head.into_outline());
    }
    let (packed, frames) = frames.finish()?;
    if packed.len() > MAX_STORED_BYTES {
        return Err(Problem::TurnTooLarge { stored: packed.len() }.into());
    }
    run.post_digest = digest.finish();
    run.totals = totals.into_iter().sum::<Totals>().with_stored(packed.len());
    let packed = Bytes::from(packed);
    let content = if packed.len() <= SMALL_BYTES {
        TurnContent::Inline(packed.to_vec())
    } else if packed.len() <= CHUNK_BYTES {
        TurnContent::Whole(Vec::new())
    } else {
        TurnContent::Chunked(packed.len().div_ceil(CHUNK_BYTES))
    };
    let outlines = outline::packed(outlines)?;
    let is_inline = outlines.len() <= MAX_INLINE_OUTLINES;
    let (inline, apart) = if is_inline { (Some(outlines), None) } else { (None, Some(outlines)) };
    let mut turn = PostedTurn { write, frames, content, outlines: inline };
    turn.fill_anchor(of, &packed);
    let outlines = apart.map(|outlines| turn.outlines_item(of, &outlines));
    Ok(EncodedTurn { turn, content: packed, outlines })
}

/// Steps as items of their own.
fn encode_items(
    run: &mut RunRecord,
    steps: Vec<StepInput>,
    receipt: &Receipt,
    mut digest: PostDigest,
    now: Timestamp,
) -> Result<Vec<EncodedStep>, Failure> {
    let of = (run.chat, run.id);
    let write = WriteId::random();
    let mut encoded = Vec::with_capacity(steps.len());
    for (index, step) in steps.into_iter().enumerate() {
        let number = number_of(&step)?;
        let step = (&step, receipt.of_step(index));
        encoded.push(EncodedStep::of(of, number, step, &write, Some(&mut digest), now)?);
    }
    let stored = encoded.iter().map(|step: &EncodedStep| step.head.stored()).sum();
    if stored > MAX_STORED_BYTES {
        return Err(Problem::TurnTooLarge { stored }.into());
    }
    run.totals = encoded.iter().map(|step| step.head.totals).sum();
    run.post_digest = digest.finish();
    for step in &mut encoded {
        step.head.post_digest = Some(run.post_digest.clone());
    }
    Ok(encoded)
}

impl EncodedStep {
    /// A step as a write puts it.
    ///
    /// # Errors
    ///
    /// `Problem::StepTooLarge` when the step could never be read back, or more would be stored than a partition takes
    /// at once; `Problem::Unavailable` when memory is short.
    pub(super) fn of(
        of: (ChatId, RunId),
        number: StepNumber,
        (step, redaction): (&StepInput, Option<Redaction>),
        write: &WriteId,
        digest: Option<&mut PostDigest>,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let mut steps = Steps::default();
        let (outline, counted) = contents_of(step);
        let counted = counted.as_ref();
        add_step(&mut steps, number, "", (step, Noted { counted, redaction }), digest)?;
        let packed = pack(&steps)?;
        let stored = packed.len();
        if stored > MAX_STORED_BYTES {
            return Err(Problem::StepTooLarge.into());
        }
        let head = |content| StepRecord::new(step, number, (outline, counted), (content, stored), write, now);
        if stored <= SMALL_BYTES {
            let beside = Some(beside_head(of, number, write, &packed));
            return Ok(Self { head: head(StepContent::Beside), beside, chunks: Vec::new() });
        }
        let chunks = ChunkOwner { of, step: Some(number), write }.items(&packed.into());
        Ok(Self { head: head(StepContent::Chunked(chunks.len())), beside: None, chunks })
    }
}
