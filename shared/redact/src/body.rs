//! Bodies of attempts. Their bytes say what they are; headers only help where they do not.
//!
//! - `packed`: what is compressed; `forms`: parameters and parts; `binary`: texts within what is none
//! - `frames`, `events`: what streams are made of; `streams` reads each, and then what they say together, which
//!   `channels` and `pieces` put in order

mod binary;
pub(crate) mod channels;
pub(crate) mod events;
mod forms;
pub(crate) mod frames;
pub(crate) mod packed;
mod pieces;
mod streams;

use crate::{
    mask::{Hit, Hits, Rule, mask, splice},
    reader::{Reader, Within},
    units::{encode, readable},
};
use events::{MOST_EVENTS, events};
use forms::Part;
use frames::frames;
use packed::{Format, format, packed, unpacked};
use std::{borrow::Cow, ops::Range};

/// How often a body may be packed, and how deep parts of bodies are within each other.
const DEEPEST: usize = 3;

/// The mark before a text in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Why a text is withheld that cannot be read byte by byte.
const UNREADABLE: &str = "unreadable";

/// Why a stream is withheld whose events would take more memory than there is.
const TOO_MANY: &str = "too many events";

/// What headers say of a body.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct About<'t> {
    content_type: &'t str,
    content_encoding: &'t str,
    /// Whether it breaks off.
    is_cut: bool,
    depth: usize,
}

impl About<'_> {
    /// Of a body that is in nothing else.
    pub(crate) const fn of<'t>(content_type: &'t str, content_encoding: &'t str, is_cut: bool) -> About<'t> {
        About { content_type, content_encoding, is_cut, depth: 0 }
    }

    fn is_called(&self, what: &str) -> bool {
        self.content_type.to_ascii_lowercase().contains(what)
    }

    /// Quiet sound looks like a text of wide characters.
    fn is_media(&self) -> bool {
        ["audio/", "image/", "video/"].iter().any(|what| self.is_called(what))
    }

    fn is_text(&self) -> bool {
        ["json", "text/", "xml", "javascript", "urlencoded"].iter().any(|what| self.is_called(what))
    }
}

/// What became of a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It stays.
    Same,
    /// It is another, without what was found by these rules.
    Changed(Vec<u8>, Vec<Rule>),
    /// It cannot be read.
    Withheld(&'static str),
}

impl Outcome {
    fn of(bytes: &[u8], text: &str, hits: Hits) -> Self {
        let hits = hits.merged(text);
        if hits.is_empty() { Self::Same } else { Self::Changed(mask(bytes, &hits), rules(&hits)) }
    }
}

/// The rule of each hit, without those whose mask is counted elsewhere.
fn rules(hits: &[Hit]) -> Vec<Rule> {
    hits.iter().filter(|hit| !hit.is_rest).map(|hit| hit.rule).collect()
}

/// Reads a body. What cannot be read is withheld, unless the operator keeps it.
pub(crate) fn body(reader: &mut Reader<'_>, bytes: &[u8], about: About<'_>) -> Outcome {
    match read(reader, bytes, about) {
        Outcome::Withheld(_) if reader.rules.keeps_unreadable => Outcome::Same,
        outcome => outcome,
    }
}

fn read(reader: &mut Reader<'_>, bytes: &[u8], about: About<'_>) -> Outcome {
    // What says that a text is UTF-8 is not of it.
    if let Some(text) = bytes.strip_prefix(MARK) {
        return match read(reader, text, about) {
            Outcome::Changed(text, rules) => Outcome::Changed([MARK, &text].concat(), rules),
            outcome => outcome,
        };
    }
    let valid = std::str::from_utf8(bytes);
    let format = format(bytes, about.content_encoding, valid.is_ok());
    if about.depth + usize::from(format.is_some()) > DEEPEST {
        return Outcome::Withheld("packed too often");
    }
    if let Some(format) = format {
        return unpack(reader, bytes, format, about);
    }
    // Before frames: the lengths of one are what UTF-32 has too.
    if !about.is_media() && is_wide(bytes) {
        return Outcome::Withheld(UNREADABLE);
    }
    let frames = frames(bytes);
    if frames.len() > MOST_EVENTS {
        return Outcome::Withheld(TOO_MANY);
    }
    if !frames.is_empty() {
        let (changed, hits) = streams::framed(reader, bytes, &frames);
        return if hits.is_empty() { Outcome::Same } else { Outcome::Changed(changed, rules(&hits)) };
    }
    let is_binary = binary::is_binary(bytes, valid.is_ok());
    if is_binary && about.is_text() {
        return Outcome::Withheld(UNREADABLE);
    }
    let text = valid.map_or_else(|_| Cow::Owned(readable(bytes.to_owned())), Cow::Borrowed);
    if let Some(parts) = forms::parts(&text) {
        return multipart(reader, bytes, &text, &parts, about);
    }
    let mut hits = Hits::default();
    if let Some(events) = events(&text) {
        if events.are_too_many() {
            return Outcome::Withheld(TOO_MANY);
        }
        streams::text(reader, &text, &events, &mut hits);
    } else if let Some(parameters) = forms::parameters(&text, about.is_called("x-www-form-urlencoded")) {
        form(reader, &text, &parameters, &mut hits);
    } else if is_binary {
        for range in binary::texts(bytes) {
            let before = hits.len();
            let said = text.get(range.clone()).unwrap_or_default();
            reader.text(said, Within::cut(about.is_cut && range.end == bytes.len()), &mut hits);
            hits.move_since(before, range.start);
        }
    } else {
        reader.text(&text, Within::cut(about.is_cut), &mut hits);
    }
    Outcome::of(bytes, &text, hits)
}

