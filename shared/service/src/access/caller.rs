//! Who calls, by the claims of a verified token, and whether a route is for them.

use super::proof::{Admin, Recorder, User};
use crate::identity::Claims;
use api::{
    problem::Problem,
    routes::{Admins, CalledBy, Recorders, Users},
};
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
}

/// Callers of a route, and what proves to its handler that the caller is one of them. [`api::routes::Anyone`] is not
/// among them: nothing is proven there.
pub trait Admitted: CalledBy {
    /// The proof.
    type Proof;

    /// The caller as one of these.
    ///
    /// # Errors
    ///
    /// [`Problem::AdminOnly`], [`Problem::UserOnly`] or [`Problem::RecorderOnly`], by what these are.
    fn admit(caller: Caller) -> Result<Self::Proof, Problem>;
}

impl Admitted for Admins {
    type Proof = Admin;
    fn admit(caller: Caller) -> Result<Admin, Problem> {
        match caller {
            Caller::Admin(admin) => Ok(admin),
            Caller::User(_) | Caller::Recorder(_) => Err(Problem::AdminOnly),
        }
    }
}

impl Admitted for Users {
    type Proof = User;
    fn admit(caller: Caller) -> Result<User, Problem> {
        match caller {
            Caller::User(user) => Ok(user),
            Caller::Admin(admin) => Ok(admin.into_user()),
            Caller::Recorder(_) => Err(Problem::UserOnly),
        }
    }
}

impl Admitted for Recorders {
    type Proof = Recorder;
    fn admit(caller: Caller) -> Result<Recorder, Problem> {
        match caller {
            Caller::Recorder(recorder) => Ok(recorder),
            Caller::User(_) | Caller::Admin(_) => Err(Problem::RecorderOnly),
        }
    }
}
