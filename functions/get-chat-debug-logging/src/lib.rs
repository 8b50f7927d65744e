//! `GET {chat}/debug-logging`: is this chat recorded, and who decided; for its owner and for recorders.

use api::settings::ChatSettings;
use service::{
    access::Caller,
    app::App,
    failure::Failure,
    http::{Call, Reply},
};

/// Answers with what the very next post of this chat would be told.
pub async fn handle(app: &'static App, call: Call) -> Result<Reply, Failure> {
    let chat = call.chat()?;
    let (override_, decision) = match call.caller() {
        Caller::Recorder(recorder) => app.explain(recorder, chat).await?,
        Caller::User(_) | Caller::Admin(_) => {
            let user = call.user()?;
            let read = |_, ()| app.store.user_tier(user.id());
            let (chat, tier) = app.owned(user, chat, Ok(()), read).await?;
            (chat.override_(), app.decide(tier, chat.override_()))
        }
    };
    Reply::json(&ChatSettings { override_, effective: decision.enabled, decided_by: decision.decided_by })
}
