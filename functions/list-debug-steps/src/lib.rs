//! `GET {chat}/debug/runs/{run}/steps`: reads on in a run that is too large for one answer.

use api::{
    ids::{ChatId, RunId, StepNumber},
    problem::Problem,
    routes::{LIST_DEBUG_STEPS, fill},
};
use service::{
    app::App,
    cursor::Scope,
    failure::Failure,
    http::{Call, Reply, next_page},
};

/// Answers with a bare array of steps, from the first without a cursor.
pub async fn handle(app: &'static App, call: Call) -> Result<Reply, Failure> {
    let (user, chat) = (call.user()?, call.chat()?);
    let after = call.run().and_then(|run| after(&call, &scope(chat, run)));
    let read = |reading, run| async move {
        match after {
            Ok(after) => Ok(app.store.run_with_steps(&reading, run, after).await?.ok_or(Problem::NotFound)?),
            // An unknown run is said before a wrong cursor.
            Err(problem) => {
                app.store.run(&reading, run).await?.ok_or(Problem::NotFound)?;
                Err(problem.into())
            }
        }
    };
    let (_, (run, page)) = app.owned(user, chat, call.run(), read).await?;
    let link = page.next.map(|last| {
        let path = fill(&LIST_DEBUG_STEPS, &[&chat.to_string(), &run.id.to_string()]);
        next_page(&path, &[("cursor", &scope(chat, run.id).cursor(&last))])
    });
    Ok(Reply::json(&page.steps)?.next(link))
}

fn scope(chat: ChatId, run: RunId) -> Scope {
    Scope { operation: LIST_DEBUG_STEPS.operation, chat, filters: run.to_string() }
}

fn after(call: &Call, scope: &Scope) -> Result<Option<StepNumber>, Problem> {
    let [cursor] = call.query(["cursor"])?;
    cursor.map(|cursor| scope.position(&cursor)).transpose().map_err(Problem::InvalidQuery)
}
