//! The first two tiers of the policy: the deployment's gate and a user's opt-in.
//!
//! A setting that cannot be read is no setting: the caller gets a 503, and nothing is decided.

use super::{
    Store,
    client::{Fault, Reason, failed, names, values},
    item::{Read, Undecodable, flag, time},
    keys,
};
use crate::{
    access::{Admin, Claim, User},
    failure::Failure,
};
use api::{ids::UserId, problem::Problem, settings::ChatOverride, time::Timestamp};
use aws_sdk_dynamodb::types::{
    ConditionCheck, Put, ReturnValuesOnConditionCheckFailure::AllOld, TransactWriteItem, Update,
};

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

impl Store {
    /// The gate; never set means closed.
    pub async fn gate(&self) -> Result<bool, Failure> {
        let found = self.get(keys::deployment()).await?.unwrap_or_default();
        Ok(Read(&found).flag("allow_users").map_err(unreadable)?.unwrap_or(false))
    }

    /// A user's opt-in; never given means no.
    pub(crate) async fn opt_in(&self, user: &UserId) -> Result<bool, Failure> {
        let found = self.get(keys::user(user)).await?.unwrap_or_default();
        Ok(Read(&found).flag("opt_in").map_err(unreadable)?.unwrap_or(false))
    }

    /// The gate and a user's opt-in.
    pub async fn user_tier(&self, user: &UserId) -> Result<UserTier, Failure> {
        let (gate, opt_in) = (keys::deployment(), keys::user(user));
        let found = self.get_all(&[gate.clone(), opt_in.clone()]).await?;
        let read = |key: &keys::Key, name| match found.iter().find(|item| key.is_of(item)) {
            Some(item) => Read(item).flag(name).map_err(unreadable).map(Option::unwrap_or_default),
            None => Ok(false),
        };
        Ok(UserTier { allow_users: read(&gate, "allow_users")?, opt_in: read(&opt_in, "opt_in")? })
    }

    /// Opens or closes the gate.
    pub async fn put_gate(&self, _: &Admin, allow_users: bool, now: Timestamp) -> Result<(), Failure> {
        let mut item = keys::deployment().item();
        item.insert("allow_users".into(), flag(allow_users));
        item.insert("updated_at".into(), time(now));
        self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await.map_err(failed("PutItem"))?;
        Ok(())
    }

    /// Stores a user's opt-in. Opting out always passes; opting in passes an open gate only.
    pub async fn put_opt_in(&self, user: &User, opt_in: bool, now: Timestamp) -> Result<(), Failure> {
        let mut item = keys::user(user.id()).item();
        item.insert("opt_in".into(), flag(opt_in));
        item.insert("updated_at".into(), time(now));
        if !opt_in {
            self.client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(item))
                .send()
                .await
                .map_err(failed("PutItem"))?;
            return Ok(());
        }
        let put = Put::builder().table_name(&self.table).set_item(Some(item)).build();
        let put = TransactWriteItem::builder().put(put.map_err(super::unbuilt)?).build();
        match self.transact(vec![self.gate_is_open()?, put]).await {
            Ok(()) => Ok(()),
            Err(Fault::Cancelled(reasons)) if matches!(reasons.first(), Some(Reason::Condition(_))) => {
                Err(Problem::GateClosed.into())
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// Stores a chat's override, for its owner only. `off` always passes the gate.
    pub async fn put_override(&self, claim: &Claim, override_: ChatOverride, now: Timestamp) -> Result<(), Failure> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::chat(claim.chat()).item()))
            .update_expression("SET #override = :override, #updated_at = :now")
            .condition_expression("#owner = :owner AND attribute_not_exists(#deleted)")
            .set_expression_attribute_names(Some(names(["override", "updated_at", "owner", "deleted"])))
            .set_expression_attribute_values(Some(values([
                (":override", super::chats::override_attribute(override_)),
                (":now", time(now)),
                (":owner", super::item::text(claim.user().as_str())),
            ])))
            .build();
        let mut items = vec![TransactWriteItem::builder().update(update.map_err(super::unbuilt)?).build()];
        if override_ != ChatOverride::Off {
            items.push(self.gate_is_open()?);
        }
        match self.transact(items).await {
            Ok(()) => Ok(()),
            Err(Fault::Cancelled(reasons)) => match reasons.as_slice() {
                [Reason::Condition(_), ..] => Err(Problem::NotFound.into()),
                [_, Reason::Condition(_)] => Err(Problem::GateClosed.into()),
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
            .set_expression_attribute_names(Some(names(["allow_users"])))
            .set_expression_attribute_values(Some(values([(":true", flag(true))])))
            .return_values_on_condition_check_failure(AllOld)
            .build();
        Ok(TransactWriteItem::builder().condition_check(check.map_err(super::unbuilt)?).build())
    }
}
