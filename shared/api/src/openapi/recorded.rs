//! The answers that say whether something was recorded. `recorded` alone tells them apart, and each has its own
//! members.

use crate::{redaction::RedactionCounts, run::Run, settings::Decision};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// The run is recorded.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema is made of it")]
pub(super) struct RunRecorded {
    /// It is.
    recorded: Always<true>,
    /// The run, as the list shows it.
    run: Run,
    /// What was taken out of what was posted; nothing when absent.
    redaction: Option<RedactionCounts>,
}

/// The step is recorded.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema is made of it")]
pub(super) struct StepRecorded {
    /// It is.
    recorded: Always<true>,
    /// What was taken out of it; nothing when absent.
    redaction: Option<RedactionCounts>,
}

/// Nothing is recorded: the policy says no.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema is made of it")]
struct NotRecorded {
    /// It is not.
    recorded: Always<false>,
    /// Who decided so.
    decision: Decision,
}

/// A truth value that is always the same.
struct Always<const VALUE: bool>;

impl<const VALUE: bool> JsonSchema for Always<VALUE> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Always".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "boolean", "enum": [VALUE]})
    }
}

/// What became of a run that was posted.
pub(super) struct RunOrNot;

impl JsonSchema for RunOrNot {
    fn schema_name() -> Cow<'static, str> {
        "Recorded".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        or_not::<RunRecorded>(generator, "The answer to a run's `POST`: it is recorded, or why not.")
    }
}

/// What became of a step that was put.
pub(super) struct StepOrNot;

impl JsonSchema for StepOrNot {
    fn schema_name() -> Cow<'static, str> {
        "RecordedStep".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        or_not::<StepRecorded>(generator, "The answer to a step's `PUT`: it is recorded, or why not.")
    }
}

/// The refusal comes first: openapi-python-client tries one after the other and looks at required members alone, so
/// that it would take a refusal for a step that is recorded.
fn or_not<T: JsonSchema>(generator: &mut SchemaGenerator, description: &str) -> Schema {
    let either = [generator.subschema_for::<NotRecorded>(), generator.subschema_for::<T>()];
    json_schema!({"description": description, "oneOf": either})
}
