//! The items of a transaction, as plain values.

use super::{change::Change, item::Item, keys::Key};

/// What a transaction does to one item, on its condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    /// Puts the item whole.
    Put(Item, Change),
    /// Changes the item, or makes it.
    Update(Key, Change),
    /// Looks at the item.
    Check(Key, Change),
    /// Deletes the item.
    Delete(Key, Change),
}

impl Action {
    /// Puts an item, whatever exists under its key.
    pub(super) fn put(item: Item) -> Self {
        Self::Put(item, Change::default())
    }

    /// Puts an item where none exists; the existing one comes back.
    pub(super) fn put_if_absent(item: Item) -> Self {
        Self::Put(item, Change::default().require_no_item().returning_existing())
    }

    /// Makes an item by changes where none exists; the existing one comes back.
    pub(super) fn update_if_absent(key: Key, change: Change) -> Self {
        Self::Update(key, change.require_no_item().returning_existing())
    }

    /// Deletes an item, whether it exists or not.
    pub(super) fn delete(key: Key) -> Self {
        Self::Delete(key, Change::default())
    }

    /// Requires that nothing exists under a key; the existing item comes back.
    pub(super) fn check_absent(key: Key) -> Self {
        Self::Check(key, Change::default().require_no_item().returning_existing())
    }
}

#[cfg(test)]
impl Action {
    /// What it does, and how.
    pub(super) fn printed(&self) -> String {
        match self {
            Self::Put(_, change) => format!("put {}", change.printed()),
            Self::Update(_, change) => format!("update {}", change.printed()),
            Self::Check(_, change) => format!("check {}", change.printed()),
            Self::Delete(_, change) => format!("delete {}", change.printed()),
        }
    }
}
