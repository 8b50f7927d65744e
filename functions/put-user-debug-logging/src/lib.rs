//! `PUT config/user-debug-logging`: the caller opts in or out.

use api::settings::PutUserSettings;
use service::{
    access::proof::User,
    app::App,
    failure::Failure,
    http::{Call, Reply},
};

/// Stores the opt-in. That recording is forced, or the gate closed, comes before what is wrong with the body. To opt
/// out, no gate has to be open.
pub async fn handle(app: &'static App, mut call: Call<User>) -> Result<Reply, Failure> {
    let body = call.take_body();
    let PutUserSettings { debug_logging_enabled } = app.access.user_setting(&call.caller, body).await?;
    app.store.put_opt_in(&call.caller, debug_logging_enabled, app.clock.now()).await?;
    Ok(Reply::done())
}
