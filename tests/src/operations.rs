//! Every operation's handler by name. A route without a line here fails every test that calls it.

use api::routes::Route;
use lambda_http::Request;
use service::{
    app::App,
    http::{Answered, answer, answer_public},
};

/// Answers as the operation's binary does.
pub async fn dispatch(route: &'static Route, app: &'static App, request: Request) -> Answered {
    match route.operation {
        "create-debug-run" => answer(route, app, create_debug_run::handle, request).await,
        "delete-chat" => answer(route, app, delete_chat::handle, request).await,
        "delete-debug-run" => answer(route, app, delete_debug_run::handle, request).await,
        "get-chat-debug-logging" => answer(route, app, get_chat_debug_logging::handle, request).await,
        "get-debug-decision" => answer(route, app, get_debug_decision::handle, request).await,
        "get-debug-logging" => answer(route, app, get_debug_logging::handle, request).await,
        "get-debug-run" => answer(route, app, get_debug_run::handle, request).await,
        "get-docs" => answer_public(route, get_docs::handle, &request),
        "get-openapi" => answer_public(route, get_openapi::handle, &request),
        "get-user-debug-logging" => answer(route, app, get_user_debug_logging::handle, request).await,
        "list-debug-runs" => answer(route, app, list_debug_runs::handle, request).await,
        "list-debug-steps" => answer(route, app, list_debug_steps::handle, request).await,
        "put-chat" => answer(route, app, put_chat::handle, request).await,
        "put-chat-debug-logging" => answer(route, app, put_chat_debug_logging::handle, request).await,
        "put-debug-logging" => answer(route, app, put_debug_logging::handle, request).await,
        "put-debug-step" => answer(route, app, put_debug_step::handle, request).await,
        "put-user-debug-logging" => answer(route, app, put_user_debug_logging::handle, request).await,
        "update-debug-run" => answer(route, app, update_debug_run::handle, request).await,
        unknown => panic!("{unknown} has no handler in tests/src/operations.rs"),
    }
}
