//! Codes that let in once each, as pages and files list them: recovery codes of an account; the one that opens a disk;
//! and the numbered words of a wallet.

use super::{
    before::{name_before, phrase},
    near::{clipped, near_before},
    search::Search,
};
use crate::{
    mask::Rule,
    names::{CODE, PASSWORD},
    values::is_uuid,
};
use std::ops::Range;

/// The fewest characters of the codes of a list together.
const FEWEST: usize = 12;
/// How long six groups of four are.
const GROUPS: usize = 29;

/// Finds the codes that are listed after their name, which ends at a place: all of one length, below it or after a
/// colon. A remark in brackets and the numbers of a list may come before the first, and no other word. Gives where the
/// last one ends.
pub(super) fn at_list(search: &mut Search<'_>, end: usize) -> Option<usize> {
    /// How far away the first may be, and each from the one before.
    const FAR: usize = 160;
    const NEAR: usize = 16;
    const MOST: usize = 128;
    let Search { text, folded, hits, .. } = search;
    let bytes = text.as_bytes();
    let name = name_before(bytes, end);
    // What opens a disk is called a password too.
    let is_of_disk = match folded.rule_of(text.get(phrase(bytes, &name).unwrap_or(name))?)? {
        CODE => false,
        PASSWORD => true,
        _ => return None,
    };
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
        let groups = text.get(at..at + GROUPS).filter(|groups| is_of_disk && is_list && is_of_sixes(groups));
        if let Some(groups) = groups.filter(|_| codes.is_empty()) {
            return Some(hits.push(at..at + groups.len(), Rule::Name(PASSWORD)));
        }
        let word = text.get(at..at + length)?;
        let is_next = codes.first().is_none_or(|(start, end)| end - start == length);
        let is_one = opens_disk(word) || (!is_of_disk && (is_code(word) || is_grouped(word)));
        if is_list && is_next && is_one {
            codes.push((at, at + length));
            last = at + length + NEAR;
        } else if length > 2 || !word.bytes().all(|byte| byte.is_ascii_digit()) {
            break;
        }
        at += length;
    }
    let (first, end) = codes.first()?;
    let is_any = || codes.iter().any(|(start, end)| text.get(*start..*end).is_some_and(is_code));
    let are_several = || (end - first) * codes.len() >= FEWEST && codes.len() > 1 && is_any();
    if !(opens_disk(text.get(*first..*end)?) || are_several()) {
        return None;
    }
    for (start, end) in &codes {
        hits.push(*start..*end, Rule::Name(CODE));
    }
    codes.last().map(|(_, end)| *end)
}

/// Whether a value is nothing but such codes, one or several.
pub(crate) fn are_codes(value: &str) -> bool {
    let mut codes = value.split([' ', ',', ';', '\n']).filter(|code| !code.is_empty());
    let is_one = |code: &str| is_code(code) || opens_disk(code);
    value.len() >= 6 && codes.next().is_some_and(is_one) && codes.all(is_one)
}

/// Whether a word is a key to a disk: eight groups of six digits as `BitLocker` draws them, or six groups of four
/// as `FileVault` does.
fn opens_disk(word: &str) -> bool {
    let are = |count: usize, length: usize, is: fn(&u8) -> bool| {
        word.len() == count * (length + 1) - 1
            && word.split('-').count() == count
            && word.split('-').all(|group| group.len() == length && group.as_bytes().iter().all(is))
    };
    are(8, 6, u8::is_ascii_digit)
        || (are(6, 4, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            && word.bytes().any(|byte| byte.is_ascii_digit()))
}

/// Whether a text is six groups of four, as `WordPress` draws passwords for applications, and no sentence.
fn is_of_sixes(text: &str) -> bool {
    const FEWEST_CAPITALS: usize = 4;
    let count = |what: fn(&u8) -> bool| text.as_bytes().iter().filter(|byte| what(byte)).count();
    text.split(' ').all(|group| group.len() == 4 && group.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        && count(u8::is_ascii_lowercase) > 0
        && (count(u8::is_ascii_digit) > 0 || count(u8::is_ascii_uppercase) >= FEWEST_CAPITALS)
}

/// Finds the words of a wallet that are numbered from a place on, if it is said before them that they are: `1. ripple`,
/// in a line each or not.
pub(crate) fn numbered(text: &str, at: usize) -> Option<Range<usize>> {
    const FAR: usize = 160;
    const LONGEST: usize = 1024;
    const COUNTS: [usize; 5] = [12, 15, 18, 21, 24];
    const NAMES: [&str; 4] = ["phrase", "seed", "mnemonic", "wallet"];
    let near = clipped(text.get(at..)?, LONGEST);
    let (mut rest, mut end, mut count) = (near, at, 0);
    while let Some(behind) = rest.trim_start().strip_prefix(&*(count + 1).to_string()) {
        let behind = behind.trim_start_matches(['.', ')', ':', ' ']);
        let length = behind.bytes().take_while(u8::is_ascii_lowercase).count();
        if !(3..=8).contains(&length) {
            break;
        }
        (rest, count) = (behind.get(length..)?, count + 1);
        end = at + near.len() - rest.len();
    }
    let before = || near_before(text, at, FAR).to_lowercase();
    (COUNTS.contains(&count) && NAMES.iter().any(|name| before().contains(name))).then_some(at..end)
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
