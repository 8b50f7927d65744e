//! The writes that record. Each becomes visible last, as a whole, or not at all.
//!
//! Content parts go first, under a fresh write id that nothing names yet. A whole turn's heads go
//! with its run in one transaction; those that do not fit go before it, marked with the digest of the
//! post, which only the run that comes last confirms. A step of an open run is one transaction over
//! two small items: the head, and the run with its totals.

use super::{
    Chat, RunRecord, Snapshot, StepRecord, Store, Totals, back_off, chats,
    client::{Fault, Reason, names, refused, values},
    content::{Content, SIDE_BY_SIDE, encode, parts},
    item::{Item, number, text, time},
    keys, unbuilt,
};
use crate::{
    access::{RecordableChat, RefusedChat},
    failure::Failure,
    ids::{WriteId, run_started_at},
    redact::Redacted,
};
use api::{
    ids::{ChatId, StepNumber},
    json::{Violation, Word},
    problem::Problem,
    run::{CreateRun, Run, RunState, Status, UpdateRun},
    step::{AttemptStatus, StepInput},
    time::Timestamp,
};
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Put, ReturnValuesOnConditionCheckFailure::AllOld, TransactWriteItem, Update,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use ring::digest::{SHA256, digest};
use std::collections::HashMap;
use tokio::time::Instant;

/// Heads that go with their run in one transaction, which takes 100 items.
const HEADS_IN_TRANSACTION: usize = 90;
/// How often a step is tried again that others put at the same time. One of them wins each time; the
/// deadline usually ends it before.
const CONTENDED_TRIES: u32 = 64;
/// The longest endpoint label, in characters.
const MAX_LABEL: usize = 200;
/// The longest first message, in characters.
const MAX_FIRST_MESSAGE: usize = 200;

/// What became of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// The run is new.
    New(Run),
    /// The same was posted before; this is the answer of then.
    Same(Run),
}

/// What became of a step's put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepWritten {
    /// The number was free.
    Created,
    /// The step that stood there is gone.
    Replaced,
}

/// A patch, checked against the run that it is for.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    run: RunRecord,
    status: Option<Status>,
    finished_at: Option<Timestamp>,
    others: Vec<(&'static str, Option<AttributeValue>)>,
}

impl Patch {
    /// What `body` changes about `run`; a final status ends now if it does not say when.
    pub fn of(body: UpdateRun, run: RunRecord, now: Timestamp) -> Result<Self, Violation> {
        if body.finished_at.is_some_and(|end| end < run.started_at) {
            return Err(Violation::new("/finished_at", "must not lie before the run's `started_at`"));
        }
        let first_message = body.summary.and_then(|summary| summary.first_message);
        let others = [
            ("provider", body.provider.map(text)),
            ("model", body.model.map(text)),
            ("model_config_id", body.model_config_id.map(|id| text(id.to_string()))),
            ("trigger_message_id", body.trigger_message_id.map(number)),
            ("history_tip_message_id", body.history_tip_message_id.map(number)),
        ];
        let mut others: Vec<_> = others.into_iter().filter(|(_, value)| value.is_some()).collect();
        if let Some(message) = first_message {
            others.push(("first_message", label(&message, MAX_FIRST_MESSAGE).map(text)));
        }
        let finished_at = end(body.status, body.finished_at, run.started_at, now);
        Ok(Self { run, status: body.status, finished_at, others })
    }
}

/// When a run ends: as it says; or now, but never before its start, when its status is final.
fn end(status: Option<Status>, named: Option<Timestamp>, start: Timestamp, now: Timestamp) -> Option<Timestamp> {
    named.or_else(|| status.is_some_and(Status::is_final).then(|| now.max(start)))
}

/// White space collapsed, cut to `max` characters with the ellipsis inside; `None` when nothing is left.
fn label(message: &str, max: usize) -> Option<String> {
    let mut words = message.split_whitespace();
    let mut label = words.next()?.to_owned();
    for word in words {
        label.push(' ');
        label.push_str(word);
    }
    if label.chars().count() > max {
        label = label.chars().take(max - 1).collect::<String>() + "…";
    }
    Some(label)
}

