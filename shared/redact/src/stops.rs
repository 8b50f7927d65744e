//! Where a text is looked at more closely: at what may begin a shape or a word that names end in, and at the signs after
//! names. Almost everywhere nothing begins, so that this is all that most of a text costs.

use super::{issuers::SHAPES, tables::split};
use std::fmt;

/// Bytes after which a value may be, or that say how a text is to be read, whatever follows them.
const SIGNS: &[u8] = b":=>@%\\&|\x1b";
/// Pairs that do the same: a comma after a quote, an option, short options of users, passwords and cookies; how the words
/// begin that names of credentials end in, and how JSON does.
const SIGN_PAIRS: [&[u8; 2]; 46] = [
    b"\",", b"',", b"--", b"-a", b"-b", b"-f", b"-g", b"-i", b"-k", b"-L", b"-n", b"-N", b"-p", b"-P", b"-s", b"-S",
    b"-u", b"-U", b"-v", b"-w", b"co", b"Co", b"CO", b"cr", b"Cr", b"CR", b"ke", b"Ke", b"KE", b"lo", b"Lo", b"LO",
    b"pa", b"Pa", b"PA", b"se", b"Se", b"SE", b"to", b"To", b"TO", b"{\"", b"[\"", b"pw", b"Pw", b"PW",
];

/// How these words go on.
const WORD_TRIPLES: [&[u8; 3]; 10] = [b"cod", b"cre", b"key", b"log", b"pas", b"pw ", b"pwd", b"sec", b"sen", b"tok"];

/// What something begins with.
#[derive(Clone)]
pub(super) struct Stops {
    /// Which pairs of bytes: one bit each.
    pairs: [u8; 8_192],
    /// Which three bytes shapes begin with, and the words that names end in: one bit for each hash. Other words have the
    /// pairs of many, and seldom the third.
    triples: [u8; 4_096],
}

/// What the tables know: 12 KB of a binary, which a start need not fill.
pub(super) static KNOWN: Stops = known();

impl fmt::Debug for Stops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stops")
    }
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn known() -> Stops {
    let mut stops = Stops { pairs: [0; 8_192], triples: [0; 4_096] };
    let mut at = 0;
    while at < SHAPES.len() {
        stops.add(split(SHAPES[at].0).1.as_bytes());
        at += 1;
    }
    at = 0;
    while at < SIGNS.len() {
        // Any second may follow, and all of them are together.
        fill(&mut stops.pairs, (SIGNS[at] as usize) << 5);
        at += 1;
    }
    at = 0;
    while at < SIGN_PAIRS.len() {
        let [one, two] = *SIGN_PAIRS[at];
        stops.add_pair(one, two);
        at += 1;
    }
    at = 0;
    // In either case, each letter by itself.
    while at < WORD_TRIPLES.len() * 8 {
        let ([one, two, three], case) = (*WORD_TRIPLES[at / 8], at % 8);
        stops.add_triple(in_case(one, case), in_case(two, case >> 1), in_case(three, case >> 2));
        at += 1;
    }
    stops
}

#[expect(clippy::indexing_slicing, reason = "both tables have a bit for whatever they are asked for")]
impl Stops {
    /// Adds what begins with these bytes, of which there are two or more.
    pub(super) const fn add(&mut self, prefix: &[u8]) {
        let [one, two, more @ ..] = prefix else { return };
        self.add_pair(*one, *two);
        if let Some(three) = more.first() {
            self.add_triple(*one, *two, *three);
        } else {
            // Any third may follow, and all of them are together.
            fill(&mut self.triples, triple(*one, *two, 0) >> 8 << 5);
        }
    }

    const fn add_pair(&mut self, one: u8, two: u8) {
        let pair = (one as usize) << 8 | two as usize;
        self.pairs[pair >> 3] |= 1 << (pair & 7);
    }

    const fn add_triple(&mut self, one: u8, two: u8, three: u8) {
        let hash = triple(one, two, three);
        self.triples[hash >> 3] |= 1 << (hash & 7);
    }

    /// Whether something may begin with three bytes: a shape, a word that names end in, or what comes after a name.
    #[inline]
    pub(super) fn may_begin(&self, one: u8, two: u8, three: u8) -> bool {
        let pair = usize::from(one) << 8 | usize::from(two);
        self.pairs.get(pair >> 3).is_some_and(|bits| bits >> (pair & 7) & 1 == 1)
            && (!one.is_ascii_alphanumeric() || self.may_be_word(one, two, three))
    }

    /// Whether a shape, or a word that names end in, may begin with these bytes.
    #[inline]
    pub(super) fn may_be_word(&self, one: u8, two: u8, three: u8) -> bool {
        let hash = triple(one, two, three);
        self.triples.get(hash >> 3).is_some_and(|bits| bits >> (hash & 7) & 1 == 1)
    }
}

/// Of the same first two bytes, each third has a hash of its own.
const fn triple(one: u8, two: u8, three: u8) -> usize {
    ((one as usize) << 10 ^ (two as usize) << 5 ^ three as usize) & 0x7fff
}

/// Sets the 256 bits of which a byte has the first.
#[expect(clippy::indexing_slicing, reason = "tables are of 256 bits each")]
const fn fill(bits: &mut [u8], first: usize) {
    let mut at = 0;
    while at < 32 {
        bits[first + at] = u8::MAX;
        at += 1;
    }
}

/// A small letter as it is, or as a capital when a number is odd.
const fn in_case(letter: u8, number: usize) -> u8 {
    if number & 1 == 0 { letter } else { letter.to_ascii_uppercase() }
}
