//! `GET {chat}/debug/runs/{run}/har`: a run's HTTP exchanges as other programs read them, for the chat's owner.

use api::{
    problem::{MAX_STEP_BYTES, Problem},
    run::RunDetail,
};
use service::{
    access::{Withheld, proof::User},
    app::App,
    failure::Failure,
    form::StepForm,
    http::{Call, Reply},
    store::{StepQuery, With},
};

/// Answers with all of the run, or not at all: a HAR that lacks something would not say so.
pub async fn handle(app: &'static App, call: Call<User>) -> Result<Reply, Failure> {
    let read = |_, _, ()| async move { Ok(()) };
    let (run, ()) = app
        .access
        .owned_run(&call.caller, call.chat()?, call.run(), |()| With::Content, |_| Withheld::nothing(), read)
        .await?;
    let query = StepQuery { after: None, form: StepForm::Whole };
    let page = app.store.step_page(&run, query, None).await?;
    let has_more = page.next.is_some();
    let detail = page.into_detail(run.into_inner().run)?;
    let detail: RunDetail = serde_json::from_str(&detail).map_err(|_| Failure::internal("run is no run"))?;
    if has_more || detail.steps.iter().any(|step| !step.omitted.is_empty()) {
        return Err(Problem::HarTooLarge.into());
    }
    let har = llm::har::har(&detail, MAX_STEP_BYTES).ok_or(Problem::HarTooLarge)?;
    drop(detail);
    Reply::whole(har.to_string(), Problem::HarTooLarge)
}