/// "METHOD /path" of a step's first completed attempt.
fn endpoint_label(step: &StepInput) -> Option<String> {
    let attempt = step.attempts.iter().find(|attempt| attempt.status == AttemptStatus::Completed)?;
    let address = attempt.path.as_deref().or(attempt.url.as_deref())?;
    label(&format!("{} {}", attempt.method.as_deref().unwrap_or_default(), path_of(address)), MAX_LABEL)
}

/// The path of a URL, or a path without its query.
fn path_of(address: &str) -> &str {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    match address.split_once("//") {
        Some((scheme, rest)) if !scheme.contains('/') => rest.find('/').map_or("/", |at| rest.split_at(at).1),
        _ => address,
    }
}

fn head(step: &StepInput, number: StepNumber, content: Content, write: &WriteId, now: Timestamp) -> StepRecord {
    StepRecord {
        number,
        operation: step.operation,
        status: step.status,
        started_at: step.started_at,
        finished_at: step.finished_at,
        updated_at: now,
        history_tip: step.history_tip_message_id,
        assistant_message: step.assistant_message_id,
        totals: Totals::of(step),
        write: write.to_string(),
        turn: None,
        content,
    }
}

/// The run that a post makes. Its steps' numbers are known to be there.
fn record(chat: ChatId, body: &CreateRun, now: Timestamp) -> Result<RunRecord, Failure> {
    let first = body.steps.iter().min_by_key(|step| step.step_number);
    let first_message = body.summary.as_ref().and_then(|summary| summary.first_message.as_deref());
    Ok(RunRecord {
        chat,
        id: body.id.unwrap_or_else(|| run_started_at(body.started_at)),
        kind: body.kind,
        status: body.status,
        started_at: body.started_at,
        finished_at: end(Some(body.status), body.finished_at, body.started_at, now),
        created_at: now,
        updated_at: now,
        provider: body.provider.clone(),
        model: body.model.clone(),
        first_message: first_message.and_then(|message| label(message, MAX_FIRST_MESSAGE)),
        root: body.root_chat_id,
        parent: body.parent_chat_id,
        model_config: body.model_config_id,
        trigger_message: body.trigger_message_id,
        history_tip: body.history_tip_message_id,
        digest: digest_of(body)?,
        totals: body.steps.iter().map(Totals::of).sum(),
        first_step: first.and_then(|step| step.step_number),
        endpoint_label: first.and_then(endpoint_label),
    })
}

/// What was posted, without white space between our members and without the keys that are redacted.
fn digest_of(body: &CreateRun) -> Result<Vec<u8>, Failure> {
    let json = serde_json::to_vec(body).map_err(|_| Failure::internal("body is no JSON"))?;
    Ok(digest(&SHA256, &json).as_ref().to_vec())
}

/// The same again is the same answer, whatever happened to the run since: it is made of what was
/// posted, and of the moment of then.
fn same(stood: &RunRecord, posted: &RunRecord) -> Result<Created, Failure> {
    if stood.digest != posted.digest {
        return Err(Problem::OtherContent.into());
    }
    let finished_at = if posted.status.is_final() { stood.finished_at } else { posted.finished_at };
    let then = RunRecord { finished_at, created_at: stood.created_at, updated_at: stood.created_at, ..posted.clone() };
    Ok(Created::Same(then.into()))
}

