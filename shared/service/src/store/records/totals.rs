//! What a run's steps add up to.

use super::{
    super::item::{Attributes, Item, Undecodable, number, put},
    names::{CACHE_CREATION_TOKENS, CACHE_READ_TOKENS, INPUT_TOKENS, OUTPUT_TOKENS, REASONING_TOKENS, STORED_BYTES},
};
use api::{
    status::Status,
    step::{Count, Counted, StepInput, Usage},
};

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
    /// Bytes of content, as it is stored.
    pub stored: i128,
}

impl Totals {
    /// The attributes' names, in the order of [`Self::values`].
    pub(in crate::store) const NAMES: [&str; 8] = [
        "steps",
        "errors",
        INPUT_TOKENS,
        OUTPUT_TOKENS,
        REASONING_TOKENS,
        CACHE_CREATION_TOKENS,
        CACHE_READ_TOKENS,
        STORED_BYTES,
    ];

    /// What is stored adds so many bytes.
    pub(in crate::store) fn with_stored(self, bytes: usize) -> Self {
        Self { stored: i128::try_from(bytes).unwrap_or(i128::MAX), ..self }
    }

    /// What one step adds, but for what it takes to store it; `counted` are its tokens where its recorder says none. An
    /// interrupted step is no error, whatever else it says. Nor is one that goes on, since it reads as interrupted once
    /// the totals are shown.
    pub fn of(step: &StepInput, counted: Option<&Counted>) -> Self {
        let own = step.usage.as_ref().map(Usage::counts);
        let counts = own.or(counted.map(|counted| counted.tokens)).unwrap_or_default();
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
            stored: 0,
        }
    }

    pub(in crate::store) const fn values(self) -> [i128; 8] {
        [
            self.steps,
            self.errors,
            self.input,
            self.output,
            self.reasoning,
            self.cache_creation,
            self.cache_read,
            self.stored,
        ]
    }

    pub(in crate::store) const fn from_values(
        [steps, errors, input, output, reasoning, cache_creation, cache_read, stored]: [i128; 8],
    ) -> Self {
        Self { steps, errors, input, output, reasoning, cache_creation, cache_read, stored }
    }

    fn zip(self, other: Self, join: impl Fn(i128, i128) -> i128) -> Self {
        let mut values = self.values();
        for (value, other) in values.iter_mut().zip(other.values()) {
            *value = join(*value, other);
        }
        Self::from_values(values)
    }

    pub(in crate::store) fn read(attributes: &mut Attributes<'_>) -> Result<Self, Undecodable> {
        let mut values = [0; 8];
        for (value, name) in values.iter_mut().zip(Self::NAMES) {
            *value = attributes.number(name)?.unwrap_or(0);
        }
        Ok(Self::from_values(values))
    }

    pub(in crate::store) fn write(self, item: &mut Item) {
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
