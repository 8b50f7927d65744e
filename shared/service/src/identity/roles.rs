//! Whether a token's bearer is a user, an admin or a recorder.

use super::claims::Claims;
use api::ids::UserId;
use serde_json::Value;

/// The claims and the scope that make an admin or a recorder; from the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    /// The claim that makes an admin.
    pub admin_claim: String,
    /// The value it must hold.
    pub admin_value: String,
    /// The OAuth scope that makes a recorder.
    pub recorder_scope: String,
}

/// What a token's bearer is: exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// The chat backend.
    Recorder,
    /// A user, by the token's `sub`.
    User(UserId),
    /// A user who is an admin too.
    Admin(UserId),
}

impl Roles {
    /// The bearer's role; none without a `sub` that is a user's id.
    pub fn of(&self, claims: &Claims) -> Option<Role> {
        let scopes = claims.text("scope").unwrap_or_default();
        if scopes.split(' ').any(|scope| scope == self.recorder_scope) {
            return Some(Role::Recorder);
        }
        let user = claims.text("sub")?.parse().ok()?;
        let is_admin = match claims.get(&self.admin_claim) {
            Some(Value::Array(values)) => values.iter().any(|value| *value == *self.admin_value),
            Some(value) => *value == *self.admin_value,
            None => false,
        };
        Some(if is_admin { Role::Admin(user) } else { Role::User(user) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(claims: &str) -> Option<Role> {
        let roles = Roles {
            admin_claim: "groups".to_owned(),
            admin_value: "admins".to_owned(),
            recorder_scope: "chat/record".to_owned(),
        };
        roles.of(&serde_json::from_str(claims).expect("an object"))
    }

    #[test]
    fn who_a_token_is_of_is_said_by_its_scope_and_then_by_its_sub() {
        let user = || "alice".parse().expect("an id");
        for (claims, expected) in [
            (r#"{"sub":"alice"}"#, Some(Role::User(user()))),
            (r#"{"sub":"alice","groups":["readers","admins"]}"#, Some(Role::Admin(user()))),
            (r#"{"sub":"alice","groups":"admins"}"#, Some(Role::Admin(user()))),
            (r#"{"sub":"alice","groups":["admins-of-another"]}"#, Some(Role::User(user()))),
            (r#"{"sub":"alice","scope":"openid chat/record","groups":"admins"}"#, Some(Role::Recorder)),
            (r#"{"sub":"alice","scope":"chat/recorder"}"#, Some(Role::User(user()))),
            (r#"{"scope":"chat/record"}"#, Some(Role::Recorder)),
            (r#"{"groups":"admins"}"#, None),
            (r#"{"sub":1}"#, None),
        ] {
            assert_eq!(role(claims), expected, "{claims}");
        }
    }
}
