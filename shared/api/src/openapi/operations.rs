//! The operations, made of their routes, of what is said [about](super::about) them, and of the examples.

use super::{
    about::{QueryParameter, SchemaOf, Success, SuccessBody, about},
    headers::{CORRELATION_ID, IF_NONE_MATCH, IF_RANGE, RANGE, common_headers},
    ordered::Json,
    problems, schemas,
    shapes::{
        Content, Example, Examples, MediaType, OperationShape, Parameter, PathItem, RequestBody, Response,
        json_content, reference,
    },
};
use crate::{
    content::ContentName,
    ids::{ChatId, KeyId, RunId, StepNumber},
    routes::{Callers, ROUTES, Route},
};
use indexmap::IndexMap;
use schemars::SchemaGenerator;
use serde::Serialize;
use serde_json::json;

/// The parameters of paths, and the header that every request may have.
pub(super) fn parameters(generator: &mut SchemaGenerator) -> IndexMap<&'static str, impl Serialize> {
    let mut parameter = |name, description, schema: SchemaOf, example: serde_json::Value| {
        let schema = schema(generator);
        (
            component(name),
            Parameter { name, r#in: "path", required: true, description, schema, example: Some(Json::of(&example)) },
        )
    };
    let correlation_id = Parameter {
        name: CORRELATION_ID,
        r#in: "header",
        required: false,
        description: "The caller's own name for the request, to find it in its own logs. It comes back when it is 1 to \
            64 of A-Z, a-z, 0-9 and `-`; another one is ignored. The service's log keeps it when it is a UUID, a trace \
            id or a counter: of a-f, 0-9 and `-` alone, and not an id of the path.",
        schema: Json::of(&json!({"type": "string"})),
        example: None,
    };
    let if_none_match = Parameter {
        name: IF_NONE_MATCH,
        r#in: "header",
        required: false,
        description: "The `ETag` of the answer that the caller has, or several. If it is still the same, 304 says so.",
        schema: Json::of(&json!({"type": "string"})),
        example: None,
    };
    let range = Parameter {
        name: RANGE,
        r#in: "header",
        required: false,
        description: "One range of bytes, as `bytes=0-4399999`, `bytes=4400000-` or `bytes=-1000`.",
        schema: Json::of(&json!({"type": "string"})),
        example: None,
    };
    let if_range = Parameter {
        name: IF_RANGE,
        r#in: "header",
        required: false,
        description: "The `ETag` of the parts that the caller has. With another one, `Range` counts as absent.",
        schema: Json::of(&json!({"type": "string"})),
        example: None,
    };
    IndexMap::from([
        parameter("chat", "The chat's id.", schemas::of::<ChatId>, json!("7b0e8f52-4c1d-4a63-9f0e-2d5c8a914b37")),
        parameter("run", "The run's id.", schemas::of::<RunId>, json!("019b7ca9-8f2e-7c41-8a6d-5e0f3b92d714")),
        parameter("step_number", "The step's place in its run.", schemas::of::<StepNumber>, json!(1)),
        parameter(
            "content",
            "The content's name: a normalized form, or a body of the attempt at a place, counted from 1.",
            schemas::of::<ContentName>,
            json!("attempts/1/response"),
        ),
        parameter("key", "The key's id.", schemas::of::<KeyId>, json!("019b7ca9-8f2e-7c41-8a6d-5e0f3b92d715")),
        (component(CORRELATION_ID), correlation_id),
        (component(IF_NONE_MATCH), if_none_match),
        (component(RANGE), range),
        (component(IF_RANGE), if_range),
    ])
}

/// The component of a parameter. Some generators keep all components in one place: `run` would not
/// stand beside the schema `Run`.
fn component(parameter: &str) -> &'static str {
    match parameter {
        "chat" => "ChatId",
        "run" => "RunId",
        "step_number" => "StepNumber",
        "content" => "ContentName",
        "key" => "KeyId",
        RANGE => "Range",
        IF_RANGE => "IfRange",
        IF_NONE_MATCH => "IfNoneMatch",
        _ => "CorrelationId",
    }
}

