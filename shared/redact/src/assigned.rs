//! What a text assigns to a name that says it is a credential: `Authorization: Bearer x`, `api_key = "x"`,
//! `("x-api-key", "x")`, `--password x`, `<secret>x</secret>`.

use super::{
    mask::{Hits, Rule, mask_at},
    names::{Name, TOKEN, can_end},
    rules::OWN_NAME,
    scheme::{begins_with_list, list_end, scheme},
    values::{JUDGED, begins_with_placeholder, can_be_credential, clipped, is_path_of_code, is_placeholder, is_uuid},
};
use std::ops::Range;

/// How far away the quote may be that ends a value with spaces in it, in bytes.
const NEAR: usize = 256;
/// The shortest value that is taken in a text for a name of the operator's, in bytes.
const SHORTEST_OWN: usize = 4;
/// How much is read of a name, in bytes.
const LONGEST_NAME: usize = 64;
/// The most signs between a name and what assigns to it: quotes, brackets, spaces.
const MOST_SIGNS: usize = 12;

/// Finds the credential that is assigned at a separator: `=`, `:`, `>` of a tag, a space behind an option, or a comma
/// behind a quote. Gives where it ends.
pub(super) fn at_separator(text: &str, at: usize, folded: &mut Name<'_>, hits: &mut Hits) -> Option<usize> {
    let (range, rule) = found(text, at, folded)?;
    let end = range.end;
    hits.push(range, Rule::Name(rule));
    Some(end)
}

fn found(text: &str, at: usize, folded: &mut Name<'_>) -> Option<(Range<usize>, &'static str)> {
    let bytes = text.as_bytes();
    let separator = *bytes.get(at)?;
    let is_sign = |byte: &u8| b" \t\"'`\\]*".contains(byte);
    let before = bytes.get(at.saturating_sub(MOST_SIGNS)..at)?;
    let signs = before.iter().rev().take_while(|byte| is_sign(byte)).count();
    let name = name_before(bytes, at - signs);
    let last = *bytes.get(name.end.checked_sub(1)?)?;
    if !can_end(last, folded.rules()) {
        return None;
    }
    // Two words may be one name: `api key`.
    let phrase = if name.start > 1 && bytes.get(name.start - 1) == Some(&b' ') {
        name_before(bytes, name.start - 1).start
    } else {
        name.start
    };
    let before = name.start.checked_sub(1).and_then(|before| bytes.get(before)).copied();
    match separator {
        b'>' if !matches!(before, Some(b'<' | b':')) => return None,
        // A resource's name has colons: `arn:aws:secretsmanager:r:1:secret:db-x`.
        b':' if before == Some(b':') && is_of_resource(bytes, name.start) => return None,
        b' ' if before != Some(b'-') && bytes.get(name.start) != Some(&b'-') => return None,
        _ => {}
    }
    folded.read(text.get(name.clone())?);
    let rule = folded.assigned().or_else(|| {
        if folded.is_named("value") || folded.is_named("content") {
            folded.read(text.get(label_before(bytes, name.start)?)?);
        } else if folded.is_named("is") && separator == b':' {
            // `The password is: x`.
            folded.read(text.get(name_before(bytes, name.start.checked_sub(1)?))?);
        } else {
            folded.read(text.get(phrase..name.end).filter(|_| phrase < name.start)?);
        }
        folded.assigned()
    })?;
    let range = value(text, folded, separator, at + 1)?;
    (rule != TOKEN || is_long(text.get(range.clone())?)).then_some((range, rule))
}

/// The name that ends at a place.
fn name_before(bytes: &[u8], end: usize) -> Range<usize> {
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let before = bytes.get(end.saturating_sub(LONGEST_NAME)..end).unwrap_or_default();
    end - before.iter().rev().take_while(|byte| is_of_name(byte)).count()..end
}

/// Whether a place is within a resource's name.
fn is_of_resource(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(at.saturating_sub(LONGEST_NAME * 2)..at).unwrap_or_default();
    let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || b":-_/".contains(byte);
    let word = before.iter().rev().take_while(|byte| is_of_word(byte)).count();
    before.get(before.len() - word..).is_some_and(|word| word.starts_with(b"arn:") || word.starts_with(b"urn:"))
}

