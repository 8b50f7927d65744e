//! Runs as they stand in the table, and the list of them.

use super::{
    Order, Page, Store,
    item::{EXPIRES_AT, Item, Read, Undecodable, bytes, message, number, put, required, text, time},
    keys,
};
use crate::{
    access::proof::{OwnedChat, UnprovenChat},
    failure::Failure,
};
use api::{
    ids::{ChatId, MessageId, MessageText, ModelConfigId, RunId, StepNumber},
    json::StringEnum,
    run::{Run, RunDetail, RunKind, Summary},
    status::Status,
    step::{Count, StepInput, TokenCounts, Usage},
    time::Timestamp,
};

/// How many runs a page looks at when it filters.
const MAX_LOOKED_AT: usize = 1_000;
/// How many of them it looks at beside the proof of who owns them.
const FILTERED_BESIDE_PROOF: usize = 25;
/// How many runs one query of a filtered page looks at, once it is proven whose they are.
const FILTERED_QUERY: usize = 250;

/// What to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunQuery {
    /// The most runs to answer.
    pub limit: usize,
    /// Only runs that stand like this.
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

/// Runs, newest first, and the one to go on behind when there are more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPage {
    /// The runs.
    pub runs: Vec<Run>,
    /// Where the next page begins.
    pub next: Option<RunId>,
}

/// A run's item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// Its chat.
    pub chat: ChatId,
    /// Its id.
    pub id: RunId,
    /// What it was for.
    pub kind: RunKind,
    /// Where it stands.
    pub status: Status,
    /// By the recorder's clock.
    pub started_at: Timestamp,
    /// By the recorder's clock, or the server's when it named none.
    pub finished_at: Option<Timestamp>,
    /// By the server's clock.
    pub created_at: Timestamp,
    /// By the server's clock.
    pub updated_at: Timestamp,
    /// Who serves the model.
    pub provider: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// How the turn began.
    pub first_message: Option<String>,
    /// The first chat of the chat's family.
    pub root: Option<ChatId>,
    /// The chat that the chat came from.
    pub parent: Option<ChatId>,
    /// The model configuration.
    pub model_config: Option<ModelConfigId>,
    /// The message that started the turn.
    pub trigger_message: Option<MessageId>,
    /// The newest message of the history.
    pub history_tip: Option<MessageId>,
    /// What was posted, as a digest: the same again is the same answer. Steps that a crashed post
    /// left behind name another.
    pub digest: Vec<u8>,
    /// What its steps add up to.
    pub totals: Totals,
    /// The lowest step number.
    pub first_step: Option<StepNumber>,
    /// "METHOD /path" of that step's first completed attempt.
    pub endpoint_label: Option<String>,
}

/// What a run's steps add up to. Kept in the write of every step, so it always equals a recount.
///
/// The sums are exact, so that a step that is replaced is taken off again; answers show no more than
/// [`Count::MAX`] of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Steps.
    pub steps: i128,
    /// Steps that failed.
    pub errors: i128,
    /// Tokens sent.
    pub input: i128,
    /// Tokens received.
    pub output: i128,
    /// Tokens of reasoning.
    pub reasoning: i128,
    /// Tokens written to the cache.
    pub cache_creation: i128,
    /// Tokens read from the cache.
    pub cache_read: i128,
}

impl Totals {
    /// The attributes' names, in the order of [`Self::values`].
    pub(super) const NAMES: [&str; 7] = [
        "steps",
        "errors",
        "input_tokens",
        "output_tokens",
        "reasoning_tokens",
        "cache_creation_tokens",
        "cache_read_tokens",
    ];

    /// What one step adds. Interrupted is no error, whatever the step says beside it; so is a step that
    /// goes on, since it reads as interrupted once the totals are shown.
    pub fn of(step: &StepInput) -> Self {
        let counts = step.usage.as_ref().map_or_else(TokenCounts::default, Usage::counts);
        let count = |count: Option<Count>| i128::from(count.unwrap_or_default().get());
        let failed = match step.status {
            Status::Error => true,
            Status::Interrupted | Status::InProgress => false,
            Status::Completed => step.error.is_some(),
        };
        Self {
            steps: 1,
            errors: failed.into(),
            input: count(counts.input_tokens),
            output: count(counts.output_tokens),
            reasoning: count(counts.reasoning_tokens),
            cache_creation: count(counts.cache_creation_tokens),
            cache_read: count(counts.cache_read_tokens),
        }
    }

    pub(super) const fn values(self) -> [i128; 7] {
        [self.steps, self.errors, self.input, self.output, self.reasoning, self.cache_creation, self.cache_read]
    }

    const fn from_values([steps, errors, input, output, reasoning, cache_creation, cache_read]: [i128; 7]) -> Self {
        Self { steps, errors, input, output, reasoning, cache_creation, cache_read }
    }

