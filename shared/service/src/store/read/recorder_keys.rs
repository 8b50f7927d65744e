//! Recorder keys: one, to prove a recorder by, and those that a person keeps.

use super::super::{
    item::required,
    keys,
    records::{recorder_key::KeyRecord, settings::unreadable},
    table::{Order, Store},
};
use crate::{access::proof::KeyHolder, failure::Failure};
use api::{
    ids::KeyId,
    recorder_keys::{MAX_KEYS, RecorderKey},
};
use futures_util::future::try_join_all;

impl Store {
    /// A key, for [`crate::access`] to judge by.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the table does not answer, or the key does not decode: whom it records for is never
    /// guessed.
    pub(crate) async fn recorder_key(&self, id: KeyId) -> Result<Option<KeyRecord>, Failure> {
        let found = self.get(keys::recorder_key(id)).await?;
        found.map(KeyRecord::read).transpose().map_err(unreadable)
    }

    /// The keys of these holders, the newest first.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the table does not answer; `Problem::Internal` when a key does not decode.
    pub async fn recorder_keys(&self, holders: &[KeyHolder]) -> Result<Vec<RecorderKey>, Failure> {
        let lists = try_join_all(holders.iter().map(|holder| self.listed_keys(holder))).await?;
        let mut ids = lists.concat();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        // The ids are made of the moment.
        ids.sort_unstable_by(|one, other| other.cmp(one));
        let wanted: Vec<_> = ids.iter().map(|id| keys::recorder_key(*id)).collect();
        let found = self.get_all(&wanted.iter().collect::<Vec<_>>()).await?;
        let mut found = found.read()?;
        let mut shown = Vec::with_capacity(ids.len());
        for (id, key) in ids.into_iter().zip(&wanted) {
            // One that was revoked meanwhile is not there.
            if let Some(item) = found.take(key) {
                shown.push(KeyRecord::read(item)?.shown(id));
            }
        }
        Ok(shown)
    }

    async fn listed_keys(&self, holder: &KeyHolder) -> Result<Vec<KeyId>, Failure> {
        let range = keys::held_keys(holder.owner());
        let (mut ids, mut start) = (Vec::new(), None);
        loop {
            // One more than there can be says at once that there are no others.
            let page = self.query(&range, Order::Descending, Some(MAX_KEYS + 1), start, None).await?;
            for item in &page.items {
                ids.push(required(item.read()?.sort_key().and_then(keys::held_key_of), "sk")?);
            }
            start = page.next;
            if start.is_none() {
                return Ok(ids);
            }
        }
    }
}
