//! `GET {chat}/debug/decision`: may this chat be recorded, and who decided; for a recorder, before it buffers.

use api::{ids::UserId, json::Violation, parse::Invalid, problem::Problem, settings::ChatSettings};
use service::{
    access::{Withheld, proof::Recorder},
    app::App,
    failure::Failure,
    http::{Call, Reply},
    store::SnapshotOf,
};

/// Answers with what a post would be told now, also for a chat that is not known yet.
pub async fn handle(app: &'static App, call: Call<Recorder>) -> Result<Reply, Failure> {
    let chat = call.chat()?;
    let owner = app.access.unless_deleted(&call.caller, chat, owner(&call)).await?;
    let of = SnapshotOf { chat, run: None, step: None, is_new: false };
    let (_, snapshot) = app.access.recording(&call.caller, of, &owner).await?;
    let override_ = snapshot.override_();
    Reply::json(&ChatSettings::of(override_, app.access.decide(snapshot.tier, override_)))
}

/// Whose chat it is, or is to be.
fn owner(call: &Call<Recorder>) -> Withheld<UserId> {
    let wrong = |detail: String| Problem::InvalidQuery(Violation::new("owner_id", detail));
    call.query(["owner_id"]).and_then(|[owner]| {
        let owner = owner.ok_or_else(|| wrong("must be given".to_owned()))?;
        owner.parse().map_err(|error: Invalid| wrong(error.to_string()))
    })
}
