//! Deletion: first a tombstone, which closes for ever; then the items, as far as the deadline goes.
//!
//! From the tombstone on nothing is visible and nothing can be written. What is left when the time is up is said; the
//! same `DELETE` again goes on where this one ended.

use super::{
    super::{
        change::Change,
        errors::{Cancellation, WriteError},
        item::{flag, text},
        keys::{self, Key},
        records::turn::Turn,
        table::{BATCH, Order, Store},
        transaction::Action,
    },
    conditions::chat_exists,
};
use crate::{
    access::proof::{OwnedChat, OwnerCondition, UnprovenChat},
    failure::Failure,
    metrics::count,
};
use api::{
    ids::{RunId, UserId},
    problem::Problem,
    time::Timestamp,
};
use tokio::time::Instant;

/// Makes a chat's item its tombstone. Requires that the user owns the chat; one that is deleted already is deleted
/// again.
fn tombstone_if_owned(user: &UserId) -> Change {
    let mut tombstone = Change::default().require_equal("owner", text(user.as_str()));
    tombstone.set("deleted", flag(true));
    tombstone
}

impl Store {
    /// Whether a run exists or left its tombstone: what may be deleted, again and again.
    ///
    /// # Errors
    ///
    /// `Problem::NotFound` when neither exists; `Problem::Unavailable` when the table does not answer.
    pub async fn is_deletable(&self, chat: &UnprovenChat, run: RunId) -> Result<(), Failure> {
        let (run, turn) = (keys::run(chat.id(), run), keys::turn(chat.id(), run));
        let found = self.get_all(&[&run, &turn]).await?;
        let mut found = found.read()?;
        let exists = found.take(&run).is_some() || found.take(&turn).is_some_and(Turn::is_tombstone);
        if exists { Ok(()) } else { Err(Problem::NotFound.into()) }
    }

    /// Deletes a run that [`Self::is_deletable`] found. Says whether all of it was removed.
    ///
    /// # Errors
    ///
    /// `Problem::NotFound` when the chat was deleted; `Problem::Unavailable` when the table does not answer before the
    /// tombstone is put.
    pub async fn delete_run(
        &self,
        chat: &OwnedChat,
        run: RunId,
        now: Timestamp,
        until: Instant,
    ) -> Result<bool, Failure> {
        let tombstone = Turn::tombstone((chat.id(), run), now);
        let actions = vec![chat_exists(chat.id()), Action::put(tombstone), Action::delete(keys::run(chat.id(), run))];
        match self.transact(actions).await {
            Ok(()) => {}
            Err(WriteError::Cancelled(reasons)) if matches!(reasons.first(), Some(Cancellation::Condition(_))) => {
                return Err(Problem::NotFound.into());
            }
            Err(error) => return Err(error.into()),
        }
        Ok(self.remove(&[keys::steps(chat.id(), run, None), keys::all_content(chat.id(), run)], until).await)
    }

    /// Deletes a chat with everything about it, if it is the user's; again is the same. Says whether all of it was
    /// removed. With its tombstone it leaves its owner's list.
    ///
    /// # Errors
    ///
    /// `Problem::NotFound` when the user owns no such chat; `Problem::Unavailable` when the table does not answer
    /// before the chat's item is a tombstone.
    pub async fn delete_chat(&self, condition: &OwnerCondition, until: Instant) -> Result<bool, Failure> {
        let (id, user) = (condition.chat(), condition.user());
        // Only for the entry's key. Whose chat it is, is the write's condition; to a stranger it is as if there were
        // none.
        let chat = self.chat(id).await?.filter(|chat| chat.owner == *user).ok_or(Problem::NotFound)?;
        let actions = vec![
            Action::Update(keys::chat(id), tombstone_if_owned(user)),
            Action::delete(keys::owned_chat(user, chat.registered_at, id)),
        ];
        match self.transact(actions).await {
            Ok(()) => Ok(self.remove(&[keys::all_of_chat(id)], until).await),
            Err(WriteError::Cancelled(reasons)) if matches!(reasons.first(), Some(Cancellation::Condition(_))) => {
                Err(Problem::NotFound.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Removes what it can until then, and says whether that was all. The tombstone is there, so a failure here is not
    /// the caller's.
    async fn remove(&self, ranges: &[keys::Range], until: Instant) -> bool {
        let removed = tokio::time::timeout_at(until, async {
            for range in ranges {
                self.remove_range(range, until).await?;
            }
            Ok::<_, Failure>(())
        });
        let is_complete = matches!(removed.await, Ok(Ok(())));
        count(|counts| counts.left_behind = u32::from(!is_complete));
        is_complete
    }

    async fn remove_range(&self, range: &keys::Range, until: Instant) -> Result<(), Failure> {
        let mut start = None;
        loop {
            let page = self.query(range, Order::Ascending, None, start, Some(&["pk", "sk"])).await?;
            let mut found = Vec::with_capacity(page.items.len());
            for item in page.items {
                found.push(Key::read(item.read()?)?);
            }
            // The chat's own item is its tombstone.
            found.retain(|key| key.sk != keys::CHAT);
            for batch in found.chunks(BATCH) {
                self.delete_all(batch, until).await?;
            }
            start = page.next;
            if start.is_none() {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_is_deleted_by_its_owner_also_again() {
        assert_eq!(
            tombstone_if_owned(&"alice".parse().expect("an id")).printed(),
            r#"SET #deleted = :deleted | #owner = :if_owner | {":deleted": Bool(true), ":if_owner": S("alice")}"#
        );
    }
}
