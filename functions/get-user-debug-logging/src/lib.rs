//! `GET config/user-debug-logging`: whether the caller's chats are recorded.

use api::settings::{ChatOverride, UserSettings};
use service::{
    access::proof::User,
    app::App,
    failure::Failure,
    http::{Call, Reply},
};

/// Answers with the effective state: what the resolver says of a chat that overrides nothing.
pub async fn handle(app: &'static App, call: Call<User>) -> Result<Reply, Failure> {
    let tier = app.store.user_tier(&call.caller).await?;
    Reply::json(&UserSettings {
        debug_logging_enabled: app.access.decide(tier, ChatOverride::Inherit).enabled,
        user_toggle_allowed: tier.allow_users && !app.access.is_forced(),
        forced_by_deployment: app.access.is_forced(),
    })
}