    fn zip(self, other: Self, join: impl Fn(i128, i128) -> i128) -> Self {
        let mut values = self.values();
        for (value, other) in values.iter_mut().zip(other.values()) {
            *value = join(*value, other);
        }
        Self::from_values(values)
    }

    pub(super) fn read(read: &mut Read<'_>) -> Result<Self, Undecodable> {
        let mut values = [0; 7];
        for (value, name) in values.iter_mut().zip(Self::NAMES) {
            *value = read.number(name)?.unwrap_or(0);
        }
        Ok(Self::from_values(values))
    }

    pub(super) fn write(self, item: &mut Item) {
        for (name, value) in Self::NAMES.into_iter().zip(self.values()) {
            put(item, name, (value != 0).then(|| number(value)));
        }
    }
}

impl std::ops::Sub for Totals {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.zip(other, |left, right| left - right)
    }
}

impl std::iter::Sum for Totals {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::default(), |sum, next| sum.zip(next, |left, right| left + right))
    }
}

impl RunRecord {
    pub(super) fn read(mut read: Read<'_>) -> Result<Self, Undecodable> {
        let chat = read.borrowed("pk")?.and_then(|pk| keys::chat_of(&pk));
        Ok(Self {
            chat: required(chat, "pk")?,
            id: required(read.borrowed("sk")?.and_then(|sk| keys::run_of(&sk)), "sk")?,
            kind: required(read.string_enum("kind")?, "kind")?,
            status: required(read.string_enum("status")?, "status")?,
            started_at: required(read.time("started_at")?, "started_at")?,
            finished_at: read.time("finished_at")?,
            created_at: required(read.time("created_at")?, "created_at")?,
            updated_at: required(read.time("updated_at")?, "updated_at")?,
            provider: read.text("provider")?,
            model: read.text("model")?,
            first_message: read.text("first_message")?,
            root: read.parsed("root_chat_id")?,
            parent: read.parsed("parent_chat_id")?,
            model_config: read.parsed("model_config_id")?,
            trigger_message: read.message(TRIGGER)?,
            history_tip: read.message("history_tip_message_id")?,
            digest: required(read.bytes("digest")?, "digest")?,
            totals: Totals::read(&mut read)?,
            first_step: read.number::<u64>("first_step")?.and_then(|number| number.try_into().ok()),
            endpoint_label: read.text("endpoint_label")?,
        })
    }
}

/// The attribute that a list does not show and may look for.
const TRIGGER: &str = "trigger_message_id";