impl Store {
    /// The answer to a post that was recorded before, if it was: for a chat that is recorded no more.
    pub fn recorded_before(
        &self,
        chat: &RefusedChat,
        body: &Redacted<CreateRun>,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Result<Option<Created>, Failure> {
        let Some(stood) = &snapshot.run else { return Ok(None) };
        // Other content under the same id was not recorded, which is what its recorder is then told.
        Ok(same(stood, &record(chat.id(), body, now)?).ok())
    }

    /// Records a run, or a whole turn. `body` is checked.
    pub async fn create_run(
        &self,
        chat: &RecordableChat,
        body: &Redacted<CreateRun>,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Result<Created, Failure> {
        let run = record(chat.id(), body, now)?;
        if let Some(stood) = &snapshot.run {
            return same(stood, &run);
        }
        let write = WriteId::random();
        let mut heads = Vec::with_capacity(body.steps.len());
        let mut unseen = Vec::new();
        for step in &body.steps {
            let Some(number) = step.step_number else { continue };
            let (content, beside) = Content::of(encode(step)?);
            unseen.extend(parts(run.chat, run.id, number, &write, &beside));
            let head = head(step, number, content, &write, now);
            heads.push(StepRecord { turn: Some(run.digest.clone()), ..head }.item(run.chat, run.id));
        }
        let with_run = heads.split_off(heads.len().saturating_sub(HEADS_IN_TRANSACTION));
        self.put_all(unseen).await?;
        if !self.put_early(&run, heads).await? {
            // A head of another post, or of a run that stands, is in the way. Nothing of ours is confirmed.
            let stood = self.get(keys::run(run.chat, run.id)).await?;
            let stood = stood.as_ref().map(RunRecord::read).transpose()?;
            return stood.map_or(Err(Problem::OtherContent.into()), |stood| same(&stood, &run));
        }
        self.put_turn(chat, body, &run, with_run, now).await
    }

    /// Heads that only the run can confirm. They never take the place of anything; one that the same
    /// post put before is as good. Says whether all of them stand.
    async fn put_early(&self, run: &RunRecord, heads: Vec<Item>) -> Result<bool, Failure> {
        let puts = stream::iter(heads).map(|head| async {
            let put = self.client.put_item().table_name(&self.table).set_item(Some(head));
            let put =
                put.condition_expression("attribute_not_exists(pk)").return_values_on_condition_check_failure(AllOld);
            match put.send().await.map_err(refused("PutItem")) {
                Ok(_) => Ok(true),
                Err(Fault::Condition(Some(stood))) => Ok(StepRecord::read(&stood)?.turn.as_ref() == Some(&run.digest)),
                Err(fault) => Err(Failure::from(fault)),
            }
        });
        puts.buffer_unordered(SIDE_BY_SIDE).try_fold(true, |all, one| async move { Ok(all && one) }).await
    }

    async fn put_turn(
        &self,
        chat: &RecordableChat,
        body: &CreateRun,
        run: &RunRecord,
        heads: Vec<Item>,
        now: Timestamp,
    ) -> Result<Created, Failure> {
        let new_chat = chats::item(run.chat, &body.owner_id, body.root_chat_id, body.parent_chat_id, now);
        let mut chat = if chat.is_registered() { self.chat_stands(run.chat)? } else { self.put_if_absent(new_chat)? };
        let mut others = vec![self.is_absent(keys::gone(run.chat, run.id))?, self.put_if_absent(run.item())?];
        for head in heads {
            let put = Put::builder().table_name(&self.table).set_item(Some(head)).build();
            others.push(TransactWriteItem::builder().put(put.map_err(unbuilt)?).build());
        }
        loop {
            let items = std::iter::once(chat.clone()).chain(others.iter().cloned()).collect();
            let reasons = match self.transact(items).await {
                Ok(()) => return Ok(Created::New(run.clone().into())),
                Err(Fault::Cancelled(reasons)) => reasons,
                Err(fault) => return Err(fault.into()),
            };
            match reasons.as_slice() {
                [_, Reason::Condition(_), ..] => return Err(Problem::NotFound.into()),
                [_, _, Reason::Condition(Some(stood)), ..] => return same(&RunRecord::read(stood)?, run),
                // Another first post registered the chat meanwhile: its owner has to be ours, and it has to live.
                [Reason::Condition(Some(stood)), ..] => match Chat::read(stood)? {
                    Chat { deleted: true, .. } => return Err(Problem::NotFound.into()),
                    Chat { owner, .. } if owner != body.owner_id => return Err(Problem::OtherOwner.into()),
                    _ => chat = self.chat_stands(run.chat)?,
                },
                _ => return Err(Fault::Cancelled(reasons).into()),
            }
        }
    }

    fn put_if_absent(&self, item: Item) -> Result<TransactWriteItem, Failure> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(AllOld)
            .build();
        Ok(TransactWriteItem::builder().put(put.map_err(unbuilt)?).build())
    }

    fn is_absent(&self, key: keys::Key) -> Result<TransactWriteItem, Failure> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(key.item()))
            .condition_expression("attribute_not_exists(pk)")
            .build();
        Ok(TransactWriteItem::builder().condition_check(check.map_err(unbuilt)?).build())
    }

    /// An owner never changes, so that the chat lives is all there is to check again.
    pub(super) fn chat_stands(&self, chat: ChatId) -> Result<TransactWriteItem, Failure> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(keys::chat(chat).item()))
            .condition_expression("attribute_exists(pk) AND attribute_not_exists(#deleted)")
            .set_expression_attribute_names(Some(names(["deleted"])))
            .return_values_on_condition_check_failure(AllOld)
            .build();
        Ok(TransactWriteItem::builder().condition_check(check.map_err(unbuilt)?).build())
    }

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
        let head = head(step, number, content, &write, now);
        self.put_all(parts(run.chat, run.id, number, &write, &beside)).await?;
        for tries in 0..CONTENDED_TRIES {
            let items = vec![
                self.touch_run(&run, &head, stood.as_ref(), endpoint_label(step), now)?,
                self.put_head(&run, &head, stood.as_ref())?,
            ];
            let reasons = match self.transact(items).await {
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
                    run = RunRecord::read(item)?;
                    run.status.is_final().then_some(Problem::RunFinal)
                }
                [_, Reason::Condition(item)] => {
                    stood = item.as_ref().map(StepRecord::read).transpose()?;
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

    /// A change of a run that is open.
    fn update_open(&self, run: &RunRecord, mut change: Change) -> Result<TransactWriteItem, Failure> {
        change.require("#status = :open", [("status", None), (":open", Some(text(Status::InProgress.as_str())))]);
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::run(run.chat, run.id).item()))
            .update_expression(change.expression())
            .condition_expression(change.conditions.join(" AND "))
            .set_expression_attribute_names(Some(change.names))
            .set_expression_attribute_values(Some(change.values))
            .return_values_on_condition_check_failure(AllOld)
            .build();
        Ok(TransactWriteItem::builder().update(update.map_err(unbuilt)?).build())
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
                .set_expression_attribute_names(Some(names(["write"])))
                .set_expression_attribute_values(Some(values([(":write", text(stood.write.as_str()))]))),
        };
        Ok(TransactWriteItem::builder().put(put.build().map_err(unbuilt)?).build())
    }

    /// Changes an open run. On a final one the same status again has no effect.
    pub async fn update_run(&self, _: &RecordableChat, patch: Patch, now: Timestamp) -> Result<RunState, Failure> {
        self.patch(patch, now).await
    }

    /// Closes an open run of a chat that is recorded no more: its state is stored, nothing else.
    pub async fn close_run(&self, _: &RefusedChat, patch: Patch, now: Timestamp) -> Result<RunState, Failure> {
        let patch = Patch { others: Vec::new(), ..patch };
        if patch.status.is_none() && !patch.run.status.is_final() {
            return Ok(state(&patch.run));
        }
        self.patch(patch, now).await
    }

    async fn patch(
        &self,
        Patch { mut run, status, finished_at, others }: Patch,
        now: Timestamp,
    ) -> Result<RunState, Failure> {
        if run.status.is_final() {
            return final_again(&run, status);
        }
        let mut change = Change::default();
        change.set("updated_at", time(now));
        if let Some(status) = status {
            change.set("status", text(status.as_str()));
        }
        if let Some(end) = finished_at {
            change.set("finished_at", time(end));
        }
        for (name, value) in others {
            change.set_or_remove(name, value);
        }
        // A transaction, which has a name: a try that arrives late, after another patch was
        // acknowledged, has no effect of its own.
        match self.transact(vec![self.update_open(&run, change)?]).await {
            Ok(()) => {
                run = RunRecord { status: status.unwrap_or(run.status), finished_at, updated_at: now, ..run };
                Ok(state(&run))
            }
            Err(Fault::Cancelled(reasons)) => match reasons.as_slice() {
                [Reason::Condition(Some(item))] => final_again(&RunRecord::read(item)?, status),
                [Reason::Condition(None)] => Err(Problem::NotFound.into()),
                _ => Err(Fault::Cancelled(reasons).into()),
            },
            Err(fault) => Err(fault.into()),
        }
    }
}

