//! `GET {chat}/debug/runs/{run}/steps`: reads on in a run that is too large for one answer, or looks at its steps in
//! short.

use api::{
    ids::{ChatId, RunId},
    problem::Problem,
};
use service::{
    access::{Withheld, proof::User},
    app::App,
    cursor::List,
    failure::Failure,
    form::StepForm,
    http::{Call, Reply, next_steps},
    store::StepQuery,
};

/// Answers with a bare array of steps, from the first without a cursor.
pub async fn handle(app: &'static App, call: Call<User>) -> Result<Reply, Failure> {
    let chat = call.chat()?;
    let read = |chat, run, query| async move { Ok((query, app.store.steps(&chat, run, query).await?)) };
    let asked = |run| asked(&call, chat, run);
    let (run, (query, begun)) =
        app.access.owned_run(&call.caller, chat, call.run(), StepQuery::with, asked, read).await?;
    let page = app.store.step_page(&run, query, Some(begun)).await?;
    let link = page.next.map(|last| next_steps(chat, run.run.id, last, query.form));
    Ok(Reply::json_text(page.json).next(link).validated_by_content())
}

fn asked(call: &Call<User>, chat: ChatId, run: RunId) -> Withheld<StepQuery> {
    call.query(["cursor", "after", "bodies", "outline"]).and_then(|[cursor, after, bodies, outline]| {
        let after = List::steps(chat, run).after(cursor.as_deref(), after.as_deref());
        let form = StepForm::asked(bodies.as_deref(), outline.as_deref());
        after.and_then(|after| Ok(StepQuery { after, form: form? })).map_err(Problem::InvalidQuery)
    })
}
