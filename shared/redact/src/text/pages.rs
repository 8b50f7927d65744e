//! What tools for browsers print of a page, and what they type into it: a field by its name with what is in it
//! (`textbox "Password" [ref=e12]: x`), a name above a value (`StaticText "API key"`), and what a script fills in
//! (`getByTestId('password-input').fill('x')`). A name alone is left.

use super::{
    assigned::rule_of,
    before::{LONGEST_NAME, name_before},
    calls::TYPING,
    containers::indent,
    extents::Quote,
    near::{line_before, near},
    search::Search,
};
use crate::{
    mask::{Rule, mask_at},
    names::{PASS, PASSWORD, TOKEN},
    values::{can_be_password, is_key, is_long, is_random, placeholders::is_placeholder},
};
use std::ops::Range;

/// How far behind a name its value may be, in bytes.
const FAR: usize = 192;

/// Finds what is in a field, or typed into it, of which a name's last word ends at a place.
pub(super) fn at_name(search: &mut Search<'_>, end: usize) -> Option<usize> {
    let Search { text, folded, hits, .. } = search;
    let name = name_before(text.as_bytes(), end);
    let rest = near(text, end, FAR);
    let (range, is_sure) = match typed(text, end, rest) {
        Some(range) => (range, true),
        None if rest.starts_with(['"', ':', '\n']) => {
            let before = line_before(text, name.start, LONGEST_NAME);
            let is_box = before.rsplit_once("textbox \"").is_some_and(|(_, label)| !label.contains('"'));
            let range = if is_box { held(rest)? } else { below(rest, before)? };
            (end + range.start..end + range.end, is_box)
        }
        None => return None,
    };
    let rule = rule_of(text, &name, folded).filter(|rule| *rule != PASS)?;
    let value = text.get(range.clone())?;
    let can_be = if is_sure { can_be_password(value) } else { is_key(value) || (rule == PASSWORD && is_random(value)) };
    let is_one = can_be && (rule != TOKEN || is_long(value)) && !is_placeholder(value) && mask_at(value, 0).is_none();
    is_one.then(|| hits.push(range, Rule::Name(rule)))
}

/// What a field has in it, behind the quote that ends its name: `[ref=e12]: x`, `value="x"`, or the line below.
fn held(rest: &str) -> Option<Range<usize>> {
    let line = rest.split('\n').next()?;
    let attribute = " value=\"";
    let mut at = rest.strip_prefix('"').map(|_| 1)?;
    if let Some(at) = line.find(attribute) {
        let start = at + attribute.len();
        return Some(start..start + line.get(start..)?.find('"')?);
    }
    // What the browser says of it: `[active] [ref=e12]`.
    while let Some(said) = rest.get(at..)?.strip_prefix(" [") {
        at += said.find(']')? + 3;
    }
    at += rest.get(at..)?.strip_prefix(':').map(|_| 1)?;
    // What else is said of it has lines of its own, all indented alike: `- /placeholder: x`, `- text: x`.
    let indented = rest.get(at..)?.strip_prefix('\n').map(indent);
    while let Some(more) = rest.get(at..)?.strip_prefix('\n').filter(|more| Some(indent(more)) == indented) {
        let said = more.trim_start();
        at += 1 + more.len() - said.len();
        if said.starts_with("- text: ") {
            return scalar(rest, at + "- text:".len());
        }
        at += said.find('\n').filter(|_| said.starts_with("- /"))?;
    }
    scalar(rest, at)
}

/// What a page shows below a name that it shows: `- text: API key`, and `- code [ref=e6]: x`.
fn below(rest: &str, before: &str) -> Option<Range<usize>> {
    const SHOWN: &str = "StaticText \"";
    let behind = rest.trim_start_matches(['"', ':']).strip_prefix('\n')?;
    let line = behind.split('\n').next().filter(|_| before.contains(SHOWN) || before.contains("- text: "))?;
    let at = rest.len() - behind.len();
    if let Some(shown) = line.find(SHOWN) {
        let start = at + shown + SHOWN.len();
        return Some(start..start + rest.get(start..)?.find('"')?);
    }
    let item = line.find(": ").filter(|_| line.trim_start().starts_with("- "))?;
    scalar(rest, at + item + 1)
}

/// What a script types into what it finds by a name, up to the end of a word at a place.
fn typed(text: &str, end: usize, rest: &str) -> Option<Range<usize>> {
    const KINDS: [&str; 4] = ["input", "field", "text", "box"];
    const LONGEST: usize = 16;
    let is_of_kind = |byte: &u8| byte.is_ascii_alphabetic() || b"-_ ".contains(byte);
    let length = rest.bytes().take(LONGEST).take_while(is_of_kind).count();
    let kind = rest.get(..length)?.trim_start_matches(['-', '_', ' ']);
    let begins = |word: &&str| kind.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
    let behind = rest.get(length..)?.strip_prefix(['"', '\'', '`'])?;
    if !behind.starts_with([')', ' ', '}', ',']) || !(kind.is_empty() || KINDS.iter().any(begins)) {
        return None;
    }
    let (at, typing) = TYPING.split(' ').find_map(|typing| Some((behind.find(typing)?, typing)))?;
    // The call that finds it ends there, and others may narrow it down.
    let found = behind.get(..at)?.trim_end();
    if !found.contains(')') || found.contains(['"', '\'', '`', ';', '=', '\n']) {
        return None;
    }
    let start = end + rest.len() - behind.len() + at + typing.len();
    let quote = *text.as_bytes().get(start).filter(|byte| b"\"'`".contains(byte))?;
    Some(start + 1..Quote { byte: quote, escapes: 0 }.close(text, start + 1)?)
}

/// What YAML has at a place behind a space, in quotes or not.
fn scalar(text: &str, at: usize) -> Option<Range<usize>> {
    let line = text.get(at..)?.split('\n').next()?.trim_end();
    let start = at + 1;
    let value = line.strip_prefix(' ')?;
    let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    Some(inner.map_or(start..start + value.len(), |inner| start + 1..start + 1 + inner.len()))
}
