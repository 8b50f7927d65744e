//! Credentials in URLs: parameters by their names. A URL may be all of a text or a part of one, and may hold others,
//! plain or percent-encoded.

use super::extents::joined_end;
use crate::{
    mask::{Hits, Rule},
    names::Name,
    rules::Rules,
    units::{Unit, Units},
    values::{
        SHORTEST_NUMBER, can_be_credential, is_path, is_uuid,
        placeholders::{is_of_words, is_placeholder, is_term},
    },
};

/// The rule of a parameter's value.
pub(crate) const PARAMETER: Rule = Rule::Place("url-parameter");

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// A URL and nothing else: its host may come first, and only a delimiter ends a value.
    Url,
    /// A URL's path, which may be a whole URL.
    Path,
    /// Anything, with URLs in it.
    Text,
}

/// Finds the values of parameters whose names say that they are credentials.
pub(crate) fn parameters(text: &str, kind: Kind, rules: &Rules, hits: &mut Hits) {
    let mut folded = Name::under(rules);
    let mut units = Units::of(text);
    let mut query = Query::of(kind);
    while let Some(unit) = units.next() {
        let Some(name) = query.read(unit).and_then(|start| text.get(start..unit.start)) else { continue };
        folded.read(name);
        if !folded.is_parameter() || (!query.is_link && name.contains(['(', ')', '!', ',', '{', '}'])) {
            continue;
        }
        let is_near = |level| level <= unit.level || !query.is_delimited;
        let end = units.clone().find(|next| is_near(next.level) && query.ends(next.byte));
        if !query.is_delimited && end.is_none_or(|end| end.byte != b'&') {
            continue;
        }
        // What is not taken is not looked through again: the name after it begins where it ends.
        let end = end.map_or(text.len(), |end| end.start);
        units.skip_to(end);
        let value = text.get(unit.end..end).unwrap_or_default();
        if let Some(credential) = query.credential(value, &folded) {
            let end = unit.end + credential.len();
            let end = if query.is_whole { end } else { joined_end(text, unit.end, end) };
            hits.push(unit.end..end, PARAMETER);
        }
    }
}

/// What was read of a text's queries so far: of which kind the parameter under way is.
#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other")]
struct Query {
    /// Whether all of the text is a URL.
    is_whole: bool,
    in_path: bool,
    /// Whether a text's word is a URL or a path so far, and not an expression of code.
    is_link: bool,
    /// Whether the word has but begun.
    is_first: bool,
    last: u8,
    /// Where the name under way begins.
    name: Option<usize>,
    /// Whether a delimiter says that it is one: a query may be in a text by itself, which its second parameter shows.
    is_delimited: bool,
    /// Whether semicolons part it from others, as in connection strings.
    is_list: bool,
}

impl Query {
    fn of(kind: Kind) -> Self {
        let is_whole = kind != Kind::Text;
        Self {
            is_whole,
            in_path: is_whole,
            is_link: is_whole,
            is_first: true,
            last: b' ',
            name: Some(0),
            is_delimited: is_whole,
            is_list: false,
        }
    }

    /// Reads a unit. Gives where the name begins that it ends.
    fn read(&mut self, unit: Unit) -> Option<usize> {
        let ends = !self.is_whole && ends_in_text(unit.byte);
        if !self.is_whole {
            // A slash at the beginning of a word, or two after a colon.
            self.is_link = !ends && (self.is_link || (unit.byte == b'/' && (self.is_first || self.last == b':')));
            self.is_first = ends || (self.is_first && b"([{=,".contains(&unit.byte));
            self.last = unit.byte;
        }
        match unit.byte {
            b'=' => return self.name.take(),
            b'?' | b'#' => (self.name, self.is_delimited, self.in_path) = (Some(unit.end), true, false),
            b'&' | b';' => (self.name, self.is_delimited, self.is_list) = (Some(unit.end), true, unit.byte == b';'),
            b'/' | b'\\' if self.is_whole => self.name = Some(unit.end),
            _ if ends => (self.name, self.is_delimited) = (Some(unit.end), false),
            _ => {}
        }
        None
    }

