//! `GET config/recorder-keys`: the caller's own keys, and an admin's general ones, without their secrets.

use service::{
    access::Person,
    app::App,
    failure::Failure,
    http::{Call, Reply},
};

/// Answers with a bare array, the newest first: there are few, and no pages.
pub async fn handle(app: &'static App, call: Call<Person>) -> Result<Reply, Failure> {
    Reply::json(&app.store.recorder_keys(&app.access.key_holders(&call.caller)).await?)
}
