//! The events of a stream that hold one of some words, found by a search: what lies between them is not read.
//!
//! An event is found by what its layout puts between two, and then read as any event is. What such a search cannot tell
//! apart is left out.

use super::{amazon, coded, event::Event, sse, values};
use crate::json::Json;
use base64::{Engine, engine::general_purpose::STANDARD};
use memchr::{
    memchr2,
    memmem::{Finder, FinderRev},
    memrchr2,
};
use std::{borrow::Cow, iter, ops::Range};

/// What is looked for, and of how many events: the first that hold it, and the last. What is looked for from the end
/// too is the end of a member's name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word {
    pub(crate) text: &'static str,
    pub(crate) first: usize,
    pub(crate) last: usize,
}

/// What tells of a body.
#[derive(Debug)]
pub(crate) enum Telling<'a> {
    /// It is one value.
    Json(Json<'a>),
    Events(Told<'a>),
    Nothing,
}

/// The events that hold a word, in order.
#[derive(Debug, Default)]
pub(crate) struct Told<'a> {
    pub(crate) list: Vec<Event<'a>>,
    /// Whether the last one ends where the body does, which may have cut it.
    pub(crate) has_end: bool,
    /// Whether there may be more than were looked for.
    pub(crate) is_partial: bool,
}

/// Finds what tells of a body.
pub(crate) fn telling<'a>(body: &'a [u8], words: &[Word]) -> Telling<'a> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    match Layout::of(body) {
        Some(layout) => Telling::Events(layout.told(body, words)),
        None => values::one(Json::sketch(body)).map_or(Telling::Nothing, Telling::Json),
    }
}

/// How the events of a stream are told apart.
enum Layout<'a> {
    /// By where Amazon's frames begin; whether each wraps an event in base64.
    Frames(Vec<usize>, bool),
    /// By empty lines.
    Sse,
    /// By lines that each begin with a code.
    Coded,
    /// By what stands between two values.
    Values(Box<Between<'a>>),
}

/// What stands between two values, with the beginning of the second.
struct Between<'a> {
    before: FinderRev<'a>,
    after: Finder<'a>,
    /// How far into it the second begins.
    second: usize,
}

impl<'a> Layout<'a> {
    fn of(body: &'a [u8]) -> Option<Self> {
        if amazon::is_one(body) {
            return Some(Self::Frames(amazon::starts(body), amazon::is_wrapping(body)));
        }
        if sse::is_one(body, 0) {
            return Some(Self::Sse);
        }
        if coded::is_one(body, 0) {
            return Some(Self::Coded);
        }
        let (between, second) = values::between(body)?;
        Some(Self::Values(Box::new(Between { before: FinderRev::new(between), after: Finder::new(between), second })))
    }

    fn told(&self, body: &'a [u8], words: &[Word]) -> Told<'a> {
        let (mut found, mut told) = (Vec::new(), Told::default());
        for word in words {
            let is_wrapped = matches!(self, Self::Frames(_, true));
            for text in if is_wrapped { in_base64(word.text) } else { vec![word.text.into()] } {
                let more = self.holding(body, text.as_bytes(), *word, &mut found);
                told.is_partial |= more;
            }
        }
        found.sort_unstable_by_key(|range: &Range<usize>| range.start);
        found.dedup();
        told.has_end = found.last().is_some_and(|last| last.end == body.len());
        for slice in found.into_iter().filter_map(|range| body.get(range)) {
            told.list.extend(self.read(slice));
        }
        told
    }

    /// Adds the events that hold a text; whether there may be more of them.
    fn holding(&self, body: &[u8], text: &[u8], word: Word, found: &mut Vec<Range<usize>>) -> bool {
        // A text that says the same is no name. What is within base64 is not looked at.
        let is_sought = |place: usize| {
            let behind = body.get(place + text.len()..).unwrap_or_default();
            word.last == 0 || matches!(self, Self::Frames(_, true)) || behind.trim_ascii_start().starts_with(b":")
        };
        let (before, finder) = (found.len(), Finder::new(text));
        let (mut start, mut end) = (0, body.len());
        while found.len() - before < word.first
            && let Some(place) = body.get(start..).and_then(|rest| finder.find(rest))
        {
            let place = start + place;
            start = place + 1;
            if is_sought(place) {
                let range = self.around(body, place);
                start = range.end.max(start);
                found.push(range);
            }
        }
        let (middle, finder) = (found.len(), FinderRev::new(text));
        if middle - before < word.first {
            return false;
        }
        while found.len() - middle < word.last
            && let Some(place) = body.get(start..end).and_then(|rest| finder.rfind(rest))
        {
            end = start + place;
            if is_sought(end) {
                let range = self.around(body, end);
                end = range.start.min(end);
                found.push(range);
            }
        }
        word.last > 0 && found.len() - middle == word.last
    }

    /// The event that a place is in.
    fn around(&self, body: &[u8], place: usize) -> Range<usize> {
        match self {
            Self::Frames(starts, _) => {
                let next = starts.partition_point(|start| *start <= place);
                let start = next.checked_sub(1).and_then(|index| starts.get(index));
                start.copied().unwrap_or_default()..starts.get(next).copied().unwrap_or(body.len())
            }
            Self::Sse => sse::around(body, place),
            Self::Coded => line(body, place),
            Self::Values(between) => between.around(body, place),
        }
    }

    fn read(&self, slice: &'a [u8]) -> Vec<Event<'a>> {
        match self {
            Self::Frames(..) => amazon::read(slice).map(|events| events.list).unwrap_or_default(),
            Self::Sse => sse::events(slice, 0).list,
            Self::Coded => coded::events(slice, 0).list,
            // The first of an array begins with what opens that.
            Self::Values(_) => {
                let slice = slice.trim_ascii_start();
                values::lines(slice.strip_prefix(b"[").unwrap_or(slice), 0).list
            }
        }
    }
}

impl Between<'_> {
    /// The value that a place is in.
    fn around(&self, body: &[u8], place: usize) -> Range<usize> {
        // The place may be in the beginning that tells the value apart.
        let until = body.len().min(place + self.after.needle().len());
        let start = body.get(..until).and_then(|until| self.before.rfind(until)).map_or(0, |at| at + self.second);
        let next = body.get(place..).and_then(|rest| self.after.find(rest));
        start..next.map_or(body.len(), |at| place + at + self.second)
    }
}

/// The line that a place is in.
fn line(body: &[u8], place: usize) -> Range<usize> {
    let (before, after) = body.split_at_checked(place).unwrap_or((body, &[]));
    let start = memrchr2(b'\n', b'\r', before).map_or(0, |end| end + 1);
    let length = memchr2(b'\n', b'\r', after).unwrap_or(after.len());
    start..place + length
}

/// What a text is in base64, by where among three bytes it begins, without what its neighbours make of its ends.
fn in_base64(text: &str) -> Vec<Cow<'_, str>> {
    let shifted = |shift: usize| {
        let bytes = iter::repeat_n(0, shift).chain(text.bytes()).collect::<Vec<_>>();
        let encoded = STANDARD.encode(&bytes);
        encoded.get((shift * 8).div_ceil(6)..bytes.len() * 8 / 6).unwrap_or_default().to_owned().into()
    };
    (0..3).map(shifted).collect()
}
