//! The committed OpenAPI document as a judge of what is sent and answered.
//!
//! The document leaves answers open, so that a member can be added to them; here they are closed, so
//! that one is not added without being said. Free-form content is not looked into: it is nobody's
//! but the recorder's, and may hold what a [`Value`] cannot.

use api::{
    json::mend,
    routes::{Callers, PREVIEW_REDACTION, ROUTES, Route},
};
use base64::{Engine, engine::general_purpose::STANDARD};
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

/// What every answer of a function has beside what the document speaks of.
const EVERYWHERE: [&str; 5] = ["cache-control", "content-encoding", "content-type", "vary", "x-content-type-options"];

/// What a function's answer may lack. A refusal that may be the gateway's is declared to lack more.
const SOMETIMES: [&str; 2] = ["link", "x-correlation-id"];

static JUDGE: LazyLock<Judge> = LazyLock::new(|| {
    let mut document = DOCUMENT.clone();
    close(&mut document);
    Judge {
        requests: ROUTES
            .iter()
            .filter(|route| route.has_body())
            .map(|route| (route.operation, request(&document, route)))
            .collect(),
        answers: each(&document, answer),
        refusals_of_gateway: each(&document, refusal_of_gateway),
        document,
    }
});

struct Judge {
    document: Value,
    requests: HashMap<&'static str, Shape>,
    answers: ByStatus<Expected>,
    refusals_of_gateway: ByStatus<Shape>,
}

/// By operation and status.
type ByStatus<T> = HashMap<&'static str, HashMap<u16, T>>;

/// What the document says of a function's answer.
struct Expected {
    shape: Option<Shape>,
    headers: HashMap<String, Validator>,
    /// The types of its problems; empty for a success.
    problems: Vec<String>,
}

/// What the document says of a body.
struct Shape {
    /// Whether an optional member that is `null` is absent, as it is in what is sent.
    null_is_absent: bool,
    media_type: String,
    schema: Value,
    validator: Validator,
}

/// The members of a schema by name, and whether each has to be there; none of a schema that the document has not.
pub fn members(schema: &str) -> BTreeMap<&'static str, bool> {
    let schema = &DOCUMENT["components"]["schemas"][schema];
    let is_required = |name: &str| schema["required"].as_array().into_iter().flatten().any(|it| it == name);
    let names = schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    names.map(|name| (name, is_required(name))).collect()
}

/// Fails unless the document says that the operation's function can answer so.
#[track_caller]
pub fn check(route: &Route, status: u16, headers: &HeaderMap, body: &str) {
    let at = format!("{} answered {status}", route.operation);
    let Some(expected) = JUDGE.answers[route.operation].get(&status) else {
        panic!("{at}, which infra/openapi.json does not declare: {}", cut(body));
    };
    for name in expected.headers.keys().filter(|name| !SOMETIMES.contains(&name.as_str())) {
        assert!(headers.contains_key(name), "{at} without the header {name}");
    }
    for (name, value) in headers {
        let Some(validator) = expected.headers.get(name.as_str()) else {
            assert!(EVERYWHERE.contains(&name.as_str()), "{at} with the header {name}, which is not declared");
            continue;
        };
        let value = Value::from(value.to_str().unwrap());
        assert!(validator.is_valid(&value), "{at} with another {name} than declared: {value}");
    }
    assert_media_type(&at, headers, expected.shape.as_ref());
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

/// Fails unless the document says that the gateway itself can answer so in the operation's place.
#[track_caller]
pub fn check_gateway(route: &Route, status: u16, headers: &HeaderMap, body: &str) {
    let at = format!("The gateway answered {status} to {}", route.operation);
    let Some(shape) = JUDGE.refusals_of_gateway[route.operation].get(&status) else {
        panic!("{at}, which infra/openapi.json does not declare: {}", cut(body));
    };
    assert_media_type(&at, headers, Some(shape));
    if let Some(refusal) = shape.refusal(body) {
        panic!("{at} otherwise than infra/openapi.json says: {refusal}, in {}", cut(body));
    }
}

#[track_caller]
fn assert_media_type(at: &str, headers: &HeaderMap, shape: Option<&Shape>) {
    // Bytes have the type that was recorded of them.
    if shape.is_some_and(|shape| shape.media_type == "application/octet-stream") {
        assert!(headers.contains_key("content-type"), "{at} without a content type");
        return;
    }
    let media_type = headers.get("content-type").map(|value| value.to_str().unwrap().split(';').next().unwrap());
    assert_eq!(media_type, shape.map(|shape| &*shape.media_type), "{at} with another content type");
}

/// Why the document says that a body is no answer of this status, by the function or by the gateway.
pub fn refusal_of_answer(route: &Route, status: u16, is_of_gateway: bool, body: &str) -> Option<String> {
    let shape = if is_of_gateway {
        &JUDGE.refusals_of_gateway[route.operation][&status]
    } else {
        JUDGE.answers[route.operation][&status].shape.as_ref()?
    };
    shape.refusal(body)
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
    fn of(document: &Value, media_type: &str, schema: &Value) -> Self {
        // The schema refers to the components.
        let mut root = schema.clone();
        root["components"] = document["components"].clone();
        let (media_type, schema) = (media_type.to_owned(), schema.clone());
        Self { null_is_absent: false, media_type, schema, validator: validator(&root) }
    }

    fn refusal(&self, body: &str) -> Option<String> {
        let body = mend(body);
        let Ok(body) = serde_json::from_str(&body) else { return Some("it is no JSON".to_owned()) };
        let value = read(&self.schema, body, self.null_is_absent);
        let mut errors = self.validator.iter_errors(&value);
        errors.next().map(|error| format!("{}: {}", error.instance_path(), cut(&error.to_string())))
    }
}

/// A body as far as the document speaks of it.
fn read(schema: &Value, text: &RawValue, null_is_absent: bool) -> Value {
    let schema = resolve(schema);
    let text = text.get();
    match text.as_bytes().first() {
        Some(b'{') => {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).expect("an object");
            let schema = form(schema, &members);
            let is_required =
                |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|it| it == name));
            let read = |(name, text): (String, &RawValue)| {
                let of_member = member(schema, &name).filter(|it| it.is_object());
                if null_is_absent && text.get() == "null" && of_member.is_some() && !is_required(&name) {
                    return None;
                }
                let value = of_member.map_or(Value::Null, |schema| read(schema, text, null_is_absent));
                Some((name, value))
            };
            Value::Object(members.into_iter().filter_map(read).collect())
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).expect("an array");
            items.into_iter().map(|item| read(&schema["items"], item, null_is_absent)).collect()
        }
        _ => serde_json::from_str(text).expect("a scalar"),
    }
}

