//! Texts whose lines have something before them: their numbers, as readers of files and `cat -n` print them, or the
//! signs of a diff. What rules know by the beginning of a line is found in such a text without them.

use crate::text::near::clipped;
use memchr::memchr;
use std::ops::Range;

/// A text without what stands before its lines.
pub(super) struct Bare {
    pub(super) text: String,
    /// Where lines begin in it, and how many bytes were left out up to there.
    lines: Vec<(usize, usize)>,
}

impl Bare {
    /// What a text is without them, if it has some.
    pub(super) fn of(text: &str) -> Option<Self> {
        let sign = sign(text)?;
        let mut bare = Self { text: String::with_capacity(text.len()), lines: Vec::new() };
        let (mut left_out, mut is_in_hunk) = (0, false);
        for line in text.split_inclusive('\n') {
            let number = if sign == HUNK { 0 } else { number(line, sign).unwrap_or_default() };
            // What has numbers may be a diff.
            let rest = line.get(number..).unwrap_or_default();
            let has_sign = is_in_hunk && rest.starts_with(['+', '-', ' ']);
            // An editor may have cut the sign of an empty line.
            is_in_hunk = begins_hunk(rest) || has_sign || (is_in_hunk && rest.starts_with(['\\', '\r', '\n']));
            let before = number + usize::from(has_sign);
            if before > 0 {
                left_out += before;
                bare.lines.push((bare.text.len(), left_out));
            }
            bare.text += line.get(before..).unwrap_or_default();
        }
        Some(bare)
    }

    /// Where a range of it is in the text.
    pub(super) fn source(&self, range: &Range<usize>) -> Range<usize> {
        let source = |at: usize| {
            let line = self.lines.partition_point(|(start, _)| *start <= at).checked_sub(1);
            at + line.and_then(|line| self.lines.get(line)).map_or(0, |(_, left_out)| *left_out)
        };
        // It ends in the line of its last byte.
        source(range.start)..source(range.end.saturating_sub(1)) + 1
    }
}

/// How the lines of a diff are announced.
const HUNK: &str = "@@ -";

/// Whether a line announces those of a diff, also as models write one.
fn begins_hunk(line: &str) -> bool {
    [HUNK, "@@\n", "@@\r\n", "@@ ", "*** Add File: ", "*** Update File: "].iter().any(|begin| line.starts_with(begin))
}

/// What is between numbers and lines, or announces a diff's, if one of the first lines has both. In a table, which may
/// have numbers as its first column, something is before them and no blank.
fn sign(text: &str) -> Option<&'static str> {
    const SIGNS: [&str; 2] = ["→", "\t"];
    const FIRST: usize = 3;
    const FAR: usize = 512;
    let near = clipped(text, FAR);
    let mut start = 0;
    for _ in 0..FIRST {
        let (before, line) = near.split_at_checked(start)?;
        // Most lines show at once that they have none.
        match line.as_bytes().first()? {
            b' ' | b'0'..=b'9' => {
                if let Some(sign) = SIGNS.into_iter().find(|sign| number(line, sign).is_some()) {
                    let is_of_table = sign == "\t" && !(before.is_empty() || line.starts_with(' '));
                    return (!is_of_table && !before.contains(sign)).then_some(sign);
                }
            }
            b'*' if line.starts_with("*** Begin Patch") || begins_hunk(line) => return Some(HUNK),
            b'-' | b'@' if line.starts_with("--- ") || line.starts_with(HUNK) => return Some(HUNK),
            b'd' if line.starts_with("diff ") => return Some(HUNK),
            _ => {}
        }
        start += memchr(b'\n', line.as_bytes())? + 1;
    }
    None
}

/// How long a line's number is, with the sign behind it.
fn number(line: &str, sign: &str) -> Option<usize> {
    const LONGEST: usize = 6;
    let digits = line.trim_start_matches(' ');
    let rest = digits.trim_start_matches(|one: char| one.is_ascii_digit());
    let behind = rest.strip_prefix(sign)?;
    (1..=LONGEST).contains(&(digits.len() - rest.len())).then_some(line.len() - behind.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_lines_is_left_out_and_places_are_found_again() {
        for (text, said) in [
            ("1→@@ -0,0 +1,3 @@\n2→++a\n3→+\n4→ -b\n5→c\n6→-d", "@@ -0,0 +1,3 @@\n+a\n\n-b\nc\n-d"),
            ("The file:\n  9→a é\n 10→→b\n\n  11→\nend", "The file:\na é\n→b\n\n\nend"),
            ("     1\ta\n     2\t\tb\n", "a\n\tb\n"),
            (
                "--- a\n+++ b\n@@ -1,3 +1,3 @@ x\n a\n\n-b\n+c\n\\ No newline\nend\n-d",
                "--- a\n+++ b\n@@ -1,3 +1,3 @@ x\na\n\nb\nc\n\\ No newline\nend\n-d",
            ),
        ] {
            let bare = Bare::of(text).expect("some");
            assert_eq!(bare.text, said);
            for (start, one) in said.char_indices() {
                let range = bare.source(&(start..start + one.len_utf8()));
                assert_eq!(text.get(range), said.get(start..start + one.len_utf8()), "{text}");
            }
        }
        for text in [
            "id\tname\n  1\tbob\n",
            "COPY a FROM stdin;\n1\tbob\n",
            "a\n-b\n+c",
            "1234567→a",
            "→a",
            "bob@@ -1",
            "1. a\n2. b",
            "",
        ] {
            assert!(Bare::of(text).is_none(), "{text}");
        }
    }
}
