//! What redaction would make of a step, before anything is recorded.

use crate::{redaction::Redaction, step::StepInput};
use serde::{Deserialize, Serialize};

/// What would be stored of a step, and what not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct RedactionPreview {
    /// The step without what was taken out.
    pub step: StepInput,
    /// What that was; nothing when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redaction: Option<Redaction>,
}
