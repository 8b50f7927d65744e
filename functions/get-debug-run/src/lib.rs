//! `GET {chat}/debug/runs/{run}`: one recorded run with its steps, for the chat's owner.

use service::{
    access::{Withheld, proof::User},
    app::App,
    failure::Failure,
    http::{Call, Reply, next_steps},
};

/// Answers with as many steps as one answer holds, and says so when there are more.
pub async fn handle(app: &'static App, call: Call<User>) -> Result<Reply, Failure> {
    let chat = call.chat()?;
    let read = |chat, run, ()| async move { app.store.steps(&chat, run, None).await };
    let (run, steps) = app.access.owned_run(&call.caller, chat, call.run(), |_| Withheld::nothing(), read).await?;
    let page = app.store.step_page(&run, steps).await?;
    let link = page.next.map(|last| next_steps(chat, run.id, last));
    Ok(Reply::json_text(page.into_detail(run.into_inner())?).next(link))
}
