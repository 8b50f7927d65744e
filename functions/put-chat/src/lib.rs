//! `PUT {chat}`: a recorder registers a chat with its owner.

use api::{
    chat::{PutChat, Registration},
    problem::Problem,
};
use service::{
    access::proof::Recorder,
    app::App,
    failure::Failure,
    http::{Call, Reply},
    redact::redacted,
    store::Registered,
};

/// Registers the chat; the same owner again changes nothing.
pub async fn handle(app: &'static App, mut call: Call<Recorder>) -> Result<Reply, Failure> {
    let chat = call.chat()?;
    let body = call.take_body().and_then(|body: PutChat| {
        let word = body.external_id.as_ref();
        word.map_or(Ok(()), |word| word.check(&body.owner_id, chat)).map_err(Problem::InvalidBody)?;
        Ok(redacted(body))
    });
    let body = app.access.unless_deleted(&call.caller, chat, body).await?;
    match app.store.register(&call.caller, chat, &body, app.clock.now()).await? {
        Registered::Created => Reply::put(true, &Registration { created: true }),
        Registered::Exists => Reply::put(false, &Registration { created: false }),
        Registered::OtherOwner => Err(Problem::OtherOwner.into()),
        Registered::Deleted => Err(Problem::NotFound.into()),
    }
}
