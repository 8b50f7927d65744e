//! The API as an OpenAPI document, made of [`ROUTES`], the wire's types and
//! the closed list of problems, so that it cannot say anything else than they do.
//!
//! What code cannot know stands beside it: `introduction.md`, `examples.json`, and a paragraph for
//! each operation. Behind a feature, since no function needs it: they carry the document itself,
//! `infra/openapi.json`, which a test holds against this.
//!
//! - `about`: what no route says of its operation
//! - `operations`: each operation, put together
//! - `problems`: which refusals each operation can answer, and which the gateway can instead
//! - `schemas`: the wire's types as schemas
//! - `shapes` and `ordered`: OpenAPI's own objects, and JSON in the order in which people read it

mod about;
mod operations;
mod ordered;
mod problems;
mod schemas;
mod shapes;

pub(crate) use schemas::{HttpStatus, Millis, TurnStep, uuid};

use crate::routes::ROUTES;
use indexmap::IndexMap;
use operations::{headers, parameters, paths};
use ordered::Json;
use problems::responses;
use schemars::SchemaGenerator;
use shapes::{Document, Info, License, SecurityScheme, Server, Tag};

/// The document, as `infra/openapi.json` holds it.
#[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "everything in it is ours, and a test makes it")]
pub fn document() -> String {
    let mut generator = schemas::generator();
    let document = Document {
        openapi: "3.0.3",
        info: Info {
            title: "chat-debug",
            version: env!("CARGO_PKG_VERSION"),
            description: include_str!("introduction.md"),
            license: License { name: env!("CARGO_PKG_LICENSE") },
        },
        servers: [Server { url: "/", description: "Wherever this document came from." }],
        tags: tags(),
        paths: paths(&mut generator),
        components: components(&mut generator),
    };
    let mut text = serde_json::to_string_pretty(&document).expect("JSON");
    text.push('\n');
    text
}

fn tags() -> Vec<Tag> {
    let tag = |name, description| Tag { name, description };
    vec![
        tag("Settings", "Whether a chat is recorded: the deployment, its admins, a user and a chat have a say in it."),
        tag("Reading", "What was recorded, for the chat's owner and nobody else."),
        tag("Deleting", "What an owner deletes is gone for ever: nothing brings it back."),
        tag("Recording", "For the chat product's backend. It records and reads nothing back."),
        tag("About", "The API about itself, for anyone."),
    ]
}

fn components(generator: &mut SchemaGenerator) -> Json {
    let bearer = |description| SecurityScheme { r#type: "http", scheme: "bearer", bearer_format: "JWT", description };
    let responses = responses(&ROUTES, generator);
    let schemes = IndexMap::from([
        ("user", bearer("A user's token, or an admin's. It lacks the recorder's scope.")),
        (
            "recorder",
            bearer("A token with the recorder's scope, `chat-debug/record` unless the deployment says otherwise."),
        ),
    ]);
    Json::object([
        ("schemas", schemas::definitions(generator)),
        ("responses", Json::of(&responses)),
        ("parameters", Json::of(&parameters(generator))),
        ("headers", Json::of(&headers())),
        ("securitySchemes", Json::of(&schemes)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::Route;
    use serde_json::Value;

    fn parsed() -> Value {
        serde_json::from_str(&document()).unwrap()
    }

    fn described<'a>(document: &'a Value, route: &Route) -> &'a Value {
        &document["paths"][route.path][route.method.as_str().to_lowercase()]
    }

    #[test]
    fn every_status_of_success_is_described() {
        let document = parsed();
        for route in ROUTES {
            let responses = described(&document, route)["responses"].as_object().unwrap();
            let success = responses.keys().map(|status| status.parse().unwrap()).filter(|status| *status < 400);
            assert_eq!(success.collect::<Vec<u16>>(), route.success, "{}", route.operation);
        }
    }

    #[test]
    fn every_example_has_its_place() {
        let document = parsed();
        let examples: Value = serde_json::from_str(include_str!("examples.json")).unwrap();
        for (operation, parts) in examples.as_object().unwrap() {
            let route = ROUTES.into_iter().find(|route| route.operation == operation).expect(operation);
            let described = described(&document, route);
            for (part, examples) in parts.as_object().unwrap() {
                let place = if part == "request" { &described["requestBody"] } else { &described["responses"][part] };
                let shown = place["content"]["application/json"]["examples"].as_object();
                let shown = shown.unwrap_or_else(|| panic!("{operation} has no {part} of JSON"));
                assert_eq!(shown.keys().collect::<Vec<_>>(), examples.as_object().unwrap().keys().collect::<Vec<_>>());
            }
        }
    }
}
