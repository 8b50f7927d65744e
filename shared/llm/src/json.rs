//! JSON as models, their clients and proxies write it, read without recursion and in one pass.
//!
//! A [`Json`] is a flat list of where each value begins and ends in the bytes, so that numbers stay as they were written,
//! a part of a view can say where it came from, and depth costs no stack. What strict readers refuse is read: half a
//! surrogate pair (as U+FFFD), `NaN` and `Infinity`, bytes that are no UTF-8, names that come twice (the last counts), a
//! text that was cut, and whatever follows a value. [`Json::stop`] says where and why reading ended early.
//!
//! It refuses to guess: a number that the end of the bytes may have cut is left out.

use memchr::{memchr2, memchr3};
use std::{borrow::Cow, iter, ops::Range};

/// The most values of one text that are read; 16 bytes are kept for each.
const MAX_VALUES: usize = 1 << 21;

/// A text that was read: its values, in the order in which they begin.
#[derive(Debug)]
pub struct Json<'a> {
    text: &'a [u8],
    values: Vec<Span>,
    end: usize,
    stop: Option<Stop>,
    /// The index of the root's last member when that was cut: of its name, or of the item of an array.
    cut_member: Option<u32>,
}

/// Why a text was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It ends in the middle of a value.
    Cut,
    /// It is no JSON from this byte on.
    Invalid(usize),
    /// It holds more values than are read; from this byte on nothing was.
    TooLarge(usize),
}

/// Where a value stands. Offsets are of 32 bits: no body of a step comes near that.
#[derive(Debug, Clone, Copy)]
struct Span {
    kind: Kind,
    start: u32,
    end: u32,
    /// The index behind its last inner value.
    next: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Null,
    True,
    False,
    Number,
    /// With its quotation marks, of which the last is missing when the text was cut.
    Text,
    Array,
    /// Names and values by turns.
    Object,
}

/// A value of a [`Json`].
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    json: &'a Json<'a>,
    index: u32,
}

impl<'a> Json<'a> {
    /// Reads one value; white space and a byte order mark may stand before it.
    pub fn read(text: &'a [u8]) -> Self {
        Self::parsed(text, false)
    }

    /// As [`Self::read`], but of a list of numbers, as vectors are, only the first is kept.
    pub(crate) fn sketch(text: &'a [u8]) -> Self {
        Self::parsed(text, true)
    }

    fn parsed(text: &'a [u8], is_sketch: bool) -> Self {
        let readable = text.get(..u32::MAX as usize).unwrap_or(text);
        let mut parser =
            Parser { text: readable, at: 0, values: Vec::new(), open: Vec::new(), is_text_cut: false, is_sketch };
        if text.starts_with(b"\xef\xbb\xbf") {
            parser.at = 3;
        }
        let (stop, cut_member) = match parser.run() {
            Ok(()) => (None, None),
            Err((stop, cut_member)) => (Some(stop), cut_member),
        };
        Self { text: readable, end: parser.at, values: parser.values, stop, cut_member }
    }

    /// Reads one value of many, as an event of a stream. Of one that was cut, the member that the cut went through is left
    /// out: what stands behind it may say what it means. A text that was cut is left out whole.
    pub fn read_event(text: &'a [u8]) -> Self {
        let mut json = Self::read(text);
        if let Some(member) = json.cut_member {
            json.values.truncate(member as usize);
            if let Some(root) = json.values.first_mut() {
                root.next = member;
            }
        }
        if json.stop == Some(Stop::Cut) && json.values.first().is_some_and(|root| root.kind == Kind::Text) {
            json.values.clear();
        }
        json
    }

    /// Keeps no more than the beginning of each text, for those who look at the short ones alone.
    pub(crate) fn shorten(&mut self, longest: u32) {
        for value in self.values.iter_mut().filter(|value| value.kind == Kind::Text) {
            value.end = value.end.min(value.start.saturating_add(longest));
        }
    }

