//! Schemas of bodies that say more than their types: of one type, what is sent and what is answered differ.

use crate::{
    ids::StepNumber,
    outline::StepOutline,
    run::CreateRun,
    step::{Attempt, Count, Step, StepInput},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};
use std::borrow::Cow;

/// A turn as it is posted: its steps are [`TurnStep`]s.
pub(super) struct PostedTurn;

impl JsonSchema for PostedTurn {
    fn schema_name() -> Cow<'static, str> {
        "CreateRun".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = CreateRun::json_schema(generator);
        set_items::<TurnStep>(&mut schema, "steps", generator);
        schema
    }
}

/// A step as an owner reads it: its attempts are [`AnsweredAttempt`]s.
pub(super) struct AnsweredStep;

impl JsonSchema for AnsweredStep {
    fn schema_name() -> Cow<'static, str> {
        "Step".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Step::json_schema(generator);
        set_items::<AnsweredAttempt>(&mut schema, "attempts", generator);
        schema
    }
}

/// A step in a list, or its outline. Each has required members that the other lacks.
pub(super) struct ListedStep;

impl JsonSchema for ListedStep {
    fn schema_name() -> Cow<'static, str> {
        "ListedStep".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let either = [generator.subschema_for::<AnsweredStep>(), generator.subschema_for::<StepOutline>()];
        json_schema!({"description": "A step, or with `outline=true` its outline.", "oneOf": either})
    }
}

fn set_items<T: JsonSchema>(schema: &mut Schema, list: &str, generator: &mut SchemaGenerator) {
    if let Some(items) = schema.pointer_mut(&format!("/properties/{list}/items")) {
        *items = generator.subschema_for::<T>().to_value();
    }
}

/// A step within a turn: it says its number, and the run says whose it is.
struct TurnStep;

impl JsonSchema for TurnStep {
    fn schema_name() -> Cow<'static, str> {
        "TurnStep".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = StepInput::json_schema(generator);
        if let Some(Value::Array(required)) = schema.get_mut("required") {
            required.insert(0, json!("step_number"));
        }
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            properties.remove("owner_id");
            properties.remove("external_id");
            properties.insert(
                "step_number".to_owned(),
                describe(
                    StepNumber::json_schema(generator),
                    "Its place in the run, which no other step of the turn has.",
                ),
            );
        }
        schema.insert("description".to_owned(), json!("A step within a turn."));
        schema
    }
}

/// An attempt as an owner reads it. As in every answer members may be added, and its numbers are whole, however they
/// were sent.
struct AnsweredAttempt;

impl JsonSchema for AnsweredAttempt {
    fn schema_name() -> Cow<'static, str> {
        "Attempt".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Attempt::json_schema(generator);
        schema.remove("additionalProperties");
        let status = json_schema!({"type": "integer", "minimum": 100, "maximum": 599});
        let count = Count::json_schema(generator);
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            let counts = ["duration_ms", "first_byte_ms", "retry_delay_ms"].map(|name| (name, &count));
            for (name, number) in [("response_status", &status)].into_iter().chain(counts) {
                let description = properties.remove(name).and_then(|it| it.get("description").cloned());
                let description = description.as_ref().and_then(Value::as_str).unwrap_or_default();
                properties.insert(name.to_owned(), describe(number.clone(), description));
            }
        }
        schema
    }
}

fn describe(mut schema: Schema, description: &str) -> Value {
    schema.insert("description".to_owned(), json!(description));
    schema.to_value()
}
