//! JSON as a row of tokens, and what its strings say. It is not parsed into a tree, so nesting costs nothing, and a
//! text that breaks off is read to its end.
//!
//! What its strings are worth: `members` by their names, `pairs` by names that are strings themselves, `rows` by the
//! columns that they stand in.

pub(crate) mod members;
mod pairs;
mod rows;

use crate::mask::Hit;
use api::json::escape;
use memchr::{memchr, memchr2, memchr3};
use std::{borrow::Cow, ops::Range};

/// A part of a JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// `{` or `[`.
    Open(u8),
    /// `}` or `]`.
    Close,
    /// A member's name, without its quotes.
    Name(Range<usize>),
    /// A string, without its quotes.
    String {
        literal: Range<usize>,
        /// Whether the text ends in it.
        is_cut: bool,
    },
    /// A number, or one of `true`, `false` and `null`.
    Scalar(Range<usize>),
    /// Something that is not JSON: nothing comes after it.
    Other,
}

/// The tokens of a text. An object whose first name is in single quotes may have others so, as Python prints them.
pub(crate) struct Tokens<'t> {
    text: &'t str,
    at: usize,
    is_over: bool,
    has_single_quotes: bool,
}

impl<'t> Tokens<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        Self { text, at: 0, is_over: false, has_single_quotes: text.starts_with("{'") || text.starts_with("[{'") }
    }

    /// Where the last token ends.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn string(&mut self, quote: u8) -> Token {
        let start = self.at + 1;
        let (end, is_cut) = literal_end(self.text, start, quote).map_or((self.text.len(), true), |end| (end, false));
        self.at = end + 1;
        let mut next = self.at;
        while self.byte(next).is_some_and(|byte| byte.is_ascii_whitespace()) {
            next += 1;
        }
        if self.byte(next) == Some(b':') {
            self.at = next + 1;
            return Token::Name(start..end);
        }
        Token::String { literal: start..end, is_cut }
    }

    fn scalar(&mut self) -> Token {
        const SCALARS: [&str; 8] = ["true", "false", "null", "NaN", "Infinity", "True", "False", "None"];
        let start = self.at;
        while self.byte(self.at).is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
            self.at += 1;
        }
        let word = self.text.get(start..self.at).unwrap_or_default();
        let is_number = word.starts_with(|first: char| first.is_ascii_digit() || first == '-');
        // Of a text that breaks off, the last may be half.
        let is_one = |known: &&str| *known == word || (self.at == self.text.len() && known.starts_with(word));
        if !word.is_empty() && (is_number || SCALARS.iter().any(is_one)) {
            return Token::Scalar(start..self.at);
        }
        self.is_over = true;
        Token::Other
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        if self.is_over {
            return None;
        }
        loop {
            match self.byte(self.at)? {
                b' ' | b'\n' | b'\r' | b'\t' | b',' => self.at += 1,
                open @ (b'{' | b'[') => {
                    self.at += 1;
                    return Some(Token::Open(open));
                }
                b'}' | b']' => {
                    self.at += 1;
                    return Some(Token::Close);
                }
                quote if quote == b'"' || (quote == b'\'' && self.has_single_quotes) => {
                    return Some(self.string(quote));
                }
                _ => return Some(self.scalar()),
            }
        }
    }
}

/// Whether a text that begins with a quote is one string, and not the first of several.
pub(crate) fn is_string(text: &str) -> bool {
    let mut tokens = Tokens::of(text);
    matches!(tokens.next(), Some(Token::String { .. })) && tokens.next().is_none()
}

/// Whether a text begins as an object or an array does, of which the first string may be in a later line.
#[inline]
pub(crate) fn begins(text: &[u8]) -> bool {
    match text {
        [b'{', b'\'', ..] => true,
        [b'{', inner @ ..] => inner.trim_ascii_start().starts_with(b"\""),
        [b'[', inner @ ..] => matches!(inner.trim_ascii_start(), [b'"' | b'{' | b'[', ..]),
        _ => false,
    }
}

/// Where the string begins that has an object or an array, of which an escape begins the inside at a place.
pub(crate) fn literal_before(text: &[u8], escape: usize) -> Option<usize> {
    let (before, rest) = text.split_at_checked(escape)?;
    let is_inside = matches!(rest, [b'\\', b'"' | b'n', ..]);
    let begins = [&b"\"{"[..], b"\"[", b"\"[{"].into_iter().find(|begin| is_inside && before.ends_with(begin))?;
    Some(escape - begins.len())
}

/// Where objects and arrays of JSON are within a text that is none, and strings that have some. What breaks off goes as
/// far as it is JSON.
pub(crate) fn objects(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = loop {
            let start = at + memchr3(b'{', b'[', b'\\', bytes.get(at..)?)?;
            if begins(bytes.get(start..)?) {
                break start;
            }
            if let Some(start) = literal_before(bytes, start) {
                break start;
            }
            at = start + 1;
        };
        let mut tokens = Tokens::of(text.get(start..)?);
        let (mut depth, mut end) = (0_usize, start);
        while let Some(token) = tokens.next().filter(|token| *token != Token::Other) {
            match token {
                Token::Open(_) => depth += 1,
                Token::Close => depth = depth.saturating_sub(1),
                _ => {}
            }
            end = start + tokens.at();
            if depth == 0 {
                break;
            }
        }
        at = start + tokens.at();
        Some(start..end.min(text.len()))
    })
}

