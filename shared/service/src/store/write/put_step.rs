//! A step of an open run: one transaction over the head, its content and the run with its totals, as long as their chat
//! lives. Content that is too large for it goes into chunks, which are put before.

use super::{
    super::{
        change::Change,
        content::staging::{Unnamed, emptied},
        errors::{Cancellation, WriteError},
        item::{Attributes, Item, number, text, time},
        keys,
        records::{
            intent::Intent,
            label::endpoint_label,
            names::{ENDPOINT_LABEL, FIRST_STEP, LAST_MESSAGE_ID, UPDATED_AT},
            run::RunRecord,
            step::{StepContent, StepRecord},
            totals::Totals,
        },
        retry::Tries,
        table::Store,
        transaction::Action,
    },
    conditions::{chat_exists, update_open_run},
    encoded_run::{EncodedStep, last_message},
    staged::StagedError,
};
use crate::{access::proof::RecordableChat, failure::Failure, ids::WriteId};
use api::{ids::StepNumber, problem::Problem, step::StepInput, time::Timestamp};
use redact::Redacted;
use std::mem;
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
        let mut encoded = EncodedStep::of(of, number, (step, step.receipt().of_rest()), &WriteId::random(), None, now)?;
        let chunks = mem::take(&mut encoded.chunks);
        let intent = Intent::of_step(of, &encoded.head, now);
        let left = self.intend(intent.as_ref()).await?;
        let input = StepPut {
            step: &encoded,
            intent: intent.as_ref(),
            label: endpoint_label(step),
            last_message: last_message(step),
        };
        let written = match self.stage(chunks, until).await {
            Ok(()) => self.put_head(run, &input, existing, now, until).await,
            Err(failure) => Err(failure.into()),
        };
        let (written, unnamed) = match written {
            Ok((written, replaced)) => (Ok(written), replaced),
            Err(error) => (Err(error), Some(encoded.head)),
        };
        let intent = unnamed.as_ref().and_then(|step| Intent::of_step(of, step, now));
        let unnamed = unnamed.iter().flat_map(|step| step.chunk_keys(of)).map(Unnamed::chunk).collect();
        self.end_staged(of, written, unnamed, intent.as_ref(), left, until).await
    }

    /// The transaction, tried again as long as others put at the same run and there is time. Gives the step that it
    /// replaced, of this run or left behind by a post that broke off.
    async fn put_head(
        &self,
        mut run: RunRecord,
        put: &StepPut<'_>,
        mut existing: Option<StepRecord>,
        now: Timestamp,
        until: Instant,
    ) -> Result<(StepWritten, Option<StepRecord>), StagedError> {
        let head = &put.step.head;
        let mut tries = Tries::until(until);
        while tries.next().await {
            let mut actions = vec![
                chat_exists(run.chat),
                touch_run(&run, put, existing.as_ref(), now),
                replace(&run, head, existing.as_ref()),
            ];
            actions.extend(content_beside(&run, put.step, existing.as_ref(), now).map(Action::put));
            // What is replaced is named by nothing from then on.
            let replaced = existing.as_ref().and_then(|step| Intent::of_step((run.chat, run.id), step, now));
            actions.extend(replaced.map(|replaced| Action::put(replaced.item())));
            actions.extend(put.intent.map(Intent::confirmed));
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
                [_, _, Cancellation::Condition(item), ..] => {
                    existing = item.clone().map(Attributes::from).map(StepRecord::read).transpose()?;
                }
                [.., Cancellation::Condition(_)] if put.intent.is_some() => {
                    Err(Failure::unavailable("a sweep has claimed what was staged"))?;
                }
                _ => Err(WriteError::Cancelled(reasons))?,
            }
        }
        Err(Failure::unavailable("step contended"))?
    }
}

/// A step that is about to be put, and what its run learns of it beside the totals.
struct StepPut<'a> {
    step: &'a EncodedStep,
    /// Names what was stored before the head.
    intent: Option<&'a Intent>,
    label: Option<String>,
    last_message: Option<i64>,
}

