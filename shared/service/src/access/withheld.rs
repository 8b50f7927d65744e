//! What is wrong with a request, as long as it is not proven that its sender may know of the chat.

use super::proof::{Admin, OwnedChat};
use api::problem::Problem;

/// A problem that is told only after the chat is proven: before that comes the 404 of a chat that is foreign or gone.
///
/// Hence `?` does not tell it, as it tells what is known before any proof:
///
/// ```
/// # use service::{access::proof::User, failure::Failure, http::Call};
/// # fn read(call: &Call<User>) -> Result<(), Failure> {
/// let chat = call.chat()?;
/// # Ok(())
/// # }
/// ```
///
/// ```compile_fail,E0277
/// # use service::{access::proof::User, failure::Failure, http::Call};
/// # fn read(call: &Call<User>) -> Result<(), Failure> {
/// let run = call.run()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Withheld(Problem);

impl From<Problem> for Withheld {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl Withheld {
    /// For [`crate::access`], once it has proven what has to be.
    pub(super) fn told(self) -> Problem {
        self.0
    }

    /// For the chat's owner.
    pub fn to_owner(self, _: &OwnedChat) -> Problem {
        self.0
    }

    /// For an admin, whose requests are about no chat.
    pub fn to_admin(self, _: &Admin) -> Problem {
        self.0
    }
}
