//! `DELETE {chat}`: the owner deletes everything recorded about a chat, for ever.

use service::{
    access::proof::User,
    app::App,
    failure::Failure,
    http::{Call, Reply},
};

/// Makes the chat a tombstone, then removes what there is time for. The same request again goes on.
pub async fn handle(app: &'static App, call: Call<User>) -> Result<Reply, Failure> {
    let condition = app.access.owner_condition(&call.caller, call.chat()?);
    Reply::deleted(app.store.delete_chat(&condition, call.until()).await?)
}
