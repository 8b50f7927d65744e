//! `GET {chat}/debug/runs`: the chat's runs, newest first, for its owner.

use api::{
    ids::{ChatId, MessageText},
    json::{StringEnum, Violation},
    parse::Invalid,
    problem::Problem,
    routes::{LIST_DEBUG_RUNS, fill},
    run::RunKind,
    status::Status,
};
use service::{
    app::App,
    cursor::Scope,
    failure::Failure,
    http::{Call, Reply, next_page},
    store::{RunPage, RunQuery},
};

/// The most runs in one answer.
const MAX_LIMIT: usize = 100;

/// Answers with a bare array and, when there are more, a link to them.
pub async fn handle(app: &'static App, call: Call) -> Result<Reply, Failure> {
    let (user, chat) = (call.user()?, call.chat()?);
    let read = |chat, list: List| async move { Ok((app.store.runs(&chat, list.query.clone()).await?, list)) };
    let (chat, (runs, list)) = app.access.owned(user, chat, List::of(&call, chat), read).await?;
    let RunPage { runs, next } = app.store.run_page(&chat, runs).await?;
    Ok(Reply::json(&runs)?.next(next.map(|last| list.link(&list.scope.cursor(&last)))))
}

/// What was asked for, and what a cursor of it is good for.
struct List {
    query: RunQuery,
    scope: Scope,
    limit: Option<String>,
}

impl List {
    fn of(call: &Call, chat: ChatId) -> Result<Self, Problem> {
        let [limit, status, kind, trigger, cursor] =
            call.query(["limit", "status", "kind", "trigger_message_id", "cursor"])?;
        let status = status.map(|text| string_enum("status", &text)).transpose()?;
        let kind = kind.map(|text| string_enum("kind", &text)).transpose()?;
        let trigger_message = trigger.map(|text| message("trigger_message_id", &text)).transpose()?;
        let count = match limit.as_deref() {
            None => MAX_LIMIT,
            Some(digits) => Some(digits)
                .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0'))
                .and_then(|digits| digits.parse().ok())
                .filter(|count| (1..=MAX_LIMIT).contains(count))
                .ok_or_else(|| wrong("limit", "must be a whole number from 1 to 100"))?,
        };
        let mut filters = format!("{}/{}", status.map_or("", Status::as_str), kind.map_or("", RunKind::as_str));
        if let Some(message) = &trigger_message {
            filters = format!("{filters}/{}", message.as_str());
        }
        let scope = Scope { operation: LIST_DEBUG_RUNS.operation, chat, filters };
        let before = cursor.map(|cursor| scope.position(&cursor)).transpose().map_err(Problem::InvalidQuery)?;
        Ok(Self { query: RunQuery { limit: count, status, kind, trigger_message, before }, scope, limit })
    }

    fn link(&self, cursor: &str) -> String {
        let path = fill(&LIST_DEBUG_RUNS, &[&self.scope.chat.to_string()]);
        let parameters = [
            ("limit", self.limit.as_deref()),
            ("status", self.query.status.map(Status::as_str)),
            ("kind", self.query.kind.map(RunKind::as_str)),
            ("trigger_message_id", self.query.trigger_message.as_ref().map(MessageText::as_str)),
            ("cursor", Some(cursor)),
        ];
        let given: Vec<_> = parameters.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        next_page(&path, &given)
    }
}

fn wrong(name: &str, detail: impl Into<String>) -> Problem {
    Problem::InvalidQuery(Violation::new(name, detail))
}

fn message(name: &str, text: &str) -> Result<MessageText, Problem> {
    text.parse().map_err(|invalid: Invalid| wrong(name, invalid.to_string()))
}

fn string_enum<T: StringEnum>(name: &str, text: &str) -> Result<T, Problem> {
    T::parse(text).ok_or_else(|| wrong(name, T::expected()))
}
