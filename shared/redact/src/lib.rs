//! What is never stored: credentials, the operator's above all. The owner of a chat is not their owner.
//!
//! [`Redacted::of`] reads everything that a recorder can send: headers, URLs, texts, JSON at any depth and bodies,
//! packed or not, forms and streams among them. It takes out what a name says is a credential, what looks like one, and
//! what of these is repeated anywhere in the post. Every other byte stays. What cannot be read is not stored. A
//! [`Receipt`] says what was taken, where, and what was withheld.
//!
//! It is pure: it knows the API's types and nothing else. Each text is read by loops that go forward: what it costs
//! grows as the text does, whatever the text holds. Texts within texts are read to a depth of eight.
//!
//! - `places`: where a post's texts are, by type
//! - `redactor`: what is looked for in each of them, until nothing more is found; `receipt` says what was
//! - `body`: what bytes are, packed or not: forms, streams, texts
//! - `reader`: what a text is: JSON, base64 or plain; and what one place of a post gives away of the others
//! - `json`: what its strings are worth
//! - `text`: how a value is found in a text by the name before it, or by its place
//! - `shapes`: how credentials look; a rule is a line of its tables
//! - `names`: which names are those of credentials; a header, a parameter or a word is added to its tables
//! - `values`: whether a value can be one
//! - `rules`: the operator's own
//! - `units`, `mask`: how a text is read, and written again; `tables`: how rules are kept small

mod body;
mod json;
mod mask;
mod names;
mod places;
mod reader;
mod receipt;
mod redactor;
mod rules;
mod shapes;
mod tables;
#[cfg(test)]
mod tests;
mod text;
mod units;
mod values;

pub use mask::REDACTED;
pub use places::{At, Places};
pub use receipt::Receipt;
pub use rules::{MAX_CHARACTERS, Rules, WrongRule};

use redactor::Redactor;

/// A body without credentials.
///
/// It is made by reading the body:
///
/// ```
/// # use api::run::UpdateRun;
/// # use redact::{Redacted, Rules};
/// # fn of(body: UpdateRun, rules: &Rules) -> Redacted<UpdateRun> {
/// Redacted::of(body, rules)
/// # }
/// ```
///
/// Nothing else can be called redacted:
///
/// ```compile_fail,E0451
/// # use api::run::UpdateRun;
/// # use redact::{Redacted, Rules};
/// # fn of(body: UpdateRun, rules: &Rules) -> Redacted<UpdateRun> {
/// Redacted { body, receipt: redact::Receipt::default() }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted<T> {
    body: T,
    receipt: Receipt,
}

impl<T: Places> Redacted<T> {
    /// Takes the credentials out of a body, by the operator's rules too.
    pub fn of(mut body: T, rules: &Rules) -> Self {
        let receipt = Redactor::redact(&mut body, rules);
        Self { body, receipt }
    }
}

impl<T> Redacted<T> {
    /// What was taken out.
    pub const fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// The body, to be taken apart, and what was taken out of it.
    pub fn into_parts(self) -> (T, Receipt) {
        (self.body, self.receipt)
    }
}

impl<T> std::ops::Deref for Redacted<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.body
    }
}
