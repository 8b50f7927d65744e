//! What people write by hand for an operation is all there, and whatever is forgotten is named in words that say what
//! to do about it. What `make generate` writes is held by infra/generate.

use api::{
    jobs::JOBS,
    problem::Problem,
    routes::{Callers, ROUTES, Route},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};
use tests::openapi::{DOCUMENT, target};

/// What every call can meet, as the client says once.
const OF_EVERY_CALL: [&str; 3] = ["unauthenticated", "unavailable", "internal"];
/// What the client's types leave little or no way to.
const OF_OTHER_CLIENTS: [&str; 6] =
    ["malformed-request", "unsupported-media-type", "invalid-id", "invalid-query", "invalid-body", "body-too-large"];

const CLIENT: &str = "shared/client/src/client.rs";
const SOURCE: &str = "shared/api/src/routes.rs";

/// The repository's files that name operations, by their paths.
#[derive(Clone)]
struct Project(BTreeMap<String, String>);

impl Project {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut paths: Vec<_> = [CLIENT, SOURCE].map(str::to_owned).into();
        for folder in fs::read_dir(root.join("functions")).unwrap() {
            let folder = folder.unwrap().file_name().into_string().unwrap();
            paths.extend(["Cargo.toml", "src/lib.rs"].map(|file| format!("functions/{folder}/{file}")));
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
        let readers = [Self::in_source, Self::in_functions, Self::in_client, Self::in_errors_of_client];
        readers.into_iter().flat_map(|read| read(self)).collect()
    }

    fn in_source(&self) -> Vec<String> {
        let constants = self.text(SOURCE).split("\npub const ").filter_map(|it| it.split_once(": RouteFor<"));
        let unlisted = constants.filter(|(_, route)| {
            let of = |it: &Route| route.contains(&format!("\"{}\",", it.operation));
            !ROUTES.into_iter().any(of)
        });
        unlisted.map(|(name, _)| format!("{SOURCE} has {name}, which is not in ROUTES: add it there.")).collect()
    }

    fn in_functions(&self) -> Vec<String> {
        let folders = self.0.keys().filter_map(|path| path.strip_prefix("functions/")?.split('/').next());
        let folders: BTreeSet<_> = folders.collect();
        let mut differences = Vec::new();
        for folder in &folders {
            let is_known = |name: &str| {
                ROUTES.iter().any(|route| route.operation == name) || JOBS.iter().any(|job| job.name == name)
            };
            if !is_known(folder) {
                differences.push(format!(
                    "functions/{folder} is no operation and no job: add it to api::routes or api::jobs, or remove it."
                ));
            }
        }
        for route in ROUTES {
            let operation = route.operation;
            if !folders.contains(operation) {
                differences.push(format!(
                    "functions has no folder for {operation}: run `make generate`, and write its src/lib.rs."
                ));
                continue;
            }
            let manifest = self.text(&format!("functions/{operation}/Cargo.toml"));
            if !manifest.contains(&format!("[package]\nname = \"{operation}\"\n")) {
                differences
                    .push(format!("functions/{operation}/Cargo.toml names another package: name it {operation}."));
            }
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

    fn in_errors_of_client(&self) -> Vec<String> {
        let source = self.text(CLIENT);
        let mut differences = Vec::new();
        for route in ROUTES.into_iter().filter(|route| route.callers != Callers::Anyone) {
            let name = route.operation.replace('-', "_");
            let before = source.split(&format!("pub async fn {name}(")).next().unwrap_or_default();
            let said = before.rsplit("# Errors").next().unwrap_or_default();
            let said: BTreeSet<_> = problems(said.split('`')).collect();
            let known: BTreeSet<_> = documented(route).difference(&OF_EVERY_CALL.into()).copied().collect();
            for slug in said.difference(&known) {
                differences.push(format!("{CLIENT}: {name} never meets {slug}. Remove it from its errors."));
            }
            for slug in known.difference(&said).filter(|slug| !OF_OTHER_CLIENTS.contains(slug)) {
                differences.push(format!("{CLIENT}: {name} can meet {slug}. Add it to its errors."));
            }
        }
        differences
    }
}

/// Those of some words that are the slugs of problems.
fn problems<'a>(words: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'static str> {
    let slugs: BTreeSet<_> = Problem::all().iter().map(|problem| problem.row().slug).collect();
    words.filter_map(move |word| slugs.get(word).copied())
}

/// The problems that the OpenAPI document has for a route.
fn documented(route: &Route) -> BTreeSet<&'static str> {
    let responses = &DOCUMENT["paths"][route.path][route.method.as_str().to_lowercase()]["responses"];
    let responses = responses.as_object().into_iter().flat_map(|responses| responses.values());
    let examples = responses
        .filter_map(|response| target(&DOCUMENT, response)["content"]["application/json"]["examples"].as_object());
    problems(examples.flat_map(|examples| examples.keys().map(String::as_str))).collect()
}

#[test]
fn every_route_has_its_function_and_its_method() {
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

#[track_caller]
fn names(project: &Project, expected: &str) {
    let differences = project.differences().join("\n");
    assert!(differences.contains(expected), "{expected}\nis not said among\n{differences}");
}

#[test]
fn whatever_is_forgotten_of_an_operation_is_named() {
    let project = Project::read();
    for route in ROUTES {
        let (operation, name) = (route.operation, route.operation.replace('-', "_"));
        let is_public = route.callers == Callers::Anyone;
        let file = |name: &str| format!("functions/{operation}/{name}");

        let mut without_folder = project.clone();
        without_folder.0.retain(|path, _| !path.starts_with(&file("")));
        names(&without_folder, &format!("functions has no folder for {operation}"));
        let renamed = spoiled(&project, &file("Cargo.toml"), |it| it.replace("name = \"", "name = \"my-"));
        names(&renamed, &format!("{} names another package", file("Cargo.toml")));
        if !is_public {
            let method = format!("pub async fn {name}(");
            let without_method = spoiled(&project, CLIENT, |it| it.replace(&method, "pub async fn mine("));
            names(&without_method, &format!("{CLIENT} has no method for {name}"));
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
}

#[test]
fn errors_of_the_client_that_are_none_or_not_said_are_named() {
    let project = Project::read();
    for route in ROUTES.into_iter().filter(|route| route.callers != Callers::Anyone) {
        let name = route.operation.replace('-', "_");
        let method = format!("pub async fn {name}(");
        let silent = spoiled(&project, CLIENT, |it| it.replace(&method, &format!("# Errors\n{method}")));
        for slug in documented(route).into_iter().filter(|slug| !OF_EVERY_CALL.contains(slug)) {
            if !OF_OTHER_CLIENTS.contains(&slug) {
                names(&silent, &format!("{name} can meet {slug}"));
            }
        }
        let wrong = spoiled(&project, CLIENT, |it| it.replace(&method, &format!("`internal`\n{method}")));
        names(&wrong, &format!("{name} never meets internal"));
    }
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
