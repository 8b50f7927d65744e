//! Writes what the policy decides by: an admin's gate, a user's opt-in, a chat's override.
//!
//! Settings are written in a transaction because it has an idempotency token: a delayed retry cannot overwrite a newer
//! setting.

use super::{
    super::{
        change::Change,
        errors::{Cancellation, WriteError},
        item::{Attributes, Item, flag, text, time},
        keys,
        records::settings::GateAndOptIn,
        table::Store,
        transaction::Action,
    },
    conditions::gate_is_open,
};
use crate::{
    access::proof::{Admin, OwnerCondition, User},
    failure::Failure,
};
use api::{ids::UserId, json::StringEnum, problem::Problem, settings::ChatOverride, time::Timestamp};

/// Why the gate refused a write: it is closed, or its item cannot be read.
fn gate_closed(gate: Option<Item>) -> Failure {
    GateAndOptIn::of(gate.map(Attributes::from), None).map_or_else(|failure| failure, |_| Problem::GateClosed.into())
}

/// Sets a chat's override. Requires that the user owns the chat, and that it is not deleted.
fn override_if_owned(user: &UserId, override_: ChatOverride, now: Timestamp) -> Change {
    let mut change = Change::default().require_equal("owner", text(user.as_str())).require_missing("deleted");
    change.set("override", text(override_.as_str()));
    change.set("updated_at", time(now));
    change
}

impl Store {
    /// Opens or closes the gate.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the table does not answer.
    pub async fn put_gate(&self, _: &Admin, allow_users: bool, now: Timestamp) -> Result<(), Failure> {
        let mut item = keys::deployment().item();
        item.insert("allow_users".into(), flag(allow_users));
        item.insert("updated_at".into(), time(now));
        Ok(self.transact(vec![Action::put(item)]).await?)
    }

    /// Stores a user's opt-in. Opting out always passes; opting in passes an open gate only.
    ///
    /// # Errors
    ///
    /// `Problem::GateClosed`; `Problem::Unavailable` when the table does not answer, or the gate cannot be read.
    pub async fn put_opt_in(&self, user: &User, opt_in: bool, now: Timestamp) -> Result<(), Failure> {
        let mut item = keys::user(user.id()).item();
        item.insert("opt_in".into(), flag(opt_in));
        item.insert("updated_at".into(), time(now));
        let gate = opt_in.then(gate_is_open);
        match self.transact(gate.into_iter().chain([Action::put(item)]).collect()).await {
            Err(WriteError::Cancelled(reasons)) => match reasons.as_slice() {
                [Cancellation::Condition(gate), _] => Err(gate_closed(gate.clone())),
                _ => Err(WriteError::Cancelled(reasons).into()),
            },
            written => Ok(written?),
        }
    }

    /// Stores a chat's override, for its owner only. `off` always passes the gate.
    ///
    /// # Errors
    ///
    /// `Problem::NotFound` when the user owns no such chat; else as in [`Self::put_opt_in`].
    pub async fn put_override(
        &self,
        condition: &OwnerCondition,
        override_: ChatOverride,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let change = override_if_owned(condition.user(), override_, now);
        let mut actions = vec![Action::Update(keys::chat(condition.chat()), change)];
        if override_ != ChatOverride::Off {
            actions.push(gate_is_open());
        }
        match self.transact(actions).await {
            Err(WriteError::Cancelled(reasons)) => match reasons.as_slice() {
                [Cancellation::Condition(_), ..] => Err(Problem::NotFound.into()),
                [_, Cancellation::Condition(gate)] => Err(gate_closed(gate.clone())),
                _ => Err(WriteError::Cancelled(reasons).into()),
            },
            written => Ok(written?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_override_is_set_by_the_owner_of_a_chat_that_exists() {
        let (user, now) = ("alice".parse().expect("an id"), Timestamp::from_micros(5).expect("a time"));
        assert_eq!(
            override_if_owned(&user, ChatOverride::Off, now).printed(),
            r#"SET #override = :override, #updated_at = :updated_at | #owner = :if_owner AND attribute_not_exists(#deleted) | {":if_owner": S("alice"), ":override": S("off"), ":updated_at": N("5")}"#
        );
    }
}
