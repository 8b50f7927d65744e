//! What stands below the name of several credentials: the items and members of a block of YAML, of a section of TOML,
//! or of a member of JSON (`api_keys:`, `[secrets]`), of which each is one if it looks like a key.

use super::{
    before::name_before,
    extents::{opening, run, with_exclamation, word_end},
    near::line_before,
    search::Search,
};
use crate::{
    mask::{Hits, Rule},
    names::{Name, PASSWORD, SECRET, TOKEN},
    tables::words::ends_in,
    values::{is_drawn, is_key, is_random, is_uuid},
};

/// How far a block is read, in lines and in bytes of each.
const MOST_LINES: usize = 32;
pub(super) const LONGEST_LINE: usize = 256;

/// What a container's name may say of how its values are written.
const FORMS: [&str; 3] = ["_b64", "_base64", "_hex"];

fn without_form(name: &str) -> &str {
    FORMS.iter().find_map(|form| name.strip_suffix(form)).unwrap_or(name)
}

/// The rule of what a container of this name holds: of several credentials, or of one in several forms.
pub(crate) fn rule_of(container: &str, value: &str, folded: &mut Name<'_>) -> Option<&'static str> {
    let container = without_form(container);
    let several = container.strip_suffix('s');
    let rule = folded.rule_of(container).or_else(|| folded.rule_of(several?))?;
    let is_one = match rule {
        // What models read and what is traded are tokens too.
        TOKEN => is_key(value) && is_drawn(value) && !value.starts_with("0x"),
        // They are shorter than keys.
        PASSWORD | SECRET if several.is_some() && !value.contains(['/', ':']) && !is_uuid(value) => is_random(value),
        _ => is_key(value),
    };
    is_one.then_some(rule)
}

/// Whether a member says what something is called, and not what opens it.
pub(crate) fn is_id(member: &str) -> bool {
    const ENDS: &str = "id name integrity checksum hash sha256 type version digest etag shape $ref";
    ends_in(member.as_bytes(), ENDS)
}

/// Finds credentials below a name, the last word of which ends at a place. Gives where the last of them ends.
pub(super) fn at_word(search: &mut Search<'_>, end: usize) -> Option<usize> {
    let Search { text, folded, hits, .. } = search;
    let rest = text.get(end..)?;
    let behind = rest.strip_prefix('s').unwrap_or(rest);
    let behind = FORMS.iter().find_map(|form| behind.strip_prefix(form)).unwrap_or(behind);
    let [sign @ (b':' | b']'), b'\n', ..] = behind.as_bytes() else { return None };
    let name = name_before(text.as_bytes(), end);
    let line = line_before(text, name.end, LONGEST_LINE);
    let is_section = line.strip_prefix('[').is_some_and(|line| line.len() == name.len());
    if is_section != (*sign == b']') {
        return None;
    }
    let indented = if is_section { 0 } else { indent(line) + 1 };
    let container = text.get(name.start..name.end + usize::from(rest.starts_with('s')))?.to_owned();
    let start = end + rest.find('\n')? + 1;
    block(text, start, indented, hits, &mut |value| rule_of(&container, value, folded))
}

/// How far a line is indented.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Takes the values of a block's lines that are credentials. Its members are indented so far or further, and
/// its items as its name may be.
pub(super) fn block(
    text: &str,
    start: usize,
    indented: usize,
    hits: &mut Hits,
    rule: &mut dyn FnMut(&str) -> Option<&'static str>,
) -> Option<usize> {
    let (mut at, mut last) = (start, None);
    for line in text.get(start..)?.split('\n').take(MOST_LINES) {
        let said = line.trim_start();
        let item = said.strip_prefix("- ");
        let is_inside = indent(line) >= indented.saturating_sub(usize::from(item.is_some()));
        if line.len() > LONGEST_LINE || !is_inside || said.starts_with('[') {
            break;
        }
        let pair = item.unwrap_or(said);
        let value = pair.split_once(": ").or_else(|| pair.split_once(" = ")).or(item.map(|item| ("", item)));
        if let Some((_, value)) = value.filter(|(member, _)| !is_id(member)) {
            let (from, quote) = opening(text, at + line.len() - value.len());
            let to = quote.map_or_else(
                || Some(with_exclamation(text, word_end(text, run(text, from, LONGEST_LINE).end))),
                |quote| quote.close(text, from),
            );
            if let Some((to, rule)) = to.and_then(|to| Some((to, rule(text.get(from..to)?)?))) {
                last = Some(hits.push(from..to, Rule::Name(rule)));
            }
        }
        at += line.len() + 1;
    }
    last
}
