//! Reads a text as URL parsers do: a percent-encoded byte, also one encoded several times, a `\u00..` escape of JSON,
//! or an entity of HTML is one unit, and colours of a terminal are none. Each byte is read once.

use crate::mask::Hit;

/// One byte as it is meant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit {
    /// The byte.
    pub(crate) byte: u8,
    /// How often it is percent-encoded. What is encoded more often belongs to what is nested deeper.
    pub(crate) level: usize,
    /// Where it begins in the text.
    pub(crate) start: usize,
    /// Where it ends in the text.
    pub(crate) end: usize,
}

/// The units of a text.
#[derive(Clone)]
pub(crate) struct Units<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Units<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        Self { text: text.as_bytes(), at: 0 }
    }

    /// What a text says, decoded. A byte that is then no text is read as `?`.
    pub(crate) fn decoded(text: &'t str) -> String {
        let mut units = Self::of(text);
        let mut said = Vec::with_capacity(text.len());
        loop {
            said.extend_from_slice(units.plain());
            match units.next() {
                Some(unit) => said.push(unit.byte),
                None => return readable(said),
            }
        }
    }

    /// What is meant as it is written, up to what may not be.
    fn plain(&mut self) -> &'t [u8] {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| matches!(byte, b'%' | b'\\' | b'&' | 0x1b)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    /// Goes on at a place further on.
    pub(crate) fn skip_to(&mut self, at: usize) {
        self.at = at.max(self.at);
    }

    fn hex(&self, at: usize) -> Option<u8> {
        let digit = |at| char::from(*self.text.get(at)?).to_digit(16);
        u8::try_from(digit(at)? * 16 + digit(at + 1)?).ok()
    }

    fn has(&self, at: usize, what: &[u8]) -> bool {
        self.text.get(at..).is_some_and(|rest| rest.starts_with(what))
    }
}

/// Whether any byte of a text is percent-encoded, escaped as JSON or HTML does, or of a colour.
pub(crate) fn has_encoded(text: &str) -> bool {
    let mut units = Units::of(text);
    loop {
        units.plain();
        let before = units.at;
        match units.next() {
            Some(unit) if unit.end == before + 1 => {}
            // A colour may end the text.
            unit => return unit.is_some() || units.at > before,
        }
    }
}

/// The byte that an entity of HTML at the beginning of a text stands for, and how long it is: of those that stand next
/// to names and values.
pub(crate) fn entity(text: &[u8]) -> Option<(u8, usize)> {
    const NAMED: [(&[u8], u8); 6] = [
        (b"&quot;", b'"'),
        (b"&apos;", b'\''),
        (b"&amp;", b'&'),
        (b"&lt;", b'<'),
        (b"&gt;", b'>'),
        (b"&equals;", b'='),
    ];
    if let Some((name, byte)) = NAMED.iter().find(|(name, _)| text.starts_with(name)) {
        return Some((*byte, name.len()));
    }
    let number = text.strip_prefix(b"&#")?;
    let end = number.iter().take(6).position(|byte| *byte == b';')?;
    let number = std::str::from_utf8(number.get(..end)?).ok()?;
    let byte = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u8::from_str_radix(hex, 16),
        None => number.parse(),
    };
    Some((byte.ok().filter(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..0x7f))?, 3 + end))
}

/// How long a terminal's sequence is at the beginning of a text, also one that is written out, for a colour or the rest
/// of a line, which says nothing.
fn color(text: &[u8]) -> Option<usize> {
    const LONGEST: usize = 24;
    const WRITTEN: [&[u8]; 4] = [b"\\x1b[", b"\\033[", b"\\e[", b"\\u001b["];
    let parameters = match text {
        [0x1b, b'[', parameters @ ..] => parameters,
        [b'\\', ..] => WRITTEN.iter().find_map(|begin| text.strip_prefix(*begin))?,
        _ => return None,
    };
    let length = parameters.iter().take(LONGEST).take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
    matches!(parameters.get(length), Some(b'm' | b'K' | b'J' | b'G' | b'H'))
        .then_some(text.len() - parameters.len() + length + 1)
}

/// Bytes as a text of the same length: those that are no UTF-8 are read as `?`.
pub(crate) fn readable(bytes: Vec<u8>) -> String {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return text,
        Err(error) => error,
    };
    let mut text = String::with_capacity(error.as_bytes().len());
    for chunk in error.as_bytes().utf8_chunks() {
        text += chunk.valid();
        chunk.invalid().iter().for_each(|_| text.push('?'));
    }
    text
}

/// Turns places in the decoded text into those of its source. They are in order and apart.
pub(crate) fn encode(source: &str, hits: &mut [Hit]) {
    let mut units = Units::of(source).enumerate().peekable();
    let mut end = 0;
    for hit in hits {
        while let Some((_, unit)) = units.next_if(|(index, _)| *index < hit.range.start) {
            end = unit.end;
        }
        hit.range.start = units.peek().map_or(source.len(), |(_, unit)| unit.start);
        while let Some((_, unit)) = units.next_if(|(index, _)| *index < hit.range.end) {
            end = unit.end;
        }
        hit.range.end = end.max(hit.range.start);
    }
}

impl Iterator for Units<'_> {
    type Item = Unit;

    fn next(&mut self) -> Option<Unit> {
        let (start, literal) = loop {
            match *self.text.get(self.at)? {
                0x1b | b'\\' if let Some(length) = color(self.text.get(self.at..)?) => self.at += length,
                literal => break (self.at, literal),
            }
        };
        let (byte, level, end) = match literal {
            b'%' => {
                let (mut level, mut at) = (1, start + 1);
                while self.has(at, b"25") {
                    (level, at) = (level + 1, at + 2);
                }
                self.hex(at).map_or((literal, 0, at), |byte| (byte, level, at + 2))
            }
            b'\\' if self.has(start + 1, b"u00") => {
                self.hex(start + 4).map_or((literal, 0, start + 1), |byte| (byte, 0, start + 6))
            }
            b'&' => {
                let entity = entity(self.text.get(start..).unwrap_or_default());
                entity.map_or((literal, 0, start + 1), |(byte, length)| (byte, 0, start + length))
            }
            _ => (literal, 0, start + 1),
        };
        self.at = end;
        Some(Unit { byte, level, start, end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_belongs_to_one_unit() {
        let units: Vec<_> = Units::of(r"a%3D%252f%25%2525x\u0026\u00\").collect();
        let read: Vec<_> = units.iter().map(|unit| (char::from(unit.byte), unit.level)).collect();
        let x = [('a', 0), ('=', 1), ('/', 2), ('%', 0), ('%', 0), ('x', 0), ('&', 0)];
        assert_eq!(read[..7], x);
        assert!(units.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert_eq!(Units::decoded("\x1b[1;31ma\x1b[K\\033[0mb\\x1b[m\\e[1m&#10;\\x1b[x"), "ab\n\\x1b[x");
        assert_eq!(Units::decoded("a&quot;&#61;&#x3d;&amp;b&nbsp;&#0;&#1234567;&"), "a\"==&b&nbsp;&#0;&#1234567;&");
    }
}
