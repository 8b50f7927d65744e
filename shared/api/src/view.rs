//! One view of a step, whoever the provider is: what was asked, what came back, and what could not be read.
//!
//! It is made by the crate `llm`; everything here is plain data with a JSON form. Texts are decoded; what is not text
//! (arguments, schemas, whatever is unknown) stands as the JSON text that was sent, since its numbers and halves of
//! characters need not survive another reader. Each part says where it came from ([`Source`]), so that a reader can go
//! from it to the bytes and back.

mod room;

use crate::{
    content::ContentName,
    ids::StepNumber,
    step::{Count, Includes, Usage},
};
use serde::{Deserialize, Serialize};
use std::{
    hash::{Hash, Hasher},
    ops::{Not, Range},
};

/// A step of a run as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ViewedStep {
    /// Its place in the run.
    pub step_number: StepNumber,
    /// What is to be read in it.
    #[serde(flatten)]
    pub view: StepView,
}

/// A step as a person reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct StepView {
    /// Who serves the model: a short name as `openai`, or the host when it is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The model that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_asked: Option<String>,
    /// The model that says it answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_answered: Option<String>,
    /// The provider's id of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_id: Option<String>,
    /// Whether a stream was asked for, or came back.
    pub is_stream: bool,
    /// What the request sets, in its order: sampling, limits, and whatever else is no message and no tool.
    pub parameters: Vec<Parameter>,
    /// The tools that the model may call.
    pub tools: Vec<Tool>,
    /// What the model was given, instructions first.
    pub messages: Vec<Message>,
    /// How many of the messages, from the first on, the step before was given too.
    pub messages_before: usize,
    /// What the model said: one for each choice or result, none when nothing came.
    pub answer: Vec<Choice>,
    /// Token counts, when the recorder or the provider gave any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Tokens>,
    /// The content that says them; none when they are the recorder's `usage`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_from: Option<ContentName>,
    /// What of them is part of what; there when they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_include: Option<Includes>,
    /// Milliseconds from the call to the first token, as the provider says, or else to the first byte of a stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_token_ms: Option<u64>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it ended so, in the provider's words where there are any; nothing when it was completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// The HTTP attempts, in order.
    pub attempts: Vec<AttemptView>,
    /// What could not be read, and where.
    pub unread: Vec<Unread>,
    /// How many bytes of texts an answer had no room for; they are empty here, and the step's contents have them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<usize>,
}

/// One setting of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Parameter {
    /// Its name; a dot leads into an object of settings, as in `generationConfig.temperature`.
    pub name: String,
    /// Its value as JSON text.
    pub value: String,
    /// How many bytes of it an answer had no room for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<usize>,
}

/// A tool that the model may call.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Tool {
    /// Its name; the name of its kind when it has none, as `web_search`.
    pub name: String,
    /// What the model is told about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The whole declaration as JSON text.
    pub raw: String,
    /// How many bytes of it an answer had no room for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<usize>,
}

/// A message that the model was given.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Message {
    /// `system`, `user`, `assistant`, `tool`, or the provider's own word.
    pub role: String,
    /// Who of several, when the message names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it holds, in order.
    pub parts: Vec<Part>,
}

/// A part of a message or of an answer. Parts are equal when their contents are, wherever they came from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Part {
    /// What it is.
    #[serde(flatten)]
    pub content: Content,
    /// Where it came from.
    pub source: Source,
    /// How many bytes of its texts an answer had no room for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<usize>,
}

