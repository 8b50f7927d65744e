//! The steps of an open run, as items of their own: up to 45 go with the run, more in transactions before it.
//!
//! What goes before is tagged with the post's digest, and counts only once the run exists. The same post again goes on
//! with what is there of it: one of more than a chat takes in the time of a request is done after a few.

use super::{
    super::{
        change::Change,
        content::staging::Unnamed,
        item::{Item, bytes},
        keys,
        records::{
            intent::{Intent, chunks_of},
            run::RunRecord,
            step::{POST_DIGEST, StepRecord},
        },
        table::Store,
        transaction::Action,
    },
    encoded_run::EncodedStep,
    post::{Created, Part, Post},
    staged::StagedError,
    sweep,
};
use crate::{failure::Failure, metrics::LeftBehind};
use std::{collections::BTreeMap, mem, time::Duration};
use tokio::time::Instant;

/// Steps of one transaction, which takes 100 items: each is a head and its content.
const STEPS_IN_TRANSACTION: usize = 45;
/// How old steps are at most that a post goes on with. No sweep touches them while this post is under way.
const MOST_AGE: Duration = Duration::from_secs(sweep::AGE.as_secs() / 2);

impl Store {
    /// Puts the steps, those of the last transaction with their run. Each transaction holds only while chat and run
    /// live: whatever is stored is there for a deletion to find. Chunks go right before the transaction that names them.
    pub(super) async fn post_items(
        &self,
        post: &mut Post,
        mut steps: Vec<EncodedStep>,
        until: Instant,
    ) -> Result<Created, Failure> {
        let last_at = steps.len().saturating_sub(1) / STEPS_IN_TRANSACTION * STEPS_IN_TRANSACTION;
        let mut last = steps.split_off(last_at);
        let early = self.left_to_put(&post.run, steps.chunks_mut(STEPS_IN_TRANSACTION).collect()).await?;
        let chunks = chunks_of(early.iter().flat_map(|batch| &**batch).chain(&last).map(|step| &step.head));
        if let Some(step) = last.first()
            && !(early.is_empty() && chunks.is_empty())
        {
            post.intends(&step.head.write, chunks);
        }
        let left = self.intend(post.intent.as_ref()).await?;
        let mut is_begun = false;
        for batch in early {
            let part = before_run(&post.run, batch);
            let written = self.put_batch(post, batch, part, until).await;
            if !matches!(written, Ok(Created::New(_))) {
                return self.end_items(post, written, batch, is_begun, left, until).await;
            }
            is_begun = true;
        }
        let part = with_run(&post.run, &mut last, is_begun);
        let written = self.put_batch(post, &mut last, part, until).await;
        self.end_items(post, written, &last, is_begun, left, until).await
    }

    /// The batches that no try of this post has stored lately. A transaction is all or nothing, and only the same post
    /// takes the place of what it put: a batch whose first and last head are of one write is there.
    async fn left_to_put<'s>(
        &self,
        run: &RunRecord,
        batches: Vec<&'s mut [EncodedStep]>,
    ) -> Result<Vec<&'s mut [EncodedStep]>, Failure> {
        if batches.is_empty() {
            return Ok(batches);
        }
        let ends = batches.iter().flat_map(|batch| batch.first().into_iter().chain(batch.last()));
        let ends: Vec<_> = ends.map(|step| keys::step(run.chat, run.id, step.head.number)).collect();
        let found = self.get_all(&ends.iter().collect::<Vec<_>>()).await?;
        let mut found = found.read()?;
        let mut writes = BTreeMap::new();
        for key in &ends {
            let head = found.take(key).map(StepRecord::read).transpose()?;
            writes.extend(head.filter(|head| is_lately_of(run, head)).map(|head| (head.number, head.write)));
        }
        let write_of = |step: Option<&EncodedStep>| writes.get(&step?.head.number);
        let is_there = |batch: &[EncodedStep]| {
            let first = write_of(batch.first());
            first.is_some() && first == write_of(batch.last())
        };
        Ok(batches.into_iter().filter(|batch| !is_there(batch)).collect())
    }

    /// Stages a batch's chunks, and puts it.
    async fn put_batch(
        &self,
        post: &mut Post,
        batch: &mut [EncodedStep],
        part: Part,
        until: Instant,
    ) -> Result<Created, StagedError> {
        let chunks = batch.iter_mut().flat_map(|step| mem::take(&mut step.chunks)).collect();
        self.stage(chunks, until).await?;
        self.attempt(post, part, until).await
    }

    /// Ends a post with the batch that was its last.
    async fn end_items(
        &self,
        post: &Post,
        written: Result<Created, StagedError>,
        batch: &[EncodedStep],
        is_begun: bool,
        left: Option<LeftBehind>,
        until: Instant,
    ) -> Result<Created, Failure> {
        let is_new = matches!(written, Ok(Created::New(_)));
        // Heads that went before wait for the same post, for a deletion or for a sweep, which finds them by the intent.
        let left = left.filter(|_| !(is_begun && written.is_err()));
        let intent = post.intent.as_ref().filter(|_| !is_begun && !is_new);
        let batch = if is_new { &[] } else { batch };
        let unnamed = batch.iter().flat_map(|step| step.head.chunk_keys(post.of())).map(Unnamed::chunk);
        self.end_staged(post.of(), written, unnamed.collect(), intent, left, until).await
    }
}

/// Whether a head was put by a try of this post, and not so long ago that a sweep may come.
fn is_lately_of(run: &RunRecord, head: &StepRecord) -> bool {
    let age = run.created_at.micros() - head.updated_at.micros();
    head.post_digest.as_ref() == Some(&run.post_digest) && age < i64::try_from(MOST_AGE.as_micros()).unwrap_or(i64::MAX)
}

/// Puts steps that only the run confirms. They take the place of nothing but the same post's, tried before.
fn before_run(run: &RunRecord, steps: &mut [EncodedStep]) -> Part {
    let same = || Change::default().require_no_item_or_equal(POST_DIGEST, bytes(run.post_digest.as_slice()));
    let put = |head| Action::Put(head, same());
    Part {
        anchor: Action::check_absent(keys::turn(run.chat, run.id)),
        run: Action::check_absent(keys::run(run.chat, run.id)),
        rest: put_steps(run, steps, put),
        intent: Intent::check,
    }
}

/// Puts steps with their run.
fn with_run(run: &RunRecord, steps: &mut [EncodedStep], is_begun: bool) -> Part {
    Part {
        anchor: Action::check_absent(keys::turn(run.chat, run.id)),
        run: Action::put_if_absent(run.item()),
        rest: put_steps(run, steps, Action::put),
        // Of several transactions, each head may have been replaced by the same post's, which was slow or tried again:
        // the intent stays for a sweep, which keeps what the run confirms.
        intent: if is_begun { Intent::check } else { Intent::confirmed },
    }
}

fn put_steps(run: &RunRecord, steps: &mut [EncodedStep], put: impl Fn(Item) -> Action) -> Vec<Action> {
    let of = (run.chat, run.id);
    steps
        .iter_mut()
        .flat_map(|step| [Some(put(step.head.item(of))), step.beside.take().map(Action::put)])
        .flatten()
        .collect()
}
