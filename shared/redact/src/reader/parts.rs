//! Texts that stand in another in parts, with something before each line or around it: comments, replies and logs,
//! strings of code, cells of a table. What rules know by its lines is found in such a text when it is read alone.

use crate::body::channels::Channel;
use memchr::{memchr, memchr_iter, memrchr};
use std::ops::Range;

/// The longest that stands before a line, in bytes.
const LONGEST: usize = 64;

/// Such texts around names of credentials, which end at `names` in order; and those in cells, if there are any.
pub(super) fn parts(text: &str, names: &[usize]) -> Vec<Channel> {
    let mut parts = cells(text);
    let (mut of_lines, mut of_literals) = (0, 0);
    for name in names.iter().copied() {
        if name > of_lines {
            parts.extend(lines_around(text, name, &mut of_lines));
        }
        if name > of_literals {
            parts.extend(literals_around(text, name, &mut of_literals));
        }
    }
    parts
}

/// The lines around a place that have the same before them. What is before `done` was read already.
fn lines_around(text: &str, at: usize, done: &mut usize) -> Option<Channel> {
    let top = *done;
    let first_of = |end: usize| {
        let above = text.as_bytes().get(top..end)?;
        Some(top + memrchr(b'\n', above).map_or(0, |end| end + 1))
    };
    let mut start = first_of(at)?;
    let line = text.get(start..)?.split('\n').next()?;
    *done = start + line.len();
    let head = line.get(..before(line)).filter(|head| !head.is_empty())?;
    let is_alike = |line: &str| line.get(..before(line)).is_some_and(|before| signs(before).eq(signs(head)));
    while let Some(above) = start.checked_sub(1).filter(|end| *end > top).and_then(first_of)
        && text.get(above..start).is_some_and(is_alike)
    {
        start = above;
    }
    let (mut lines, mut end) = (Channel::default(), start);
    for line in text.get(start..)?.split_inclusive('\n').take_while(|line| is_alike(line)) {
        let head = before(line);
        lines.part(end + head..end + line.len(), line.get(head..).unwrap_or_default(), true);
        end += line.len();
    }
    *done = end;
    lines.is_split().then_some(lines)
}

/// What lines that are alike begin with: numbers and spaces differ.
fn signs(head: &str) -> impl Iterator<Item = u8> {
    head.bytes().filter(|byte| !byte.is_ascii_digit() && *byte != b' ')
}

/// How much stands before a line: the sign of a comment or a reply, a number, a time, or what printed it.
fn before(line: &str) -> usize {
    const SIGNS: [&str; 9] = [">", "//", "#", "*", ";", "-- ", "│", "E  ", "+"];
    const BEHIND: [&str; 5] = ["| ", ": ", "] ", "Z ", " - "];
    let length = |rest: &str| line.len() - rest.strip_prefix(' ').unwrap_or(rest).len();
    let said = line.trim_start_matches([' ', '\t', '\u{a0}']);
    // A table's own bars are none.
    if ["|", "│"].iter().any(|bar| said.starts_with(bar) && line.trim_end().ends_with(bar)) {
        return 0;
    }
    // `#define`
    let is_directive = said.starts_with('#') && said.as_bytes().get(1).is_some_and(u8::is_ascii_lowercase);
    if let Some(rest) = SIGNS.iter().find_map(|sign| said.strip_prefix(sign)).filter(|_| !is_directive) {
        return length(rest.trim_start_matches(['>', '/', '#', ';', '!']));
    }
    let digits = said.trim_start_matches('L').trim_start_matches(|one: char| one.is_ascii_digit());
    if digits.len() < said.len()
        && let Some(rest) = digits.trim_start_matches(' ').strip_prefix(['|', ':', '│', '→'])
        && !rest.starts_with(|one: char| one.is_ascii_digit())
    {
        return length(rest);
    }
    let is_of_time = |word: &&str| {
        word.starts_with(|one: char| one.is_ascii_digit() || one == '[')
            && word.bytes().all(|byte| byte.is_ascii_digit() || b"-:.,TZ+/[]".contains(&byte))
    };
    let near = line.get(..line.floor_char_boundary(LONGEST)).unwrap_or_default();
    let time = near.split_inclusive(' ').take_while(|word| is_of_time(&word.trim_end())).map(str::len).sum();
    if line.get(..time).is_some_and(|time| time.bytes().filter(u8::is_ascii_digit).count() >= 6 && time.ends_with(' '))
    {
        return time;
    }
    let behind = BEHIND.iter().filter_map(|sign| near.find(sign).map(|at| at + sign.len())).min();
    behind.unwrap_or_default()
}

