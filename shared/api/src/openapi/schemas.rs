//! The wire's types as schemas: derived where serde's traits are derived, written by hand where those are.
//!
//! Nothing is nullable. Bodies of requests take no other members; bodies of answers do, so that members can be added.
//!
//! Client generators decide how it is said: no defaults, since some then require the member; no number that a double
//! cannot hold; and one component for what is used in many places.

use super::ordered::Json;
use crate::{
    content::ContentName,
    external::ExternalId,
    ids::{ChatId, KeyId, MessageId, ModelConfigId, RunId, StepId, StepNumber, UserId},
    json::Object,
    recorder_keys::KeyLabel,
    step::{Body, Count, Headers, Usage},
    time::{Day, Timestamp},
};
use schemars::{
    JsonSchema, Schema, SchemaGenerator,
    generate::SchemaSettings,
    json_schema,
    transform::{RecursiveTransform, RemoveRefSiblings},
};
use serde_json::{Value, json};
use std::borrow::Cow;

/// A generator of schemas as OpenAPI 3.0 has them.
pub(super) fn generator() -> SchemaGenerator {
    let mut settings = SchemaSettings::openapi3();
    settings.transforms = vec![
        Box::new(RecursiveTransform(not_null)),
        Box::new(RecursiveTransform(words)),
        Box::new(RecursiveTransform(no_default)),
        Box::new(RecursiveTransform(whole_numbers)),
        Box::new(RecursiveTransform(prose)),
        Box::new(RemoveRefSiblings::default()),
    ];
    settings.into_generator()
}

/// Everything that was referred to.
pub(super) fn definitions(generator: &mut SchemaGenerator) -> Json {
    let definitions = generator.take_definitions(true);
    Json::Object(definitions.into_iter().map(|(name, schema)| (name, Json::schema(schema))).collect())
}

/// A type's schema where it is used: a reference, or the schema itself when it is inlined.
pub(super) fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Json {
    let mut schema = generator.subschema_for::<T>();
    for transform in generator.transforms_mut() {
        transform.transform(&mut schema);
    }
    Json::schema(schema.to_value())
}

/// An optional member without a value is absent, not `null`.
fn not_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|it| it != "null");
        if let [single] = types.as_slice() {
            let single = single.clone();
            schema.insert("type".to_owned(), single);
        }
    }
    if let Some(Value::Array(any)) = schema.get_mut("anyOf") {
        any.retain(|it| it.get("type").is_none_or(|it| it != "null"));
        if let [Value::Object(single)] = any.as_slice() {
            let single = single.clone();
            schema.remove("anyOf");
            for (keyword, value) in single {
                schema.ensure_object().entry(keyword).or_insert(value);
            }
        }
    }
}

/// A closed list of strings, each with what it means.
fn words(schema: &mut Schema) {
    let Some(Value::Array(variants)) = schema.get("oneOf") else { return };
    let word = |variant: &Value| {
        let (word, meaning) = (variant.get("const")?.as_str()?, variant.get("description")?.as_str()?);
        Some((word.to_owned(), format!("\n- `{word}`: {meaning}")))
    };
    let Some(words) = variants.iter().map(word).collect::<Option<Vec<_>>>() else { return };
    let (words, meanings): (Vec<_>, String) = words.into_iter().unzip();
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    *schema = json_schema!({"type": "string", "enum": words, "description": format!("{description}\n{meanings}")});
}

/// serde's defaults are the service's own business: nobody has to send the member.
fn no_default(schema: &mut Schema) {
    schema.remove("default");
}

/// Whole numbers get bounds within what a double holds exactly, in place of Rust's own formats. Only the ids of the
/// chat product's messages keep `int64`.
fn whole_numbers(schema: &mut Schema) {
    let format = schema.get("format").and_then(Value::as_str);
    if schema.get("type").is_none_or(|it| it != "integer") || format == Some("int64") {
        return;
    }
    if format != Some("int32") {
        schema.remove("format");
    }
    for (bound, furthest) in [("minimum", -MAX_SAFE_INTEGER), ("maximum", MAX_SAFE_INTEGER)] {
        let is_nearer = |given: &Value| given.as_i64().is_some_and(|given| given.abs() <= MAX_SAFE_INTEGER);
        if !schema.get(bound).is_some_and(is_nearer) {
            schema.insert(bound.to_owned(), json!(furthest));
        }
    }
}

