//! The functions: their packages, in Cargo.toml, and in the tests that call them.

use api::{
    jobs::{JOBS, Job},
    routes::{Callers, ROUTES, Route},
};
use std::collections::BTreeMap;

/// How long a line of code may be, by rustfmt.toml.
const MAX_WIDTH: usize = 120;

/// For whoever wants `cargo lambda watch`: what the gateway routes in AWS.
pub(crate) fn router() -> String {
    let mut paths: Vec<(&str, Vec<&Route>)> = Vec::new();
    for route in ROUTES {
        match paths.iter_mut().find(|(path, _)| *path == route.path) {
            Some((_, routes)) => routes.push(route),
            None => paths.push((route.path, vec![route])),
        }
    }
    let entry = |route: &&Route| {
        format!("    {{ method = \"{}\", function = \"{}\" }},\n", route.method.as_str(), route.operation)
    };
    let of_path = |(path, routes): (&str, Vec<&Route>)| {
        format!("\"{path}\" = [\n{}]\n", routes.iter().map(entry).collect::<String>())
    };
    paths.into_iter().map(of_path).collect()
}

/// The package of a function that has none yet. Some add dependencies of their own to it.
pub(crate) fn package(function: &str) -> String {
    include_str!("package.toml").replace("{function}", function)
}

/// A function's `main`, which is the same everywhere.
pub(crate) fn main(route: &Route) -> String {
    let name = route.operation.replace('-', "_");
    let serve = if route.callers == Callers::Anyone { "serve_public" } else { "serve" };
    format!(
        "#[tokio::main(flavor = \"current_thread\")]\nasync fn main() -> Result<(), service::http::Error> {{\n    \
         service::http::{serve}(&api::routes::{}, {name}::handle).await\n}}\n",
        name.to_uppercase(),
    )
}

/// A job's `main`.
pub(crate) fn main_of_job(job: &Job) -> String {
    let name = job.name.replace('-', "_");
    format!(
        "#[tokio::main(flavor = \"current_thread\")]\nasync fn main() -> Result<(), service::job::Error> {{\n    \
         service::job::serve(&api::jobs::{}, {name}::handle).await\n}}\n",
        name.to_uppercase(),
    )
}

/// By name, as people look for it.
fn sorted() -> impl Iterator<Item = &'static Route> {
    ROUTES.into_iter().map(|route| (route.operation, route)).collect::<BTreeMap<_, _>>().into_values()
}

/// The functions as dependencies of the tests, which call them in process.
pub(crate) fn dependencies() -> String {
    let line = |function: &str| format!("{function} = {{ path = \"../functions/{function}\" }}\n");
    let jobs = JOBS.into_iter().map(|job| job.name);
    sorted().map(|route| route.operation).chain(jobs).map(line).collect()
}

/// The arms that lead from an operation's name to its handler.
pub(crate) fn handlers() -> String {
    let arm = |route: &Route| {
        let name = route.operation.replace('-', "_");
        let (typed, handler) = (format!("&routes::{}", name.to_uppercase()), format!("{name}::handle"));
        let called = match route.callers {
            Callers::Anyone => format!("answer_public({typed}, site, {handler}, event)"),
            _ => format!("answer({typed}, app, {handler}, event).await"),
        };
        let line = format!("        \"{}\" => {called},\n", route.operation);
        // As rustfmt breaks it.
        if line.len() <= MAX_WIDTH + 1 {
            line
        } else {
            format!("        \"{}\" => {{\n            {called}\n        }}\n", route.operation)
        }
    };
    sorted().map(arm).collect()
}
