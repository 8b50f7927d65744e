//! The one list of operations. Handlers, router, README and client are held against it.
//!
//! The name of an operation is its folder, its binary and its field in the log.

use crate::problem::BodyLimit;
use Method::{Delete, Get, Patch, Post, Put};
use std::{marker::PhantomData, ops::Deref};

macro_rules! path {
    ($below:literal) => {
        concat!("/api/experimental/chats", $below)
    };
}

/// What every path begins with.
pub const BASE: &str = path!("");

/// The media type of JSON that is gzipped on its way to a route that [takes it](Route::takes_gzip). The gateway takes
/// `application/json` for a text, and a text does not survive gzip.
pub const GZIPPED_JSON: &str = "application/vnd.chat-debug+json";

/// An HTTP method that a route uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    /// The method as it travels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Who may call a route at all. Whose chat it is comes after that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    /// Anyone, without a token: what the API says about itself.
    Anyone,
    /// Users who are admins.
    Admin,
    /// Users, admins among them; below a chat only its owner.
    User,
    /// Recorders.
    Recorder,
    /// Users and recorders: whoever has a valid token.
    Authenticated,
}

/// [`Callers`] as a type, so that the compiler holds a route and its handler to the same.
pub trait CalledBy {
    /// The same as a value.
    const CALLERS: Callers;
}

/// [`Callers::Anyone`].
#[derive(Debug, Clone, Copy)]
pub enum Anyone {}
/// [`Callers::Admin`].
#[derive(Debug, Clone, Copy)]
pub enum Admins {}
/// [`Callers::User`].
#[derive(Debug, Clone, Copy)]
pub enum Users {}
/// [`Callers::User`], of whom the handler is told whether they are admins.
#[derive(Debug, Clone, Copy)]
pub enum People {}
/// [`Callers::Recorder`].
#[derive(Debug, Clone, Copy)]
pub enum Recorders {}

/// [`Callers::Authenticated`].
#[derive(Debug, Clone, Copy)]
pub enum Authenticated {}

impl CalledBy for Anyone {
    const CALLERS: Callers = Callers::Anyone;
}

impl CalledBy for Admins {
    const CALLERS: Callers = Callers::Admin;
}

impl CalledBy for Users {
    const CALLERS: Callers = Callers::User;
}

impl CalledBy for People {
    const CALLERS: Callers = Callers::User;
}

impl CalledBy for Recorders {
    const CALLERS: Callers = Callers::Recorder;
}

impl CalledBy for Authenticated {
    const CALLERS: Callers = Callers::Authenticated;
}

/// One operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The operation's name.
    pub operation: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path with its parameters in braces.
    pub path: &'static str,
    /// Who may call it.
    pub callers: Callers,
    /// The statuses of success.
    pub success: &'static [u16],
    /// Whether its last parameter takes all that is left of a path, slashes included.
    pub takes_rest: bool,
    /// Whether its body, which may be large, may be [`GZIPPED_JSON`].
    pub takes_gzip: bool,
    /// The most of a body that is not gzipped.
    pub limit: BodyLimit,
    /// What it does, in a line.
    pub summary: &'static str,
}

impl Route {
    /// Whether a request carries a body.
    pub const fn has_body(&self) -> bool {
        matches!(self.method, Method::Post | Method::Put | Method::Patch)
    }

    /// Method and path as the gateway names them.
    pub fn key(&self) -> String {
        let (method, path) = (self.method.as_str(), self.path);
        match path.strip_suffix('}') {
            Some(path) if self.takes_rest => format!("{method} {path}+}}"),
            _ => format!("{method} {path}"),
        }
    }

    /// Whether the route has a parameter of this name.
    pub fn has_parameter(&self, name: &str) -> bool {
        self.path.split('/').any(|part| parameter(part) == Some(name))
    }

