//! One list of routes: whatever else names the operations says the same, and a difference is named
//! in words that say what to do about it.

use api::routes::{self, Callers, ROUTES, Route};
use serde_json::Value;
use serde_yaml_ng::Value as Yaml;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};
use tests::cases::{self, Case, Cost};

const README: &str = "README.md";
const OPERATING: &str = "infra/costs.md";
const OPENAPI: &str = "infra/openapi.json";
const CLIENT: &str = "shared/client/src/client.rs";
const TEMPLATE: &str = "infra/template.yaml";
const SOURCE: &str = "shared/api/src/routes.rs";
const HANDLERS: &str = "tests/harness/operations.rs";

/// The repository's files that name operations, by their paths.
#[derive(Clone)]
struct Project(BTreeMap<String, String>);

impl Project {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut paths: Vec<_> =
            [README, OPERATING, OPENAPI, CLIENT, TEMPLATE, SOURCE, HANDLERS].map(str::to_owned).into();
        for folder in fs::read_dir(root.join("functions")).unwrap() {
            let folder = folder.unwrap().file_name().into_string().unwrap();
            paths.extend(["Cargo.toml", "src/lib.rs", "src/main.rs"].map(|file| format!("functions/{folder}/{file}")));
        }
        // A file that is missing is an empty one: it says nothing of anything.
        let text = |path: String| (path.clone(), fs::read_to_string(root.join(path)).unwrap_or_default());
        Self(paths.into_iter().map(text).collect())
    }

    fn text(&self, path: &str) -> &str {
        self.0.get(path).map_or("", String::as_str)
    }

    /// Everything that is not as the list of routes says.
    fn differences(&self) -> Vec<String> {
        let readers = [Self::in_source, Self::in_functions, Self::in_readme, Self::in_openapi, Self::in_client];
        let others = [Self::in_template, Self::in_handlers, Self::in_costs];
        readers.into_iter().chain(others).flat_map(|read| read(self)).collect()
    }

    fn in_source(&self) -> Vec<String> {
        let constants = self.text(SOURCE).split("\npub const ").filter_map(|it| it.split_once(": RouteFor<"));
        let unlisted = constants.filter(|(_, route)| {
            let of = |it: &Route| route.contains(&format!("\"{}\",", it.operation));
            !ROUTES.into_iter().any(of)
        });
        unlisted.map(|(name, _)| format!("{SOURCE} has {name}, which is not in ROUTES: add it there.")).collect()
    }

    fn in_handlers(&self) -> Vec<String> {
        let called = |route: &&Route| self.text(HANDLERS).contains(&format!("\"{}\" =>", route.operation));
        let lacks = ROUTES.into_iter().filter(|route| !called(route)).map(|route| route.operation);
        lacks.map(|it| format!("{HANDLERS} does not call {it}: add it there and to tests/Cargo.toml.")).collect()
    }

    fn in_functions(&self) -> Vec<String> {
        let folders = self.0.keys().filter_map(|path| path.strip_prefix("functions/")?.split('/').next());
        let folders: BTreeSet<_> = folders.collect();
        let mut differences = Vec::new();
        for folder in &folders {
            if !ROUTES.iter().any(|route| route.operation == *folder) {
                differences
                    .push(format!("functions/{folder} is no operation: add its route to api::routes, or remove it."));
            }
        }
        for route in ROUTES {
            let operation = route.operation;
            if !folders.contains(operation) {
                differences.push(format!("functions has no folder for {operation}: add functions/{operation}."));
                continue;
            }
            let manifest = self.text(&format!("functions/{operation}/Cargo.toml"));
            if !manifest.contains(&format!("[package]\nname = \"{operation}\"\n")) {
                differences
                    .push(format!("functions/{operation}/Cargo.toml names another package: name it {operation}."));
            }
            let (name, main) = (operation.replace('-', "_"), format!("functions/{operation}/src/main.rs"));
            let serve = if route.callers == Callers::Anyone { "serve_public" } else { "serve" };
            let expected = format!(
                "#[tokio::main(flavor = \"current_thread\")]\nasync fn main() -> Result<(), lambda_http::Error> {{\n    \
                 service::http::{serve}(&api::routes::{}, {name}::handle).await\n}}\n",
                name.to_uppercase(),
            );
            if self.text(&main) != expected {
                differences.push(format!("{main} is not the four lines that it is everywhere: write\n{expected}"));
            }
        }
        differences
    }

    fn in_readme(&self) -> Vec<String> {
        let rows = ROUTES.map(row);
        let given: Vec<_> = self.text(README).lines().filter(|line| is_row(line)).collect();
        let mut differences = missing(README, "row", &rows, &given);
        if differences.is_empty() && rows != *given {
            differences
                .push(format!("{README} lists the endpoints otherwise than api::routes: put them in its order."));
        }
        differences
    }

    fn in_costs(&self) -> Vec<String> {
        let rows: Vec<_> = ROUTES.into_iter().flat_map(cases::of).map(cost_row).collect();
        let table = self.text(OPERATING).lines().skip_while(|line| *line != COST_HEAD).skip(2);
        let given: Vec<_> = table.take_while(|line| line.starts_with('|')).collect();
        let mut differences = missing(OPERATING, "row", &rows, &given);
        if differences.is_empty() && rows != *given {
            differences.push(format!(
                "{OPERATING} lists the costs otherwise than tests/budgets/cases.rs: put them in its order."
            ));
        }
        let prices = prices();
        if !self.text(OPERATING).contains(&prices) {
            differences.push(format!("{OPERATING} does not say what its costs are made of: {prices}"));
        }
        differences
    }

    fn in_openapi(&self) -> Vec<String> {
        let document: Value = serde_json::from_str(self.text(OPENAPI)).unwrap_or_default();
        let paths = document["paths"].as_object().into_iter().flatten();
        let given = paths.flat_map(|(path, operations)| {
            operations.as_object().into_iter().flatten().map(move |(method, operation)| {
                let operation = operation["operationId"].as_str().unwrap_or_default();
                format!("{} {path} as {operation}", method.to_uppercase())
            })
        });
        let given: Vec<_> = given.collect();
        let given: Vec<_> = given.iter().map(String::as_str).collect();
        let expected = ROUTES.map(|route| format!("{} as {}", key(route), route.operation));
        let mut differences = missing(OPENAPI, "operation", &expected, &given);
        if !differences.is_empty() {
            differences.push(format!("{OPENAPI} is generated: describe the operation in shared/api/src/openapi/about.rs, then run UPDATE_GOLDEN=1 cargo test -p tests --test it openapi."));
        }
        differences
    }

    fn in_client(&self) -> Vec<String> {
        let source = self.text(CLIENT);
        let mut differences = Vec::new();
        for route in ROUTES.into_iter().filter(|route| route.callers != Callers::Anyone) {
            let name = route.operation.replace('-', "_");
            let route = format!("routes::{}", name.to_uppercase());
            let method = source.split("pub async fn ").find(|method| method.starts_with(&format!("{name}(")));
            let is_name = |next: char| next == '_' || next.is_ascii_alphanumeric();
            let is_used = |method: &str| method.split(&route).skip(1).any(|rest| !rest.starts_with(is_name));
            if !method.is_some_and(is_used) {
                differences.push(format!("{CLIENT} has no method for {name}: add one on {route}."));
            }
        }
        differences
    }

    fn in_template(&self) -> Vec<String> {
        let template: Yaml = serde_yaml_ng::from_str(self.text(TEMPLATE)).unwrap_or_default();
        let gateway = Gateway(&template["Resources"]);
        let given: Vec<_> = gateway.routes().filter_map(|route| text(&route["RouteKey"])).collect();
        let mut differences = missing(TEMPLATE, "route", &ROUTES.map(key), &given);
        for route in ROUTES {
            let key = key(route);
            let Some(given) = gateway.routes().find(|given| text(&given["RouteKey"]) == Some(&key)) else { continue };
            let binary = gateway.binary(given).unwrap_or("nothing");
            if binary != route.operation {
                let operation = route.operation;
                differences.push(format!("{TEMPLATE} leads {key} to {binary}: lead it to {operation}."));
            }
            let is_guarded = text(&given["AuthorizationType"]) == Some("JWT") && !given["AuthorizerId"].is_null();
            match (route.callers == Callers::Anyone, is_guarded) {
                (true, true) => differences.push(format!("{TEMPLATE} asks for a token at {key}, which is for anyone.")),
                (false, false) => differences.push(format!("{TEMPLATE} has no authorizer for {key}: add it.")),
                _ => {}
            }
            let scopes: Vec<_> = given["AuthorizationScopes"].as_sequence().into_iter().flatten().map(text).collect();
            match route.callers == Callers::Recorder {
                true if scopes != [Some("RecorderScope")] => {
                    differences.push(format!("{TEMPLATE} does not ask for the recorder's scope at {key}: add it."));
                }
                false if !scopes.is_empty() => {
                    differences
                        .push(format!("{TEMPLATE} asks for a scope at {key}, which is not for recorders alone."));
                }
                _ => {}
            }
        }
        differences
    }
}

