//! `PUT {chat}/debug-logging`: the owner overrides the opt-in for one chat.

use api::settings::PutChatSettings;
use service::{
    access::proof::User,
    app::App,
    failure::Failure,
    http::{Call, Reply},
};

/// Stores the override of a chat that the caller owns in one write, whose conditions are ownership and the gate.
pub async fn handle(app: &'static App, mut call: Call<User>) -> Result<Reply, Failure> {
    let (chat, body) = (call.chat()?, call.take_body());
    let PutChatSettings { override_ } = app.access.chat_setting(&call.caller, chat, body).await?;
    let condition = app.access.owner_condition(&call.caller, chat);
    app.store.put_override(&condition, override_, app.clock.now()).await?;
    Ok(Reply::done())
}
