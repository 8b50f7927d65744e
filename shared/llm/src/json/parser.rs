//! Finds where each value of a text begins and ends.

use memchr::{memchr2, memchr3};

/// The most values of one text that are read; 16 bytes are kept for each.
pub(super) const MAX_VALUES: usize = 1 << 21;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

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
pub(super) struct Span {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
    /// The index behind its last inner value.
    pub(super) next: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
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

/// What was read of a text.
pub(super) struct Parsed {
    /// In the order in which they begin.
    pub(super) values: Vec<Span>,
    pub(super) end: usize,
    pub(super) stop: Option<Stop>,
    /// The index of the root's last member when that was cut: of its name, or of the item of an array.
    pub(super) cut_member: Option<u32>,
}

/// Reads one value. In a sketch, of a list of numbers only the first is kept.
pub(super) fn parse(text: &[u8], is_sketch: bool) -> Parsed {
    let at = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    let mut parser = Parser { text, at, values: Vec::new(), open: Vec::new(), is_text_cut: false, is_sketch };
    let (stop, cut_member) = match parser.run() {
        Ok(()) => (None, None),
        Err((stop, cut_member)) => (Some(stop), cut_member),
    };
    Parsed { values: parser.values, end: parser.at, stop, cut_member }
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
