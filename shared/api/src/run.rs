//! Runs on the wire: what a recorder posts and patches, what an owner lists and opens.

use crate::{
    external::ExternalId,
    ids::{ChatId, MessageId, ModelConfigId, RunId, UserId},
    json::{StringEnum, Violation, object, objects, recorded_text, string_enum},
    redaction::{Redaction, RedactionCounts},
    settings::Decision,
    status::Status,
    step::{Step, StepInput, settle_end},
    time::Timestamp,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};
use strum::{IntoStaticStr, VariantArray};

/// The longest `provider` or `model`, in bytes.
pub const MAX_NAME_BYTES: usize = 256;

/// The most steps in one post; more are put one by one. Beyond it a post could not be stored in time.
pub const MAX_STEPS: usize = 1_000;

/// What a run was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, IntoStaticStr, VariantArray)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RunKind {
    /// A turn of the conversation.
    ChatTurn,
    /// The chat's title was made.
    TitleGeneration,
    /// A quick generation in addition to the conversation.
    Quickgen,
    /// The conversation's history was made shorter.
    Compaction,
}

impl StringEnum for RunKind {}

impl<'de> Deserialize<'de> for RunKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        string_enum(deserializer)
    }
}

/// What a recorder may say of a run in addition to its state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "RunSummaryInput"))]
#[serde(deny_unknown_fields)]
pub struct SummaryInput {
    /// How the turn began; the server collapses white space and cuts it to 200 characters.
    #[serde(default, deserialize_with = "recorded_text", skip_serializing_if = "Option::is_none")]
    pub first_message: Option<String>,
}

/// `POST {chat}/debug/runs`: a new run, or a whole turn with its steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateRun {
    /// The chat's owner, whose opt-in counts. Only a bound key, which has one owner, may leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<UserId>,
    /// The chat product's own word for the chat: with the owner it makes the id in the path. A bound key needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<ExternalId>,
    /// What the run is for.
    pub kind: RunKind,
    /// The status.
    pub status: Status,
    /// When it started; never changes.
    pub started_at: Timestamp,
    /// A UUIDv7 of the millisecond of `started_at`; posting it again is safe. The server makes one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RunId>,
    /// When it ended; only with a final status. Before its start is at its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// Who serves the model, in at most 256 bytes of UTF-8.
    #[serde(default, deserialize_with = "recorded_text", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(length(max = MAX_NAME_BYTES)))]
    pub provider: Option<String>,
    /// The model, in at most 256 bytes of UTF-8.
    #[serde(default, deserialize_with = "recorded_text", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(length(max = MAX_NAME_BYTES)))]
    pub model: Option<String>,
    /// The first chat of the chat's family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_chat_id: Option<ChatId>,
    /// The chat that the chat came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_chat_id: Option<ChatId>,
    /// The model configuration that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_config_id: Option<ModelConfigId>,
    /// The message that started the turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger_message_id: Option<MessageId>,
    /// The newest message of the history that was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_tip_message_id: Option<MessageId>,
    /// The first message.
    #[serde(default, deserialize_with = "object", skip_serializing_if = "Option::is_none")]
    pub summary: Option<SummaryInput>,
    /// The turn's steps, in any order, each with its number.
    #[serde(default, deserialize_with = "objects", skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schemars(length(max = MAX_STEPS)))]
    pub steps: Vec<StepInput>,
}

/// `PATCH {chat}/debug/runs/{run}`: absent keeps, `{}` is a heartbeat.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateRun {
    /// The chat's owner; naming it saves a round trip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<UserId>,
    /// The chat product's own word for the chat: with the owner it makes the id in the path. A bound key needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<ExternalId>,
    /// The new status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// When the run ended; only with a final status, the server's now when absent. Before its start is
    /// at its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// Who serves the model, in at most 256 bytes of UTF-8.
    #[serde(default, deserialize_with = "recorded_text", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(length(max = MAX_NAME_BYTES)))]
    pub provider: Option<String>,
    /// The model, in at most 256 bytes of UTF-8.
    #[serde(default, deserialize_with = "recorded_text", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(length(max = MAX_NAME_BYTES)))]
    pub model: Option<String>,
    /// The model configuration that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_config_id: Option<ModelConfigId>,
    /// The message that started the turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger_message_id: Option<MessageId>,
    /// The newest message of the history that was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_tip_message_id: Option<MessageId>,
    /// The first message.
    #[serde(default, deserialize_with = "object", skip_serializing_if = "Option::is_none")]
    pub summary: Option<SummaryInput>,
}

