//! Names of credentials: of headers, of parameters and of what texts assign.
//!
//! A name is folded to its letters and digits in lower case and compared by its end, never by what it
//! contains: `author`, `max_tokens`, `token_type` and counters of tokens are no credentials.
//!
//! - `tables`: a header, a parameter or a word is added here
//! - `vague`: names that alone do not say it; `headers`: what a header's name says of its value

pub(crate) mod headers;
pub(crate) mod tables;
pub(crate) mod vague;

pub(crate) use tables::{
    AUTH_KEY, AUTHORIZATION, CODE, COOKIE, JWT, PASS, PASSWORD, PERSONAL_TOKEN, SALT, SECRET, SECRET_ID, SESSION_ID,
    SIGNING_KEY, TOKEN, VAGUE, VARIABLE,
};

use crate::{
    rules::{OWN_NAME, Rules},
    shapes::{Form, index::shapes_of},
    tables::words::{Words, ends_in, is_one},
    units::Units,
};
use tables::{
    CONSTANT, HEADERS, NOT_CREDENTIALS, OF_VARIABLES, OPENING, OWNERS, PARAMETER_ENDS, PARAMETERS, QUALIFIERS,
    SENT_ENDS, SENT_WORDS,
};

/// What a byte of a name is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Letter {
    Small,
    Capital,
    Digit,
    /// Neither letter nor digit.
    None,
}

/// A folded name. One is used for many names, since a text may hold millions.
#[derive(Debug)]
pub(crate) struct Name<'r> {
    rules: &'r Rules,
    /// Its letters and digits in lower case: of `DB_ACCESS_TOKEN`, `dbaccesstoken`.
    folded: Vec<u8>,
    /// Where the last of its words begins: there, at 8.
    last_word: usize,
    /// Where all of them begin, at 0, 2 and 8: a bit for each of the first 128 letters.
    words: u128,
    /// Its rule by a word of another language, whose letters are not folded.
    foreign: Option<&'static str>,
    /// Whether it is of several words, as prose has them.
    is_phrase: bool,
    /// Whether it has no small letter.
    is_upper: bool,
    /// Whether it is written as variables of an environment are: `API_TOKEN`.
    is_constant: bool,
}

impl<'r> Name<'r> {
    /// No name yet, to be judged by the operator's rules as well.
    pub(crate) const fn under(rules: &'r Rules) -> Self {
        Self {
            rules,
            folded: Vec::new(),
            last_word: 0,
            words: 0,
            foreign: None,
            is_phrase: false,
            is_upper: false,
            is_constant: false,
        }
    }

