//! Every operation's handler by name, which `make generate` writes.

use api::routes::{self, Route};
use lambda_http::LambdaEvent;
use service::{
    app::App,
    http::{Answered, Event, answer, answer_public},
    site::Site,
};

/// Answers as the operation's binary does, in a deployment that tells its pages nothing.
pub async fn dispatch(route: &'static Route, app: &'static App, event: LambdaEvent<Event>) -> Answered {
    let site = &Site::default();
    match route.operation {
        // generated: handlers
        "create-debug-run" => answer(&routes::CREATE_DEBUG_RUN, app, create_debug_run::handle, event).await,
        "create-recorder-key" => answer(&routes::CREATE_RECORDER_KEY, app, create_recorder_key::handle, event).await,
        "delete-chat" => answer(&routes::DELETE_CHAT, app, delete_chat::handle, event).await,
        "delete-debug-run" => answer(&routes::DELETE_DEBUG_RUN, app, delete_debug_run::handle, event).await,
        "delete-recorder-key" => answer(&routes::DELETE_RECORDER_KEY, app, delete_recorder_key::handle, event).await,
        "get-chat-debug-logging" => {
            answer(&routes::GET_CHAT_DEBUG_LOGGING, app, get_chat_debug_logging::handle, event).await
        }
        "get-debug-decision" => answer(&routes::GET_DEBUG_DECISION, app, get_debug_decision::handle, event).await,
        "get-debug-logging" => answer(&routes::GET_DEBUG_LOGGING, app, get_debug_logging::handle, event).await,
        "get-debug-run" => answer(&routes::GET_DEBUG_RUN, app, get_debug_run::handle, event).await,
        "get-debug-run-har" => answer(&routes::GET_DEBUG_RUN_HAR, app, get_debug_run_har::handle, event).await,
        "get-debug-run-view" => answer(&routes::GET_DEBUG_RUN_VIEW, app, get_debug_run_view::handle, event).await,
        "get-debug-step" => answer(&routes::GET_DEBUG_STEP, app, get_debug_step::handle, event).await,
        "get-debug-step-content" => {
            answer(&routes::GET_DEBUG_STEP_CONTENT, app, get_debug_step_content::handle, event).await
        }
        "get-docs" => answer_public(&routes::GET_DOCS, site, get_docs::handle, event),
        "get-openapi" => answer_public(&routes::GET_OPENAPI, site, get_openapi::handle, event),
        "get-user-debug-logging" => {
            answer(&routes::GET_USER_DEBUG_LOGGING, app, get_user_debug_logging::handle, event).await
        }
        "get-viewer" => answer_public(&routes::GET_VIEWER, site, get_viewer::handle, event),
        "list-chats" => answer(&routes::LIST_CHATS, app, list_chats::handle, event).await,
        "list-debug-runs" => answer(&routes::LIST_DEBUG_RUNS, app, list_debug_runs::handle, event).await,
        "list-debug-steps" => answer(&routes::LIST_DEBUG_STEPS, app, list_debug_steps::handle, event).await,
        "list-recorder-keys" => answer(&routes::LIST_RECORDER_KEYS, app, list_recorder_keys::handle, event).await,
        "preview-redaction" => answer(&routes::PREVIEW_REDACTION, app, preview_redaction::handle, event).await,
        "put-chat" => answer(&routes::PUT_CHAT, app, put_chat::handle, event).await,
        "put-chat-debug-logging" => {
            answer(&routes::PUT_CHAT_DEBUG_LOGGING, app, put_chat_debug_logging::handle, event).await
        }
        "put-debug-logging" => answer(&routes::PUT_DEBUG_LOGGING, app, put_debug_logging::handle, event).await,
        "put-debug-step" => answer(&routes::PUT_DEBUG_STEP, app, put_debug_step::handle, event).await,
        "put-user-debug-logging" => {
            answer(&routes::PUT_USER_DEBUG_LOGGING, app, put_user_debug_logging::handle, event).await
        }
        "update-debug-run" => answer(&routes::UPDATE_DEBUG_RUN, app, update_debug_run::handle, event).await,
        // end of generated: handlers
        unknown => panic!("{unknown} has no handler here: run `make generate`"),
    }
}
