//! A stream's texts put together: a credential is split wherever a tokenizer likes.
//!
//! A channel is what stands at the same path of events of the same type, with the same numbers of choice, block and
//! call. No provider's name is needed for it: a new one's streams are read like the others'.

use super::pieces::{Found, Said, hash, said};
use crate::{
    json::{decoded, encode},
    mask::Hit,
};
use std::{collections::HashMap, ops::Range};

/// The channels of a stream.
#[derive(Default)]
pub(super) struct Channels {
    by_key: HashMap<u64, usize>,
    all: Vec<Channel>,
}

/// A text that came in pieces.
#[derive(Default)]
pub(crate) struct Channel {
    /// Which channels differ from it by their numbers alone.
    of: u64,
    pub(crate) text: String,
    pieces: Vec<Piece>,
}

struct Piece {
    /// Which event it is of.
    event: usize,
    /// Where it is in the event.
    literal: Range<usize>,
    /// Where it begins in the channel's text.
    start: usize,
    /// Whether it is no literal but the event itself.
    is_raw: bool,
}

impl Channels {
    /// Adds what an event says.
    pub(super) fn add(&mut self, index: usize, of_stream: u8, event: &str) {
        let text = |literal: &Range<usize>| decoded(event.get(literal.clone()).unwrap_or_default());
        let piece = |literal, is_raw| Piece { event: index, literal, start: 0, is_raw };
        match said(event) {
            Said::Alone(literal) => {
                let (key, text) = (hash(of_stream.into(), "alone"), text(&literal));
                self.piece((key, key), piece(literal, false), &text);
            }
            Said::Raw => self.piece((0, 0), piece(0..event.len(), true), event),
            Said::Pieces(found) => {
                for Found { of, numbers, literal } in found {
                    let text = text(&literal);
                    self.piece((of ^ numbers, of), piece(literal, false), &text);
                }
            }
        }
    }

    /// Adds a piece to the channel of a key, which is one `of` those that differ by their numbers alone.
    fn piece(&mut self, (key, of): (u64, u64), piece: Piece, said: &str) {
        let index = *self.by_key.entry(key).or_insert(self.all.len());
        if index == self.all.len() {
            self.all.push(Channel { of, ..Channel::default() });
        }
        if let Some(channel) = self.all.get_mut(index) {
            channel.add(piece, said);
        }
    }

    /// Those that came in more than one piece. Where each piece has a number of its own, the numbers count pieces, and
    /// all are one text.
    pub(super) fn split(self) -> impl Iterator<Item = Channel> {
        let (split, single): (Vec<_>, Vec<_>) = self.all.into_iter().partition(Channel::is_split);
        let mut counted = Self::default();
        for Channel { of, text, pieces } in single {
            for piece in pieces {
                counted.piece((of, of), piece, &text);
            }
        }
        split.into_iter().chain(counted.all.into_iter().filter(Channel::is_split))
    }
}

impl Channel {
    /// What some literals of a text say together.
    pub(crate) fn of_literals(text: &str, literals: &[Range<usize>]) -> Self {
        let mut channel = Self::default();
        for literal in literals {
            let said = decoded(text.get(literal.clone()).unwrap_or_default());
            channel.part(literal.clone(), &said, false);
        }
        channel
    }

    /// Adds a part of one text: a literal of it, or as it is.
    pub(crate) fn part(&mut self, literal: Range<usize>, said: &str, is_raw: bool) {
        self.add(Piece { event: 0, literal, start: 0, is_raw }, said);
    }

    /// Whether it has several parts.
    pub(crate) fn is_split(&self) -> bool {
        self.pieces.len() > 1
    }

    /// Lays what was found in it over the text that it is in parts of.
    pub(crate) fn found(&self, text: &str, hits: &[Hit]) -> impl Iterator<Item = Hit> {
        self.spread(hits, &|_| text).into_iter().map(|(_, hit)| hit)
    }

    fn add(&mut self, piece: Piece, said: &str) {
        self.pieces.push(Piece { start: self.text.len(), ..piece });
        self.text += said;
    }

    /// Lays what was found in the text over its pieces, by event: the first that it touches gets the mask.
    pub(super) fn spread<'e>(&self, hits: &[Hit], event: &dyn Fn(usize) -> &'e str) -> Vec<(usize, Hit)> {
        let mut by_piece: Vec<(usize, Vec<Hit>)> = Vec::new();
        for hit in hits {
            let first = self.pieces.partition_point(|piece| piece.start <= hit.range.start).saturating_sub(1);
            let touched = self.pieces.iter().enumerate().skip(first);
            let mut is_rest = hit.is_rest;
            for (index, piece) in touched.take_while(|(_, piece)| piece.start < hit.range.end) {
                let end = self.pieces.get(index + 1).map_or(self.text.len(), |next| next.start);
                let range = hit.range.start.max(piece.start)..hit.range.end.min(end);
                if range.start < range.end {
                    let range = range.start - piece.start..range.end - piece.start;
                    let hit = Hit { range, is_rest, ..hit.clone() };
                    match by_piece.last_mut() {
                        Some((last, hits)) if *last == index => hits.push(hit),
                        _ => by_piece.push((index, vec![hit])),
                    }
                    is_rest = true;
                }
            }
        }
        let mut spread = Vec::new();
        for (index, mut hits) in by_piece {
            let Some(piece) = self.pieces.get(index) else { continue };
            if !piece.is_raw {
                let event = event(piece.event);
                encode(event.get(piece.literal.clone()).unwrap_or_default(), &mut hits);
            }
            spread.extend(hits.into_iter().map(|hit| (piece.event, hit.moved(piece.literal.start))));
        }
        spread
    }
}
