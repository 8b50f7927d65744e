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
    let read = |chat, run, after| async move { Ok((after, app.store.steps(&chat, run, after).await?)) };
    let (run, (after, begun)) =
        app.access.owned_run(&call.caller, chat, call.run(), |run| after(&call, chat, run), read).await?;
    let page = app.store.step_page(&run, after, Some(begun)).await?;
    let link = page.next.map(|last| next_steps(chat, run.run.id, last));
    Ok(Reply::json_text(page.json).next(link).validated_by_content())
}

fn after(call: &Call<User>, chat: ChatId, run: RunId) -> Withheld<Option<StepNumber>> {
    let position = |cursor: String| List::steps(chat, run).position(&cursor);
    call.query(["cursor"]).and_then(|[cursor]| cursor.map(position).transpose().map_err(Problem::InvalidQuery))
}