    /// The parameters of `path`, when this is its route.
    pub fn matches<'a>(&self, path: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        let mut parameters = Vec::new();
        let most = if self.takes_rest { self.path.split('/').count() } else { usize::MAX };
        let mut given = path.splitn(most, '/');
        for part in self.path.split('/') {
            let given = given.next()?;
            match parameter(part) {
                // No parameter is empty, and neither is a part of one that takes the rest.
                Some(name) if given.split('/').all(|given| !given.is_empty()) => parameters.push((name, given)),
                None if part == given => {}
                _ => return None,
            }
        }
        given.next().is_none().then_some(parameters)
    }
}

fn parameter(part: &str) -> Option<&str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

/// A [`Route`] whose callers are known at compile time.
#[derive(Debug, Clone, Copy)]
pub struct RouteFor<C> {
    /// The route.
    pub route: Route,
    callers: PhantomData<C>,
}

impl<C> RouteFor<C> {
    /// The statuses of success, if they are others than 200.
    const fn answers(mut self, success: &'static [u16]) -> Self {
        self.route.success = success;
        self
    }

    const fn takes_rest(mut self) -> Self {
        self.route.takes_rest = true;
        self
    }

    const fn takes_gzip(mut self) -> Self {
        self.route.takes_gzip = true;
        self
    }

    const fn takes_at_most(mut self, limit: BodyLimit) -> Self {
        self.route.limit = limit;
        self
    }
}

impl<C> Deref for RouteFor<C> {
    type Target = Route;
    fn deref(&self) -> &Route {
        &self.route
    }
}

const fn route<C: CalledBy>(
    method: Method,
    operation: &'static str,
    path: &'static str,
    summary: &'static str,
) -> RouteFor<C> {
    let (callers, success) = (C::CALLERS, &[200]);
    let route = Route {
        operation,
        method,
        path,
        callers,
        success,
        takes_rest: false,
        takes_gzip: false,
        limit: BodyLimit::Plain,
        summary,
    };
    RouteFor { route, callers: PhantomData }
}

/// Reads the deployment's gate.
pub const GET_DEBUG_LOGGING: RouteFor<Admins> =
    route(Get, "get-debug-logging", path!("/config/debug-logging"), "Whether users may record");
/// Sets the deployment's gate.
pub const PUT_DEBUG_LOGGING: RouteFor<Admins> =
    route(Put, "put-debug-logging", path!("/config/debug-logging"), "Allow or forbid users to record").answers(&[204]);
/// Reads the caller's own opt-in.
pub const GET_USER_DEBUG_LOGGING: RouteFor<Users> =
    route(Get, "get-user-debug-logging", path!("/config/user-debug-logging"), "Whether my chats are recorded");
/// Sets the caller's own opt-in.
pub const PUT_USER_DEBUG_LOGGING: RouteFor<Users> =
    route(Put, "put-user-debug-logging", path!("/config/user-debug-logging"), "Opt in or out").answers(&[204]);
/// Makes a recorder key.
pub const CREATE_RECORDER_KEY: RouteFor<People> =
    route(Post, "create-recorder-key", path!("/config/recorder-keys"), "Make a recorder key").answers(&[201]);
/// Lists recorder keys.
pub const LIST_RECORDER_KEYS: RouteFor<People> =
    route(Get, "list-recorder-keys", path!("/config/recorder-keys"), "My recorder keys, newest first");
/// Revokes a recorder key.
pub const DELETE_RECORDER_KEY: RouteFor<People> =
    route(Delete, "delete-recorder-key", path!("/config/recorder-keys/{key}"), "Revoke a recorder key, for ever")
        .answers(&[204]);
/// Reads whether a chat is recorded, and why.
pub const GET_CHAT_DEBUG_LOGGING: RouteFor<Users> = route(
    Get,
    "get-chat-debug-logging",
    path!("/{chat}/debug-logging"),
    "Whether this chat is recorded, and who decided",
);
/// Overrides the opt-in for a chat.
pub const PUT_CHAT_DEBUG_LOGGING: RouteFor<Users> =
    route(Put, "put-chat-debug-logging", path!("/{chat}/debug-logging"), "Override my opt-in for this chat")
        .answers(&[204]);
/// Lists the caller's own chats.
pub const LIST_CHATS: RouteFor<Users> =
    route(Get, "list-chats", path!(""), "My chats, newest registration first").answers(&[200, 304]);
