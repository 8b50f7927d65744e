//! Where a text is looked at more closely: at what may begin a shape or a word that names end in, and at the signs after
//! names. Almost everywhere nothing begins, so that this is all that most of a text costs.

use super::{
    shapes::{COUNT, TEXTS},
    tables::split,
};
use std::fmt;

/// Bytes after which a value may be, or that say how a text is to be read, whatever follows them.
const SIGNS: &[u8] = b":=>@%\\&|\x1b";
/// Pairs that do the same: a comma after a quote, an option, short options of users, passwords and cookies; how the words
/// begin that names of credentials end in, and how JSON does.
const SIGN_PAIRS: [&[u8; 2]; 42] = [
    b"\",", b"',", b"--", b"-a", b"-b", b"-f", b"-i", b"-k", b"-L", b"-p", b"-P", b"-s", b"-S", b"-u", b"-U", b"-w",
    b"co", b"Co", b"CO", b"cr", b"Cr", b"CR", b"ke", b"Ke", b"KE", b"lo", b"Lo", b"LO", b"pa", b"Pa", b"PA", b"se",
    b"Se", b"SE", b"to", b"To", b"TO", b"{\"", b"[\"", b"pw", b"Pw", b"PW",
];

/// How these words go on.
const WORD_TRIPLES: [&[u8; 3]; 9] = [b"cod", b"cre", b"key", b"log", b"pas", b"pwd", b"sec", b"sen", b"tok"];

/// Which pairs a shape or a sign may begin with, of the operator's rules if there are any.
pub(super) fn pairs_or(own: Option<&Pairs>) -> &[u8; 8_192] {
    own.map_or(&PAIRS, |pairs| &pairs.0)
}

/// Whether a shape or a sign may begin with these two bytes.
#[inline]
pub(super) fn may_begin(pairs: &[u8; 8_192], one: u8, two: u8) -> bool {
    let pair = usize::from(one) << 8 | usize::from(two);
    pairs.get(pair >> 3).is_some_and(|bits| bits >> (pair & 7) & 1 == 1)
}

/// Which pairs of bytes something begins with: one bit each.
#[derive(Clone)]
pub(super) struct Pairs(pub(super) Box<[u8; 8_192]>);

impl fmt::Debug for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pairs")
    }
}

impl Pairs {
    /// Those of the table and of these prefixes, and of what is personal.
    pub(super) fn with<'p>(prefixes: impl Iterator<Item = &'p str>, has_cards: bool, has_ibans: bool) -> Self {
        let mut pairs = Self(Box::new(PAIRS));
        for prefix in prefixes {
            if let [one, two, ..] = prefix.as_bytes() {
                pairs.add(*one, *two);
            }
        }
        for one in (b'2'..=b'6').filter(|_| has_cards) {
            (b'0'..=b'9').for_each(|two| pairs.add(one, two));
        }
        for one in (b'A'..=b'Z').filter(|_| has_ibans) {
            (b'A'..=b'Z').for_each(|two| pairs.add(one, two));
        }
        pairs
    }

    fn add(&mut self, one: u8, two: u8) {
        let pair = usize::from(one) << 8 | usize::from(two);
        if let Some(bits) = self.0.get_mut(pair >> 3) {
            *bits |= 1 << (pair & 7);
        }
    }
}

/// The pairs of the table.
static PAIRS: [u8; 8_192] = pairs();

/// Which three bytes shapes begin with, and the words that names end in: one bit for each hash. Other words have the pairs
/// of many, and seldom the third.
static TRIPLES: [u8; 4_096] = triples();

/// Of the same first two bytes, each third has a hash of its own.
const fn triple(one: u8, two: u8, three: u8) -> usize {
    ((one as usize) << 10 ^ (two as usize) << 5 ^ three as usize) & 0x7fff
}

/// Whether a shape, or a word that names end in, may begin with these bytes.
#[inline]
pub(super) fn may_be_word(one: u8, two: u8, three: u8) -> bool {
    let hash = triple(one, two, three);
    TRIPLES.get(hash >> 3).is_some_and(|bits| bits >> (hash & 7) & 1 == 1)
}

/// A small letter as it is, or as a capital when a number is odd.
const fn in_case(letter: u8, number: usize) -> u8 {
    if number & 1 == 0 { letter } else { letter.to_ascii_uppercase() }
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn pairs() -> [u8; 8_192] {
    let mut pairs = [0; 8_192];
    let mut at = 0;
    while at < COUNT {
        let prefix = split(TEXTS[at]).1.as_bytes();
        let pair = (prefix[0] as usize) << 8 | prefix[1] as usize;
        pairs[pair >> 3] |= 1 << (pair & 7);
        at += 1;
    }
    let mut at = 0;
    while at < SIGNS.len() {
        let first = (SIGNS[at] as usize) << 5;
        let mut byte = 0;
        while byte < 32 {
            pairs[first + byte] = 0xff;
            byte += 1;
        }
        at += 1;
    }
    let mut at = 0;
    while at < SIGN_PAIRS.len() {
        let pair = (SIGN_PAIRS[at][0] as usize) << 8 | SIGN_PAIRS[at][1] as usize;
        pairs[pair >> 3] |= 1 << (pair & 7);
        at += 1;
    }
    pairs
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn triples() -> [u8; 4_096] {
    let mut triples = [0; 4_096];
    let mut at = 0;
    while at < COUNT {
        let prefix = split(TEXTS[at]).1.as_bytes();
        // Of two bytes, any third may follow.
        let (mut three, last) = if prefix.len() > 2 { (prefix[2], prefix[2]) } else { (0, u8::MAX) };
        loop {
            let hash = triple(prefix[0], prefix[1], three);
            triples[hash >> 3] |= 1 << (hash & 7);
            if three == last {
                break;
            }
            three += 1;
        }
        at += 1;
    }
    // In either case, each letter by itself.
    let mut at = 0;
    while at < 8 * WORD_TRIPLES.len() {
        let [one, two, three] = WORD_TRIPLES[at >> 3];
        let hash = triple(in_case(*one, at), in_case(*two, at >> 1), in_case(*three, at >> 2));
        triples[hash >> 3] |= 1 << (hash & 7);
        at += 1;
    }
    triples
}