/// What a part is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// What the model thought before it spoke.
    Thinking {
        /// Its text; empty when the provider keeps it to itself.
        text: String,
        /// Whether it came encrypted or redacted.
        #[serde(default, skip_serializing_if = "Not::not")]
        is_hidden: bool,
    },
    /// The model declines, in its words.
    Refusal {
        /// The words.
        text: String,
    },
    /// The provider's summary of what it dropped from the conversation.
    Compaction {
        /// The summary.
        text: String,
    },
    /// The model calls a tool.
    ToolCall {
        /// The id that the result repeats.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// The tool; the name of its kind when it has no other, as `web_search`.
        name: String,
        /// Its arguments: mostly JSON text, of some tools plain text.
        arguments: String,
        /// Whether the provider runs the tool itself.
        #[serde(default, skip_serializing_if = "Not::not")]
        is_hosted: bool,
    },
    /// What a tool gave back.
    ToolResult {
        /// The id of its call.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// The tool: said by the result, or by the call that has its id.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// What it gave back; never a result in a result.
        parts: Vec<Part>,
        /// Whether it failed.
        #[serde(default, skip_serializing_if = "Not::not")]
        is_error: bool,
    },
    /// An image, a sound, a video or a file.
    Media {
        /// What it is.
        kind: MediaKind,
        /// Its media type, as `image/png`.
        #[serde(skip_serializing_if = "Option::is_none")]
        media_type: Option<String>,
        /// Its size in bytes, when it is there.
        #[serde(skip_serializing_if = "Option::is_none")]
        bytes: Option<u64>,
        /// Where it is, when it is elsewhere: a URL, or the id of a file.
        #[serde(skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
        /// Its name or title.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// Where the model says that it has something from.
    Citation {
        /// What is cited.
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// Where that is.
        #[serde(skip_serializing_if = "Option::is_none")]
        url: Option<String>,
        /// The words that are cited.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// Vectors that texts were turned into.
    Embeddings {
        /// How many.
        count: usize,
        /// How many numbers the first one has; `None` when it is encoded.
        #[serde(skip_serializing_if = "Option::is_none")]
        dimensions: Option<usize>,
    },
    /// Anything else, as it was sent.
    Other {
        /// The provider's name for it.
        name: String,
        /// It, as JSON text; one text a line when it came in pieces.
        raw: String,
    },
}

/// What a medium is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A sound.
    Audio,
    /// Moving pictures.
    Video,
    /// Anything else.
    File,
}

impl MediaKind {
    /// Its word, as it is serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::File => "file",
        }
    }
}

/// Where something came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// In which text.
    #[serde(flatten)]
    pub origin: Origin,
    /// Where in it.
    #[serde(flatten)]
    pub place: Place,
}

/// A text that a step holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "snake_case")]
pub enum Origin {
    /// The request in the chat product's own form.
    #[default]
    NormalizedRequest,
    /// The answer in the chat product's own form.
    NormalizedResponse,
    /// The body that an attempt sent, unpacked.
    Request {
        /// The attempt, from 1, by its place in the list.
        attempt: usize,
    },
    /// The body that came back, unpacked.
    Response {
        /// The attempt, from 1, by its place in the list.
        attempt: usize,
    },
}

/// A place in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Bytes that follow each other.
    Bytes(ByteRange),
    /// Runs of a stream's events, in order; of many, the last one spans what is between them too.
    Events(Vec<EventRun>),
}

/// Bytes that follow each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ByteRange {
    /// The first byte, from 0.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
}

/// Events of a stream that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct EventRun {
    /// The first event, from 1.
    pub first: u32,
    /// The last event.
    pub last: u32,
}

/// One of the answers that came back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Choice {
    /// Its number, as the provider counts; of a batch, its place in the file from 0.
    pub index: u64,
    /// The id of the request that it answers, in a file of many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the model said, in order.
    pub parts: Vec<Part>,
    /// Why it stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish: Option<Finish>,
}

/// Why the model stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Finish {
    /// In the provider's word.
    pub said: String,
    /// In ours.
    pub meaning: Meaning,
}

/// What a provider's word for the end means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// It had said all, or met a stop sequence.
    Stop,
    /// It reached a limit of tokens.
    Length,
    /// It waits for the results of tools.
    ToolCalls,
    /// Something was held back: a filter, a policy, a refusal.
    Filter,
    /// It goes on when it is asked to.
    Paused,
    /// It failed.
    Error,
    /// A word that is not known.
    Other,
}

/// Token counts under this API's names. Input is all that was sent, with cache reads and writes; output is all that
/// came back, with thinking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Tokens {
    /// Tokens sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<u64>,
    /// Tokens received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<u64>,
    /// What the provider says the total is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// The part of the output that is thinking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<u64>,
    /// The part of the input that was written to the provider's cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_creation: Option<u64>,
    /// The part of the input that was read from the provider's cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_read: Option<u64>,
    /// The counts as they were given, as JSON text.
    pub given: String,
}

