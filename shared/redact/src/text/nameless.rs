//! What stands in a line at a place of its own, which nothing names: the password of `.pgpass`, the value of a cookie as
//! files and browsers list them, what is behind its user: `bob / x`, `root:x`.

use super::{
    extents::certain,
    near::{near, near_before},
};
use crate::{
    mask::{Hits, Rule},
    names::{COOKIE, PASSWORD},
    values::{can_be_credential, can_be_password},
};
use memchr::memchr;
use std::ops::Range;

/// What files of cookies begin with.
const JAR: &str = "HTTP Cookie File";

/// Finds the cookies of a text, which has one in a line.
pub(super) fn cookies(text: &str, hits: &mut Hits) {
    // What is listed of each is between tabs.
    if memchr(b'\t', text.as_bytes()).is_some()
        && ["\tTRUE\t", "\tFALSE\t", "\t/\t"].iter().any(|cell| text.contains(cell))
    {
        let is_jar = text.contains(JAR);
        let mut start = 0;
        for line in text.split('\n') {
            cookie(line, start, is_jar, hits);
            start += line.len() + 1;
        }
    }
}

/// A cookie's line: in files of curl and of browsers its host, two flags, its path, its end, its name and its value; as
/// browsers show it its name, its value, its host, its path, its end and its size.
fn cookie(line: &str, at: usize, is_jar: bool, hits: &mut Hits) {
    const SHORTEST: usize = 12;
    let line = line.trim_end_matches('\r');
    let mut cells = line.split('\t');
    let mut next = || cells.next().unwrap_or_default();
    let cells = [next(), next(), next(), next(), next(), next(), next(), next()];
    let is_flag = |cell: &str| matches!(cell, "TRUE" | "FALSE");
    let is_number = |cell: &str| cell.bytes().all(|byte| byte.is_ascii_digit());
    let is_end = |cell: &str| cell == "Session" || (cell.ends_with('Z') && cell.contains('T'));
    let (value, start, is_known) = match cells {
        [_, one, _, two, end, _, value, ""] if is_flag(one) && is_flag(two) && is_number(end) => {
            (value, line.len() - value.len(), is_jar)
        }
        [name, value, host, path, end, size, ..]
            if host.contains('.') && path.starts_with('/') && is_end(end) && is_number(size) =>
        {
            (value, name.len() + 1, false)
        }
        _ => return,
    };
    // Without what files of them begin with, other tables may look so.
    if !value.is_empty() && (is_known || (value.len() >= SHORTEST && can_be_credential(value))) {
        hits.push(at + start..at + start + value.len(), Rule::Name(COOKIE));
    }
}

/// Finds the password of a line of `.pgpass`, of which the first colon is at a place:
/// `host:5432:database:user:password`.
pub(super) fn at_colon(text: &str, at: usize, hits: &mut Hits) -> Option<usize> {
    const LONGEST_HOST: usize = 128;
    const LONGEST: usize = 256;
    let before = near_before(text, at, LONGEST_HOST);
    let host = before.rsplit(['\n', ' ', '+', '"', '\'', '`']).next()?;
    let is_host =
        host.len() < LONGEST_HOST && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-*_/".contains(&byte));
    let rest = near(text, at + 1, LONGEST);
    let line = rest.split(['\r', '\n', '"', '\'', ' ']).next()?.split("\\n").next()?.trim_end_matches('\\');
    let (mut parts, mut start) = ([0; 3], 0);
    for part in &mut parts {
        *part = line.get(start..)?.find(':')?;
        start += *part + 1;
    }
    let port = line.get(..parts[0])?;
    // Databases listen where no privilege is needed.
    let is_port = port == "*" || ((4..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit()));
    let (names, password) = line.split_at_checked(start)?;
    // A colon of the password is escaped.
    let is_last = || {
        password
            .match_indices(':')
            .all(|(at, _)| password.as_bytes().get(..at).is_some_and(|before| before.ends_with(b"\\")))
    };
    // An address of IPv6, which may end as one of IPv4 does, or a fingerprint.
    let is_of_hex = |byte: u8| byte.is_ascii_hexdigit() || b":.".contains(&byte);
    let is_hex = || host.bytes().all(|byte| byte.is_ascii_hexdigit()) && line.bytes().all(is_of_hex);
    // A clock is none, nor are the columns of a log.
    let is_log = || host.bytes().all(|byte| byte.is_ascii_digit()) || names.contains('|');
    let is_one = is_host && is_port && parts.iter().all(|part| *part > 0) && is_last() && !is_hex() && !is_log();
    let start = at + 1 + start;
    (is_one && can_be_password(password)).then(|| hits.push(start..start + password.len(), Rule::Name(PASSWORD)))
}

/// Whether a byte may be of a user's name, or of an address.
pub(super) const fn is_of_user(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'@' | b'+' | b'-' | b'\\')
}

/// The password behind a user and a sign, of which both or the sign alone are between two places: behind a slash with
/// spaces around, or where a line is nothing else. Titles and sums have slashes too.
pub(crate) fn pair(text: &str, at: usize, end: usize) -> Option<Range<usize>> {
    const LONGEST_USER: usize = 64;
    let before = near_before(text, at, LONGEST_USER);
    let range = certain(text, end)?;
    let value = text.get(range.clone())?;
    // Operators are signs too.
    let is_one = if text.get(at..end) == Some(" / ") {
        let user = before.rsplit([' ', '\n', '(', '`', '"', '\'']).next()?;
        let is_user = (2..LONGEST_USER).contains(&user.len()) && user.bytes().all(is_of_user);
        is_user
            && user.starts_with(|first: char| first.is_ascii_alphabetic())
            && value.bytes().any(|byte| byte.is_ascii_digit())
            && !value.contains(['*', '%', '&', '^', '<', '>', '='])
    } else {
        let line = before.rsplit('\n').next()?.trim_start_matches(['-', '*', '`', ' ', '"', '\'']);
        let behind = near(text, range.end, 2).trim_start_matches(['`', '"', '\'']);
        line.is_empty() && (behind.is_empty() || behind.starts_with(['\n', '\r']))
    };
    let is_hex = || value.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    (is_one && !is_hex()).then_some(range)
}
