//! The gate and the opt-ins.

use super::super::{keys, records::settings::UserTier, table::Store};
use crate::{access::proof::User, failure::Failure};
use api::ids::UserId;

impl Store {
    /// The gate; never set means closed.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the setting cannot be read.
    pub async fn gate(&self) -> Result<bool, Failure> {
        Ok(UserTier::of(self.get(keys::deployment()).await?, None)?.allow_users)
    }

    /// A user's opt-in; never given means no.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the setting cannot be read.
    pub(crate) async fn opt_in(&self, user: &UserId) -> Result<bool, Failure> {
        Ok(UserTier::of(None, self.get(keys::user(user)).await?)?.opt_in)
    }

    /// The gate and a user's own opt-in.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when either cannot be read.
    pub async fn user_tier(&self, user: &User) -> Result<UserTier, Failure> {
        let (gate, opt_in) = (keys::deployment(), keys::user(user.id()));
        let found = self.get_all(&[&gate, &opt_in]).await?;
        let mut found = found.read()?;
        UserTier::of(found.take(&gate), found.take(&opt_in))
    }
}