    /// By which it is judged.
    pub(crate) const fn rules(&self) -> &'r Rules {
        self.rules
    }

    /// The name that a text is.
    pub(crate) fn of(text: &str, rules: &'r Rules) -> Self {
        let mut name = Self::under(rules);
        name.read(text);
        name
    }

    /// The rule of the name that a text is, which this becomes.
    pub(crate) fn rule_of(&mut self, text: &str) -> Option<&'static str> {
        self.read(text);
        self.assigned()
    }

    /// Becomes the name that a text is, percent-encoded or not.
    pub(crate) fn read(&mut self, text: &str) {
        self.folded.clear();
        self.folded.reserve(text.len());
        (self.last_word, self.words) = (0, 0);
        let (mut has_space, mut has_line, mut has_small, mut is_encoded) = (false, false, false, false);
        for byte in text.bytes() {
            has_space |= byte == b' ';
            has_line |= byte == b'_';
            has_small |= byte.is_ascii_lowercase();
            is_encoded |= matches!(byte, b'%' | b'\\');
        }
        self.is_phrase = has_space;
        self.foreign = if text.is_ascii() { None } else { foreign(text) };
        self.is_upper = !has_small;
        self.is_constant = has_line && !has_small;
        if is_encoded {
            self.fold(Units::of(text).map(|unit| unit.byte));
        } else {
            self.fold(text.bytes());
        }
    }

    fn fold(&mut self, bytes: impl Iterator<Item = u8>) {
        let (mut before, mut last) = (Letter::None, Letter::None);
        for byte in bytes {
            let letter = match byte {
                b'a'..=b'z' => Letter::Small,
                b'A'..=b'Z' => Letter::Capital,
                b'0'..=b'9' => Letter::Digit,
                // As URLs are parsed.
                b'\t' | b'\r' | b'\n' => continue,
                _ => Letter::None,
            };
            if letter != Letter::None {
                // A word begins after what is neither letter nor digit, and where the case says so: `appKey`, `APPKey`.
                if last == Letter::None || (last != Letter::Capital && letter == Letter::Capital) {
                    self.begin(self.folded.len());
                } else if (before, last, letter) == (Letter::Capital, Letter::Capital, Letter::Small) {
                    self.begin(self.folded.len() - 1);
                }
                self.folded.push(byte.to_ascii_lowercase());
            }
            (before, last) = (last, letter);
        }
    }

    fn begin(&mut self, at: usize) {
        self.last_word = at;
        self.words |= u32::try_from(at).ok().and_then(|at| 1_u128.checked_shl(at)).unwrap_or_default();
    }

    /// The rule of a text that assigns something to it, if that is a credential.
    pub(crate) fn assigned(&self) -> Option<&'static str> {
        if self.rules.keeps_name(&self.folded) {
            return None;
        }
        if self.rules.masks_name(&self.folded) {
            return Some(OWN_NAME);
        }
        self.known().or_else(|| self.is_variable_of().then_some(VARIABLE))
    }

    /// Whether it goes on behind a credential's name with what that opens: `PASSWORD_DB`, `apiKeyOpenai`, and no
    /// `TOKEN_TTL`. Models have tokens too, but not as variables.
    fn is_variable_of(&self) -> bool {
        // Asked of each name, so that an array is worth its bytes.
        const NAMES: [&[u8]; 7] =
            [b"password", b"passwd", b"apikey", b"secretkey", b"accesskey", b"accesstoken", b"secret"];
        let is_of = |end: usize| {
            let name = without_digits(self.folded.get(..end).unwrap_or_default());
            (NAMES.iter().any(|end| ends_with(name, end)) || (self.is_constant && name.ends_with(b"token")))
                && !self.is_none(name)
        };
        let is_further = || self.is_constant && self.word_before(self.last_word).is_some_and(is_of);
        !self.is_phrase
            && (is_of(self.last_word) || is_further())
            && !OF_VARIABLES.has(without_digits(self.last_word()))
    }

    /// The same by the tables alone.
    fn known(&self) -> Option<&'static str> {
        let is_qualified =
            || [self.last_word(), without_digits(self.last_word())].iter().any(|word| QUALIFIERS.has(word));
        let unqualified = || self.folded.get(..self.last_word).filter(|_| !self.is_phrase && is_qualified());
        self.by_tables(&self.folded).or_else(|| self.by_tables(unqualified()?)).or(self.foreign)
    }

    fn by_tables(&self, name: &[u8]) -> Option<&'static str> {
        let name = without_digits(name);
        let rule = tables::rule_of_end(name).or_else(|| self.by_last_word(name));
        let rule = rule.or_else(|| tables::rule_of_whole(name)).or_else(|| is_joined(name).then_some(PASSWORD));
        rule.filter(|_| !self.is_none(name))
    }

    /// The rule of one that is a credential by its last word, before which it has others: `DB_PASS`.
    fn by_last_word(&self, name: &[u8]) -> Option<&'static str> {
        let word = name.get(self.word_before(name.len())?..).filter(|_| !self.is_phrase)?;
        // What passes is counted.
        let is_counted = word == b"pass" && name.len() < self.folded.len() && !self.is_constant;
        if is_counted { Some(PASS) } else { tables::rule_of_last_word(word) }
    }

    /// Where the last word before a place begins, if it is not the first.
    fn word_before(&self, end: usize) -> Option<usize> {
        let far = Some(self.last_word).filter(|word| *word < end);
        let near = || {
            let before = self.words & (1_u128.checked_shl(u32::try_from(end).ok()?)?.wrapping_sub(1));
            before.checked_ilog2().map(|word| word as usize)
        };
        far.or_else(near).filter(|word| *word > 0)
    }

    /// Whether a word begins at a place, or may: within the last, and beyond the letters of which that is known.
    fn may_begin_word(&self, at: usize) -> bool {
        let is_known = || u32::try_from(at).ok().and_then(|at| self.words.checked_shr(at));
        at == 0 || at >= self.last_word || is_known().is_none_or(|words| words & 1 == 1)
    }

    /// Whether a name that looks like a credential's is none: an end is of whole words, or all within the last.
    fn is_none(&self, name: &[u8]) -> bool {
        let mut ends = NOT_CREDENTIALS.as_bytes().split(|byte| *byte == b' ').filter(|end| ends_with(name, end));
        ends.any(|end| {
            self.may_begin_word(name.len() - end.len())
                && !(self.is_constant && end == CONSTANT.as_bytes() && name.len() > end.len())
        }) && !ends_in(name, OPENING)
    }

    /// Whether its value is a credential in a URL.
    pub(crate) fn is_parameter(&self) -> bool {
        let is_known = || {
            self.is_sent() || is_one(&self.folded, PARAMETERS) || self.ends(PARAMETER_ENDS) || self.is_vague_parameter()
        };
        !self.rules.keeps_name(&self.folded) && (self.rules.masks_name(&self.folded) || is_known())
    }

    /// Whether a header of it carries a credential, which no rule of the operator's makes it keep.
    pub(crate) fn is_credential(&self) -> bool {
        self.is_sent() || is_one(&self.folded, HEADERS) || self.rules.masks_name(&self.folded)
    }

    /// Whether a scheme may come before its value.
    pub(crate) fn is_authorization(&self) -> bool {
        self.ends("authorization auth")
    }

    /// Whether any word before its value is a scheme.
    pub(crate) fn is_whole_authorization(&self) -> bool {
        self.folded.ends_with(b"authorization")
    }

    /// Whether its value is a list of `name=value`.
    pub(crate) fn is_cookie(&self) -> bool {
        self.ends("cookie cookies")
    }

    /// Whether its value is one URL, or the beginning of one.
    fn is_url(&self) -> bool {
        self.ends("location referer referrer origin url uri path host authority")
    }

    /// Whether a conversation may be known by its value, so that a UUID stays.
    pub(crate) fn is_session_id(&self) -> bool {
        self.folded.ends_with(b"sessionid")
    }

    /// Whether it is a variable's of an environment.
    pub(crate) const fn is_constant(&self) -> bool {
        self.is_constant
    }

    /// Whether it is that of a shell's working directory.
    pub(crate) fn is_of_directory(&self) -> bool {
        self.is_upper && self.is_named("pwd")
    }

    /// Whether it is this one.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.folded == name.as_bytes()
    }

    /// Whether it is one of these.
    pub(crate) fn is_in(&self, names: &Words) -> bool {
        names.has(&self.folded)
    }

    fn is_sent(&self) -> bool {
        let sent = self.ends(SENT_ENDS) || is_one(self.last_word(), SENT_WORDS);
        self.known().is_some() || (sent && !self.is_none(&self.folded))
    }

    pub(crate) fn ends(&self, ends: &str) -> bool {
        ends_in(&self.folded, ends)
    }

    fn last_word(&self) -> &[u8] {
        self.folded.get(self.last_word..).unwrap_or_default()
    }
}

