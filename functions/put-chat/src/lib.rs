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
    store::Registered,
};

/// Registers the chat; the same owner again changes nothing.
pub async fn handle(app: &'static App, mut call: Call<Recorder>) -> Result<Reply, Failure> {
    let sent = call.take_body();
    let (chat, body) = app.access.named_chat(&call.caller, call.chat()?, sent)?;
    let body = body.and_then(|body: PutChat| chat.claimed(body)).map(|(chat, body)| (chat, app.redacted(body)));
    let (chat, body) = app.access.unless_hidden(&chat, body).await?;
    match app.store.register(&chat, &body, app.clock.now()).await? {
        Registered::Created => Reply::put(true, &Registration { created: true }),
        Registered::Exists => Reply::put(false, &Registration { created: false }),
        Registered::OtherOwner => Err(chat.other_owner().into()),
        Registered::Deleted => Err(Problem::NotFound.into()),
    }
}
