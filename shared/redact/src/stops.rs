//! Where a text is looked at more closely: at what may begin a shape or a word that names end in, and at the signs after
//! names. Almost everywhere nothing begins, so that this is all that most of a text costs.

use super::index::prefixes;
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

/// What something begins with, made once: a binary need not have it.
#[derive(Clone)]
pub(super) struct Stops {
    /// Which pairs of bytes: one bit each.
    pairs: Box<[u8; 8_192]>,
    /// Which three bytes shapes begin with, and the words that names end in: one bit for each hash. Other words have the
    /// pairs of many, and seldom the third.
    triples: Box<[u8; 4_096]>,
}

impl fmt::Debug for Stops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stops")
    }
}

impl Default for Stops {
    fn default() -> Self {
        let mut stops = Self { pairs: Box::new([0; 8_192]), triples: Box::new([0; 4_096]) };
        prefixes().for_each(|prefix| stops.add(prefix));
        for sign in SIGNS {
            // Any second may follow, and all of them are together.
            stops.pairs.iter_mut().skip(usize::from(*sign) << 5).take(32).for_each(|bits| *bits = u8::MAX);
        }
        for [one, two] in SIGN_PAIRS {
            stops.add_pair(*one, *two);
        }
        // In either case, each letter by itself.
        for (word, case) in WORD_TRIPLES.iter().flat_map(|word| (0..8).map(move |case| (word, case))) {
            let [one, two, three] = *word;
            stops.add_triple(in_case(*one, case), in_case(*two, case >> 1), in_case(*three, case >> 2));
        }
        stops
    }
}

impl Stops {
    /// Adds what begins with these bytes, of which there are two or more.
    pub(super) fn add(&mut self, prefix: &[u8]) {
        let [one, two, more @ ..] = prefix else { return };
        self.add_pair(*one, *two);
        if let Some(three) = more.first() {
            self.add_triple(*one, *two, *three);
        } else {
            // Any third may follow, and all of them are together.
            let first = triple(*one, *two, 0) >> 8 << 5;
            self.triples.iter_mut().skip(first).take(32).for_each(|bits| *bits = u8::MAX);
        }
    }

    fn add_pair(&mut self, one: u8, two: u8) {
        let pair = usize::from(one) << 8 | usize::from(two);
        if let Some(bits) = self.pairs.get_mut(pair >> 3) {
            *bits |= 1 << (pair & 7);
        }
    }

    fn add_triple(&mut self, one: u8, two: u8, three: u8) {
        let hash = triple(one, two, three);
        if let Some(bits) = self.triples.get_mut(hash >> 3) {
            *bits |= 1 << (hash & 7);
        }
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

/// A small letter as it is, or as a capital when a number is odd.
const fn in_case(letter: u8, number: usize) -> u8 {
    if number & 1 == 0 { letter } else { letter.to_ascii_uppercase() }
}
