//! The deployment's gate and a user's opt-in, of which a missing one says no.

use super::super::item::{Attributes, Undecodable};
use crate::failure::Failure;

/// The gate and a user's opt-in, read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GateAndOptIn {
    /// The admin's gate.
    pub allow_users: bool,
    /// The stored opt-in.
    pub opt_in: bool,
}

/// A setting that does not decode cannot be read: 503, and nothing is decided or stored.
pub(in crate::store) fn unreadable(Undecodable(name): Undecodable) -> Failure {
    Failure::unavailable(format!("setting {name} does not decode"))
}

impl GateAndOptIn {
    /// From the items of the gate and of the user.
    pub(in crate::store) fn of(gate: Option<Attributes<'_>>, user: Option<Attributes<'_>>) -> Result<Self, Failure> {
        let setting = |item: Option<Attributes<'_>>, name| match item {
            Some(mut attributes) => attributes.flag(name).map_err(unreadable).map(Option::unwrap_or_default),
            None => Ok(false),
        };
        Ok(Self { allow_users: setting(gate, "allow_users")?, opt_in: setting(user, "opt_in")? })
    }
}
