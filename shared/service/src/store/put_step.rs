//! A step of an open run: one transaction over the head and the run with its totals, as long as their chat lives.

use super::{
    RunRecord, StepRecord, Store, Totals, back_off,
    change::Change,
    client::{Fault, Reason, Unwritten, names, values},
    content::{Content, encode, part_keys, parts},
    item::{Read, number, text, time},
    label::endpoint_label,
    unbuilt,
};
use crate::{access::proof::RecordableChat, failure::Failure, ids::WriteId, metrics::LeftBehind, redact::Redacted};
use api::{ids::StepNumber, problem::Problem, step::StepInput, time::Timestamp};
use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure::AllOld, TransactWriteItem};
use tokio::time::Instant;

/// What became of a step's put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepWritten {
    /// The number was free.
    Created,
    /// The step that stood there is gone.
    Replaced,
}

impl Store {
    /// Records or replaces a step of an open run, as `run` and `stood` were just read. `step` is
    /// checked. What was replaced is emptied, and so is what was staged when the step is refused.
    pub async fn put_step(
        &self,
        chat: &RecordableChat,
        run: RunRecord,
        stood: Option<StepRecord>,
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
        let write = WriteId::random();
        let (content, beside) = Content::of(encode(step)?);
        let head = StepRecord::new(step, number, content, &write, now);
        let of = (run.chat, run.id);
        let staged = parts(run.chat, run.id, number, &write, beside);
        let left = (!staged.is_empty()).then(LeftBehind::unless_settled);
        let written = match self.stage(staged, until).await {
            Ok(()) => self.put_staged(run, &head, stood, endpoint_label(step), now, until).await,
            Err(failure) => Err(failure.into()),
        };
        let (unnamed, outcome) = match written {
            Ok((written, stood)) => (stood, Ok(written)),
            Err(Unwritten::Refused(failure)) => (Some(head), Err(failure)),
            // What is deleted can never be named.
            Err(Unwritten::Unknown(failure)) if self.is_gone(of).await => (Some(head), Err(failure)),
            Err(Unwritten::Unknown(failure)) => return Err(failure),
        };
        left.into_iter().for_each(LeftBehind::settled);
        self.empty(unnamed.iter().flat_map(|step| part_keys(of, step)).collect(), until).await;
        outcome
    }

    /// The transaction, tried again as long as others put at the same run and there is time. Gives what stood in
    /// the step's place, of this run or left behind by a post that broke off.
    async fn put_staged(
        &self,
        mut run: RunRecord,
        head: &StepRecord,
        mut stood: Option<StepRecord>,
        label: Option<String>,
        now: Timestamp,
        until: Instant,
    ) -> Result<(StepWritten, Option<StepRecord>), Unwritten> {
        for tries in 0.. {
            if Instant::now() >= until {
                break;
            }
            let items = [
                self.chat_stands(run.chat)?,
                self.touch_run(&run, head, stood.as_ref(), label.clone(), now)?,
                self.put_head(&run, head, stood.as_ref())?,
            ];
            let reasons = match self.transact(&items).await {
                Ok(()) => {
                    let is_new = !stood.as_ref().is_some_and(|stood| stood.is_of(&run));
                    return Ok((if is_new { StepWritten::Created } else { StepWritten::Replaced }, stood));
                }
                Err(Fault::Cancelled(reasons)) => reasons,
                Err(fault) => return Err(fault.into()),
            };
            match reasons.as_slice() {
                [Reason::Condition(_), ..] | [_, Reason::Condition(None), ..] => Err(Problem::NotFound)?,
                [_, Reason::Condition(Some(item)), ..] => {
                    run = RunRecord::read(item.clone().into())?;
                    if run.status.is_final() {
                        Err(Problem::RunFinal)?;
                    }
                }
                [_, _, Reason::Condition(item)] => {
                    stood = item.clone().map(Read::from).map(StepRecord::read).transpose()?;
                    if stood.as_ref().is_some_and(|stood| stood.write == head.write) {
                        return Ok((StepWritten::Created, None));
                    }
                }
                _ => Err(Fault::Cancelled(reasons))?,
            }
            back_off(tries.min(2), &head.write).await;
        }
        Err(Failure::unavailable("step contended"))?
    }

    /// The run's half of a step: it is open, it was touched, and its totals follow.
    fn touch_run(
        &self,
        run: &RunRecord,
        head: &StepRecord,
        stood: Option<&StepRecord>,
        label: Option<String>,
        now: Timestamp,
    ) -> Result<TransactWriteItem, Failure> {
        let before = stood.filter(|stood| stood.is_of(run)).map_or_else(Totals::default, |stood| stood.totals);
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
            match run.first_step {
                None => change.require("attribute_not_exists(#first_step)", []),
                Some(first) => change.require("#first_step = :first", [(":first", Some(number(first)))]),
            }
        }
        self.update_open(run, change)
    }

    /// The head's half: what stood there is what we took off the totals.
    fn put_head(
        &self,
        run: &RunRecord,
        head: &StepRecord,
        stood: Option<&StepRecord>,
    ) -> Result<TransactWriteItem, Failure> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(head.item(run.chat, run.id)))
            .return_values_on_condition_check_failure(AllOld);
        let put = match stood {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(stood) => put
                .condition_expression("#write = :write")
                .set_expression_attribute_names(Some(names(&["write"])))
                .set_expression_attribute_values(Some(values([(":write", text(stood.write.as_str()))]))),
        };
        Ok(TransactWriteItem::builder().put(put.build().map_err(unbuilt)?).build())
    }
}
