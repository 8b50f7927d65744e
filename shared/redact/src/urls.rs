//! Credentials in URLs: user info, and parameters by their names. A URL may be all of a text or a
//! part of one, and may hold others, plain or percent-encoded.

use super::{mask::Hits, names::Name, units::Units};

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
                b'/' | b'\\' | b'?' | b'#' => unit.level <= open.level,
                b'&' => unit.level < open.level,
                byte => kind == Kind::Text && ends_in_text(byte),
            };
            match unit.byte {
                _ if ends => {
                    hits.extend(authority.take().and_then(Authority::user_info));
                }
                b':' => open.has_colon = true,
                b'@' if unit.level <= open.level && (open.has_colon || !open.needs_colon) => open.at = Some(unit.start),
                _ => {}
            }
        }
        scheme.read(unit.byte, unit.level, is_slash);
    }
    hits.extend(authority.and_then(Authority::user_info));
}

/// What is before a path or another delimiter: the host, and perhaps user info.
#[derive(Default)]
struct Authority {
    start: usize,
    level: usize,
    needs_colon: bool,
    has_colon: bool,
    at: Option<usize>,
}

impl Authority {
    fn user_info(self) -> Option<std::ops::Range<usize>> {
        self.at.filter(|at| *at > self.start).map(|at| self.start..at)
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
pub(super) fn parameters(text: &str, kind: Kind, hits: &mut Hits) {
    let is_whole = kind != Kind::Text;
    let mut folded = Name::default();
    let mut units = Units::of(text);
    let mut in_path = is_whole;
    // Where the name under way begins, and whether a delimiter says that it is one: a query may be in a
    // text by itself, which its second parameter shows.
    let (mut name, mut is_delimited) = (Some(0), is_whole);
    while let Some(unit) = units.next() {
        match unit.byte {
            b'?' | b'#' => (name, is_delimited, in_path) = (Some(unit.end), true, false),
            b'&' | b';' => (name, is_delimited) = (Some(unit.end), true),
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
                    b'/' | b'\\' | b';' | b'?' if is_whole => in_path,
                    byte => !is_whole && ends_in_text(byte),
                };
                // What is not taken is not looked through again: the name behind it begins where it ends.
                let is_near = |level| level <= unit.level || !is_delimited;
                let end = units.clone().find(|next| is_near(next.level) && ends(next.byte));
                if !is_delimited && end.is_none_or(|end| end.byte != b'&') {
                    continue;
                }
                let end = end.map_or(text.len(), |end| end.start);
                units.skip_to(end);
                let value = text.get(unit.end..end).unwrap_or_default();
                if is_whole {
                    hits.push(unit.end..end);
                } else {
                    // What ends a sentence or closes a bracket around the URL is not of it.
                    let value = value.trim_end_matches(['.', ',', ';', ':', '!', '*', '|', ')', ']', '}']);
                    hits.extend((!value.is_empty()).then(|| unit.end..unit.end + value.len()));
                }
            }
            _ => {}
        }
    }
}

/// What no URL within a text goes beyond.
fn ends_in_text(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\')
}
