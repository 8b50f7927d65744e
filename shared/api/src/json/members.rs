//! How members of bodies are read: absent, `null`, structs and recorded texts.

use super::object::mend;
use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;
use std::{fmt, marker::PhantomData};

/// A text that the recorder got from elsewhere: half a surrogate pair in it is kept as U+FFFD.
pub(crate) struct RecordedText(pub(crate) String);

impl<'de> Deserialize<'de> for RecordedText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        serde_json::from_str(&mend(raw.get())).map(Self).map_err(|_| de::Error::custom("must be a string"))
    }
}

/// An optional recorded text.
pub(crate) fn recorded_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<RecordedText>::deserialize(deserializer)?.map(|RecordedText(text)| text))
}

/// An optional member of a setting: one without a value is left out, and `null` is refused.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A member that has a default: absent and `null` are the same.
///
/// Use with `#[serde(default, deserialize_with = "or_default")]`. An `Option` needs none of this.
pub(crate) fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A struct that is read from an object alone. serde would also read it from an array of its members, which
/// `CONTRACT.md` does not allow.
pub(crate) struct Strict<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Strict<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> de::Visitor<'de> for ObjectVisitor<T> {
            type Value = T;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(de::value::MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_map(ObjectVisitor(PhantomData)).map(Self)
    }
}

/// An optional struct.
pub(crate) fn object<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(Option::<Strict<T>>::deserialize(deserializer)?.map(|Strict(object)| object))
}

/// An array of structs; `null` is an empty one.
pub(crate) fn objects<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let objects = Option::<Vec<Strict<T>>>::deserialize(deserializer)?.unwrap_or_default();
    Ok(objects.into_iter().map(|Strict(object)| object).collect())
}
