//! One post's reader: it takes credentials out of each place, and remembers those of headers and URLs, to look for
//! them in the post's texts.

use super::{
    headers::{self, HeaderRule},
    json,
    learned::{self, Learned},
    mask::{Hits, REDACTED, mask},
    places::Place,
    text,
    urls::{self, Kind},
};
use api::{json::Object, run::MAX_NAME_BYTES};

/// What reads a post, and what it took out so far.
#[derive(Default)]
pub(super) struct Redactor {
    hits: u32,
    learned: Learned,
}

impl Redactor {
    /// How many credentials it took out.
    pub(super) const fn hits(&self) -> u32 {
        self.hits
    }

    /// Whether a second reading, by [`Self::read_again`], can find more.
    pub(super) fn has_learned(&self) -> bool {
        !self.learned.is_empty()
    }

    /// Takes out what is a credential by its own place.
    pub(super) fn read(&mut self, place: Place<'_>) {
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
    pub(super) fn read_again(&mut self, place: Place<'_>) {
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
        match headers::rule_of(name) {
            HeaderRule::Credential => self.learn_from(value, whole),
            HeaderRule::Cookies => {
                let are_set = name.to_ascii_lowercase().starts_with("set");
                self.learned.learn_cookies(value, are_set);
                self.take(value, whole);
            }
            HeaderRule::Protocols => self.learn_from(value, headers::protocols),
            HeaderRule::Content(kind) => self.learn_from(value, |value, hits| read(value, kind, hits)),
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
            hits.iter().take(learned::MAX_VALUES).filter_map(|hit| text.get(hit.clone())).map(str::to_owned).collect();
        *text = mask(text, &hits);
        taken
    }

    fn replace(&mut self, object: &mut Object, changed: Option<String>, taken: usize) {
        self.count(taken);
        if let Some(changed) = changed {
            // What was valid stays valid; if it did not, nothing of it would be stored.
            *object = Object::parse(&changed).unwrap_or_default();
        }
    }

    fn count(&mut self, taken: usize) {
        self.hits = self.hits.saturating_add(u32::try_from(taken).unwrap_or(u32::MAX));
    }
}

fn whole(text: &str, hits: &mut Hits) {
    hits.push(0..text.len());
}

/// Everything that is looked for in a text.
fn read(text: &str, kind: Kind, hits: &mut Hits) {
    urls::user_info(text, kind, hits);
    urls::parameters(text, kind, hits);
    if kind == Kind::Text {
        text::assignments(text, hits);
    }
}
