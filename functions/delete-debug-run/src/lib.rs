//! `DELETE {chat}/debug/runs/{run}`: the owner deletes a run, for ever.

use service::{
    access::proof::User,
    app::App,
    failure::Failure,
    http::{Call, Reply},
};

/// Puts a tombstone in the run's place, then removes what there is time for. The same request again goes on.
pub async fn handle(app: &'static App, call: Call<User>) -> Result<Reply, Failure> {
    let chat = call.chat()?;
    let read = |chat, run| async move { app.store.is_deletable(&chat, run).await.map(|()| run) };
    let (chat, run) = app.access.owned(&call.caller, chat, call.run(), read).await?;
    Reply::deleted(app.store.delete_run(&chat, run, app.clock.now(), call.until()).await?)
}
