//! What a recording lost on its way into the table: as its owner reads it, and as its recorder is told.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most entries of a receipt; the others are only counted.
pub const MAX_RECEIPT_ENTRIES: usize = 100;
/// The same for a run's own members, which are read with every list.
pub const MAX_RUN_RECEIPT_ENTRIES: usize = 4;

/// What was taken out of a step, or of a run's own members. What stands where it was names the rule as well.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Redaction {
    /// The version of the rules that were in force.
    pub rules: u32,
    /// How much was taken, bodies that were withheld included.
    pub total: u32,
    /// What was found, by place and rule; none when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<RuleFound>,
    /// The bodies that could not be read, and so were not stored; none when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<BodyWithheld>,
    /// How many entries more there are; none when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<u32>,
}

impl Redaction {
    /// Names the first entries alone, and counts the others.
    #[must_use]
    pub fn naming(mut self, most: usize) -> Self {
        let beyond = self.found.len().saturating_sub(most);
        self.found.truncate(most);
        let more = self.more.unwrap_or_default().saturating_add(u32::try_from(beyond).unwrap_or(u32::MAX));
        self.more = (more > 0).then_some(more);
        self
    }
}

/// How often a rule took something from a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct RuleFound {
    /// The rule's name, as masks have it.
    pub rule: String,
    /// The place, as a JSON Pointer from the step or the run: of this API's members, never of the recorder's.
    pub at: String,
    /// How often.
    pub count: u32,
}

/// A body that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct BodyWithheld {
    /// The place, as a JSON Pointer from the step.
    pub at: String,
    /// Why: `brotli`, `compress`, `broken`, `bomb`, `unreadable` and the like.
    pub why: String,
    /// How long it was.
    pub bytes: u64,
}

/// What a request lost, without a word of where: what its recorder is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct RedactionCounts {
    /// How much was taken, bodies that were withheld included.
    pub total: u32,
    /// How often each rule took something; `withheld` stands for bodies that could not be read.
    pub by_rule: BTreeMap<String, u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_is_counted() {
        let found = |count| RuleFound { rule: "jwt".to_owned(), at: "/model".to_owned(), count };
        let all = Redaction { total: 6, found: (1..=3).map(found).collect(), more: Some(4), ..Redaction::default() };
        assert_eq!(all.clone().naming(3), all);
        let fewer = Redaction { found: vec![found(1)], more: Some(6), ..all.clone() };
        assert_eq!(all.naming(1), fewer);
        assert_eq!(Redaction::default().naming(0), Redaction::default());
    }
}
