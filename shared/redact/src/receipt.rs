//! What was taken out of a post, where, and what could not be looked at.

use crate::{mask::Rule, places::At};
use api::redaction::{BodyWithheld, MAX_RECEIPT_ENTRIES, Redaction, RedactionCounts, RuleFound};
use std::collections::BTreeMap;

/// The version of the rules. It counts up with each change of their tables, as a test sees to, and of how they are
/// read.
pub(crate) const VERSION: u32 = 12;

/// What a post lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    found: BTreeMap<(At, &'static str), u32>,
    withheld: BTreeMap<At, Withheld>,
}

/// A body that could not be read, and so is not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Withheld {
    why: &'static str,
    bytes: usize,
}

impl Receipt {
    pub(crate) fn add(&mut self, at: At, rule: Rule) {
        let count = self.found.entry((at, rule.name())).or_default();
        *count = count.saturating_add(1);
    }

    pub(crate) fn withhold(&mut self, at: At, why: &'static str, bytes: usize) {
        self.withheld.insert(at, Withheld { why, bytes });
    }

    /// What was found, by place and rule.
    pub fn found(&self) -> impl Iterator<Item = (At, &'static str, u32)> {
        self.found.iter().map(|(&(at, rule), &count)| (at, rule, count))
    }

    /// How often each rule took something, in the order of their names; `withheld` stands for bodies that were.
    pub fn by_rule(&self) -> BTreeMap<&'static str, u32> {
        let mut rules = BTreeMap::new();
        if !self.withheld.is_empty() {
            rules.insert("withheld", u32::try_from(self.withheld.len()).unwrap_or(u32::MAX));
        }
        for (_, rule, count) in self.found() {
            let all: &mut u32 = rules.entry(rule).or_default();
            *all = all.saturating_add(count);
        }
        rules
    }

    /// What its recorder is told; nothing when nothing was taken.
    pub fn counts(&self) -> Option<RedactionCounts> {
        let by_rule: BTreeMap<_, _> =
            self.by_rule().into_iter().map(|(rule, count)| (rule.to_owned(), count)).collect();
        let total = by_rule.values().fold(0, |total: u32, count| total.saturating_add(*count));
        (total > 0).then_some(RedactionCounts { total, by_rule })
    }

    /// What the owner is told of a turn's step, by its place in the post; nothing when nothing was taken.
    pub fn of_step(&self, step: usize) -> Option<Redaction> {
        self.told(Some(step))
    }

    /// What the owner is told of what is in no step of a turn: of a run's own members, or of a step that came alone.
    pub fn of_rest(&self) -> Option<Redaction> {
        self.told(None)
    }

    fn told(&self, step: Option<usize>) -> Option<Redaction> {
        let first = At { step, attempt: None, member: "" };
        let withheld = self.withheld.range(first..).take_while(|(at, _)| at.step == step);
        let found = self.found.range((first, "")..).take_while(|((at, _), _)| at.step == step);
        let mut told = Redaction { rules: VERSION, ..Redaction::default() };
        let mut entries = 0_usize;
        for (at, Withheld { why, bytes }) in withheld {
            told.total = told.total.saturating_add(1);
            entries += 1;
            if entries <= MAX_RECEIPT_ENTRIES {
                let bytes = u64::try_from(*bytes).unwrap_or(u64::MAX);
                told.withheld.push(BodyWithheld { at: at.within_step(), why: (*why).to_owned(), bytes });
            }
        }
        for ((at, rule), count) in found {
            told.total = told.total.saturating_add(*count);
            entries += 1;
            if entries <= MAX_RECEIPT_ENTRIES {
                told.found.push(RuleFound { rule: (*rule).to_owned(), at: at.within_step(), count: *count });
            }
        }
        let more = entries.saturating_sub(MAX_RECEIPT_ENTRIES);
        told.more = u32::try_from(more).ok().filter(|more| *more > 0);
        (told.total > 0).then_some(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(step: Option<usize>, attempt: usize) -> At {
        At { step, attempt: Some(attempt), member: "response_body" }
    }

    #[test]
    fn each_step_has_its_own_and_the_recorder_counts_alone() {
        let mut receipt = Receipt::default();
        assert_eq!((receipt.of_rest(), receipt.of_step(0), receipt.counts()), (None, None, None));
        receipt.add(At { step: None, attempt: None, member: "model" }, Rule::Shape("jwt"));
        receipt.add(at(Some(1), 0), Rule::Shape("jwt"));
        receipt.add(at(Some(1), 0), Rule::Shape("jwt"));
        receipt.withhold(at(Some(1), 2), "brotli", 17);
        let told = receipt.of_step(1).expect("a receipt");
        let json = serde_json::to_string(&told).expect("JSON");
        assert_eq!(
            json,
            r#"{"rules":12,"total":3,"found":[{"rule":"jwt","at":"/attempts/0/response_body","count":2}],"withheld":[{"at":"/attempts/2/response_body","why":"brotli","bytes":17}]}"#
        );
        assert_eq!(receipt.of_rest().map(|told| (told.total, told.found.len())), Some((1, 1)));
        assert_eq!((receipt.of_step(0), receipt.of_step(2)), (None, None));
        let counts = serde_json::to_string(&receipt.counts()).expect("JSON");
        assert_eq!(counts, r#"{"total":4,"by_rule":{"jwt":3,"withheld":1}}"#);
    }

    #[test]
    fn of_many_entries_a_hundred_are_named() {
        let mut receipt = Receipt::default();
        for attempt in 0..150 {
            receipt.add(at(None, attempt), Rule::Shape("jwt"));
        }
        receipt.withhold(at(None, 200), "broken", 1);
        let told = receipt.of_rest().expect("a receipt");
        assert_eq!((told.found.len(), told.withheld.len(), told.total, told.more), (99, 1, 151, Some(51)));
    }
}
