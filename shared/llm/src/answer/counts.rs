//! Token counts as they arrive: of each name the last that is a number.

use crate::json::Node;
use api::{
    json::Object,
    step::{TokenCounts, Usage},
};
use std::collections::HashMap;

/// The most names. No provider counts as many.
const MOST: usize = 1_000;

/// Members of `usage` objects, as JSON texts.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    given: Vec<(String, String)>,
    places: HashMap<String, usize>,
    /// How many there was no room for.
    pub(crate) beyond: usize,
    /// Whether they are those of many answers.
    pub(crate) is_sum: bool,
}

impl Counts {
    /// Those of an object of counts.
    pub(crate) fn of(usage: Option<Node<'_>>) -> Self {
        let mut counts = Self::default();
        counts.add(usage);
        counts
    }

    /// Takes in an object of counts. What is `null` was not counted.
    pub(crate) fn add(&mut self, usage: Option<Node<'_>>) {
        for (name, value) in usage.into_iter().flat_map(Node::members).filter(|(_, value)| !value.is_null()) {
            self.put(&name, value);
        }
    }

    /// Takes in a count under a name of this API, for providers whose own it does not know.
    pub(crate) fn put(&mut self, name: &str, value: Node<'_>) {
        self.put_text(name, value.raw().into_owned());
    }

    fn put_text(&mut self, name: &str, raw: String) {
        if let Some((_, last)) = self.places.get(name).and_then(|place| self.given.get_mut(*place)) {
            *last = raw;
        } else if self.given.len() >= MOST {
            self.beyond += 1;
        } else {
            self.places.insert(name.to_owned(), self.given.len());
            self.given.push((name.to_owned(), raw));
        }
    }

    /// As [`Self::put`], unless the name has a count.
    pub(crate) fn put_new(&mut self, name: &str, value: Option<Node<'_>>) {
        if let Some(value) = value.filter(|_| !self.places.contains_key(name)) {
            self.put(name, value);
        }
    }

    /// Adds the counts of another answer to these, under this API's names where there are two.
    pub(crate) fn plus(&mut self, other: Self) {
        let of = |counts: &Self| counts.usage().map(|usage| usage.counts());
        let Some(more) = of(&other) else { return };
        if self.is_empty() {
            *self = Self { beyond: self.beyond, is_sum: true, ..other };
            return;
        }
        let counts = of(self).unwrap_or_default().plus(more);
        *self = Self { beyond: self.beyond, is_sum: true, ..Self::default() };
        for (name, count) in [
            ("input_tokens", counts.input_tokens),
            ("output_tokens", counts.output_tokens),
            ("total_tokens", counts.total_tokens),
            ("reasoning_tokens", counts.reasoning_tokens),
            ("cache_creation_tokens", counts.cache_creation_tokens),
            ("cache_read_tokens", counts.cache_read_tokens),
        ] {
            if let Some(count) = count {
                self.put_text(name, count.get().to_string());
            }
        }
    }

    /// Whether anything was counted.
    pub(crate) fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// The counts as one object; `None` when none of them is a count.
    pub(crate) fn usage(&self) -> Option<Usage> {
        let members = self.given.iter().filter_map(|(name, value)| {
            // What is no JSON to others, as `NaN`, counts nothing.
            let is_json = serde_json::from_str::<&serde_json::value::RawValue>(value).is_ok();
            is_json.then(|| Some(format!("{}:{value}", serde_json::to_string(name).ok()?))).flatten()
        });
        let text = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
        let usage = Usage::from(Object::parse(&text).ok()?);
        (usage.counts() != TokenCounts::default()).then_some(usage)
    }
}
