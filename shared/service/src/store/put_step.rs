//! A step of an open run: one transaction over two small items, the head and the run with its totals.

use super::{
    RunRecord, StepRecord, Store, Totals, back_off,
    change::Change,
    client::{Fault, Reason, names, values},
    content::{Content, encode, parts},
    item::{Read, number, text, time},
    label::endpoint_label,
    unbuilt,
};
use crate::{access::RecordableChat, failure::Failure, ids::WriteId, redact::Redacted};
use api::{ids::StepNumber, problem::Problem, step::StepInput, time::Timestamp};
use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure::AllOld, TransactWriteItem};
use tokio::time::Instant;

/// How often a step is tried again that others put at the same time. One of them wins each time; the
/// deadline usually ends it before.
const CONTENDED_TRIES: u32 = 64;

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
    /// checked. What was replaced is emptied while there is time.
    pub async fn put_step(
        &self,
        chat: &RecordableChat,
        mut run: RunRecord,
        mut stood: Option<StepRecord>,
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
        self.put_all(parts(run.chat, run.id, number, &write, beside)).await?;
        for tries in 0..CONTENDED_TRIES {
            let items = [
                self.touch_run(&run, &head, stood.as_ref(), endpoint_label(step), now)?,
                self.put_head(&run, &head, stood.as_ref())?,
            ];
            let reasons = match self.transact(&items).await {
                Ok(()) => {
                    let Some(replaced) = stood.filter(|stood| stood.is_of(&run)) else {
                        return Ok(StepWritten::Created);
                    };
                    self.retire_parts(&run, &replaced, now, until).await;
                    return Ok(StepWritten::Replaced);
                }
                Err(Fault::Cancelled(reasons)) => reasons,
                Err(fault) => return Err(fault.into()),
            };
            let refusal = match reasons.as_slice() {
                [Reason::Condition(None), ..] => Some(Problem::NotFound),
                [Reason::Condition(Some(item)), ..] => {
                    run = RunRecord::read(item.clone().into())?;
                    run.status.is_final().then_some(Problem::RunFinal)
                }
                [_, Reason::Condition(item)] => {
                    stood = item.clone().map(Read::from).map(StepRecord::read).transpose()?;
                    None
                }
                _ => return Err(Fault::Cancelled(reasons).into()),
            };
            if let Some(problem) = refusal {
                self.retire_parts(&run, &head, now, until).await;
                return Err(problem.into());
            }
            back_off(tries.min(2), &write).await;
        }
        Err(Failure::unavailable("step contended"))
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
