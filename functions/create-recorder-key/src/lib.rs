//! `POST config/recorder-keys`: a user makes a key for its own chats, or an admin one for any.

use api::{
    problem::Problem,
    recorder_keys::{CreateRecorderKey, NewRecorderKey},
};
use service::{
    access::Person,
    app::App,
    failure::Failure,
    http::{Call, Reply},
    identity::RecorderKey,
    ids,
};

/// Answers with the key, which nobody can read again.
pub async fn handle(app: &'static App, mut call: Call<Person>) -> Result<Reply, Failure> {
    let now = app.clock.now();
    let asked = call.take_body().and_then(|asked: CreateRecorderKey| {
        asked.check(now).map_err(Problem::InvalidBody)?;
        Ok(asked)
    });
    let asked = asked.for_user(call.caller.user())?;
    let holder = app.access.key_holder(&call.caller, asked.general)?;
    let key = RecorderKey::random(ids::key_made_at(now))?;
    let about = app.store.create_recorder_key(&holder, &key, app.redacted(asked), now).await?;
    Reply::put(true, &NewRecorderKey { key: key.reveal(), about })
}
