//! What was stored for a write that was never confirmed, and what was replaced and not emptied: found by its intent and
//! purged, an hour after it was put.
//!
//! A sweep first claims the intent, which no write can be confirmed after. Then it removes what the write's name is on,
//! but for what a run names after all: the same post, tried again, may have confirmed it. The intent goes last, so that
//! a sweep that breaks off is followed by another. Two at once do the same twice.

use super::super::{
    change::Change,
    errors::WriteError,
    item::{Attributes, Undecodable, WRITE, required},
    keys::{self, Key, Range},
    raw_items::RawItem,
    records::{intent::Intent, run::RunRecord, step::POST_DIGEST, turn::Turn},
    table::{BATCH, Order, Store},
    transaction::Action,
};
use crate::failure::Failure;
use api::{ids::StepNumber, time::Timestamp};
use futures_util::{StreamExt, future::join_all, stream};
use serde::Serialize;
use std::{collections::BTreeSet, time::Duration};
use tokio::time::{Instant, timeout_at};

/// How old an intent is when it is purged: no request takes a hundredth of it.
pub(super) const AGE: Duration = Duration::from_hours(1);
/// How many intents of a shard are read at once.
const INTENTS: usize = 100;
/// How many intents of a shard are purged at once.
const CONCURRENT_PURGES: usize = 4;

/// What a tick did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Intents that were purged.
    pub purged: u32,
    /// Whether old ones are left for the next tick.
    pub is_left: bool,
}

/// What a sweep looks at of a step's head.
struct Head {
    number: StepNumber,
    /// The digest of the post that brought it, if it came with its run.
    post_digest: Option<Vec<u8>>,
}

impl Store {
    /// Purges what old intents name, oldest first, as many as there is time for. One that cannot be purged keeps no
    /// other waiting.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the table does not answer; `Problem::Internal` when something does not decode. What
    /// is left goes with the next tick.
    pub async fn sweep(&self, now: Timestamp, until: Instant) -> Result<Swept, Failure> {
        let age = i64::try_from(AGE.as_micros()).unwrap_or(i64::MAX);
        let old = Timestamp::from_micros(now.micros() - age).unwrap_or(Timestamp::EPOCH);
        let mut all = Swept::default();
        for shard in join_all((0..keys::SHARDS).map(|shard| self.sweep_shard(shard, old, until))).await {
            let Swept { purged, is_left } = shard?;
            all.purged += purged;
            all.is_left |= is_left;
        }
        Ok(all)
    }

    async fn sweep_shard(&self, shard: u8, old: Timestamp, until: Instant) -> Result<Swept, Failure> {
        let (mut swept, mut failure, mut start) = (Swept::default(), None, None);
        loop {
            let page = self.query(&keys::intents(shard, old), Order::Ascending, Some(INTENTS), start, None).await?;
            let purges = stream::iter(page.items).map(|item| self.purge_in_time(item, until));
            let mut purges = purges.buffer_unordered(CONCURRENT_PURGES);
            while let Some(purged) = purges.next().await {
                match purged {
                    Ok(true) => swept.purged += 1,
                    Ok(false) => swept.is_left = true,
                    Err(cause) => failure = Some(cause),
                }
            }
            start = page.next;
            if start.is_none() || Instant::now() >= until {
                swept.is_left |= start.is_some();
                return failure.map_or(Ok(swept), Err);
            }
        }
    }

    /// Purges an intent, and says whether it is gone; it is not when the time is up.
    async fn purge_in_time(&self, item: RawItem, until: Instant) -> Result<bool, Failure> {
        if Instant::now() >= until {
            return Ok(false);
        }
        let intent = Intent::read(item.read()?)?;
        timeout_at(until, self.purge(&intent, until)).await.unwrap_or(Ok(false))
    }

    /// Removes what an intent names, and the intent last. Says whether it is gone: what changes meanwhile is looked at
    /// again by the next tick.
    async fn purge(&self, intent: &Intent, until: Instant) -> Result<bool, Failure> {
        match self.put(intent.claimed_item(), Change::default().require_item()).await {
            Ok(()) => {}
            // It was confirmed a moment ago.
            Err(WriteError::Condition) => return Ok(true),
            Err(error) => return Err(error.into()),
        }
        let Some(confirmed) = self.purge_named(intent).await? else { return Ok(false) };
        let (chat, run) = intent.of;
        let chunks = intent.chunks.iter().filter(|(step, _)| !confirmed.contains(step));
        let chunks = chunks
            .flat_map(|(step, count)| (0..*count).map(|index| keys::chunk(chat, run, *step, &intent.write, index)));
        for batch in chunks.collect::<Vec<_>>().chunks(BATCH) {
            self.delete_all(batch, until).await?;
        }
        done(self.transact(vec![intent.purged()]).await)
    }

