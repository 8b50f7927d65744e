//! The API as an OpenAPI document, made of [`ROUTES`], the wire's types and the list of problems, so that it cannot
//! contradict them.
//!
//! What the code does not know is written here: `introduction.md`, `examples.json`, and a paragraph for each operation.
//! It is a feature, since no function needs it: they hold the document itself, `infra/openapi.json`, which
//! `make generate` writes.
//!
//! - `about`: what no route says of its operation
//! - `operations`: each operation, put together
//! - `problems`: which refusals each operation can answer, and which the gateway can instead
//! - `headers`: those of answers
//! - `bodies`: a turn as it is posted and a step as it is answered, whose schemas are not their types'
//! - `recorded`: the answers that say whether something was recorded, told apart by one member
//! - `schemas`: the wire's types as schemas
//! - `views`: the parts of a view, told apart by their type
//! - `shapes` and `ordered`: OpenAPI's own objects, and JSON in the order in which people read it

mod about;
mod bodies;
mod headers;
mod operations;
mod ordered;
mod problems;
mod recorded;
mod schemas;
mod shapes;
mod views;

use crate::routes::ROUTES;
use headers::headers;
use indexmap::IndexMap;
use operations::{parameters, paths};
use ordered::Json;
use problems::responses;
use schemars::SchemaGenerator;
use shapes::{Document, Info, License, SecurityScheme, Server, Tag};

/// The document, as `infra/openapi.json` holds it.
#[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "it has no input, and a test makes it")]
pub fn document() -> String {
    let mut generator = schemas::generator();
    let document = Document {
        openapi: "3.0.3",
        info: Info {
            title: "chat-debug",
            version: env!("CARGO_PKG_VERSION"),
            description: include_str!("openapi/introduction.md"),
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
        tag("Recorder keys", "What a chat product's backend records with, where it has no token of the issuer's."),
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
        (
            "recorder-key",
            SecurityScheme {
                bearer_format: "cdk_<id>_<secret>",
                ..bearer("A recorder key: a general one, or one that is bound to the chats of its owner.")
            },
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
    use serde_json::{Map, Value, json};
    use std::collections::BTreeSet;

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

    /// Every object within a value, with where it is.
    fn objects<'a>(at: &str, value: &'a Value, found: &mut Vec<(String, &'a Map<String, Value>)>) {
        let children: Vec<(String, &Value)> = match value {
            Value::Object(members) => {
                found.push((at.to_owned(), members));
                members.iter().map(|(name, value)| (format!("{at}/{name}"), value)).collect()
            }
            Value::Array(items) => {
                items.iter().enumerate().map(|(index, value)| (format!("{at}/{index}"), value)).collect()
            }
            _ => Vec::new(),
        };
        for (at, child) in children.into_iter().filter(|(at, _)| !at.ends_with("/examples")) {
            objects(&at, child, found);
        }
    }

    fn assert_everywhere(in_part: &str, holds: impl Fn(&str, &Map<String, Value>) -> bool) {
        let document = parsed();
        let mut found = Vec::new();
        objects(in_part, document.pointer(in_part).unwrap(), &mut found);
        assert!(found.len() > 20, "{in_part}");
        for (at, object) in found {
            assert!(holds(&at, object), "{at}: {object:?}");
        }
    }

    #[test]
    fn every_whole_number_is_one_that_a_double_holds() {
        const LIMIT: i64 = (1 << 53) - 1;
        assert_everywhere("", |at, schema| {
            let is_of_message = at.starts_with("/components/schemas/MessageId/");
            let bound =
                |name| schema.get(name).and_then(Value::as_i64).is_some_and(|it| (-LIMIT..=LIMIT).contains(&it));
            schema.get("type").is_none_or(|it| it != "integer")
                || is_of_message
                || (bound("minimum") && bound("maximum") && schema.get("format").is_none_or(|it| it == "int32"))
        });
    }

    #[test]
    fn no_member_has_a_default_that_makes_generators_require_it() {
        assert_everywhere("/components/schemas", |at, schema| {
            at.ends_with("/properties") || !schema.contains_key("default")
        });
    }

    #[test]
    fn no_pattern_is_held_against_a_body() {
        assert_everywhere("", |_, schema| {
            schema.get("format").is_none_or(|it| it != "byte") || !schema.contains_key("pattern")
        });
    }

    #[test]
    fn free_form_objects_are_one_component() {
        assert_everywhere("", |at, schema| {
            let is_open = schema.get("additionalProperties") == Some(&Value::Bool(true));
            let is_component = at.rsplit_once('/').is_some_and(|(kind, _)| kind == "/components/schemas");
            !is_open || is_component
        });
    }

    /// The components that a value refers to, and those that they refer to.
    fn reached<'a>(document: &'a Value, value: &'a Value, names: &mut BTreeSet<&'a str>) {
        let mut found = Vec::new();
        objects("", value, &mut found);
        for reference in found.iter().filter_map(|(_, object)| object.get("$ref")?.as_str()) {
            if let Some(name) = reference.strip_prefix("#/components/schemas/").filter(|name| names.insert(name)) {
                reached(document, &document["components"]["schemas"][name], names);
            }
        }
    }

    #[test]
    fn what_is_answered_may_get_more_members_and_what_is_taken_may_not() {
        let document = parsed();
        let (mut answered, mut taken) = (BTreeSet::new(), BTreeSet::new());
        for route in ROUTES {
            let described = described(&document, route);
            reached(&document, &described["responses"], &mut answered);
            reached(&document, &described["requestBody"], &mut taken);
        }
        let of = |name: &str| &document["components"]["schemas"][name];
        assert!(answered.contains("Attempt") && taken.contains("AttemptInput"));
        // A preview answers a step as it is sent.
        let is_closed = |name: &str| of(name)["additionalProperties"] == false && !taken.contains(name);
        assert_eq!(answered.iter().find(|name| is_closed(name)), None);
        let is_open = |name: &str| of(name).get("properties").is_some() && of(name)["additionalProperties"] != false;
        assert_eq!(taken.into_iter().find(|name| is_open(name) && *name != "Usage"), None);
    }

    #[test]
    fn recorded_alone_tells_the_answers_apart() {
        let document = parsed();
        let schemas = &document["components"]["schemas"];
        for name in ["Recorded", "RecordedStep"] {
            let forms = schemas[name]["oneOf"].as_array().unwrap().iter();
            let forms = forms.map(|form| &schemas[form["$ref"].as_str().unwrap().rsplit('/').next().unwrap()]);
            let told: Vec<_> = forms.clone().map(|form| &form["properties"]["recorded"]["enum"]).collect();
            assert_eq!(told, [&json!([false]), &json!([true])], "{name}");
            let needed: Vec<_> = forms.map(|form| form["required"].as_array().unwrap().len()).collect();
            assert!(needed[0] >= needed[1], "{name}: a generator that looks at these alone tries the first one first");
        }
    }

    #[test]
    fn no_two_components_are_told_apart_by_their_kind_alone() {
        let document = parsed();
        let kinds = ["schemas", "parameters"].map(|kind| document["components"][kind].as_object().unwrap());
        let names: Vec<_> = kinds.into_iter().flat_map(Map::keys).map(|name| name.to_lowercase()).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    }

    #[test]
    fn every_example_has_its_place() {
        let document = parsed();
        let examples: Value = serde_json::from_str(include_str!("openapi/examples.json")).unwrap();
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