/// What a list shows of a run. What it does not show, the digest above all, stays in the table.
const LISTED: [&str; 18] = {
    let [steps, errors, input, output, reasoning, cache_creation, cache_read] = Totals::NAMES;
    [
        "sk",
        EXPIRES_AT,
        "kind",
        "status",
        "started_at",
        "finished_at",
        "updated_at",
        "provider",
        "model",
        "first_message",
        "endpoint_label",
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
fn listed(chat_id: ChatId, mut read: Read<'_>) -> Result<(Run, Option<MessageId>), Undecodable> {
    let status = required(read.string_enum("status")?, "status")?;
    let trigger = read.message(TRIGGER)?;
    let run = Run {
        id: required(read.borrowed("sk")?.and_then(|sk| keys::run_of(&sk)), "sk")?,
        chat_id,
        kind: required(read.string_enum("kind")?, "kind")?,
        status,
        started_at: required(read.time("started_at")?, "started_at")?,
        updated_at: required(read.time("updated_at")?, "updated_at")?,
        finished_at: read.time("finished_at")?,
        provider: read.text("provider")?,
        model: read.text("model")?,
        summary: summary(status, Totals::read(&mut read)?, read.text("first_message")?, read.text("endpoint_label")?),
    };
    Ok((run, trigger))
}

impl RunRecord {
    pub(super) fn item(&self) -> Item {
        let mut item = keys::run(self.chat, self.id).item();
        put(&mut item, "kind", Some(text(self.kind.as_str())));
        put(&mut item, "status", Some(text(self.status.as_str())));
        put(&mut item, "started_at", Some(time(self.started_at)));
        put(&mut item, "finished_at", self.finished_at.map(time));
        put(&mut item, "created_at", Some(time(self.created_at)));
        put(&mut item, "updated_at", Some(time(self.updated_at)));
        put(&mut item, "provider", self.provider.as_deref().map(text));
        put(&mut item, "model", self.model.as_deref().map(text));
        put(&mut item, "first_message", self.first_message.as_deref().map(text));
        put(&mut item, "root_chat_id", self.root.map(|id| text(id.to_string())));
        put(&mut item, "parent_chat_id", self.parent.map(|id| text(id.to_string())));
        put(&mut item, "model_config_id", self.model_config.map(|id| text(id.to_string())));
        put(&mut item, TRIGGER, self.trigger_message.as_ref().map(message));
        put(&mut item, "history_tip_message_id", self.history_tip.as_ref().map(message));
        put(&mut item, "digest", Some(bytes(self.digest.as_slice())));
        put(&mut item, "first_step", self.first_step.map(number));
        put(&mut item, "endpoint_label", self.endpoint_label.as_deref().map(text));
        self.totals.write(&mut item);
        item
    }
}

impl From<RunRecord> for Run {
    fn from(run: RunRecord) -> Self {
        Self {
            id: run.id,
            chat_id: run.chat,
            kind: run.kind,
            status: run.status,
            summary: summary(run.status, run.totals, run.first_message, run.endpoint_label),
            provider: run.provider,
            model: run.model,
            started_at: run.started_at,
            updated_at: run.updated_at,
            finished_at: run.finished_at,
        }
    }
}

/// The totals stand in the item from the first step on; they are shown once they are final.
fn summary(status: Status, totals: Totals, first_message: Option<String>, endpoint_label: Option<String>) -> Summary {
    if !status.is_final() {
        return Summary { first_message, ..Summary::default() };
    }
    let shown = |total| Count::clamped(total).get();
    let above_zero = |total| Some(shown(total)).filter(|total| *total > 0);
    Summary {
        first_message,
        step_count: u32::try_from(totals.steps).ok(),
        total_input_tokens: Some(shown(totals.input)),
        total_output_tokens: Some(shown(totals.output)),
        total_reasoning_tokens: above_zero(totals.reasoning),
        total_cache_creation_tokens: above_zero(totals.cache_creation),
        total_cache_read_tokens: above_zero(totals.cache_read),
        has_error: (totals.errors > 0).then_some(true),
        endpoint_label,
    }
}

/// When a run ends: as it says, or now when its status is final; but never before its start.
pub(super) fn end(
    status: Option<Status>,
    named: Option<Timestamp>,
    start: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    named.or_else(|| status.is_some_and(Status::is_final).then_some(now)).map(|end| end.max(start))
}

impl RunRecord {
    /// The run's page. `complete` says whether `steps` are all that there are.
    pub fn detail<S>(mut self, steps: Vec<S>, complete: bool) -> RunDetail<S> {
        RunDetail {
            root_chat_id: self.root,
            parent_chat_id: self.parent,
            model_config_id: self.model_config,
            trigger_message_id: self.trigger_message.take(),
            history_tip_message_id: self.history_tip.take(),
            run: self.into(),
            steps,
            steps_complete: (!complete).then_some(false),
        }
    }
}

/// The newest runs of a chat, read beside the proof of who owns it.
pub struct Runs {
    chat: ChatId,
    query: RunQuery,
    first: Page,
}

impl Store {
    /// Begins to read a chat's runs: as many as the page wants, and one that says that there are more; or a few of
    /// them, when a filter can want many.
    pub async fn runs(&self, chat: &UnprovenChat, query: RunQuery) -> Result<Runs, Failure> {
        let start = query.before.map(|run| keys::run(chat.id(), run).item());
        let most = if query.is_filtered() { FILTERED_BESIDE_PROOF } else { query.limit + 1 };
        let first = self.query_runs(chat.id(), &query, most, start).await?;
        Ok(Runs { chat: chat.id(), query, first })
    }

    async fn query_runs(
        &self,
        chat: ChatId,
        query: &RunQuery,
        most: usize,
        start: Option<Item>,
    ) -> Result<Page, Failure> {
        let mut attributes = LISTED.to_vec();
        attributes.extend(query.trigger_message.as_ref().map(|_| TRIGGER));
        self.query(&keys::runs(chat), Order::Descending, Some(most), start, Some(&attributes)).await
    }

    /// The page of a chat's runs, newest first. Without a filter everything for it is there.
    pub async fn run_page(&self, chat: &OwnedChat, runs: Runs) -> Result<RunPage, Failure> {
        let Runs { chat: of, query, first: mut page } = runs;
        if of != chat.id() {
            return Err(Failure::internal("runs of another chat"));
        }
        let mut runs: Vec<Run> = Vec::new();
        let mut left = if query.is_filtered() { MAX_LOOKED_AT } else { usize::MAX };
        loop {
            left = left.saturating_sub(page.items.len());
            for item in page.items {
                let Some(item) = item.read()?.unexpired(self.clock.now()) else { continue };
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
                let next = Read::from(start).sort_key().and_then(keys::run_of);
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
    use super::*;
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
            digest: vec![8],
            totals: Totals::from_values([9, 10, 11, 12, 13, 14, 15]),
            first_step: StepNumber::try_from(16).ok(),
            endpoint_label: Some("POST /label".into()),
        };
        let mut item = run.item();
        item.insert(EXPIRES_AT.to_owned(), number(i64::MAX));
        assert_eq!(RunRecord::read(item.clone().into()).as_ref(), Ok(&run));
        item.retain(|name, _| LISTED.contains(&name.as_str()));
        assert_eq!(item.len(), LISTED.len());
        assert_eq!(listed(run.chat, item.into()), Ok((run.into(), None)));
    }
}
