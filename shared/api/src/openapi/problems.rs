//! Which refusals each operation can answer: what follows from its route, and what is its own.

use super::{
    about::about,
    operations::common_headers,
    ordered::Json,
    shapes::{Example, Response, reference},
};
use crate::{
    json::Violation,
    problem::Problem,
    routes::{Callers, Route},
};
use indexmap::IndexMap;
use std::collections::BTreeMap;

/// The problems of a route by status.
pub(super) fn by_status(route: &Route) -> BTreeMap<u16, Vec<Problem>> {
    let mut by_status = BTreeMap::<_, Vec<_>>::new();
    for problem in Problem::all().into_iter().filter(|problem| can_answer(route, problem)) {
        by_status.entry(problem.row().status).or_default().push(problem);
    }
    by_status
}

fn can_answer(route: &Route, problem: &Problem) -> bool {
    match problem {
        Problem::Unauthenticated | Problem::Unavailable => route.callers != Callers::Anyone,
        Problem::Internal => true,
        Problem::RecorderOnly => route.callers == Callers::Recorder,
        Problem::UserOnly => route.callers == Callers::User,
        Problem::AdminOnly => route.callers == Callers::Admin,
        Problem::UnsupportedMediaType | Problem::BodyTooLarge | Problem::InvalidBody(_) => route.has_body(),
        Problem::InvalidId(_) | Problem::NotFound => route.has_parameter("chat"),
        Problem::InvalidQuery(_) => !about(route).query.is_empty(),
        Problem::StepTooLarge
        | Problem::Forced
        | Problem::GateClosed
        | Problem::OtherOwner
        | Problem::OtherContent
        | Problem::RunFinal => about(route).problems.contains(problem),
    }
}

/// The name of the response that these problems of one status share.
pub(super) fn name(problems: &[Problem]) -> String {
    let pascal = |slug: &str| -> String {
        let capital = |word: &str| word.split_at_checked(1).map(|(first, rest)| first.to_uppercase() + rest);
        slug.split('-').filter_map(capital).collect()
    };
    problems.iter().map(|problem| pascal(problem.row().slug)).collect::<Vec<_>>().join("Or")
}

/// Every response of the routes that is a refusal, by [`name`].
pub(super) fn responses(routes: &[&Route], schema: &Json) -> IndexMap<String, Response> {
    let all: BTreeMap<_, _> =
        routes.iter().flat_map(|route| by_status(route).into_values()).map(|it| (name(&it), it)).collect();
    all.into_iter().map(|(name, problems)| (name, response(&problems, schema))).collect()
}

fn response(problems: &[Problem], schema: &Json) -> Response {
    let messages: Vec<_> = problems.iter().map(|problem| problem.row().message).collect();
    let mut headers = common_headers();
    match problems.first().map(|problem| problem.row().status) {
        Some(401) => headers.extend([("WWW-Authenticate", reference("headers", "WWW-Authenticate"))]),
        Some(503) => headers.extend([("Retry-After", reference("headers", "Retry-After"))]),
        _ => {}
    }
    let example = |problem: &Problem| {
        let row = problem.row();
        (row.slug.to_owned(), Example { value: Json::of(&at_fault(problem).body()) })
    };
    let examples = problems.iter().map(example).collect();
    Response::json(messages.join(" — or: "), headers, schema.clone(), examples)
}

/// The problem with a violation as it could be.
fn at_fault(problem: &Problem) -> Problem {
    match problem {
        Problem::InvalidId(_) => Problem::InvalidId(Violation::new("chat", "must be a lower-case, hyphenated UUID")),
        Problem::InvalidQuery(_) => {
            Problem::InvalidQuery(Violation::new("limit", "must be a whole number from 1 to 100"))
        }
        Problem::InvalidBody(_) => Problem::InvalidBody(Violation::new("", "unknown field `enabled`")),
        other => other.clone(),
    }
}
