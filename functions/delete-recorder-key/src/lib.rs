//! `DELETE config/recorder-keys/{key}`: the key is refused from now on.

use service::{
    access::Person,
    app::App,
    failure::Failure,
    http::{Call, Reply},
};

/// Revokes the caller's own key, or an admin a general one.
pub async fn handle(app: &'static App, call: Call<Person>) -> Result<Reply, Failure> {
    let key = app.access.revocable_key(&call.caller, call.key()?).await?;
    app.store.revoke_recorder_key(&key).await?;
    Ok(Reply::done())
}
