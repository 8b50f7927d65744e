//! Credentials in URLs: user info, and parameters by their names. A URL may be all of a text or a
//! part of one, and may hold others, plain or percent-encoded.

use super::{
    extents::joined_end,
    mask::{Hit, Hits, Rule},
    names::Name,
    rules::Rules,
    units::Units,
    values::{can_be_credential, is_of_words, is_placeholder, is_uuid, stands_for_password},
};
use std::ops::Range;

/// What stands before a host.
pub(super) const USER_INFO: Rule = Rule::Place("user-info");
pub(super) const PARAMETER: Rule = Rule::Place("url-parameter");

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A URL and nothing else: its host may come first, and only a delimiter ends a value.
    Url,
    /// A URL's path, which may be a whole URL.
    Path,
    /// Anything, with URLs in it.
    Text,
}

/// Finds user info, with one slash or many, of either kind, or none where browsers take none.
pub(super) fn user_info(text: &str, kind: Kind, hits: &mut Hits) {
    let mut scheme = Scheme::default();
    let mut authority = (kind != Kind::Text).then_some(Authority {
        start: 0,
        level: 0,
        needs_colon: kind == Kind::Path,
        ..Authority::default()
    });
    for unit in Units::of(text) {
        if kind != Kind::Text && matches!(unit.byte, b'\t' | b'\r' | b'\n') {
            continue; // as URLs are parsed
        }
        let is_slash = matches!(unit.byte, b'/' | b'\\');
        if authority.is_none() && !is_slash {
            authority = scheme.opens(kind).then(|| Authority {
                start: unit.start,
                level: scheme.level,
                needs_colon: kind == Kind::Text && !scheme.is_named,
                ..Authority::default()
            });
        }
        if let Some(open) = &mut authority {
            let ends = match unit.byte {
                b'?' | b'#' | b'/' if open.is_password(text, unit.start) => false,
                b'/' | b'\\' | b'?' | b'#' => unit.level <= open.level,
                b'&' => unit.level < open.level,
                byte => kind == Kind::Text && ends_in_text(byte),
            };
            match unit.byte {
                _ if ends => {
                    let found = authority.take().and_then(|open| open.user_info(text, kind));
                    hits.extend(found.map(|range| Hit::new(range, USER_INFO)));
                }
                b':' if open.colon.is_none() => open.colon = Some(unit.end),
                b'@' if unit.level <= open.level && (open.colon.is_some() || !open.needs_colon) => {
                    open.at = Some(unit.start);
                }
                _ => {}
            }
        }
        scheme.read(unit.byte, unit.level, is_slash);
    }
    let found = authority.and_then(|open| open.user_info(text, kind));
    hits.extend(found.map(|range| Hit::new(range, USER_INFO)));
}

/// What is before a path or another delimiter: the host, and perhaps user info.
#[derive(Default)]
struct Authority {
    start: usize,
    level: usize,
    needs_colon: bool,
    /// Behind the first colon.
    colon: Option<usize>,
    at: Option<usize>,
}

impl Authority {
    /// Whether what is after the colon is no port, so that a delimiter is of a password that nobody encoded.
    fn is_password(&self, text: &str, at: usize) -> bool {
        let is_port = |port: &[u8]| port.iter().all(u8::is_ascii_digit);
        let is_address = || text.as_bytes().get(self.start) == Some(&b'[');
        let port = self.colon.and_then(|colon| text.as_bytes().get(colon..at));
        self.at.is_none() && !is_address() && port.is_some_and(|port| !is_port(port))
    }

    /// In a text, a user's name alone is none, nor is a password that stands for one.
    fn user_info(self, text: &str, kind: Kind) -> Option<Range<usize>> {
        let at = self.at.filter(|at| *at > self.start)?;
        let is_secret = match (kind, self.colon.filter(|colon| *colon <= at)) {
            (Kind::Url | Kind::Path, _) => true,
            (Kind::Text, Some(colon)) => text.get(colon..at).is_some_and(|password| !stands_for_password(password)),
            (Kind::Text, None) => text
                .get(self.start..at)
                .is_some_and(|user| !user.contains(['(', '[', '{', '<']) && can_be_credential(user)),
        };
        is_secret.then_some(self.start..at)
    }
}

/// What may come before an authority.
#[derive(Default)]
struct Scheme {
    /// The word before the colon, up to its 16th letter.
    word: String,
    /// Whether a colon follows the word.
    is_named: bool,
    /// Whether what is before the slashes could be a path.
    in_path: bool,
    slashes: usize,
    has_forward: bool,
    level: usize,
}