/// A row of the README's table of endpoints.
fn row(route: &Route) -> String {
    let path = route.path.trim_start_matches(routes::BASE);
    let callers = match route.callers {
        Callers::Anyone => "anyone",
        Callers::Admin => "admin",
        Callers::User if route.has_parameter("chat") => "owner",
        Callers::User => "user",
        Callers::Recorder => "recorder",
    };
    format!("| `{} {path}` | {} | {callers} | {} |", route.method.as_str(), route.operation, route.summary)
}

/// Dollars for a million units in us-east-1.
const READ_PRICE: f64 = 0.125;
const WRITE_PRICE: f64 = 0.625;

fn prices() -> String {
    format!("**${READ_PRICE} for a million read units, ${WRITE_PRICE} for a million write units.**")
}

const COST_HEAD: &str = "| operation | case | calls | in turn | read units | write units | $ per million |";

/// A row of the table of costs.
fn cost_row(Case { route, name, cost, .. }: &Case) -> String {
    let Cost { calls, round_trips, read_units, write_units } = *cost;
    let dollars = f64::from(read_units) * READ_PRICE + f64::from(write_units) * WRITE_PRICE;
    let operation = route.operation;
    format!("| `{operation}` | {name} | {calls} | {round_trips} | {read_units} | {write_units} | {dollars:.3} |")
}

