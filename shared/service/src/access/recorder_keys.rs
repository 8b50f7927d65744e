//! Who a key's bearer is, and who may make, see and revoke keys.

use super::{
    Access, Person,
    proof::{KeyHolder, Recorder, RevocableKey},
};
use crate::{failure::Failure, identity::RecorderKey};
use api::{ids::KeyId, problem::Problem, time::Timestamp};

impl Access {
    /// The recorder that a key makes its bearer.
    ///
    /// # Errors
    ///
    /// [`Problem::Unauthenticated`] when the key is unknown, revoked or expired, or has another secret: each takes the
    /// same one read. [`Problem::Unavailable`] when it cannot be read.
    pub(crate) async fn recorder(&self, key: &RecorderKey, now: Timestamp) -> Result<Recorder, Failure> {
        if !self.takes_recorder_keys {
            return Err(Problem::Unauthenticated.into());
        }
        let known = self.store.recorder_key(key.id).await?;
        let good = known.filter(|known| known.hash.is_of(key) && !known.has_expired(now));
        let good = good.ok_or(Problem::Unauthenticated)?;
        self.store.note_use(key.id, &good, now.day()).await;
        Ok(good.owner.map_or_else(Recorder::general, Recorder::bound))
    }
}

/// For people.
impl Access {
    /// Who keeps a key that a person makes.
    ///
    /// # Errors
    ///
    /// [`Problem::RecorderKeysOff`] when the deployment takes none; [`Problem::AdminOnly`] for a general one of a user's.
    pub fn key_holder(&self, person: &Person, is_general: bool) -> Result<KeyHolder, Problem> {
        match person {
            _ if !self.takes_recorder_keys => Err(Problem::RecorderKeysOff),
            Person::Admin(_) if is_general => Ok(KeyHolder::new(None)),
            Person::User(_) if is_general => Err(Problem::AdminOnly),
            person => Ok(own(person)),
        }
    }

    /// Whose keys a person may see and revoke.
    pub fn key_holders(&self, person: &Person) -> Vec<KeyHolder> {
        match person {
            Person::User(_) => vec![own(person)],
            Person::Admin(_) => vec![own(person), KeyHolder::new(None)],
        }
    }

    /// A key that a person may revoke.
    ///
    /// # Errors
    ///
    /// [`Problem::NotFound`] when it is unknown, revoked or another's; [`Problem::Unavailable`] when it cannot be read.
    pub async fn revocable_key(&self, person: &Person, id: KeyId) -> Result<RevocableKey, Failure> {
        let known = self.store.recorder_key(id).await?.ok_or(Problem::NotFound)?;
        let holder = KeyHolder::new(known.owner);
        let is_revocable = self.key_holders(person).contains(&holder);
        Ok(is_revocable.then_some(RevocableKey::new(id, holder)).ok_or(Problem::NotFound)?)
    }
}

fn own(person: &Person) -> KeyHolder {
    KeyHolder::new(Some(person.user().id().clone()))
}