impl Scheme {
    fn read(&mut self, byte: u8, level: usize, is_slash: bool) {
        if is_slash {
            if self.slashes == 0 {
                self.level = level;
            }
            self.slashes += 1;
            self.has_forward |= byte == b'/';
            return;
        }
        if self.is_named || self.slashes > 0 {
            self.word.clear();
        }
        (self.slashes, self.has_forward, self.level) = (0, false, level);
        self.is_named = byte == b':';
        self.in_path = byte.is_ascii_alphanumeric() || b"._~%-)".contains(&byte) || !byte.is_ascii();
        if byte.is_ascii_alphanumeric() || b"+.-".contains(&byte) {
            if self.word.len() < 16 {
                self.word.push(byte.to_ascii_lowercase().into());
            }
        } else if !self.is_named {
            self.word.clear();
        }
    }

    /// Whether what comes next is an authority.
    fn opens(&self, kind: Kind) -> bool {
        let is_special = self.is_named && matches!(&*self.word, "http" | "https" | "ws" | "wss" | "ftp");
        // In a text a backslash is more often an escape.
        let is_escape = kind == Kind::Text && !self.has_forward;
        match self.slashes {
            _ if is_special => true,
            0 => false,
            1 => kind != Kind::Text && self.is_named && self.word.len() > 1,
            _ => !is_escape && (self.is_named || !self.in_path),
        }
    }
}

/// Finds the values of parameters whose names say that they are credentials.
pub(super) fn parameters(text: &str, kind: Kind, rules: &Rules, hits: &mut Hits) {
    let is_whole = kind != Kind::Text;
    let mut folded = Name::under(rules);
    let mut units = Units::of(text);
    let mut in_path = is_whole;
    // Whether a text's word is a URL or a path so far, and not an expression of code.
    let (mut is_link, mut is_first, mut last) = (is_whole, true, b' ');
    // Where the name under way begins, and whether a delimiter says that it is one: a query may be in a
    // text by itself, which its second parameter shows.
    let (mut name, mut is_delimited) = (Some(0), is_whole);
    // Whether semicolons part it from others, as in connection strings.
    let mut is_list = false;
    while let Some(unit) = units.next() {
        if !is_whole {
            let ends = ends_in_text(unit.byte);
            // A slash at the beginning of a word, or two after a colon.
            is_link = !ends && (is_link || (unit.byte == b'/' && (is_first || last == b':')));
            is_first = ends || (is_first && b"([{=,".contains(&unit.byte));
            last = unit.byte;
        }
        match unit.byte {
            b'?' | b'#' => (name, is_delimited, in_path) = (Some(unit.end), true, false),
            b'&' | b';' => (name, is_delimited, is_list) = (Some(unit.end), true, unit.byte == b';'),
            b'/' | b'\\' if is_whole => name = Some(unit.end),
            byte if !is_whole && ends_in_text(byte) => (name, is_delimited) = (Some(unit.end), false),
            b'=' => {
                let Some(name) = name.take().and_then(|start| text.get(start..unit.start)) else { continue };
                folded.read(name);
                if !folded.is_parameter() {
                    continue;
                }
                let ends = |byte| match byte {
                    b'&' | b'#' => true,
                    b';' if is_list && !is_whole => true,
                    b'/' | b'\\' | b';' | b'?' if is_whole => in_path,
                    // Behind a URL within brackets.
                    b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'|' => !is_whole,
                    byte => !is_whole && ends_in_text(byte),
                };
                // What is not taken is not looked through again: the name after it begins where it ends.
                let is_near = |level| level <= unit.level || !is_delimited;
                let end = units.clone().find(|next| is_near(next.level) && ends(next.byte));
                if !is_delimited && end.is_none_or(|end| end.byte != b'&') {
                    continue;
                }
                let end = end.map_or(text.len(), |end| end.start);
                units.skip_to(end);
                let value = text.get(unit.end..end).unwrap_or_default();
                if folded.is_vague_parameter() && !is_key(value) {
                    continue;
                }
                if is_whole {
                    hits.push(unit.end..end, PARAMETER);
                } else if !(folded.is_weak_parameter() && is_word(value)) {
                    // What ends a sentence is not of it.
                    let value = value.trim_end_matches(['.', ',', ';', ':', '!', '*']);
                    if !value.is_empty() && !is_placeholder(value) && (is_link || can_be_credential(value)) {
                        let end = joined_end(text, unit.end, unit.end + value.len());
                        hits.push(unit.end..end, PARAMETER);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether a value is a key, although its name may be that of anything.
fn is_key(value: &str) -> bool {
    const SHORTEST: usize = 16;
    value.len() >= SHORTEST && !is_of_words(value) && !is_uuid(value) && can_be_credential(value)
}

/// Whether a value is a word, a short number or a number of something: `getting-started`, `E0308`, `PROJ-1234`.
fn is_word(value: &str) -> bool {
    const LONGEST: usize = 24;
    const SHORTEST_NUMBER: usize = 6;
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

/// What no URL within a text goes beyond.
fn ends_in_text(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\')
}
