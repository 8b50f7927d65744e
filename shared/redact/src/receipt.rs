//! What was taken out of a post, where, and what could not be looked at.

use super::{mask::Rule, places::At};
use std::collections::BTreeMap;

/// What a post lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    found: BTreeMap<(At, &'static str), u32>,
    withheld: Vec<Withheld>,
}

/// How often a rule took something from a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The rule's name.
    pub rule: &'static str,
    /// The place.
    pub at: At,
    /// How often.
    pub count: u32,
}

/// A body that could not be read, and so is not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withheld {
    /// The place.
    pub at: At,
    /// Why: `brotli`, `compress`, `broken`, `bomb`, `unreadable` and the like.
    pub why: &'static str,
    /// Its length.
    pub bytes: usize,
}

impl Receipt {
    pub(super) fn add(&mut self, at: At, rule: Rule) {
        let count = self.found.entry((at, rule.name())).or_default();
        *count = count.saturating_add(1);
    }

    pub(super) fn withhold(&mut self, at: At, why: &'static str, bytes: usize) {
        self.withheld.push(Withheld { at, why, bytes });
    }

    /// What was found, by place and rule.
    pub fn found(&self) -> impl Iterator<Item = Found> {
        self.found.iter().map(|(&(at, rule), &count)| Found { rule, at, count })
    }

    /// What was withheld.
    pub fn withheld(&self) -> &[Withheld] {
        &self.withheld
    }

    /// How often each rule took something, in the order of their names; `withheld` stands for bodies that were.
    pub fn by_rule(&self) -> BTreeMap<&'static str, u32> {
        let mut rules = BTreeMap::new();
        if !self.withheld.is_empty() {
            rules.insert("withheld", u32::try_from(self.withheld.len()).unwrap_or(u32::MAX));
        }
        for found in self.found() {
            let count: &mut u32 = rules.entry(found.rule).or_default();
            *count = count.saturating_add(found.count);
        }
        rules
    }

    /// How much was taken, bodies that were withheld included.
    pub fn total(&self) -> u32 {
        let withheld = u32::try_from(self.withheld.len()).unwrap_or(u32::MAX);
        self.found.values().fold(withheld, |total, count| total.saturating_add(*count))
    }
}