/// Updates the run of a step: requires that it is open, and adds the step to its totals.
fn touch_run(run: &RunRecord, put: &StepPut<'_>, existing: Option<&StepRecord>, now: Timestamp) -> Action {
    let head = &put.step.head;
    let before = existing.filter(|existing| existing.is_of(run)).map_or_else(Totals::default, |step| step.totals);
    let added = head.totals - before;
    let mut change = Change::default();
    change.set(UPDATED_AT, time(now));
    for (name, value) in Totals::NAMES.into_iter().zip(added.values()) {
        if value != 0 {
            change.add(name, number(value));
        }
    }
    // The first step gives the run its label; the number of the first can only fall.
    if run.first_step.is_none_or(|first| head.number <= first) {
        change.set(FIRST_STEP, number(head.number));
        change.set_or_remove(ENDPOINT_LABEL, put.label.as_deref().map(text));
        change = match run.first_step {
            None => change.require_missing(FIRST_STEP),
            Some(first) => change.require_equal(FIRST_STEP, number(first)),
        };
    }
    if let Some(message) = put.last_message.filter(|message| run.last_message.is_none_or(|last| *message > last)) {
        change.set(LAST_MESSAGE_ID, number(message));
        change = change.require_missing_or_below(LAST_MESSAGE_ID, number(message));
    }
    update_open_run(run, change)
}

/// What becomes of the item beside the head: it holds the step's content, or what it held is emptied.
fn content_beside(run: &RunRecord, step: &EncodedStep, existing: Option<&StepRecord>, now: Timestamp) -> Option<Item> {
    let held = existing.filter(|existing| existing.content == StepContent::Beside);
    let emptied =
        |existing: &StepRecord| emptied(keys::content(run.chat, run.id, existing.number), now.millis() / 1_000);
    step.beside.clone().or_else(|| held.map(emptied))
}

