//! Credentials in texts that people and programs write: `Authorization: Bearer x`, `api_key=x`,
//! `"api_key": "x"`, and a bearer token by itself.

use super::{
    mask::{Hits, REDACTED},
    names::Name,
    units::Units,
};
use std::ops::Range;

/// How much of a value is judged, in bytes: a text may hold as many names as it has words.
const JUDGED: usize = 64;
/// How far away the quote may be that ends a value with spaces in it, in bytes.
const NEAR: usize = 256;

/// Schemes whose credential is one word, whatever it looks like.
const SCHEMES: [&str; 4] = ["bearer", "basic", "dpop", "apikey"];
/// Schemes that are words of the language too.
const WORDS: [&str; 5] = ["token", "key", "bot", "jwt", "oauth"];
/// Schemes with a list of parameters.
const LISTS: [&str; 5] = ["digest", "aws4-hmac-sha256", "hmac-sha256", "hawk", "negotiate"];

/// Finds what a text assigns to a name that says it is a credential.
pub(super) fn assignments(text: &str, hits: &mut Hits) {
    let mut folded = Name::default();
    let mut units = Units::of(text);
    // Where the word under way begins, the one before it, and where its phrase begins: `api key`.
    let (mut word, mut last, mut phrase): (Option<usize>, Option<Range<usize>>, usize) = (None, None, 0);
    let mut is_quoted = false;
    while let Some(unit) = units.next() {
        if unit.byte.is_ascii_alphanumeric() || b"_-.".contains(&unit.byte) || !unit.byte.is_ascii() {
            word = word.or(Some(unit.start));
            continue;
        }
        if let Some(start) = word.take() {
            let before = last.filter(|last| text.get(last.end..start) == Some(" "));
            phrase = before.map_or(start, |before| before.start);
            last = Some(start..unit.start);
            is_quoted = false;
        }
        let Some(name) = last.clone() else { continue };
        let found = match unit.byte {
            b' ' => bearer(text, text.get(name).unwrap_or_default(), unit.end),
            b'=' | b':' | b',' if unit.byte != b',' || is_quoted => {
                last = None;
                folded.read(text.get(name.clone()).unwrap_or_default());
                if !folded.is_assigned() && phrase < name.start {
                    folded.read(text.get(phrase..name.end).unwrap_or_default());
                }
                if folded.is_assigned() { assigned(text, &folded, unit.byte, unit.end) } else { None }
            }
            b'"' | b'\'' | b'`' => {
                is_quoted = true;
                None
            }
            b'\\' | b']' | b'\t' => None,
            _ => {
                last = None;
                None
            }
        };
        if let Some(found) = found {
            units.skip_to(found.end);
            last = None;
            hits.push(found);
        }
    }
}

/// What a member of a JSON object is worth, if its name says that it is a credential.
pub(super) fn member(name: &Name, value: &str) -> Option<Range<usize>> {
    if !name.is_assigned() {
        return None;
    }
    let start = scheme(name, value).unwrap_or_default();
    let is_taken = match value.get(start..)? {
        "" => false,
        // The scheme's word says that it is one.
        rest if start > 0 => !is_placeholder(rest),
        rest => can_be_credential(rest) || (name.is_cookie() && rest.contains('=')),
    };
    is_taken.then_some(start..value.len())
}

/// The credential behind a bearer's word.
fn bearer(text: &str, word: &str, at: usize) -> Option<Range<usize>> {
    let shortest = match word {
        _ if word.eq_ignore_ascii_case("bearer") => 8,
        _ if word.eq_ignore_ascii_case("basic") => 16,
        _ => return None,
    };
    let judged = run(text, at, JUDGED);
    let value = text.get(judged.clone())?;
    let is_token = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._~+/=-%|:".contains(&byte));
    (is_token && value.len() >= shortest && can_be_credential(value)).then(|| run(text, at, usize::MAX))
}

