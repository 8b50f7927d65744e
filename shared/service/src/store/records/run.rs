//! A run's item.

use super::{
    super::{
        item::{Attributes, Item, Undecodable, bytes, flag, message, number, put, required, text, time},
        keys,
    },
    names::{
        CREATED_AT, ENDPOINT_LABEL, FINISHED_AT, FIRST_MESSAGE, FIRST_STEP, HISTORY_TIP_MESSAGE_ID, LAST_MESSAGE_ID,
        MODEL_CONFIG_ID, PARENT_CHAT_ID, ROOT_CHAT_ID, STARTED_AT, TRIGGER_MESSAGE_ID, UPDATED_AT,
    },
    totals::Totals,
};
use api::{
    ids::{ChatId, MessageId, ModelConfigId, RunId, StepNumber},
    json::StringEnum,
    redaction::Redaction,
    run::{Run, RunDetail, RunKind, Summary},
    status::Status,
    step::Count,
    time::Timestamp,
};
use aws_sdk_dynamodb::types::AttributeValue;

/// How often it changed; absent while it did not.
pub(in crate::store) const REVISION: &str = "revision";
/// What was taken out of its own members.
pub(in crate::store) const REDACTION: &str = "redaction";
/// What was posted, as a digest.
const POST_DIGEST: &str = "digest";
/// That it is a posted turn.
const POSTED_TURN: &str = "posted";

/// A run's item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// Its chat.
    pub chat: ChatId,
    /// Its id.
    pub id: RunId,
    /// What it was for.
    pub kind: RunKind,
    /// Its status.
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
    /// What was posted, as a digest: the same again is the same answer. Steps that a crashed post left behind name
    /// another.
    pub post_digest: Vec<u8>,
    /// What its steps add up to.
    pub totals: Totals,
    /// The lowest step number.
    pub first_step: Option<StepNumber>,
    /// "METHOD /path" of that step's first completed attempt.
    pub endpoint_label: Option<String>,
    /// The greatest number that a step named as a message's id. A step that is replaced does not lower it.
    pub last_message: Option<i64>,
    /// How often it changed, steps included: 0 when it is new.
    pub revision: u64,
    /// Whether its steps were posted with it and never change: its anchor has them then. Else they are items of their own.
    pub is_posted_turn: bool,
    /// What was taken out of its own members.
    pub redaction: Option<Redaction>,
}

#[cfg(test)]
impl RunRecord {
    /// An open run without steps.
    pub(crate) fn open(started_at: Timestamp) -> Self {
        Self {
            chat: ChatId::from_uuid(uuid::Uuid::from_u128(1)),
            id: RunId::from_uuid(uuid::Uuid::from_u128(2)),
            kind: RunKind::ChatTurn,
            status: Status::InProgress,
            started_at,
            finished_at: None,
            created_at: started_at,
            updated_at: started_at,
            provider: None,
            model: None,
            first_message: None,
            root: None,
            parent: None,
            model_config: None,
            trigger_message: None,
            history_tip: None,
            post_digest: vec![1],
            totals: Totals::default(),
            first_step: None,
            endpoint_label: None,
            last_message: None,
            revision: 0,
            is_posted_turn: false,
            redaction: None,
        }
    }
}

