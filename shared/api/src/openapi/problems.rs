//! The refusals of each operation: those that follow from its route, its own, and the gateway's.

use super::{
    about::about,
    headers::{REQUEST_ID_OF_FUNCTION, common_headers},
    ordered::Json,
    schemas,
    shapes::{Example, Response, reference},
};
use crate::{
    json::Violation,
    problem::{Problem, ProblemBody},
    routes::{Callers, Route},
};
use indexmap::IndexMap;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use std::collections::BTreeMap;

/// The refusals of one status.
#[derive(Default)]
pub(super) struct Refusals {
    by_function: Vec<Problem>,
    by_gateway: Option<GatewayResponse>,
}

/// A refusal by the gateway itself.
#[derive(Clone, Copy)]
struct GatewayResponse {
    status: u16,
    message: &'static str,
    meaning: &'static str,
}

/// The body of a refusal of the gateway's own.
#[derive(Serialize, JsonSchema)]
struct GatewayRefusal {
    /// What the gateway says of it.
    message: &'static str,
}

/// Every refusal by the gateway that a caller can get in place of the function's answer.
const GATEWAY_RESPONSES: [GatewayResponse; 6] = [
    GatewayResponse { status: 401, message: "Unauthorized", meaning: "The gateway refuses the token." },
    GatewayResponse {
        status: 403,
        message: "Forbidden",
        meaning: "The gateway misses the recorder's scope in the token.",
    },
    GatewayResponse {
        status: 413,
        message: "Request Entity Too Large",
        meaning: "The request is too large for the gateway, or for Lambda once it is quoted.",
    },
    GatewayResponse {
        status: 429,
        message: "Too Many Requests",
        meaning: "These are more requests than the gateway lets through. Wait a moment and try again.",
    },
    GatewayResponse {
        status: 500,
        message: "Internal Server Error",
        meaning: "The function failed without an answer.",
    },
    GatewayResponse {
        status: 503,
        message: "Service Unavailable",
        meaning: "The gateway got no answer of the function in time.",
    },
];

/// The refusals of a route by status.
pub(super) fn by_status(route: &Route) -> BTreeMap<u16, Refusals> {
    let mut by_status = BTreeMap::<_, Refusals>::new();
    for problem in Problem::all().into_iter().filter(|problem| can_answer(route, problem)) {
        by_status.entry(problem.row().status).or_default().by_function.push(problem);
    }
    for refusal in GATEWAY_RESPONSES.into_iter().filter(|refusal| can_come_from_gateway(route, refusal.status)) {
        by_status.entry(refusal.status).or_default().by_gateway = Some(refusal);
    }
    by_status
}

fn can_answer(route: &Route, problem: &Problem) -> bool {
    match problem {
        Problem::Unauthenticated | Problem::Unavailable => route.callers != Callers::Anyone,
        Problem::MalformedRequest | Problem::Internal => true,
        Problem::RecorderOnly => route.callers == Callers::Recorder,
        Problem::UserOnly => route.callers == Callers::User,
        Problem::AdminOnly => route.callers == Callers::Admin || about(route).problems.contains(problem),
        Problem::UnsupportedMediaType | Problem::BodyTooLarge(_) | Problem::InvalidBody(_) => route.has_body(),
        Problem::InvalidId(_) | Problem::NotFound => route.has_parameter("chat") || route.has_parameter("key"),
        Problem::InvalidQuery(_) => !about(route).query.is_empty(),
        Problem::StepTooLarge
        | Problem::TurnTooLarge { .. }
        | Problem::RangeRequired { .. }
        | Problem::HarTooLarge
        | Problem::RangeNotSatisfiable { .. }
        | Problem::ForcedByDeployment
        | Problem::GateClosed
        | Problem::OtherOwner
        | Problem::OtherContent
        | Problem::RunFinal
        | Problem::TooManyKeys
        | Problem::RecorderKeysOff => about(route).problems.contains(problem),
    }
}

