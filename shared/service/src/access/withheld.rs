//! Parts of a request that are judged only after the proof: before it, every refusal is the 404 of an unknown chat.

use super::{
    caller::Caller,
    proof::{Admin, User},
};
use api::problem::Problem;

/// A part of a request, or what is wrong with it. Only [`crate::access`] opens it, once it has proven that the sender
/// may know of the chat.
///
/// Hence `?` does not tell what is wrong, as it does of what may be told before any proof:
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
pub struct Withheld<T>(Result<T, Problem>);

impl<T> From<Result<T, Problem>> for Withheld<T> {
    fn from(read: Result<T, Problem>) -> Self {
        Self(read)
    }
}

impl Withheld<()> {
    /// Of a request that has nothing more to judge.
    pub const fn nothing() -> Self {
        Self(Ok(()))
    }
}

impl<T> Withheld<T> {
    /// Makes something else of it.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Withheld<U> {
        Withheld(self.0.map(make))
    }

    /// Makes something else of it, or says what is wrong with it.
    pub fn and_then<U>(self, make: impl FnOnce(T) -> Result<U, Problem>) -> Withheld<U> {
        Withheld(self.0.and_then(make))
    }

    /// Both parts. What is wrong with the first comes first.
    pub fn zip<U>(self, other: Withheld<U>) -> Withheld<(T, U)> {
        Withheld(self.0.and_then(|first| Ok((first, other.0?))))
    }

    /// For an admin, whose requests are about no chat.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn for_admin(self, _: &Admin) -> Result<T, Problem> {
        self.0
    }

    /// For a user, whose request is about all that is its own, and about no chat.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn for_user(self, _: &User) -> Result<T, Problem> {
        self.0
    }

    /// For anyone with a token, whose request is about nothing but what it holds.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn for_caller(self, _: &Caller) -> Result<T, Problem> {
        self.0
    }

    /// For [`crate::access`], once it has proven what has to be.
    pub(super) fn open(self) -> Result<T, Problem> {
        self.0
    }

    /// What is there, to prove by.
    pub(super) fn peek(&self) -> Option<&T> {
        self.0.as_ref().ok()
    }
}