fn is_row(line: &str) -> bool {
    ["GET", "PUT", "POST", "PATCH", "DELETE"].iter().any(|method| line.starts_with(&format!("| `{method} /")))
}

/// A route as the gateway names it.
fn key(route: &Route) -> String {
    format!("{} {}", route.method.as_str(), route.path)
}

/// What a file lacks, and what it has too much.
fn missing(file: &str, what: &str, expected: &[String], given: &[&str]) -> Vec<String> {
    let lacks = expected
        .iter()
        .filter(|it| !given.contains(&&***it))
        .map(|it| format!("{file} has no {what} for {it}: add it."));
    let unknown = given.iter().filter(|given| !expected.iter().any(|it| it == *given));
    let unknown = unknown.map(|it| format!("{file} has the {what} {it}, which api::routes has not: remove it."));
    lacks.chain(unknown).collect()
}

/// The template's resources, as far as they lead from a route to a function.
struct Gateway<'a>(&'a Yaml);

impl<'a> Gateway<'a> {
    fn routes(&self) -> impl Iterator<Item = &'a Yaml> + use<'a> {
        let resources = self.0.as_mapping().into_iter().flat_map(|resources| resources.values());
        resources.filter(|it| it["Type"] == "AWS::ApiGatewayV2::Route").map(|it| &it["Properties"])
    }

