//! A patch of an open run. A final one never changes.

use super::{
    super::{
        change::Change,
        errors::{Cancellation, WriteError},
        item::{message, text, time},
        records::{
            label,
            names::{
                FINISHED_AT, FIRST_MESSAGE, HISTORY_TIP_MESSAGE_ID, MODEL_CONFIG_ID, TRIGGER_MESSAGE_ID, UPDATED_AT,
            },
            run::{REDACTION, RunRecord, end, redaction_text},
        },
        retry::{TRANSACTION_TRIES, Tries},
        table::Store,
        transaction::Action,
    },
    conditions::{chat_exists, update_open_run},
};
use crate::{
    access::proof::{RecordableChat, RefusedChat},
    failure::Failure,
};
use api::{
    ids::ChatId,
    json::StringEnum,
    problem::Problem,
    redaction::{MAX_RUN_RECEIPT_ENTRIES, Redaction},
    run::{RunState, UpdateRun},
    status::Status,
    time::Timestamp,
};
use aws_sdk_dynamodb::types::AttributeValue;
use redact::Redacted;

/// A patch, checked against the run that it is for.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    run: RunRecord,
    status: Option<Status>,
    finished_at: Option<Timestamp>,
    others: Vec<(&'static str, Option<AttributeValue>)>,
    taken: Taken,
}

/// What was taken out of the members that a patch names.
#[derive(Debug, Clone, Default, PartialEq)]
struct Taken {
    /// These members, as receipts name them.
    of: Vec<&'static str>,
    found: Option<Redaction>,
}

impl Patch {
    /// What `body` changes about `run`; a final status ends now if it does not say when.
    pub fn of(body: Redacted<UpdateRun>, run: RunRecord, now: Timestamp) -> Self {
        let (body, receipt) = body.into_parts();
        let taken = Taken { of: named(&body), found: receipt.of_rest() };
        let first_message = body.summary.and_then(|summary| summary.first_message);
        let others = [
            ("provider", body.provider.map(text)),
            ("model", body.model.map(text)),
            (MODEL_CONFIG_ID, body.model_config_id.map(|id| text(id.to_string()))),
            (TRIGGER_MESSAGE_ID, body.trigger_message_id.as_ref().map(message)),
            (HISTORY_TIP_MESSAGE_ID, body.history_tip_message_id.as_ref().map(message)),
        ];
        let mut others: Vec<_> = others.into_iter().filter(|(_, value)| value.is_some()).collect();
        if let Some(first) = first_message {
            others.push((FIRST_MESSAGE, label::first_message(&first).map(text)));
        }
        let finished_at = end(body.status, body.finished_at, run.started_at, now);
        Self { run, status: body.status, finished_at, others, taken }
    }

    /// The patch, if its run is of the chat that was proven: a proof of one chat is none of another.
    fn within(self, chat: ChatId) -> Result<Self, Problem> {
        if self.run.chat == chat { Ok(self) } else { Err(Problem::NotFound) }
    }
}

impl Store {
    /// Changes an open run. On a final one the same status again has no effect.
    ///
    /// # Errors
    ///
    /// `Problem::RunFinal` when the run is final and the patch says something else; `Problem::NotFound` when the run is
    /// of another chat, or chat or run were deleted; `Problem::Unavailable` when the table does not answer.
    pub async fn update_run(&self, chat: &RecordableChat, patch: Patch, now: Timestamp) -> Result<RunState, Failure> {
        self.patch(patch.within(chat.id())?, now).await
    }

    /// Closes an open run of a chat that is recorded no more: its state is stored, nothing else.
    ///
    /// # Errors
    ///
    /// As [`Self::update_run`].
    pub async fn close_run(&self, chat: &RefusedChat, patch: Patch, now: Timestamp) -> Result<RunState, Failure> {
        let patch = Patch { others: Vec::new(), taken: Taken::default(), ..patch.within(chat.id())? };
        if patch.status.is_none() && !patch.run.status.is_final() {
            return Ok(state(&patch.run));
        }
        self.patch(patch, now).await
    }

