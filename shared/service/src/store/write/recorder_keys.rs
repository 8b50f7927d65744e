//! Makes and revokes recorder keys, and notes that one was used.
//!
//! A key is an item of its own and an entry in its holder's list, made and deleted together, with the count that keeps
//! the list short.

use super::super::{
    change::Change,
    errors::{Cancellation, WriteError},
    item::{number, text},
    keys,
    records::recorder_key::{KeyRecord, LAST_USED_DAY},
    table::Store,
    transaction::Action,
};
use crate::{
    access::proof::{KeyHolder, RevocableKey},
    failure::Failure,
    identity::RecorderKey,
};
use api::{
    ids::KeyId,
    problem::Problem,
    recorder_keys::{self, CreateRecorderKey, MAX_KEYS},
    time::{Day, Timestamp},
};
use redact::Redacted;
use std::time::Duration;
use tokio::time::timeout;

/// How long a request waits for the note that its key was used.
const NOTE_TIME: Duration = Duration::from_millis(500);

/// How many keys a holder has.
const COUNT: &str = "recorder_keys";

/// One key more, or one fewer.
fn count(difference: i8) -> Change {
    let mut change = Change::default();
    change.add(COUNT, number(difference));
    change
}

impl Store {
    /// Stores a new key of this holder's.
    ///
    /// # Errors
    ///
    /// `Problem::TooManyKeys`; `Problem::Unavailable` when the table does not answer.
    pub async fn create_recorder_key(
        &self,
        holder: &KeyHolder,
        key: &RecorderKey,
        asked: Redacted<CreateRecorderKey>,
        now: Timestamp,
    ) -> Result<recorder_keys::RecorderKey, Failure> {
        let (asked, _) = asked.into_parts();
        let record = KeyRecord {
            hash: key.hash(),
            owner: holder.owner().cloned(),
            label: asked.label,
            created_at: now,
            valid_until: asked.expires_at,
            last_used_day: None,
        };
        let counted = count(1).require_missing_or_below(COUNT, number(MAX_KEYS));
        let actions = vec![
            Action::Update(keys::key_count(holder.owner()), counted),
            Action::put_if_absent(record.item(key.id)),
            Action::put(keys::held_key(holder.owner(), key.id).item()),
        ];
        match self.transact(actions).await {
            Ok(()) => Ok(record.shown(key.id)),
            Err(WriteError::Cancelled(reasons)) if matches!(*reasons, [Cancellation::Condition(_), ..]) => {
                Err(Problem::TooManyKeys.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Revokes a key: from then on it is unknown.
    ///
    /// # Errors
    ///
    /// `Problem::NotFound` when it was revoked meanwhile; `Problem::Unavailable` when the table does not answer.
    pub async fn revoke_recorder_key(&self, key: &RevocableKey) -> Result<(), Failure> {
        let (id, owner) = (key.id(), key.holder().owner());
        let actions = vec![
            Action::Delete(keys::recorder_key(id), Change::default().require_item()),
            Action::delete(keys::held_key(owner, id)),
            Action::Update(keys::key_count(owner), count(-1)),
        ];
        match self.transact(actions).await {
            Err(WriteError::Cancelled(reasons)) if matches!(*reasons, [Cancellation::Condition(_), ..]) => {
                Err(Problem::NotFound.into())
            }
            written => Ok(written?),
        }
    }

    /// Notes the day of a key's use, once a day. What comes of it is nobody's business: a key is good without.
    pub(crate) async fn note_use(&self, id: KeyId, record: &KeyRecord, today: Day) {
        if record.last_used_day.is_some_and(|day| day >= today) {
            return;
        }
        let today = text(today.to_string());
        let mut change = Change::default().require_item().require_missing_or_below(LAST_USED_DAY, today.clone());
        change.set(LAST_USED_DAY, today);
        let note = self.transact_once(Action::Update(keys::recorder_key(id), change));
        let _unnoted = timeout(NOTE_TIME, note).await;
    }
}
