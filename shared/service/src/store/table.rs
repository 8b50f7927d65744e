//! The table, and the calls that everything about it is made of.

use super::{
    change::{Change, names, projection, values},
    client::{Endpoint, connect},
    errors::{WriteError, call_failure, incomplete, write_error},
    item::{Attributes, Item, text},
    keys::{Key, Range, read_units},
    raw_items::{RawItem, RawItems},
    retry::{BATCH_TRIES, TRANSACTION_TRIES, Tries},
    transaction::Action,
};
use crate::{clock::Clock, failure::Failure, ids::WriteId, metrics::Pending};
use api::time::Timestamp;
use aws_sdk_dynamodb::{
    Client,
    config::retry::RetryConfig,
    types::{
        ConditionCheck, Delete, DeleteRequest, KeysAndAttributes, Put, ReturnValuesOnConditionCheckFailure::AllOld,
        TransactWriteItem, Update, WriteRequest,
    },
};
use tokio::time::Instant;

/// The table behind everything.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    table: String,
    clock: Clock,
}

/// Sort order of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Ascending,
    Descending,
}

/// A page of a query, and where the next one begins.
pub(super) struct QueryPage {
    pub(super) items: Vec<RawItem>,
    pub(super) next: Option<Item>,
}

/// Items that were asked for by key, as they came; what does not exist is not among them.
pub(super) struct FoundItems {
    items: Vec<RawItem>,
    now: Timestamp,
}

impl FoundItems {
    /// Their attributes.
    pub(super) fn read(&self) -> Result<ItemsByKey<'_>, Failure> {
        let items = self.items.iter().map(RawItem::read).collect::<Result<_, _>>()?;
        Ok(ItemsByKey { items, now: self.now })
    }
}

/// Attributes of items, to be taken out by key.
pub(super) struct ItemsByKey<'a> {
    items: Vec<Attributes<'a>>,
    now: Timestamp,
}

impl<'a> ItemsByKey<'a> {
    /// The item under a key, which is taken out, unless it has expired.
    pub(super) fn take(&mut self, key: &Key) -> Option<Attributes<'a>> {
        let at = self.items.iter().position(|item| item.has_key(&key.pk, &key.sk))?;
        self.items.swap_remove(at).unexpired(self.now)
    }
}

/// The most that one query reads, in bytes.
const PAGE_BYTES: usize = 1024 * 1024;
/// The most items that [`Store::delete_all`] takes.
pub(super) const BATCH: usize = 25;

impl Store {
    /// A table at an endpoint. Nothing is connected before the first call.
    pub fn connect(endpoint: Endpoint, table: String, clock: Clock) -> Self {
        Self { client: connect(endpoint), table, clock }
    }

