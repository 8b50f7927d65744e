//! `GET /api/experimental/chats`: the caller's own chats, newest registration first.

use api::{
    ids::ChatId,
    problem::Problem,
    routes::{LIST_CHATS, fill},
    time::Timestamp,
};
use service::{
    access::proof::User,
    app::App,
    cursor::{List, limit},
    failure::Failure,
    http::{Call, Reply, next_page},
    store::ChatPage,
};

/// Answers with a bare array and, when there are more, a link to them.
pub async fn handle(app: &'static App, call: Call<User>) -> Result<Reply, Failure> {
    let list = List { path: fill(&LIST_CHATS, &[]), filters: call.caller.id().to_string() };
    let asked = call.query(["limit", "cursor"]).and_then(|values| Page::of(values, &list));
    let Page { given, limit, before } = asked.for_user(&call.caller)?;
    let ChatPage { chats, next } = app.store.chats(&call.caller, limit, before).await?;
    let given = given.into_iter().map(|limit| ("limit", limit));
    let link = next.map(|last| next_page(&list.path, given.chain([("cursor", list.cursor(&last))])));
    Ok(Reply::json(&chats)?.next(link).validated_by_content())
}

/// Which page is asked for.
struct Page {
    /// The limit as it was written, which a link to the next page repeats.
    given: Option<String>,
    limit: usize,
    before: Option<(Timestamp, ChatId)>,
}

impl Page {
    fn of([given, cursor]: [Option<String>; 2], list: &List) -> Result<Self, Problem> {
        let limit = limit(given.as_deref()).map_err(Problem::InvalidQuery)?;
        let before = cursor.map(|cursor| list.position(&cursor)).transpose().map_err(Problem::InvalidQuery)?;
        Ok(Self { given, limit, before })
    }
}
