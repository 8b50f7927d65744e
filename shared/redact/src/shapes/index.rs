//! The tables of [`issuers`](super::issuers), [`said`](super::said) and [`given`](super::given) as a binary has them:
//! one, packed, and found by the first two bytes of a text.

use super::{Form, given::GIVEN, issuers::ISSUERS, said::SAID};
use crate::tables::{Table, length, split};

const COUNT: usize = ISSUERS.len() + SAID.len() + GIVEN.len();
/// What shapes are called and begin with, and how they go on.
pub(crate) const SHAPES: ([&str; COUNT], [Form; COUNT]) = shapes();
static TABLE: Table<COUNT, { length(&SHAPES.0) }> = Table::of(&SHAPES.0);
static FORMS: [Form; COUNT] = SHAPES.1;

/// How many pairs of bytes shapes begin with: of those in any case, each of the two may be a capital.
const BEGINNINGS: usize = beginnings();
/// The first two bytes of each shape and its number, in the order of the bytes.
static INDEX: [(u16, u16); BEGINNINGS] = index();

/// The shapes whose prefixes a text begins with: the name of each, how long its prefix is, and its form.
pub(crate) fn shapes_of(text: &[u8]) -> impl Iterator<Item = (&'static str, usize, Form)> {
    let wanted = text.first_chunk().map(|two| u16::from_be_bytes(*two));
    let start = INDEX.partition_point(|(begin, _)| Some(*begin) < wanted);
    let rest = INDEX.get(start..).unwrap_or_default();
    let of_both = rest.iter().take_while(move |(begin, _)| Some(*begin) == wanted);
    of_both.filter_map(|(_, number)| {
        let at = usize::from(*number);
        let (prefix, form) = (TABLE.word(at)?, FORMS.get(at)?);
        let is_one = text.starts_with(prefix)
            || (form.is_in_any_case()
                && text.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix)));
        if is_one { Some((TABLE.rule(at)?, prefix.len(), *form)) } else { None }
    })
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn shapes() -> ([&'static str; COUNT], [Form; COUNT]) {
    const CALLS: usize = ISSUERS.len() + SAID.len();
    let (mut texts, mut forms, mut at) = ([""; COUNT], [Form::Pem; COUNT], 0);
    while at < COUNT {
        (texts[at], forms[at]) = match at {
            CALLS.. => (GIVEN[at - CALLS].0, Form::Given(GIVEN[at - CALLS].1)),
            _ if at >= ISSUERS.len() => (SAID[at - ISSUERS.len()].0, Form::Said(SAID[at - ISSUERS.len()].1)),
            _ => ISSUERS[at],
        };
        at += 1;
    }
    (texts, forms)
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn beginnings() -> usize {
    let (mut count, mut at) = (0, 0);
    while at < COUNT {
        count += if SHAPES.1[at].is_in_any_case() { 4 } else { 1 };
        at += 1;
    }
    count
}

#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "evaluated by the compiler")]
const fn index() -> [(u16, u16); BEGINNINGS] {
    let (mut index, mut count, mut at) = ([(0, 0); BEGINNINGS], 0, 0);
    while at < COUNT {
        let (prefix, form) = (split(SHAPES.0[at]).1.as_bytes(), SHAPES.1[at]);
        let (cases, mut case) = (if form.is_in_any_case() { 4 } else { 1 }, 0);
        while case < cases {
            let [one, two] = if cases == 1 {
                [prefix[0], prefix[1]]
            } else {
                [in_case(prefix[0], case), in_case(prefix[1], case >> 1)]
            };
            let (begin, mut place) = (u16::from_be_bytes([one, two]), count);
            while place > 0 && index[place - 1].0 > begin {
                index[place] = index[place - 1];
                place -= 1;
            }
            index[place] = (begin, at as u16);
            count += 1;
            case += 1;
        }
        at += 1;
    }
    index
}

/// A small letter, or a capital when a number is odd.
pub(super) const fn in_case(letter: u8, number: usize) -> u8 {
    if number & 1 == 0 { letter.to_ascii_lowercase() } else { letter.to_ascii_uppercase() }
}