/// The answer to a run's `POST` or a step's `PUT`: recorded, or why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordingOutcome {
    /// A run was recorded.
    Run(Box<Run>, Option<RedactionCounts>),
    /// A step was recorded.
    Step(Option<RedactionCounts>),
    /// Nothing was.
    Refused(Decision),
}

impl Serialize for RecordingOutcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("recorded", &!matches!(self, Self::Refused(_)))?;
        let redaction = match self {
            Self::Run(run, redaction) => {
                members.serialize_entry("run", run)?;
                redaction
            }
            Self::Step(redaction) => redaction,
            Self::Refused(decision) => {
                members.serialize_entry("decision", decision)?;
                &None
            }
        };
        if let Some(redaction) = redaction {
            members.serialize_entry("redaction", redaction)?;
        }
        members.end()
    }
}

impl<'de> Deserialize<'de> for RecordingOutcome {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct OutcomeBody {
            recorded: bool,
            run: Option<Box<Run>>,
            decision: Option<Decision>,
            redaction: Option<RedactionCounts>,
        }
        match OutcomeBody::deserialize(deserializer)? {
            OutcomeBody { recorded: true, run: Some(run), decision: None, redaction } => Ok(Self::Run(run, redaction)),
            OutcomeBody { recorded: true, run: None, decision: None, redaction } => Ok(Self::Step(redaction)),
            OutcomeBody { recorded: false, run: None, decision: Some(decision), .. } => Ok(Self::Refused(decision)),
            _ => Err(de::Error::custom("either `recorded` is true or there is a `decision`")),
        }
    }
}

/// The answer to a `DELETE` that ran out of time: from now on nobody sees what was deleted, and the same request
/// again removes what is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Deletion {
    /// Only ever `false`.
    pub complete: bool,
}

/// The answer to a `PATCH`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct RunState {
    /// The run.
    pub id: RunId,
    /// The status.
    pub status: Status,
    /// When the server last changed it.
    pub updated_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// What was taken out of the patch; nothing when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redaction: Option<RedactionCounts>,
}

/// A run as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Run {
    /// The run's id; newer starts sort higher.
    pub id: RunId,
    /// Its chat.
    pub chat_id: ChatId,
    /// What it was for.
    pub kind: RunKind,
    /// The status.
    pub status: Status,
    /// Who serves the model, in at most 256 bytes of UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(length(max = MAX_NAME_BYTES)))]
    pub provider: Option<String>,
    /// The model, in at most 256 bytes of UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(length(max = MAX_NAME_BYTES)))]
    pub model: Option<String>,
    /// First message and totals.
    pub summary: Summary,
    /// When it started, by the recorder's clock.
    pub started_at: Timestamp,
    /// When it last changed, by the server's clock.
    pub updated_at: Timestamp,
    /// When it ended, by the recorder's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

/// What the list says of a run's content. The totals are there once the run is final.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "RunSummary"))]
pub struct Summary {
    /// How the turn began, 200 characters at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_message: Option<String>,
    /// How many steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_count: Option<u32>,
    /// Tokens sent, over all steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_input_tokens: Option<u64>,
    /// Tokens received, over all steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_output_tokens: Option<u64>,
    /// Tokens of reasoning; only above 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_reasoning_tokens: Option<u64>,
    /// Tokens written to the provider's cache; only above 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_cache_creation_tokens: Option<u64>,
    /// Tokens read from the provider's cache; only above 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_cache_read_tokens: Option<u64>,
    /// Only when a step failed; an interrupted one did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_error: Option<bool>,
    /// "METHOD /path" of the first completed attempt of the first step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_label: Option<String>,
}

