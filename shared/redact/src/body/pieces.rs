//! Which strings of a stream's event are pieces of its texts, and whose text each is of.

use crate::{
    json::{Token, Tokens},
    tables::words::Words,
};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    iter,
    ops::Range,
};

/// How deep pieces of a text are looked for.
const DEEPEST: usize = 32;

/// How deep pieces are of an event that is no delta. Deeper stands a whole text: a message of a request, an answer of a
/// batch.
const SHALLOW: usize = 3;

/// The longest event that can only have a piece of a text, in bytes.
const SMALL: usize = 512;

/// The most objects and arrays of an event that are looked into.
const MOST_LEVELS: usize = 4_096;

/// What an event is of a stream's texts.
pub(super) enum Said {
    /// A text by itself, in quotes.
    Alone(Range<usize>),
    /// No JSON, and so a text as it is.
    Raw,
    /// Texts of its members.
    Pieces(Vec<Found>),
}

/// A literal that may be a piece.
pub(super) struct Found {
    /// Which channels differ from its own by their numbers alone.
    pub(super) of: u64,
    pub(super) numbers: u64,
    pub(crate) literal: Range<usize>,
}

/// The objects and arrays of an event, of which some are open.
#[derive(Default)]
struct Levels {
    all: Vec<Level>,
    open: Option<usize>,
    depth: usize,
}

/// An object or an array.
struct Level {
    /// Of the names that lead to it.
    path: u64,
    /// Of the numbers in it that say whose text it holds.
    numbers: u64,
    parent: Option<usize>,
    is_delta: bool,
}

impl Levels {
    /// Whether one more is not looked into.
    const fn is_full(&self) -> bool {
        self.all.len() == MOST_LEVELS && self.depth < DEEPEST
    }

    /// One begins, as the value of a member or not.
    fn open(&mut self, name: Option<&str>) {
        self.depth += 1;
        if self.depth > DEEPEST {
            return;
        }
        let parent = self.open.and_then(|at| self.all.get(at));
        let path = hash(parent.map_or(0, |level| level.path), name.unwrap_or_default());
        let is_delta = parent.is_some_and(|level| level.is_delta) || name.is_some_and(is_delta);
        self.all.push(Level { path, numbers: 0, parent: self.open, is_delta });
        self.open = Some(self.all.len() - 1);
    }

    fn close(&mut self) {
        if self.depth <= DEEPEST {
            self.open = self.open.and_then(|at| self.all.get(at)?.parent);
        }
        self.depth = self.depth.saturating_sub(1);
    }

    /// The one that is read, unless it is too deep.
    fn current(&self) -> Option<usize> {
        self.open.filter(|_| self.depth <= DEEPEST)
    }

    /// Remembers a number of the one that is read. Several are the same in any order.
    fn number(&mut self, name: &str, value: &str) {
        if let Some(level) = self.current().and_then(|at| self.all.get_mut(at)) {
            level.numbers ^= hash(hash(0, name), value);
        }
    }

    /// The numbers of one and of those around it.
    fn numbers(&self, level: usize) -> u64 {
        let around = iter::successors(self.all.get(level), |level| self.all.get(level.parent?));
        around.fold(0, |numbers, level| numbers ^ level.numbers)
    }
}

/// What an event is of a stream's texts.
pub(super) fn said(event: &str) -> Said {
    if matches!(event, "" | "[DONE]") {
        return Said::Pieces(Vec::new());
    }
    let mut levels = Levels::default();
    // A literal, with its level and its name.
    let mut found: Vec<(usize, &str, Range<usize>)> = Vec::new();
    let (mut name, mut kind) = (None, 0);
    // What has no room for a whole text, or for nothing else, has a piece of one, however deep.
    let is_small = event.len() <= SMALL;
    for token in Tokens::of(event) {
        match token {
            Token::Open(_) if levels.is_full() => break,
            Token::Open(_) => levels.open(name.take()),
            Token::Close => {
                levels.close();
                name = None;
            }
            Token::Name(range) => name = event.get(range),
            // A stream that says what it is has texts by themselves.
            Token::String { literal, .. } if levels.all.is_empty() && is_rest_of(event, literal.end) => {
                return Said::Alone(literal);
            }
            Token::String { literal, .. } => {
                let (Some(level), Some(member)) = (levels.current(), name) else { continue };
                let value = event.get(literal.clone()).unwrap_or_default();
                if levels.depth == 1 && matches!(member, "type" | "event_type" | "event" | "object") {
                    kind ^= hash(hash(0, member), value);
                }
                if matches!(member, "item_id" | "custom_id" | "toolCallId" | "tool_call_id") {
                    levels.number(member, value);
                }
                let is_delta = levels.all.get(level).is_some_and(|level| level.is_delta);
                let is_shallow = is_small || literal.len() * 2 > event.len() || levels.depth <= SHALLOW;
                if is_piece(member, is_delta, is_shallow) {
                    found.push((level, member, literal));
                }
            }
            Token::Scalar(range) => {
                let Some(member) = name else { continue };
                let value = event.get(range).unwrap_or_default();
                // The first of all is often not numbered.
                if (is_number(member) && value != "0") || (member == "thought" && value == "true") {
                    levels.number(member, value);
                }
            }
            Token::Other => return Said::Raw,
        }
    }
    if levels.all.is_empty() {
        return Said::Raw;
    }
    let piece = |(level, name, literal): (usize, &str, Range<usize>)| {
        let path = levels.all.get(level).map_or(0, |level| level.path);
        Found { of: hash(path ^ kind, name), numbers: levels.numbers(level), literal }
    };
    Said::Pieces(found.into_iter().map(piece).collect())
}

/// Whether nothing but a quote is after a place.
fn is_rest_of(event: &str, at: usize) -> bool {
    event.get(at..).is_some_and(|rest| matches!(rest.trim_ascii_end(), "\"" | ""))
}

/// The hash of a text after that of others.
#[inline(never)]
pub(super) fn hash(others: u64, text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (others, text).hash(&mut hasher);
    hasher.finish()
}

/// Whether what is in a member are pieces of what came before them.
fn is_delta(name: &str) -> bool {
    static DELTAS: Words = Words::of(
        "\
        alternatives artifact candidates choices chunk delta inputTranscription modelTurn ops outputTranscription \
        partialArgs tool_call_chunks",
    );
    DELTAS.has_exactly(name) || name.ends_with("Delta") || name.ends_with("_delta")
}

/// Whether a number says whose text it is.
fn is_number(name: &str) -> bool {
    name.ends_with("index") || name.ends_with("Index")
}

/// Whether a string may be a piece of a text.
fn is_piece(name: &str, is_in_delta: bool, is_shallow: bool) -> bool {
    static TEXTS: Words = Words::of(
        "\
        answer arguments code completion content data delta generated_text generation input output outputText \
        output_text partial_json reasoning reasoning_content reasoningContent refusal response result summary text \
        thinking token transcript v",
    );
    const PARTS: &str = "text content arguments json delta value Value args parameters plan stdout stderr";
    if is_delta(name) && name != "delta" {
        return is_shallow;
    }
    let ends = || PARTS.split(' ').any(|part| name.ends_with(part)) && !name.contains("encrypted");
    (is_in_delta || is_shallow) && (TEXTS.has_exactly(name) || (is_in_delta && ends()))
}