    async fn patch(&self, mut patch: Patch, now: Timestamp) -> Result<RunState, Failure> {
        let mut tries = Tries::most(TRANSACTION_TRIES);
        while tries.next().await {
            let Patch { run, status, .. } = &patch;
            if run.status.is_final() {
                return final_again(run, *status);
            }
            // A transaction has an idempotency token: a delayed retry cannot overwrite a newer patch.
            match self.transact(vec![chat_exists(run.chat), patch.action(now)]).await {
                Ok(()) => {
                    let Patch { run, status, finished_at, .. } = patch;
                    let status = status.unwrap_or(run.status);
                    return Ok(state(&RunRecord { status, finished_at, updated_at: now, ..run }));
                }
                Err(WriteError::Cancelled(reasons)) => match reasons.as_slice() {
                    [Cancellation::Condition(_), _] | [_, Cancellation::Condition(None)] => {
                        return Err(Problem::NotFound.into());
                    }
                    // It is final by now, or another patch took something out.
                    [_, Cancellation::Condition(Some(item))] => patch.run = RunRecord::read(item.clone().into())?,
                    _ => return Err(WriteError::Cancelled(reasons).into()),
                },
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::unavailable("receipt contended"))
    }
}

impl Patch {
    /// The change of its run. A receipt is of all its members together, so that it replaces none but the one it was
    /// made of.
    fn action(&self, now: Timestamp) -> Action {
        let mut change = change_of(self.status, self.finished_at, &self.others, now);
        let (before, after) = (&self.run.redaction, self.taken.over(self.run.redaction.clone()));
        if *before != after {
            change.set_or_remove(REDACTION, after.as_ref().and_then(redaction_text));
            change = match before.as_ref().and_then(redaction_text) {
                Some(before) => change.require_equal(REDACTION, before),
                None => change.require_missing(REDACTION),
            };
        }
        update_open_run(&self.run, change)
    }
}

/// The members of a patch that may have lost something, as receipts name them.
fn named(patch: &UpdateRun) -> Vec<&'static str> {
    let first_message = patch.summary.as_ref().and_then(|summary| summary.first_message.as_ref());
    [
        ("/provider", patch.provider.is_some()),
        ("/model", patch.model.is_some()),
        ("/summary/first_message", first_message.is_some()),
    ]
    .into_iter()
    .filter_map(|(at, is_named)| is_named.then_some(at))
    .collect()
}

impl Taken {
    /// What was taken out of a run's own members once they are patched: of those that the patch does not name, what was
    /// taken before. What a receipt does not name, but only counts, may be of any member, and stays.
    fn over(&self, before: Option<Redaction>) -> Option<Redaction> {
        let mut redaction = before.unwrap_or_default();
        for replaced in redaction.found.extract_if(.., |found| self.of.contains(&&*found.at)) {
            redaction.total = redaction.total.saturating_sub(replaced.count);
        }
        if let Some(new) = &self.found {
            redaction.rules = new.rules;
            redaction.total = redaction.total.saturating_add(new.total);
            redaction.found.extend_from_slice(&new.found);
            let more = redaction.more.unwrap_or_default().saturating_add(new.more.unwrap_or_default());
            redaction.more = (more > 0).then_some(more);
        }
        (redaction.total > 0).then(|| redaction.naming(MAX_RUN_RECEIPT_ENTRIES))
    }
}

