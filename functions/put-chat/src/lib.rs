//! `PUT {chat}`: a recorder registers a chat with its owner.

use api::{
    problem::Problem,
    run::{PutChat, Registration},
};
use service::{
    app::App,
    failure::Failure,
    http::{Call, Reply},
    store::Registered,
};

/// Registers the chat; the same owner again changes nothing.
pub async fn handle(app: &'static App, mut call: Call) -> Result<Reply, Failure> {
    let body = call.take_body();
    let (recorder, chat) = (call.recorder()?, call.chat()?);
    let body: PutChat = match body {
        Ok(body) => body,
        Err(_) if app.store.is_deleted(recorder, chat).await? => return Err(Problem::NotFound.into()),
        Err(problem) => return Err(problem.into()),
    };
    match app.store.register(recorder, chat, &body, app.clock.now()).await? {
        Registered::Created => Reply::put(true, &Registration { created: true }),
        Registered::Stands => Reply::put(false, &Registration { created: false }),
        Registered::OtherOwner => Err(Problem::OtherOwner.into()),
        Registered::Deleted => Err(Problem::NotFound.into()),
    }
}