/// How a step ended, by what the recorder and the bytes say; the worse ones come later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A whole answer came.
    #[default]
    Completed,
    /// The answer ends before its end.
    Interrupted,
    /// There is an error in the place of an answer, or within it.
    Error,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Failure {
    /// A sentence: the provider's, or ours where it has none.
    pub message: String,
    /// The provider's code or type of the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The provider's object as JSON text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

/// An HTTP attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct AttemptView {
    /// Its place among the attempts, from 1.
    pub attempt: usize,
    /// The HTTP status that came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it ended so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// Why it was tried again, in the recorder's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_reason: Option<String>,
    /// How long the next one waited, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_delay_ms: Option<u64>,
    /// How long the first byte took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_byte_ms: Option<u64>,
    /// The body that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<BodyView>,
    /// The body that came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<BodyView>,
}

/// What a body is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct BodyView {
    /// Its size in bytes, as it was sent.
    pub bytes: usize,
    /// How it was packed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packing: Option<Packing>,
    /// How its content is laid out.
    pub framing: Framing,
    /// How many events it has, when it is a stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<usize>,
}

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Packing {
    /// RFC 1952.
    Gzip,
    /// RFC 1950.
    Deflate,
    /// RFC 8878.
    Zstd,
    /// RFC 7932; it is named and not unpacked.
    Brotli,
}

/// How a body's content is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Framing {
    /// Nothing.
    Empty,
    /// One JSON value, perhaps cut.
    Json,
    /// Server-sent events.
    Sse,
    /// A JSON value on each line.
    Lines,
    /// An array of chunks, as Gemini streams it.
    Array,
    /// The frames of `application/vnd.amazon.eventstream`.
    Amazon,
    /// Text of another kind.
    Text,
    /// Bytes that are no text.
    Binary,
}

/// Something that was not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Unread {
    /// Where it is.
    pub source: Source,
    /// What it is, for a person: `3,000 bytes, audio/mpeg`.
    pub what: String,
}

impl Default for Place {
    fn default() -> Self {
        Self::Bytes(ByteRange::default())
    }
}

impl From<Range<usize>> for Place {
    fn from(Range { start, end }: Range<usize>) -> Self {
        Self::Bytes(ByteRange { start, end })
    }
}

impl Place {
    /// The place of an event.
    pub fn event(number: u32) -> Self {
        Self::Events(vec![EventRun { first: number, last: number }])
    }

    /// The most runs that are told apart; the last one spans what comes behind.
    const MOST_RUNS: usize = 32;

    /// Adds the events of another place, which are no earlier ones.
    pub fn join(&mut self, other: &Self) {
        let Self::Events(more) = other else { return };
        let Self::Events(runs) = self else {
            self.clone_from(other);
            return;
        };
        for run in more {
            let is_full = runs.len() >= Self::MOST_RUNS;
            match runs.last_mut() {
                Some(last) if is_full || run.first <= last.last + 1 => last.last = last.last.max(run.last),
                _ => runs.push(*run),
            }
        }
    }
}

impl StepView {
    /// Counts the messages that the step before was given too.
    pub fn compare(&mut self, before: &Self) {
        let pairs = self.messages.iter().zip(&before.messages);
        self.messages_before = pairs.take_while(|(own, before)| own == before).count();
    }
}

impl Tokens {
    /// The counts of a usage.
    pub fn of(usage: &Usage) -> Self {
        let counts = usage.counts();
        let plain = |count: Option<Count>| count.map(Count::get);
        Self {
            input: plain(counts.input_tokens),
            output: plain(counts.output_tokens),
            total: plain(counts.total_tokens),
            reasoning: plain(counts.reasoning_tokens),
            cache_creation: plain(counts.cache_creation_tokens),
            cache_read: plain(counts.cache_read_tokens),
            given: usage.sent().get().to_owned(),
        }
    }
}

impl Framing {
    /// Whether the content is the events of a stream.
    pub fn is_stream(self) -> bool {
        matches!(self, Self::Sse | Self::Lines | Self::Array | Self::Amazon)
    }
}

impl Part {
    /// The text, when it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text { text } => Some(text),
            _ => None,
        }
    }
}

impl Message {
    /// Whether the model said it.
    pub fn is_models(&self) -> bool {
        self.role == "assistant"
    }

    /// Its text alone, a line for each part.
    pub fn text(&self) -> String {
        self.parts.iter().filter_map(Part::text).collect::<Vec<_>>().join("\n")
    }
}

impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        self.content == other.content
    }
}

impl Eq for Part {}

impl Hash for Part {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.content.hash(state);
    }
}