/// What a patch changes about its run.
fn change_of(
    status: Option<Status>,
    finished_at: Option<Timestamp>,
    others: &[(&'static str, Option<AttributeValue>)],
    now: Timestamp,
) -> Change {
    let mut change = Change::default();
    change.set(UPDATED_AT, time(now));
    if let Some(status) = status {
        change.set("status", text(status.as_str()));
    }
    if let Some(end) = finished_at {
        change.set(FINISHED_AT, time(end));
    }
    for (name, value) in others {
        change.set_or_remove(name, value.clone());
    }
    change
}

/// What a patch answers.
fn state(run: &RunRecord) -> RunState {
    RunState {
        id: run.id,
        status: run.status,
        updated_at: run.updated_at,
        finished_at: run.finished_at,
        redaction: None,
    }
}

/// A final run answers the status that it has, and refuses every other change.
fn final_again(run: &RunRecord, status: Option<Status>) -> Result<RunState, Failure> {
    if status == Some(run.status) { Ok(state(run)) } else { Err(Problem::RunFinal.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use redact::Rules;

    fn printed(body: &str) -> String {
        printed_of(RunRecord::open(Timestamp::from_micros(4).expect("a time")), body)
    }

    fn printed_of(run: RunRecord, body: &str) -> String {
        let now = Timestamp::from_micros(5).expect("a time");
        let body: UpdateRun = serde_json::from_str(body).expect("a patch");
        Patch::of(Redacted::of(body, &Rules::default()), run, now).action(now).printed()
    }

    #[test]
    fn a_patch_changes_what_it_says_of_an_open_run() {
        assert_eq!(
            printed(r#"{"model":"m"}"#),
            r#"update SET #ua = :ua, #model = :model ADD #revision :revision | #status = :if_status | {":if_status": S("in_progress"), ":model": S("m"), ":revision": N("1"), ":ua": N("5")}"#
        );
    }

    #[test]
    fn a_patch_replaces_what_was_taken_out_of_the_members_that_it_names() {
        let start = Timestamp::from_micros(4).expect("a time");
        let patched = |run: RunRecord, body: &str| {
            let body: UpdateRun = serde_json::from_str(body).expect("a patch");
            let patch = Patch::of(Redacted::of(body, &Rules::default()), run, start);
            RunRecord { redaction: patch.taken.over(patch.run.redaction.clone()), ..patch.run }
        };
        let at = |run: &RunRecord| {
            let found = run.redaction.iter().flat_map(|redaction| &redaction.found);
            found.map(|found| found.at.clone()).collect::<Vec<_>>()
        };
        let key = "sk-proj-Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5";
        let run = patched(RunRecord::open(start), &format!(r#"{{"model":"{key}","provider":"{key}"}}"#));
        assert_eq!(at(&run), ["/model", "/provider"]);
        let run = patched(run, r#"{"model":"m"}"#);
        assert_eq!(at(&run), ["/provider"]);
        let run = patched(run, &format!(r#"{{"summary":{{"first_message":"{key}"}}}}"#));
        assert_eq!(at(&run), ["/provider", "/summary/first_message"]);
        let run = patched(run, r#"{"provider":"p","summary":{"first_message":"m"}}"#);
        assert_eq!(run.redaction, None);
    }

    #[test]
    fn a_receipt_replaces_the_one_that_it_was_made_of() {
        let key = "sk-proj-Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5";
        let first = printed(&format!(r#"{{"model":"{key}"}}"#));
        assert!(first.contains("attribute_not_exists(#redaction) AND #status = :if_status"), "{first}");
        let redaction = Redaction { rules: 1, total: 1, ..Redaction::default() };
        let run =
            RunRecord { redaction: Some(redaction), ..RunRecord::open(Timestamp::from_micros(4).expect("a time")) };
        let second = printed_of(run, &format!(r#"{{"model":"{key}"}}"#));
        assert!(second.contains("#redaction = :if_redaction AND #status = :if_status"), "{second}");
    }

    #[test]
    fn a_final_status_ends_the_run() {
        assert_eq!(
            printed(r#"{"status":"completed"}"#),
            r#"update SET #ua = :ua, #status = :status, #fa = :fa ADD #revision :revision | #status = :if_status | {":fa": N("5"), ":if_status": S("in_progress"), ":revision": N("1"), ":status": S("completed"), ":ua": N("5")}"#
        );
    }

    #[test]
    fn a_heartbeat_and_an_end_leave_a_receipt_as_it_is() {
        // More was taken than is named.
        let redaction = Redaction { rules: 4, total: 151, more: Some(51), ..Redaction::default() };
        for body in ["{}", r#"{"status":"completed"}"#] {
            let run = RunRecord {
                redaction: Some(redaction.clone()),
                ..RunRecord::open(Timestamp::from_micros(4).expect("a time"))
            };
            assert!(!printed_of(run, body).contains("redaction"), "{body}");
        }
    }
}