/// What a schema says of a member.
fn member<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    schema["properties"].get(name).or(schema.get("additionalProperties"))
}

/// Of a schema's forms the first that is of the same type and requires no other members.
fn form<'a>(schema: &'a Value, members: &BTreeMap<String, &RawValue>) -> &'a Value {
    let forms = schema["oneOf"].as_array().into_iter().flatten().map(resolve);
    let has_all = |form: &&Value| {
        let required = form["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        required.into_iter().all(|name| members.contains_key(name))
    };
    let said: Option<String> = members.get("type").and_then(|it| serde_json::from_str(it.get()).ok());
    let is_of_type = |form: &&Value| {
        let types = form.pointer("/properties/type/enum").and_then(Value::as_array);
        types.is_none_or(|types| types.iter().any(|one| one.as_str() == said.as_deref()))
    };
    forms.into_iter().filter(is_of_type).find(has_all).unwrap_or(schema)
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

fn request(document: &Value, route: &Route) -> Shape {
    let (media_type, schemas) = content(&operation(document, route)["requestBody"]).expect("a body");
    // Settings are as strict as the document says.
    let is_recorded = route.callers == Callers::Recorder || route.operation == PREVIEW_REDACTION.operation;
    Shape { null_is_absent: is_recorded, ..Shape::of(document, media_type, schemas[0]) }
}

/// The responses of every operation, as far as `read` finds something in them.
fn each<T>(document: &Value, read: fn(&Value, u16, &Value) -> Option<T>) -> ByStatus<T> {
    let of_route = |route: &Route| {
        let responses = operation(document, route)["responses"].as_object().unwrap();
        let read = |(status, response): (&String, &Value)| {
            let status = status.parse().unwrap();
            Some((status, read(document, status, target(document, response))?))
        };
        responses.iter().filter_map(read).collect()
    };
    ROUTES.into_iter().map(|route| (route.operation, of_route(route))).collect()
}

/// What a function answers; nothing where only the gateway does.
fn answer(document: &Value, status: u16, response: &Value) -> Option<Expected> {
    let content = content(response);
    let shape = match &content {
        None => None,
        Some((media_type, schemas)) => {
            let schema = schemas.iter().find(|schema| !is_of_gateway(schema))?;
            Some(Shape::of(document, media_type, schema))
        }
    };
    let headers = response["headers"].as_object().into_iter().flatten();
    let headers = headers.map(|(name, header)| (name.to_lowercase(), validator(&target(document, header)["schema"])));
    let examples = response["content"]["application/json"]["examples"].as_object().into_iter().flatten();
    let types = examples.filter_map(|(_, example)| Some(example["value"].get("type")?.as_str()?.to_owned()));
    let problems = if status < 400 { Vec::new() } else { types.collect() };
    Some(Expected { shape, headers: headers.collect(), problems })
}

fn refusal_of_gateway(document: &Value, _: u16, response: &Value) -> Option<Shape> {
    let (media_type, schemas) = content(response)?;
    let schema = schemas.into_iter().find(|schema| is_of_gateway(schema))?;
    Some(Shape::of(document, media_type, schema))
}

fn is_of_gateway(schema: &Value) -> bool {
    schema["$ref"] == "#/components/schemas/GatewayRefusal"
}

/// The media type of a request body or a response, and the schemas of which it has any, when it has content.
fn content(described: &Value) -> Option<(&str, Vec<&Value>)> {
    let (media_type, content) = described["content"].as_object()?.iter().next()?;
    let schema = &content["schema"];
    let schemas = schema["anyOf"].as_array().map_or(vec![schema], |any| any.iter().collect());
    Some((media_type, schemas))
}

fn validator(schema: &Value) -> Validator {
    let is_base64 = |text: &str| STANDARD.decode(text).is_ok();
    let options = jsonschema::draft202012::options().should_validate_formats(true).with_format("byte", is_base64);
    let validator = options.build(schema);
    validator.expect("a schema of infra/openapi.json")
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
