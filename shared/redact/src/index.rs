//! The tables of [`issuers`](super::issuers), [`said`](super::said) and [`given`](super::given) as a binary has them:
//! one, packed, and found by the first two bytes of a text.

use super::{
    given::GIVEN,
    issuers::ISSUERS,
    said::SAID,
    shapes::Form,
    tables::{Table, length, split},
};

const COUNT: usize = ISSUERS.len() + SAID.len() + GIVEN.len();
/// All shapes, in the order of their first two bytes in either case, and of those that begin alike in the tables' order.
#[expect(clippy::large_const_arrays, reason = "the compiler alone reads it")]
pub(super) const SHAPES: [(&str, Form); COUNT] = shapes();
const TEXTS: [&str; COUNT] = texts();
/// What shapes are called and begin with, and how they go on.
static TABLE: Table<COUNT, { length(&TEXTS) }> = Table::of(&TEXTS);
static FORMS: [Form; COUNT] = forms();

/// Where the shapes begin that begin with a byte, which is no capital.
static FIRST: [u16; 257] = first();

/// The shapes whose prefixes a text begins with: the name of each, how long its prefix is, and its form.
pub(super) fn shapes_of(text: &[u8]) -> impl Iterator<Item = (&'static str, usize, Form)> {
    let bound = |byte: usize| FIRST.get(byte).copied().map_or(0, usize::from);
    let first = text.first().map_or(256, |byte| usize::from(byte.to_ascii_lowercase()));
    let second = |at: usize| TABLE.word(at)?.get(1).map(u8::to_ascii_lowercase);
    // Of the same first byte, those with the text's second are together.
    let (mut start, mut end) = (bound(first), bound(first + 1));
    let (all, wanted) = (end, text.get(1).map(u8::to_ascii_lowercase));
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
        let prefix = TABLE.word(at)?;
        let begin = text.get(..prefix.len()).filter(|begin| begin.eq_ignore_ascii_case(prefix))?;
        let form = *FORMS.get(at)?;
        (begin == prefix || form.is_in_any_case()).then_some((TABLE.rule(at)?, prefix.len(), form))
    })
}

#[expect(clippy::indexing_slicing, clippy::large_stack_arrays, reason = "evaluated by the compiler")]
const fn shapes() -> [(&'static str, Form); COUNT] {
    let (mut shapes, mut begins) = ([("", Form::Pem); COUNT], [0; COUNT]);
    let mut at = 0;
    while at < COUNT {
        let shape = shape(at);
        let prefix = split(shape.0).1.as_bytes();
        let (begin, mut place) =
            (u16::from_be_bytes([prefix[0].to_ascii_lowercase(), prefix[1].to_ascii_lowercase()]), at);
        while place > 0 && begins[place - 1] > begin {
            (shapes[place], begins[place]) = (shapes[place - 1], begins[place - 1]);
            place -= 1;
        }
        (shapes[place], begins[place]) = (shape, begin);
        at += 1;
    }
    shapes
}

/// The shape of a number, in the order of the tables.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn shape(at: usize) -> (&'static str, Form) {
    const CALLS: usize = ISSUERS.len() + SAID.len();
    match at {
        CALLS.. => (GIVEN[at - CALLS].0, Form::Given(GIVEN[at - CALLS].1)),
        _ if at >= ISSUERS.len() => (SAID[at - ISSUERS.len()].0, Form::Said(SAID[at - ISSUERS.len()].1)),
        _ => ISSUERS[at],
    }
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
        while at < COUNT && (split(TEXTS[at]).1.as_bytes()[0].to_ascii_lowercase() as usize) < byte {
            at += 1;
        }
        first[byte] = at as u16;
        byte += 1;
    }
    first
}
