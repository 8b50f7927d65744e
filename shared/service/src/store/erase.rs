//! Deletion: first a mark that closes, for ever; then the items, as far as the deadline goes.
//!
//! From the mark on nothing is visible and nothing can be written. What is left behind when the time
//! is up, is said; the same `DELETE` again goes on where this one ended.

use super::{
    Order, Store,
    client::{Fault, Reason, failed},
    item::time,
    keys::{self, Key},
    unbuilt,
};
use crate::{
    access::proof::{OwnedChat, OwnerCondition, UnprovenChat},
    failure::Failure,
    metrics::count,
};
use api::{ids::RunId, problem::Problem, time::Timestamp};
use aws_sdk_dynamodb::types::{Delete, DeleteRequest, TransactWriteItem, WriteRequest};
use std::time::Duration;
use tokio::time::Instant;

/// The most items that one batch takes.
const BATCH: usize = 25;

impl Store {
    /// Whether a run stands or left its mark: what may be deleted, again and again.
    pub async fn is_deletable(&self, chat: &UnprovenChat, run: RunId) -> Result<(), Failure> {
        let (run, mark) = (keys::run(chat.id(), run), keys::gone(chat.id(), run));
        let mut found = self.get_all(&[&run, &mark]).await?;
        if found.take(&run).or(found.take(&mark)).is_some() { Ok(()) } else { Err(Problem::NotFound.into()) }
    }

    /// Deletes a run that [`Self::is_deletable`] found. Says whether all of it is gone.
    pub async fn delete_run(
        &self,
        chat: &OwnedChat,
        run: RunId,
        now: Timestamp,
        until: Instant,
    ) -> Result<bool, Failure> {
        let mut mark = keys::gone(chat.id(), run).item();
        mark.insert("deleted_at".into(), time(now));
        let delete = Delete::builder().table_name(&self.table).set_key(Some(keys::run(chat.id(), run).item()));
        let items = [
            self.chat_stands(chat.id())?,
            self.put(mark)?,
            TransactWriteItem::builder().delete(delete.build().map_err(unbuilt)?).build(),
        ];
        match self.transact(&items).await {
            Ok(()) => {}
            Err(Fault::Cancelled(reasons)) if matches!(reasons.first(), Some(Reason::Condition(_))) => {
                return Err(Problem::NotFound.into());
            }
            Err(fault) => return Err(fault.into()),
        }
        Ok(self.remove(&[keys::steps(chat.id(), run, None), keys::parts(chat.id(), run, None)], until).await)
    }

    /// Deletes a chat with everything about it, if it is the claimant's; again is the same. Says whether all of
    /// it is gone.
    pub async fn delete_chat(&self, condition: &OwnerCondition, until: Instant) -> Result<bool, Failure> {
        if !self.mark_deleted(condition.chat(), condition.user()).await? {
            return Err(Problem::NotFound.into());
        }
        Ok(self.remove(&[keys::all_of_chat(condition.chat())], until).await)
    }

    /// Removes what it can until then, and says whether that was all. The mark stands, so a failure here is not
    /// the caller's.
    async fn remove(&self, ranges: &[keys::Range], until: Instant) -> bool {
        let removed = tokio::time::timeout_at(until, async {
            for range in ranges {
                self.remove_range(range).await?;
            }
            Ok::<_, Failure>(())
        });
        let is_complete = matches!(removed.await, Ok(Ok(())));
        count(|counts| counts.left_behind = u32::from(!is_complete));
        is_complete
    }

    async fn remove_range(&self, range: &keys::Range) -> Result<(), Failure> {
        let mut start = None;
        loop {
            let page = self.query(range, Order::Ascending, None, start, Some(&["pk", "sk"])).await?;
            let mut doomed = Vec::with_capacity(page.items.len());
            for item in page.items {
                doomed.push(Key::read(item.read()?)?);
            }
            // The chat's own item is its mark.
            doomed.retain(|key| key.sk != keys::CHAT);
            for batch in doomed.chunks(BATCH) {
                self.remove_batch(batch).await?;
            }
            start = page.next;
            if start.is_none() {
                return Ok(());
            }
        }
    }

    async fn remove_batch(&self, batch: &[Key]) -> Result<(), Failure> {
        let request = |key: &Key| {
            let delete = DeleteRequest::builder().set_key(Some(key.clone().item())).build().map_err(unbuilt)?;
            Ok::<_, Failure>(WriteRequest::builder().delete_request(delete).build())
        };
        let mut left = batch.iter().map(request).collect::<Result<Vec<_>, _>>()?;
        while !left.is_empty() {
            let sent = self.client.batch_write_item().request_items(&self.table, left).send().await;
            let answer = sent.map_err(failed("BatchWriteItem"))?;
            left = answer.unprocessed_items.unwrap_or_default().remove(&self.table).unwrap_or_default();
            if !left.is_empty() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Ok(())
    }
}
