//! What is compressed: records, one behind the other. Each begins with a number in LEB128, its kind in the lowest two
//! bits.
//!
//! ```text
//! n << 2 | 0   text: n bytes, which follow
//! n << 2 | 1   content: its code, then n bytes
//! n << 2 | 2   a content again: its code, then where its n bytes stand, counted from where the step's records begin
//! n << 2 | 3   step n begins
//! ```

use crate::content::Content;

const TEXT: u64 = 0;
const CONTENT: u64 = 1;
const AGAIN: u64 = 2;
const STEP: u64 = 3;

/// A record as it is read: a content that stands in its step already is given with its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Record<'a> {
    Step(u32),
    Text(&'a [u8]),
    Content(Content, &'a [u8]),
}

/// Writes that a step begins.
pub(crate) fn write_step(number: u32, records: &mut Vec<u8>) {
    write_number(u64::from(number) << 2 | STEP, records);
}

/// Writes a text.
pub(crate) fn write_text(text: &[u8], records: &mut Vec<u8>) {
    write_number((text.len() as u64) << 2 | TEXT, records);
    records.extend_from_slice(text);
}

/// Writes a content.
pub(crate) fn write_content(content: Content, bytes: &[u8], records: &mut Vec<u8>) {
    write_number((bytes.len() as u64) << 2 | CONTENT, records);
    write_number(content.code(), records);
    records.extend_from_slice(bytes);
}

/// Writes a content of so many bytes, which stand at `offset` in its step.
pub(crate) fn write_again(content: Content, len: usize, offset: usize, records: &mut Vec<u8>) {
    write_number((len as u64) << 2 | AGAIN, records);
    write_number(content.code(), records);
    write_number(offset as u64, records);
}

/// Reads records, up to the first that is none.
#[derive(Clone)]
pub(crate) struct Records<'a> {
    all: &'a [u8],
    /// What is left of them.
    left: &'a [u8],
    /// Where the step's records begin; none before the first step.
    origin: Option<usize>,
}

impl<'a> Records<'a> {
    pub(crate) const fn of(all: &'a [u8]) -> Self {
        Self { all, left: all, origin: None }
    }

    /// Whether every byte was a record's.
    pub(crate) const fn are_all_read(&self) -> bool {
        self.left.is_empty()
    }

    /// How many bytes were read.
    const fn read_len(&self) -> usize {
        self.all.len() - self.left.len()
    }

    fn read(&mut self) -> Option<Record<'a>> {
        let at = self.read_len();
        let begin = read_number(&mut self.left)?;
        let number = begin >> 2;
        if begin & 3 == STEP {
            self.origin = Some(self.read_len());
            return Some(Record::Step(number.try_into().ok()?));
        }
        let origin = self.origin?;
        let len = usize::try_from(number).ok()?;
        Some(match begin & 3 {
            TEXT => Record::Text(take(&mut self.left, len)?),
            CONTENT => Record::Content(Content::from_code(read_number(&mut self.left)?)?, take(&mut self.left, len)?),
            _ => {
                let before = self.all.get(origin..at)?;
                let content = Content::from_code(read_number(&mut self.left)?)?;
                let offset = usize::try_from(read_number(&mut self.left)?).ok()?;
                Record::Content(content, before.get(offset..offset.checked_add(len)?)?)
            }
        })
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let before = self.clone();
        let record = self.read();
        if record.is_none() {
            *self = before;
        }
        record
    }
}

fn take<'a>(bytes: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (taken, left) = bytes.split_at_checked(len)?;
    *bytes = left;
    Some(taken)
}

/// Seven bits a byte, the lowest first; all but the last byte have the highest bit.
fn write_number(mut number: u64, bytes: &mut Vec<u8>) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn read_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (&byte, left) = bytes.split_first()?;
        *bytes = left;
        let bits = u64::from(byte & 0x7f);
        if bits << shift >> shift != bits {
            return None;
        }
        number |= bits << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Side;

    fn read(records: &[u8]) -> Option<Vec<Record<'_>>> {
        let mut reader = Records::of(records);
        let read = reader.by_ref().collect();
        reader.are_all_read().then_some(read)
    }

    #[test]
    fn a_number_comes_back_as_it_was() {
        for number in (0..u64::BITS).flat_map(|bits| [(1 << bits) - 1, 1 << bits, u64::MAX >> bits]) {
            let mut bytes = Vec::new();
            write_number(number, &mut bytes);
            assert_eq!(read_number(&mut &bytes[..]), Some(number));
            assert_eq!(read_number(&mut &bytes[..bytes.len() - 1]), None);
        }
        assert_eq!(read_number(&mut &[0xff; 20][..]), None, "it has no end");
        assert_eq!(read_number(&mut &[&[0xff; 9][..], &[2]].concat()[..]), None, "it has 65 bits");
    }

    #[test]
    fn records_that_reach_beyond_what_there_is_are_none() {
        let request = Content::normalized(Side::Request);
        let mut records = Vec::new();
        write_step(7, &mut records);
        write_text(b"ab", &mut records);
        let step = records.clone();
        write_again(request, 2, 1, &mut records);
        let whole = [Record::Step(7), Record::Text(b"ab"), Record::Content(request, b"ab")];
        assert_eq!(read(&records).expect("records"), whole);
        assert_eq!(read(&records[..records.len() - 1]), None, "a record is cut");
        assert_eq!(read(&step[..step.len() - 1]), None, "a text is cut");
        assert_eq!(read(&step[1..]), None, "it is in no step");
        for (len, offset) in [(3, 1), (4, 0), (2, 2), (0, 4), (usize::MAX >> 2, 1), (1, usize::MAX)] {
            let mut records = step.clone();
            write_again(request, len, offset, &mut records);
            assert_eq!(read(&records), None, "{len} bytes at {offset}");
        }
        let mut records = step.clone();
        write_step(8, &mut records);
        write_again(request, 1, 0, &mut records);
        assert_eq!(read(&records), None, "the bytes are another step's");
        let mut records = Vec::new();
        write_number((1 << 32) << 2 | STEP, &mut records);
        assert_eq!(read(&records), None, "no step has such a number");
    }
}