/// Whether a text has two bytes for each character or four, which cannot be read byte by byte.
fn is_wide(bytes: &[u8]) -> bool {
    const FIRST: usize = 64;
    const FEWEST: usize = 4;
    // How many bytes a character has, and which of them says a letter, while the others are 0.
    const WIDE: [(usize, usize); 4] = [(2, 0), (2, 1), (4, 0), (4, 3)];
    let first = bytes.get(..FIRST).unwrap_or(bytes);
    let is_one = |(width, at): (usize, usize)| {
        let is_of_letter = |(index, byte): (usize, &u8)| match byte {
            0 => index != at,
            _ => index == at && (byte.is_ascii_graphic() || byte.is_ascii_whitespace()),
        };
        let letters = first.chunks_exact(width).filter(|unit| unit.iter().enumerate().all(is_of_letter)).count();
        // The others may be of another language.
        letters >= FEWEST && letters * width * 3 >= first.len()
    };
    // It often begins by saying so.
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) || WIDE.into_iter().any(is_one)
}

fn unpack(reader: &mut Reader<'_>, bytes: &[u8], format: Format, about: About<'_>) -> Outcome {
    let inner = match unpacked(format, bytes, reader.room) {
        Ok(inner) => inner,
        Err(why) => return Outcome::Withheld(why),
    };
    reader.room = reader.room.saturating_sub(inner.len());
    // The outermost encoding is the last of the list.
    let encodings = about.content_encoding.rsplit_once(',').map_or("", |(others, _)| others);
    match body(reader, &inner, About { content_encoding: encodings, depth: about.depth + 1, ..about }) {
        Outcome::Changed(changed, rules) => match packed(format, &changed) {
            Some(changed) => Outcome::Changed(changed, rules),
            None => Outcome::Withheld("not packed again"),
        },
        other => other,
    }
}

/// Reads a form as what it is: names, and values that may hold anything.
fn form(reader: &mut Reader<'_>, text: &str, parameters: &[(Range<usize>, Range<usize>)], hits: &mut Hits) {
    reader.query(text, hits);
    // It may be no form after all.
    reader.text(text, Within::cut(false), hits);
    for (name, value) in parameters {
        let name = forms::decoded(text.get(name.clone()).unwrap_or_default());
        let written = text.get(value.clone()).unwrap_or_default();
        let said = forms::decoded(written);
        let mut inner = reader.found(&said, Within::member(Some(&name)));
        encode(written, &mut inner);
        hits.extend(inner.into_iter().map(|hit| hit.moved(value.start)));
    }
}

/// Reads each part by its own type. Their lengths are not declared, so they may change.
fn multipart(reader: &mut Reader<'_>, bytes: &[u8], text: &str, parts: &[Part], about: About<'_>) -> Outcome {
    let (mut changes, mut all) = (Vec::new(), Vec::new());
    for part in parts {
        let head = text.get(part.head.clone()).unwrap_or_default();
        let hits = reader.found(head, Within::cut(false));
        all.extend(rules(&hits));
        changes.extend(hits.iter().map(|hit| (hit.clone().moved(part.head.start).range, hit.mask())));
        let inner = bytes.get(part.body.clone()).unwrap_or_default();
        let within = Within::member(forms::field(head));
        let said = text.get(part.body.clone()).unwrap_or_default();
        let mut hits = Hits::default();
        reader.member(said, within, &mut hits);
        let field = Outcome::of(inner, said, hits);
        let about = About {
            content_type: forms::header(head, "content-type"),
            content_encoding: forms::header(head, "content-encoding"),
            depth: about.depth + 1,
            ..about
        };
        let outcome = match field {
            Outcome::Same => body(reader, inner, about),
            found => found,
        };
        match outcome {
            Outcome::Same => {}
            Outcome::Changed(kept, rules) => {
                changes.push((part.body.clone(), kept));
                all.extend(rules);
            }
            Outcome::Withheld(why) => return Outcome::Withheld(why),
        }
    }
    if changes.is_empty() { Outcome::Same } else { Outcome::Changed(splice(bytes, changes), all) }
}