/// The name of a value that stands behind it as a pair of its own: `name: "x-api-key", value: "x"`.
fn label_before(bytes: &[u8], value: usize) -> Option<Range<usize>> {
    let back = |end: usize, signs: &[u8]| {
        let before = bytes.get(end.saturating_sub(MOST_SIGNS)..end).unwrap_or_default();
        end - before.iter().rev().take_while(|byte| signs.contains(byte)).count()
    };
    let comma = back(value, b" \t\r\n\"'\\");
    let label = name_before(bytes, back(comma, b", \t\"'`\\"));
    let colon = back(label.start, b" \t\"'`\\");
    let is_assigned = matches!(bytes.get(colon.checked_sub(1)?), Some(b':' | b'='));
    let member = name_before(bytes, back(colon, b":= \t\"'\\"));
    let member = bytes.get(member)?;
    let is_name = ["name", "key", "header"].iter().any(|name| member.eq_ignore_ascii_case(name.as_bytes()));
    (is_assigned && is_name && !label.is_empty()).then_some(label)
}

/// What is assigned at a place, if it is a credential.
fn value(text: &str, name: &Name<'_>, separator: u8, at: usize) -> Option<Range<usize>> {
    let (at, quote) = opening(text, at);
    let closed = quote.and_then(|quote| quote.close(text, at));
    let judged = closed.map_or_else(|| run(text, at, JUDGED), |end| at..end);
    let value = text.get(judged.clone())?;
    if name.is_cookie() {
        // A call's next argument is none.
        let is_list = value.contains('=') && (separator != b',' || quote.is_some());
        return is_list.then(|| at..closed.unwrap_or_else(|| line_end(text, at)));
    }
    // An unquoted value is one word, so that its scheme is before it.
    let line = text.get(at..).map(|rest| clipped(rest, JUDGED))?;
    if let Some(start) = scheme(name, if closed.is_some() { value } else { line }) {
        let start = at + start;
        let end = match closed {
            Some(end) => end,
            None if begins_with_list(value) => list_end(text, start),
            None => run(text, start, usize::MAX).end,
        };
        let is_named = is_placeholder(text.get(start..end)?) || begins_with_placeholder(text.get(start..)?);
        return (start < end && !is_named).then_some(start..end);
    }
    let is_closed = || text.get(judged.end..).is_some_and(|rest| rest.starts_with("</"));
    let is_own = || name.assigned() == Some(OWN_NAME) && value.len() >= SHORTEST_OWN && !is_placeholder(value);
    let is_taken = (can_be_credential(value) || is_own())
        && (separator != b'>' || is_closed())
        && !(name.is_session() && is_uuid(value))
        && !(quote.is_none() && (begins_with_placeholder(line) || is_code(text, judged.end, value, name)))
        && !(separator == b':' && value.starts_with(':'));
    is_taken.then(|| closed.map_or_else(|| run(text, at, usize::MAX), |end| at..end))
}

/// Whether a value that no quotes hold is code: a path, what is called or looked into, or another such name.
fn is_code(text: &str, end: usize, value: &str, name: &Name<'_>) -> bool {
    let is_variable = value.contains('_') && !value.bytes().any(|byte| byte.is_ascii_uppercase());
    is_path_of_code(value)
        || (is_variable && Name::of(value, name.rules()).assigned().is_some())
        || matches!(text.as_bytes().get(end), Some(b'(' | b'[' | b'{'))
}

/// What a member of a JSON object is worth, if its name says that it is a credential.
pub(super) fn member(name: &Name<'_>, value: &str) -> Option<(Range<usize>, &'static str)> {
    let rule = name.assigned()?;
    let start = scheme(name, value).unwrap_or_default();
    let is_taken = match value.get(start..)? {
        "" => false,
        // The scheme's word says that it is one.
        rest if start > 0 => !is_placeholder(rest),
        rest if name.is_session() && is_uuid(rest) => false,
        rest if rule == OWN_NAME => !is_placeholder(rest),
        rest if rule == TOKEN && !is_long(rest) => false,
        rest => can_be_credential(rest) || (name.is_cookie() && rest.contains('=')),
    };
    is_taken.then_some((start..value.len(), rule))
}

