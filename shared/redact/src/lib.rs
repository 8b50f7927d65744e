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
//! - `body`: what bytes are; `packed`, `frames`, `events`, `forms`, `binary` take them apart, `streams`, `channels` and
//!   `pieces` put a stream's texts together
//! - `reader`: what a text is: JSON, by `json`, base64, by `encoded`, or plain, by `text`, perhaps with numbers before
//!   its `lines`; `members`, `pairs` and `rows` say what the strings of JSON are worth
//! - `shapes`: how credentials look; a rule is a line of the tables of `issuers`, `said` and `given`, which `index`
//!   packs; `scanner` finds them, with `segments` and `pem`
//! - `stops`: where a text is looked at more closely
//! - `names`: which names are those of credentials; a header, a parameter or a word is added to its tables
//! - `headers`, `urls`, `assigned`, `calls`, `sentences`, `commands`, `columns`, `containers`, `kubernetes`, `inserts`,
//!   `codes`: how a value is found by its name, and `user_info` by its place; `before` and `extents` say which name a
//!   value has, and where it begins and ends; `near`: what is around a place
//! - `values`, `placeholders`, `scheme`: whether a value can be one
//! - `learned`: what one place of a post gave away, to be looked for in the others by `needles`; `clean`: what need not
//!   be read again
//! - `rules`: the operator's own; `personal`: numbers that they may have masked
//! - `units`, `mask`: how a text is read, and written again; `tables`, `words`, `class`, `bits`: how rules are kept small

mod assigned;
mod before;
mod binary;
mod bits;
mod body;
mod calls;
mod channels;
mod class;
mod clean;
mod codes;
mod columns;
mod commands;
mod containers;
mod encoded;
mod events;
mod extents;
mod forms;
mod frames;
mod given;
mod headers;
mod index;
mod inserts;
mod issuers;
mod json;
mod kubernetes;
mod learned;
mod lines;
mod mask;
mod members;
mod names;
mod near;
mod needles;
mod packed;
mod pairs;
mod pem;
mod personal;
mod pieces;
mod placeholders;
mod places;
mod reader;
mod receipt;
mod redactor;
mod rows;
mod rules;
mod said;
mod scanner;
mod scheme;
mod segments;
mod sentences;
mod shapes;
mod stops;
mod streams;
mod tables;
#[cfg(test)]
mod tests;
mod text;
mod units;
mod urls;
mod user_info;
mod values;
mod words;

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