/// A run as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "RunDetail"))]
pub struct RunDetail<S = Step> {
    /// What the list says of it.
    #[serde(flatten)]
    pub run: Run,
    /// The first chat of the chat's family.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_chat_id: Option<ChatId>,
    /// The chat that the chat came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_chat_id: Option<ChatId>,
    /// The model configuration that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_config_id: Option<ModelConfigId>,
    /// The message that started the turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger_message_id: Option<MessageId>,
    /// The newest message of the history that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history_tip_message_id: Option<MessageId>,
    /// What was taken out of the run's own members; nothing when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redaction: Option<Redaction>,
    /// The steps, by number.
    pub steps: Vec<S>,
    /// Only ever `false`: the `Link` header's `next` leads to more steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps_complete: Option<bool>,
}

/// Checks a name against [`MAX_NAME_BYTES`].
fn check_name(member: &str, name: Option<&str>) -> Result<(), Violation> {
    match name {
        Some(name) if name.len() > MAX_NAME_BYTES => {
            Err(Violation::new(format!("/{member}"), "must be at most 256 bytes long"))
        }
        _ => Ok(()),
    }
}

/// Checks that an end comes with a final status.
fn check_end(status: Option<Status>, end: Option<Timestamp>) -> Result<(), Violation> {
    match end {
        Some(_) if !status.is_some_and(Status::is_final) => {
            Err(Violation::new("/finished_at", "must come with a final `status`"))
        }
        _ => Ok(()),
    }
}

impl CreateRun {
    /// How far ahead of the server's clock a start may lie, in microseconds: one day.
    const MAX_AHEAD: i64 = 86_400_000_000;

    /// Checks what the body's types do not, and brings it into the form that is stored, so that a turn that is posted
    /// again is the same however it is written.
    ///
    /// # Errors
    ///
    /// The first violation, for `Problem::InvalidBody`.
    pub fn check(&mut self, now: Timestamp) -> Result<(), Violation> {
        if self.started_at.micros() > now.micros() + Self::MAX_AHEAD {
            return Err(Violation::new("/started_at", "must lie at most a day ahead"));
        }
        if self.id.is_some_and(|id| id.millis() != Some(self.started_at.millis())) {
            return Err(Violation::new("/id", "must be a UUIDv7 of the millisecond of `started_at`"));
        }
        check_end(Some(self.status), self.finished_at)?;
        check_name("provider", self.provider.as_deref())?;
        check_name("model", self.model.as_deref())?;
        if self.steps.len() > MAX_STEPS {
            return Err(Violation::new("/steps", "must hold at most 1000 steps; put the others one by one"));
        }
        let mut seen = std::collections::BTreeSet::new();
        for (index, step) in self.steps.iter().enumerate() {
            let at = format!("/steps/{index}");
            let Some(number) = step.step_number else {
                return Err(Violation::new(at, "missing field `step_number`"));
            };
            if step.owner_id.is_some() {
                return Err(Violation::new(at, "unknown field `owner_id`"));
            }
            if step.external_id.is_some() {
                return Err(Violation::new(at, "unknown field `external_id`"));
            }
            if !seen.insert(number) {
                return Err(Violation::new(format!("{at}/step_number"), "must differ from every other step's"));
            }
        }
        settle_end(Some(self.started_at), &mut self.finished_at);
        self.summary = self.summary.take().filter(|summary| *summary != SummaryInput::default());
        self.steps.iter_mut().for_each(StepInput::settle);
        self.steps.sort_by_key(|step| step.step_number);
        Ok(())
    }
}

