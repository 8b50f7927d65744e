//! A step of an open run: one transaction over the head and the run with its totals, as long as their chat lives.

use super::{
    super::{
        change::Change,
        content::{
            chunks::Content,
            encoding::{check_size, content_of},
        },
        errors::{Cancellation, WriteError},
        item::{Attributes, number, text, time},
        records::{label::endpoint_label, run::RunRecord, step::StepRecord, totals::Totals},
        retry::Tries,
        table::Store,
        transaction::Action,
    },
    conditions::{chat_exists, update_open_run},
    staged::StagedError,
};
use crate::{access::proof::RecordableChat, failure::Failure, ids::WriteId, metrics::LeftBehind};
use ::redact::Redacted;
use api::{ids::StepNumber, problem::Problem, step::StepInput, time::Timestamp};
use tokio::time::Instant;

/// What became of a step's put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepWritten {
    /// The number was free.
    Created,
    /// The step that had the number was replaced.
    Replaced,
}

impl Store {
    /// Records or replaces a step of an open run, as `run` and `existing` were just read. `step` is checked. What was
    /// replaced is emptied, and so is what was staged when the step is refused.
    ///
    /// # Errors
    ///
    /// - `Problem::RunFinal` when the run is not open any more
    /// - `Problem::NotFound` when the run is of another chat, or chat or run were deleted
    /// - `Problem::StepTooLarge` when the step could never be read back
    /// - `Problem::Unavailable` when the table does not answer in time: the same step again is safe
    pub async fn put_step(
        &self,
        chat: &RecordableChat,
        run: RunRecord,
        existing: Option<StepRecord>,
        (number, step): (StepNumber, &Redacted<StepInput>),
        now: Timestamp,
        until: Instant,
    ) -> Result<StepWritten, Failure> {
        if run.chat != chat.id() {
            return Err(Problem::NotFound.into());
        }
        if run.status.is_final() {
            return Err(Problem::RunFinal.into());
        }
        let of = (run.chat, run.id);
        let content = content_of(step)?;
        check_size(&content)?;
        let (content, rest) = Content::of(content.into_bytes());
        let head = StepRecord::new(step, number, content, &WriteId::random(), now);
        let staged = head.chunk_owner(of).items(rest);
        let left = (!staged.is_empty()).then(LeftBehind::unless_settled);
        let written = match self.stage(staged, until).await {
            Ok(()) => self.put_head(run, &head, existing, endpoint_label(step), now, until).await,
            Err(failure) => Err(failure.into()),
        };
        let (written, unnamed) = match written {
            Ok((written, replaced)) => (Ok(written), replaced),
            Err(error) => (Err(error), Some(head)),
        };
        let unnamed = unnamed.iter().flat_map(|step| step.chunk_keys(of)).collect();
        self.end_staged(of, written, unnamed, left, until).await
    }

    /// The transaction, tried again as long as others put at the same run and there is time. Gives the step that it
    /// replaced, of this run or left behind by a post that broke off.
    async fn put_head(
        &self,
        mut run: RunRecord,
        head: &StepRecord,
        mut existing: Option<StepRecord>,
        label: Option<String>,
        now: Timestamp,
        until: Instant,
    ) -> Result<(StepWritten, Option<StepRecord>), StagedError> {
        let mut tries = Tries::until(until);
        while tries.next().await {
            let actions = vec![
                chat_exists(run.chat),
                touch_run(&run, head, existing.as_ref(), label.clone(), now),
                replace(&run, head, existing.as_ref()),
            ];
            let reasons = match self.transact(actions).await {
                Ok(()) => {
                    let is_new = !existing.as_ref().is_some_and(|existing| existing.is_of(&run));
                    return Ok((if is_new { StepWritten::Created } else { StepWritten::Replaced }, existing));
                }
                Err(WriteError::Cancelled(reasons)) => reasons,
                Err(error) => return Err(error.into()),
            };
            match reasons.as_slice() {
                [Cancellation::Condition(_), ..] | [_, Cancellation::Condition(None), ..] => Err(Problem::NotFound)?,
                [_, Cancellation::Condition(Some(item)), ..] => {
                    run = RunRecord::read(item.clone().into())?;
                    if run.status.is_final() {
                        Err(Problem::RunFinal)?;
                    }
                }
                [_, _, Cancellation::Condition(item)] => {
                    existing = item.clone().map(Attributes::from).map(StepRecord::read).transpose()?;
                    if existing.as_ref().is_some_and(|existing| existing.write == head.write) {
                        return Ok((StepWritten::Created, None));
                    }
                }
                _ => Err(WriteError::Cancelled(reasons))?,
            }
        }
        Err(Failure::unavailable("step contended"))?
    }
}

