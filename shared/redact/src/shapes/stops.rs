//! Where a text is looked at more closely: at what may begin a shape or a word that names end in, and at the signs
//! after names. Almost everywhere nothing begins, so that this is all that most of a text costs.

use super::index::{SHAPES, in_case};
use crate::tables::{
    bits::{Bits, Quads, hash},
    letter, split,
};
use std::fmt;

/// Bytes after which a value may be, or that say how a text is to be read, whatever follows them.
const SIGNS: &[u8] = b":=>@%\\&|\x1b";
/// Pairs that do the same: a comma after a quote, an option, short options of users, passwords and cookies; and how
/// JSON begins.
const SIGN_PAIRS: [&[u8; 2]; 31] = [
    b"\",", b"',", b"--", b"-a", b"-b", b"-f", b"-g", b"-i", b"-k", b"-L", b"-n", b"-N", b"-p", b"-P", b"-s", b"-S",
    b"-u", b"-U", b"-v", b"-w", b"{\"", b"{'", b"{\n", b"{\r", b"{ ", b"{\t", b"[\"", b"[\n", b"[\r", b"[ ", b"[\t",
];

/// The words that names of credentials end in, in either case: of those that begin alike, the longer one first.
const WORDS: [&str; 18] = [
    "password",
    "passwort",
    "passwd",
    "passphrase",
    "passe",
    "passcode",
    "pass",
    "pwd",
    "pw",
    "token",
    "secret",
    "senha",
    "key",
    "login",
    "credentials",
    "credential",
    "creds",
    "codes",
];

/// What something begins with.
#[derive(Clone)]
pub(crate) struct Stops {
    /// Which pairs of bytes: one bit each.
    pairs: Bits<8_192>,
    /// Which three bytes shapes begin with, and the words that names end in: one bit for each hash. Other words have
    /// the pairs of many, and seldom the third.
    triples: Bits<4_096>,
    /// Three bytes after which any fourth may follow: one bit for each hash.
    open: Bits<4_096>,
    /// Which four bytes the others begin with.
    quads: Quads,
}

/// What the tables know: 17 KB of a binary, which a start need not fill.
pub(crate) static KNOWN: Stops = known();

impl fmt::Debug for Stops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stops")
    }
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn known() -> Stops {
    let mut stops = Stops { pairs: Bits::NONE, triples: Bits::NONE, open: Bits::NONE, quads: Quads::NONE };
    let mut at = 0;
    while at < SHAPES.len() {
        let (prefix, form) = (split(SHAPES[at].0).1.as_bytes(), SHAPES[at].1);
        if form.is_in_any_case() {
            stops.add_word(prefix);
        } else {
            stops.add(prefix);
        }
        at += 1;
    }
    at = 0;
    while at < SIGNS.len() {
        // Any second may follow, and all of them are together.
        stops.pairs.add_all((SIGNS[at] as usize) << 8);
        at += 1;
    }
    at = 0;
    while at < SIGN_PAIRS.len() {
        let [one, two] = *SIGN_PAIRS[at];
        stops.add_pair(one, two);
        at += 1;
    }
    at = 0;
    while at < WORDS.len() {
        stops.add_word(WORDS[at].as_bytes());
        at += 1;
    }
    stops
}

impl Stops {
    /// Adds what begins with these bytes, of which there are two or more.
    pub(crate) const fn add(&mut self, prefix: &[u8]) {
        match prefix {
            [one, two] => {
                self.add_pair(*one, *two);
                // Any third may follow, and all of them are together.
                self.triples.add_all(triple(*one, *two, 0) >> 8 << 8);
                let mut three = b' ';
                while three.is_ascii() {
                    self.open.add(open(*one, *two, three));
                    three += 1;
                }
            }
            [one, two, three] => {
                self.add_triple(*one, *two, *three);
                self.open.add(open(*one, *two, *three));
            }
            [one, two, three, four, ..] => {
                self.add_triple(*one, *two, *three);
                self.quads.add([*one, *two, *three, *four]);
            }
            _ => {}
        }
    }

