//! `GET {chat}/debug/runs/{run}/view`: a run's steps as a person reads them, for the chat's owner.

use api::{
    ids::{ChatId, RunId},
    json::Violation,
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
    // A posted turn is read with the proof. Steps of their own are read after it.
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
            (None, None, Some(number)) => {
                number.parse().map(ViewQuery::Only).map_err(|invalid| Violation::invalid("step", invalid))
            }
            (_, _, Some(_)) => Err(Violation::new("step", "must be given alone")),
            (cursor, after, None) => {
                List::views(chat, run).after(cursor.as_deref(), after.as_deref()).map(ViewQuery::After)
            }
        };
        query.map_err(Problem::InvalidQuery)
    })
}
