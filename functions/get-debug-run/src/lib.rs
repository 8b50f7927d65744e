//! `GET {chat}/debug/runs/{run}`: one recorded run with its steps, for the chat's owner.

use api::problem::Problem;
use service::{
    access::{Withheld, proof::User},
    app::App,
    failure::Failure,
    form::StepForm,
    http::{Call, Reply, Validator, next_steps},
    store::{RunRecord, StepQuery, With},
};

/// Goes up when the same revision of a run is shown in another way, so that nobody keeps the old one.
const REPRESENTATION: u8 = 2;

/// Answers with as many steps as one answer holds, and says so when there are more. Who has some of it already causes a
/// small read, and another one only if that has changed.
pub async fn handle(app: &'static App, call: Call<User>) -> Result<Reply, Failure> {
    let chat = call.chat()?;
    let read = |_, _, query| async move { Ok(query) };
    if call.is_conditional() {
        let (run, query) =
            app.access.owned_run(&call.caller, chat, call.run(), |_| With::Nothing, |_| asked(&call), read).await?;
        if let Some(unchanged) = call.not_modified(&validator(&run.run, query)) {
            return Ok(unchanged);
        }
    }
    // A posted turn is read with the proof. Steps of their own are read behind it: they are never older than the
    // revision.
    let (run, query) =
        app.access.owned_run(&call.caller, chat, call.run(), StepQuery::with, |_| asked(&call), read).await?;
    let page = app.store.step_page(&run, query, None).await?;
    let run = run.into_inner().run;
    let link = page.next.map(|last| next_steps(chat, run.id, last, query.form));
    let validator = validator(&run, query);
    Ok(Reply::json_text(page.into_detail(run)?).next(link).validated(validator))
}

fn asked(call: &Call<User>) -> Withheld<StepQuery> {
    call.query(["bodies"]).and_then(|[bodies]| {
        let form = StepForm::asked(bodies.as_deref(), None).map_err(Problem::InvalidQuery)?;
        Ok(StepQuery { after: None, form })
    })
}

/// Whatever changes about a run or its steps makes a revision of its own.
fn validator(run: &RunRecord, query: StepQuery) -> Validator {
    let (name, value) = query.form.parameter().unwrap_or_default();
    let (id, revision) = (run.id.to_string(), run.revision.to_string());
    Validator::of([&[REPRESENTATION], id.as_bytes(), revision.as_bytes(), name.as_bytes(), value.as_bytes()])
}
