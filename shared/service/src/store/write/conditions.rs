//! The conditions that several writes have in common.

use super::super::{
    change::Change,
    item::{flag, number, text},
    keys,
    records::run::{REVISION, RunRecord},
    transaction::Action,
};
use api::{ids::ChatId, json::StringEnum, status::Status};

/// The gate as a condition: one that closes while a setting is written wins.
pub(super) fn gate_is_open() -> Action {
    let open = Change::default().require_equal("allow_users", flag(true));
    Action::Check(keys::deployment(), open.returning_existing())
}

/// A chat that lives. An owner never changes, so that is all there is to check again.
pub(super) fn chat_exists(chat: ChatId) -> Action {
    let exists = Change::default().require_item().require_missing("deleted");
    Action::Check(keys::chat(chat), exists.returning_existing())
}

/// A change of a run, as long as it is open.
pub(super) fn update_open_run(run: &RunRecord, mut change: Change) -> Action {
    change.add(REVISION, number(1));
    let open = change.require_equal("status", text(Status::InProgress.as_str()));
    Action::Update(keys::run(run.chat, run.id), open.returning_existing())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_writes_require() {
        assert_eq!(
            gate_is_open().printed(),
            r#"check  | #allow_users = :if_allow_users | {":if_allow_users": Bool(true)}"#
        );
        let chat = ChatId::from_uuid(uuid::Uuid::nil());
        assert_eq!(
            chat_exists(chat).printed(),
            "check  | attribute_exists(pk) AND attribute_not_exists(#deleted) | {}"
        );
    }
}
