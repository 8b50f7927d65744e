//! Where the value of a name begins and ends in a text: after its separator, in its quotes, in its line.
//!
//! Where one ends that no quotes hold:
//!
//! - `run`: at white space, a quote, a bracket, a comma, a semicolon, a bar or an `&`; `joined_end`: beyond bars and
//!   semicolons, as keys and lists of cookies have them; `beyond_ampersands`: beyond what parts no parameters
//! - `line_run`: as its name is written: in a connection string, within a line, at the beginning of one
//! - `word_end`: at white space, as words of a sentence do, but for their last signs; `word_run`: the same of a word, and
//!   of one that is drawn of signs
//! - `line_end`: with its line or the quote around it; `element`: before the next tag

use super::{
    before::begins_line,
    near::{JUDGED, clipped, line_before, near, near_before},
};
use crate::{
    mask::mask_at,
    tables::words::Words,
    units::entity,
    values::{
        LONGEST_PASSWORD, can_be_credential, can_be_password, is_balanced, is_base64, is_drawn_of_signs, is_signed,
        is_uuid,
        placeholders::{begins_with_placeholder, has_term},
        shows_itself,
    },
};
use std::ops::Range;

/// How far away the quote may be that ends a value with spaces in it, in bytes.
const NEAR: usize = 256;
/// What code and what it prints have around a value.
const WRAPPERS: [&str; 13] = [
    "Some(",
    "Secret(",
    "SecretStr(",
    "SecretString(",
    "String(",
    "String::from(",
    "aws.String(",
    "r#",
    "[]byte(",
    "[]string{",
    "ConvertTo-SecureString ",
    "|",
    "?",
];

/// A quote, escaped as often as the text around it is nested.
#[derive(Clone, Copy)]
pub(crate) struct Quote {
    pub(crate) byte: u8,
    pub(crate) escapes: usize,
}