/// Where the literal ends that begins at a place.
fn literal_end(text: &str, start: usize, quote: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = start;
    loop {
        at += memchr2(quote, b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&quote) {
            return Some(at);
        }
        at += 2;
    }
}

/// A part of a literal: a run without escapes, or one character that is escaped.
enum Piece<'t> {
    Run(&'t str),
    Escape(char, usize),
}

fn pieces(mut literal: &str) -> impl Iterator<Item = Piece<'_>> {
    std::iter::from_fn(move || {
        let end = memchr(b'\\', literal.as_bytes()).unwrap_or(literal.len());
        let (piece, rest) = if end > 0 {
            let (run, rest) = literal.split_at(end);
            (Piece::Run(run), rest)
        } else {
            let (character, length) = escape(literal)?;
            let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
            (Piece::Escape(character, length), literal.get(length..).unwrap_or_default())
        };
        literal = rest;
        Some(piece)
    })
}

/// What a literal says.
pub(crate) fn decoded(literal: &str) -> Cow<'_, str> {
    if memchr(b'\\', literal.as_bytes()).is_none() {
        return literal.into();
    }
    let mut text = String::with_capacity(literal.len());
    for piece in pieces(literal) {
        match piece {
            Piece::Run(run) => text += run,
            Piece::Escape(character, _) => text.push(character),
        }
    }
    text.into()
}

/// A credential in what a string says.
pub(crate) struct Found {
    pub(crate) literal: Range<usize>,
    /// Where it is in what the literal says.
    pub(crate) range: Range<usize>,
    pub(crate) rule: &'static str,
}

impl Found {
    /// All that a literal says.
    const fn whole(literal: Range<usize>, said: &str, rule: &'static str) -> Self {
        Self { literal, range: 0..said.len(), rule }
    }
}

/// Turns places in what a literal says into those of the literal. They are in order and apart.
pub(crate) fn encode(literal: &str, hits: &mut [Hit]) {
    if memchr(b'\\', literal.as_bytes()).is_none() {
        return;
    }
    let mut bounds = hits.iter_mut().flat_map(|hit| [&mut hit.range.start, &mut hit.range.end]).peekable();
    let (mut said, mut written) = (0, 0);
    for piece in pieces(literal) {
        let (saying, writing) = match piece {
            Piece::Run(run) => (run.len(), run.len()),
            Piece::Escape(character, length) => (character.len_utf8(), length),
        };
        while let Some(bound) = bounds.next_if(|bound| **bound < said + saying) {
            // Within a run they go on alike; an escape has no inside.
            *bound = written + if matches!(piece, Piece::Run(_)) { *bound - said } else { 0 };
        }
        (said, written) = (said + saying, written + writing);
    }
    bounds.for_each(|bound| *bound = written);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_says_so() {
        let is_json = |text: &str| Tokens::of(text).all(|token| token != Token::Other);
        for text in [r#"{"a":[1e5,-0.1,true,null,"x\"y"]}"#, r#"{"a":"x"#, r#"{"a":tr"#, r#"["\u00"#, "[NaN,-Infinity]"]
        {
            assert!(is_json(text), "{text}");
        }
        for text in ["[INFO] \"a\"", "{a: 1}", "[1](http://x)", "[REDACTED]"] {
            assert!(!is_json(text), "{text}");
        }
    }

    #[test]
    fn json_is_found_within_a_text() {
        let text =
            "see {\"a\": [{\"b\": \"}\"}]} and [{\"c\": 1}] or [\"d\"], {\"e\": x} [\r\n  {\n\t\"f\": 1 } ] {\"g\": ";
        let found: Vec<_> = objects(text).map(|range| &text[range]).collect();
        let expected =
            ["{\"a\": [{\"b\": \"}\"}]}", "[{\"c\": 1}]", "[\"d\"]", "{\"e\":", "[\r\n  {\n\t\"f\": 1 } ]", "{\"g\":"];
        assert_eq!(found, expected);
        let text = "a \"{\\\"b\\\": 1}\" and \"[{\\\"c\\\": \\\"}\\\"}]\", {'d': \"it's\", 'e': None}, 'f {'";
        let found: Vec<_> = objects(text).map(|range| &text[range]).collect();
        let strings = ["\"{\\\"b\\\": 1}\"", "[{", "\"[{\\\"c\\\": \\\"}\\\"}]\"", "{'d': \"it's\", 'e': None}", "{'"];
        assert_eq!(found, strings);
        assert_eq!(objects("no [x](y) {here} { \n a").next(), None);
    }

    #[test]
    fn a_place_in_what_a_literal_says_is_found_in_the_literal() {
        let literal = r"a\u00e9\ud83d\ude00\nb\/c";
        let said = decoded(literal);
        assert_eq!(said, "a\u{e9}\u{1f600}\nb/c");
        let at = said.find("b/c").expect("there");
        let mut hits = [Hit::new(at..at + 3, super::super::mask::Rule::Repeated)];
        encode(literal, &mut hits);
        assert_eq!(literal.get(hits[0].range.clone()), Some(r"b\/c"));
    }
}
