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
    let read = |_, ()| app.store.user_tier(user);
    let (chat, tier) = app.access.owned(user, chat, Withheld::nothing(), read).await?;
    Reply::json(&ChatSettings::of(chat.override_(), app.access.decide(tier, chat.override_())))
}
