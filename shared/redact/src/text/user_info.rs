//! What stands before the host of a URL: a user and a password, or a token. A host alone, a path with an `@` and a
//! user's name in a text are none.

use super::urls::{Kind, ends_in_text};
use crate::{
    mask::{Hit, Hits, Rule},
    units::Units,
    values::{can_be_credential, placeholders::stands_for_password},
};
use std::ops::Range;

/// The rule of it.
pub(crate) const USER_INFO: Rule = Rule::Place("user-info");

/// Finds user info, with one slash or many, of either kind, or none where browsers take none.
pub(super) fn find(text: &str, kind: Kind, hits: &mut Hits) {
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
                // What is encoded twice is of what the URL says, and once of a password.
                byte if kind == Kind::Text && ends_in_text(byte) => {
                    let is_within = open.level == 0
                        && unit.level == 1
                        && (open.colon == Some(unit.start) || open.is_password(text, unit.start));
                    unit.level <= open.level + 1 && !is_within
                }
                _ => false,
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

    /// Whether what looks so in a text is code: `//a:b[@c]`, `HTTP::post(@c)`, `s@x@http://host:80@g`.
    fn is_code(&self, text: &str, at: usize) -> bool {
        let given = text.get(self.start..at).unwrap_or_default();
        let is_port = |port: &str| port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
        let behind = text.get(at + 1..).unwrap_or_default();
        (self.needs_colon && given.contains(['(', '[', '{']))
            || text.get(..=self.start).is_some_and(|before| before.ends_with("::"))
            || (given.split_once(':').is_some_and(|(_, port)| is_port(port))
                && behind.strip_prefix('g').unwrap_or(behind).starts_with(['"', '\'', ';']))
    }

    /// In a text, a user's name alone is none, nor is a password that stands for one.
    fn user_info(self, text: &str, kind: Kind) -> Option<Range<usize>> {
        let at = self.at.filter(|at| *at > self.start)?;
        if kind == Kind::Text && self.is_code(text, at) {
            return None;
        }
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