/// What a patch answers.
fn state(run: &RunRecord) -> RunState {
    RunState { id: run.id, status: run.status, updated_at: run.updated_at, finished_at: run.finished_at }
}

/// A final run answers the status that it has, and refuses every other change.
fn final_again(run: &RunRecord, status: Option<Status>) -> Result<RunState, Failure> {
    if status == Some(run.status) { Ok(state(run)) } else { Err(Problem::RunFinal.into()) }
}

/// An update expression in the making.
#[derive(Default)]
struct Change {
    set: Vec<String>,
    add: Vec<String>,
    remove: Vec<String>,
    conditions: Vec<String>,
    names: HashMap<String, String>,
    values: Item,
}

impl Change {
    fn name(&mut self, name: &str) {
        self.names.insert(format!("#{name}"), name.to_owned());
    }

    fn set(&mut self, name: &str, value: AttributeValue) {
        self.name(name);
        self.set.push(format!("#{name} = :{name}"));
        self.values.insert(format!(":{name}"), value);
    }

    fn set_or_remove(&mut self, name: &str, value: Option<AttributeValue>) {
        if let Some(value) = value {
            self.set(name, value);
        } else {
            self.name(name);
            self.remove.push(format!("#{name}"));
        }
    }

    fn add(&mut self, name: &str, value: AttributeValue) {
        self.name(name);
        self.add.push(format!("#{name} :{name}"));
        self.values.insert(format!(":{name}"), value);
    }

