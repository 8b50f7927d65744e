//! `GET {chat}/debug-logging`: is this chat recorded, and who decided; for its owner.

use api::settings::ChatSettings;
use service::{
    access::{Withheld, proof::User},
    app::App,
    failure::Failure,
    http::{Call, Reply},
};

/// Answers with what a recorder of this chat would be told now.
pub async fn handle(app: &'static App, call: Call<User>) -> Result<Reply, Failure> {
    let (user, chat) = (&call.caller, call.chat()?);
    let read = |_, ()| app.store.gate_and_opt_in(user);
    let (chat, settings) = app.access.owned(user, chat, Withheld::nothing(), read).await?;
    Reply::json(&ChatSettings::of(chat.override_(), app.access.decide(settings, chat.override_())))
}
