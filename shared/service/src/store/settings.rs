//! The first two tiers of the policy: the deployment's gate and a user's opt-in.
//!
//! A setting that cannot be read is no setting: the caller gets a 503, and nothing is decided. Every
//! setting is written by a transaction: those are named, so that a try that arrives late, after another
//! setting was acknowledged, has no effect of its own.

use super::{
    Store,
    client::{Fault, Reason, names, values},
    item::{Item, Read, Undecodable, flag, text, time},
    keys,
};
use crate::{
    access::proof::{Admin, OwnerCondition, User},
    failure::Failure,
};
use api::{ids::UserId, json::StringEnum, problem::Problem, settings::ChatOverride, time::Timestamp};
use aws_sdk_dynamodb::types::{ConditionCheck, ReturnValuesOnConditionCheckFailure::AllOld, TransactWriteItem, Update};

/// A user's screen: the gate and the opt-in, read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserTier {
    /// The admin's gate.
    pub allow_users: bool,
    /// The stored opt-in.
    pub opt_in: bool,
}

/// A setting that does not decode cannot be read: 503, and nothing is stored.
pub(super) fn unreadable(Undecodable(name): Undecodable) -> Failure {
    Failure::unavailable(format!("setting {name} does not decode"))
}

impl UserTier {
    /// From the items of the gate and of the user; one that is absent says no.
    pub(super) fn of(gate: Option<Read<'_>>, user: Option<Read<'_>>) -> Result<Self, Failure> {
        let setting = |item: Option<Read<'_>>, name| match item {
            Some(mut read) => read.flag(name).map_err(unreadable).map(Option::unwrap_or_default),
            None => Ok(false),
        };
        Ok(Self { allow_users: setting(gate, "allow_users")?, opt_in: setting(user, "opt_in")? })
    }
}

/// A gate that stood in a write's way: closed, unless it cannot be read.
fn gate_closed(gate: Option<Item>) -> Failure {
    UserTier::of(gate.map(Read::from), None).map_or_else(|failure| failure, |_| Problem::GateClosed.into())
}

impl Store {
    /// The gate; never set means closed.
    pub async fn gate(&self) -> Result<bool, Failure> {
        Ok(UserTier::of(self.get(keys::deployment()).await?, None)?.allow_users)
    }

    /// A user's opt-in; never given means no.
    pub(crate) async fn opt_in(&self, user: &UserId) -> Result<bool, Failure> {
        Ok(UserTier::of(None, self.get(keys::user(user)).await?)?.opt_in)
    }

    /// The gate and a user's opt-in.
    pub async fn user_tier(&self, user: &UserId) -> Result<UserTier, Failure> {
        let (gate, opt_in) = (keys::deployment(), keys::user(user));
        let mut found = self.get_all(&[&gate, &opt_in]).await?;
        UserTier::of(found.take(&gate), found.take(&opt_in))
    }

    /// Opens or closes the gate.
    pub async fn put_gate(&self, _: &Admin, allow_users: bool, now: Timestamp) -> Result<(), Failure> {
        let mut item = keys::deployment().item();
        item.insert("allow_users".into(), flag(allow_users));
        item.insert("updated_at".into(), time(now));
        Ok(self.transact(&[self.put(item)?]).await?)
    }

    /// Stores a user's opt-in. Opting out always passes; opting in passes an open gate only.
    pub async fn put_opt_in(&self, user: &User, opt_in: bool, now: Timestamp) -> Result<(), Failure> {
        let mut item = keys::user(user.id()).item();
        item.insert("opt_in".into(), flag(opt_in));
        item.insert("updated_at".into(), time(now));
        let gate = if opt_in { vec![self.gate_is_open()?] } else { Vec::new() };
        let items: Vec<_> = gate.into_iter().chain([self.put(item)?]).collect();
        match self.transact(&items).await {
            Err(Fault::Cancelled(reasons)) => match reasons.as_slice() {
                [Reason::Condition(gate), _] => Err(gate_closed(gate.clone())),
                _ => Err(Fault::Cancelled(reasons).into()),
            },
            written => Ok(written?),
        }
    }

    /// Stores a chat's override, for its owner only. `off` always passes the gate.
    pub async fn put_override(
        &self,
        condition: &OwnerCondition,
        override_: ChatOverride,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::chat(condition.chat()).item()))
            .update_expression("SET #override = :override, #updated_at = :now")
            .condition_expression("#owner = :owner AND attribute_not_exists(#deleted)")
            .set_expression_attribute_names(Some(names(&["override", "updated_at", "owner", "deleted"])))
            .set_expression_attribute_values(Some(values([
                (":override", text(override_.as_str())),
                (":now", time(now)),
                (":owner", text(condition.user().as_str())),
            ])))
            .build();
        let mut items = vec![TransactWriteItem::builder().update(update.map_err(super::unbuilt)?).build()];
        if override_ != ChatOverride::Off {
            items.push(self.gate_is_open()?);
        }
        match self.transact(&items).await {
            Ok(()) => Ok(()),
            Err(Fault::Cancelled(reasons)) => match reasons.as_slice() {
                [Reason::Condition(_), ..] => Err(Problem::NotFound.into()),
                [_, Reason::Condition(gate)] => Err(gate_closed(gate.clone())),
                _ => Err(Fault::Cancelled(reasons).into()),
            },
            Err(fault) => Err(fault.into()),
        }
    }

    /// The gate as a condition: one that closes while a setting is written wins.
    fn gate_is_open(&self) -> Result<TransactWriteItem, Failure> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(keys::deployment().item()))
            .condition_expression("#allow_users = :true")
            .set_expression_attribute_names(Some(names(&["allow_users"])))
            .set_expression_attribute_values(Some(values([(":true", flag(true))])))
            .return_values_on_condition_check_failure(AllOld)
            .build();
        Ok(TransactWriteItem::builder().condition_check(check.map_err(super::unbuilt)?).build())
    }
}