    /// Whether a byte ends a value.
    fn ends(&self, byte: u8) -> bool {
        match byte {
            b'&' | b'#' => true,
            b';' if self.is_list && !self.is_whole => true,
            b'/' | b'\\' | b';' | b'?' if self.is_whole => self.in_path,
            // Behind a URL within brackets.
            b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'|' => !self.is_whole,
            byte => !self.is_whole && ends_in_text(byte),
        }
    }

    /// What of a value is a credential, as its name says: in a text it has to look like one, if nothing else shows that
    /// a URL is there.
    fn credential<'v>(&self, value: &'v str, folded: &Name<'_>) -> Option<&'v str> {
        if folded.is_vague_parameter() && !is_key(value) {
            return None;
        }
        if self.is_whole {
            return Some(value);
        }
        // What ends a sentence is not of it.
        let said = value.trim_end_matches(['.', ',', ';', ':', '!', '*']);
        let is_flag = || is_term(said) || ["true", "false", "undefined"].contains(&said);
        let is_other = || is_placeholder(said) || is_flag() || is_path(said);
        let can_be = !said.is_empty() && !is_other() && (self.is_link || (can_be_credential(said) && !is_code(said)));
        let is_weak = || is_word(value) || (is_said(said) && !folded.is_authorization());
        (can_be && !(folded.is_weak_parameter() && is_weak())).then_some(said)
    }
}

/// Whether code compares a name, or sets it and another: `e.key===o.Z?v`, `this.key=e,this.x=y`.
fn is_code(value: &str) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_alphabetic() || b"_.$".contains(&byte);
    let more = value.split_once(',').filter(|(_, more)| more.contains('='));
    let more = more.or_else(|| value.split_once("==").filter(|(_, more)| !more.is_empty()));
    more.is_some_and(|(name, _)| name.starts_with('$') || name.bytes().all(is_of_name))
}

/// Whether a value is a key, although its name may be that of anything.
fn is_key(value: &str) -> bool {
    const SHORTEST: usize = 16;
    value.len() >= SHORTEST && !is_of_words(value) && !is_uuid(value) && can_be_credential(value)
}

/// Whether a value is a word, a short number or a number of something: `getting-started`, `E0308`, `PROJ-1234`.
fn is_word(value: &str) -> bool {
    const LONGEST: usize = 24;
    let is_one_case = |part: &str| {
        !(part.bytes().any(|byte| byte.is_ascii_lowercase()) && part.bytes().any(|byte| byte.is_ascii_uppercase()))
    };
    let is_number = || value.len() >= SHORTEST_NUMBER && value.bytes().all(|byte| byte.is_ascii_digit());
    let is_of_names = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    value.len() <= LONGEST
        && value.bytes().all(is_of_names)
        && is_of_words(value)
        && value.split(['.', '_', '-']).all(is_one_case)
        && !is_number()
}

/// Whether a value is a sentence, code or a path: `Invalid+password`, `fn+main`, `docs/start.html`. Most letters are of
/// words that are longer than what chance has between two signs.
fn is_said(value: &str) -> bool {
    const SHORTEST: usize = 4;
    const SIGNS: [&str; 6] = ["+", "/", "%20", "%0A", "%5B", "%7B"];
    let is_one = |word: &str| is_word(word.strip_prefix(|first: char| first.is_ascii_uppercase()).unwrap_or(word));
    let (mut words, mut others) = (0, 0);
    SIGNS.iter().any(|sign| value.contains(sign))
        && value.split(['+', '/']).all(|said| {
            said.split('%').enumerate().all(|(at, part)| {
                // Two digits behind a percent sign are of it.
                let word = part.get(if at > 0 { 2 } else { 0 }..).unwrap_or_default();
                let word = word.trim_matches(|one: char| one.is_ascii_punctuation());
                *(if word.len() < SHORTEST { &mut others } else { &mut words }) += word.len();
                is_one(word)
            })
        })
        && words >= others
}

/// What no URL within a text goes beyond.
pub(super) fn ends_in_text(byte: u8) -> bool {
    byte <= b' ' || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\')
}