    /// The value; `None` when nothing of one was there.
    pub fn root(&'a self) -> Option<Node<'a>> {
        (!self.values.is_empty()).then_some(Node { json: self, index: 0 })
    }

    /// Why reading ended before the value did.
    pub fn stop(&self) -> Option<Stop> {
        self.stop
    }

    /// Whether the text is one whole value and nothing else.
    pub fn is_whole(&self) -> bool {
        self.stop.is_none() && self.rest().iter().all(u8::is_ascii_whitespace)
    }

    /// What follows the value.
    pub fn rest(&self) -> &'a [u8] {
        self.text.get(self.end..).unwrap_or_default()
    }
}

impl<'a> Node<'a> {
    fn span(self) -> Option<Span> {
        self.json.values.get(self.index as usize).copied()
    }

    fn kind(self) -> Option<Kind> {
        self.span().map(|span| span.kind)
    }

    /// Where it stands in the text.
    pub fn range(self) -> Range<usize> {
        self.span().map_or(0..0, |span| span.start as usize..span.end as usize)
    }

    fn bytes(self) -> &'a [u8] {
        self.json.text.get(self.range()).unwrap_or_default()
    }

    /// Whether reading stopped within it, or right behind it.
    pub(crate) fn is_last_read(self) -> bool {
        self.json.stop.is_some() && self.range().end >= self.json.end
    }

    /// Its text as it was written; bytes that are no UTF-8 as U+FFFD.
    pub fn raw(self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.bytes())
    }

    /// The string, decoded; `None` when it is something else.
    pub fn text(self) -> Option<Cow<'a, str>> {
        (self.kind() == Some(Kind::Text)).then(|| decoded(self.bytes()))
    }

    /// A string decoded, anything else as it was written.
    pub fn plain(self) -> Cow<'a, str> {
        self.text().unwrap_or_else(|| self.raw())
    }

    /// Whether it is this string.
    pub fn is(self, text: &str) -> bool {
        self.text().is_some_and(|own| own == text)
    }

    /// Whether it is `true`.
    pub fn is_true(self) -> bool {
        self.kind() == Some(Kind::True)
    }

    /// Whether it is `false`.
    pub fn is_false(self) -> bool {
        self.kind() == Some(Kind::False)
    }

    /// Whether it is a string.
    pub fn is_text(self) -> bool {
        self.kind() == Some(Kind::Text)
    }

    /// Whether it is an array.
    pub fn is_array(self) -> bool {
        self.kind() == Some(Kind::Array)
    }

    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        self.kind() == Some(Kind::Object)
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.kind() == Some(Kind::Null)
    }

    /// Whether it is a number; `NaN` and the infinities are.
    pub fn is_number(self) -> bool {
        self.kind() == Some(Kind::Number)
    }

    /// Whether it says nothing: `null`, `""`, `[]` or `{}`.
    pub fn is_empty(self) -> bool {
        match self.kind() {
            None | Some(Kind::Null) => true,
            Some(Kind::Text) => matches!(self.bytes(), b"\"\"" | b"\""),
            Some(Kind::Array | Kind::Object) => self.span().is_some_and(|span| span.next == self.index + 1),
            _ => false,
        }
    }

    /// A whole number that is not below 0, also one that is written `14.0`.
    pub fn number(self) -> Option<u64> {
        if !self.is_number() {
            return None;
        }
        let text = std::str::from_utf8(self.bytes()).ok()?;
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        fraction.bytes().all(|digit| digit == b'0').then(|| whole.parse().ok()).flatten()
    }

    /// The items of an array; nothing for anything else.
    pub fn items(self) -> impl Iterator<Item = Self> + use<'a> {
        let inner = if self.is_array() { self.inner() } else { 0..0 };
        self.values_in(inner)
    }

    /// The names and values of an object; nothing for anything else.
    pub fn members(self) -> impl Iterator<Item = (Cow<'a, str>, Self)> + use<'a> {
        let inner = if self.is_object() { self.inner() } else { 0..0 };
        let mut values = self.values_in(inner);
        iter::from_fn(move || {
            let name = values.next()?;
            Some((decoded(name.bytes()), values.next()?))
        })
    }

    /// The member of this name, unless it is `null`.
    pub fn get(self, name: &str) -> Option<Self> {
        let inner = if self.is_object() { self.inner() } else { 0..0 };
        let mut values = self.values_in(inner);
        let mut found = None;
        while let (Some(key), Some(value)) = (values.next(), values.next()) {
            if is_name(key.bytes(), name) {
                found = Some(value);
            }
        }
        found.filter(|value| value.kind() != Some(Kind::Null))
    }

    /// The first of these members that is there and not `null`.
    pub fn first(self, names: &[&str]) -> Option<Self> {
        names.iter().find_map(|name| self.get(name))
    }

    /// The member that a path leads to, unless it is `null`.
    pub fn path(self, names: &[&str]) -> Option<Self> {
        names.iter().try_fold(self, |node, name| node.get(name))
    }

    /// The decoded string of a member.
    pub fn text_of(self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name)?.text()
    }

    /// The `type` of an object, or nothing.
    pub fn type_name(self) -> Cow<'a, str> {
        self.text_of("type").unwrap_or_default()
    }

    fn inner(self) -> Range<u32> {
        self.span().map_or(0..0, |span| self.index + 1..span.next)
    }

    fn values_in(self, mut range: Range<u32>) -> impl Iterator<Item = Self> + use<'a> {
        let json = self.json;
        iter::from_fn(move || {
            let node = Node { json, index: range.start };
            (range.start < range.end).then(|| range.start = node.span().map_or(range.end, |span| span.next))?;
            Some(node)
        })
    }
}