impl Quote {
    /// Where its other half is, if it is near.
    pub(crate) fn close(self, text: &str, at: usize) -> Option<usize> {
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

/// Where a value begins after its separator, and the quote before it.
pub(super) fn opening(text: &str, at: usize) -> (usize, Option<Quote>) {
    let bytes = text.as_bytes();
    let is = |at: usize, what: &[u8]| bytes.get(at).is_some_and(|byte| what.contains(byte));
    let spaces = |at: usize| at + (0..NEAR).take_while(|offset| is(at + offset, b" \t")).count();
    // Emphasis that ends after the name: `**API key:** x`.
    let behind = bytes.get(at..).unwrap_or_default();
    let emphasis = [&b"** "[..], b"__ ", b"* "].into_iter().find(|emphasis| behind.starts_with(emphasis));
    let mut start = spaces(at + emphasis.map_or(0, <[u8]>::len));
    start = spaces(start + markup(text, start));
    let is_block = |at: usize| {
        let rest = bytes.get(at..).unwrap_or_default();
        [&b">\n"[..], b">-\n", b"|\n", b"|-\n"].iter().any(|begin| rest.starts_with(begin))
    };
    // `=>`, `==`, `===`
    for _ in 0..2 {
        if is(start, b"=>") && !is_block(start) {
            start = spaces(start + 1);
        }
    }
    let rest = bytes.get(start..).unwrap_or_default();
    let is_around = |it: &&&str| {
        let inner = rest.strip_prefix(it.as_bytes()).map(<[u8]>::trim_ascii_start);
        inner.is_some_and(|inner| inner.starts_with(b"\"") || inner.starts_with(b"'"))
    };
    if let Some(wrapper) = WRAPPERS.iter().find(is_around) {
        start = spaces(start + wrapper.len());
    }
    // The bracket of a list.
    if is(start, b"[") && mask_at(text, start).is_none() {
        start = spaces(start + 1);
    }
    // A block of YAML, whose lines follow.
    if is(start, b"|>")
        && let Some(block) = bytes.get(start + 1..).map(|rest| rest.strip_prefix(b"-").unwrap_or(rest))
        && block.first() == Some(&b'\n')
    {
        start = spaces(bytes.len() - block.len() + 1);
    }
    // What PHP says of a string: `string(16) "x"`, `s:16:"x"`.
    let first = start + if bytes.get(start..).is_some_and(|rest| rest.starts_with(b"string(")) { 7 } else { 0 };
    let end = first + (0..8).take_while(|offset| is(first + offset, b"0123456789")).count();
    if end > first && is(end, if first > start { b")" } else { b":" }) && is(spaces(end + 1), b"\"") {
        start = spaces(end + 1);
    }
    // The letter of a string of its own kind: `b"x"`, `N'x'`.
    let mut quote = start;
    if is(quote, b"bur@$fN") && is(quote + 1, b"\"'") {
        quote += 1;
    }
    let escapes = (0..NEAR).take_while(|offset| is(quote + offset, b"\\")).count();
    match bytes.get(quote + escapes) {
        Some(&byte @ (b'"' | b'\'' | b'`')) => {
            let first = quote + escapes + 1;
            // Three quotes, as TOML and Python have them.
            let is_triple = escapes == 0 && bytes.get(first..).is_some_and(|rest| rest.starts_with(&[byte, byte]));
            let lines = |at: usize| at + (0..NEAR).take_while(|offset| is(at + offset, b" \t\r\n")).count();
            (if is_triple { lines(first + 2) } else { first }, Some(Quote { byte, escapes }))
        }
        _ => (start, None),
    }
}

/// How long the elements are that only say how the text behind them looks, and the quote of a Romance language.
fn markup(text: &str, at: usize) -> usize {
    const ELEMENTS: &str = "b i em strong code kbd samp tt span pre";
    const LONGEST: usize = 64;
    let mut rest = text.get(at..).unwrap_or_default();
    let whole = rest.len();
    rest = rest.trim_start_matches(['\u{a0}', '\u{202f}']);
    while let Some(inner) = rest.strip_prefix('<') {
        let Some((tag, behind)) = clipped(inner, LONGEST).split_once('>') else { break };
        let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default();
        if !ELEMENTS.split(' ').any(|element| element == name) {
            break;
        }
        rest = inner.get(tag.len() + 1..).unwrap_or(behind).trim_start_matches(' ');
    }
    whole - rest.strip_prefix('«').map_or(rest, |rest| rest.trim_start_matches([' ', '\u{a0}', '\u{202f}'])).len()
}

/// Where a credential ends that goes on behind a sign which ends others: `7|x`, `tid=x;exp=x`.
pub(super) fn joined_end(text: &str, start: usize, end: usize) -> usize {
    const SHORTEST: usize = 16;
    const MOST: usize = 32;
    let is_list = text.get(start..end).is_some_and(|first| first.trim_end_matches('=').contains('='));
    let mut end = end;
    for _ in 0..MOST {
        let Some(sign @ (b'|' | b';')) = text.as_bytes().get(end) else { break };
        let part = run(text, end + 1, usize::MAX);
        let is_part = text.get(part.clone()).is_some_and(|part| match sign {
            b'|' => part.len() >= SHORTEST && can_be_credential(part),
            _ => is_list && part.contains('='),
        });
        if !is_part {
            break;
        }
        end = part.end;
    }
    end
}

/// The value at a place that no quotes hold, of which at most `longest` bytes are looked at.
pub(super) fn run(text: &str, at: usize, longest: usize) -> Range<usize> {
    let rest = near(text, at, longest);
    at..at + run_of(rest, false).len()
}

/// The beginning of a text that is a value, with each `&` or up to it.
fn run_of(text: &str, may_have_ampersands: bool) -> &str {
    let is_bracket = |byte| matches!(byte, b'<' | b'>' | b'(' | b')' | b'[' | b']' | b'{' | b'}');
    let is_sign = |byte| matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b',' | b';' | b'|');
    let is_ampersand = |byte| byte == b'&' && !may_have_ampersands;
    let is_end = |byte: u8| byte <= b' ' || is_sign(byte) || is_bracket(byte) || is_ampersand(byte);
    let value = text.bytes().position(is_end).and_then(|end| text.get(..end)).unwrap_or(text);
    // Chinese goes on without a space.
    let prose = || value.find(|one| one >= '\u{2e80}').filter(|end| *end > 0);
    let end = if value.is_ascii() { None } else { prose() };
    end.and_then(|end| value.get(..end)).unwrap_or(value).trim_end_matches(['.', ':', '!'])
}

/// Whether a value is a token that a model took: its probability is beside it.
pub(crate) fn is_of_model(text: &str, value: &Range<usize>) -> bool {
    const FAR: usize = 32;
    const BESIDE: [&str; 3] = ["logprob\"", "logprob\\\"", "logProbability"];
    let before = near_before(text, value.start, FAR);
    let behind = near(text, value.end, FAR);
    BESIDE.iter().any(|name| before.contains(name) || behind.contains(name))
}

/// The end of a password that ends a sentence: what seems to end that may be of it.
pub(crate) fn with_exclamation(text: &str, end: usize) -> usize {
    end + text.as_bytes().iter().skip(end).take(4).take_while(|byte| **byte == b'!').count()
}

/// The word or the text in quotes at a place, if it is a credential by its looks alone: drawn, or of a digit and a sign.
pub(super) fn certain(text: &str, at: usize) -> Option<Range<usize>> {
    const ALGORITHMS: [&str; 5] = ["AES", "MD5", "PBKDF", "RSA", "SHA"];
    let (start, quote) = opening(text, at);
    let closed = quote.and_then(|quote| quote.close(text, start));
    let end = closed.unwrap_or_else(|| with_exclamation(text, word_run(text, start).end));
    let value = text.get(start..end)?;
    let is_one = shows_itself(value)
        && (!value.contains('/') || is_base64(value))
        && (!value.contains(['.', ':']) || is_signed(value))
        && !is_uuid(value)
        && !has_term(value)
        && !ALGORITHMS.iter().any(|name| value.contains(name))
        && !begins_with_placeholder(text.get(start..)?);
    is_one.then_some(start..end)
}

/// Where an element's text is that begins at a place, if it is near and in one line.
pub(super) fn element(text: &str, at: usize) -> Option<Range<usize>> {
    let near = near(text, at, NEAR);
    let start = near.trim_start();
    if let Some(data) = start.strip_prefix("<![CDATA[") {
        let start = at + near.len() - data.len();
        return Some(start..start + data.find("]]>")?);
    }
    let end = start.find(['<', '\r', '\n'])?;
    let start_at = at + near.len() - start.len();
    start.get(end..)?.trim_start().starts_with("</").then_some(start_at..start_at + end)
}

/// Where the line ends, or the quote around it.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    let ends = |byte: &u8| matches!(byte, b'\0' | b'\r' | b'\n' | b'"' | b'\'' | b'`' | b'\\');
    text.as_bytes().iter().skip(at).position(ends).map_or(text.len(), |end| at + end)
}

