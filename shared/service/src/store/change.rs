//! Conditions and changes that several writes are made of.

use super::{
    RunRecord, Store,
    client::names,
    item::{Item, text},
    keys, unbuilt,
};
use crate::failure::Failure;
use api::{ids::ChatId, json::StringEnum, status::Status};
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Put, ReturnValuesOnConditionCheckFailure::AllOld, TransactWriteItem, Update,
};
use std::collections::HashMap;

/// An update expression in the making.
#[derive(Clone, Default)]
pub(super) struct Change {
    set: Vec<String>,
    add: Vec<String>,
    remove: Vec<String>,
    conditions: Vec<String>,
    pub(super) names: HashMap<String, String>,
    pub(super) values: Item,
}

impl Change {
    fn name(&mut self, name: &str) {
        self.names.insert(format!("#{name}"), name.to_owned());
    }

    pub(super) fn set(&mut self, name: &str, value: AttributeValue) {
        self.name(name);
        self.set.push(format!("#{name} = :{name}"));
        self.values.insert(format!(":{name}"), value);
    }

    pub(super) fn set_or_remove(&mut self, name: &str, value: Option<AttributeValue>) {
        if let Some(value) = value {
            self.set(name, value);
        } else {
            self.name(name);
            self.remove.push(format!("#{name}"));
        }
    }

    pub(super) fn add(&mut self, name: &str, value: AttributeValue) {
        self.name(name);
        self.add.push(format!("#{name} :{name}"));
        self.values.insert(format!(":{name}"), value);
    }

    pub(super) fn require<const N: usize>(&mut self, condition: &str, uses: [(&str, Option<AttributeValue>); N]) {
        self.conditions.push(condition.to_owned());
        for (name, value) in uses {
            match value {
                Some(value) => {
                    self.values.insert(name.to_owned(), value);
                }
                None => self.name(name),
            }
        }
    }

    pub(super) fn expression(&self) -> String {
        [("SET", &self.set), ("ADD", &self.add), ("REMOVE", &self.remove)]
            .into_iter()
            .filter(|(_, parts)| !parts.is_empty())
            .map(|(verb, parts)| format!("{verb} {}", parts.join(", ")))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

impl Store {
    /// Puts an item, whatever stands there.
    pub(super) fn put(&self, item: Item) -> Result<TransactWriteItem, Failure> {
        let put = Put::builder().table_name(&self.table).set_item(Some(item)).build().map_err(unbuilt)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Puts an item where none stands; the one that does comes back.
    pub(super) fn put_if_absent(&self, item: Item) -> Result<TransactWriteItem, Failure> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(AllOld)
            .build();
        Ok(TransactWriteItem::builder().put(put.map_err(unbuilt)?).build())
    }

    /// Changes an item into being where none stands; the one that does comes back.
    pub(super) fn make_if_absent(&self, key: keys::Key, change: Change) -> Result<TransactWriteItem, Failure> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key.item()))
            .update_expression(change.expression())
            .condition_expression("attribute_not_exists(pk)")
            .set_expression_attribute_names(Some(change.names))
            .set_expression_attribute_values(Some(change.values))
            .return_values_on_condition_check_failure(AllOld)
            .build();
        Ok(TransactWriteItem::builder().update(update.map_err(unbuilt)?).build())
    }

    /// Nothing stands under a key; what does comes back.
    pub(super) fn is_absent(&self, key: keys::Key) -> Result<TransactWriteItem, Failure> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(key.item()))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(AllOld)
            .build();
        Ok(TransactWriteItem::builder().condition_check(check.map_err(unbuilt)?).build())
    }

    /// An owner never changes, so that the chat lives is all there is to check again.
    pub(super) fn chat_stands(&self, chat: ChatId) -> Result<TransactWriteItem, Failure> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(keys::chat(chat).item()))
            .condition_expression("attribute_exists(pk) AND attribute_not_exists(#deleted)")
            .set_expression_attribute_names(Some(names(&["deleted"])))
            .return_values_on_condition_check_failure(AllOld)
            .build();
        Ok(TransactWriteItem::builder().condition_check(check.map_err(unbuilt)?).build())
    }

    /// A change of a run that is open.
    pub(super) fn update_open(&self, run: &RunRecord, mut change: Change) -> Result<TransactWriteItem, Failure> {
        change.require("#status = :open", [("status", None), (":open", Some(text(Status::InProgress.as_str())))]);
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::run(run.chat, run.id).item()))
            .update_expression(change.expression())
            .condition_expression(change.conditions.join(" AND "))
            .set_expression_attribute_names(Some(change.names))
            .set_expression_attribute_values(Some(change.values))
            .return_values_on_condition_check_failure(AllOld)
            .build();
        Ok(TransactWriteItem::builder().update(update.map_err(unbuilt)?).build())
    }
}
