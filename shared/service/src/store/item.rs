//! Attributes in and out.

use crate::{failure::Failure, ids::WriteId};
use api::{ids::MessageId, json::StringEnum, time::Timestamp};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, Visitor},
};
use std::{
    borrow::Cow,
    collections::HashMap,
    fmt::{self, Display},
    str::FromStr,
};

/// The most content that goes into the transaction that makes it visible, in bytes: above it, a call of its own costs
/// less.
pub(super) const SMALL_BYTES: usize = 4 * 1024;
/// The size of a chunk of content, in bytes: below an item's 400 KB, and three of them fill a query's page of 1 MB.
pub(super) const CHUNK_BYTES: usize = 345_000;

/// When an item expires, in seconds since 1970: the table's TTL takes it then, or later.
pub(super) const EXPIRES_AT: &str = "expires_at";

/// The write that put an item.
pub(super) const WRITE: &str = "write";

/// An item as the SDK has it; `AttributeValue` stays in this folder.
pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn number(value: impl Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A number as a number and a text as a text, so that each comes back as it was sent.
pub(super) fn message(value: &MessageId) -> AttributeValue {
    match value {
        MessageId::Number(value) => number(value),
        MessageId::Text(value) => text(value.as_str()),
    }
}

pub(super) fn time(value: Timestamp) -> AttributeValue {
    number(value.micros())
}

pub(super) fn bytes(value: impl Into<Vec<u8>>) -> AttributeValue {
    AttributeValue::B(Blob::new(value))
}

pub(super) fn write_id(value: &WriteId) -> AttributeValue {
    text(value.as_str())
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

/// How many bytes an item is charged as, of names, texts, bytes, numbers and flags: a number of two digits a byte, of
/// which the sign and the rest take two more at most.
pub(super) fn size_of(item: &Item) -> usize {
    let value = |value: &AttributeValue| match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::N(digits) => digits.len().div_ceil(2) + 2,
        _ => 1,
    };
    item.iter().map(|(name, of)| name.len() + value(of)).sum()
}

/// An attribute that is missing or of another type than we wrote. Names it, never shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Undecodable(pub(super) &'static str);

impl From<Undecodable> for Failure {
    fn from(Undecodable(name): Undecodable) -> Self {
        Self::internal(format!("stored attribute {name} does not decode"))
    }
}

/// An item's attributes, each of which is taken out once. Unknown ones are left: a newer version may have written them.
///
/// A list, since an item has few of them: to hash a name costs more than to compare it with all.
pub(super) struct Attributes<'a>(Vec<(Cow<'a, str>, Attribute<'a>)>);

/// Room for those of a run, of which a list reads a hundred.
const CAPACITY: usize = 26;

/// An attribute's value, owned by us or borrowed from an answer.
enum Attribute<'a> {
    Text(Cow<'a, str>),
    Number(Cow<'a, str>),
    Bytes(Vec<u8>),
    Flag(bool),
    /// A type that nothing here writes.
    Other,
}

impl From<Item> for Attributes<'_> {
    fn from(item: Item) -> Self {
        Self(item.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl From<AttributeValue> for Attribute<'_> {
    fn from(value: AttributeValue) -> Self {
        match value {
            AttributeValue::S(value) => Self::Text(value.into()),
            AttributeValue::N(value) => Self::Number(value.into()),
            AttributeValue::B(value) => Self::Bytes(value.into_inner()),
            AttributeValue::Bool(value) => Self::Flag(value),
            _ => Self::Other,
        }
    }
}

/// Text that is borrowed where nothing in it is escaped.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Attributes<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AttributesVisitor;
        impl<'de> Visitor<'de> for AttributesVisitor {
            type Value = Attributes<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an item")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut attributes = Vec::with_capacity(CAPACITY);
                while let Some((Text(name), attribute)) = map.next_entry()? {
                    attributes.push((name, attribute));
                }
                Ok(Attributes(attributes))
            }
        }
        deserializer.deserialize_map(AttributesVisitor)
    }
}