impl UpdateRun {
    /// Checks what the body's types do not.
    ///
    /// # Errors
    ///
    /// The first violation, for `Problem::InvalidBody`.
    pub fn check(&self) -> Result<(), Violation> {
        check_end(self.status, self.finished_at)?;
        check_name("provider", self.provider.as_deref())?;
        check_name("model", self.model.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse_body;

    #[test]
    fn what_became_of_a_recording_is_told_by_one_member() {
        let refused = r#"{"recorded":false,"decision":{"enabled":false,"decided_by":"gate"}}"#;
        let redacted = r#"{"recorded":true,"redaction":{"total":2,"by_rule":{"jwt":2}}}"#;
        for text in [r#"{"recorded":true}"#, redacted, refused] {
            let outcome: RecordingOutcome = serde_json::from_str(text).expect(text);
            assert_eq!(matches!(outcome, RecordingOutcome::Refused(_)), text == refused);
            assert_eq!(serde_json::to_string(&outcome).expect("JSON"), text);
        }
        for contradiction in [r#"{"recorded":false}"#, &refused.replace("false,\"dec", "true,\"dec"), "{}"] {
            assert!(serde_json::from_str::<RecordingOutcome>(contradiction).is_err(), "{contradiction}");
        }
    }

    #[test]
    fn a_run_with_its_steps_reads_back_as_it_was_written() {
        let id = "018f4e3c-9a1b-7def-8123-456789abcdef";
        let time = "2026-01-02T03:04:05Z";
        let text = format!(
            r#"{{"id":"{id}","chat_id":"{id}","kind":"chat_turn","status":"completed","summary":{{"step_count":1,"total_input_tokens":9007199254740991}},"started_at":"{time}","updated_at":"{time}","root_chat_id":"{id}","trigger_message_id":"m-1","history_tip_message_id":7,"steps":[{{"id":"{id}","run_id":"{id}","chat_id":"{id}","step_number":1,"operation":"generate","status":"completed","normalized_request":{{"n":1.0,"\ud83d":"\udc00"}},"attempts":[],"metadata":{{}},"started_at":"{time}","updated_at":"{time}"}}],"steps_complete":false}}"#
        );
        let detail: RunDetail = serde_json::from_str(&text).expect("a run");
        assert_eq!(serde_json::to_string(&detail).expect("JSON"), text);
    }

    fn turn(rest: &str) -> CreateRun {
        let start = r#""started_at":"2026-01-02T03:04:05Z""#;
        let body = format!(r#"{{"owner_id":"a","kind":"chat_turn","status":"completed",{start}{rest}}}"#);
        let mut turn: CreateRun = parse_body(body.as_bytes()).expect(rest);
        turn.check("2026-01-02T03:04:05Z".parse().expect("a time")).expect(rest);
        turn
    }

    #[test]
    fn a_turn_is_the_same_however_it_is_written() {
        let step = |rest: &str| {
            format!(r#"{{"operation":"stream","status":"completed","started_at":"2026-01-02T03:04:05Z",{rest}}}"#)
        };
        let plain = format!(r#","steps":[{},{}]"#, step(r#""step_number":1"#), step(r#""step_number":2"#));
        for other in [
            format!(r#","steps":[{},{}]"#, step(r#""step_number":2"#), step(r#""step_number":1"#)),
            format!(r#","steps":[{},{}]"#, step(r#""step_number":1.0"#), step(r#""step_number":2e0"#)),
            format!(
                r#","steps":[{},{}]"#,
                step(r#""step_number":1,"attempts":[],"metadata":{},"normalized_request":{}"#),
                step(r#""step_number":2,"attempts":null,"metadata":null,"normalized_request":null,"usage":null"#)
            ),
            format!(r#"{plain},"summary":{{}}"#),
            format!(r#"{plain},"summary":{{"first_message":null}}"#),
            format!(r#"{plain},"summary":null,"model":null,"trigger_message_id":null,"finished_at":null,"id":null"#),
        ] {
            assert_eq!(turn(&other), turn(&plain), "{other}");
        }
        let at = |time: &str| turn(&format!(r#","finished_at":"{time}""#));
        assert_eq!(at("2026-01-02T03:04:04Z"), at("2026-01-02T04:04:05+01:00"), "an end before the start is at it");
        assert_eq!(turn(r#","trigger_message_id":14.0"#), turn(r#","trigger_message_id":14"#));
        assert_ne!(turn(r#","trigger_message_id":"14""#), turn(r#","trigger_message_id":14"#));
        assert_eq!(turn(r#","steps":null"#), turn(""));
    }
}
