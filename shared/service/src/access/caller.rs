//! Who calls, by the claims of a verified token or a proven key, and whether a route is for them.

use super::proof::{Admin, Recorder, User};
use crate::identity::{Claims, Role, Roles};
use api::{
    problem::Problem,
    routes::{Admins, Authenticated, CalledBy, People, Recorders, Users},
};

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
        Ok(match roles.of(claims).ok_or(Problem::Unauthenticated)? {
            Role::Recorder => Self::Recorder(Recorder::general()),
            Role::User(id) => Self::User(User::new(id)),
            Role::Admin(id) => Self::Admin(Admin::new(User::new(id))),
        })
    }
}

/// A signed-in person, who may be an admin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// A user.
    User(User),
    /// A user who is an admin too.
    Admin(Admin),
}

impl Person {
    /// The person as a user.
    pub const fn user(&self) -> &User {
        match self {
            Self::User(user) => user,
            Self::Admin(admin) => admin.user(),
        }
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

impl Admitted for People {
    type Proof = Person;
    fn admit(caller: Caller) -> Result<Person, Problem> {
        match caller {
            Caller::User(user) => Ok(Person::User(user)),
            Caller::Admin(admin) => Ok(Person::Admin(admin)),
            Caller::Recorder(_) => Err(Problem::UserOnly),
        }
    }
}

impl Admitted for Authenticated {
    type Proof = Caller;
    fn admit(caller: Caller) -> Result<Caller, Problem> {
        Ok(caller)
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
