//! The schemas of a view's parts: a union that its `type` tells apart, each with a name of its own, since generators
//! make types of names. Where a part came from is one object, however the code holds it.

use crate::view::{ByteRange, Content, EventRun, Part, Source};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

impl JsonSchema for Part {
    fn schema_name() -> Cow<'static, str> {
        "Part".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let source = generator.subschema_for::<Source>().to_value();
        let left_out = json!({
            "description": "How many bytes of its texts an answer had no room for.",
            "type": "integer",
            "minimum": 0,
        });
        let contents = Content::json_schema(generator);
        let contents = contents.get("oneOf").and_then(Value::as_array).cloned().unwrap_or_default();
        let (mut parts, mut mapping) = (Vec::new(), Map::new());
        for mut content in contents {
            let kind = content.pointer("/properties/type/const").and_then(Value::as_str).unwrap_or_default().to_owned();
            if let Some(properties) = content.get_mut("properties").and_then(Value::as_object_mut) {
                properties.insert("type".to_owned(), json!({"type": "string", "enum": [kind]}));
                properties.insert("source".to_owned(), source.clone());
                properties.insert("left_out".to_owned(), left_out.clone());
            }
            if let Some(required) = content.get_mut("required").and_then(Value::as_array_mut) {
                required.push(json!("source"));
            }
            let name = name_of(&kind);
            let reference = format!("#/components/schemas/{name}");
            generator.definitions_mut().insert(name, content);
            parts.push(json!({"$ref": reference}));
            mapping.insert(kind, json!(reference));
        }
        json_schema!({
            "description": "A part of a message or of an answer. `type` says which.",
            "oneOf": parts,
            "discriminator": {"propertyName": "type", "mapping": mapping},
        })
    }
}

/// `ToolCallPart` of `tool_call`.
fn name_of(kind: &str) -> String {
    let words = kind.split('_').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    });
    words.collect::<String>() + "Part"
}

impl JsonSchema for Source {
    fn schema_name() -> Cow<'static, str> {
        "Source".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        SourceForm::json_schema(generator)
    }
}

/// Where something came from: bytes of a text, or events of a stream.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema is made of it")]
struct SourceForm {
    /// In which text.
    r#in: OriginName,
    /// Whose body it is: the attempt, from 1, by its place in the list. A normalized form has none.
    attempt: Option<usize>,
    /// Where it stands, unless it came in events. A body's bytes are counted once it is unpacked.
    bytes: Option<ByteRange>,
    /// The events of the stream that it came in, as runs.
    events: Option<Vec<EventRun>>,
}

/// A text that a step holds.
#[derive(JsonSchema)]
#[schemars(rename = "Origin", rename_all = "snake_case")]
#[expect(dead_code, reason = "a schema is made of it")]
enum OriginName {
    /// The request in the chat product's own form.
    NormalizedRequest,
    /// The answer in the chat product's own form.
    NormalizedResponse,
    /// The body that an attempt sent.
    Request,
    /// The body that came back.
    Response,
}
