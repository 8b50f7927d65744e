//! `GET {chat}/debug/runs/{run}/steps`: reads on in a run that is too large for one answer.

use api::{
    ids::{ChatId, RunId, StepNumber},
    problem::Problem,
};
use service::{
    app::App,
    cursor::Scope,
    failure::Failure,
    http::{Call, Reply, next_steps},
};

/// Answers with a bare array of steps, from the first without a cursor.
pub async fn handle(app: &'static App, call: Call) -> Result<Reply, Failure> {
    let (user, chat) = (call.user()?, call.chat()?);
    let after = call.run().and_then(|run| after(&call, chat, run));
    let read = |chat, run| async move { app.store.steps(&chat, run, after?).await };
    let (run, steps) = app.access.owned_run(user, chat, call.run(), read).await?;
    let page = app.store.page(&run, steps).await?;
    let link = page.next.map(|last| next_steps(chat, run.id, last));
    Ok(Reply::json(&page.steps)?.next(link))
}

fn after(call: &Call, chat: ChatId, run: RunId) -> Result<Option<StepNumber>, Problem> {
    let [cursor] = call.query(["cursor"])?;
    let position = |cursor: String| Scope::steps(chat, run).position(&cursor);
    cursor.map(position).transpose().map_err(Problem::InvalidQuery)
}
