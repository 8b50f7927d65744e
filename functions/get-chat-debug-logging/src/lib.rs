//! `GET {chat}/debug-logging`: is this chat recorded, and who decided; for its owner and for recorders.

use api::settings::ChatSettings;
use service::{
    access::Caller,
    app::App,
    failure::Failure,
    http::{Call, Reply},
    policy::{OptIn, resolve},
};

/// Answers with what the very next post of this chat would be told.
pub async fn handle(app: &'static App, call: Call) -> Result<Reply, Failure> {
    let chat = call.chat()?;
    let (override_, decision) = match call.caller() {
        Caller::Recorder(recorder) => app.explain(recorder, chat).await?,
        Caller::User(_) | Caller::Admin(_) => {
            let read = |claim: service::access::Claim, ()| async move { app.store.user_tier(claim.user()).await };
            let (chat, tier) = app.owned(call.user()?, chat, Ok(()), read).await?;
            let deployment = app.deployment(tier.allow_users);
            (chat.override_(), resolve(deployment, OptIn(tier.opt_in), chat.override_()))
        }
    };
    Reply::json(&ChatSettings { override_, effective: decision.enabled, decided_by: decision.decided_by })
}
