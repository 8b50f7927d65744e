//! Everything that is looked for in a text that is no JSON: shapes, assignments, URLs; and shapes once more in what is
//! percent-encoded.
//!
//! How a value is found by its name:
//!
//! - `assigned`: behind a separator, by what is `written` before it and `behind` it
//! - `calls`: behind a type, a call, a fallback; `pages`: in what tools for browsers print
//! - `sentences`: in prose, pages and the line below; `codes`: in lists of codes
//! - `commands`: behind options, and in what commands show
//! - `columns`: below the name of a column; `inserts`: in SQL; `nameless`: in lines that name nothing
//! - `containers`, `kubernetes`: in a block of YAML
//! - `urls`: in a parameter; `user_info`, by its place alone
//!
//! Those that read names share a `search`. `before` and `extents` say which name a value has, and where it begins and
//! ends; `near`: what is around a place.

mod assigned;
mod before;
mod behind;
mod calls;
pub(crate) mod codes;
pub(crate) mod columns;
pub(crate) mod commands;
pub(crate) mod containers;
pub(crate) mod extents;
mod inserts;
pub(crate) mod kubernetes;
pub(crate) mod nameless;
pub(crate) mod near;
mod pages;
mod search;
mod sentences;
pub(crate) mod urls;
pub(crate) mod user_info;
mod written;

use crate::{
    json,
    mask::Hits,
    names::Name,
    rules::Rules,
    shapes::{scanner::Shapes, stops::word},
    units::{Units, encode, has_encoded},
};
use assigned::at_separator;
use commands::{at_command, at_long_option, at_short_option, at_shown};
use memchr::{memchr, memchr2};
use search::Search;
use sentences::{at_address, at_pair, at_word};
use urls::Kind;

/// Finds credentials in a text. `is_cut` says that it goes on where it ends. Gives whether JSON may be in it, and where
/// names end that may be those of columns of credentials.
pub(crate) fn find(text: &str, kind: Kind, is_cut: bool, rules: &Rules, hits: &mut Hits) -> (bool, Vec<usize>) {
    let seen = scan(text, is_cut, rules, hits);
    if kind != Kind::Text {
        links(text, kind, rules, hits);
    } else if seen.may_be_link() {
        // Nothing of a URL in a text goes beyond a line.
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let before = hits.len();
            links(line, kind, rules, hits);
            hits.move_since(before, start);
            start += line.len();
        }
    }
    columns::find(text, &seen.names, rules, hits);
    nameless::cookies(text, hits);
    inserts::find(text, &seen.names, rules, hits);
    // As forms are read.
    let is_spaced = kind == Kind::Url && memchr(b'+', text.as_bytes()).is_some();
    if is_spaced || ((seen.escape || seen.entity) && has_encoded(text)) {
        let decoded = if is_spaced { Units::decoded(&text.replace('+', " ")) } else { Units::decoded(text) };
        let mut found = Hits::default();
        let seen = scan(&decoded, is_cut, rules, &mut found);
        columns::find(&decoded, &seen.names, rules, &mut found);
        let mut found = found.merged(&decoded);
        encode(text, &mut found);
        hits.extend(found);
    }
    (seen.json, seen.names)
}

/// What a text has that says how else to read it.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other")]
struct Seen {
    /// `@`, before which may be user info.
    at: bool,
    /// `=`, before which may be a parameter.
    equals: bool,
    /// `%`, a backslash, or what begins a colour.
    escape: bool,
    /// `&`, as entities begin.
    entity: bool,
    /// What JSON begins with.
    json: bool,
    /// Where names end that may be those of columns of credentials.
    names: Vec<usize>,
}

impl Seen {
    fn may_be_link(&self) -> bool {
        self.at || self.equals || self.escape
    }
}

