//! `GET {chat}/debug/runs/{run}/steps`: reads on in a run that is too large for one answer.

use api::{
    ids::{ChatId, RunId, StepNumber},
    problem::Problem,
};
use service::{
    access::{Withheld, proof::User},
    app::App,
    cursor::List,
    failure::Failure,
    http::{Call, Reply, next_steps},
};

/// Answers with a bare array of steps, from the first without a cursor.
pub async fn handle(app: &'static App, call: Call<User>) -> Result<Reply, Failure> {
    let chat = call.chat()?;
    let after = call.run().and_then(|run| after(&call, chat, run));
    let read = |chat, run, after| async move { app.store.steps(&chat, run, after).await };
    let (run, steps) = app.access.owned_run(&call.caller, chat, call.run(), after, read).await?;
    let page = app.store.page(&run, steps).await?;
    let link = page.next.map(|last| next_steps(chat, run.id, last));
    Ok(Reply::json_text(page.json).next(link))
}

fn after(call: &Call<User>, chat: ChatId, run: RunId) -> Result<Option<StepNumber>, Withheld> {
    let [cursor] = call.query(["cursor"])?;
    let position = |cursor: String| List::steps(chat, run).position(&cursor);
    Ok(cursor.map(position).transpose().map_err(Problem::InvalidQuery)?)
}
