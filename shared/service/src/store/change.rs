//! What an update changes, and the condition of any write, as DynamoDB's expressions.
//!
//! Attributes are named by placeholders, `#name` for `name`, since many plain words are reserved.

use super::item::{Item, WRITE, write_id};
use crate::ids::WriteId;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

/// An update expression and a condition, with the names and values of both.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Change {
    set: Vec<String>,
    add: Vec<String>,
    remove: Vec<String>,
    conditions: Vec<String>,
    names: HashMap<String, String>,
    values: Item,
    returns_existing: bool,
}

impl Change {
    fn name(&mut self, name: &str) -> String {
        let placeholder = format!("#{name}");
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    fn value(&mut self, placeholder: String, value: AttributeValue) -> String {
        self.values.insert(placeholder.clone(), value);
        placeholder
    }

    /// Sets an attribute.
    pub(super) fn set(&mut self, name: &str, value: AttributeValue) {
        let set = format!("{} = {}", self.name(name), self.value(format!(":{name}"), value));
        self.set.push(set);
    }

    /// Sets an attribute, or removes it where there is no value.
    pub(super) fn set_or_remove(&mut self, name: &str, value: Option<AttributeValue>) {
        if let Some(value) = value {
            self.set(name, value);
        } else {
            let removed = self.name(name);
            self.remove.push(removed);
        }
    }

    /// Adds to a number, which is 0 where it is missing.
    pub(super) fn add(&mut self, name: &str, value: AttributeValue) {
        let added = format!("{} {}", self.name(name), self.value(format!(":{name}"), value));
        self.add.push(added);
    }

    /// Requires that there is an item.
    pub(super) fn require_item(mut self) -> Self {
        self.conditions.push("attribute_exists(pk)".to_owned());
        self
    }

    /// Requires that there is no item.
    pub(super) fn require_no_item(mut self) -> Self {
        self.conditions.push("attribute_not_exists(pk)".to_owned());
        self
    }

    /// Requires that the item lacks an attribute.
    pub(super) fn require_missing(mut self, name: &str) -> Self {
        let condition = format!("attribute_not_exists({})", self.name(name));
        self.conditions.push(condition);
        self
    }

    /// Requires what an attribute equals.
    pub(super) fn require_equal(mut self, name: &str, value: AttributeValue) -> Self {
        let condition = format!("{} = {}", self.name(name), self.value(format!(":if_{name}"), value));
        self.conditions.push(condition);
        self
    }

    /// Requires which write put the item.
    pub(super) fn require_write(self, write: &WriteId) -> Self {
        self.require_equal(WRITE, write_id(write))
    }

    /// Requires that there is no item, or what an attribute of it equals.
    pub(super) fn require_no_item_or_equal(mut self, name: &str, value: AttributeValue) -> Self {
        let equal = format!("{} = {}", self.name(name), self.value(format!(":if_{name}"), value));
        self.conditions.push(format!("(attribute_not_exists(pk) OR {equal})"));
        self
    }

    /// Requires that the item lacks an attribute, or that it is below a value.
    pub(super) fn require_missing_or_below(mut self, name: &str, value: AttributeValue) -> Self {
        let (name, value) = (self.name(name), self.value(format!(":if_{name}"), value));
        self.conditions.push(format!("(attribute_not_exists({name}) OR {name} < {value})"));
        self
    }

    /// Asks for the existing item when the condition fails.
    pub(super) fn returning_existing(mut self) -> Self {
        self.returns_existing = true;
        self
    }

    /// Whether the existing item is asked for when the condition fails.
    pub(super) const fn returns_existing(&self) -> bool {
        self.returns_existing
    }

    /// The update's expression.
    pub(super) fn update(&self) -> String {
        [("SET", &self.set), ("ADD", &self.add), ("REMOVE", &self.remove)]
            .into_iter()
            .filter(|(_, parts)| !parts.is_empty())
            .map(|(verb, parts)| format!("{verb} {}", parts.join(", ")))
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The condition's expression, if there is a condition.
    pub(super) fn condition(&self) -> Option<String> {
        (!self.conditions.is_empty()).then(|| self.conditions.join(" AND "))
    }

    /// What the placeholders of names stand for; DynamoDB refuses an empty map.
    pub(super) fn names(&self) -> Option<HashMap<String, String>> {
        Some(self.names.clone()).filter(|names| !names.is_empty())
    }

    /// What the placeholders of values stand for; DynamoDB refuses an empty map.
    pub(super) fn values(&self) -> Option<Item> {
        Some(self.values.clone()).filter(|values| !values.is_empty())
    }
}

#[cfg(test)]
impl Change {
    /// What it changes and on which condition, with the values of both.
    pub(super) fn printed(&self) -> String {
        let values: std::collections::BTreeMap<_, _> = self.values.iter().collect();
        format!("{} | {} | {values:?}", self.update(), self.condition().unwrap_or_default())
    }
}

/// Placeholders for an expression's values.
pub(super) fn values<const N: usize>(values: [(&str, AttributeValue); N]) -> Item {
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Placeholders for attributes' names.
pub(super) fn names(names: &[&str]) -> HashMap<String, String> {
    names.iter().map(|name| (format!("#{name}"), (*name).to_owned())).collect()
}

/// These attributes and no others, by their placeholders.
pub(super) fn projection(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("#{name}")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::item::{flag, number, text};
    use super::*;
    use std::collections::BTreeMap;

    /// A change as DynamoDB gets it: the update, the condition, names and values.
    fn printed(change: &Change) -> String {
        let names: BTreeMap<_, _> = change.names().unwrap_or_default().into_iter().collect();
        let values: BTreeMap<_, _> = change.values().unwrap_or_default().into_iter().collect();
        format!("{} | {} | {names:?} | {values:?}", change.update(), change.condition().unwrap_or_default())
    }

    #[test]
    fn what_is_set_added_and_removed_is_said_verb_by_verb() {
        let mut change = Change::default();
        change.set("status", text("completed"));
        change.add("steps", number(1));
        change.set_or_remove("model", None);
        change.set_or_remove("provider", Some(text("p")));
        change.add("errors", number(-2));
        assert_eq!(
            printed(&change),
            r##"SET #status = :status, #provider = :provider ADD #steps :steps, #errors :errors REMOVE #model |  | {"#errors": "errors", "#model": "model", "#provider": "provider", "#status": "status", "#steps": "steps"} | {":errors": N("-2"), ":provider": S("p"), ":status": S("completed"), ":steps": N("1")}"##
        );
    }

    #[test]
    fn a_condition_has_values_of_its_own() {
        let mut change = Change::default().require_equal("status", text("in_progress")).require_missing("deleted");
        change.set("status", text("completed"));
        assert_eq!(
            printed(&change),
            r##"SET #status = :status | #status = :if_status AND attribute_not_exists(#deleted) | {"#deleted": "deleted", "#status": "status"} | {":if_status": S("in_progress"), ":status": S("completed")}"##
        );
        let either = Change::default().require_no_item_or_equal("turn", flag(true)).require_missing("a");
        assert_eq!(
            printed(&either),
            r##" | (attribute_not_exists(pk) OR #turn = :if_turn) AND attribute_not_exists(#a) | {"#a": "a", "#turn": "turn"} | {":if_turn": Bool(true)}"##
        );
        let below = Change::default().require_missing_or_below("n", number(3));
        assert_eq!(
            printed(&below),
            r##" | (attribute_not_exists(#n) OR #n < :if_n) | {"#n": "n"} | {":if_n": N("3")}"##
        );
    }

    #[test]
    fn what_names_nothing_has_no_maps() {
        let absent = Change::default().require_no_item();
        assert_eq!((absent.names(), absent.values()), (None, None));
        assert_eq!(absent.condition().as_deref(), Some("attribute_not_exists(pk)"));
        assert_eq!(Change::default().require_item().condition().as_deref(), Some("attribute_exists(pk)"));
        assert_eq!(Change::default().condition(), None);
        assert!(!absent.returns_existing() && absent.returning_existing().returns_existing());
    }
}
