//! `GET {chat}/debug/runs`: the chat's runs, newest first, for its owner.

use api::{
    ids::{ChatId, MessageText, RunId},
    json::{StringEnum, Violation},
    problem::Problem,
    routes::{LIST_DEBUG_RUNS, fill},
    run::RunKind,
    status::Status,
};
use service::{
    access::proof::User,
    app::App,
    cursor::{List, limit},
    failure::Failure,
    http::{Call, Reply, next_page},
    store::{RunPage, RunQuery},
};

/// What the query may hold. A link to the next page repeats all but the cursor.
const PARAMETERS: [&str; 5] = ["limit", "status", "kind", "trigger_message_id", "cursor"];

/// Answers with a bare array and, when there are more, a link to them.
pub async fn handle(app: &'static App, call: Call<User>) -> Result<Reply, Failure> {
    let chat = call.chat()?;
    let input = call.query(PARAMETERS).and_then(|values| asked(chat, values));
    let read = |chat, (query, links)| async move { Ok((app.store.runs(&chat, query).await?, links)) };
    let (chat, (runs, links)) = app.access.owned(&call.caller, chat, input, read).await?;
    let RunPage { runs, next } = app.store.run_page(&chat, runs).await?;
    Ok(Reply::json(&runs)?.next(next.map(|last| links.link(last))).validated_by_content())
}

/// What every page of a list has in common.
struct PageLinks {
    list: List,
    /// What was asked for, as it was written.
    parameters: Vec<(&'static str, String)>,
}

impl PageLinks {
    /// To the page behind `last`.
    fn link(self, last: RunId) -> String {
        let cursor = self.list.cursor(&last);
        next_page(&self.list.path, self.parameters.into_iter().chain([("cursor", cursor)]))
    }
}

fn asked(chat: ChatId, values: [Option<String>; 5]) -> Result<(RunQuery, PageLinks), Problem> {
    let [max, status, kind, trigger, cursor] = values;
    let given = PARAMETERS.into_iter().zip([&max, &status, &kind, &trigger]);
    let parameters = given.filter_map(|(name, value)| Some((name, value.clone()?))).collect();
    let status = status.map(|text| string_enum("status", &text)).transpose()?;
    let kind = kind.map(|text| string_enum("kind", &text)).transpose()?;
    let trigger_message = trigger.map(|text| message("trigger_message_id", &text)).transpose()?;
    let limit = limit(max.as_deref()).map_err(Problem::InvalidQuery)?;
    let mut filters = format!("{}/{}", status.map_or("", Status::as_str), kind.map_or("", RunKind::as_str));
    if let Some(message) = &trigger_message {
        filters = format!("{filters}/{}", message.as_str());
    }
    let list = List { path: fill(&LIST_DEBUG_RUNS, &[&chat.to_string()]), filters };
    let before = cursor.map(|cursor| list.position(&cursor)).transpose().map_err(Problem::InvalidQuery)?;
    Ok((RunQuery { limit, status, kind, trigger_message, before }, PageLinks { list, parameters }))
}

fn wrong(name: &str, detail: impl Into<String>) -> Problem {
    Problem::InvalidQuery(Violation::new(name, detail))
}

fn message(name: &str, text: &str) -> Result<MessageText, Problem> {
    text.parse().map_err(|invalid| Problem::InvalidQuery(Violation::invalid(name, invalid)))
}

fn string_enum<T: StringEnum>(name: &str, text: &str) -> Result<T, Problem> {
    T::parse(text).ok_or_else(|| wrong(name, T::expected()))
}