    /// Removes what names the write's content, where no run confirms it, and gives what one does: the numbers of steps,
    /// and none for a whole turn, as an intent's chunks have it. `None` when that changed meanwhile.
    async fn purge_named(&self, intent: &Intent) -> Result<Option<BTreeSet<Option<StepNumber>>>, Failure> {
        let (chat, run) = intent.of;
        let (run_key, turn_key, whole_key) = (keys::run(chat, run), keys::turn(chat, run), keys::whole_turn(chat, run));
        let found = self.get_all(&[&run_key, &turn_key, &whole_key]).await?;
        let mut found = found.read()?;
        let run = found.take(&run_key).map(RunRecord::read).transpose()?;
        let turn = found.take(&turn_key).map(Turn::read).transpose()?;
        let is_turn = matches!(turn, Some(Turn::Posted(turn)) if turn.write == intent.write);
        if !is_turn
            && let Some(whole) = found.take(&whole_key)
            && !self.purge_whole(intent, whole_key, whole).await?
        {
            return Ok(None);
        }
        let Some(steps) = self.purge_heads(intent, run.as_ref()).await? else { return Ok(None) };
        if !self.purge_contents(intent, &steps).await? {
            return Ok(None);
        }
        Ok(Some(steps.into_iter().map(Some).chain(is_turn.then_some(None)).collect()))
    }

    /// Removes a turn's content that is an item of its own, if it is the write's. Says whether that was done.
    async fn purge_whole(&self, intent: &Intent, key: Key, mut whole: Attributes<'_>) -> Result<bool, Failure> {
        if whole.write_id()?.as_ref() != Some(&intent.write) {
            return Ok(true);
        }
        done(self.transact(vec![Action::Delete(key, Change::default().require_write(&intent.write))]).await)
    }

    /// Removes the write's heads with the content beside them, but for those that the run confirms, which it gives.
    /// `None` when something changed meanwhile.
    async fn purge_heads(
        &self,
        intent: &Intent,
        of_run: Option<&RunRecord>,
    ) -> Result<Option<BTreeSet<StepNumber>>, Failure> {
        let (chat, run) = intent.of;
        let range = intent.step.map_or_else(|| keys::steps(chat, run, None), |step| keys::head(chat, run, step));
        let mut confirmed = BTreeSet::new();
        for Head { number, post_digest } in self.of_write(&range, intent, head).await? {
            if of_run.is_some_and(|run| post_digest.is_none_or(|digest| digest == run.post_digest)) {
                confirmed.insert(number);
                continue;
            }
            let mut actions = vec![
                Action::Delete(keys::step(chat, run, number), Change::default().require_write(&intent.write)),
                Action::delete(keys::content(chat, run, number)),
            ];
            // While there is no run, none may come to confirm what is removed.
            actions.extend(of_run.is_none().then(|| Action::check_absent(keys::run(chat, run))));
            if !done(self.transact(actions).await)? {
                return Ok(None);
            }
        }
        Ok(Some(confirmed))
    }

    /// Removes the write's contents whose head was replaced by one that has its content elsewhere. Says whether that was
    /// done.
    async fn purge_contents(&self, intent: &Intent, confirmed: &BTreeSet<StepNumber>) -> Result<bool, Failure> {
        let (chat, run) = intent.of;
        let all = || keys::contents(chat, run, None);
        let range = intent.step.map_or_else(all, |step| keys::contents_of_step(chat, run, step));
        for number in self.of_write(&range, intent, content).await? {
            let content =
                Action::Delete(keys::content(chat, run, number), Change::default().require_write(&intent.write));
            if !confirmed.contains(&number) && !done(self.transact(vec![content]).await)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What `read` makes of the items of a range that the intent's write put.
    async fn of_write<T>(
        &self,
        range: &Range,
        intent: &Intent,
        read: impl Fn(&mut Attributes<'_>) -> Result<T, Undecodable>,
    ) -> Result<Vec<T>, Failure> {
        let (mut start, mut found) = (None, Vec::new());
        loop {
            let page = self.query(range, Order::Ascending, None, start, Some(&["sk", WRITE, POST_DIGEST])).await?;
            for item in page.items {
                let mut item = item.read()?;
                if item.write_id()?.as_ref() == Some(&intent.write) {
                    found.push(read(&mut item)?);
                }
            }
            start = page.next;
            if start.is_none() {
                return Ok(found);
            }
        }
    }
}

/// Whether a transaction was done; one that met another write was not.
fn done(transacted: Result<(), WriteError>) -> Result<bool, Failure> {
    match transacted {
        Ok(()) => Ok(true),
        Err(WriteError::Cancelled(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn head(item: &mut Attributes<'_>) -> Result<Head, Undecodable> {
    let number = required(item.sort_key().and_then(keys::step_of), "sk")?;
    Ok(Head { number, post_digest: item.bytes(POST_DIGEST)? })
}

fn content(item: &mut Attributes<'_>) -> Result<StepNumber, Undecodable> {
    required(item.sort_key().and_then(keys::content_of), "sk")
}
