//! The table. The only place that knows DynamoDB.
//!
//! Functions about a chat take what [`crate::access`] made, never a bare id; what `access` itself
//! judges by, a chat's item and a recorder's snapshot, is for that module alone. All reads are strongly
//! consistent. A rule about data is a condition on the write. Nothing is ever scanned.
//!
//! - `keys`: every key of the table
//! - `item`: attributes in and out
//! - `raw`: the items of a page, as they came
//! - `client`: the SDK's client, with timeouts, and what its errors mean; `metering`: what its calls cost
//! - `settings`, `chats`: the policy's three tiers, and who owns a chat
//! - `snapshot`: everything that a recording decides by
//! - `runs`, `steps`, `content`: what is recorded
//! - `create_run`, `put_step`, `update_run`: the writes that record; `change`: what they are made of
//! - `label`: the short texts of a list
//! - `erase`: deletion

mod change;
mod chats;
mod client;
mod content;
mod create_run;
mod erase;
mod item;
mod keys;
mod label;
mod metering;
mod put_step;
mod raw;
mod runs;
mod settings;
mod snapshot;
mod steps;
mod update_run;

pub use chats::{Chat, Registered};
pub use client::{Endpoint, connect};
pub use create_run::Created;
pub use put_step::StepWritten;
pub use runs::{RunPage, RunQuery, RunRecord, Runs, Totals};
pub use settings::UserTier;
pub use snapshot::{Snapshot, SnapshotOf};
pub use steps::{StepPage, StepRecord, Steps};
pub use update_run::Patch;

use crate::{clock::Clock, failure::Failure, ids::WriteId, metrics::Pending};
use api::time::Timestamp;
use aws_sdk_dynamodb::{
    Client,
    error::BuildError,
    types::{KeysAndAttributes, TransactWriteItem},
};
use client::{Fault, Reason, failed, refused};
use item::{Item, Read};
use keys::{Key, Range};
use raw::{RawItem, RawItems};
use std::time::Duration;

/// The table behind everything.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    table: String,
    clock: Clock,
}

impl Store {
    /// A table, reached by a client of [`connect`].
    pub const fn new(client: Client, table: String, clock: Clock) -> Self {
        Self { client, table, clock }
    }
}

/// Sort order of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Ascending,
    Descending,
}

/// A page of a query, and where the next one begins.
struct Page {
    items: Vec<RawItem>,
    next: Option<Item>,
}

/// Items that were asked for by key; what does not stand is not among them.
struct Found {
    items: Vec<Item>,
    now: Timestamp,
}

impl Found {
    fn take(&mut self, key: &Key) -> Option<Read<'static>> {
        let at = self.items.iter().position(|item| key.is_of(item))?;
        Read::from(self.items.swap_remove(at)).unexpired(self.now)
    }
}

/// What a read unit pays for, in bytes.
const READ_UNIT_BYTES: usize = 4 * 1024;
/// The most that one query reads, in bytes.
const PAGE_BYTES: usize = 1024 * 1024;
/// The most read units of an item that is asked for by its key: a step's head with content in it is the largest.
const KEY_UNITS: u32 = 2;

/// How often a busy item is tried again; the deadline usually ends it before.
const BUSY_TRIES: u32 = 8;

/// Waits a little longer each time, and not as long as the writer that it met.
async fn back_off(tries: u32, write: &str) {
    let jitter = write.bytes().rev().take(8).map(u64::from).sum::<u64>() % 16;
    tokio::time::sleep(Duration::from_millis((8 << tries.min(6)) + jitter)).await;
}

/// A request that the SDK would not build: a member is missing, which is a fault of ours.
fn unbuilt(_: BuildError) -> Failure {
    Failure::internal("request lacks a member")
}

