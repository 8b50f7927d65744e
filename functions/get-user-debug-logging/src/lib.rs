//! `GET config/user-debug-logging`: whether the caller's chats are recorded.

use api::settings::{ChatOverride, UserSettings};
use service::{
    access::proof::User,
    app::App,
    failure::Failure,
    http::{Call, Reply},
};

/// Answers with the effective state: what the policy says of a chat that overrides nothing.
pub async fn handle(app: &'static App, call: Call<User>) -> Result<Reply, Failure> {
    let settings = app.store.gate_and_opt_in(&call.caller).await?;
    Reply::json(&UserSettings {
        debug_logging_enabled: app.access.decide(settings, ChatOverride::Inherit).enabled,
        user_toggle_allowed: settings.allow_users && !app.access.is_forced(),
        forced_by_deployment: app.access.is_forced(),
    })
}