    /// Now.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// One item.
    pub(super) async fn get(&self, key: Key) -> Result<Option<Attributes<'static>>, Failure> {
        let pending = Pending::new(key.most_units());
        let request = self.client.get_item().table_name(&self.table).set_key(Some(key.item())).consistent_read(true);
        // On the heap, here and below: 5 KB, which each layer above would hold twice.
        let answer = Box::pin(request.send()).await;
        pending.answered();
        let item = answer.map_err(call_failure("GetItem"))?.item;
        Ok(item.and_then(|item| Attributes::from(item).unexpired(self.now())))
    }

    /// Several items in one round trip, in no order. Never a silently short answer: what DynamoDB left out is asked for
    /// again until it is there or the deadline ends it.
    pub(super) async fn get_all(&self, keys: &[&Key]) -> Result<FoundItems, Failure> {
        let mut wanted: Vec<Item> = keys.iter().map(|key| (*key).clone().item()).collect();
        let items = RawItems::default();
        let mut found = Vec::new();
        let most_units = keys.iter().map(|key| key.most_units()).sum();
        let mut tries = Tries::most(BATCH_TRIES);
        while tries.next().await {
            let pending = Pending::new(most_units);
            let request = KeysAndAttributes::builder().consistent_read(true).set_keys(Some(wanted)).build();
            let request = self.client.batch_get_item().request_items(&self.table, request.map_err(incomplete)?);
            let answer = Box::pin(request.customize().interceptor(items.clone()).send()).await;
            pending.answered();
            let answer = answer.map_err(call_failure("BatchGetItem"))?;
            found.extend(items.take());
            match answer.unprocessed_keys.unwrap_or_default().remove(&self.table) {
                Some(left) if !left.keys.is_empty() => wanted = left.keys,
                _ => return Ok(FoundItems { items: found, now: self.now() }),
            }
        }
        Err(Failure::unavailable("BatchGetItem: unprocessed keys"))
    }

    /// A page of a range: these attributes of its items, or else all.
    pub(super) async fn query(
        &self,
        range: &Range,
        order: Order,
        limit: Option<usize>,
        start: Option<Item>,
        attributes: Option<&[&str]>,
    ) -> Result<QueryPage, Failure> {
        let items = RawItems::default();
        let most_bytes = limit.map_or(PAGE_BYTES, |limit| (limit * range.item_bytes).min(PAGE_BYTES));
        let pending = Pending::new(read_units(most_bytes));
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .set_expression_attribute_values(Some(values([
                (":pk", text(&range.pk)),
                (":from", text(&range.from)),
                (":to", text(&range.to)),
            ])))
            .scan_index_forward(order == Order::Ascending)
            .set_limit(limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)))
            .set_exclusive_start_key(start)
            .set_projection_expression(attributes.map(projection))
            .set_expression_attribute_names(attributes.map(names))
            .consistent_read(true)
            .customize()
            .interceptor(items.clone())
            .send()
            .await;
        pending.answered();
        let answer = answer.map_err(call_failure("Query"))?;
        Ok(QueryPage { items: items.take(), next: answer.last_evaluated_key })
    }

    /// Puts an item whole, if the condition holds.
    pub(super) async fn put(&self, item: Item, condition: Change) -> Result<(), WriteError> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let put = put
            .set_condition_expression(condition.condition())
            .set_expression_attribute_names(condition.names())
            .set_expression_attribute_values(condition.values());
        put.send().await.map(drop).map_err(write_error("PutItem"))
    }

    /// All or nothing. An item that another writer holds is waited for, unless a condition fails as well.
    pub(super) async fn transact(&self, actions: Vec<Action>) -> Result<(), WriteError> {
        let items = actions.into_iter().map(|action| self.transact_item(action)).collect::<Result<Vec<_>, _>>();
        let items = items.map_err(WriteError::Failure)?;
        // Under one name for all tries: sent twice it has one effect.
        let name = WriteId::random();
        let mut tries = Tries::most(TRANSACTION_TRIES);
        tries.next().await;
        loop {
            let request = self.client.transact_write_items().set_transact_items(Some(items.clone()));
            let sent = Box::pin(request.client_request_token(name.as_str()).send()).await;
            let Err(error) = sent.map_err(write_error("TransactWriteItems")) else { return Ok(()) };
            if !error.is_busy() || !tries.next().await {
                return Err(error);
            }
        }
    }

    /// The same of one action for who can do without it: sent once, whatever comes of it.
    pub(super) async fn transact_once(&self, action: Action) -> Result<(), WriteError> {
        let item = self.transact_item(action).map_err(WriteError::Failure)?;
        let request = self.client.transact_write_items().transact_items(item).customize();
        let once = aws_sdk_dynamodb::config::Builder::new().retry_config(RetryConfig::disabled());
        let sent = Box::pin(request.config_override(once).send()).await;
        sent.map(drop).map_err(write_error("TransactWriteItems"))
    }

    fn transact_item(&self, action: Action) -> Result<TransactWriteItem, Failure> {
        // What the SDK's four builders share, which have no trait.
        macro_rules! conditional {
            ($builder:expr, $change:ident) => {
                $builder
                    .table_name(&self.table)
                    .set_condition_expression($change.condition())
                    .set_expression_attribute_names($change.names())
                    .set_expression_attribute_values($change.values())
                    .set_return_values_on_condition_check_failure($change.returns_existing().then_some(AllOld))
                    .build()
                    .map_err(incomplete)?
            };
        }
        let item = TransactWriteItem::builder();
        Ok(match action {
            Action::Put(put, condition) => item.put(conditional!(Put::builder().set_item(Some(put)), condition)),
            Action::Update(key, change) => {
                let update = Update::builder().set_key(Some(key.item())).update_expression(change.update());
                item.update(conditional!(update, change))
            }
            Action::Check(key, condition) => {
                item.condition_check(conditional!(ConditionCheck::builder().set_key(Some(key.item())), condition))
            }
            Action::Delete(key, condition) => {
                item.delete(conditional!(Delete::builder().set_key(Some(key.item())), condition))
            }
        }
        .build())
    }

    /// Deletes at most [`BATCH`] items, whether they exist or not. What DynamoDB leaves out is sent again until then.
    pub(super) async fn delete_all(&self, keys: &[Key], until: Instant) -> Result<(), Failure> {
        let request = |key: &Key| {
            let delete = DeleteRequest::builder().set_key(Some(key.clone().item())).build().map_err(incomplete)?;
            Ok::<_, Failure>(WriteRequest::builder().delete_request(delete).build())
        };
        let mut left = keys.iter().map(request).collect::<Result<Vec<_>, _>>()?;
        let mut tries = Tries::until(until);
        while !left.is_empty() && tries.next().await {
            let sent = self.client.batch_write_item().request_items(&self.table, left).send().await;
            let answer = sent.map_err(call_failure("BatchWriteItem"))?;
            left = answer.unprocessed_items.unwrap_or_default().remove(&self.table).unwrap_or_default();
        }
        if left.is_empty() { Ok(()) } else { Err(Failure::unavailable("BatchWriteItem: unprocessed items")) }
    }
}
