//! Which name stands before a place in a text: directly, as another attribute, in the element before, around the block.

use super::near::line_before;
use crate::tables::words::ends_in;
use std::ops::Range;

/// How much is read of a name, in bytes.
pub(super) const LONGEST_NAME: usize = 64;
/// The most signs between a name and what assigns to it: quotes, brackets, spaces.
pub(super) const MOST_SIGNS: usize = 12;
/// The farthest that a value's line may be indented below that of its name.
const MOST_INDENT: usize = 64;

/// The name that ends at a place.
pub(super) fn name_before(bytes: &[u8], end: usize) -> Range<usize> {
    let before = bytes.get(end.saturating_sub(LONGEST_NAME)..end).unwrap_or_default();
    let start = end - before.iter().rev().take_while(|byte| is_of_name(**byte)).count();
    // Its line may begin with an escape.
    let is_escaped = matches!(bytes.get(start.saturating_sub(1)..start + 2), Some([b'\\', b'n' | b'r', b'a'..=b'z']));
    start + usize::from(is_escaped && start + 1 < end)..end
}

const fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// A name with the word before it: two words may be one name, as `api key`.
pub(super) fn phrase(bytes: &[u8], name: &Range<usize>) -> Option<Range<usize>> {
    let space = name.start.checked_sub(1).filter(|space| *space > 0 && bytes.get(*space) == Some(&b' '))?;
    let start = name_before(bytes, space).start;
    (start < space).then_some(start..name.end)
}

/// The name that a type follows: `const TOKEN string = "x"`, `token: String = "x"`.
pub(super) fn declared(bytes: &[u8], start: usize) -> Range<usize> {
    let before = bytes.get(start.saturating_sub(MOST_SIGNS)..start).unwrap_or_default();
    name_before(bytes, start - before.iter().rev().take_while(|byte| b" :?".contains(byte)).count())
}

/// Whether a place is within a resource's name.
pub(super) fn is_of_resource(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(at.saturating_sub(LONGEST_NAME * 2)..at).unwrap_or_default();
    let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || b":-_/".contains(byte);
    let word = before.iter().rev().take_while(|byte| is_of_word(byte)).count();
    before.get(before.len() - word..).is_some_and(|word| word.starts_with(b"arn:") || word.starts_with(b"urn:"))
}

/// The name of a value that follows it as a pair of its own: `name: "x-api-key", value: "x"`.
fn label_before(bytes: &[u8], value: usize) -> Option<Range<usize>> {
    let back_over = |end: usize, most: usize, signs: &[u8]| {
        let before = bytes.get(end.saturating_sub(most)..end).unwrap_or_default();
        end - before.iter().rev().take_while(|byte| signs.contains(byte)).count()
    };
    let back = |end, signs| back_over(end, MOST_SIGNS, signs);
    let comma = back_over(value, MOST_INDENT, b" \t\r\n\"'\\");
    let label = name_before(bytes, back(comma, b", \t\"'`\\"));
    let colon = back(label.start, b" \t\"'`\\");
    let is_assigned = matches!(bytes.get(colon.checked_sub(1)?), Some(b':' | b'='));
    let member = name_before(bytes, back(colon, b":= \t\"'\\"));
    let member = bytes.get(member)?;
    (is_assigned && ends_in(member, "name key header") && !label.is_empty()).then_some(label)
}

/// The name that an element before a place has: `<key>password</key> <string>x</string>`,
/// `<th>password</th><td>x</td>`.
fn element_before(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    const LABELS: [&str; 7] = ["</key>", "</name>", "</param-name>", "</string>", "</th>", "</td>", "</dt>"];
    let near = bytes.get(start.saturating_sub(LONGEST_NAME)..start.checked_sub(1)?)?.trim_ascii_end();
    let near = near.strip_suffix(b"<value>").map_or(near, <[u8]>::trim_ascii_end);
    // The element around it: `<password><value>x`, `<data name="password"><value>x`.
    if let Some(inner) = near.strip_suffix(b">").filter(|inner| !inner.ends_with(b"/")) {
        let open = inner.iter().rposition(|byte| *byte == b'<')? + 1;
        let tag = inner.get(open..)?;
        if !tag.starts_with(b"/") {
            const NAME: &[u8] = b" name=\"";
            let named = tag.windows(NAME.len()).position(|it| it == NAME).map(|at| at + NAME.len());
            let rest = tag.get(named.unwrap_or_default()..)?;
            let length = rest.iter().take_while(|byte| is_of_name(**byte)).count();
            let first = start.saturating_sub(LONGEST_NAME) + open + named.unwrap_or_default();
            return Some(first..first + length);
        }
    }
    let label = LABELS.iter().find(|label| near.ends_with(label.as_bytes()))?;
    let end = start.saturating_sub(LONGEST_NAME) + near.len() - label.len();
    Some(name_before(bytes, end))
}

/// The name of the element whose first tag ends at a place, if it has attributes and none of them is its name.
pub(super) fn element_of(bytes: &[u8], end: usize) -> Option<Range<usize>> {
    const FAR: usize = 192;
    let start = end.saturating_sub(FAR);
    let tag = bytes.get(start..end)?;
    let first = tag.iter().rposition(|byte| b"<>".contains(byte)).filter(|at| tag.get(*at) == Some(&b'<'))? + 1;
    let inner = tag.get(first..)?;
    let length = inner.iter().position(|byte| *byte == b' ')?;
    let is_named =
        [&b" key="[..], b" name=", b" id="].iter().any(|name| inner.windows(name.len()).any(|it| it == *name));
    (!is_named).then(|| name_before(bytes, start + first + length))
}

