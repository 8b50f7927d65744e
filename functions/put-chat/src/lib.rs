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
    let (chat, body) = (call.chat()?, call.take_body());
    let body: PutChat = app.access.unless_deleted(&call.caller, chat, body).await?;
    match app.store.register(&call.caller, chat, &body, app.clock.now()).await? {
        Registered::Created => Reply::put(true, &Registration { created: true }),
        Registered::Exists => Reply::put(false, &Registration { created: false }),
        Registered::OtherOwner => Err(Problem::OtherOwner.into()),
        Registered::Deleted => Err(Problem::NotFound.into()),
    }
}
