//! Masks strings within a JSON text and leaves every other byte. The text is not parsed into a tree, so nesting costs
//! nothing.

use super::{
    mask::{Hits, mask},
    names::Name,
};
use std::{borrow::Cow, ops::Range};

/// Reads every string, a value with the name of its member, and masks what `find` finds in it. Gives the
/// new text, if there is one, and how much was masked. `json` is valid.
pub(super) fn masked(json: &str, mut find: impl FnMut(Option<&Name>, &str, &mut Hits)) -> (Option<String>, usize) {
    let mut all = Vec::new();
    let mut member: Option<Name> = None;
    let mut at = 0;
    while let Some(byte) = json.as_bytes().get(at) {
        at += 1;
        match byte {
            // An array's values are its member's, as several headers of a name are.
            b'{' | b'}' | b']' => member = None,
            b'"' => {
                let start = at;
                let end = literal_end(json, start);
                at = end + 1;
                let literal = json.get(start..end).unwrap_or_default();
                let text = decoded(literal);
                let rest = json.as_bytes().get(at..).unwrap_or_default();
                let is_name = rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
                let mut hits = Hits::default();
                find(member.as_ref().filter(|_| !is_name), &text, &mut hits);
                if is_name {
                    member = Some(Name::of(&text));
                }
                let mut hits = hits.merged(&text);
                if matches!(text, Cow::Owned(_)) {
                    encode(literal, &mut hits);
                }
                all.extend(hits.into_iter().map(|hit| start + hit.start..start + hit.end));
            }
            _ => {}
        }
    }
    ((!all.is_empty()).then(|| mask(json, &all)), all.len())
}

/// Where the literal ends that begins at a place.
fn literal_end(json: &str, start: usize) -> usize {
    let mut is_escaped = false;
    for (index, byte) in json.as_bytes().iter().enumerate().skip(start) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return index,
            _ => {}
        }
    }
    json.len()
}

/// A part of a literal: a run without escapes, or one character that is escaped.
enum Piece<'t> {
    Run(&'t str),
    Escape(char, usize),
}

fn pieces(mut literal: &str) -> impl Iterator<Item = Piece<'_>> {
    std::iter::from_fn(move || {
        let end = literal.find('\\').unwrap_or(literal.len());
        let (piece, rest) = if end > 0 {
            let (run, rest) = literal.split_at(end);
            (Piece::Run(run), rest)
        } else {
            let (character, length) = escape(literal)?;
            (Piece::Escape(character, length), literal.get(length..).unwrap_or_default())
        };
        literal = rest;
        Some(piece)
    })
}

/// The character that is escaped at the beginning of a text, and how long it is there. Half a surrogate
/// pair is no character.
fn escape(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| text.get(at..at + 4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    Some(match text.as_bytes().get(1)? {
        b'n' => ('\n', 2),
        b't' => ('\t', 2),
        b'r' => ('\r', 2),
        b'b' => ('\u{8}', 2),
        b'f' => ('\u{c}', 2),
        b'u' => {
            let first = unit(2).unwrap_or(0xd800);
            let second = text.get(6..8).filter(|escape| *escape == "\\u").and_then(|_| unit(8));
            match (first, second) {
                (0xd800..=0xdbff, Some(second @ 0xdc00..=0xdfff)) => {
                    let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                    (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
                }
                _ => (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), text.len().min(6)),
            }
        }
        other => (char::from(*other), 2),
    })
}

/// What a literal says.
fn decoded(literal: &str) -> Cow<'_, str> {
    if !literal.contains('\\') {
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

/// Turns places in what a literal says into those of the literal.
fn encode(literal: &str, hits: &mut [Range<usize>]) {
    let mut bounds = hits.iter_mut().flat_map(|hit| [&mut hit.start, &mut hit.end]).peekable();
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