/// Updates the run of a step: requires that it is open, and adds the step to its totals.
fn touch_run(
    run: &RunRecord,
    head: &StepRecord,
    existing: Option<&StepRecord>,
    label: Option<String>,
    now: Timestamp,
) -> Action {
    let before = existing.filter(|existing| existing.is_of(run)).map_or_else(Totals::default, |step| step.totals);
    let added = head.totals - before;
    let mut change = Change::default();
    change.set("updated_at", time(now));
    for (name, value) in Totals::NAMES.into_iter().zip(added.values()) {
        if value != 0 {
            change.add(name, number(value));
        }
    }
    // The first step gives the run its label; the number of the first can only fall.
    if run.first_step.is_none_or(|first| head.number <= first) {
        change.set("first_step", number(head.number));
        change.set_or_remove("endpoint_label", label.map(text));
        change = match run.first_step {
            None => change.require_missing("first_step"),
            Some(first) => change.require_equal("first_step", number(first)),
        };
    }
    update_open_run(run, change)
}

/// Puts the step's head. Requires that it replaces the step that was subtracted from the run's totals.
fn replace(run: &RunRecord, head: &StepRecord, existing: Option<&StepRecord>) -> Action {
    let item = head.item((run.chat, run.id));
    match existing {
        None => Action::put_if_absent(item),
        Some(existing) => {
            let same = Change::default().require_equal("write", text(existing.write.as_str()));
            Action::Put(item, same.returning_existing())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_micros(5).expect("a time")
    }

    fn head(number: u64, write: &str) -> StepRecord {
        let step = r#"{"operation":"stream","status":"completed","started_at":"2026-01-02T03:04:05Z"}"#;
        let step: StepInput = serde_json::from_str(step).expect("a step");
        let number = StepNumber::try_from(number).expect("a number");
        StepRecord::new(&step, number, Content::Inline(Vec::new()), &WriteId(write.to_owned()), now())
    }

    fn run(first_step: Option<u64>) -> RunRecord {
        let first_step = first_step.and_then(|number| number.try_into().ok());
        RunRecord { first_step, ..RunRecord::open(now()) }
    }

    #[test]
    fn the_first_step_labels_its_run() {
        let touched = touch_run(&run(None), &head(3, "a"), None, Some("POST /x".to_owned()), now());
        assert_eq!(
            touched.printed(),
            r#"update SET #updated_at = :updated_at, #first_step = :first_step, #endpoint_label = :endpoint_label ADD #steps :steps | attribute_not_exists(#first_step) AND #status = :if_status | {":endpoint_label": S("POST /x"), ":first_step": N("3"), ":if_status": S("in_progress"), ":steps": N("1"), ":updated_at": N("5")}"#
        );
    }

    #[test]
    fn a_lower_number_takes_the_label_over_and_a_higher_one_does_not() {
        let lower = touch_run(&run(Some(3)), &head(2, "a"), None, None, now());
        assert_eq!(
            lower.printed(),
            r#"update SET #updated_at = :updated_at, #first_step = :first_step ADD #steps :steps REMOVE #endpoint_label | #first_step = :if_first_step AND #status = :if_status | {":first_step": N("2"), ":if_first_step": N("3"), ":if_status": S("in_progress"), ":steps": N("1"), ":updated_at": N("5")}"#
        );
        let higher = touch_run(&run(Some(3)), &head(4, "a"), None, Some("POST /x".to_owned()), now());
        assert_eq!(
            higher.printed(),
            r#"update SET #updated_at = :updated_at ADD #steps :steps | #status = :if_status | {":if_status": S("in_progress"), ":steps": N("1"), ":updated_at": N("5")}"#
        );
    }

    #[test]
    fn a_replaced_step_is_subtracted_if_it_is_of_the_run() {
        let own = head(4, "a");
        let again = touch_run(&run(Some(3)), &head(4, "b"), Some(&own), None, now()).printed();
        assert!(!again.contains("ADD"), "{again}");
        let of_another = StepRecord { turn: Some(vec![2]), ..own };
        let new = touch_run(&run(Some(3)), &head(4, "b"), Some(&of_another), None, now()).printed();
        assert!(new.contains("ADD #steps :steps"), "{new}");
    }

    #[test]
    fn a_head_replaces_only_what_was_read() {
        let free = replace(&run(None), &head(1, "b"), None);
        assert_eq!(free.printed(), "put  | attribute_not_exists(pk) | {}");
        let taken = replace(&run(None), &head(1, "b"), Some(&head(1, "a")));
        assert_eq!(taken.printed(), r#"put  | #write = :if_write | {":if_write": S("a")}"#);
    }
}