/// Whether the gateway can refuse a call of the route with this status.
fn can_come_from_gateway(route: &Route, status: u16) -> bool {
    match status {
        401 => route.callers != Callers::Anyone,
        // The one scope that it asks for.
        403 => route.callers == Callers::Recorder,
        413 => route.has_body(),
        _ => true,
    }
}

/// Every response of the routes that is a refusal, by [`Refusals::name`].
pub(super) fn responses(routes: &[&Route], generator: &mut SchemaGenerator) -> IndexMap<String, Response> {
    let all: BTreeMap<_, _> =
        routes.iter().flat_map(|route| by_status(route).into_values()).map(|it| (it.name(), it)).collect();
    all.into_iter().map(|(name, refusals)| (name, refusals.response(generator))).collect()
}

impl Refusals {
    /// The name of the response that routes with the same refusals share.
    pub(super) fn name(&self) -> String {
        let pascal = |words: &str| -> String {
            let capital = |word: &str| word.split_at_checked(1).map(|(first, rest)| first.to_uppercase() + rest);
            words.split(['-', ' ']).filter_map(capital).collect()
        };
        match (&*self.by_function, self.by_gateway) {
            ([], Some(refusal)) => pascal(refusal.message),
            (problems, _) => problems.iter().map(|problem| pascal(problem.row().slug)).collect::<Vec<_>>().join("Or"),
        }
    }

    fn response(&self, generator: &mut SchemaGenerator) -> Response {
        let messages = self.by_function.iter().map(|problem| problem.row().message);
        let messages: Vec<_> = messages.chain(self.by_gateway.map(|refusal| refusal.meaning)).collect();
        let examples = self.by_function.iter().map(example).chain(self.by_gateway.map(example_of_gateway)).collect();
        Response::json(messages.join(" — or: "), self.headers(), self.schema(generator), examples)
    }

    fn schema(&self, generator: &mut SchemaGenerator) -> Json {
        let mut problem = || schemas::of::<ProblemBody>(generator);
        match (&*self.by_function, self.by_gateway) {
            (_, None) => problem(),
            ([], Some(_)) => schemas::of::<GatewayRefusal>(generator),
            // Not `oneOf`: a problem has a message too, and so is both.
            _ => Json::object([("anyOf", Json::Array(vec![problem(), schemas::of::<GatewayRefusal>(generator)]))]),
        }
    }

    fn headers(&self) -> IndexMap<&'static str, Json> {
        let Some(problem) = self.by_function.first() else { return IndexMap::new() };
        let own = match problem.row().status {
            401 => Some("WWW-Authenticate"),
            416 => Some("Content-Range"),
            503 => Some("Retry-After"),
            _ => None,
        };
        let mut given = common_headers();
        if self.by_gateway.is_some() {
            given.insert("X-Request-Id", reference("headers", REQUEST_ID_OF_FUNCTION));
        }
        given.extend(own.map(|name| (name, reference("headers", name))));
        given
    }
}

fn example(problem: &Problem) -> (String, Example) {
    (problem.row().slug.to_owned(), Example { value: Json::of(&with_a_violation(problem).body()) })
}

fn example_of_gateway(refusal: GatewayResponse) -> (String, Example) {
    ("gateway".to_owned(), Example { value: Json::of(&GatewayRefusal { message: refusal.message }) })
}

/// The problem with an example of a violation.
fn with_a_violation(problem: &Problem) -> Problem {
    match problem {
        Problem::InvalidId(_) => Problem::InvalidId(Violation::new("chat", "must be a lower-case, hyphenated UUID")),
        Problem::InvalidQuery(_) => {
            Problem::InvalidQuery(Violation::new("limit", "must be a whole number from 1 to 100"))
        }
        Problem::InvalidBody(_) => Problem::InvalidBody(Violation::new("", "unknown field `enabled`")),
        Problem::TurnTooLarge { .. } => Problem::TurnTooLarge { stored: 4_012_345 },
        Problem::RangeRequired { .. } => Problem::RangeRequired { size: 5_012_345 },
        Problem::RangeNotSatisfiable { .. } => Problem::RangeNotSatisfiable { size: 1_234 },
        other => other.clone(),
    }
}
