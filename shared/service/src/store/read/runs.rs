//! The list of a chat's runs.

use super::super::{
    item::{Attributes, EXPIRES_AT, Item, Undecodable, required},
    keys,
    records::{
        names::{CREATED_AT, ENDPOINT_LABEL, FINISHED_AT, FIRST_MESSAGE, STARTED_AT, TRIGGER_MESSAGE_ID, UPDATED_AT},
        run::summary,
        totals::Totals,
    },
    table::{Order, QueryPage, Store},
};
use crate::{
    access::proof::{OwnedChat, UnprovenChat},
    failure::Failure,
};
use api::{
    ids::{ChatId, MessageId, MessageText, RunId},
    run::{Run, RunKind},
    status::Status,
};

/// How many runs a page looks at when it filters.
const MAX_LOOKED_AT: usize = 1_000;
/// How many of them it looks at before it is proven whose they are.
const FILTERED_BEFORE_PROOF: usize = 25;
/// How many runs one query of a filtered page looks at, once it is proven whose they are.
const FILTERED_QUERY: usize = 250;

/// What to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunQuery {
    /// The most runs to answer.
    pub limit: usize,
    /// Only runs of this status.
    pub status: Option<Status>,
    /// Only runs of this kind.
    pub kind: Option<RunKind>,
    /// Only runs that the message started whose id is written so.
    pub trigger_message: Option<MessageText>,
    /// Only runs older than this one.
    pub before: Option<RunId>,
}

impl RunQuery {
    fn is_filtered(&self) -> bool {
        self.status.is_some() || self.kind.is_some() || self.trigger_message.is_some()
    }

    fn wants(&self, run: &Run, trigger: Option<&MessageId>) -> bool {
        let message = self.trigger_message.as_ref();
        self.status.is_none_or(|status| run.status == status)
            && self.kind.is_none_or(|kind| run.kind == kind)
            && message.is_none_or(|message| trigger.is_some_and(|trigger| trigger.is_written(message)))
    }
}

/// Runs, newest first, and the one to continue after when there are more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPage {
    /// The runs.
    pub runs: Vec<Run>,
    /// Where the next page begins.
    pub next: Option<RunId>,
}

/// What a list shows of a run. What it does not show, the digest above all, stays in the table.
const LISTED: [&str; 19] = {
    let [steps, errors, input, output, reasoning, cache_creation, cache_read, _stored] = Totals::NAMES;
    [
        "sk",
        EXPIRES_AT,
        "kind",
        "status",
        STARTED_AT,
        FINISHED_AT,
        CREATED_AT,
        UPDATED_AT,
        "provider",
        "model",
        FIRST_MESSAGE,
        ENDPOINT_LABEL,
        steps,
        errors,
        input,
        output,
        reasoning,
        cache_creation,
        cache_read,
    ]
};

/// A run from its listed attributes, and the message that started it if it was asked for.
fn listed(chat_id: ChatId, mut attributes: Attributes<'_>) -> Result<(Run, Option<MessageId>), Undecodable> {
    let status = required(attributes.string_enum("status")?, "status")?;
    let created_at = required(attributes.time(CREATED_AT)?, CREATED_AT)?;
    let trigger = attributes.message(TRIGGER_MESSAGE_ID)?;
    let run = Run {
        id: required(attributes.borrowed("sk")?.and_then(|sk| keys::run_of(&sk)), "sk")?,
        chat_id,
        kind: required(attributes.string_enum("kind")?, "kind")?,
        status,
        started_at: required(attributes.time(STARTED_AT)?, STARTED_AT)?,
        updated_at: attributes.time(UPDATED_AT)?.unwrap_or(created_at),
        finished_at: attributes.time(FINISHED_AT)?,
        provider: attributes.text("provider")?,
        model: attributes.text("model")?,
        summary: summary(
            status,
            Totals::read(&mut attributes)?,
            attributes.text(FIRST_MESSAGE)?,
            attributes.text(ENDPOINT_LABEL)?,
        ),
    };
    Ok((run, trigger))
}

/// The newest runs of a chat, read before it is proven who owns it.
pub struct UnprovenRuns {
    chat: ChatId,
    query: RunQuery,
    first: QueryPage,
}