/// Whether a token is as long as a key, and no id or resource name.
fn is_long(value: &str) -> bool {
    const SHORTEST: usize = 20;
    value.len() >= SHORTEST && !value.contains(':') && !is_uuid(value)
}

/// Finds the password of what curl is told to log in with at a place: `-u name:password`.
pub(super) fn at_user(text: &str, at: usize, hits: &mut Hits) -> Option<usize> {
    let (at, quote) = opening(text, at);
    let range = quote.and_then(|quote| quote.close(text, at)).map_or_else(|| run(text, at, JUDGED), |end| at..end);
    let (name, password) = text.get(range.clone())?.split_once(':')?;
    let start = range.start + name.len() + 1;
    if !can_be_credential(password) {
        return None;
    }
    let end = if quote.is_some() { range.end } else { run(text, start, usize::MAX).end };
    hits.push(start..end, Rule::Name("password"));
    Some(end)
}

/// Finds the password that a short option of a command gives, which only the command's name tells: `sshpass -p x`.
pub(super) fn at_short_option(text: &str, at: usize, hits: &mut Hits) -> Option<usize> {
    const COMMANDS: [(&str, u8); 6] =
        [("sshpass", b'p'), (" login", b'p'), ("mysql", b'p'), ("ldap", b'w'), ("redis-cli", b'a'), ("curl", b'b')];
    const NEAR: usize = 96;
    let option = *text.as_bytes().get(at + 1)?;
    let before = text.get(text.floor_char_boundary(at.saturating_sub(NEAR))..at)?;
    let line = before.rsplit('\n').next()?;
    if !line.ends_with([' ', '\t']) || !COMMANDS.iter().any(|(name, of)| *of == option && line.contains(name)) {
        return None;
    }
    let (start, quote) = opening(text, at + 2);
    let range =
        quote.and_then(|quote| quote.close(text, start)).map_or_else(|| run(text, start, JUDGED), |end| start..end);
    let value = text.get(range.clone())?;
    let start = if option == b'b' { range.start + value.split_once('=')?.0.len() + 1 } else { range.start };
    // Of several cookies the first shows what they are.
    let first = text.get(start..range.end)?.split(';').next()?;
    if !can_be_credential(first) {
        return None;
    }
    let end = if quote.is_some() { range.end } else { run(text, start, usize::MAX).end };
    hits.push(start..end, Rule::Name(if option == b'b' { "cookie" } else { "password" }));
    Some(end)
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
    let spaces = |at: usize| at + (0..NEAR).take_while(|offset| is(at + offset, b" \t")).count();
    // Emphasis that ends behind the name: `**API key:** x`.
    let is_emphasis = bytes.get(at..).is_some_and(|rest| rest.starts_with(b"** "));
    let mut start = spaces(if is_emphasis { at + 2 } else { at });
    // `=>`, `==` and the brackets of a list.
    if is(start, b"=>") {
        start = spaces(start + 1);
    }
    // What Rust prints of a value that may be none.
    if bytes.get(start..).is_some_and(|rest| rest.starts_with(b"Some(\"")) {
        start += 5;
    }
    if is(start, b"[") && mask_at(text, start).is_none() {
        start = spaces(start + 1);
    }
    let mut quote = start;
    if is(quote, b"bur") && is(quote + 1, b"\"'") {
        quote += 1;
    }
    let escapes = (0..NEAR).take_while(|offset| is(quote + offset, b"\\")).count();
    match bytes.get(quote + escapes) {
        Some(&byte @ (b'"' | b'\'' | b'`')) => (quote + escapes + 1, Some(Quote { byte, escapes })),
        _ => (start, None),
    }
}

/// The value at a place that no quotes hold, of which at most `longest` bytes are looked at.
pub(super) fn run(text: &str, at: usize, longest: usize) -> Range<usize> {
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
