//! Lists of words, each as one text: of a long one, a word is found by its first letter, since almost none is in a list.

/// Whether a word is one of a short list, in either case.
#[inline(never)]
pub(crate) fn is_one(word: &[u8], list: &str) -> bool {
    list.as_bytes().split(|byte| *byte == b' ').any(|one| one.eq_ignore_ascii_case(word))
}

/// Whether a text ends in one of a list, in either case.
#[inline(never)]
pub(crate) fn ends_in(text: &[u8], list: &str) -> bool {
    let is_end = |end: &[u8]| {
        let tail = text.len().checked_sub(end.len()).and_then(|at| text.get(at..));
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    };
    list.as_bytes().split(|byte| *byte == b' ').any(is_end)
}

/// Words that begin with a letter or a digit, of which those with the same first letter are together.
#[derive(Debug)]
pub(crate) struct Words {
    text: &'static str,
    /// Where those begin that begin with a digit, and with each letter.
    first: [u16; 28],
}

impl Words {
    /// The words of a text, with a space between; the compiler refuses what is in another order than the alphabet's.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::expect_used,
        clippy::indexing_slicing,
        reason = "evaluated by the compiler"
    )]
    pub(crate) const fn of(text: &'static str) -> Self {
        let (bytes, mut first, mut letter, mut at) = (text.as_bytes(), [0; 28], 0, 0);
        while at < bytes.len() {
            let begins = class(bytes[at]).expect("a word that begins with a letter or a digit");
            assert!(begins + 1 >= letter, "words are in the order of their first letters");
            while letter <= begins {
                first[letter] = at as u16;
                letter += 1;
            }
            while at < bytes.len() && bytes[at] != b' ' {
                at += 1;
            }
            at += 1;
        }
        while letter < 28 {
            first[letter] = bytes.len() as u16;
            letter += 1;
        }
        Self { text, first }
    }

    #[cfg(test)]
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static str> {
        self.text.split_ascii_whitespace()
    }

    /// Whether a word is one of them, in either case.
    pub(crate) fn has(&self, word: &[u8]) -> bool {
        let is_word = |one: &[u8]| one.eq_ignore_ascii_case(word);
        self.alike(word).is_some_and(|words| words.split(|byte| *byte == b' ').any(is_word))
    }

    /// Whether a word is one of them, in the same case.
    pub(crate) fn has_exactly(&self, word: &str) -> bool {
        let word = word.as_bytes();
        self.alike(word).is_some_and(|words| words.split(|byte| *byte == b' ').any(|one| one == word))
    }

    /// Those that begin with the same letter.
    fn alike(&self, word: &[u8]) -> Option<&'static [u8]> {
        let bound = |letter: usize| self.first.get(letter).map(|at| usize::from(*at));
        let letter = class(*word.first()?)?;
        self.text.as_bytes().get(bound(letter)?..bound(letter + 1)?)
    }
}

/// Zero for digits, and the number of a letter in either case.
const fn class(byte: u8) -> Option<usize> {
    match byte.to_ascii_lowercase() {
        b'0'..=b'9' => Some(0),
        letter @ b'a'..=b'z' => Some((letter - b'a') as usize + 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_their_first_letter() {
        static WORDS: Words = Words::of("2fa aes base64 bcrypt zone");
        for word in ["2fa", "AES", "base64", "bcrypt", "zone"] {
            assert!(WORDS.has(word.as_bytes()), "{word}");
        }
        for word in ["", " ", "a", "aes ", "fa", "bcryp", "base64 bcrypt", "zones", "é"] {
            assert!(!WORDS.has(word.as_bytes()), "{word}");
        }
        assert!(WORDS.has_exactly("aes") && !WORDS.has_exactly("AES") && !WORDS.has_exactly("2f"));
    }
}
