//! Where a text is looked at more closely: at what may begin a shape or a word that names end in, and at the signs
//! after names. Almost everywhere nothing begins, so that this is all that most of a text costs.

use super::index::{SHAPES, in_case};
use crate::tables::{
    bits::{Bits, Quads, hash},
    letter, split,
};
use std::fmt;

/// Bytes that are looked at for themselves, or for the byte that follows.
const SIGNS: [(&[u8], Followed); 7] = [
    // A value may be after them, or they say how a text is to be read.
    (b":=>@%\\&|\x1b", Followed::ByAny),
    (b"\"'", Followed::By(b",")),
    // Options, and the short ones of users, passwords and cookies.
    (b"-", Followed::By(b"-abfgikLnNpPsSuUvw")),
    // How JSON begins.
    (b"{", Followed::By(b"\"'\n\r \t")),
    (b"[", Followed::By(b"\"\n\r \t")),
    // Signs in full width, and `是`.
    (b"\xef", Followed::By(b"\xbc")),
    (b"\xe6", Followed::By(b"\x98")),
];

enum Followed {
    ByAny,
    By(&'static [u8]),
}

/// The words that names of credentials end in, in either case: of those that begin alike, the longer one first.
const WORDS: [&str; 19] = [
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
    // The end of `stringData`, the beginning of which code has everywhere.
    "gdata",
];

/// What something begins with. Triples are asked at each byte. Where they say yes and a letter or a digit begins, quads
/// tell by a fourth byte; what is too short for that is `open`, which would need 256 quads each.
#[derive(Clone)]
pub(crate) struct Stops {
    /// Which three bytes shapes begin with, and the words that names end in: one bit for each hash.
    triples: Bits<8_192>,
    /// Two bytes or three after which any other may follow: one bit for each hash.
    open: Bits<1_024>,
    /// Which four bytes the others begin with.
    quads: Quads,
}

/// What the tables know: 10 KB of a binary, which a start need not fill.
pub(crate) static KNOWN: Stops = known();

impl fmt::Debug for Stops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stops")
    }
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn known() -> Stops {
    let mut stops = Stops { triples: Bits::NONE, open: Bits::NONE, quads: Quads::NONE };
    let mut at = 0;
    while at < SHAPES.0.len() {
        let (prefix, form) = (split(SHAPES.0[at]).1.as_bytes(), SHAPES.1[at]);
        if form.is_in_any_case() {
            stops.add_word(prefix);
        } else {
            stops.add(prefix);
        }
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
                let mut three = b' ';
                while three.is_ascii() {
                    self.triples.add(triple([*one, *two, three, 0]));
                    three += 1;
                }
                self.open.add(open(*one, *two, 0));
            }
            [one, two, three] => {
                self.triples.add(triple([*one, *two, *three, 0]));
                self.open.add(open(*one, *two, *three));
            }
            [one, two, three, four, ..] => {
                self.triples.add(triple([*one, *two, *three, 0]));
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

    /// Whether something may begin with four bytes: a shape, a word that names end in, or what comes after a name. It is
    /// asked for each byte, so that it is the same few instructions for all of them.
    #[inline]
    pub(crate) fn may_begin(&self, four: [u8; 4]) -> bool {
        let [one, two, ..] = four;
        SIGN.may_begin(one, two) | self.may_be_word(four)
    }

    /// Whether a shape, or a word that names end in, may begin with the first three of these bytes.
    #[inline]
    pub(crate) fn may_be_word(&self, four: [u8; 4]) -> bool {
        self.triples.has(triple(four))
    }

    /// Whether what may be a word goes on as one, with a fourth byte: most do not.
    pub(crate) fn may_go_on(&self, four: [u8; 4]) -> bool {
        let [one, two, three, _] = four;
        self.quads.may_have(four) || self.open.has(open(one, two, three)) || self.open.has(open(one, two, 0))
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
    hash(u32::from_le_bytes([0, one, two, three]), 13)
}

/// The fourth byte is in none of the bits.
#[inline]
const fn triple(four: [u8; 4]) -> usize {
    hash(u32::from_le_bytes(four) << 8, 16)
}

/// [`SIGNS`], as two bytes are asked for them: a bit for each line of the table, at the first byte and at the next.
struct Signs {
    firsts: [u8; 256],
    nexts: [u8; 256],
}

static SIGN: Signs = signs();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn signs() -> Signs {
    let mut signs = Signs { firsts: [0; 256], nexts: [0; 256] };
    let mut line = 0;
    while line < SIGNS.len() {
        let (bit, mut at) = (1 << line, 0);
        while at < SIGNS[line].0.len() {
            signs.firsts[SIGNS[line].0[at] as usize] |= bit;
            at += 1;
        }
        at = 0;
        while at < signs.nexts.len() {
            if let Followed::ByAny = SIGNS[line].1 {
                signs.nexts[at] |= bit;
            }
            at += 1;
        }
        at = 0;
        while let Followed::By(nexts) = SIGNS[line].1
            && at < nexts.len()
        {
            signs.nexts[nexts[at] as usize] |= bit;
            at += 1;
        }
        line += 1;
    }
    signs
}

impl Signs {
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "there is an entry for each byte")]
    fn may_begin(&self, one: u8, two: u8) -> bool {
        self.firsts[usize::from(one)] & self.nexts[usize::from(two)] != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_looked_at_where_each_word_begins() {
        for given in WORDS.iter().flat_map(|word| [(*word).to_owned(), word.to_uppercase()]) {
            let text = format!("{given}  ");
            let [one, two, three, four, ..] = *text.as_bytes() else { panic!("{given}") };
            assert!(KNOWN.may_begin([one, two, three, four]) && KNOWN.may_go_on([one, two, three, four]), "{given}");
            // None that begins alike comes before it.
            assert_eq!(word(text.as_bytes()), Some(given.len()), "{given}");
        }
        for other in ["", "pas", "ke", "enclave", "\u{17f}ecret"] {
            assert_eq!(word(other.as_bytes()), None, "{other}");
        }
    }
}
