//! Outlines on the wire: what a step did, without what it holds.

use crate::{
    ids::StepNumber,
    status::Status,
    step::{AttemptStatus, Count, Operation},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// A step in short. What is too long is cut, with `…` at its end, and what is too much is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct StepOutline {
    /// Its place in the run.
    pub step_number: StepNumber,
    /// How the model was called.
    pub operation: Operation,
    /// The status.
    pub status: Status,
    /// When it started, by the recorder's clock.
    pub started_at: Timestamp,
    /// When it was last put, by the server's clock.
    pub updated_at: Timestamp,
    /// When it ended, by the recorder's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// Only ever `true`: it counts as failed in its run's summary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_error: Option<bool>,
    /// Tokens sent, above 0; this and the other counts are as in its run's totals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<Count>,
    /// Tokens received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<Count>,
    /// Tokens of reasoning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<Count>,
    /// Tokens written to the provider's cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_creation_tokens: Option<Count>,
    /// Tokens read from the provider's cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_read_tokens: Option<Count>,
    /// The model that answered, or else the one that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The names of the tools that the model called, each once, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools_called: Vec<String>,
    /// How many more tools it called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools_left_out: Option<u32>,
    /// The last HTTP attempts, in order.
    pub attempts: Vec<AttemptOutline>,
    /// How many attempts there were before these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts_left_out: Option<u32>,
    /// The size of `normalized_request`, in bytes.
    pub normalized_request_bytes: Count,
    /// The size of `normalized_response`, in bytes, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normalized_response_bytes: Option<Count>,
}

/// An attempt in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct AttemptOutline {
    /// Its place among the attempts.
    pub number: Count,
    /// Whether an answer was read to its end.
    pub status: AttemptStatus,
    /// The HTTP status that came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(range(min = 100, max = 599)))]
    pub response_status: Option<u16>,
    /// How long it took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<Count>,
    /// The size of the body that was sent, in bytes, if it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_bytes: Option<Count>,
    /// The size of the body that came back, in bytes, if it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_bytes: Option<Count>,
}
