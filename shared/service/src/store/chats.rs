//! Chats: who owns one, what it says about recording, and that it is gone.

use super::{
    Store,
    change::Change,
    client::{Fault, refused},
    item::{Read, Undecodable, flag, required, text, time},
    keys,
    runs::RunRecord,
    settings::unreadable,
};
use crate::{access::proof::Recorder, failure::Failure};
use api::{
    ids::{ChatId, RunId, UserId},
    run::PutChat,
    settings::ChatOverride,
    time::Timestamp,
};
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld;

/// A chat's item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    /// Whose it is, for ever.
    pub owner: UserId,
    /// The first chat of its family.
    pub root: Option<ChatId>,
    /// The chat that it came from.
    pub parent: Option<ChatId>,
    /// What it says about recording.
    pub override_: ChatOverride,
    /// Whether it is gone. The mark keeps the owner, so that nobody else can take the id.
    pub deleted: bool,
}

/// What became of a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// The chat is new.
    Created,
    /// It stood with the same owner.
    Stands,
    /// It stands with another owner.
    OtherOwner,
    /// It was deleted.
    Deleted,
}

impl Chat {
    pub(super) fn read(mut read: Read<'_>) -> Result<Self, Undecodable> {
        Ok(Self {
            owner: required(read.parsed("owner")?, "owner")?,
            root: read.parsed("root_chat_id")?,
            parent: read.parsed("parent_chat_id")?,
            override_: read.string_enum("override")?.unwrap_or(ChatOverride::Inherit),
            deleted: read.flag("deleted")?.unwrap_or(false),
        })
    }
}

/// What makes a chat, where none stands. An update names its attributes, which a put does not: so the roles of
/// recorders can be kept from `override` and `deleted`.
pub(super) fn made(owner: &UserId, root: Option<ChatId>, parent: Option<ChatId>, now: Timestamp) -> Change {
    let mut change = Change::default();
    change.set("owner", text(owner.as_str()));
    for (name, id) in [("root_chat_id", root), ("parent_chat_id", parent)] {
        if let Some(id) = id {
            change.set(name, text(id.to_string()));
        }
    }
    change.set("created_at", time(now));
    change
}

impl Store {
    /// A chat's item, for [`crate::access`] to judge.
    pub(crate) async fn chat(&self, chat: ChatId) -> Result<Option<Chat>, Failure> {
        let found = self.get(keys::chat(chat)).await?;
        // Ownership and override are settings: unreadable means 503, never a guess.
        found.map(Chat::read).transpose().map_err(unreadable)
    }

    /// A chat's item and a run of it, in one round trip, for [`crate::access`] to judge: what is wrong with
    /// the run is for the chat's owner alone.
    pub(crate) async fn chat_with_run(
        &self,
        chat: ChatId,
        run: RunId,
    ) -> Result<(Option<Chat>, Result<Option<RunRecord>, Failure>), Failure> {
        let (chat, run) = (keys::chat(chat), keys::run(chat, run));
        let mut found = self.get_all(&[&chat, &run]).await?;
        let chat = found.take(&chat).map(Chat::read).transpose().map_err(unreadable)?;
        Ok((chat, found.take(&run).map(RunRecord::read).transpose().map_err(Failure::from)))
    }

    /// Whether a chat was deleted: what a recorder may learn of one before its body is judged.
    pub async fn is_deleted(&self, _: &Recorder, chat: ChatId) -> Result<bool, Failure> {
        Ok(self.chat(chat).await?.is_some_and(|chat| chat.deleted))
    }

    /// Registers a chat unless it stands; the first lineage wins.
    pub async fn register(
        &self,
        _: &Recorder,
        chat: ChatId,
        body: &PutChat,
        now: Timestamp,
    ) -> Result<Registered, Failure> {
        let made = made(&body.owner_id, body.root_chat_id, body.parent_chat_id, now);
        let written = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(keys::chat(chat).item()))
            .update_expression(made.expression())
            .condition_expression("attribute_not_exists(pk)")
            .set_expression_attribute_names(Some(made.names))
            .set_expression_attribute_values(Some(made.values))
            .return_values_on_condition_check_failure(AllOld)
            .send()
            .await
            .map_err(refused("UpdateItem"));
        match written {
            Ok(_) => Ok(Registered::Created),
            Err(Fault::Condition(Some(stands))) => Ok(match Chat::read(stands.into())? {
                Chat { deleted: true, .. } => Registered::Deleted,
                Chat { owner, .. } if owner == body.owner_id => Registered::Stands,
                _ => Registered::OtherOwner,
            }),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Closes a chat for ever, if it is the claimant's; the mark stays when everything else goes.
    pub(super) async fn mark_deleted(&self, chat: ChatId, owner: &UserId) -> Result<bool, Failure> {
        let marked = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(keys::chat(chat).item()))
            .update_expression("SET #deleted = :true")
            .condition_expression("#owner = :owner")
            .set_expression_attribute_names(Some(super::client::names(&["owner", "deleted"])))
            .set_expression_attribute_values(Some(super::client::values([
                (":true", flag(true)),
                (":owner", text(owner.as_str())),
            ])))
            .send()
            .await
            .map_err(refused("UpdateItem"));
        match marked {
            Ok(_) => Ok(true),
            Err(Fault::Condition(_)) => Ok(false),
            Err(fault) => Err(fault.into()),
        }
    }
}
