//! `GET {chat}/debug/runs/{run}/steps/{step_number}`: one recorded step, for the chat's owner.

use service::{
    access::proof::User,
    app::App,
    failure::Failure,
    http::{Call, Reply},
    store::With,
};

/// Answers with the step as its run shows it.
pub async fn handle(app: &'static App, call: Call<User>) -> Result<Reply, Failure> {
    // A posted turn is read with the proof. A step of its own is read behind it.
    let read = |_, _, number| async move { Ok(number) };
    let (run, number) = app
        .access
        .owned_run(&call.caller, call.chat()?, call.run(), |_| With::Content, |_| call.step_number(), read)
        .await?;
    let step = app.store.step(&run, number).await?;
    Ok(Reply::json_text(step.json()?).validated_by_content())
}
