//! What the service says about each tier of the policy, as far as the caller may see it.

use api::settings::{ChatSettings, DeploymentSettings, UserSettings};
use client::Error;
use serde::Serialize;

/// The tiers; `None` is what this caller may not see.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Tiers {
    pub gate: Option<DeploymentSettings>,
    pub user: Option<UserSettings>,
    /// Absent when no chat was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<ChatSettings>,
}

/// A setting, or `None` when this caller may not see it.
pub(crate) fn if_allowed<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(value) => Ok(Some(value)),
        // A recorder key is none to users' routes.
        Err(error) if matches!(error.status(), Some(401 | 403)) => Ok(None),
        Err(error) => Err(error),
    }
}