/// Lists a chat's runs.
pub const LIST_DEBUG_RUNS: RouteFor<Users> =
    route(Get, "list-debug-runs", path!("/{chat}/debug/runs"), "The chat's runs, newest first").answers(&[200, 304]);
/// Opens a run.
pub const GET_DEBUG_RUN: RouteFor<Users> =
    route(Get, "get-debug-run", path!("/{chat}/debug/runs/{run}"), "A run with its steps").answers(&[200, 304]);
/// Reads on in a run that is too large for one answer.
pub const LIST_DEBUG_STEPS: RouteFor<Users> =
    route(Get, "list-debug-steps", path!("/{chat}/debug/runs/{run}/steps"), "A run's steps, page by page")
        .answers(&[200, 304]);
/// Reads one step.
pub const GET_DEBUG_STEP: RouteFor<Users> =
    route(Get, "get-debug-step", path!("/{chat}/debug/runs/{run}/steps/{step_number}"), "One step")
        .answers(&[200, 304]);
/// Reads a content of a step.
pub const GET_DEBUG_STEP_CONTENT: RouteFor<Users> = route(
    Get,
    "get-debug-step-content",
    path!("/{chat}/debug/runs/{run}/steps/{step_number}/content/{content}"),
    "A body or a normalized form, byte for byte",
)
.answers(&[200, 206, 304])
.takes_rest();
/// Reads a run's steps as a person reads them.
pub const GET_DEBUG_RUN_VIEW: RouteFor<Users> = route(
    Get,
    "get-debug-run-view",
    path!("/{chat}/debug/runs/{run}/view"),
    "A run's steps as a person reads them, whoever the provider is",
)
.answers(&[200, 304]);
/// Exports a run.
pub const GET_DEBUG_RUN_HAR: RouteFor<Users> =
    route(Get, "get-debug-run-har", path!("/{chat}/debug/runs/{run}/har"), "A run's HTTP exchanges as a HAR");
/// Tells a recorder whether it may record a chat.
pub const GET_DEBUG_DECISION: RouteFor<Recorders> = route(
    Get,
    "get-debug-decision",
    path!("/{chat}/debug/decision"),
    "Whether a chat may be recorded, and who decided",
);
/// Registers a chat.
pub const PUT_CHAT: RouteFor<Recorders> =
    route(Put, "put-chat", path!("/{chat}"), "Register a chat with its owner").answers(&[200, 201]);
/// Records a run, or a whole turn.
pub const CREATE_DEBUG_RUN: RouteFor<Recorders> =
    route(Post, "create-debug-run", path!("/{chat}/debug/runs"), "Record a run, or a whole turn with its steps")
        .answers(&[200, 201])
        .takes_gzip();
/// Finishes or changes a run.
pub const UPDATE_DEBUG_RUN: RouteFor<Recorders> =
    route(Patch, "update-debug-run", path!("/{chat}/debug/runs/{run}"), "Finish a run, or say that it goes on")
        .takes_gzip();
/// Records a step.
pub const PUT_DEBUG_STEP: RouteFor<Recorders> = route(
    Put,
    "put-debug-step",
    path!("/{chat}/debug/runs/{run}/steps/{step_number}"),
    "Record or replace a step of an open run",
)
.answers(&[200, 201])
.takes_gzip();
/// Shows what would be stored of a step.
pub const PREVIEW_REDACTION: RouteFor<Authenticated> =
    route(Post, "preview-redaction", path!("/redaction/preview"), "What would be stored of a step, and what not")
        .takes_at_most(BodyLimit::Preview);
/// Deletes a run.
pub const DELETE_DEBUG_RUN: RouteFor<Users> =
    route(Delete, "delete-debug-run", path!("/{chat}/debug/runs/{run}"), "Delete a run, for ever").answers(&[202, 204]);
/// Deletes everything about a chat.
pub const DELETE_CHAT: RouteFor<Users> =
    route(Delete, "delete-chat", path!("/{chat}"), "Delete a chat's recordings, for ever").answers(&[202, 204]);
