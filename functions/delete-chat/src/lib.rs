//! `DELETE {chat}`: the owner deletes everything recorded about a chat, for ever.

use service::{
    app::App,
    failure::Failure,
    http::{Call, Reply},
};

/// Marks the chat gone, then removes what there is time for; again goes on.
pub async fn handle(app: &'static App, call: Call) -> Result<Reply, Failure> {
    let claim = app.access.owner_condition(call.user()?, call.chat()?);
    Reply::deleted(app.store.delete_chat(&claim, call.until()).await?)
}