/// Where a word ends that generators of passwords draw, with the signs in it that end others: `b07p28CC[AAV}5$`. Any
/// other ends where it is said to.
fn drawn_end(text: &str, at: usize, end: usize) -> usize {
    // Most values end with their word.
    if text.as_bytes().get(end).is_none_or(|byte| *byte <= b' ') {
        return end;
    }
    let near = near(text, at, JUDGED);
    let word = near.split(|one: char| one.is_whitespace() || one.is_control()).next().unwrap_or_default();
    let word = word.trim_end_matches([',', ';', '.', ':']);
    // What closes a bracket before the word is of the code around it.
    let word = word.strip_suffix([')', ']', '}', '>']).filter(|inner| is_balanced(inner)).unwrap_or(word);
    let is_longer = at + word.len() > end;
    let is_one = is_longer && is_drawn_of_signs(word) && !has_entity(word) && !begins_with_placeholder(near);
    if is_one { at + word.len() } else { end }
}

/// The word at a place, as sentences have them.
pub(super) fn word_run(text: &str, at: usize) -> Range<usize> {
    let end = word_end(text, run(text, at, JUDGED).end);
    at..drawn_end(text, at, end)
}

/// What a name is set to that no quotes hold. In files of variables it goes on to the end of the line: `KEY=a&b,c`.
pub(super) fn line_run(text: &str, at: usize, name: &Range<usize>) -> Range<usize> {
    let range = set_run(text, at, name);
    range.start..drawn_end(text, at, range.end)
}

