//! Codes that let in once each, as pages and files list them: recovery codes of an account.

use super::{
    before::{name_before, phrase},
    mask::{Hits, Rule},
    names::{CODE, Name},
    near::clipped,
    values::is_uuid,
};

/// The fewest characters of the codes of a list together.
const FEWEST: usize = 12;

/// Finds the codes that are listed after their name, which ends at a place: all of one length, below it or after a
/// colon. A remark in brackets and the numbers of a list may come before the first, and no other word. Gives where the
/// last one ends.
pub(super) fn at_list(text: &str, end: usize, name: &mut Name<'_>, hits: &mut Hits) -> Option<usize> {
    /// How far away the first may be, and each from the one before.
    const FAR: usize = 160;
    const NEAR: usize = 16;
    const MOST: usize = 128;
    let bytes = text.as_bytes();
    let said = name_before(bytes, end);
    if name.rule_of(text.get(phrase(bytes, &said).unwrap_or(said))?) != Some(CODE) {
        return None;
    }
    let mut at = end;
    if let Some(remark) = text.get(end..)?.strip_prefix(" (") {
        at += 2 + clipped(remark, FAR).find(')')?;
    }
    let (mut codes, mut last, mut is_list) = (Vec::new(), at + FAR, false);
    while codes.len() < MOST {
        let rest = bytes.get(at..)?;
        let gap = rest.iter().take(FAR).take_while(|byte| !byte.is_ascii_alphanumeric()).count();
        is_list |= rest.get(..gap)?.iter().any(|byte| b":=\n".contains(byte));
        at += gap;
        let length =
            rest.iter().skip(gap).take(FAR).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
        if length == 0 || at > last {
            break;
        }
        let word = text.get(at..at + length)?;
        let is_next = codes.first().is_none_or(|(start, end)| end - start == length);
        if is_list && is_next && (is_code(word) || is_grouped(word)) {
            codes.push((at, at + length));
            last = at + length + NEAR;
        } else if length > 2 || !word.bytes().all(|byte| byte.is_ascii_digit()) {
            break;
        }
        at += length;
    }
    let (first, end) = codes.first()?;
    let is_any = || codes.iter().any(|(start, end)| text.get(*start..*end).is_some_and(is_code));
    if (end - first) * codes.len() < FEWEST || codes.len() < 2 || !is_any() {
        return None;
    }
    for (start, end) in &codes {
        hits.push(*start..*end, Rule::Name(CODE));
    }
    codes.last().map(|(_, end)| *end)
}

/// Whether a value is nothing but such codes, one or several.
pub(super) fn are_codes(value: &str) -> bool {
    let mut codes = value.split([' ', ',', ';', '\n']).filter(|code| !code.is_empty());
    value.len() >= 6 && codes.next().is_some_and(is_code) && codes.all(is_code)
}

/// Whether a word is digits, or letters with digits, in groups or not; a date is none.
fn is_code(word: &str) -> bool {
    const LENGTHS: std::ops::RangeInclusive<usize> = 6..=40;
    let is_digit = |byte: u8| byte.is_ascii_digit();
    // Most words have none.
    word.bytes().any(is_digit)
        && ((LENGTHS.contains(&word.len()) && !is_uuid(word)) || (word.len() >= 4 && word.bytes().all(is_digit)))
        && (is_grouped(word) || word.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether a word has groups, as a code among others has them that got no digit.
fn is_grouped(word: &str) -> bool {
    const SHORTEST_GROUP: usize = 3;
    let is_group =
        |group: &str| group.len() >= SHORTEST_GROUP && group.bytes().all(|byte| byte.is_ascii_alphanumeric());
    word.contains('-') && word.split('-').all(is_group)
}