/// Shapes and assignments, in one go.
fn scan(text: &str, is_cut: bool, rules: &Rules, hits: &mut Hits) -> Seen {
    let mut shapes = Shapes::of(text, is_cut, rules);
    let mut search = Search { text, folded: Name::under(rules), named: 0..0, hits };
    let stops = rules.stops();
    let mut seen = Seen::default();
    let bytes = text.as_bytes();
    let mut at = 0;
    // Almost everywhere nothing begins.
    let next = |rest: &[u8]| {
        let last = || rest.last_chunk().filter(|[one, two, three]| stops.may_begin([*one, *two, *three, 0]));
        let next = rest.array_windows().position(|four| stops.may_begin(*four));
        next.or_else(|| last().map(|last: &[u8; 3]| rest.len() - last.len()))
    };
    while let Some(next) = bytes.get(at..).and_then(next) {
        at += next;
        if let Some([one @ (b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z'), two, three, four]) = bytes.get(at..at + 4)
            && !stops.may_go_on([*one, *two, *three, *four])
        {
            at += 1;
            continue;
        }
        let rest = bytes.get(at..).unwrap_or_default();
        let found = search.hits.len();
        let end = match rest {
            [b'@', ..] => {
                seen.at = true;
                at_address(text, at, search.hits)
            }
            [b'%' | b'\\' | 0x1b, ..] => {
                seen.escape = true;
                seen.json |= json::literal_before(bytes, at).is_some();
                None
            }
            [b'&', ..] => {
                seen.entity = true;
                None
            }
            [b'=', ..] => {
                seen.equals = true;
                shapes.at(at, search.hits)
            }
            _ if json::begins(rest) => {
                seen.json = true;
                None
            }
            _ => shapes.at(at, search.hits),
        };
        let end = end.or_else(|| match rest {
            _ if search.named.contains(&at) => None,
            [b'=' | b'>' | b'|', ..] => at_separator(&mut search, at),
            [b':', b'0'..=b'9' | b'*', ..] => {
                let found = at_separator(&mut search, at).or_else(|| nameless::at_colon(text, at, search.hits));
                found.or_else(|| shapes.around_colon(at, search.hits))
            }
            // What goes on in full width is prose.
            [0xef, 0xbc, 0x9a | 0x9d, ..] | [0xe6, 0x98, 0xaf, ..] => {
                let behind = bytes.get(at + 3..).unwrap_or_default().trim_ascii_start();
                behind.first().filter(|first| first.is_ascii()).and_then(|_| at_separator(&mut search, at + 2))
            }
            [b':', ..] => at_separator(&mut search, at).or_else(|| shapes.around_colon(at, search.hits)),
            [b'"' | b'\'', b',', ..] => at_separator(&mut search, at + 1),
            // A rule, or what is asked once its last two are met.
            [b'-', b'-', b'-', ..] => None,
            [b'-', b'-', ..] => at_long_option(&mut search, at + 2),
            [b'-', ..] => at_short_option(text, at, search.hits),
            _ if let Some(length) = word(rest) => {
                let end = at + length;
                seen.names.extend(columns::cell_end(bytes, end));
                if let Some(pair) = at_pair(text, at..end, search.hits) {
                    search.named = pair;
                }
                let found = at_command(text, end, search.hits).or_else(|| codes::at_list(&mut search, end));
                let found = found.or_else(|| containers::at_word(&mut search, end));
                kubernetes::at_kind(text, end, search.hits);
                let found = found.or_else(|| kubernetes::at_strings(text, end, search.hits));
                let found = found.or_else(|| at_shown(text, end, search.hits));
                let found = found.or_else(|| at_word(&mut search, end));
                let found = found.or_else(|| calls::at_name(&mut search, end));
                found.or_else(|| pages::at_name(&mut search, end))
            }
            _ => None,
        });
        if let Some(named) = search.hits.since(found).last().map(|hit| hit.range.start) {
            shapes.secret_of(named, search.hits);
        }
        at = end.map_or(at + 1, |end| end.max(at + 1));
    }
    // A host and a value may be one letter.
    seen.at |= matches!(bytes, [.., b'@', _]);
    seen.equals |= matches!(bytes, [.., b'=', _]);
    seen
}

/// URLs, where there may be any.
fn links(text: &str, kind: Kind, rules: &Rules, hits: &mut Hits) {
    let bytes = text.as_bytes();
    let has_escapes = memchr2(b'%', b'\\', bytes).is_some();
    // Whether it has a byte, or may have it encoded, of which these are a part.
    let has = |byte, encoded: &[&str]| {
        memchr(byte, bytes).is_some() || (has_escapes && encoded.iter().any(|code| text.contains(code)))
    };
    if has(b'@', &["40", "64"]) {
        user_info::find(text, kind, hits);
    }
    let is_delimiter = |byte: &u8| matches!(byte, b'?' | b'&' | b'#' | b';' | b'/');
    if has(b'=', &["3D", "3d", "61", "equals"]) && (has_escapes || bytes.iter().any(is_delimiter)) {
        urls::parameters(text, kind, rules, hits);
    }
}
