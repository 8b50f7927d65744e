//! The committed OpenAPI document as a judge of what is sent and answered.
//!
//! The document leaves answers open, so that a member can be added to them; here they are closed, so
//! that one is not added without being said. Free-form content is not looked into: it is nobody's
//! but the recorder's, and may hold what a [`Value`] cannot.

use api::routes::{ROUTES, Route};
use jsonschema::Validator;
use lambda_http::http::HeaderMap;
use serde_json::{Map, Value, value::RawValue};
use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

/// The document as it is served.
pub const TEXT: &str = include_str!("../../infra/openapi.json");

/// The document.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(TEXT).expect("infra/openapi.json"));

static JUDGE: LazyLock<Judge> = LazyLock::new(|| {
    let mut document = DOCUMENT.clone();
    close(&mut document);
    Judge {
        requests: ROUTES
            .iter()
            .filter(|route| route.has_body())
            .map(|route| (route.operation, Shape::of(&document, &operation(&document, route)["requestBody"]).unwrap()))
            .collect(),
        answers: ROUTES.iter().map(|route| (route.operation, answers(&document, route))).collect(),
        document,
    }
});

struct Judge {
    document: Value,
    requests: HashMap<&'static str, Shape>,
    answers: HashMap<&'static str, HashMap<u16, Expected>>,
}

/// What the document says of an answer.
struct Expected {
    shape: Option<Shape>,
    headers: Vec<String>,
    /// The types of its problems; empty for a success.
    problems: Vec<String>,
}

/// What the document says of a body.
struct Shape {
    media_type: String,
    schema: Value,
    validator: Validator,
}

/// Fails unless the document says that the operation can answer so.
#[track_caller]
pub fn check(route: &Route, status: u16, headers: &HeaderMap, body: &str) {
    let at = format!("{} answered {status}", route.operation);
    let Some(expected) = JUDGE.answers[route.operation].get(&status) else {
        panic!("{at}, which infra/openapi.json does not declare: {}", cut(body));
    };
    for name in &expected.headers {
        assert!(headers.contains_key(name), "{at} without the header {name}");
    }
    let media_type = headers.get("content-type").map(|value| value.to_str().unwrap().split(';').next().unwrap());
    assert_eq!(media_type, expected.shape.as_ref().map(|shape| &*shape.media_type), "{at} with another content type");
    let Some(shape) = &expected.shape else {
        assert_eq!(body, "", "{at} with a body");
        return;
    };
    if shape.media_type != "application/json" {
        return;
    }
    if let Some(refusal) = shape.refusal(body) {
        panic!("{at} otherwise than infra/openapi.json says: {refusal}, in {}", cut(body));
    }
    if !expected.problems.is_empty() {
        let problem: Value = serde_json::from_str(body).unwrap();
        let known = expected.problems.iter().any(|known| problem["type"] == **known);
        assert!(known, "{at} with {}, a problem that infra/openapi.json does not declare", problem["type"]);
    }
}

/// Why the document says that a body is no answer of this status.
pub fn refusal_of_answer(route: &Route, status: u16, body: &str) -> Option<String> {
    JUDGE.answers[route.operation][&status].shape.as_ref()?.refusal(body)
}

/// Why the document says that a body is not what the operation takes.
pub fn refusal(route: &Route, body: &str) -> Option<String> {
    JUDGE.requests.get(route.operation)?.refusal(body)
}

/// Fails unless the document says that the operation takes such a body.
#[track_caller]
pub fn check_taken(route: &Route, body: &str) {
    if let Some(refusal) = refusal(route, body) {
        panic!("{} takes what infra/openapi.json refuses: {refusal}, in {}", route.operation, cut(body));
    }
}

impl Shape {
    /// Of a request body or a response, when it has content.
    fn of(document: &Value, described: &Value) -> Option<Self> {
        let (media_type, content) = described["content"].as_object()?.iter().next()?;
        // The components stand beside the schema, which refers to them.
        let mut root = content["schema"].clone();
        root["components"] = document["components"].clone();
        let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&root);
        Some(Self {
            media_type: media_type.clone(),
            schema: content["schema"].clone(),
            validator: validator.expect("a schema of infra/openapi.json"),
        })
    }

    fn refusal(&self, body: &str) -> Option<String> {
        let Ok(body) = serde_json::from_str(body) else { return Some("it is no JSON".to_owned()) };
        let value = read(&self.schema, body);
        let mut errors = self.validator.iter_errors(&value);
        errors.next().map(|error| format!("{}: {}", error.instance_path(), cut(&error.to_string())))
    }
}

/// A body as far as the document speaks of it.
fn read(schema: &Value, text: &RawValue) -> Value {
    let schema = resolve(schema);
    let text = text.get();
    match text.as_bytes().first() {
        Some(b'{') => {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).expect("an object");
            let read = |(name, text): (String, &RawValue)| {
                let of_member = schema["properties"].get(&name).or(schema.get("additionalProperties"));
                let value = of_member.filter(|it| it.is_object()).map_or(Value::Null, |schema| read(schema, text));
                (name, value)
            };
            Value::Object(members.into_iter().map(read).collect())
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).expect("an array");
            items.into_iter().map(|item| read(&schema["items"], item)).collect()
        }
        _ => serde_json::from_str(text).expect("a scalar"),
    }
}

/// The schema that a reference leads to, alone or beside a description.
fn resolve(schema: &Value) -> &Value {
    let reference = schema.get("$ref").or_else(|| schema.pointer("/allOf/0/$ref"));
    match reference.and_then(Value::as_str).and_then(|it| it.strip_prefix('#')) {
        Some(pointer) => JUDGE.document.pointer(pointer).expect("what infra/openapi.json refers to"),
        None => schema,
    }
}

fn operation<'a>(document: &'a Value, route: &Route) -> &'a Value {
    &document["paths"][route.path][route.method.as_str().to_lowercase()]
}

fn answers(document: &Value, route: &Route) -> HashMap<u16, Expected> {
    let responses = operation(document, route)["responses"].as_object().unwrap();
    let expected = responses.iter().map(|(status, response)| {
        let response = target(document, response);
        let headers = response["headers"].as_object().into_iter().flatten();
        let required = headers.filter(|(_, header)| target(document, header)["required"] == true);
        let examples = response["content"]["application/json"]["examples"].as_object().into_iter().flatten();
        let status: u16 = status.parse().unwrap();
        let expected = Expected {
            shape: Shape::of(document, response),
            headers: required.map(|(name, _)| name.clone()).collect(),
            problems: match status {
                ..400 => Vec::new(),
                400.. => examples.map(|(_, it)| it["value"]["type"].as_str().unwrap().to_owned()).collect(),
            },
        };
        (status, expected)
    });
    expected.collect()
}

/// What a component's reference leads to.
pub fn target<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let pointer = value.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix('#'));
    pointer.map_or(value, |pointer| document.pointer(pointer).unwrap())
}

/// Has every object that says nothing of other members refuse them.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(close);
            let is_object = |members: &Map<_, _>| members.get("type").is_some_and(|it| it == "object");
            if is_object(members) && members.contains_key("properties") {
                members.entry("additionalProperties").or_insert(false.into());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// The beginning of a text that may be long.
fn cut(text: &str) -> String {
    text.chars().take(400).collect()
}
