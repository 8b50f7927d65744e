//! The one list of operations. Handlers, router, README and client are held against it.
//!
//! The name of an operation is its folder, its binary and its field in the log.

/// What every path begins with.
pub const BASE: &str = "/api/experimental/chats";

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
    /// What it does, in a line.
    pub summary: &'static str,
}

impl Route {
    /// Whether a request carries a body.
    pub const fn has_body(&self) -> bool {
        matches!(self.method, Method::Post | Method::Put | Method::Patch)
    }

    /// Whether the route has a parameter of this name.
    pub fn has_parameter(&self, name: &str) -> bool {
        self.path.split('/').any(|part| parameter(part) == Some(name))
    }

    /// The parameters of `path`, when this is its route.
    pub fn matches<'a>(&self, path: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        let mut parameters = Vec::new();
        let mut given = path.split('/');
        for part in self.path.split('/') {
            let given = given.next()?;
            match parameter(part) {
                Some(name) if !given.is_empty() => parameters.push((name, given)),
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

/// Reads the deployment's gate.
pub const GET_DEBUG_LOGGING: Route = Route {
    operation: "get-debug-logging",
    method: Method::Get,
    path: "/api/experimental/chats/config/debug-logging",
    callers: Callers::Admin,
    success: &[200],
    summary: "Whether users may record",
};
/// Sets the deployment's gate.
pub const PUT_DEBUG_LOGGING: Route = Route {
    operation: "put-debug-logging",
    method: Method::Put,
    path: "/api/experimental/chats/config/debug-logging",
    callers: Callers::Admin,
    success: &[204],
    summary: "Allow or forbid users to record",
};
/// Reads the caller's own opt-in.
pub const GET_USER_DEBUG_LOGGING: Route = Route {
    operation: "get-user-debug-logging",
    method: Method::Get,
    path: "/api/experimental/chats/config/user-debug-logging",
    callers: Callers::User,
    success: &[200],
    summary: "Whether my chats are recorded",
};
/// Sets the caller's own opt-in.
pub const PUT_USER_DEBUG_LOGGING: Route = Route {
    operation: "put-user-debug-logging",
    method: Method::Put,
    path: "/api/experimental/chats/config/user-debug-logging",
    callers: Callers::User,
    success: &[204],
    summary: "Opt in or out",
};
/// Reads whether a chat is recorded, and why.
pub const GET_CHAT_DEBUG_LOGGING: Route = Route {
    operation: "get-chat-debug-logging",
    method: Method::Get,
    path: "/api/experimental/chats/{chat}/debug-logging",
    callers: Callers::User,
    success: &[200],
    summary: "Whether this chat is recorded, and who decided",
};
/// Overrides the opt-in for a chat.
pub const PUT_CHAT_DEBUG_LOGGING: Route = Route {
    operation: "put-chat-debug-logging",
    method: Method::Put,
    path: "/api/experimental/chats/{chat}/debug-logging",
    callers: Callers::User,
    success: &[204],
    summary: "Override my opt-in for this chat",
};
/// Lists a chat's runs.
pub const LIST_DEBUG_RUNS: Route = Route {
    operation: "list-debug-runs",
    method: Method::Get,
    path: "/api/experimental/chats/{chat}/debug/runs",
    callers: Callers::User,
    success: &[200],
    summary: "The chat's runs, newest first",
};
/// Opens a run.
pub const GET_DEBUG_RUN: Route = Route {
    operation: "get-debug-run",
    method: Method::Get,
    path: "/api/experimental/chats/{chat}/debug/runs/{run}",
    callers: Callers::User,
    success: &[200],
    summary: "A run with its steps",
};
/// Reads on in a run that is too large for one answer.
pub const LIST_DEBUG_STEPS: Route = Route {
    operation: "list-debug-steps",
    method: Method::Get,
    path: "/api/experimental/chats/{chat}/debug/runs/{run}/steps",
    callers: Callers::User,
    success: &[200],
    summary: "A run's steps, page by page",
};
/// Tells a recorder whether it may record a chat.
pub const GET_DEBUG_DECISION: Route = Route {
    operation: "get-debug-decision",
    method: Method::Get,
    path: "/api/experimental/chats/{chat}/debug/decision",
    callers: Callers::Recorder,
    success: &[200],
    summary: "Whether a chat may be recorded, and who decided",
};
/// Registers a chat.
pub const PUT_CHAT: Route = Route {
    operation: "put-chat",
    method: Method::Put,
    path: "/api/experimental/chats/{chat}",
    callers: Callers::Recorder,
    success: &[200, 201],
    summary: "Register a chat with its owner",
};
/// Records a run, or a whole turn.
pub const CREATE_DEBUG_RUN: Route = Route {
    operation: "create-debug-run",
    method: Method::Post,
    path: "/api/experimental/chats/{chat}/debug/runs",
    callers: Callers::Recorder,
    success: &[200, 201],
    summary: "Record a run, or a whole turn with its steps",
};
/// Finishes or changes a run.
pub const UPDATE_DEBUG_RUN: Route = Route {
    operation: "update-debug-run",
    method: Method::Patch,
    path: "/api/experimental/chats/{chat}/debug/runs/{run}",
    callers: Callers::Recorder,
    success: &[200],
    summary: "Finish a run, or say that it goes on",
};
/// Records a step.
pub const PUT_DEBUG_STEP: Route = Route {
    operation: "put-debug-step",
    method: Method::Put,
    path: "/api/experimental/chats/{chat}/debug/runs/{run}/steps/{step_number}",
    callers: Callers::Recorder,
    success: &[200, 201],
    summary: "Record or replace a step of an open run",
};
/// Deletes a run.
pub const DELETE_DEBUG_RUN: Route = Route {
    operation: "delete-debug-run",
    method: Method::Delete,
    path: "/api/experimental/chats/{chat}/debug/runs/{run}",
    callers: Callers::User,
    success: &[202, 204],
    summary: "Delete a run, for ever",
};
/// Deletes everything about a chat.
pub const DELETE_CHAT: Route = Route {
    operation: "delete-chat",
    method: Method::Delete,
    path: "/api/experimental/chats/{chat}",
    callers: Callers::User,
    success: &[202, 204],
    summary: "Delete a chat's recordings, for ever",
};

/// Describes the API to programs.
pub const GET_OPENAPI: Route = Route {
    operation: "get-openapi",
    method: Method::Get,
    path: "/api/experimental/chats/openapi.json",
    callers: Callers::Anyone,
    success: &[200],
    summary: "This API as an OpenAPI document",
};
/// Describes the API to people.
pub const GET_DOCS: Route = Route {
    operation: "get-docs",
    method: Method::Get,
    path: "/api/experimental/chats/docs",
    callers: Callers::Anyone,
    success: &[200],
    summary: "This API as a page to read and try",
};

/// Every operation.
pub const ROUTES: [&Route; 18] = [
    &GET_DEBUG_LOGGING,
    &PUT_DEBUG_LOGGING,
    &GET_USER_DEBUG_LOGGING,
    &PUT_USER_DEBUG_LOGGING,
    &GET_CHAT_DEBUG_LOGGING,
    &PUT_CHAT_DEBUG_LOGGING,
    &LIST_DEBUG_RUNS,
    &GET_DEBUG_RUN,
    &LIST_DEBUG_STEPS,
    &DELETE_DEBUG_RUN,
    &DELETE_CHAT,
    &GET_DEBUG_DECISION,
    &PUT_CHAT,
    &CREATE_DEBUG_RUN,
    &UPDATE_DEBUG_RUN,
    &PUT_DEBUG_STEP,
    &GET_OPENAPI,
    &GET_DOCS,
];

/// Every operation that asks for a token.
pub fn guarded() -> impl Iterator<Item = &'static Route> {
    ROUTES.into_iter().filter(|route| route.callers != Callers::Anyone)
}

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
        assert!(find("HEAD", LIST_DEBUG_RUNS.path).is_none());
        assert!(find("GET", "/api/experimental/chats//debug/runs").is_none());
    }
}
