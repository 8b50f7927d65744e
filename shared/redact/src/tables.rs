//! Tables of rules and what each is known by, as one text: every reference to a text costs a binary forty bytes, and a
//! start the time to relocate it.
//!
//! - `words`: lists of words; `class`: sets of characters; `bits`: sets of small numbers

pub(crate) mod bits;
pub(crate) mod class;
pub(crate) mod words;

/// Entries of a rule's name and a word, in their order.
pub(crate) struct Table<const ENTRIES: usize, const LENGTH: usize> {
    /// All words, and then the names, each once and with a space behind it.
    text: [u8; LENGTH],
    /// Where the name of each entry begins, and its word.
    rules: [u16; ENTRIES],
    words: [u16; ENTRIES],
    /// The letters that words begin with: a bit for each.
    letters: u32,
}

/// How long the text of a table is, in bytes.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
pub(crate) const fn length<const ENTRIES: usize>(entries: &[&str; ENTRIES]) -> usize {
    let (mut length, mut at, firsts) = (0, 0, firsts(entries));
    while at < ENTRIES {
        let (rule, word) = split(entries[at]);
        length += word.len() + if firsts[at] == at { rule.len() + 1 } else { 0 };
        at += 1;
    }
    length
}

/// The first entry that has the rule of each.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn firsts<const ENTRIES: usize>(entries: &[&str; ENTRIES]) -> [usize; ENTRIES] {
    let (mut firsts, mut at) = ([0; ENTRIES], 0);
    while at < ENTRIES {
        while !is_same(entries[at], entries[firsts[at]]) {
            firsts[at] += 1;
        }
        at += 1;
    }
    firsts
}

/// Whether two entries have one rule.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn is_same(one: &str, other: &str) -> bool {
    let (one, other, mut at) = (one.as_bytes(), other.as_bytes(), 0);
    while one[at] == other[at] {
        if one[at] == b' ' {
            return true;
        }
        at += 1;
    }
    false
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
        let (mut end, mut at, firsts) = (0, 0, firsts(entries));
        while at < ENTRIES {
            let word = split(entries[at]).1;
            table.words[at] = end as u16;
            table.letters |= letter(word.as_bytes()[0]);
            end = table.put(end, word);
            at += 1;
        }
        at = 0;
        while at < ENTRIES {
            table.rules[at] = if firsts[at] == at { end as u16 } else { table.rules[firsts[at]] };
            if firsts[at] == at {
                end = table.put(end, split(entries[at]).0);
                end = table.put(end, " ");
            }
            at += 1;
        }
        table
    }

    /// Puts a text at a place. Gives where it ends.
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
    const fn put(&mut self, at: usize, text: &str) -> usize {
        let mut byte = 0;
        while byte < text.len() {
            self.text[at + byte] = text.as_bytes()[byte];
            byte += 1;
        }
        at + byte
    }

    /// The word of an entry.
    pub(crate) fn word(&self, at: usize) -> Option<&[u8]> {
        // Behind the last word is the first name.
        let end = self.words.get(at + 1).or(self.rules.first())?;
        self.text.get(usize::from(*self.words.get(at)?)..usize::from(*end))
    }

    /// The name of an entry's rule.
    pub(crate) fn rule(&self, at: usize) -> Option<&str> {
        let names = self.text.get(usize::from(*self.rules.get(at)?)..)?;
        std::str::from_utf8(names.split(|byte| *byte == b' ').next()?).ok()
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
