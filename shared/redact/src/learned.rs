//! Credentials that one place of a post gave away by its name, looked for in all others: an error may repeat a key that
//! has no known shape.

use super::{
    encoded,
    mask::{Hits, Rule, mask_at},
    scheme::without_scheme,
    units::Units,
    urls::USER_INFO,
    values::{can_be_credential, is_varied},
};

/// The most values that are searched for: each is a search of its own.
const MAX_VALUES: usize = 32;
/// The most cookies among them, so that there is room for keys.
const MAX_COOKIES: usize = 8;
/// The shortest of them, in bytes: what is shorter may be a word.
const SHORTEST: usize = 12;

/// The values of one post.
#[derive(Debug, Default)]
pub(super) struct Learned(Vec<String>);

impl Learned {
    /// Remembers what a rule found, without its scheme, and as it was before a URL encoded it.
    pub(super) fn learn(&mut self, value: &str, rule: Rule) {
        let value = without_scheme(value.trim());
        self.add(value);
        let password = value.split_once(':').map(|(_, password)| password);
        if let Some(password) = password.filter(|_| rule == USER_INFO) {
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
        let is_mask = value.starts_with('*') || mask_at(value, 0).is_some() || !is_varied(value.as_bytes());
        let is_new = || !self.0.iter().any(|known| known == value);
        if value.len() >= SHORTEST && self.0.len() < MAX_VALUES && !is_mask && is_new() {
            self.0.push(value.to_owned());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any of them may be in a text, plain or in base64, however the text escapes what it has to.
    pub(super) fn may_be_in(&self, text: &str) -> bool {
        self.0.iter().any(|value| text.contains(core(value))) || encoded::runs(text).next().is_some()
    }

    /// Finds them all in a text.
    pub(super) fn find(&self, text: &str, hits: &mut Hits) {
        // To look for a value costs its length, even in a text that is shorter.
        for value in self.0.iter().filter(|value| value.len() <= text.len()) {
            text.match_indices(&**value).for_each(|(at, value)| hits.push(at..at + value.len(), Rule::Repeated));
        }
    }
}

/// The longest part of a value that nothing escapes.
fn core(value: &str) -> &str {
    let is_escaped = |one: char| !(one.is_ascii_alphanumeric() || "_.-".contains(one));
    value.split(is_escaped).max_by_key(|part| part.len()).unwrap_or_default()
}
