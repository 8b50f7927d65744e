//! What is never stored: credentials, the operator's above all. The owner of a chat is not their owner.
//!
//! [`Redacted::of`] reads everything that a recorder can send:
//!
//! - headers by their names, and other headers' values as texts
//! - user info and parameters of URLs, wherever a URL is found
//! - what an error or another text assigns to a credential's name
//! - what of headers and URLs the texts of the same post repeat
//!
//! Every other byte stays. Bodies and free-form objects other than errors are not read.
//!
//! It is pure: it knows the API's types and nothing else. Each text is read by loops that go forward: what it costs
//! grows as the text does, whatever the text holds.
//!
//! - `places`: where a post's texts are, by type
//! - `redactor`: what is looked for in each of them
//! - `names`: which names are those of credentials; a header, a parameter or a word is added to its tables
//! - `headers`, `urls`, `text`, `json`: how a value is found behind its name
//! - `learned`: what one place of a post gave away, to be looked for in the others
//! - `units`, `mask`: how a text is read, and written again

mod headers;
mod json;
mod learned;
mod mask;
mod names;
mod places;
mod redactor;
#[cfg(test)]
mod tests;
mod text;
mod units;
mod urls;

pub use mask::REDACTED;
pub use places::Places;

use redactor::Redactor;

/// A body without credentials.
///
/// It is made by reading the body:
///
/// ```
/// # use api::run::UpdateRun;
/// # use redact::Redacted;
/// # fn of(body: UpdateRun) -> Redacted<UpdateRun> {
/// Redacted::of(body)
/// # }
/// ```
///
/// Nothing else can be called redacted:
///
/// ```compile_fail,E0451
/// # use api::run::UpdateRun;
/// # use redact::Redacted;
/// # fn of(body: UpdateRun) -> Redacted<UpdateRun> {
/// Redacted { body, hits: 0 }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted<T> {
    body: T,
    hits: u32,
}

impl<T: Places> Redacted<T> {
    /// Takes the credentials out of a body.
    pub fn of(mut body: T) -> Self {
        let mut redactor = Redactor::default();
        body.places(&mut |place| redactor.read(place));
        if redactor.has_learned() {
            body.places(&mut |place| redactor.read_again(place));
        }
        Self { body, hits: redactor.hits() }
    }
}

impl<T> Redacted<T> {
    /// How many credentials were taken out.
    pub const fn hits(&self) -> u32 {
        self.hits
    }

    /// The body, to be taken apart.
    pub fn into_inner(self) -> T {
        self.body
    }
}

impl<T> std::ops::Deref for Redacted<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.body
    }
}
