//! A recorder key's item: the hash of its secret, and whom it records for.

use super::super::{
    item::{Attributes, Item, Undecodable, bytes, put, required, text, time},
    keys,
};
use crate::identity::SecretHash;
use api::{
    ids::{KeyId, UserId},
    recorder_keys::{KeyLabel, RecorderKey},
    time::{Day, Timestamp},
};

/// The attribute that a use of the key changes.
pub(in crate::store) const LAST_USED_DAY: &str = "last_used_day";

const GENERAL: &str = "general";
const BOUND: &str = "bound";

/// A stored key.
#[derive(Debug, Clone)]
pub(crate) struct KeyRecord {
    /// Of its secret.
    pub(crate) hash: SecretHash,
    /// The only owner that it records for; without one it is general.
    pub(crate) owner: Option<UserId>,
    /// What its maker called it.
    pub(crate) label: Option<KeyLabel>,
    /// When it was made.
    pub(crate) created_at: Timestamp,
    /// Until when it is good; not `expires_at`, by which the table's TTL would take the item.
    pub(crate) valid_until: Option<Timestamp>,
    /// The last day on which it was used.
    pub(crate) last_used_day: Option<Day>,
}

impl KeyRecord {
    pub(in crate::store) fn read(mut attributes: Attributes<'_>) -> Result<Self, Undecodable> {
        let hash = required(attributes.bytes("hash")?, "hash")?;
        Ok(Self {
            hash: SecretHash::of_stored(hash).ok_or(Undecodable("hash"))?,
            owner: owner(attributes.text("kind")?.as_deref(), attributes.parsed("owner")?)?,
            label: attributes.parsed("label")?,
            created_at: required(attributes.time("created_at")?, "created_at")?,
            valid_until: attributes.time("valid_until")?,
            last_used_day: attributes.parsed(LAST_USED_DAY)?,
        })
    }

    /// A new key's item.
    pub(in crate::store) fn item(&self, id: KeyId) -> Item {
        let Self { hash, owner, label, created_at, valid_until, last_used_day } = self;
        let mut item = keys::recorder_key(id).item();
        item.insert("hash".to_owned(), bytes(hash.bytes()));
        item.insert("kind".to_owned(), text(if owner.is_some() { BOUND } else { GENERAL }));
        item.insert("created_at".to_owned(), time(*created_at));
        put(&mut item, "owner", owner.as_ref().map(|owner| text(owner.as_str())));
        put(&mut item, "label", label.as_ref().map(|label| text(label.as_str())));
        put(&mut item, "valid_until", valid_until.map(time));
        put(&mut item, LAST_USED_DAY, last_used_day.map(|day| text(day.to_string())));
        item
    }

    /// Whether it is good no more.
    pub(crate) fn has_expired(&self, now: Timestamp) -> bool {
        self.valid_until.is_some_and(|until| until <= now)
    }

    /// What its keeper reads of it.
    pub(crate) fn shown(self, id: KeyId) -> RecorderKey {
        let Self { hash: _, owner, label, created_at, valid_until, last_used_day } = self;
        RecorderKey { id, owner_id: owner, label, created_at, expires_at: valid_until, last_used_day }
    }
}

/// The only owner that a key records for. A key that has lost its owner records for nobody, and not for everybody.
fn owner(kind: Option<&str>, owner: Option<UserId>) -> Result<Option<UserId>, Undecodable> {
    match (kind, owner) {
        (Some(GENERAL), None) => Ok(None),
        (Some(BOUND), Some(owner)) => Ok(Some(owner)),
        _ => Err(Undecodable("kind")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_whose_kind_and_owner_disagree_is_none() {
        let alice = || Some("alice".parse::<UserId>().expect("an id"));
        assert_eq!(owner(Some(GENERAL), None).ok(), Some(None));
        assert_eq!(owner(Some(BOUND), alice()).ok(), Some(alice()));
        for kind in [None, Some(BOUND), Some("general ")] {
            assert!(owner(kind, None).is_err(), "{kind:?}");
        }
        for kind in [None, Some(GENERAL), Some("")] {
            assert!(owner(kind, alice()).is_err(), "{kind:?}");
        }
    }
}
