//! JSON in the order in which people read it. `serde_json`'s own values sort their members.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Any JSON, its members in their order.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Json {
    Object(IndexMap<String, Json>),
    Array(Vec<Json>),
    Scalar(Value),
}

/// The keywords of a schema, as they are best read. Others follow by name.
const KEYWORDS: [&str; 9] =
    ["$ref", "allOf", "description", "type", "format", "required", "properties", "additionalProperties", "items"];

impl Json {
    /// Whatever serializes.
    #[expect(clippy::expect_used, reason = "everything in the document is ours, and a test makes it")]
    pub(super) fn of(value: &impl Serialize) -> Self {
        let text = serde_json::to_string(value).expect("JSON");
        serde_json::from_str(&text).expect("JSON")
    }

    /// An object of these members.
    pub(super) fn object<const N: usize>(members: [(&str, Self); N]) -> Self {
        Self::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// A schema: its keywords in their order, and what it requires before what it allows.
    pub(super) fn schema(schema: Value) -> Self {
        let mut members = match schema {
            Value::Object(members) => members,
            Value::Array(schemas) => return Self::Array(schemas.into_iter().map(Self::schema).collect()),
            scalar => return Self::Scalar(scalar),
        };
        let required = members.get("required").cloned();
        let mut ordered = IndexMap::new();
        for keyword in KEYWORDS {
            if let Some(value) = members.remove(keyword) {
                let value =
                    if keyword == "properties" { properties(value, required.as_ref()) } else { Self::schema(value) };
                ordered.insert(keyword.to_owned(), value);
            }
        }
        ordered.extend(members.into_iter().map(|(name, value)| (name, Self::schema(value))));
        Self::Object(ordered)
    }
}

fn properties(properties: Value, required: Option<&Value>) -> Json {
    let Value::Object(mut properties) = properties else { return Json::Scalar(properties) };
    let required = required.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let mut ordered: IndexMap<_, _> =
        required.filter_map(|name| Some((name.to_owned(), Json::schema(properties.remove(name)?)))).collect();
    ordered.extend(properties.into_iter().map(|(name, schema)| (name, Json::schema(schema))));
    Json::Object(ordered)
}