    /// The binary of the function that a route leads to.
    fn binary(&self, route: &Yaml) -> Option<&'a str> {
        let integration = text(&route["Target"])?.strip_prefix("integrations/")?;
        let integration = integration.trim_start_matches("${").trim_end_matches('}');
        let uri = text(&self.0.get(integration)?["Properties"]["IntegrationUri"])?;
        let function = uri.split('.').next()?;
        text(&self.0.get(function)?["Metadata"]["BuildProperties"]["Binary"])
    }
}

/// A text, be it plain or behind a tag (`!Ref`, `!Sub`).
fn text(value: &Yaml) -> Option<&str> {
    match value {
        Yaml::Tagged(tagged) => tagged.value.as_str(),
        plain => plain.as_str(),
    }
}

#[test]
fn everything_says_the_same_as_the_list_of_routes() {
    let differences = Project::read().differences();
    assert!(differences.is_empty(), "\n{}\n", differences.join("\n"));
}

/// Changes one file.
fn spoiled(project: &Project, path: &str, change: impl FnOnce(&str) -> String) -> Project {
    let mut project = project.clone();
    let text = project.0.get_mut(path).unwrap_or_else(|| panic!("{path} is missing"));
    let changed = change(text);
    // Not `assert_ne`, which would print the file twice.
    assert!(changed != *text, "nothing was changed in {path}: mend what the other test names first");
    *text = changed;
    project
}

/// Changes the template's lines about a route.
fn reroute(project: &Project, route: &Route, change: impl FnOnce(&str) -> String) -> Project {
    spoiled(project, TEMPLATE, |template| {
        let begin = template.find(&format!("RouteKey: {}\n", key(route))).unwrap();
        let (before, rest) = template.split_at(begin);
        let (about, after) = rest.split_at(rest.find("\n\n").unwrap());
        format!("{before}{}{after}", change(about))
    })
}

#[track_caller]
fn names(project: &Project, expected: &str) {
    let differences = project.differences().join("\n");
    assert!(differences.contains(expected), "{expected}\nis not said among\n{differences}");
}

#[test]
fn whatever_is_forgotten_of_an_operation_is_named() {
    let project = Project::read();
    for route in ROUTES {
        let (operation, key, name) = (route.operation, key(route), route.operation.replace('-', "_"));
        let is_public = route.callers == Callers::Anyone;
        let file = |name: &str| format!("functions/{operation}/{name}");

        let mut without_folder = project.clone();
        without_folder.0.retain(|path, _| !path.starts_with(&file("")));
        names(&without_folder, &format!("functions has no folder for {operation}"));
        let renamed = spoiled(&project, &file("Cargo.toml"), |it| it.replace("name = \"", "name = \"my-"));
        names(&renamed, &format!("{} names another package", file("Cargo.toml")));
        let other_main = spoiled(&project, &file("src/main.rs"), |it| it.replace("serve", "answer"));
        names(&other_main, &format!("{} is not the four lines", file("src/main.rs")));

        let without_row = spoiled(&project, README, |it| it.replace(&format!("{}\n", row(route)), ""));
        names(&without_row, &format!("{README} has no row for {}", row(route)));
        for case in cases::of(route) {
            let row = cost_row(case);
            let without_cost = spoiled(&project, OPERATING, |it| it.replace(&format!("{row}\n"), ""));
            names(&without_cost, &format!("{OPERATING} has no row for {row}"));
        }
        let arm = format!("\"{operation}\" =>");
        let uncalled = spoiled(&project, HANDLERS, |it| it.replace(&arm, "\"mine\" =>"));
        names(&uncalled, &format!("{HANDLERS} does not call {operation}"));
        let id = format!("\"operationId\": \"{operation}\"");
        let undescribed = spoiled(&project, OPENAPI, |it| it.replace(&id, "\"operationId\": \"my\""));
        names(&undescribed, &format!("{OPENAPI} has no operation for {key}"));
        if !is_public {
            let method = format!("pub async fn {name}(");
            let without_method = spoiled(&project, CLIENT, |it| it.replace(&method, "pub async fn mine("));
            names(&without_method, &format!("{CLIENT} has no method for {name}"));
        }

        let unrouted = reroute(&project, route, |it| it.replacen(&key, "GET /elsewhere", 1));
        names(&unrouted, &format!("{TEMPLATE} has no route for {key}"));
        names(&unrouted, &format!("{TEMPLATE} has the route GET /elsewhere"));
        let binary = format!("Binary: {operation}}}");
        let misled = spoiled(&project, TEMPLATE, |it| it.replace(&binary, "Binary: mine}"));
        names(&misled, &format!("{TEMPLATE} leads {key} to mine"));
        if is_public {
            let guarded = "AuthorizationType: JWT\n      AuthorizerId: !Ref Authorizer";
            let guarded = reroute(&project, route, |it| it.replace("AuthorizationType: NONE", guarded));
            names(&guarded, &format!("{TEMPLATE} asks for a token at {key}"));
        } else {
            let open = reroute(&project, route, |it| it.replace("AuthorizationType: JWT", "AuthorizationType: NONE"));
            names(&open, &format!("{TEMPLATE} has no authorizer for {key}"));
        }
        if route.callers == Callers::Recorder {
            let unscoped = reroute(&project, route, |it| it.replace("[!Ref RecorderScope]", "[openid]"));
            names(&unscoped, &format!("{TEMPLATE} does not ask for the recorder's scope at {key}"));
        } else {
            let scope = "\n      AuthorizationScopes: [!Ref RecorderScope]";
            let scoped = reroute(&project, route, |it| format!("{it}{scope}"));
            names(&scoped, &format!("{TEMPLATE} asks for a scope at {key}"));
        }
    }
}

