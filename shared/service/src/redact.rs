//! What is never stored: credentials, the operator's above all. The owner of a chat is not their owner.
//!
//! Everything that a recorder can send comes through here, and the store takes nothing but what did:
//!
//! - headers by their names, and other headers' values as texts
//! - user info and parameters of URLs, wherever a URL stands
//! - what an error or another text assigns to a credential's name
//! - what of headers and URLs the texts of the same post repeat
//!
//! Every other byte stays. Bodies and free-form objects other than errors are not read.
//!
//! A patch is recorded once it is redacted:
//!
//! ```
//! # use api::{run::UpdateRun, time::Timestamp};
//! # use service::{redact::Redacted, store::{Patch, RunRecord}};
//! # fn patch(body: UpdateRun, run: RunRecord, now: Timestamp) -> Patch {
//! Patch::of(Redacted::patch(body), run, now)
//! # }
//! ```
//!
//! As it was sent it is not:
//!
//! ```compile_fail,E0308
//! # use api::{run::UpdateRun, time::Timestamp};
//! # use service::{redact::Redacted, store::{Patch, RunRecord}};
//! # fn patch(body: UpdateRun, run: RunRecord, now: Timestamp) -> Patch {
//! Patch::of(body, run, now)
//! # }
//! ```
//!
//! Nor can anything be called redacted that did not come through here:
//!
//! ```compile_fail,E0423
//! # use api::{run::UpdateRun, time::Timestamp};
//! # use service::{redact::Redacted, store::{Patch, RunRecord}};
//! # fn patch(body: UpdateRun, run: RunRecord, now: Timestamp) -> Patch {
//! Patch::of(Redacted(body), run, now)
//! # }
//! ```
//!
//! Each text is read by loops that go forward: what it costs grows as the text does, whatever it holds.

mod headers;
mod hits;
mod json;
mod learned;
mod names;
mod places;
#[cfg(test)]
mod tests;
mod text;
mod units;
mod url;

use crate::metrics::count;
use api::{
    run::{CreateRun, MAX_NAME_BYTES, UpdateRun},
    step::StepInput,
};
use headers::Value;
use hits::{Hits, mask};
use learned::Learned;
use places::{Place, Places};
use url::Kind;

/// What stands where a credential stood.
pub const REDACTED: &str = "[REDACTED]";

/// A body without credentials: the only kind that the store records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted<T>(T);

impl<T> std::ops::Deref for Redacted<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Redacted<T> {
    /// The body, for the store to take apart.
    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}

impl Redacted<CreateRun> {
    /// Takes the credentials out of a turn.
    pub fn turn(turn: CreateRun) -> Self {
        redact(turn)
    }
}

impl Redacted<StepInput> {
    /// Takes the credentials out of a step.
    pub fn step(step: StepInput) -> Self {
        redact(step)
    }
}

impl Redacted<UpdateRun> {
    /// Takes the credentials out of a patch.
    pub fn patch(patch: UpdateRun) -> Self {
        redact(patch)
    }
}

/// The one place where something becomes [`Redacted`], and where it is counted.
fn redact<T: Places>(mut body: T) -> Redacted<T> {
    let mut redactor = Redactor::default();
    body.places(&mut |place| redactor.read(place));
    if !redactor.learned.is_empty() {
        body.places(&mut |place| redactor.read_again(place));
    }
    count(|counts| counts.redacted += redactor.taken);
    Redacted(body)
}

/// What reads a post, and what it took out so far.
#[derive(Default)]
struct Redactor {
    taken: u32,
    learned: Learned,
}

impl Redactor {
    /// Takes out what is a credential where it stands.
    fn read(&mut self, place: Place<'_>) {
        match place {
            Place::Headers(headers) => headers.0.iter_mut().for_each(|(name, value)| self.header(name, value)),
            Place::Url(url) => self.learn_from(url, |url, hits| read(url, Kind::Url, hits)),
            Place::Path(path) => self.learn_from(path, |path, hits| read(path, Kind::Path, hits)),
            Place::Text(text) => drop(self.take(text, |text, hits| read(text, Kind::Text, hits))),
            Place::Name(name) => {
                self.take(name, |name, hits| read(name, Kind::Text, hits));
                // A mask may be longer than what it covers.
                if name.len() > MAX_NAME_BYTES {
                    REDACTED.clone_into(name);
                }
            }
            Place::Json(object) => {
                let (changed, taken) = json::masked(object.get(), |member, text, hits| {
                    read(text, Kind::Text, hits);
                    hits.extend(member.and_then(|name| text::member(name, text)));
                });
                self.replace(object, changed, taken);
            }
        }
    }

    /// Takes out of texts what was taken out elsewhere.
    fn read_again(&mut self, place: Place<'_>) {
        match place {
            Place::Headers(_) | Place::Url(_) | Place::Path(_) => {}
            Place::Text(text) | Place::Name(text) => {
                let mut hits = Hits::default();
                self.learned.find(text, &mut hits);
                self.take(text, |_, found| *found = hits);
            }
            Place::Json(object) => {
                let (changed, taken) = json::masked(object.get(), |_, text, hits| self.learned.find(text, hits));
                self.replace(object, changed, taken);
            }
        }
    }

    fn header(&mut self, name: &str, value: &mut String) {
        match headers::value_of(name) {
            Value::Credential => self.learn_from(value, whole),
            Value::Cookies => {
                let are_set = name.to_ascii_lowercase().starts_with("set");
                self.learned.learn_cookies(value, are_set);
                self.take(value, whole);
            }
            Value::Protocols => self.learn_from(value, headers::protocols),
            Value::Content(kind) => self.learn_from(value, |value, hits| read(value, kind, hits)),
        }
    }

    /// Masks what `find` finds in a text, and remembers it.
    fn learn_from(&mut self, text: &mut String, find: impl FnOnce(&str, &mut Hits)) {
        for taken in self.take(text, find) {
            self.learned.learn(&taken);
        }
    }

    /// Masks what `find` finds in a text, and gives it, as much of it as can be remembered.
    fn take(&mut self, text: &mut String, find: impl FnOnce(&str, &mut Hits)) -> Vec<String> {
        let mut hits = Hits::default();
        find(text, &mut hits);
        let hits = hits.merged(text);
        if hits.is_empty() {
            return Vec::new();
        }
        self.count(hits.len());
        let taken =
            hits.iter().take(learned::MOST).filter_map(|hit| text.get(hit.clone())).map(str::to_owned).collect();
        *text = mask(text, &hits);
        taken
    }

    fn replace(&mut self, object: &mut api::json::Object, changed: Option<String>, taken: usize) {
        self.count(taken);
        if let Some(changed) = changed {
            // What was valid stays valid; if it did not, nothing of it would be stored.
            *object = api::json::Object::parse(&changed).unwrap_or_default();
        }
    }

    fn count(&mut self, taken: usize) {
        self.taken = self.taken.saturating_add(u32::try_from(taken).unwrap_or(u32::MAX));
    }
}

fn whole(text: &str, hits: &mut Hits) {
    hits.push(0..text.len());
}

/// Everything that is looked for in a text.
fn read(text: &str, kind: Kind, hits: &mut Hits) {
    url::user_info(text, kind, hits);
    url::parameters(text, kind, hits);
    if kind == Kind::Text {
        text::assignments(text, hits);
    }
}
