//! `PUT {chat}/debug-logging`: the owner overrides the opt-in for one chat.

use api::{problem::Problem, settings::PutChatSettings};
use service::{
    access::proof::User,
    app::App,
    failure::Failure,
    http::{Call, Reply},
};

/// Stores the override in one write, whose conditions are ownership and the gate.
pub async fn handle(app: &'static App, mut call: Call<User>) -> Result<Reply, Failure> {
    let (chat, body) = (call.chat()?, call.take_body());
    let wrong = match body {
        _ if app.access.is_forced() => None,
        Ok(PutChatSettings { override_ }) => {
            let condition = app.access.owner_condition(&call.caller, chat);
            app.store.put_override(&condition, override_, app.clock.now()).await?;
            return Ok(Reply::done());
        }
        Err(wrong) => Some(wrong),
    };
    // Nothing is written. The chat's 404 comes first, and a closed gate before what is wrong with the body.
    let (chat, is_open) = app.access.owned(&call.caller, chat, Ok(()), |_, ()| app.store.gate()).await?;
    Err(match wrong {
        None => Problem::Forced.into(),
        Some(_) if !is_open => Problem::GateClosed.into(),
        Some(wrong) => wrong.to_owner(&chat).into(),
    })
}
