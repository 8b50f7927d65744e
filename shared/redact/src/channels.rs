//! A stream's texts put together: a credential is split wherever a tokenizer likes.
//!
//! A channel is what stands at the same path of events of the same type, with the same numbers of choice, block and
//! call. No provider's name is needed for it: a new one's streams are read like the others'.

use super::{
    json::{Token, Tokens, decoded, encode},
    mask::Hit,
};
use std::{
    collections::{BTreeMap, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
    ops::Range,
};

/// How deep pieces of a text are looked for.
const DEEPEST: usize = 32;

/// The longest event that can only have a piece of a text, in bytes.
const SMALL: usize = 512;

/// The most objects and arrays of an event that are looked into.
const MOST_LEVELS: usize = 4_096;

/// The channels of a stream.
#[derive(Default)]
pub(super) struct Channels {
    by_key: HashMap<u64, usize>,
    all: Vec<Channel>,
}

/// A text that came in pieces.
#[derive(Default)]
pub(super) struct Channel {
    /// Which channels differ from it by their numbers alone.
    of: u64,
    pub(super) text: String,
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

/// An object or an array that is open.
struct Level {
    /// Of the names that lead to it.
    path: u64,
    /// Of the numbers in it that say whose text it holds.
    numbers: u64,
    parent: Option<usize>,
    is_delta: bool,
}

/// A literal that may be a piece.
struct Found {
    level: usize,
    name: u64,
    literal: Range<usize>,
}

impl Channels {
    /// Adds what an event says.
    pub(super) fn add(&mut self, index: usize, of_stream: u8, event: &str) {
        let mut levels: Vec<Level> = Vec::new();
        let (mut open, mut depth) = (None, 0_usize);
        let (mut name, mut kind, mut found): (Option<&str>, u64, Vec<Found>) = (None, 0, Vec::new());
        let mut is_json = false;
        // What has no room for a whole text, or for nothing else, has a piece of one, however deep.
        let is_small = event.len() <= SMALL;
        for token in Tokens::of(event) {
            match token {
                Token::Open(_) => {
                    is_json = true;
                    depth += 1;
                    if depth > DEEPEST {
                        continue;
                    }
                    if levels.len() == MOST_LEVELS {
                        break;
                    }
                    let parent = open.and_then(|at: usize| levels.get(at));
                    let path = hash(&(parent.map(|level| level.path), name));
                    let is_delta = parent.is_some_and(|level| level.is_delta) || name.is_some_and(is_delta);
                    levels.push(Level { path, numbers: 0, parent: open, is_delta });
                    open = Some(levels.len() - 1);
                    name = None;
                }
                Token::Close => {
                    if depth <= DEEPEST {
                        open = open.and_then(|at| levels.get(at)?.parent);
                    }
                    depth = depth.saturating_sub(1);
                    name = None;
                }
                Token::Name(range) => name = event.get(range),
                // A text by itself, of a stream that says what it is.
                Token::String { literal, .. } if levels.is_empty() && is_rest_of(event, literal.end) => {
                    let said = decoded(event.get(literal.clone()).unwrap_or_default());
                    let key = hash(&("alone", of_stream));
                    return self.piece((key, key), Piece { event: index, literal, start: 0, is_raw: false }, &said);
                }
                Token::String { literal, .. } => {
                    let (Some(level), Some(member)) = (open.filter(|_| depth <= DEEPEST), name) else { continue };
                    let value = event.get(literal.clone()).unwrap_or_default();
                    if depth == 1 && matches!(member, "type" | "event_type" | "event" | "object") {
                        kind ^= hash(&(member, value));
                    }
                    if matches!(member, "item_id" | "custom_id" | "toolCallId" | "tool_call_id") {
                        number(&mut levels, level, member, value);
                    }
                    let is_delta = levels.get(level).is_some_and(|level| level.is_delta);
                    if is_piece(member, is_delta, if is_small || literal.len() * 2 > event.len() { 1 } else { depth }) {
                        found.push(Found { level, name: hash(&member), literal });
                    }
                }
                Token::Scalar(range) => {
                    let (Some(level), Some(member)) = (open.filter(|_| depth <= DEEPEST), name) else { continue };
                    let value = event.get(range).unwrap_or_default();
                    // The first of all is often not numbered.
                    if (is_number(member) && value != "0") || (member == "thought" && value == "true") {
                        number(&mut levels, level, member, value);
                    }
                }
                Token::Other => {
                    is_json = false;
                    break;
                }
            }
        }
        if !is_json {
            if !matches!(event, "" | "[DONE]") {
                self.piece((0, 0), Piece { event: index, literal: 0..event.len(), start: 0, is_raw: true }, event);
            }
            return;
        }
        for Found { level, name, literal } in found {
            let path = levels.get(level).map(|level| level.path);
            let mut numbers = 0;
            let mut at = Some(level);
            while let Some(level) = at.and_then(|at| levels.get(at)) {
                numbers ^= level.numbers;
                at = level.parent;
            }
            let of = hash(&(path, name, kind));
            let key = hash(&(of, numbers));
            let said = decoded(event.get(literal.clone()).unwrap_or_default());
            self.piece((key, of), Piece { event: index, literal, start: 0, is_raw: false }, &said);
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
        let (split, single): (Vec<_>, Vec<_>) = self.all.into_iter().partition(|channel| channel.pieces.len() > 1);
        let mut counted: BTreeMap<u64, Channel> = BTreeMap::new();
        for Channel { of, text, pieces } in single {
            let channel = counted.entry(of).or_default();
            for piece in pieces {
                channel.add(piece, &text);
            }
        }
        split.into_iter().chain(counted.into_values().filter(|channel| channel.pieces.len() > 1))
    }
}

impl Channel {
    fn add(&mut self, piece: Piece, said: &str) {
        self.pieces.push(Piece { start: self.text.len(), ..piece });
        self.text += said;
    }

    /// Lays what was found in the text over its pieces, by event: the first that it touches gets the mask.
    pub(super) fn spread<'e>(&self, hits: &[Hit], event: impl Fn(usize) -> &'e str) -> Vec<(usize, Hit)> {
        let mut by_piece: BTreeMap<usize, Vec<Hit>> = BTreeMap::new();
        for hit in hits {
            let first = self.pieces.partition_point(|piece| piece.start <= hit.range.start).saturating_sub(1);
            let touched = self.pieces.iter().enumerate().skip(first);
            let mut is_rest = hit.is_rest;
            for (index, piece) in touched.take_while(|(_, piece)| piece.start < hit.range.end) {
                let end = self.pieces.get(index + 1).map_or(self.text.len(), |next| next.start);
                let range = hit.range.start.max(piece.start)..hit.range.end.min(end);
                if range.start < range.end {
                    let range = range.start - piece.start..range.end - piece.start;
                    by_piece.entry(index).or_default().push(Hit { range, rule: hit.rule, is_rest });
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

/// Whether nothing but a quote is after a place.
fn is_rest_of(event: &str, at: usize) -> bool {
    event.get(at..).is_some_and(|rest| matches!(rest.trim_ascii_end(), "\"" | ""))
}

fn hash(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// Remembers a number of a level. Several are the same in any order.
fn number(levels: &mut [Level], level: usize, name: &str, value: &str) {
    if let Some(level) = levels.get_mut(level) {
        level.numbers ^= hash(&(name, value));
    }
}

/// Whether what is in a member are pieces of what came before them.
fn is_delta(name: &str) -> bool {
    const DELTAS: [&str; 10] = [
        "candidates",
        "choices",
        "delta",
        "modelTurn",
        "inputTranscription",
        "outputTranscription",
        "artifact",
        "ops",
        "alternatives",
        "chunk",
    ];
    DELTAS.contains(&name) || name.ends_with("Delta") || name.ends_with("_delta")
}

/// Whether a number says whose text it is.
fn is_number(name: &str) -> bool {
    name.ends_with("index") || name.ends_with("Index")
}

/// Whether a string may be a piece of a text.
fn is_piece(name: &str, is_in_delta: bool, depth: usize) -> bool {
    const TEXTS: [&str; 27] = [
        "answer",
        "chunk",
        "data",
        "generated_text",
        "output",
        "v",
        "arguments",
        "code",
        "completion",
        "content",
        "delta",
        "generation",
        "input",
        "outputText",
        "output_text",
        "partial_json",
        "reasoning",
        "reasoning_content",
        "reasoningContent",
        "refusal",
        "response",
        "result",
        "text",
        "thinking",
        "token",
        "transcript",
        "summary",
    ];
    const PARTS: [&str; 6] = ["text", "content", "arguments", "json", "delta", "value"];
    // Deep within an event that is no delta stands a whole text: a message of a request, an answer of a batch.
    const SHALLOW: usize = 3;
    if is_delta(name) && name != "delta" {
        return depth <= SHALLOW;
    }
    let ends = || PARTS.iter().any(|part| name.ends_with(part)) && !name.contains("encrypted");
    (is_in_delta || depth <= SHALLOW) && (TEXTS.contains(&name) || (is_in_delta && ends()))
}