/// What the parser waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    /// A value, or the end of the array.
    FirstItem,
    /// A name, or the end of the object.
    FirstName,
    Name,
    Colon,
    /// A comma, or the end of what is open.
    Next,
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    values: Vec<Span>,
    /// The indices of the arrays and objects that are open.
    open: Vec<u32>,
    /// Whether the last value is a text that ended without its quotation mark.
    is_text_cut: bool,
    /// Whether no more of a list of numbers is wanted than the first.
    is_sketch: bool,
}

impl Parser<'_> {
    fn run(&mut self) -> Result<(), (Stop, Option<u32>)> {
        let mut expect = Expect::Value;
        let stop = loop {
            match self.step(expect) {
                Ok(_) if self.open.is_empty() => return Ok(()),
                Ok(next) => expect = next,
                Err(stop) => break stop,
            }
        };
        // A name without its value is no member.
        let is_name_alone = match expect {
            Expect::Colon => true,
            Expect::FirstName | Expect::Name => self.is_text_cut,
            Expect::Value => self.in_object() && !self.is_text_cut,
            Expect::FirstItem | Expect::Next => false,
        };
        if is_name_alone {
            self.values.pop();
        }
        let cut_member = self.cut_member(self.is_text_cut && !is_name_alone);
        if stop == Stop::Cut {
            self.at = self.text.len();
        }
        while self.close() {}
        Err((stop, cut_member))
    }

    /// The index of the root's member that is not whole.
    fn cut_member(&self, is_value_cut: bool) -> Option<u32> {
        let root = self.values.first()?;
        let value = match self.open.as_slice() {
            [_, within, ..] => *within,
            [_] if is_value_cut => offset(self.values.len()) - 1,
            _ => return None,
        };
        Some(if root.kind == Kind::Object { value - 1 } else { value })
    }

    fn step(&mut self, expect: Expect) -> Result<Expect, Stop> {
        self.skip_white_space();
        let byte = *self.text.get(self.at).ok_or(Stop::Cut)?;
        match (expect, byte) {
            (Expect::FirstItem, b']') | (Expect::FirstName, b'}') => Ok(self.end()),
            (Expect::Next, b']' | b'}') if self.in_object() == (byte == b'}') => Ok(self.end()),
            (Expect::Next, b',') => {
                self.at += 1;
                Ok(if self.in_object() { Expect::Name } else { Expect::Value })
            }
            (Expect::Colon, b':') => {
                self.at += 1;
                Ok(Expect::Value)
            }
            (Expect::FirstName | Expect::Name, b'"') => self.string().map(|()| Expect::Colon),
            (Expect::Value | Expect::FirstItem, _) => self.value(byte),
            _ => Err(Stop::Invalid(self.at)),
        }
    }

    fn value(&mut self, byte: u8) -> Result<Expect, Stop> {
        match byte {
            b'{' => self.begin(Kind::Object, Expect::FirstName),
            b'[' => self.begin(Kind::Array, Expect::FirstItem),
            b'"' => self.string().map(|()| Expect::Next),
            b'n' => self.word(Kind::Null, b"null"),
            b't' => self.word(Kind::True, b"true"),
            b'f' => self.word(Kind::False, b"false"),
            b'N' => self.word(Kind::Number, b"NaN"),
            b'I' => self.word(Kind::Number, b"Infinity"),
            b'-' if matches!(self.text.get(self.at + 1), Some(b'I')) => self.word(Kind::Number, b"-Infinity"),
            b'-' | b'0'..=b'9' => self.number(),
            _ => Err(Stop::Invalid(self.at)),
        }
    }

    fn in_object(&self) -> bool {
        let last = self.open.last().and_then(|index| self.values.get(*index as usize));
        last.is_some_and(|span| span.kind == Kind::Object)
    }

    fn push(&mut self, kind: Kind, length: usize) -> Result<u32, Stop> {
        if self.values.len() >= MAX_VALUES {
            return Err(Stop::TooLarge(self.at));
        }
        let index = offset(self.values.len());
        let (start, end) = (offset(self.at), offset(self.at + length));
        self.values.push(Span { kind, start, end, next: index + 1 });
        self.at += length;
        Ok(index)
    }

    fn begin(&mut self, kind: Kind, next: Expect) -> Result<Expect, Stop> {
        let index = self.push(kind, 1)?;
        self.open.push(index);
        Ok(next)
    }

    fn end(&mut self) -> Expect {
        self.at += 1;
        self.close();
        Expect::Next
    }

    /// Ends what was opened last, here.
    fn close(&mut self) -> bool {
        let (end, next) = (offset(self.at), offset(self.values.len()));
        let last = self.open.pop();
        if let Some(span) = last.and_then(|index| self.values.get_mut(index as usize)) {
            (span.end, span.next) = (end, next);
        }
        last.is_some()
    }

    fn word(&mut self, kind: Kind, word: &[u8]) -> Result<Expect, Stop> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        match rest {
            rest if rest.starts_with(word) => self.push(kind, word.len()).map(|_| Expect::Next),
            rest if word.starts_with(rest) => Err(Stop::Cut),
            _ => Err(Stop::Invalid(self.at)),
        }
    }

    fn number(&mut self) -> Result<Expect, Stop> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let is_of_number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
        match rest.iter().position(|byte| !is_of_number(byte)) {
            None if !self.open.is_empty() => Err(Stop::Cut),
            length => {
                let index = self.push(Kind::Number, length.unwrap_or(rest.len()))?;
                if self.is_sketch && self.open.last().is_some_and(|list| list + 1 == index) {
                    self.skip_numbers();
                }
                Ok(Expect::Next)
            }
        }
    }

    /// Goes to the end of a list that has nothing but numbers. Only after the first, so that it is looked for once.
    fn skip_numbers(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if let Some(end) = memchr3(b']', b'"', b'[', rest).filter(|end| rest.get(*end) == Some(&b']')) {
            self.at += end;
        }
    }

    fn string(&mut self) -> Result<(), Stop> {
        let mut end = self.at + 1;
        loop {
            let rest = self.text.get(end..).unwrap_or_default();
            // Names and most values are short: a search pays from some bytes on.
            let near = rest.iter().take(16).position(|byte| matches!(byte, b'"' | b'\\'));
            let found = near.or_else(|| Some(16 + memchr2(b'"', b'\\', rest.get(16..)?)?));
            let Some(found) = found else { break };
            end += found;
            if self.text.get(end) == Some(&b'"') {
                return self.push(Kind::Text, end + 1 - self.at).map(|_| ());
            }
            end += 2;
        }
        // What arrived of a text that was cut is kept.
        self.push(Kind::Text, self.text.len() - self.at)?;
        self.is_text_cut = true;
        Err(Stop::Cut)
    }

    fn skip_white_space(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(rest.len());
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Whether a string's bytes say this name. Names with escapes are rare.
fn is_name(bytes: &[u8], name: &str) -> bool {
    match bytes.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) {
        Some(inner) if inner == name.as_bytes() => true,
        Some(inner) if memchr::memchr(b'\\', inner).is_some() => decoded(bytes) == name,
        _ => false,
    }
}

