//! Headers: those that carry credentials lose their whole value, the others what is found in it.

use super::{Name, tables::HEADER_QUALIFIERS};
use crate::{
    mask::{Hit, Hits, Rule},
    rules::Rules,
    tables::words::is_one,
    text::urls::Kind,
};
use std::ops::Range;

/// How a header's value is read.
pub(crate) enum Reading {
    /// It is a credential.
    Credential,
    /// It is a list of credentials by name.
    Cookies,
    /// It names protocols, and browsers, which can set no other header, put a key among them.
    Protocols,
    /// It is searched for credentials.
    Content(Kind),
}

/// How the value of a header of this name is read.
pub(crate) fn reading_of(name: &str, rules: &Rules) -> Reading {
    let folded = header(name, rules);
    match () {
        () if folded.is_named("secwebsocketprotocol") => Reading::Protocols,
        () if folded.is_cookie() => Reading::Cookies,
        () if folded.is_credential() => Reading::Credential,
        () if folded.is_url() => Reading::Content(Kind::Url),
        () => Reading::Content(Kind::Text),
    }
}

/// Finds the keys among protocols: what follows a credential's name and a dot, or is the next of the list; and what no
/// protocol looks like.
pub(crate) fn protocols(list: &str, rules: &Rules, hits: &mut Hits) {
    let mut follows_name = false;
    let mut start = 0;
    for element in list.split(',') {
        let end = start + element.len();
        let found = if follows_name { trimmed(list, start..end) } else { protocol(list, start..end, rules) };
        follows_name = found.is_none() && is_header(element.trim(), rules);
        hits.extend(found.map(|range| Hit::new(range, Rule::Place("protocol"))));
        start = end + 1;
    }
}

fn protocol(list: &str, element: Range<usize>, rules: &Rules) -> Option<Range<usize>> {
    let range = trimmed(list, element)?;
    let protocol = list.get(range.clone())?;
    let mut start = range.start;
    for name in protocol.split('.') {
        start += name.len() + 1;
        if start <= range.end && is_header(name, rules) {
            return Some(start..range.end);
        }
    }
    let has = |what: fn(&u8) -> bool| protocol.as_bytes().iter().any(what);
    let is_key =
        protocol.len() >= 20 && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    is_key.then_some(range)
}

/// Without white space around it, if anything is left.
fn trimmed(list: &str, element: Range<usize>) -> Option<Range<usize>> {
    let text = list.get(element.clone())?;
    let start = element.start + text.len() - text.trim_start().len();
    let end = element.end - (text.len() - text.trim_end().len());
    (start < end).then_some(start..end)
}

/// Whether a header of this name carries a credential.
pub(crate) fn is_header(name: &str, rules: &Rules) -> bool {
    header(name, rules).is_credential()
}

/// The name of a header, without what may follow it.
pub(super) fn header<'r>(name: &str, rules: &'r Rules) -> Name<'r> {
    Name::of(unqualified(name), rules)
}

/// A header's name as it is written, without what may follow it.
pub(crate) fn unqualified(name: &str) -> &str {
    let mut name = name.trim_end();
    while let Some((rest, last)) = name.rsplit_once(['-', '_']) {
        let is_number = last.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number && !is_one(last.as_bytes(), HEADER_QUALIFIERS) {
            break;
        }
        name = rest;
    }
    name.trim_end_matches(|last: char| last.is_ascii_digit())
}
