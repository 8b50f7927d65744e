//! An intent: what a write is about to store before anything confirms it, or no longer needs from then on.
//!
//! It is put before the first such item, and the transaction that confirms the write deletes it. So an intent that
//! stands after an hour is of a write that was never confirmed, and names all that is left of it; or of a post of
//! several transactions, whose last one leaves it: a sweep keeps what the run confirms of that.

use super::{
    super::{
        change::Change,
        item::{Attributes, Item, Undecodable, flag, required, text},
        keys::{self, Key},
        transaction::Action,
    },
    step::StepRecord,
};
use crate::ids::WriteId;
use api::{
    ids::{ChatId, RunId, StepNumber},
    time::Timestamp,
};

/// What a sweep sets when it begins to purge: from then on the write cannot be confirmed.
const CLAIMED: &str = "claimed";

/// What a write may leave behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Intent {
    /// The chat and the run.
    pub(in crate::store) of: (ChatId, RunId),
    /// The write.
    pub(in crate::store) write: WriteId,
    /// When it was put.
    pub(in crate::store) at: Timestamp,
    /// The only step that it is of: then no other head has the write's name.
    pub(in crate::store) step: Option<StepNumber>,
    /// How many chunks there are of each step; without a number, of the whole turn.
    pub(in crate::store) chunks: Vec<(Option<StepNumber>, usize)>,
}

/// The chunks of steps, as an intent says them.
pub(in crate::store) fn chunks_of<'s>(
    steps: impl IntoIterator<Item = &'s StepRecord>,
) -> Vec<(Option<StepNumber>, usize)> {
    let chunked = steps.into_iter().filter(|step| step.chunk_count() > 0);
    chunked.map(|step| (Some(step.number), step.chunk_count())).collect()
}

impl Intent {
    /// The chunks of a step: before its head names them, or when no head does any more.
    pub(in crate::store) fn of_step(of: (ChatId, RunId), step: &StepRecord, at: Timestamp) -> Option<Self> {
        let chunks = chunks_of([step]);
        (!chunks.is_empty()).then(|| Self { of, write: step.write.clone(), at, step: Some(step.number), chunks })
    }

    fn key(&self) -> Key {
        keys::intent(self.at, &self.write, self.step)
    }

    pub(in crate::store) fn item(&self) -> Item {
        let chunks: Vec<_> = self.chunks.iter().map(|(step, count)| (step.map_or(0, StepNumber::get), count)).collect();
        let mut item = self.key().item();
        item.insert("chat".into(), text(self.of.0.to_string()));
        item.insert("run".into(), text(self.of.1.to_string()));
        item.insert("chunks".into(), text(serde_json::to_string(&chunks).unwrap_or_default()));
        item
    }

    /// The item of an intent that a sweep has begun to purge.
    pub(in crate::store) fn claimed_item(&self) -> Item {
        let mut item = self.item();
        item.insert(CLAIMED.into(), flag(true));
        item
    }

    pub(in crate::store) fn read(mut attributes: Attributes<'_>) -> Result<Self, Undecodable> {
        let (at, write, step) = required(attributes.sort_key().and_then(keys::intent_of), "sk")?;
        let chunks = attributes.borrowed("chunks")?;
        let chunks: Vec<(u64, usize)> =
            required(chunks.and_then(|chunks| serde_json::from_str(&chunks).ok()), "chunks")?;
        Ok(Self {
            write,
            of: (required(attributes.parsed("chat")?, "chat")?, required(attributes.parsed("run")?, "run")?),
            at,
            step,
            chunks: chunks.into_iter().map(|(step, count)| (StepNumber::try_from(step).ok(), count)).collect(),
        })
    }

    /// Confirms the write: what it stored is named from now on. Requires that no sweep has begun to purge it.
    pub(in crate::store) fn confirmed(&self) -> Action {
        Action::Delete(self.key(), Self::unclaimed())
    }

    /// Requires that no sweep has begun to purge what the write stored.
    pub(in crate::store) fn check(&self) -> Action {
        Action::Check(self.key(), Self::unclaimed())
    }

    /// Forgets it, when nothing is left of what it names.
    pub(in crate::store) fn purged(&self) -> Action {
        Action::delete(self.key())
    }

    fn unclaimed() -> Change {
        Change::default().require_item().require_missing(CLAIMED)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::super::item::number, *};
    use uuid::Uuid;

    fn intent() -> Intent {
        Intent {
            of: (ChatId::from_uuid(Uuid::from_u128(1)), RunId::from_uuid(Uuid::from_u128(2))),
            write: WriteId::read("w"),
            at: Timestamp::from_micros(5).expect("a time"),
            step: None,
            chunks: vec![(None, 3), (StepNumber::try_from(7).ok(), 1)],
        }
    }

    #[test]
    fn an_intent_reads_back_as_it_was_written() {
        for step in [None, StepNumber::try_from(7).ok()] {
            let intent = Intent { step, ..intent() };
            assert_eq!(Intent::read(intent.item().into()).as_ref(), Ok(&intent));
            assert_eq!(Intent::read(intent.claimed_item().into()), Ok(intent));
        }
        let mut item = intent().item();
        item.insert("chunks".into(), text("[[0,"));
        assert_eq!(Intent::read(item.into()), Err(Undecodable("chunks")));
    }

    #[test]
    fn steps_of_one_write_have_intents_of_their_own() {
        let of = |number| Intent { step: StepNumber::try_from(number).ok(), ..intent() }.key();
        assert_ne!(of(7), of(8));
        assert_eq!(keys::intent_of(&of(7).sk).map(|(.., step)| step), Some(StepNumber::try_from(7).ok()));
    }

    #[test]
    fn an_intent_that_says_its_step_in_an_attribute_is_of_the_whole_write() {
        let mut item = intent().item();
        item.insert("step".into(), number(7));
        assert_eq!(Intent::read(item.into()), Ok(intent()));
    }

    #[test]
    fn a_write_is_confirmed_only_while_its_intent_is_unclaimed() {
        assert_eq!(
            intent().confirmed().printed(),
            "delete  | attribute_exists(pk) AND attribute_not_exists(#claimed) | {}"
        );
        assert_eq!(intent().check().printed(), "check  | attribute_exists(pk) AND attribute_not_exists(#claimed) | {}");
    }
}