/// What is assigned at a place, if it is a credential.
fn assigned(text: &str, name: &Name, separator: u8, at: usize) -> Option<Range<usize>> {
    let (at, quote) = opening(text, at);
    let closed = quote.and_then(|quote| quote.close(text, at));
    let judged = closed.map_or_else(|| run(text, at, JUDGED), |end| at..end);
    let value = text.get(judged.clone())?;
    if name.is_cookie() {
        return value.contains('=').then(|| at..closed.unwrap_or_else(|| line_end(text, at)));
    }
    // An unquoted value is one word, so that its scheme is before it.
    let line = text.get(at..).map(|rest| clipped(rest, JUDGED))?;
    if let Some(start) = scheme(name, if closed.is_some() { value } else { line }) {
        let is_list = LISTS.iter().any(|list| starts_with(value, list));
        let start = at + start;
        let end = match closed {
            Some(end) => end,
            None if is_list => line_end(text, start),
            None => run(text, start, usize::MAX).end,
        };
        let is_named = is_placeholder(text.get(start..end)?) || begins_with_placeholder(text.get(start..)?);
        return (start < end && !is_named).then_some(start..end);
    }
    let is_taken = match separator {
        // What is said of it in a sentence comes after a colon.
        b'=' => {
            let is_none = matches!(value, "" | "null" | "None" | "true" | "false");
            !is_none && !is_placeholder(value) && !begins_with_placeholder(line)
        }
        _ => can_be_credential(value),
    };
    is_taken.then(|| closed.map_or_else(|| run(text, at, usize::MAX), |end| at..end))
}

/// How long the scheme before a value is, with its space.
fn scheme(name: &Name, value: &str) -> Option<usize> {
    let (word, rest) = value.split_once(' ').filter(|_| name.is_authorization())?;
    let is = |schemes: &[&str]| schemes.iter().any(|scheme| word.eq_ignore_ascii_case(scheme));
    let spaces = rest.len() - rest.trim_start_matches(' ').len();
    // There are more schemes than a table holds: `Api-Key`, `SSWS`, `GenieKey`.
    let is_scheme = |word: &str| word.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    let first = || rest.split_whitespace().next().unwrap_or_default();
    let is_one = is(&SCHEMES)
        || is(&LISTS)
        || (is(&WORDS) && can_be_credential(rest.trim_start_matches(' ')))
        || (name.is_whole_authorization() && is_scheme(word) && can_be_credential(first()));
    is_one.then_some(word.len() + 1 + spaces)
}

/// Without its scheme's word, if there is one before all of it.
pub(super) fn without_scheme(value: &str) -> &str {
    let is_scheme = |word: &str| {
        [&SCHEMES[..], &WORDS, &LISTS].into_iter().flatten().any(|scheme| word.eq_ignore_ascii_case(scheme))
    };
    value.split_once(' ').filter(|(word, _)| is_scheme(word)).map_or(value, |(_, rest)| rest.trim())
}

/// A quote, escaped as often as the text around it is nested.
#[derive(Clone, Copy)]
struct Quote {
    byte: u8,
    escapes: usize,
}

impl Quote {
    /// Where its other half is, if it is near.
    fn close(self, text: &str, at: usize) -> Option<usize> {
        let mut escapes = 0;
        for (index, byte) in text.as_bytes().iter().enumerate().skip(at).take(NEAR) {
            match byte {
                b'\\' => escapes += 1,
                _ if *byte == self.byte && (escapes <= self.escapes || (self.escapes == 0 && escapes % 2 == 0)) => {
                    return Some(index - escapes.min(self.escapes));
                }
                _ => escapes = 0,
            }
        }
        None
    }
}

/// Where a value begins behind its separator, and the quote before it.
fn opening(text: &str, at: usize) -> (usize, Option<Quote>) {
    let bytes = text.as_bytes();
    let is = |at: usize, what: &[u8]| bytes.get(at).is_some_and(|byte| what.contains(byte));
    let spaces = |mut at: usize| {
        while is(at, b" \t") {
            at += 1;
        }
        at
    };
    let mut start = spaces(at);
    // `=>`, `==` and the brackets of a list.
    if is(start, b"=>") {
        start = spaces(start + 1);
    }
    if is(start, b"[") {
        start = spaces(start + 1);
    }
    let mut quote = start;
    if is(quote, b"bur") && is(quote + 1, b"\"'") {
        quote += 1;
    }
    let mut escapes = 0;
    while is(quote + escapes, b"\\") {
        escapes += 1;
    }
    match bytes.get(quote + escapes) {
        Some(&byte @ (b'"' | b'\'' | b'`')) => (quote + escapes + 1, Some(Quote { byte, escapes })),
        _ => (start, None),
    }
}

