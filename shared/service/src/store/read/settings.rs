//! The gate and the opt-ins.

use super::super::{keys, records::settings::GateAndOptIn, table::Store};
use crate::{access::proof::User, failure::Failure};
use api::ids::UserId;

impl Store {
    /// The gate; never set means closed.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the setting cannot be read.
    pub async fn gate(&self) -> Result<bool, Failure> {
        Ok(GateAndOptIn::of(self.get(keys::deployment()).await?, None)?.allow_users)
    }

    /// A user's opt-in; never given means no.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the setting cannot be read.
    pub(crate) async fn opt_in(&self, user: &UserId) -> Result<bool, Failure> {
        Ok(GateAndOptIn::of(None, self.get(keys::user(user)).await?)?.opt_in)
    }

    /// The gate and a user's own opt-in.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when either cannot be read.
    pub async fn gate_and_opt_in(&self, user: &User) -> Result<GateAndOptIn, Failure> {
        let (gate, opt_in) = (keys::deployment(), keys::user(user.id()));
        let found = self.get_all(&[&gate, &opt_in]).await?;
        let mut found = found.read()?;
        GateAndOptIn::of(found.take(&gate), found.take(&opt_in))
    }
}