/// Every path with its operations.
pub(super) fn paths(generator: &mut SchemaGenerator) -> IndexMap<&'static str, PathItem> {
    let mut examples = examples();
    let mut paths = IndexMap::<_, PathItem>::new();
    for route in ROUTES {
        let operation = operation(route, generator, examples.shift_remove(route.operation).unwrap_or_default());
        paths.entry(route.path).or_default().insert(route.method.as_str().to_lowercase(), operation);
    }
    paths
}

/// The examples of an operation, of its request and of each status.
type ExamplesOf = IndexMap<String, IndexMap<String, Json>>;

#[expect(clippy::expect_used, reason = "the file is ours, and a test reads it")]
fn examples() -> IndexMap<String, ExamplesOf> {
    serde_json::from_str(include_str!("examples.json")).expect("examples of each operation")
}

fn operation(route: &Route, generator: &mut SchemaGenerator, mut examples: ExamplesOf) -> OperationShape {
    let about = about(route);
    let mut examples = |of: &str| -> Examples {
        let examples = examples.shift_remove(of).unwrap_or_default();
        examples.into_iter().map(|(name, value)| (name, Example { value })).collect()
    };
    let request_body = about
        .body
        .map(|schema| RequestBody { required: true, content: json_content(schema(generator), examples("request")) });
    let mut responses = IndexMap::new();
    for (status, Success { meaning, body }) in route.success.iter().zip(about.success) {
        let mut headers = common_headers();
        let own = if *status == 304 { &[] } else { about.headers };
        let own = own.iter().chain(is_validated(route).then_some(&"ETag"));
        let own = own.chain((*status == 206).then_some(&"Content-Range"));
        headers.extend(own.map(|name| (*name, reference("headers", name))));
        let content = match body {
            SuccessBody::Nothing => Content::new(),
            SuccessBody::Json(schema) => json_content(schema(generator), examples(&status.to_string())),
            SuccessBody::Bytes => {
                // Or of the type that was recorded: generators of clients know no `*/*`.
                let schema = Json::schema(json!({"type": "string", "format": "binary"}));
                [("application/octet-stream", MediaType { schema, examples: Examples::new() })].into()
            }
            SuccessBody::Text(media_type) => {
                let schema = Json::schema(json!({"type": "string"}));
                [(media_type, MediaType { schema, examples: Examples::new() })].into()
            }
        };
        let response = Response { description: meaning.to_owned(), headers, content };
        responses.insert(status.to_string(), Json::of(&response));
    }
    for (status, refusals) in problems::by_status(route) {
        responses.insert(status.to_string(), reference("responses", &refusals.name()));
    }
    OperationShape {
        tags: [about.tag],
        id: route.operation,
        summary: route.summary,
        description: about.description,
        security: security(route.callers),
        parameters: parameters_of(route, about.query, generator),
        request_body,
        responses,
    }
}

fn parameters_of(route: &Route, query: Vec<QueryParameter>, generator: &mut SchemaGenerator) -> Vec<Json> {
    let in_path = ["chat", "run", "step_number", "content", "key"].into_iter().filter(|name| route.has_parameter(name));
    let mut parameters: Vec<_> = in_path.map(|name| reference("parameters", component(name))).collect();
    parameters.extend(query.into_iter().map(|QueryParameter { name, required, description, schema }| {
        let schema = schema(generator);
        Json::of(&Parameter { name, r#in: "query", required, description, schema, example: None })
    }));
    if is_validated(route) {
        parameters.push(reference("parameters", component(IF_NONE_MATCH)));
    }
    if is_ranged(route) {
        parameters.extend([RANGE, IF_RANGE].map(|name| reference("parameters", component(name))));
    }
    parameters.push(reference("parameters", component(CORRELATION_ID)));
    parameters
}

/// Whether its answers have an `ETag`, and `If-None-Match` is heeded.
fn is_validated(route: &Route) -> bool {
    route.success.contains(&304)
}

/// Whether it can answer with a part, and `Range` is heeded.
fn is_ranged(route: &Route) -> bool {
    route.success.contains(&206)
}

fn security(callers: Callers) -> Vec<Json> {
    let schemes: &[&str] = match callers {
        Callers::Anyone => &[],
        Callers::Admin | Callers::User => &["user"],
        Callers::Recorder => &["recorder", "recorder-key"],
        Callers::Authenticated => &["user", "recorder"],
    };
    schemes.iter().map(|scheme| Json::of(&IndexMap::from([(*scheme, [(); 0])]))).collect()
}
