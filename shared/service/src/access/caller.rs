//! Who a token's bearer is to us.

use super::proof::{Admin, Recorder, User};
use crate::identity::Claims;
use api::problem::Problem;
use serde_json::Value;

/// How tokens say what their bearer is; from the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    /// The claim that makes an admin.
    pub admin_claim: String,
    /// The value it must hold.
    pub admin_value: String,
    /// The scope that makes a recorder.
    pub recorder_scope: String,
}

/// Whoever calls is exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// The chat backend.
    Recorder(Recorder),
    /// A user.
    User(User),
    /// A user who is an admin too.
    Admin(Admin),
}

impl Caller {
    /// Who a verified token's bearer is.
    pub(super) fn of(claims: &Claims, roles: &Roles) -> Result<Self, Problem> {
        let scopes = claims.text("scope").unwrap_or_default();
        if scopes.split(' ').any(|scope| scope == roles.recorder_scope) {
            return Ok(Self::Recorder(Recorder::new()));
        }
        let user = claims.text("sub").and_then(|sub| sub.parse().ok());
        let user = User::new(user.ok_or(Problem::Unauthenticated)?);
        let is_admin = match claims.get(&roles.admin_claim) {
            Some(Value::Array(values)) => values.iter().any(|value| *value == *roles.admin_value),
            Some(value) => *value == *roles.admin_value,
            None => false,
        };
        Ok(if is_admin { Self::Admin(Admin::new(user)) } else { Self::User(user) })
    }

    /// The user, admin or not.
    pub fn user(&self) -> Result<&User, Problem> {
        match self {
            Self::User(user) => Ok(user),
            Self::Admin(admin) => Ok(admin.user()),
            Self::Recorder(_) => Err(Problem::UserOnly),
        }
    }

    /// The admin.
    pub fn admin(&self) -> Result<&Admin, Problem> {
        match self {
            Self::Admin(admin) => Ok(admin),
            Self::User(_) | Self::Recorder(_) => Err(Problem::AdminOnly),
        }
    }

    /// The recorder.
    pub fn recorder(&self) -> Result<&Recorder, Problem> {
        match self {
            Self::Recorder(recorder) => Ok(recorder),
            Self::User(_) | Self::Admin(_) => Err(Problem::RecorderOnly),
        }
    }
}