    /// Adds what begins as a word does, each letter of which by itself may be a capital.
    const fn add_word(&mut self, word: &[u8]) {
        let mut case = 0;
        while case < 16 {
            match word {
                // Of two letters, only what stands by itself.
                [one, two] => self.add(&[in_case(*one, case), in_case(*two, case >> 1), b' ']),
                [one, two, three] => {
                    self.add(&[in_case(*one, case), in_case(*two, case >> 1), in_case(*three, case >> 2)]);
                }
                [one, two, three, four, ..] => self.add(&[
                    in_case(*one, case),
                    in_case(*two, case >> 1),
                    in_case(*three, case >> 2),
                    in_case(*four, case >> 3),
                ]),
                _ => {}
            }
            case += 1;
        }
    }

    const fn add_pair(&mut self, one: u8, two: u8) {
        self.pairs.add((one as usize) << 8 | two as usize);
    }

    const fn add_triple(&mut self, one: u8, two: u8, three: u8) {
        self.add_pair(one, two);
        self.triples.add(triple(one, two, three));
    }

    /// Whether something may begin with three bytes: a shape, a word that names end in, or what comes after a name.
    #[inline]
    pub(crate) fn may_begin(&self, one: u8, two: u8, three: u8) -> bool {
        self.pairs.has(usize::from(one) << 8 | usize::from(two))
            && (!one.is_ascii_alphanumeric() || self.may_be_word(one, two, three))
    }

    /// Whether a shape, or a word that names end in, may begin with these bytes.
    #[inline]
    pub(super) fn may_be_word(&self, one: u8, two: u8, three: u8) -> bool {
        self.triples.has(triple(one, two, three))
    }

    /// Whether what may be a word goes on as one, with a fourth byte: most do not.
    pub(crate) fn may_go_on(&self, four: [u8; 4]) -> bool {
        let [one, two, three, _] = four;
        self.quads.may_have(four) || self.open.has(open(one, two, three))
    }
}

/// The letters that words begin with: a bit for each.
const WORD_LETTERS: u32 = word_letters();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn word_letters() -> u32 {
    let (mut letters, mut at) = (0, 0);
    while at < WORDS.len() {
        letters |= letter(WORDS[at].as_bytes()[0]);
        at += 1;
    }
    letters
}

/// How long the word is that a text begins with, if names of credentials end in it.
pub(crate) fn word(text: &[u8]) -> Option<usize> {
    text.first().filter(|first| WORD_LETTERS & letter(first.to_ascii_lowercase()) != 0)?;
    let begins = |word: &str| text.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word.as_bytes()));
    WORDS.into_iter().find(|word| begins(word)).map(str::len)
}

/// What is asked seldom; the next is quicker, which is asked everywhere.
const fn open(one: u8, two: u8, three: u8) -> usize {
    hash([0, one, two, three], 15)
}

/// Of the same first two bytes, each third has a hash of its own.
const fn triple(one: u8, two: u8, three: u8) -> usize {
    ((one as usize) << 10 ^ (two as usize) << 5 ^ three as usize) & 0x7fff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_looked_at_where_each_word_begins() {
        for given in WORDS.iter().flat_map(|word| [(*word).to_owned(), word.to_uppercase()]) {
            let text = format!("{given}  ");
            let [one, two, three, four, ..] = *text.as_bytes() else { panic!("{given}") };
            assert!(KNOWN.may_begin(one, two, three) && KNOWN.may_go_on([one, two, three, four]), "{given}");
            // None that begins alike comes before it.
            assert_eq!(word(text.as_bytes()), Some(given.len()), "{given}");
        }
        for other in ["", "pas", "ke", "enclave", "\u{17f}ecret"] {
            assert_eq!(word(other.as_bytes()), None, "{other}");
        }
    }
}
