//! `PUT {chat}/debug-logging`: the owner overrides the opt-in for one chat.

use api::{problem::Problem, settings::PutChatSettings};
use service::{
    app::App,
    failure::Failure,
    http::{Call, Reply},
};

/// Stores the override in one write, whose conditions are ownership and the gate.
pub async fn handle(app: &'static App, call: Call) -> Result<Reply, Failure> {
    let (user, chat) = (call.user()?, call.chat()?);
    let body = call.body();
    if let (Ok(PutChatSettings { override_ }), false) = (&body, app.is_forced()) {
        app.store.put_override(&app.claim(user, chat), *override_, app.clock.now()).await?;
        return Ok(Reply::done());
    }
    // Nothing will be written. What remains is to say why, in the contract's order.
    let (_, is_open) = app.owned(user, chat, Ok(()), |_, ()| app.store.gate()).await?;
    match body {
        _ if app.is_forced() => Err(Problem::Forced.into()),
        _ if !is_open => Err(Problem::GateClosed.into()),
        Err(problem) => Err(problem.into()),
        Ok(_) => Ok(Reply::done()),
    }
}