/// Whether what passes is joined to what it opens: `dbpass`, `bindpw`, and no compass.
fn is_joined(name: &[u8]) -> bool {
    let owner = ["pass", "pwd", "pw"].iter().find_map(|end| name.strip_suffix(end.as_bytes()));
    owner.is_some_and(|owner| ends_in(owner, OWNERS))
}

/// The rule of a name that ends in a word of another language, as [`shapes`](crate::shapes) has them.
fn foreign(name: &str) -> Option<&'static str> {
    const LONGEST: usize = 32;
    let ends = (name.len().saturating_sub(LONGEST)..name.len()).filter_map(|at| name.get(at..));
    let words = ends.map(str::as_bytes);
    let is_whole =
        |word: &[u8], length: usize, form| length == word.len() && !word.is_ascii() && matches!(form, Form::Said(_));
    let rule = |word| shapes_of(word).find(|(_, length, form)| is_whole(word, *length, *form));
    words.filter_map(rule).map(|(rule, ..)| rule).next()
}

fn without_digits(name: &[u8]) -> &[u8] {
    let digits = name.iter().rev().take_while(|last| last.is_ascii_digit()).count();
    name.get(..name.len() - digits).unwrap_or_default()
}

/// Most names are told from others by their last byte.
#[inline]
fn ends_with(name: &[u8], end: &[u8]) -> bool {
    name.last() == end.last() && name.ends_with(end)
}

/// Whether a name that ends in this byte can be one that [`Name::assigned`] knows, whose last word may be any.
pub(crate) fn can_end(byte: u8, rules: &Rules) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || rules.can_end(byte)
}

/// Whether a value is the name of another credential, and no password that ends as names do: `DB_PASSWORD_2`,
/// `pass1234`.
pub(crate) fn is_other_name(value: &str, rules: &Rules) -> bool {
    let is_of_words = value.ends_with(|last: char| last.is_ascii_alphabetic());
    let is_of_code = || value.contains(['_', '.']) || !value.bytes().any(|byte| byte.is_ascii_lowercase());
    let is_name = |name: &Name<'_>| name.assigned().is_some_and(|rule| rule != VARIABLE || name.is_constant());
    (is_of_words || is_of_code()) && is_name(&Name::of(value, rules))
}