#[test]
fn what_no_route_stands_behind_is_named() {
    let project = Project::read();
    let mut with_folder = project.clone();
    with_folder.0.insert("functions/get-mine/Cargo.toml".to_owned(), String::new());
    names(&with_folder, "functions/get-mine is no operation");
    let constant = "pub const GET_MINE: RouteFor<Users> =\n    route(Get, \"get-mine\",";
    let unlisted = spoiled(&project, SOURCE, |it| format!("{it}\n{constant}"));
    names(&unlisted, &format!("{SOURCE} has GET_MINE, which is not in ROUTES"));
    let [first, second, ..] = ROUTES.map(row);
    let with_row = spoiled(&project, README, |it| it.replace(&first, &format!("{first}\n| `GET /mine` | get-mine |")));
    names(&with_row, "README.md has the row | `GET /mine` | get-mine |");
    let costs = [ROUTES[0], ROUTES[1]].map(|route| cost_row(cases::of(route).next().unwrap()));
    let with_cost = spoiled(&project, OPERATING, |it| it.replace(&costs[0], &format!("{}\n| `get-mine` |", costs[0])));
    names(&with_cost, "infra/costs.md has the row | `get-mine` |");
    let [ordered, disordered] = [costs.join("\n"), [&*costs[1], &*costs[0]].join("\n")];
    let disordered = spoiled(&project, OPERATING, |it| it.replace(&ordered, &disordered));
    names(&disordered, "infra/costs.md lists the costs otherwise");
    let repriced = spoiled(&project, OPERATING, |it| it.replace(&prices(), "**$1**"));
    names(&repriced, "infra/costs.md does not say what its costs are made of");
    let swapped = format!("{second}\n{first}");
    let disordered = spoiled(&project, README, |it| it.replace(&format!("{first}\n{second}"), &swapped));
    names(&disordered, "README.md lists the endpoints otherwise");
}

#[test]
fn every_handler_fits_on_a_screen() {
    let project = Project::read();
    for route in ROUTES {
        let handle = project.text(&format!("functions/{}/src/lib.rs", route.operation)).split("fn handle(").nth(1);
        let lines = handle.unwrap().split("\n}\n").next().unwrap().lines().count();
        assert!(lines <= 40, "{}: {lines} lines", route.operation);
    }
}