/// 2^53 - 1, JavaScript's `Number.MAX_SAFE_INTEGER`.
const MAX_SAFE_INTEGER: i64 = (1 << 53) - 1;

/// Rust's documentation as a description: a line for each paragraph, and no links to Rust's names.
fn prose(schema: &mut Schema) {
    let Some(Value::String(text)) = schema.get_mut("description") else { return };
    let mut prose = String::new();
    for line in text.lines() {
        if !prose.is_empty() {
            let is_new = line.is_empty() || line.starts_with("- ") || prose.ends_with('\n');
            prose.push(if is_new { '\n' } else { ' ' });
        }
        prose.push_str(line);
    }
    *text = prose.replace("[`", "`").replace("`]", "`");
}

/// A UUID in its one spelling.
macro_rules! uuid_schema {
    ($($id:ty),*) => {$(
        impl JsonSchema for $id {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($id).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "format": "uuid",
                    "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
                })
            }
        }
    )*};
}

uuid_schema!(ChatId, RunId, StepId, ModelConfigId, KeyId);

impl JsonSchema for StepNumber {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "StepNumber".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "format": "int32", "minimum": 1, "maximum": Self::MAX})
    }
}

impl JsonSchema for ContentName {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "ContentName".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^(attempts/[1-9][0-9]*/)?(request|response)$"})
    }
}

impl JsonSchema for UserId {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "UserId".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-\"$-~]+$"})
    }
}

impl JsonSchema for ExternalId {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "ExternalId".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // As long in bytes: there are as many characters or fewer.
        json_schema!({"type": "string", "minLength": 1, "maxLength": Self::MAX_BYTES})
    }
}

impl JsonSchema for KeyLabel {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "KeyLabel".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 1, "maxLength": Self::MAX_CHARACTERS})
    }
}

impl JsonSchema for Day {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date"})
    }
}

impl JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Timestamp".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date-time"})
    }
}

impl JsonSchema for Object {
    fn schema_name() -> Cow<'static, str> {
        "FreeForm".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let description = "Any JSON object. What a recorder sends comes back as it was sent.";
        json_schema!({"description": description, "type": "object", "additionalProperties": true})
    }
}

impl JsonSchema for Count {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Count".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "minimum": 0, "maximum": Self::MAX})
    }
}

impl JsonSchema for Headers {
    fn schema_name() -> Cow<'static, str> {
        // `Headers` is a type of every browser already.
        "HttpHeaders".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let description = "HTTP headers by name.";
        json_schema!({"description": description, "type": "object", "additionalProperties": {"type": "string"}})
    }
}

impl JsonSchema for Body {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Body".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // No pattern: repeated over a body of megabytes it is more than the engines of some languages can do.
        json_schema!({"type": "string", "format": "byte"})
    }
}

impl JsonSchema for Usage {
    fn schema_name() -> Cow<'static, str> {
        "Usage".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Object::json_schema(generator);
        let description = "Token counts as the provider gave them, kept as sent. What is a number there goes into \
            the run's totals, once. `input_tokens`, `output_tokens`, `total_tokens`, `reasoning_tokens`, \
            `cache_creation_tokens` and `cache_read_tokens` are taken as given; the names of OpenAI, Anthropic, \
            Gemini, Bedrock, Ollama, LangChain, OpenTelemetry and Vercel's AI SDK are understood: input includes what a cache had a part in, output includes \
            thinking.";
        schema.insert("description".to_owned(), json!(description));
        schema
    }
}

impl JsonSchema for MessageId {
    fn schema_name() -> Cow<'static, str> {
        "MessageId".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A message in the chat product's own database. It comes back as it was sent: a number as \
                a number, a text as a text. Not every client reads a number beyond 2^53 exactly: a text is safe.",
            "oneOf": [{"type": "integer", "format": "int64"}, {"type": "string", "minLength": 1, "maxLength": 128}],
        })
    }
}