impl<'de> Deserialize<'de> for Attribute<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Typed;
        impl<'de> Visitor<'de> for Typed {
            type Value = Attribute<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an attribute")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let Text(kind) = map.next_key()?.ok_or_else(|| A::Error::custom("no type"))?;
                Ok(match kind.as_ref() {
                    "S" => Attribute::Text(map.next_value::<Text<'_>>()?.0),
                    "N" => Attribute::Number(map.next_value::<Text<'_>>()?.0),
                    "B" => {
                        let Text(base64) = map.next_value()?;
                        Attribute::Bytes(STANDARD.decode(&*base64).map_err(A::Error::custom)?)
                    }
                    "BOOL" => Attribute::Flag(map.next_value()?),
                    _ => {
                        map.next_value::<IgnoredAny>()?;
                        Attribute::Other
                    }
                })
            }
        }
        deserializer.deserialize_map(Typed)
    }
}

impl<'a> Attributes<'a> {
    fn take(&mut self, name: &str) -> Option<Attribute<'a>> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(at).1)
    }

    /// The item, unless it has expired. DynamoDB removes what has expired late, so every reader looks at it itself.
    pub(super) fn unexpired(self, now: Timestamp) -> Option<Self> {
        let expires_at = self.0.iter().find(|(name, _)| name == EXPIRES_AT);
        match expires_at {
            None => Some(self),
            Some((_, Attribute::Number(at))) if at.parse().is_ok_and(|at: i64| at > now.millis() / 1_000) => Some(self),
            Some(_) => None,
        }
    }

    /// The item's sort key; it is left to be taken.
    pub(super) fn sort_key(&self) -> Option<&str> {
        self.peek("sk")
    }

    /// Whether this is the item under a key.
    pub(super) fn has_key(&self, pk: &str, sk: &str) -> bool {
        self.peek("pk") == Some(pk) && self.peek("sk") == Some(sk)
    }

    fn peek(&self, name: &str) -> Option<&str> {
        self.0.iter().find_map(|(known, value)| match value {
            Attribute::Text(value) if known == name => Some(value.as_ref()),
            _ => None,
        })
    }

    /// A text, borrowed where it can be.
    pub(super) fn borrowed(&mut self, name: &'static str) -> Result<Option<Cow<'a, str>>, Undecodable> {
        match self.take(name) {
            None => Ok(None),
            Some(Attribute::Text(value)) => Ok(Some(value)),
            Some(_) => Err(Undecodable(name)),
        }
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<String>, Undecodable> {
        Ok(self.borrowed(name)?.map(Cow::into_owned))
    }

    pub(super) fn bytes(&mut self, name: &'static str) -> Result<Option<Vec<u8>>, Undecodable> {
        match self.take(name) {
            None => Ok(None),
            Some(Attribute::Bytes(value)) => Ok(Some(value)),
            Some(_) => Err(Undecodable(name)),
        }
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Result<Option<bool>, Undecodable> {
        match self.take(name) {
            None => Ok(None),
            Some(Attribute::Flag(value)) => Ok(Some(value)),
            Some(_) => Err(Undecodable(name)),
        }
    }

    pub(super) fn number<T: FromStr>(&mut self, name: &'static str) -> Result<Option<T>, Undecodable> {
        match self.take(name) {
            None => Ok(None),
            Some(Attribute::Number(value)) => value.parse().map(Some).map_err(|_| Undecodable(name)),
            Some(_) => Err(Undecodable(name)),
        }
    }

    /// The write that put the item, if it says so.
    pub(super) fn write_id(&mut self) -> Result<Option<WriteId>, Undecodable> {
        Ok(self.text(WRITE)?.map(WriteId::read))
    }

    pub(super) fn message(&mut self, name: &'static str) -> Result<Option<MessageId>, Undecodable> {
        let id = match self.take(name) {
            None => return Ok(None),
            Some(Attribute::Number(value)) => value.parse().ok().map(MessageId::Number),
            Some(Attribute::Text(value)) => value.parse().ok().map(MessageId::Text),
            Some(_) => None,
        };
        id.map(Some).ok_or(Undecodable(name))
    }

    pub(super) fn time(&mut self, name: &'static str) -> Result<Option<Timestamp>, Undecodable> {
        let micros = self.number(name)?;
        micros.map(|micros| Timestamp::from_micros(micros).ok_or(Undecodable(name))).transpose()
    }

    /// A string of a closed list, stored as it is on the wire.
    pub(super) fn string_enum<T: StringEnum>(&mut self, name: &'static str) -> Result<Option<T>, Undecodable> {
        self.borrowed(name)?.map(|text| T::parse(&text).ok_or(Undecodable(name))).transpose()
    }

    /// A text that parses: an id.
    pub(super) fn parsed<T: FromStr>(&mut self, name: &'static str) -> Result<Option<T>, Undecodable> {
        self.borrowed(name)?.map(|value| value.parse().map_err(|_| Undecodable(name))).transpose()
    }
}

/// What must be there.
pub(super) fn required<T>(value: Option<T>, name: &'static str) -> Result<T, Undecodable> {
    value.ok_or(Undecodable(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_of_an_answer_reads_as_one_of_the_sdk_does() {
        let json = r#"{
            "text": {"S": "a \"quoted\" \u00e9\n"}, "number": {"N": "-1.5"}, "bytes": {"B": "AP8="}, "flag": {"BOOL": true},
            "map": {"M": {"S": {"S": "inner"}}}, "nothing": {"NULL": true}, "texts": {"SS": ["a"]}
        }"#;
        let map = HashMap::from([("S".to_owned(), text("inner"))]);
        let item = Item::from([
            ("text".to_owned(), text("a \"quoted\" é\n")),
            ("number".to_owned(), number("-1.5")),
            ("bytes".to_owned(), bytes([0, 255])),
            ("flag".to_owned(), flag(true)),
            ("map".to_owned(), AttributeValue::M(map)),
            ("nothing".to_owned(), AttributeValue::Null(true)),
            ("texts".to_owned(), AttributeValue::Ss(vec!["a".to_owned()])),
        ]);
        for mut read in [serde_json::from_str::<Attributes<'_>>(json).expect("an item"), Attributes::from(item)] {
            assert_eq!(read.text("text"), Ok(Some("a \"quoted\" é\n".to_owned())));
            assert_eq!(read.number("number"), Ok(Some(-1.5)));
            assert_eq!(read.bytes("bytes"), Ok(Some(vec![0, 255])));
            assert_eq!(read.flag("flag"), Ok(Some(true)));
            assert_eq!(read.text("map"), Err(Undecodable("map")));
            assert_eq!(read.flag("nothing"), Err(Undecodable("nothing")));
            assert_eq!(read.bytes("texts"), Err(Undecodable("texts")));
            assert_eq!(read.text("absent"), Ok(None));
        }
    }

    #[test]
    fn an_item_is_there_until_it_expires() {
        let now = Timestamp::from_micros(7_000_000).expect("a moment");
        for (at, is_there) in [(number(7), false), (number(8), true), (text("8"), false)] {
            let item = Item::from([(EXPIRES_AT.to_owned(), at.clone())]);
            assert_eq!(Attributes::from(item).unexpired(now).is_some(), is_there, "{at:?}");
        }
        assert!(Attributes::from(Item::new()).unexpired(now).is_some());
    }

    #[test]
    fn what_is_no_item_is_not_read() {
        let wrong = [
            "[]",
            r#"{"a": "x"}"#,
            r#"{"a": {}}"#,
            r#"{"a": {"S": 1}}"#,
            r#"{"a": {"B": "?"}}"#,
            r#"{"a": {"S": "x", "N": "1"}}"#,
            r#"{"a"#,
        ];
        for json in wrong {
            assert!(serde_json::from_str::<Attributes<'_>>(json).is_err(), "{json}");
        }
    }
}
