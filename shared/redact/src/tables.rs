//! Tables of rules and what each is known by, as one text: every reference to a text costs a binary forty bytes, and a
//! start the time to relocate it.
//!
//! - `words`: lists of words; `class`: sets of characters; `bits`: sets of small numbers

pub(crate) mod bits;
pub(crate) mod class;
pub(crate) mod words;

/// Entries of a rule's name and a word, in their order.
pub(crate) struct Table<const ENTRIES: usize, const LENGTH: usize> {
    text: [u8; LENGTH],
    /// Where each entry begins, and its word.
    rules: [u16; ENTRIES],
    words: [u16; ENTRIES],
    /// The letters that words begin with: a bit for each.
    letters: u32,
}

/// How long the text of a table is, in bytes.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
pub(crate) const fn length<const ENTRIES: usize>(entries: &[&str; ENTRIES]) -> usize {
    let (mut length, mut at) = (0, 0);
    while at < ENTRIES {
        // Without the space.
        length += entries[at].len() - 1;
        at += 1;
    }
    length
}

impl<const ENTRIES: usize, const LENGTH: usize> Table<ENTRIES, LENGTH> {
    /// The table of these, each a rule's name and a word with a space between.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::indexing_slicing,
        reason = "evaluated by the compiler, for small tables"
    )]
    pub(crate) const fn of(entries: &[&str; ENTRIES]) -> Self {
        let mut table = Self { text: [0; LENGTH], rules: [0; ENTRIES], words: [0; ENTRIES], letters: 0 };
        let (mut end, mut at) = (0, 0);
        while at < ENTRIES {
            let (entry, mut byte) = (entries[at].as_bytes(), 0);
            table.rules[at] = end as u16;
            while byte < entry.len() {
                if entry[byte] == b' ' && table.words[at] == 0 {
                    table.words[at] = end as u16;
                    table.letters |= letter(entry[byte + 1]);
                } else {
                    table.text[end] = entry[byte];
                    end += 1;
                }
                byte += 1;
            }
            at += 1;
        }
        table
    }

    /// The word of an entry.
    pub(crate) fn word(&self, at: usize) -> Option<&[u8]> {
        let end = self.rules.get(at + 1).map_or(LENGTH, |end| usize::from(*end));
        self.text.get(usize::from(*self.words.get(at)?)..end)
    }

    /// The name of an entry's rule.
    pub(crate) fn rule(&self, at: usize) -> Option<&str> {
        let range = usize::from(*self.rules.get(at)?)..usize::from(*self.words.get(at)?);
        std::str::from_utf8(self.text.get(range)?).ok()
    }

    /// The name of the rule that a word has: most begin with another letter.
    pub(crate) fn rule_of(&self, word: &[u8]) -> Option<&str> {
        word.first().filter(|first| self.letters & letter(**first) != 0)?;
        (0..ENTRIES).find(|at| self.word(*at) == Some(word)).and_then(|at| self.rule(at))
    }
}

/// A small letter as a bit, which any other byte has none of.
pub(crate) const fn letter(byte: u8) -> u32 {
    if byte.is_ascii_lowercase() { 1 << (byte - b'a') } else { 0 }
}

/// The rule and the word of an entry.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
pub(crate) const fn split(entry: &str) -> (&str, &str) {
    let mut space = 0;
    while entry.as_bytes()[space] != b' ' {
        space += 1;
    }
    let (rule, word) = entry.split_at(space);
    (rule, word.split_at(1).1)
}