/// Puts the step's head. Requires that it replaces the step that was subtracted from the run's totals.
fn replace(run: &RunRecord, head: &StepRecord, existing: Option<&StepRecord>) -> Action {
    let item = head.item((run.chat, run.id));
    match existing {
        None => Action::put_if_absent(item),
        Some(existing) => {
            let same = Change::default().require_write(&existing.write);
            Action::Put(item, same.returning_existing())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::super::{content::chunks::beside_head, records::outline::ContentsOutline},
        *,
    };

    fn now() -> Timestamp {
        Timestamp::from_micros(5).expect("a time")
    }

    fn head(number: u64, write: &str) -> StepRecord {
        let step = r#"{"operation":"stream","status":"completed","started_at":"2026-01-02T03:04:05Z"}"#;
        let step: StepInput = serde_json::from_str(step).expect("a step");
        let number = StepNumber::try_from(number).expect("a number");
        let write = WriteId::read(write);
        StepRecord::new(&step, number, (ContentsOutline::default(), None), (StepContent::Beside, 70), &write, now())
    }

    fn touched(run: &RunRecord, head: StepRecord, existing: Option<&StepRecord>, label: Option<&str>) -> String {
        let step = EncodedStep { head, beside: None, chunks: Vec::new() };
        let put = StepPut { step: &step, intent: None, label: label.map(str::to_owned), last_message: None };
        touch_run(run, &put, existing, now()).printed()
    }

    fn run(first_step: Option<u64>) -> RunRecord {
        let first_step = first_step.and_then(|number| number.try_into().ok());
        RunRecord { first_step, ..RunRecord::open(now()) }
    }

    #[test]
    fn the_first_step_labels_its_run() {
        let touched = touched(&run(None), head(3, "a"), None, Some("POST /x"));
        assert_eq!(
            touched,
            r#"update SET #ua = :ua, #fs = :fs, #el = :el ADD #steps :steps, #sb :sb, #revision :revision | attribute_not_exists(#fs) AND #status = :if_status | {":el": S("POST /x"), ":fs": N("3"), ":if_status": S("in_progress"), ":revision": N("1"), ":sb": N("70"), ":steps": N("1"), ":ua": N("5")}"#
        );
    }

    #[test]
    fn a_lower_number_takes_the_label_over_and_a_higher_one_does_not() {
        let lower = touched(&run(Some(3)), head(2, "a"), None, None);
        assert_eq!(
            lower,
            r#"update SET #ua = :ua, #fs = :fs ADD #steps :steps, #sb :sb, #revision :revision REMOVE #el | #fs = :if_fs AND #status = :if_status | {":fs": N("2"), ":if_fs": N("3"), ":if_status": S("in_progress"), ":revision": N("1"), ":sb": N("70"), ":steps": N("1"), ":ua": N("5")}"#
        );
        let higher = touched(&run(Some(3)), head(4, "a"), None, Some("POST /x"));
        assert_eq!(
            higher,
            r#"update SET #ua = :ua ADD #steps :steps, #sb :sb, #revision :revision | #status = :if_status | {":if_status": S("in_progress"), ":revision": N("1"), ":sb": N("70"), ":steps": N("1"), ":ua": N("5")}"#
        );
    }

    #[test]
    fn a_replaced_step_is_subtracted_if_it_is_of_the_run() {
        let own = head(4, "a");
        let again = touched(&run(Some(3)), head(4, "b"), Some(&own), None);
        assert!(again.contains("ADD #revision :revision |"), "{again}");
        let of_another = StepRecord { post_digest: Some(vec![2]), ..own };
        let new = touched(&run(Some(3)), head(4, "b"), Some(&of_another), None);
        assert!(new.contains("ADD #steps :steps"), "{new}");
    }

    #[test]
    fn a_message_id_above_all_others_is_kept() {
        let step = EncodedStep { head: head(4, "a"), beside: None, chunks: Vec::new() };
        let put = StepPut { step: &step, intent: None, label: None, last_message: Some(7) };
        for (last, is_above) in [(None, true), (Some(6), true), (Some(7), false), (Some(8), false)] {
            let run = RunRecord { last_message: last, ..run(Some(3)) };
            let printed = touch_run(&run, &put, None, now()).printed();
            assert_eq!(printed.contains("#lmi = :lmi"), is_above, "{printed}");
            let condition = "(attribute_not_exists(#lmi) OR #lmi < :if_lmi)";
            assert_eq!(printed.contains(condition), is_above, "{printed}");
        }
    }

    #[test]
    fn what_stood_beside_a_head_is_replaced_or_emptied() {
        let beside = |head: StepRecord| {
            let item = beside_head((run(None).chat, run(None).id), head.number, &head.write, b"new");
            EncodedStep { head, beside: Some(item), chunks: Vec::new() }
        };
        let chunked = || StepRecord { content: StepContent::Chunked(2), ..head(1, "b") };
        let large = || EncodedStep { head: chunked(), beside: None, chunks: Vec::new() };
        let (own, other) = (head(1, "a"), chunked());
        for (step, existing, kind) in [
            (beside(head(1, "b")), None, Some("content")),
            (beside(head(1, "b")), Some(&own), Some("content")),
            (large(), Some(&own), Some("expires_at")),
            (large(), Some(&other), None),
            (large(), None, None),
        ] {
            let item = content_beside(&run(None), &step, existing, now());
            assert_eq!(item.is_some(), kind.is_some());
            assert!(item.is_none_or(|item| kind.is_some_and(|kind| item.contains_key(kind))));
        }
    }

    #[test]
    fn a_head_replaces_only_what_was_read() {
        let free = replace(&run(None), &head(1, "b"), None);
        assert_eq!(free.printed(), "put  | attribute_not_exists(pk) | {}");
        let taken = replace(&run(None), &head(1, "b"), Some(&head(1, "a")));
        assert_eq!(taken.printed(), r#"put  | #write = :if_write | {":if_write": S("a")}"#);
    }
}