/// The same, but for what is drawn of signs.
fn set_run(text: &str, at: usize, name: &Range<usize>) -> Range<usize> {
    const SHORTEST: usize = 6;
    let is_set = text.get(name.end..at) == Some("=");
    if is_set && is_of_connection(text, name.start) {
        let is_end = |one: char| one <= ' ' || "\"'`\\;".contains(one);
        let rest = near(text, at, LONGEST_PASSWORD);
        return at..at + rest.find(is_end).unwrap_or(rest.len());
    }
    let start = run(text, at, JUDGED);
    // A parameter of a URL ends with the next one, and code has addresses: `&name`.
    let is_ended = start.is_empty() || text.get(..name.start).is_some_and(|before| before.ends_with(['?', '&', '#']));
    let longer = start.start..if is_ended { start.end } else { beyond_ampersands(text, start.end) };
    // What a bracket follows is code.
    let start = if matches!(text.as_bytes().get(longer.end), Some(b'(' | b'[' | b'{')) { start } else { longer };
    if !begins_line(text, name.start) {
        let end = word_end(text, start.end);
        let has_digit =
            || text.get(start.start..end).is_some_and(|value| value.bytes().any(|byte| byte.is_ascii_digit()));
        // Types are joined by the same signs.
        return start.start..if is_set || !has_digit() { joined_end(text, start.start, start.end) } else { end };
    }
    let rest = near(text, start.end, LONGEST_PASSWORD);
    let line = rest.split(['\0', '\r', '\n']).next().unwrap_or_default();
    let (ends, trimmed) = if is_set { (&b""[..], &[',', ';'][..]) } else { (&b",;"[..], &['.', '!', '?', ':'][..]) };
    let more = line.trim_end_matches(trimmed);
    // Those of an environment and of properties; code goes on in the next line.
    let is_variable = |name: &str| {
        !name.bytes().any(|byte| byte.is_ascii_lowercase())
            || (name.contains('.') && !["self.", "this."].iter().any(|object| name.starts_with(object)))
    };
    let is_of_environment =
        is_set && !line.ends_with(['(', '[', '{', ',']) && text.get(name.clone()).is_some_and(is_variable);
    // What is too short to be all of it goes on behind any sign but an escape.
    let is_begun = match more.as_bytes() {
        [b'\\', b'n' | b'r' | b't' | b'u', ..] => false,
        [b',' | b';' | b'"' | b'\'' | b'`' | b'\\', next, ..] => start.len() < SHORTEST && next.is_ascii_alphanumeric(),
        _ => false,
    };
    let goes_on = line.len() < LONGEST_PASSWORD
        && entity(more.as_bytes()).is_none()
        && if is_begun {
            more.bytes().skip(1).all(is_of_value)
        } else {
            let is_bracket = |byte| is_of_environment && b"()[]{}<>=".contains(&byte);
            more.bytes().all(|byte| is_bracket(byte) || (is_of_value(byte) && !ends.contains(&byte)))
        };
    let whole = start.start..start.end + more.len();
    let can_be = |value: &str| can_be_password(value) || can_be_credential(value);
    // Code has such signs too.
    let is_code = || more.contains('=') && !text.get(whole.clone()).is_some_and(can_be);
    if goes_on && !is_code() { whole } else { start }
}

/// Where a value ends that may have an `&` in it: one that parts parameters or commands, or is an entity's, ends it.
fn beyond_ampersands(text: &str, end: usize) -> usize {
    let rest = near(text, end, JUDGED);
    let more = rest.starts_with('&').then(|| run_of(rest, true).split('&').skip(1)).into_iter().flatten();
    let mut length = 0;
    for part in more {
        let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_.%-".contains(&byte);
        let is_parameter = part.split_once('=').is_some_and(|(name, _)| name.bytes().all(is_of_name));
        let is_entity = || entity(rest.as_bytes().get(length..).unwrap_or_default()).is_some();
        if part.is_empty() || is_parameter || is_entity() {
            break;
        }
        length += 1 + part.len();
    }
    end + length
}

/// Whether a name is in a list of what a connection is made of, which semicolons part: `Server=db;Password=x`.
pub(super) fn is_of_connection(text: &str, start: usize) -> bool {
    static NAMES: Words =
        Words::of("catalog database driver dsn endpoint host id name port server source uid user username");
    let before = line_before(text, start, LONGEST_PASSWORD).trim_end_matches(' ');
    // The semicolon of an entity parts parameters: `user=b&amp;password=x`.
    let item = before.strip_suffix(';').and_then(|before| before.rsplit(';').next()).filter(|item| !item.contains('&'));
    let name = item.and_then(|item| item.split_once('=')).map(|(name, _)| name.trim_end());
    let last = name.and_then(|name| name.rsplit(|one: char| !one.is_ascii_alphabetic()).next());
    last.is_some_and(|last| NAMES.has(last.as_bytes()))
}

/// Whether a value that no quotes hold may go on with a byte that ends others.
pub(super) fn is_of_value(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"=\"'`\\()[]{}<>".contains(&byte)
}

fn has_entity(word: &str) -> bool {
    word.match_indices('&').any(|(at, _)| entity(word.as_bytes().get(at..).unwrap_or_default()).is_some())
}

/// Where a value ends that is a word of a sentence: `Tr0ub4dor&3`.
pub(super) fn word_end(text: &str, end: usize) -> usize {
    let rest = near(text, end, JUDGED);
    let word = rest.split(|one: char| one.is_whitespace() || one.is_control()).next().unwrap_or_default();
    // Code and commands go on with two.
    if word.contains("&&") || word.contains("||") || has_entity(word) {
        return end;
    }
    let word = word.trim_end_matches(|last: char| !last.is_ascii_alphanumeric());
    if word.bytes().all(|byte| is_of_value(byte) && !b",;".contains(&byte)) { end + word.len() } else { end }
}
