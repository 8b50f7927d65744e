//! Every operation's handler by name. A route without a line here fails every test that calls it.

use api::routes::Route;
use lambda_http::LambdaEvent;
use service::{
    app::App,
    http::{Answered, Event, answer, answer_public},
};

/// Answers as the operation's binary does.
pub async fn dispatch(route: &'static Route, app: &'static App, event: LambdaEvent<Event>) -> Answered {
    match route.operation {
        "create-debug-run" => answer(route, app, create_debug_run::handle, event).await,
        "delete-chat" => answer(route, app, delete_chat::handle, event).await,
        "delete-debug-run" => answer(route, app, delete_debug_run::handle, event).await,
        "get-chat-debug-logging" => answer(route, app, get_chat_debug_logging::handle, event).await,
        "get-debug-decision" => answer(route, app, get_debug_decision::handle, event).await,
        "get-debug-logging" => answer(route, app, get_debug_logging::handle, event).await,
        "get-debug-run" => answer(route, app, get_debug_run::handle, event).await,
        "get-docs" => answer_public(route, get_docs::handle, event),
        "get-openapi" => answer_public(route, get_openapi::handle, event),
        "get-user-debug-logging" => answer(route, app, get_user_debug_logging::handle, event).await,
        "list-debug-runs" => answer(route, app, list_debug_runs::handle, event).await,
        "list-debug-steps" => answer(route, app, list_debug_steps::handle, event).await,
        "put-chat" => answer(route, app, put_chat::handle, event).await,
        "put-chat-debug-logging" => answer(route, app, put_chat_debug_logging::handle, event).await,
        "put-debug-logging" => answer(route, app, put_debug_logging::handle, event).await,
        "put-debug-step" => answer(route, app, put_debug_step::handle, event).await,
        "put-user-debug-logging" => answer(route, app, put_user_debug_logging::handle, event).await,
        "update-debug-run" => answer(route, app, update_debug_run::handle, event).await,
        unknown => panic!("{unknown} has no handler in tests/harness/operations.rs"),
    }
}
