//! `GET {chat}/debug/runs/{run}/steps/{step_number}/content/{content}`: a body or a normalized form of a recorded step,
//! byte for byte, for the chat's owner.

use service::{
    access::proof::User,
    app::App,
    failure::Failure,
    http::{Attachment, Call, Reply, Validator},
    store::With,
};

/// Answers with all of it, or the part that is asked for.
pub async fn handle(app: &'static App, call: Call<User>) -> Result<Reply, Failure> {
    let input = |_| call.step_number().zip(call.content());
    // A posted turn is read with the proof. A step of its own is read behind it.
    let read = |_, _, named| async move { Ok(named) };
    let (run, (number, name)) =
        app.access.owned_run(&call.caller, call.chat()?, call.run(), |_| With::Content, input, read).await?;
    let step = app.store.step(&run, number).await?;
    let content = step.content(name)?;
    let attachment = Attachment {
        bytes: content.bytes,
        media_type: content.media_type.as_deref(),
        file_name: format!("step-{number}-{name}").replace('/', "-"),
        validator: Validator::of([step.state()]),
    };
    Ok(attachment.reply(&call)?)
}
