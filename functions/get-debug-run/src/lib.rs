//! `GET {chat}/debug/runs/{run}`: one recorded run with its steps, for the chat's owner.

use service::{
    app::App,
    failure::Failure,
    http::{Call, Reply, next_steps},
};

/// Answers with as many steps as one answer holds, and says so when there are more.
pub async fn handle(app: &'static App, call: Call) -> Result<Reply, Failure> {
    let (user, chat) = (call.user()?, call.chat()?);
    let read = |chat, run| async move { app.store.steps(&chat, run, None).await };
    let (run, steps) = app.access.owned_run(user, chat, call.run(), read).await?;
    let page = app.store.page(&run, steps).await?;
    let link = page.next.map(|last| next_steps(chat, run.id, last));
    Ok(Reply::json(&run.into_inner().detail(page.steps, link.is_none()))?.next(link))
}
