//! Reads a frame: its records stay as they are, and each step walks along its own.

use crate::{
    content::Content,
    envelope::{self, Unreadable},
    records::{Record, Records},
};
use std::iter;

/// An opened frame, of which every record is known to be whole.
pub struct Frame {
    records: Vec<u8>,
}

impl Frame {
    /// Opens a frame whose steps take at most so many bytes, as [`Steps::size`](crate::Steps::size) counted them.
    ///
    /// # Errors
    ///
    /// [`Unreadable`]: nothing but what was packed is opened.
    pub fn open(packed: &[u8], most: usize) -> Result<Self, Unreadable> {
        let records = envelope::open(packed, most)?;
        let mut reader = Records::of(&records);
        reader.by_ref().for_each(drop);
        if reader.are_all_read() { Ok(Self { records }) } else { Err(Unreadable::Damaged) }
    }

    /// The steps, in the order in which they were written.
    pub fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        let mut records = Records::of(&self.records);
        iter::from_fn(move || {
            let number = records.find_map(|record| match record {
                Record::Step(number) => Some(number),
                Record::Text(_) | Record::Content(..) => None,
            })?;
            Some(Step { number, records: records.clone() })
        })
    }
}

/// A step of a frame.
#[derive(Clone)]
pub struct Step<'a> {
    number: u32,
    /// Its records, and those of the steps behind it.
    records: Records<'a>,
}

impl<'a> Step<'a> {
    /// Its number.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// How many bytes its JSON has. It may be more than the frame holds, since contents may stand in it again and
    /// again: ask before writing.
    #[must_use]
    pub fn json_len(&self) -> usize {
        self.pieces().fold(0, |len, piece| {
            len.saturating_add(match piece {
                Piece::Text(text) => text.len(),
                Piece::Content(content, bytes) => content.json_len(bytes.len()),
            })
        })
    }

    /// Adds its JSON to what is there.
    pub fn write_json(&self, json: &mut Vec<u8>) {
        self.write_json_without(json, |_| false);
    }

    /// Adds its JSON to what is there, without the members of the contents that are omitted.
    pub fn write_json_without(&self, json: &mut Vec<u8>, is_omitted: impl Fn(Content) -> bool) {
        for piece in self.pieces() {
            match piece {
                Piece::Text(text) => json.extend_from_slice(text),
                Piece::Content(content, _) if is_omitted(content) => {}
                Piece::Content(content, bytes) => content.write_json(bytes, json),
            }
        }
    }

    /// Its contents with their bytes, in the order of the JSON.
    pub fn contents(&self) -> impl Iterator<Item = (Content, &'a [u8])> + use<'a> {
        self.pieces().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Content(content, bytes) => Some((content, bytes)),
        })
    }

    /// The bytes of a content, if the step has it.
    #[must_use]
    pub fn of(&self, wanted: Content) -> Option<&'a [u8]> {
        self.contents().find_map(|(content, bytes)| (content == wanted).then_some(bytes))
    }

    fn pieces(&self) -> impl Iterator<Item = Piece<'a>> + use<'a> {
        self.records.clone().map_while(|record| match record {
            Record::Text(text) => Some(Piece::Text(text)),
            Record::Content(content, bytes) => Some(Piece::Content(content, bytes)),
            Record::Step(_) => None,
        })
    }
}

enum Piece<'a> {
    Text(&'a [u8]),
    Content(Content, &'a [u8]),
}