/// The value at a place that no quotes hold, of which at most `longest` bytes are looked at.
fn run(text: &str, at: usize, longest: usize) -> Range<usize> {
    let rest = text.get(at..).map_or("", |rest| clipped(rest, longest));
    let is_end = |byte: u8| byte.is_ascii_whitespace() || b"\"'`\\<>,;&()[]{}|".contains(&byte);
    let value = rest.bytes().position(is_end).and_then(|end| rest.get(..end)).unwrap_or(rest);
    at..at + value.trim_end_matches(['.', ':', '!']).len()
}

/// Where the line ends, or the quote around it.
fn line_end(text: &str, at: usize) -> usize {
    let ends = |byte: &u8| matches!(byte, b'\r' | b'\n' | b'"' | b'\'' | b'`' | b'\\');
    text.as_bytes().iter().skip(at).position(ends).map_or(text.len(), |end| at + end)
}

fn clipped(text: &str, longest: usize) -> &str {
    text.get(..text.floor_char_boundary(longest)).unwrap_or(text)
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

/// Whether a value is a placeholder, as documentation has them: as a whole, since a password may begin like one.
fn is_placeholder(value: &str) -> bool {
    let is_name = |name: &str| {
        let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') && name.bytes().all(is_of_name)
    };
    value.len() <= JUDGED
        && (matches!(value, REDACTED | "REDACTED]" | "REDACTED")
            || value.strip_prefix('$').or(value.strip_prefix("process.env.")).is_some_and(is_name)
            || value.strip_prefix('%').is_some_and(|name| name.strip_suffix('%').is_some_and(is_name))
            || value.bytes().all(|byte| byte == b'*')
            || begins_with_placeholder(value))
}

/// Whether a text begins with a placeholder in brackets, which end a word: `${NAME}`, `{{ name }}`, `<your key>`.
fn begins_with_placeholder(text: &str) -> bool {
    let behind = |start, end| Some(clipped(text.strip_prefix(start)?, JUDGED).split_once(end)?.1);
    let behind = [("${", "}"), ("{{", "}}"), ("<", ">")].into_iter().find_map(|(start, end)| behind(start, end));
    behind
        .is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || "!#$%&*+-./=@^_~".contains(next)))
}

/// Whether a value can be a credential: long enough, of one word, and of mixed letters and signs.
pub(super) fn can_be_credential(value: &str) -> bool {
    let value = clipped(value, JUDGED);
    let is_word = |byte: u8| !byte.is_ascii_whitespace() && !b"()[]{}<>".contains(&byte);
    if value.len() < 8 || is_placeholder(value) || !value.bytes().all(is_word) {
        return false;
    }
    let mut seen = [false; 256];
    let (mut different, mut has_letter, mut has_more) = (0, false, false);
    // Where the case last rose.
    let (mut rises, mut before) = ([None; 4], b' ');
    for (at, byte) in value.bytes().enumerate() {
        if let Some(seen @ false) = seen.get_mut(usize::from(byte)) {
            *seen = true;
            different += 1;
        }
        has_letter |= byte.is_ascii_alphabetic();
        has_more |= byte.is_ascii_digit() || b"!#%*+&^@$".contains(&byte);
        if before.is_ascii_lowercase() && byte.is_ascii_uppercase() {
            rises.rotate_left(1);
            rises[3] = Some(at);
            // Four times within twelve letters, of which the first is the one before the first rise.
            has_more |= rises[0].is_some_and(|first| at - first <= 10);
        }
        before = byte;
    }
    different >= 6 && has_letter && has_more
}
