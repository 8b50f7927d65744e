//! `GET {chat}/debug/runs/{run}/view`: a run's steps as a person reads them, for the chat's owner.

use api::{
    ids::{ChatId, RunId, StepNumber},
    json::Violation,
    parse::Invalid,
    problem::Problem,
};
use service::{
    access::{Withheld, proof::User},
    app::App,
    cursor::List,
    failure::Failure,
    http::{Call, Reply, next_views},
    store::{ViewQuery, With},
};

/// Answers with a bare array of views, as many as one answer holds, or with the one that is asked for.
pub async fn handle(app: &'static App, call: Call<User>) -> Result<Reply, Failure> {
    let chat = call.chat()?;
    // A posted turn is read with the proof. Steps of their own are read behind it.
    let read = |_, _, query| async move { Ok(query) };
    let asked = |run| asked(&call, chat, run);
    let (run, query) = app.access.owned_run(&call.caller, chat, call.run(), |_| With::Content, asked, read).await?;
    let page = app.store.view_page(&run, query).await?;
    let link = page.next.map(|last| next_views(chat, run.run.id, last));
    // Not by the run's revision: a newer version of the reader may read the same run better.
    Ok(Reply::json_text(page.json).next(link).validated_by_content())
}

fn asked(call: &Call<User>, chat: ChatId, run: RunId) -> Withheld<ViewQuery> {
    call.query(["cursor", "after", "step"]).and_then(|[cursor, after, step]| {
        let query = match (cursor, after, step) {
            (None, None, None) => Ok(ViewQuery::After(None)),
            (Some(cursor), None, None) => {
                List::views(chat, run).position(&cursor).map(|last| ViewQuery::After(Some(last)))
            }
            (None, Some(number), None) => step_number("after", &number).map(|after| ViewQuery::After(Some(after))),
            (None, None, Some(number)) => step_number("step", &number).map(ViewQuery::Only),
            (_, _, Some(_)) => Err(Violation::new("step", "must be given alone")),
            (Some(_), Some(_), None) => Err(Violation::new("after", "must not be given beside a cursor")),
        };
        query.map_err(Problem::InvalidQuery)
    })
}

fn step_number(name: &str, text: &str) -> Result<StepNumber, Violation> {
    text.parse().map_err(|invalid: Invalid| Violation::new(name, invalid.to_string()))
}
