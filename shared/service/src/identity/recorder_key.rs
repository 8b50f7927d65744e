//! A recorder key: `cdk_<id>_<secret>`.
//!
//! The secret is 256 random bits, so that a plain hash keeps it: there is nothing to guess. It is shown once, stored as
//! that hash, and compared in constant time. It is in no log and no debug output.

use crate::failure::Failure;
use api::ids::KeyId;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    digest::{SHA256, digest},
    rand::{SecureRandom, SystemRandom},
};
use std::fmt;
use subtle::ConstantTimeEq;

/// How every key begins. `redact` takes out what begins so.
const PREFIX: &str = "cdk_";

/// The length of a key's id, a UUID with its hyphens.
const ID_LENGTH: usize = 36;

/// A key as its bearer has it.
pub struct RecorderKey {
    /// Which one it says it is.
    pub id: KeyId,
    secret: [u8; 32],
}

/// What is stored of a secret.
#[derive(Clone)]
pub struct SecretHash([u8; 32]);

impl RecorderKey {
    /// A key that nobody has.
    ///
    /// # Errors
    ///
    /// `Problem::Internal` when the system gives no random numbers.
    pub fn random(id: KeyId) -> Result<Self, Failure> {
        let mut secret = [0; 32];
        SystemRandom::new().fill(&mut secret).map_err(|_| Failure::internal("no random numbers"))?;
        Ok(Self { id, secret })
    }

    /// The key that a bearer sends; a text of another form is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_at_checked(ID_LENGTH)?;
        let secret = URL_SAFE_NO_PAD.decode(secret.strip_prefix('_')?).ok()?;
        Some(Self { id: id.parse().ok()?, secret: secret.try_into().ok()? })
    }

    /// Whether a bearer means a key by this, be it one or not.
    pub(super) fn is_meant(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// The key, to be shown once.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}_{}", self.id, URL_SAFE_NO_PAD.encode(self.secret))
    }

    /// What is stored of it.
    pub fn hash(&self) -> SecretHash {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, &self.secret).as_ref());
        SecretHash(hash)
    }
}

impl SecretHash {
    /// A stored hash; one of another length is none.
    pub(crate) fn of_stored(bytes: Vec<u8>) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// To be stored.
    pub(crate) const fn bytes(&self) -> [u8; 32] {
        self.0
    }

    /// Whether it is the hash of this key's secret.
    pub(crate) fn is_of(&self, key: &RecorderKey) -> bool {
        self.0.ct_eq(&key.hash().0).into()
    }
}

impl fmt::Debug for RecorderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecorderKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn key() -> RecorderKey {
        RecorderKey::random(KeyId::from_uuid(Uuid::from_u128(7))).expect("a key")
    }

    #[test]
    fn a_key_is_read_as_it_was_shown_and_no_other_way() {
        let key = key();
        let shown = key.reveal();
        assert!(key.hash().is_of(&RecorderKey::parse(&shown).expect("a key")));
        assert_eq!(shown.len(), 84, "as the rule of redaction has it");
        let last = shown.chars().last().expect("a character");
        for bad in [
            shown.to_uppercase(),
            shown.replace("cdk_", "CDK_"),
            shown.replace("cdk_", ""),
            shown[..shown.len() - 1].to_owned(),
            format!("{shown}{last}"),
            format!("{shown}="),
            format!("{shown} "),
            shown.replacen('-', "", 1),
            // The last character's lowest bits say nothing, and are 0.
            format!("{}{}", &shown[..shown.len() - 1], char::from(last as u8 + 1)),
            "cdk_".to_owned(),
            "cdk_é".to_owned(),
        ] {
            assert!(RecorderKey::parse(&bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn another_secret_has_another_hash() {
        let (one, other) = (key(), key());
        assert!(one.hash().is_of(&one) && !one.hash().is_of(&other));
    }

    #[test]
    fn a_key_is_not_in_the_debug_output() {
        let key = key();
        let (shown, secret) = (format!("{key:?} {:?}", key.hash()), key.reveal());
        assert!(!shown.contains(secret.rsplit('_').next().unwrap_or_default()), "{shown}");
    }
}
