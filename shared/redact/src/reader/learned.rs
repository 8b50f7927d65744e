//! Credentials that one place of a post gave away by its name, looked for in all others: an error may repeat a key that
//! has no known shape.

use super::{encoded, needles::Needles};
use crate::{
    mask::{Hits, Rule, mask_at},
    names::PASSWORD,
    text::{urls::PARAMETER, user_info::USER_INFO},
    units::{Units, encode, has_encoded},
    values::{can_be_credential, has_sign, is_random, is_varied, placeholders::has_term, scheme::without_scheme},
};

/// The most values that are looked for.
const MAX_VALUES: usize = 128;
/// The most cookies among them, so that there is room for keys.
const MAX_COOKIES: usize = 8;
/// The shortest of them, in bytes: what is shorter may be a word.
const SHORTEST: usize = 12;
/// The shortest of those that people choose: of letters and digits, and found only as a word of its own.
const SHORTEST_CHOSEN: usize = 7;

/// The values of one post.
#[derive(Debug, Default)]
pub(crate) struct Learned {
    values: Needles,
    /// The longest part of each that nothing escapes.
    cores: Needles,
    /// How many of them are cookies.
    cookies: usize,
}

impl Learned {
    /// Remembers what a rule found, without its scheme, and as it was before a URL encoded it.
    pub(crate) fn learn(&mut self, value: &str, rule: Rule) {
        let value = without_scheme(value.trim());
        if rule == PARAMETER && !can_be_credential(value) {
            return;
        }
        // What stands behind a name may be a word of the text, or another name.
        if !matches!(rule, Rule::Name(_)) || is_distinct(value) || is_chosen(value) {
            self.add(value);
        }
        let password = value.split_once(':').map(|(_, password)| password).filter(|_| rule == USER_INFO);
        if let Some(password) = password {
            self.add(password);
        }
        let chosen = password.or((rule == Rule::Name(PASSWORD)).then_some(value)).unwrap_or_default();
        let chosen = chosen.trim_end_matches('!');
        if (SHORTEST_CHOSEN..SHORTEST).contains(&chosen.len()) && is_chosen(chosen) {
            self.add_new(chosen);
        }
        if value.contains('%')
            && let Ok(decoded) = String::from_utf8(Units::of(value).map(|unit| unit.byte).collect())
        {
            self.add(&decoded);
        }
    }

    /// Remembers what cookies hold; of one that is set only that, since a path and a domain are no secrets.
    pub(crate) fn learn_cookies(&mut self, cookies: &str, are_set: bool) {
        let most = if are_set { 1 } else { MAX_COOKIES };
        let values = cookies.split(';').filter_map(|cookie| cookie.split_once('=')).map(|(_, value)| value.trim());
        for value in values.filter(|value| can_be_credential(value)).take(most) {
            if self.cookies < MAX_COOKIES {
                let before = self.values.len();
                self.add(value);
                self.cookies += self.values.len() - before;
            }
        }
    }

    fn add(&mut self, value: &str) {
        let is_mask = value.starts_with('*') || mask_at(value, 0).is_some() || !is_varied(value.as_bytes());
        if value.len() >= SHORTEST && !is_mask {
            self.add_new(value);
        }
    }

    fn add_new(&mut self, value: &str) {
        if self.values.len() < MAX_VALUES && !self.values.has(value) {
            self.values.add(value);
            self.cores.add(core(value));
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.values.len() == 0
    }

    /// Whether any of them may be in a text, plain or in base64, however the text escapes what it has to.
    pub(super) fn may_be_in(&self, text: &str) -> bool {
        self.cores.are_in(text) || encoded::runs(text).next().is_some()
    }

    /// Finds them all in a text, percent-encoded or not.
    pub(super) fn find(&self, text: &str, hits: &mut Hits) {
        self.find_plain(text, hits);
        if has_encoded(text) {
            let decoded = Units::decoded(text);
            let mut found = Hits::default();
            self.find_plain(&decoded, &mut found);
            let mut found = found.merged(&decoded);
            encode(text, &mut found);
            hits.extend(found);
        }
    }

    fn find_plain(&self, text: &str, hits: &mut Hits) {
        for (at, value) in self.values.find(text) {
            let end = at + value.len();
            if value.len() >= SHORTEST || is_word(text.as_bytes(), at, end) {
                hits.push(at..end, Rule::Repeated);
            }
        }
    }
}

/// Whether it is neither a word nor a name of code.
fn is_distinct(value: &str) -> bool {
    is_random(value) || has_sign(value) || value.contains([' ', '='])
}

/// Whether people chose it, and it is no word that texts have: letters and digits, or signs, together.
fn is_chosen(value: &str) -> bool {
    let has = |what: fn(&u8) -> bool| value.as_bytes().iter().any(what);
    let is_name = || value.contains('_') || has_term(value.trim_end_matches(|last: char| last.is_ascii_digit()));
    has(u8::is_ascii_alphabetic)
        && has(u8::is_ascii_digit)
        && !is_name()
        && is_varied(value.as_bytes())
        && mask_at(value, 0).is_none()
}

/// Whether a range is a word of its own.
fn is_word(text: &[u8], start: usize, end: usize) -> bool {
    let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
    let before = start.checked_sub(1).and_then(|at| text.get(at));
    let is_escape = || matches!(text.get(..start), Some([.., b'\\', b'n' | b'r' | b't']));
    (!before.is_some_and(is_of_word) || is_escape()) && !text.get(end).is_some_and(is_of_word)
}

/// The longest part of a value that nothing escapes.
fn core(value: &str) -> &str {
    let is_escaped = |one: char| !(one.is_ascii_alphanumeric() || "_.-".contains(one));
    value.split(is_escaped).max_by_key(|part| part.len()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_have_their_own_room() {
        let named = |name: &str, at: usize| format!("{name}{at}-8f3c9a7e1b2d4f60");
        let mut learned = Learned::default();
        (0..20).for_each(|at| learned.learn(&named("key", at), Rule::Name("api-key")));
        (0..20).for_each(|at| learned.learn_cookies(&format!("sid={}", named("cookie", at)), true));
        let is_known = |value: &str| learned.values.has(value);
        assert!((0..20).all(|at| is_known(&named("key", at))));
        assert_eq!((0..20).filter(|at| is_known(&named("cookie", *at))).count(), MAX_COOKIES);
    }
}
