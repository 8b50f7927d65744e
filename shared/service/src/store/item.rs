//! Attributes in and out. `AttributeValue` stays in this folder.

use crate::failure::Failure;
use api::{json::Word, time::Timestamp};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use smallvec::SmallVec;
use std::{collections::HashMap, fmt::Display, str::FromStr};

/// An item as the SDK has it.
pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn number(value: impl Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(super) fn time(value: Timestamp) -> AttributeValue {
    number(value.micros())
}

pub(super) fn bytes(value: impl Into<Vec<u8>>) -> AttributeValue {
    AttributeValue::B(Blob::new(value))
}

pub(super) const fn flag(value: bool) -> AttributeValue {
    AttributeValue::Bool(value)
}

/// Puts an attribute where there is a value.
pub(super) fn put(item: &mut Item, name: &str, value: Option<AttributeValue>) {
    if let Some(value) = value {
        item.insert(name.to_owned(), value);
    }
}

/// An attribute that is missing or of another type than we wrote. Names it, never shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Undecodable(pub(super) &'static str);

impl From<Undecodable> for Failure {
    fn from(Undecodable(name): Undecodable) -> Self {
        Self::internal(format!("stored attribute {name} does not decode"))
    }
}

/// Takes an item's attributes out of it, each once. Unknown ones are left: a newer version may have written them.
///
/// A list, since an item has few of them: to hash a name costs more than to compare it with all. On the stack
/// for as many as an item has, since a list of runs makes a hundred.
pub(super) struct Read(SmallVec<[(String, AttributeValue); 26]>);

impl From<Item> for Read {
    fn from(item: Item) -> Self {
        Self(item.into_iter().collect())
    }
}

impl Read {
    fn take(&mut self, name: &str) -> Option<AttributeValue> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(at).1)
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<String>, Undecodable> {
        match self.take(name) {
            None => Ok(None),
            Some(AttributeValue::S(value)) => Ok(Some(value)),
            Some(_) => Err(Undecodable(name)),
        }
    }

    pub(super) fn bytes(&mut self, name: &'static str) -> Result<Option<Vec<u8>>, Undecodable> {
        match self.take(name) {
            None => Ok(None),
            Some(AttributeValue::B(value)) => Ok(Some(value.into_inner())),
            Some(_) => Err(Undecodable(name)),
        }
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Result<Option<bool>, Undecodable> {
        match self.take(name) {
            None => Ok(None),
            Some(AttributeValue::Bool(value)) => Ok(Some(value)),
            Some(_) => Err(Undecodable(name)),
        }
    }

    pub(super) fn number<T: FromStr>(&mut self, name: &'static str) -> Result<Option<T>, Undecodable> {
        match self.take(name) {
            None => Ok(None),
            Some(AttributeValue::N(value)) => value.parse().map(Some).map_err(|_| Undecodable(name)),
            Some(_) => Err(Undecodable(name)),
        }
    }

    pub(super) fn time(&mut self, name: &'static str) -> Result<Option<Timestamp>, Undecodable> {
        let micros = self.number(name)?;
        micros.map(|micros| Timestamp::from_micros(micros).ok_or(Undecodable(name))).transpose()
    }

    /// A word of a closed list, stored as it travels.
    pub(super) fn word<T: Word>(&mut self, name: &'static str) -> Result<Option<T>, Undecodable> {
        self.text(name)?.map(|word| T::parse(&word).ok_or(Undecodable(name))).transpose()
    }

    /// A text that parses: an id.
    pub(super) fn parsed<T: FromStr>(&mut self, name: &'static str) -> Result<Option<T>, Undecodable> {
        self.text(name)?.map(|value| value.parse().map_err(|_| Undecodable(name))).transpose()
    }
}

/// What must be there.
pub(super) fn required<T>(value: Option<T>, name: &'static str) -> Result<T, Undecodable> {
    value.ok_or(Undecodable(name))
}
