//! Enums that travel as strings.

use serde::{Deserializer, de};
use std::{fmt, marker::PhantomData};
use strum::VariantArray;

/// An enum of a closed list of strings: it travels as one of them and as nothing else.
pub trait StringEnum: Copy + VariantArray + Into<&'static str> + 'static {
    /// Every value.
    const ALL: &'static [Self] = Self::VARIANTS;

    /// The string that the value travels as.
    fn as_str(self) -> &'static str {
        self.into()
    }

    /// The value that travels as `text`.
    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.as_str() == text)
    }

    /// "must be one of …", for whoever sent another string.
    fn expected() -> String {
        let strings: Vec<_> = Self::ALL.iter().map(|value| value.as_str()).collect();
        format!("must be one of {}", strings.join(", "))
    }
}

/// `Deserialize` for every [`StringEnum`].
pub(crate) fn string_enum<'de, T: StringEnum, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct OneOf<T>(PhantomData<T>);
    impl<T: StringEnum> de::Visitor<'_> for OneOf<T> {
        type Value = T;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            T::parse(text).ok_or_else(|| E::custom(T::expected()))
        }
    }
    deserializer.deserialize_str(OneOf(PhantomData))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::{Serialize, de::DeserializeOwned};

    #[test]
    fn a_string_enum_travels_as_its_string() {
        fn check<T: StringEnum + Serialize + DeserializeOwned + PartialEq + fmt::Debug>() {
            assert!(!T::ALL.is_empty());
            for value in T::ALL {
                let json = format!("\"{}\"", value.as_str());
                assert_eq!(serde_json::to_string(value).expect("JSON"), json);
                assert_eq!(serde_json::from_str::<T>(&json).expect(&json), *value);
            }
        }
        check::<crate::run::RunKind>();
        check::<crate::status::Status>();
        check::<crate::step::Operation>();
        check::<crate::step::AttemptStatus>();
        check::<crate::settings::ChatOverride>();
        check::<crate::settings::DecidedBy>();
    }
}