/// Describes the API to programs.
pub const GET_OPENAPI: RouteFor<Anyone> =
    route(Get, "get-openapi", path!("/openapi.json"), "This API as an OpenAPI document");
/// Describes the API to people.
pub const GET_DOCS: RouteFor<Anyone> = route(Get, "get-docs", path!("/docs"), "This API as a page to read and try");
/// Shows an owner what was recorded.
pub const GET_VIEWER: RouteFor<Anyone> =
    route(Get, "get-viewer", path!("/view"), "The page on which owners read what was recorded");

/// Every operation.
pub const ROUTES: [&Route; 28] = [
    &GET_DEBUG_LOGGING.route,
    &PUT_DEBUG_LOGGING.route,
    &GET_USER_DEBUG_LOGGING.route,
    &PUT_USER_DEBUG_LOGGING.route,
    &CREATE_RECORDER_KEY.route,
    &LIST_RECORDER_KEYS.route,
    &DELETE_RECORDER_KEY.route,
    &GET_CHAT_DEBUG_LOGGING.route,
    &PUT_CHAT_DEBUG_LOGGING.route,
    &LIST_CHATS.route,
    &LIST_DEBUG_RUNS.route,
    &GET_DEBUG_RUN.route,
    &LIST_DEBUG_STEPS.route,
    &GET_DEBUG_STEP.route,
    &GET_DEBUG_STEP_CONTENT.route,
    &GET_DEBUG_RUN_VIEW.route,
    &GET_DEBUG_RUN_HAR.route,
    &DELETE_DEBUG_RUN.route,
    &DELETE_CHAT.route,
    &GET_DEBUG_DECISION.route,
    &PUT_CHAT.route,
    &CREATE_DEBUG_RUN.route,
    &UPDATE_DEBUG_RUN.route,
    &PUT_DEBUG_STEP.route,
    &PREVIEW_REDACTION.route,
    &GET_OPENAPI.route,
    &GET_DOCS.route,
    &GET_VIEWER.route,
];

/// The path of `route` with its parameters filled in, in order.
pub fn fill(route: &Route, parameters: &[&str]) -> String {
    let mut parameters = parameters.iter();
    let parts = route.path.split('/').map(|part| match parameter(part) {
        Some(_) => parameters.next().copied().unwrap_or(part),
        None => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The route that answers a method and a path, with the path's parameters.
pub fn find<'a>(method: &str, path: &'a str) -> Option<(&'static Route, Vec<(&'static str, &'a str)>)> {
    let mut candidates: Vec<_> = ROUTES
        .into_iter()
        .filter(|route| route.method.as_str() == method)
        .filter_map(|route| route.matches(path).map(|parameters| (route, parameters)))
        .collect();
    // As at the gateway, the more literal path wins: `config/debug-logging` over `{chat}/debug-logging`.
    candidates.sort_by_key(|(_, parameters)| parameters.len());
    candidates.into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_finds_itself() {
        for route in ROUTES {
            assert!(route.path.starts_with(BASE), "{}", route.path);
            let path = fill(route, &["a", "b", "c"]);
            let found = find(route.method.as_str(), &path).map(|(found, _)| found.operation);
            assert_eq!(found, Some(route.operation));
            assert!(find(route.method.as_str(), &format!("{path}/")).is_none(), "one canonical URL");
        }
        let content = |rest: &str| format!("{}/{rest}", fill(&GET_DEBUG_STEP, &["a", "b", "1"]));
        let path = content("content/attempts/1/request");
        let (route, parameters) = find("GET", &path).expect("a route");
        assert_eq!(route.operation, GET_DEBUG_STEP_CONTENT.operation);
        assert_eq!(parameters.last(), Some(&("content", "attempts/1/request")));
        assert!(route.key().ends_with("/content/{content+}"), "{}", route.key());
        for none in ["content", "content/", "content/a//b", "content/a/"] {
            assert!(find("GET", &content(none)).is_none(), "{none}");
        }
        assert!(find("HEAD", LIST_DEBUG_RUNS.path).is_none());
        assert!(find("GET", "/api/experimental/chats//debug/runs").is_none());
    }
}
