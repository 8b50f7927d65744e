//! Credentials found in a post's headers and URLs, searched for in its texts: an error may repeat a key that has no
//! known form.

use super::{
    mask::Hits,
    text::{can_be_credential, without_scheme},
    units::Units,
};

/// The most values that are searched for: each is a search of its own.
pub(super) const MAX_VALUES: usize = 32;
/// The most cookies among them, so that there is room for keys.
const MAX_COOKIES: usize = 8;
/// The shortest of them, in bytes: what is shorter may be a word.
const SHORTEST: usize = 12;

/// The values of one post.
#[derive(Debug, Default)]
pub(super) struct Learned(Vec<String>);

impl Learned {
    /// Remembers a value as it was found, without its scheme, and as it was before a URL encoded it.
    pub(super) fn learn(&mut self, value: &str) {
        let value = without_scheme(value.trim());
        self.add(value);
        let password = value.split_once(':').map(|(_, password)| password);
        if let Some(password) = password {
            self.add(password);
        }
        if value.contains('%')
            && let Ok(decoded) = String::from_utf8(Units::of(value).map(|unit| unit.byte).collect())
        {
            self.add(&decoded);
        }
    }

    /// Remembers what cookies hold; of one that is set only that, since a path and a domain are no secrets.
    pub(super) fn learn_cookies(&mut self, cookies: &str, are_set: bool) {
        let most = if are_set { 1 } else { MAX_COOKIES };
        let values = cookies.split(';').filter_map(|cookie| cookie.split_once('=')).map(|(_, value)| value.trim());
        for value in values.filter(|value| can_be_credential(value)).take(most) {
            if self.0.len() < MAX_COOKIES {
                self.add(value);
            }
        }
    }

    fn add(&mut self, value: &str) {
        if value.len() >= SHORTEST && self.0.len() < MAX_VALUES && !self.0.iter().any(|known| known == value) {
            self.0.push(value.to_owned());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Finds them all in a text.
    pub(super) fn find(&self, text: &str, hits: &mut Hits) {
        // To look for a value costs its length, even in a text that is shorter.
        for value in self.0.iter().filter(|value| value.len() <= text.len()) {
            hits.extend(text.match_indices(&**value).map(|(at, value)| at..at + value.len()));
        }
    }
}
