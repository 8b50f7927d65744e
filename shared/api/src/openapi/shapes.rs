//! OpenAPI's own objects, as far as the document needs them.

use super::ordered::Json;
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::json;

#[derive(Serialize)]
pub(super) struct Document {
    pub(super) openapi: &'static str,
    pub(super) info: Info,
    pub(super) servers: [Server; 1],
    pub(super) tags: Vec<Tag>,
    pub(super) paths: IndexMap<&'static str, PathItem>,
    pub(super) components: Json,
}

#[derive(Serialize)]
pub(super) struct Info {
    pub(super) title: &'static str,
    pub(super) version: &'static str,
    pub(super) description: &'static str,
    pub(super) license: License,
}

#[derive(Serialize)]
pub(super) struct License {
    pub(super) name: &'static str,
}

#[derive(Serialize)]
pub(super) struct Server {
    pub(super) url: &'static str,
    pub(super) description: &'static str,
}

#[derive(Serialize)]
pub(super) struct Tag {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
}

/// What the document says of who calls: a way to say it for each kind of token.
#[derive(Serialize)]
pub(super) struct SecurityScheme {
    pub(super) r#type: &'static str,
    pub(super) scheme: &'static str,
    #[serde(rename = "bearerFormat")]
    pub(super) bearer_format: &'static str,
    pub(super) description: &'static str,
}

/// The operations of a path by method.
pub(super) type PathItem = IndexMap<String, OperationShape>;

#[derive(Serialize)]
pub(super) struct OperationShape {
    pub(super) tags: [&'static str; 1],
    #[serde(rename = "operationId")]
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) description: &'static str,
    pub(super) security: Vec<Json>,
    pub(super) parameters: Vec<Json>,
    #[serde(rename = "requestBody", skip_serializing_if = "Option::is_none")]
    pub(super) request_body: Option<RequestBody>,
    pub(super) responses: IndexMap<String, Json>,
}

#[derive(Serialize)]
pub(super) struct RequestBody {
    pub(super) required: bool,
    pub(super) content: Content,
}

#[derive(Serialize)]
pub(super) struct Response {
    pub(super) description: String,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub(super) headers: IndexMap<&'static str, Json>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub(super) content: Content,
}

pub(super) type Content = IndexMap<&'static str, MediaType>;

#[derive(Serialize)]
pub(super) struct MediaType {
    pub(super) schema: Json,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub(super) examples: Examples,
}

/// Examples by name.
pub(super) type Examples = IndexMap<String, Example>;

#[derive(Clone, Serialize)]
pub(super) struct Example {
    pub(super) value: Json,
}

#[derive(Serialize)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) r#in: &'static str,
    pub(super) required: bool,
    pub(super) description: &'static str,
    pub(super) schema: Json,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) example: Option<Json>,
}

#[derive(Serialize)]
pub(super) struct Header {
    pub(super) description: &'static str,
    pub(super) required: bool,
    pub(super) schema: Json,
}

impl Response {
    pub(super) fn json(
        description: String,
        headers: IndexMap<&'static str, Json>,
        schema: Json,
        examples: Examples,
    ) -> Self {
        Self { description, headers, content: json_content(schema, examples) }
    }
}

pub(super) fn json_content(schema: Json, examples: Examples) -> Content {
    [("application/json", MediaType { schema, examples })].into()
}

/// A reference to a component.
pub(super) fn reference(kind: &str, name: &str) -> Json {
    Json::of(&json!({"$ref": format!("#/components/{kind}/{name}")}))
}