impl Store {
    /// One item.
    async fn get(&self, key: Key) -> Result<Option<Read<'static>>, Failure> {
        let pending = Pending::new(KEY_UNITS);
        let request = self.client.get_item().table_name(&self.table).set_key(Some(key.item())).consistent_read(true);
        // On the heap, here and below: 5 KB, which each layer above would hold twice.
        let answer = Box::pin(request.send()).await;
        pending.answered();
        let item = answer.map_err(failed("GetItem"))?.item;
        Ok(item.and_then(|item| Read::from(item).unexpired(self.clock.now())))
    }

    /// Several items in one round trip, in no order. Never a silently short answer: what DynamoDB
    /// left out is asked for again until it is there or the deadline ends it.
    async fn get_all(&self, keys: &[&Key]) -> Result<Found, Failure> {
        let mut wanted: Vec<Item> = keys.iter().map(|key| (*key).clone().item()).collect();
        let mut found = Vec::new();
        for tries in 0..BUSY_TRIES {
            if tries > 0 {
                tokio::time::sleep(Duration::from_millis(8 << tries)).await;
            }
            let pending = Pending::new(wanted.iter().map(|_| KEY_UNITS).sum());
            let request = KeysAndAttributes::builder().consistent_read(true).set_keys(Some(wanted)).build();
            let request = self.client.batch_get_item().request_items(&self.table, request.map_err(unbuilt)?);
            let answer = Box::pin(request.send()).await;
            pending.answered();
            let answer = answer.map_err(failed("BatchGetItem"))?;
            found.extend(answer.responses.unwrap_or_default().remove(&self.table).unwrap_or_default());
            match answer.unprocessed_keys.unwrap_or_default().remove(&self.table) {
                Some(left) if !left.keys.is_empty() => wanted = left.keys,
                _ => return Ok(Found { items: found, now: self.clock.now() }),
            }
        }
        Err(Failure::unavailable("BatchGetItem: unprocessed keys"))
    }

    /// A page of a range: these attributes of its items, or else all.
    async fn query(
        &self,
        range: &Range,
        order: Order,
        limit: Option<usize>,
        start: Option<Item>,
        attributes: Option<&[&str]>,
    ) -> Result<Page, Failure> {
        let items = RawItems::default();
        let most_bytes = limit.map_or(PAGE_BYTES, |limit| (limit * range.item_bytes).min(PAGE_BYTES));
        let pending = Pending::new(u32::try_from(most_bytes.div_ceil(READ_UNIT_BYTES)).unwrap_or(u32::MAX));
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .set_expression_attribute_values(Some(client::values([
                (":pk", item::text(&range.pk)),
                (":from", item::text(&range.from)),
                (":to", item::text(&range.to)),
            ])))
            .scan_index_forward(order == Order::Ascending)
            .set_limit(limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)))
            .set_exclusive_start_key(start)
            .set_projection_expression(attributes.map(client::projection))
            .set_expression_attribute_names(attributes.map(client::names))
            .consistent_read(true)
            .customize()
            .interceptor(items.clone())
            .send()
            .await;
        pending.answered();
        let answer = answer.map_err(failed("Query"))?;
        Ok(Page { items: items.take(), next: answer.last_evaluated_key })
    }

    /// All or nothing. An item that another writer holds is waited for; a condition that fails beside
    /// it has the last word.
    async fn transact(&self, items: &[TransactWriteItem]) -> Result<(), Fault> {
        // Under one name for all tries: sent twice it has one effect.
        let write = WriteId::random();
        let mut tries = 0;
        loop {
            let request = self.client.transact_write_items().set_transact_items(Some(items.to_vec()));
            let sent = Box::pin(request.client_request_token(write.to_string()).send()).await;
            let Err(fault) = sent.map_err(refused("TransactWriteItems")) else { return Ok(()) };
            let is_busy = matches!(&fault, Fault::Cancelled(reasons)
                if reasons.contains(&Reason::Busy) && reasons.iter().all(|reason| matches!(reason, Reason::None | Reason::Busy)));
            if !is_busy || tries == BUSY_TRIES {
                return Err(fault);
            }
            back_off(tries, &write.to_string()).await;
            tries += 1;
        }
    }
}