/// What a string's bytes, from quotation mark to quotation mark, say.
fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    let inner = bytes.strip_prefix(b"\"").unwrap_or(bytes);
    let Some(first) = memchr::memchr(b'\\', inner) else {
        return String::from_utf8_lossy(inner.strip_suffix(b"\"").unwrap_or(inner));
    };
    let (mut text, mut rest) = (String::new(), inner);
    let mut next = Some(first);
    while let Some((before, escape)) = next.and_then(|at| rest.split_at_checked(at)) {
        text.push_str(&String::from_utf8_lossy(before));
        let (char, length) = unescaped(escape);
        text.extend(char);
        rest = escape.get(length..).unwrap_or_default();
        next = memchr::memchr(b'\\', rest);
    }
    text.push_str(&String::from_utf8_lossy(rest.strip_suffix(b"\"").unwrap_or(rest)));
    text.into()
}

/// What the escape at the beginning means, and its length. One that is none stays as it is; one that was cut is nothing.
fn unescaped(escape: &[u8]) -> (Option<char>, usize) {
    let simple = match escape.get(1) {
        None => return (None, 1),
        Some(b'u') => return unescaped_unit(escape),
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(same @ (b'"' | b'\\' | b'/')) => char::from(*same),
        Some(_) => return (Some('\\'), 1),
    };
    (Some(simple), 2)
}

