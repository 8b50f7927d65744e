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
    // A posted turn is read with the proof. Steps of their own are read behind it.
    let read = |_, _, ()| async { Ok(()) };
    let (run, ()) = app.access.owned_run(&call.caller, chat, call.run(), |_| Withheld::nothing(), read).await?;
    let page = app.store.step_page(&run, None, None).await?;
    let run = run.into_inner().run;
    let link = page.next.map(|last| next_steps(chat, run.id, last));
    Ok(Reply::json_text(page.into_detail(run)?).next(link))
}