    fn require<const N: usize>(&mut self, condition: &str, uses: [(&str, Option<AttributeValue>); N]) {
        self.conditions.push(condition.to_owned());
        for (name, value) in uses {
            match value {
                Some(value) => {
                    self.values.insert(name.to_owned(), value);
                }
                None => self.name(name),
            }
        }
    }

    fn expression(&self) -> String {
        [("SET", &self.set), ("ADD", &self.add), ("REMOVE", &self.remove)]
            .into_iter()
            .filter(|(_, parts)| !parts.is_empty())
            .map(|(verb, parts)| format!("{verb} {}", parts.join(", ")))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_cut_with_its_ellipsis_inside_the_limit() {
        assert_eq!(label("  a \n\t b\u{a0}c ", 200).as_deref(), Some("a b c"));
        assert_eq!(label(&"é".repeat(200), 200), Some("é".repeat(200)));
        assert_eq!(label(&"é".repeat(201), 200), Some("é".repeat(199) + "…"));
        assert_eq!(label(" \n ", 200), None);
    }

    #[test]
    fn a_path_is_found_in_any_address() {
        for (address, path) in [
            ("https://api.example.com/v1/messages?beta=true", "/v1/messages"),
            ("https://api.example.com?next=/x", "/"),
            ("/v1/messages#x", "/v1/messages"),
            ("/v1//messages", "/v1//messages"),
        ] {
            assert_eq!(path_of(address), path, "{address}");
        }
    }
}