fn unescaped_unit(escape: &[u8]) -> (Option<char>, usize) {
    let (first, second) = (unit(escape), escape.get(6..).and_then(unit));
    match (first, second) {
        (None, _) if escape.len() < 6 => (None, escape.len()),
        (None, _) => (Some('\\'), 1),
        (Some(high @ 0xd800..=0xdbff), Some(low @ 0xdc00..=0xdfff)) => {
            let code = 0x1_0000 + ((u32::from(high) - 0xd800) << 10) + (u32::from(low) - 0xdc00);
            (char::from_u32(code), 12)
        }
        (Some(unit), _) => (Some(char::from_u32(unit.into()).unwrap_or(char::REPLACEMENT_CHARACTER)), 6),
    }
}

/// The number of `\uXXXX`.
fn unit(escape: &[u8]) -> Option<u16> {
    let [b'\\', b'u', digits @ ..] = escape.get(..6)? else { return None };
    digits.iter().try_fold(0, |unit, digit| {
        let digit = char::from(*digit).to_digit(16).and_then(|digit| u16::try_from(digit).ok())?;
        Some(unit << 4 | digit)
    })
}

/// The first text among an object's own members that has one of these names, found without reading what is within.
pub fn top_text(text: &[u8], names: &[&str]) -> Option<String> {
    let (mut at, mut depth) = (0, 0_usize);
    // Where the last text on the top stands, and whether it was a wanted name with its colon.
    let (mut name, mut is_wanted) = (0..0, false);
    while let Some(byte) = text.get(at) {
        let start = at;
        at += 1;
        match byte {
            b'"' => {
                at = end_of_text(text, at)?;
                if depth == 1 && is_wanted {
                    return text.get(start..at).map(|value| decoded(value).into_owned());
                }
                name = start..at;
            }
            b':' if depth == 1 => {
                let name = text.get(name.clone()).unwrap_or_default();
                is_wanted = names.iter().any(|wanted| is_name(name, wanted));
            }
            b',' if depth == 1 => is_wanted = false,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1).filter(|depth| *depth > 0)?,
            _ => {}
        }
    }
    None
}

