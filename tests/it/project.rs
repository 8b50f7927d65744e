//! The README, the folders and the list of routes say the same.

use api::{
    problem::Problem,
    routes::{Callers, ROUTES},
};
use std::{collections::BTreeSet, fs, path::Path};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn assert_in_readme(table: &str, rows: &[String]) {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let rows = rows.join("\n");
    assert!(readme.contains(&rows), "the {table} table of README.md differs from the code, which says:\n{rows}");
}

#[test]
fn the_readme_lists_every_endpoint() {
    let row = |route: &&api::routes::Route| {
        let path = route.path.trim_start_matches(api::routes::BASE);
        let callers = match route.callers {
            Callers::Admin => "admin",
            Callers::User if route.has_parameter("chat") => "owner",
            Callers::User => "user",
            Callers::Recorder => "recorder",
            Callers::UserOrRecorder => "owner, recorder",
        };
        format!("| `{} {path}` | {} | {callers} | {} |", route.method.as_str(), route.operation, route.summary)
    };
    assert_in_readme("endpoint", &ROUTES.iter().map(row).collect::<Vec<_>>());
}

#[test]
fn the_readme_lists_every_error() {
    let row = |problem: &Problem| {
        let row = problem.row();
        format!("| {} | `{}` | {} |", row.status, row.slug, row.message)
    };
    assert_in_readme("error", &Problem::all().iter().map(row).collect::<Vec<_>>());
}

#[test]
fn every_operation_is_a_folder_and_every_folder_an_operation() {
    let folders = fs::read_dir(root().join("functions")).unwrap();
    let folders: BTreeSet<_> = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let operations: BTreeSet<_> = ROUTES.iter().map(|route| route.operation.to_owned()).collect();
    assert_eq!(folders, operations);
}

#[test]
fn every_main_is_the_same_four_lines() {
    for route in ROUTES {
        let main = fs::read_to_string(root().join("functions").join(route.operation).join("src/main.rs")).unwrap();
        let name = route.operation.replace('-', "_");
        let expected = format!(
            "#[tokio::main(flavor = \"current_thread\")]\nasync fn main() -> Result<(), lambda_http::Error> {{\n    \
             service::http::serve(&api::routes::{}, {name}::handle).await\n}}\n",
            name.to_uppercase(),
        );
        assert_eq!(main, expected);
    }
}

#[test]
fn every_handler_fits_on_a_screen() {
    for route in ROUTES {
        let lib = fs::read_to_string(root().join("functions").join(route.operation).join("src/lib.rs")).unwrap();
        let handle = lib.split("pub async fn handle(").nth(1).unwrap();
        let lines = handle.split("\n}\n").next().unwrap().lines().count();
        assert!(lines <= 40, "{}: {lines} lines", route.operation);
    }
}
