//! Attributes in and out. `AttributeValue` stays in this folder.

use crate::failure::Failure;
use api::{json::Word, time::Timestamp};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
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

/// Reads an item's attributes. Unknown ones are left alone: a newer version may have written them.
#[derive(Clone, Copy)]
pub(super) struct Read<'a>(pub(super) &'a Item);

impl<'a> Read<'a> {
    pub(super) fn text(self, name: &'static str) -> Result<Option<&'a str>, Undecodable> {
        match self.0.get(name) {
            None => Ok(None),
            Some(AttributeValue::S(value)) => Ok(Some(value)),
            Some(_) => Err(Undecodable(name)),
        }
    }

    pub(super) fn bytes(self, name: &'static str) -> Result<Option<&'a [u8]>, Undecodable> {
        match self.0.get(name) {
            None => Ok(None),
            Some(AttributeValue::B(value)) => Ok(Some(value.as_ref())),
            Some(_) => Err(Undecodable(name)),
        }
    }

    pub(super) fn flag(self, name: &'static str) -> Result<Option<bool>, Undecodable> {
        match self.0.get(name) {
            None => Ok(None),
            Some(AttributeValue::Bool(value)) => Ok(Some(*value)),
            Some(_) => Err(Undecodable(name)),
        }
    }

    pub(super) fn number<T: FromStr>(self, name: &'static str) -> Result<Option<T>, Undecodable> {
        match self.0.get(name) {
            None => Ok(None),
            Some(AttributeValue::N(value)) => value.parse().map(Some).map_err(|_| Undecodable(name)),
            Some(_) => Err(Undecodable(name)),
        }
    }

    pub(super) fn time(self, name: &'static str) -> Result<Option<Timestamp>, Undecodable> {
        let micros = self.number(name)?;
        micros.map(|micros| Timestamp::from_micros(micros).ok_or(Undecodable(name))).transpose()
    }

    /// A word of a closed list, stored as it travels.
    pub(super) fn word<T: Word>(self, name: &'static str) -> Result<Option<T>, Undecodable> {
        self.text(name)?.map(|word| T::parse(word).ok_or(Undecodable(name))).transpose()
    }

    /// A text that parses: an id.
    pub(super) fn parsed<T: FromStr>(self, name: &'static str) -> Result<Option<T>, Undecodable> {
        self.text(name)?.map(|value| value.parse().map_err(|_| Undecodable(name))).transpose()
    }
}

/// What must be there.
pub(super) fn required<T>(value: Option<T>, name: &'static str) -> Result<T, Undecodable> {
    value.ok_or(Undecodable(name))
}