/// The byte behind the text whose quotation mark stands before `at`.
fn end_of_text(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(json: &str) -> String {
        Json::read(json.as_bytes()).root().unwrap().text().unwrap().into_owned()
    }

    #[test]
    fn values_are_found_by_name_and_keep_their_text() {
        let text = "\u{feff} {\"a\": [1, 1e999, -0.10, NaN, -Infinity], \"b\": {\"c\": \"x\"}, \"n\": null, \"b\": 2} ";
        let json = Json::read(text.as_bytes());
        let root = json.root().unwrap();
        assert!(json.is_whole());
        let numbers: Vec<_> = root.get("a").unwrap().items().map(Node::raw).collect();
        assert_eq!(numbers, ["1", "1e999", "-0.10", "NaN", "-Infinity"]);
        assert_eq!(root.get("b").unwrap().number(), Some(2), "the last counts");
        assert!(root.get("n").is_none() && root.get("z").is_none());
        let names: Vec<_> = root.members().map(|(name, value)| (name, value.is_empty())).collect();
        assert_eq!(names, [("a".into(), false), ("b".into(), false), ("n".into(), true), ("b".into(), false)]);
        assert_eq!(&text[root.get("a").unwrap().range()], "[1, 1e999, -0.10, NaN, -Infinity]");
    }

    #[test]
    fn half_a_pair_is_the_replacement_character() {
        for (json, read) in [
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""cut \uD83D and on""#, "cut \u{fffd} and on"),
            (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
            (r#""\ud83d\\ude00""#, "\u{fffd}\\ude00"),
            (r#""\\ud83d \"\/\b\f\t\r""#, "\\ud83d \"/\u{8}\u{c}\t\r"),
            (r#""\x \u12 é""#, "\\x \\u12 é"),
            (r#""\"""#, "\""),
        ] {
            assert_eq!(text_of(json), read, "{json}");
        }
        let json = Json::read(br#"{"\ud83d": 1, "\u0061": 2}"#);
        let root = json.root().unwrap();
        assert_eq!((root.get("\u{fffd}").unwrap().number(), root.get("a").unwrap().number()), (Some(1), Some(2)));
    }

    #[test]
    fn what_was_cut_is_read_as_far_as_it_came() {
        let whole = r#"{"a": [{"t": "He\u006clo"}, true], "n": 12}"#;
        for end in 0..whole.len() {
            let json = Json::read(&whole.as_bytes()[..end]);
            assert_eq!(json.stop(), Some(Stop::Cut), "{end}");
            let text = json.root().and_then(|root| root.get("a")?.items().next()?.get("t")?.text());
            assert!("Hello".starts_with(&*text.unwrap_or_default()), "{end}");
            assert!(json.root().and_then(|root| root.get("n")).is_none(), "a part of a number is another number");
        }
        let json = Json::read(br#"{"a":1,"b""#);
        assert_eq!(json.root().unwrap().members().count(), 1);
    }

    #[test]
    fn a_cut_event_keeps_only_members_that_came_whole() {
        for (text, kept) in [
            (r#"{"a": [1], "b": {"c": 2"#, r#"{"a": [1]"#),
            (r#"{"a": [1], "b": "x"#, r#"{"a": [1]"#),
            (r#"{"a": [1], "b"#, r#"{"a": [1]"#),
            (r#"{"a": [1], "b": true"#, r#"{"a": [1], "b": true"#),
            (r#"{"a": [1"#, "{"),
        ] {
            assert!(Json::read_event(b"\"half a te").root().is_none());
            let json = Json::read_event(text.as_bytes());
            let names: Vec<_> = json.root().unwrap().members().map(|(name, value)| (name, value.raw())).collect();
            let kept = Json::read(kept.as_bytes());
            let expected: Vec<_> = kept.root().unwrap().members().map(|(name, value)| (name, value.raw())).collect();
            assert_eq!(names, expected, "{text}");
        }
    }

    #[test]
    fn where_json_ends_is_said() {
        for (text, stop) in [
            ("<html>", Some(Stop::Invalid(0))),
            ("{\"a\":1,}", Some(Stop::Invalid(7))),
            ("[1 2]", Some(Stop::Invalid(3))),
            ("[1}", Some(Stop::Invalid(2))),
            ("{'a':1}", Some(Stop::Invalid(1))),
            ("", Some(Stop::Cut)),
            ("[1] [2]", None),
        ] {
            assert_eq!(Json::read(text.as_bytes()).stop(), stop, "{text}");
        }
        assert_eq!(Json::read(b"[1] [2]").rest(), b" [2]");
        assert!(!Json::read(b"[1] [2]").is_whole() && Json::read(b"[1] \n").is_whole());
    }

    #[test]
    fn a_sketch_has_all_but_lists_of_numbers() {
        for (text, expected) in [
            (r#"{"a":[-0.5,1,2],"b":[[1,2],[3]],"c":[1,"]",2],"n":7}"#, ["[-0.5]", "[[1],[3]]", r#"[1,"]",2]"#, "7"]),
            (r#"{"a":[],"b":[1,[2,3]],"c":[1,{},2],"n":{"x":1,"y":2}}"#, ["[]", "[1,[2]]", "[1]", r#"{"x":1,"y":2}"#]),
        ] {
            let json = Json::sketch(text.as_bytes());
            assert!(json.is_whole(), "{text}");
            for ((_, value), expected) in json.root().unwrap().members().zip(expected) {
                assert_eq!(shown(value), expected, "{text}");
            }
        }
        assert_eq!(Json::sketch(b"[1, 2").stop(), Some(Stop::Cut));
    }

    fn shown(value: Node<'_>) -> String {
        if value.is_array() {
            return format!("[{}]", value.items().map(shown).collect::<Vec<_>>().join(","));
        }
        value.raw().into_owned()
    }

    #[test]
    fn a_text_on_the_top_is_found() {
        for (text, found) in [
            (r#"{"a":{"model":"no"},"b":["model","no"],"c":"model","model":"m"}"#, Some("m")),
            (r#" {"\u006dodel" : "m\"n", "model": "no"}"#, Some("m\"n")),
            (r#"{"model":{"x":"no"},"other":"no"}"#, None),
            (r#"{"model":1,"other":"no"}"#, None),
            (r#"{"a":1}{"model":"no"}"#, None),
            (r#"{"a":"model"#, None),
            ("", None),
        ] {
            assert_eq!(top_text(text.as_bytes(), &["model"]).as_deref(), found, "{text}");
        }
    }

    #[test]
    fn depth_and_size_cost_no_stack() {
        let deep = "[{\"a\":".repeat(200_000);
        let json = Json::read(deep.as_bytes());
        assert_eq!((json.stop(), json.root().unwrap().items().count()), (Some(Stop::Cut), 1));
        let wide = "[".to_owned() + &"1,".repeat(MAX_VALUES);
        let Some(Stop::TooLarge(at)) = Json::read(wide.as_bytes()).stop() else { panic!("all was read") };
        assert!(at > MAX_VALUES);
    }
}