impl RunRecord {
    pub(in crate::store) fn read(mut attributes: Attributes<'_>) -> Result<Self, Undecodable> {
        let chat = attributes.borrowed("pk")?.and_then(|pk| keys::chat_of(&pk));
        let created_at = required(attributes.time(CREATED_AT)?, CREATED_AT)?;
        Ok(Self {
            chat: required(chat, "pk")?,
            id: required(attributes.borrowed("sk")?.and_then(|sk| keys::run_of(&sk)), "sk")?,
            kind: required(attributes.string_enum("kind")?, "kind")?,
            status: required(attributes.string_enum("status")?, "status")?,
            started_at: required(attributes.time(STARTED_AT)?, STARTED_AT)?,
            finished_at: attributes.time(FINISHED_AT)?,
            created_at,
            updated_at: attributes.time(UPDATED_AT)?.unwrap_or(created_at),
            provider: attributes.text("provider")?,
            model: attributes.text("model")?,
            first_message: attributes.text(FIRST_MESSAGE)?,
            root: attributes.parsed(ROOT_CHAT_ID)?,
            parent: attributes.parsed(PARENT_CHAT_ID)?,
            model_config: attributes.parsed(MODEL_CONFIG_ID)?,
            trigger_message: attributes.message(TRIGGER_MESSAGE_ID)?,
            history_tip: attributes.message(HISTORY_TIP_MESSAGE_ID)?,
            post_digest: required(attributes.bytes(POST_DIGEST)?, POST_DIGEST)?,
            totals: Totals::read(&mut attributes)?,
            first_step: attributes.number::<u64>(FIRST_STEP)?.and_then(|number| number.try_into().ok()),
            endpoint_label: attributes.text(ENDPOINT_LABEL)?,
            last_message: attributes.number(LAST_MESSAGE_ID)?,
            revision: attributes.number(REVISION)?.unwrap_or(0),
            is_posted_turn: attributes.flag(POSTED_TURN)?.unwrap_or(false),
            // It says what was done, and a run is more than that.
            redaction: attributes.borrowed(REDACTION)?.and_then(|text| serde_json::from_str(&text).ok()),
        })
    }
}

impl RunRecord {
    pub(in crate::store) fn item(&self) -> Item {
        let mut item = keys::run(self.chat, self.id).item();
        put(&mut item, "kind", Some(text(self.kind.as_str())));
        put(&mut item, "status", Some(text(self.status.as_str())));
        put(&mut item, STARTED_AT, Some(time(self.started_at)));
        put(&mut item, FINISHED_AT, self.finished_at.map(time));
        put(&mut item, CREATED_AT, Some(time(self.created_at)));
        put(&mut item, UPDATED_AT, (self.updated_at != self.created_at).then(|| time(self.updated_at)));
        put(&mut item, "provider", self.provider.as_deref().map(text));
        put(&mut item, "model", self.model.as_deref().map(text));
        put(&mut item, FIRST_MESSAGE, self.first_message.as_deref().map(text));
        put(&mut item, ROOT_CHAT_ID, self.root.map(|id| text(id.to_string())));
        put(&mut item, PARENT_CHAT_ID, self.parent.map(|id| text(id.to_string())));
        put(&mut item, MODEL_CONFIG_ID, self.model_config.map(|id| text(id.to_string())));
        put(&mut item, TRIGGER_MESSAGE_ID, self.trigger_message.as_ref().map(message));
        put(&mut item, HISTORY_TIP_MESSAGE_ID, self.history_tip.as_ref().map(message));
        put(&mut item, POST_DIGEST, Some(bytes(self.post_digest.as_slice())));
        put(&mut item, FIRST_STEP, self.first_step.map(number));
        put(&mut item, ENDPOINT_LABEL, self.endpoint_label.as_deref().map(text));
        put(&mut item, LAST_MESSAGE_ID, self.last_message.map(number));
        put(&mut item, REVISION, (self.revision > 0).then(|| number(self.revision)));
        put(&mut item, POSTED_TURN, self.is_posted_turn.then(|| flag(true)));
        put(&mut item, REDACTION, self.redaction.as_ref().and_then(redaction_text));
        self.totals.write(&mut item);
        item
    }
}

/// A receipt as an attribute.
pub(in crate::store) fn redaction_text(redaction: &Redaction) -> Option<AttributeValue> {
    serde_json::to_string(redaction).ok().map(text)
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

/// The totals are in the item from the first step on; they are shown once they are final.
pub(in crate::store) fn summary(
    status: Status,
    totals: Totals,
    first_message: Option<String>,
    endpoint_label: Option<String>,
) -> Summary {
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
pub(in crate::store) fn end(
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
            redaction: self.redaction.take(),
            run: self.into(),
            steps,
            steps_complete: (!complete).then_some(false),
        }
    }
}