impl Store {
    /// Begins to read a chat's runs: as many as the page wants, and one that says that there are more; or a few of
    /// them, when a filter can want many.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the table does not answer.
    pub async fn runs(&self, chat: &UnprovenChat, query: RunQuery) -> Result<UnprovenRuns, Failure> {
        let start = query.before.map(|run| keys::run(chat.id(), run).item());
        let most = if query.is_filtered() { FILTERED_BEFORE_PROOF } else { query.limit + 1 };
        let first = self.query_runs(chat.id(), &query, most, start).await?;
        Ok(UnprovenRuns { chat: chat.id(), query, first })
    }

    async fn query_runs(
        &self,
        chat: ChatId,
        query: &RunQuery,
        most: usize,
        start: Option<Item>,
    ) -> Result<QueryPage, Failure> {
        let mut attributes = LISTED.to_vec();
        attributes.extend(query.trigger_message.as_ref().map(|_| TRIGGER_MESSAGE_ID));
        self.query(&keys::runs(chat), Order::Descending, Some(most), start, Some(&attributes)).await
    }

    /// The page of a chat's runs, newest first. Without a filter everything for it was read.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the table does not answer; `Problem::Internal` when what is stored does not
    /// decode.
    pub async fn run_page(&self, chat: &OwnedChat, runs: UnprovenRuns) -> Result<RunPage, Failure> {
        let UnprovenRuns { chat: of, query, first: mut page } = runs;
        if of != chat.id() {
            return Err(Failure::internal("runs of another chat"));
        }
        let mut runs: Vec<Run> = Vec::new();
        let mut left = if query.is_filtered() { MAX_LOOKED_AT } else { usize::MAX };
        loop {
            left = left.saturating_sub(page.items.len());
            for item in page.items {
                let Some(item) = item.read()?.unexpired(self.now()) else { continue };
                let (run, trigger) = listed(of, item)?;
                if query.wants(&run, trigger.as_ref()) {
                    runs.push(run);
                }
            }
            if runs.len() > query.limit {
                runs.truncate(query.limit);
                let next = runs.last().map(|run| run.id);
                return Ok(RunPage { runs, next });
            }
            let Some(start) = page.next else { return Ok(RunPage { runs, next: None }) };
            if left == 0 {
                let next = Attributes::from(start).sort_key().and_then(keys::run_of);
                return Ok(RunPage { runs, next });
            }
            let missing = query.limit + 1 - runs.len();
            let most = if query.is_filtered() { FILTERED_QUERY.max(missing) } else { missing };
            page = self.query_runs(of, &query, most.min(left), Some(start)).await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::super::{item::number, records::run::RunRecord},
        *,
    };
    use api::redaction::Redaction;
    use api::{
        ids::{ModelConfigId, StepNumber},
        time::Timestamp,
    };
    use uuid::Uuid;

    #[test]
    fn a_list_asks_for_all_that_it_shows() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let id = Uuid::from_u128;
        let run = RunRecord {
            chat: ChatId::from_uuid(id(1)),
            id: RunId::from_uuid(id(2)),
            kind: RunKind::Compaction,
            status: Status::Error,
            started_at: at("2026-01-02T03:04:05Z"),
            finished_at: Some(at("2026-01-02T03:04:06Z")),
            created_at: at("2026-01-02T03:04:07Z"),
            updated_at: at("2026-01-02T03:04:08Z"),
            provider: Some("provider".into()),
            model: Some("model".into()),
            first_message: Some("message".into()),
            root: Some(ChatId::from_uuid(id(3))),
            parent: Some(ChatId::from_uuid(id(4))),
            model_config: Some(ModelConfigId::from_uuid(id(5))),
            trigger_message: Some(MessageId::from(6)),
            history_tip: "m-7".parse().ok().map(MessageId::Text),
            post_digest: vec![8],
            totals: Totals::from_values([9, 10, 11, 12, 13, 14, 15, 16]),
            first_step: StepNumber::try_from(16).ok(),
            endpoint_label: Some("POST /label".into()),
            last_message: Some(17),
            revision: 18,
            is_posted_turn: true,
            redaction: Some(Redaction { rules: 1, total: 1, ..Redaction::default() }),
        };
        let mut item = run.item();
        item.insert(EXPIRES_AT.to_owned(), number(i64::MAX));
        assert_eq!(RunRecord::read(item.clone().into()).as_ref(), Ok(&run));
        item.retain(|name, _| LISTED.contains(&name.as_str()));
        assert_eq!(item.len(), LISTED.len());
        assert_eq!(listed(run.chat, item.into()), Ok((run.into(), None)));
    }
}
