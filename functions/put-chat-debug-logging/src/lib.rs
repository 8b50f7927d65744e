//! `PUT {chat}/debug-logging`: the owner overrides the opt-in for one chat.

use api::{problem::Problem, settings::PutChatSettings};
use service::{
    app::App,
    failure::Failure,
    http::{Call, Reply},
};

/// Stores the override in one write, whose conditions are ownership and the gate.
pub async fn handle(app: &'static App, mut call: Call) -> Result<Reply, Failure> {
    let body = call.take_body();
    let (user, chat) = (call.user()?, call.chat()?);
    let refusal = match body {
        _ if app.access.is_forced() => Problem::Forced,
        Ok(PutChatSettings { override_ }) => {
            app.store.put_override(&app.access.owner_condition(user, chat), override_, app.clock.now()).await?;
            return Ok(Reply::done());
        }
        Err(problem) => problem,
    };
    // Nothing is written. The chat's 404 still comes first, and a closed gate before a wrong body.
    let (_, is_open) = app.access.owned(user, chat, Ok(()), |_, ()| app.store.gate()).await?;
    match refusal {
        Problem::InvalidBody(_) if !is_open => Err(Problem::GateClosed.into()),
        refusal => Err(refusal.into()),
    }
}