/// The text that is in quotes around a place, with breaks of lines that are escaped; and those behind it, if it ends
/// with such a break, as code and notebooks write a text line by line.
fn literals_around(text: &str, at: usize, done: &mut usize) -> Option<Channel> {
    const SIGNS: &[u8] = b" \t\r\n+,.\\&";
    let bytes = text.as_bytes();
    let is_quote = |at: usize| matches!(bytes.get(at), Some(b'"' | b'\'' | b'`'));
    let is_escaped = |at: usize| at.checked_sub(1).and_then(|at| bytes.get(at)) == Some(&b'\\');
    let begins = |at: &usize| bytes.get(*at) == Some(&b'\n') || (is_quote(*at) && !is_escaped(*at));
    let open = (*done..at).rev().find(begins);
    let mut literal = open.map_or(*done, |open| open + 1)..0;
    let quote = open.filter(|open| is_quote(*open)).and_then(|open| bytes.get(open)).copied();
    let mut literals = Vec::new();
    loop {
        let close = literal_close(bytes, literal.start, quote);
        literal.end = close.unwrap_or_else(|end| end);
        *done = (literal.end + 1).max(at);
        literals.push(literal.clone());
        let Some(close) = close.ok().filter(|_| text.get(literal.clone()).is_some_and(|said| said.ends_with("\\n")))
        else {
            break;
        };
        let signs = bytes.iter().skip(close + 1).take(LONGEST).take_while(|byte| SIGNS.contains(byte)).count();
        if bytes.get(close + 1 + signs).copied() != quote {
            break;
        }
        literal = close + signs + 2..0;
    }
    let first = text.get(literals.first()?.clone())?;
    let has_lines = literals.len() > 1
        || first.as_bytes().array_windows().position(|two| two == b"\\n").is_some_and(|at| at + 2 < first.len());
    has_lines.then(|| Channel::of_literals(text, &literals))
}

/// Where the other half is of the quote before a place; an error says where the line ends without it.
fn literal_close(bytes: &[u8], start: usize, quote: Option<u8>) -> Result<usize, usize> {
    let mut end = start;
    loop {
        match bytes.get(end) {
            None | Some(b'\n') => return Err(end.min(bytes.len())),
            Some(b'\\') => end += 2,
            byte if byte.copied() == quote => return Ok(end),
            _ => end += 1,
        }
    }
}

/// The cells of a table in quotes that have quotes, each of them twice.
fn cells(text: &str) -> Vec<Channel> {
    let bytes = text.as_bytes();
    let is_between = |at: Option<usize>| {
        at.is_none_or(|at| matches!(bytes.get(at), None | Some(b',' | b';' | b'\t' | b'\r' | b'\n')))
    };
    let (mut found, mut at) = (Vec::new(), 0);
    let twice = |rest: &[u8]| memchr_iter(b'"', rest).find(|at| rest.get(at + 1) == Some(&b'"'));
    while let Some(twice) = bytes.get(at..).and_then(twice).map(|twice| at + twice) {
        let open = bytes.get(at..twice).and_then(|before| memrchr(b'"', before)).map(|open| at + open);
        at = twice + 2;
        let Some(open) = open.filter(|open| is_between(open.checked_sub(1))) else { continue };
        let (mut cell, mut start) = (Channel::default(), open + 1);
        while let Some(end) = bytes.get(start..).and_then(|rest| memchr(b'"', rest)).map(|end| start + end) {
            let is_twice = bytes.get(end + 1) == Some(&b'"');
            let part: Range<usize> = start..end + usize::from(is_twice);
            cell.part(part.clone(), text.get(part).unwrap_or_default(), true);
            start = end + 2;
            if !is_twice {
                at = end + 1;
                found.extend(Some(cell).filter(|_| is_between(Some(at))));
                break;
            }
        }
        at = at.max(start - 1);
    }
    found
}
