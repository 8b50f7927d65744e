//! The table of [`issuers`](super::issuers) as a binary has it: packed, and found by the first two bytes of a text.

use super::{
    issuers::SHAPES,
    shapes::Form,
    tables::{Table, length, split},
};

const COUNT: usize = SHAPES.len();
const TEXTS: [&str; COUNT] = texts();
/// What shapes are called and begin with, and how they go on.
static TABLE: Table<COUNT, { length(&TEXTS) }> = Table::of(&TEXTS);
static FORMS: [Form; COUNT] = forms();

/// Where the shapes begin that begin with a byte.
static FIRST: [u16; 257] = first();

/// The shapes whose prefixes a text begins with: the name of each, how long its prefix is, and its form.
pub(super) fn shapes_of(text: &[u8]) -> impl Iterator<Item = (&'static str, usize, Form)> {
    let bound = |byte: usize| FIRST.get(byte).copied().map_or(0, usize::from);
    let first = text.first().map_or(256, |byte| usize::from(*byte));
    let second = |at: usize| TABLE.word(at)?.get(1).copied();
    // Of the same first byte, those with the text's second are together.
    let (mut start, mut end) = (bound(first), bound(first + 1));
    let (all, wanted) = (end, text.get(1).copied());
    while start < end {
        let middle = start.midpoint(end);
        if second(middle) < wanted {
            start = middle + 1;
        } else {
            end = middle;
        }
    }
    let of_both = (start..all).take_while(move |at| second(*at) == wanted);
    of_both.filter_map(|at| {
        let prefix = TABLE.word(at).filter(|prefix| text.starts_with(prefix))?;
        Some((TABLE.rule(at)?, prefix.len(), *FORMS.get(at)?))
    })
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn texts() -> [&'static str; COUNT] {
    let (mut texts, mut at) = ([""; COUNT], 0);
    while at < COUNT {
        texts[at] = SHAPES[at].0;
        at += 1;
    }
    texts
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn forms() -> [Form; COUNT] {
    let (mut forms, mut at) = ([Form::Pem; COUNT], 0);
    while at < COUNT {
        forms[at] = SHAPES[at].1;
        at += 1;
    }
    forms
}

#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "evaluated by the compiler")]
const fn first() -> [u16; 257] {
    let mut first = [0; 257];
    let (mut byte, mut at) = (0, 0);
    while byte < 257 {
        while at < COUNT && (split(TEXTS[at]).1.as_bytes()[0] as usize) < byte {
            at += 1;
        }
        first[byte] = at as u16;
        byte += 1;
    }
    first
}