/// The name that an option before a place gives: `--name /app/password --value x`, `secret set API_KEY --body x`.
fn option_before(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    const FAR: usize = 128;
    let far = start.saturating_sub(FAR);
    let before = bytes.get(far..start)?;
    let line = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let names = [&b"--name "[..], b"--name=", b"secret set ", b"env add "];
    let label = names.iter().find_map(|name| {
        let at = before.get(line..)?.windows(name.len()).rposition(|it| it == *name)?;
        Some(line + at + name.len())
    })?;
    let word = before.get(label..)?.iter().position(|byte| *byte == b' ').map_or(before.len(), |end| label + end);
    let trimmed = before.get(label..word)?.iter().rev().take_while(|byte| b"\"'".contains(byte)).count();
    Some(name_before(bytes, far + word - trimmed))
}

/// The names that may be that of a value, the name of which only says that it is one: `value=`.
pub(super) fn labels(bytes: &[u8], start: usize) -> impl Iterator<Item = Range<usize>> {
    [label_before, element_before, option_before].into_iter().filter_map(move |before| before(bytes, start))
}

/// The names that may be that of such a value at a separator, and that have words as their values too.
pub(super) fn labels_around(bytes: &[u8], start: usize, separator: usize) -> impl Iterator<Item = Range<usize>> {
    block_before(bytes, start).into_iter().chain(attributes(bytes, start, separator))
}

/// The name of the block that a line is in: `variable "db_password" {`, or `db_password:` above it and further out.
fn block_before(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    const FAR: usize = 256;
    const MEMBERS: [&[u8]; 4] = [b"value", b"default", b"Default", b"Value"];
    if !MEMBERS.iter().any(|member| bytes.get(start..).is_some_and(|rest| rest.starts_with(member))) {
        return None;
    }
    let named = |end: usize| {
        let head = bytes.get(..end)?;
        let signs = head.iter().rev().take(MOST_SIGNS).take_while(|byte| b" \t\r\"'{:".contains(byte));
        let is_head = signs.clone().any(|byte| b"{:".contains(byte));
        is_head.then(|| name_before(bytes, end - signs.count()))
    };
    let far = start.saturating_sub(FAR);
    let before = bytes.get(far..start)?;
    let mut lines = before.rsplit(|byte| *byte == b'\n');
    let own = lines.next()?;
    let mut end = start - own.len();
    if let Some(bracket) = own.iter().rposition(|byte| b"{}".contains(byte)) {
        return named(end + bracket + 1).filter(|_| own.get(bracket) == Some(&b'{'));
    }
    let further = |line: &[u8]| line.len() - line.trim_ascii_start().len();
    let is_begun = own.trim_ascii().iter().all(|byte| b"\"'-".contains(byte));
    for line in lines.filter(|_| is_begun) {
        end -= 1;
        // Of the first line only the end may be there.
        let is_whole = end - line.len() > far || far == 0;
        if !line.trim_ascii().is_empty() && further(line) < own.len() {
            return named(end).filter(|_| is_whole);
        }
        end -= line.len();
    }
    None
}

/// What the attributes of an element say of its value, whatever their order: `<input value="x" type=password>`.
fn attributes(bytes: &[u8], start: usize, separator: usize) -> impl Iterator<Item = Range<usize>> {
    const FAR: usize = 256;
    // What has one of these shows its value, or lets it be chosen.
    const CHOICES: [&[u8]; 6] = [b"<option ", b"<li ", b"\"submit\"", b"\"button\"", b"\"radio\"", b"\"checkbox\""];
    const LABELS: [&[u8]; 6] = [b"type", b"name", b"id", b"key", b"property", b"autocomplete"];
    let before = bytes.get(start.saturating_sub(FAR)..start).unwrap_or_default();
    let bracket = before.iter().rposition(|byte| b"<>".contains(byte));
    let is_element = bracket.is_some_and(|at| before.get(at) == Some(&b'<'))
        && bytes.get(separator) == Some(&b'=')
        // What is in braces is code.
        && bytes.get(separator + 1) != Some(&b'{');
    let first = start - before.len() + bracket.unwrap_or_default();
    let end = if is_element { bytes.len().min(separator + FAR) } else { first };
    let element = bytes.get(first..end).unwrap_or_default();
    let close = element.iter().skip(separator - first).position(|byte| *byte == b'>');
    let element = element.get(..close.map_or(element.len(), |close| separator - first + close)).unwrap_or_default();
    let is_choice = CHOICES.iter().any(|choice| element.windows(choice.len()).any(|it| it == *choice));
    let element = if is_choice { &[] } else { element };
    let signs = element.iter().enumerate().filter(|(_, byte)| **byte == b'=').map(move |(at, _)| first + at);
    signs.filter_map(move |sign| {
        let label = bytes.get(name_before(bytes, sign)).filter(|label| LABELS.contains(label))?;
        let quotes = bytes.get(sign + 1..)?.iter().take(2).take_while(|byte| b"\"'\\".contains(byte)).count();
        let start = sign + 1 + quotes;
        let name = bytes.get(start..)?.iter().take(LONGEST_NAME).take_while(|byte| is_of_name(**byte)).count();
        (!label.is_empty()).then_some(start..start + name)
    })
}

/// Whether a name is what an attribute says that an element is called: `<entry key="password">`.
pub(super) fn is_named_attribute(bytes: &[u8], start: usize) -> bool {
    let before = bytes.get(..start).unwrap_or_default();
    ["key=\"", "name=\"", "id=\""].iter().any(|attribute| before.ends_with(attribute.as_bytes()))
}

/// Whether a place is the first of its line, but for what lists, replies and shells put before it.
pub(super) fn begins_line(text: &str, at: usize) -> bool {
    let before = line_before(text, at, LONGEST_NAME).trim();
    matches!(before, "export" | "set" | "ENV" | "ARG") || before.bytes().all(|byte| b"-*#>".contains(&byte))
}
