//! What stands below the name of several credentials: the items and members of a block of YAML (`api_keys:`,
//! `secrets:`, the data of a Kubernetes secret, in JSON too), of which each is one if it looks like a key; and what a
//! command prints below itself that was told to show a secret.

use super::{
    before::{line_before, name_before},
    extents::{opening, run, word_end},
    mask::{Hits, Rule},
    names::{Name, SECRET, TOKEN},
    pairs::Found,
    values::{can_be_credential, can_be_password, clipped, is_base64, is_drawn, is_key, is_random},
};
use std::{mem, ops::Range};

/// How far a block is read, in lines and in bytes of each.
const MOST_LINES: usize = 32;
const LONGEST_LINE: usize = 256;
/// How a Kubernetes secret says that it is one, and the members that hold it.
const KIND: &str = "kind: Secret";
const DATA: [&str; 2] = ["data", "stringData"];

/// The rule of what a container of this name holds: of several credentials, or of one in several forms.
pub(super) fn rule_of(container: &str, value: &str, folded: &mut Name<'_>) -> Option<&'static str> {
    let rule = folded.rule_of(container.strip_suffix('s').unwrap_or(container));
    // What models read and what is traded are tokens too.
    rule.filter(|rule| *rule != TOKEN || (is_drawn(value) && !value.starts_with("0x")))
}

/// Whether a member says what something is called, and not what opens it.
pub(super) fn is_id(member: &str) -> bool {
    const ENDS: &str = "id name integrity checksum hash sha256 type version digest etag";
    let is_end = |end: &str| {
        let start = member.len().checked_sub(end.len());
        start.and_then(|start| member.get(start..)).is_some_and(|it| it.eq_ignore_ascii_case(end))
    };
    ENDS.split(' ').any(is_end)
}

/// Finds credentials below a name, the last word of which ends at a place. Gives where the last of them ends.
pub(super) fn at_word(text: &str, end: usize, folded: &mut Name<'_>, hits: &mut Hits) -> Option<usize> {
    let rest = text.get(end..)?;
    if rest.starts_with(":\n") || rest.starts_with("s:\n") {
        let name = name_before(text.as_bytes(), end);
        let indent = indent(line_before(text, name.end, LONGEST_LINE));
        let container = text.get(name)?.to_owned();
        let start = end + rest.find('\n')? + 1;
        return block(text, start, indent, hits, &mut |value| {
            is_key(value).then(|| rule_of(&container, value, folded)).flatten()
        });
    }
    if rest.is_empty() || rest.starts_with(['\r', '\n']) {
        secret(text, end, hits);
    }
    printed(text, end, hits)
}

/// Takes the data of a Kubernetes secret, before and after the line that says what it is and ends at a place.
fn secret(text: &str, end: usize, hits: &mut Hits) {
    const FAR: usize = 2_048;
    let line = line_before(text, end, LONGEST_LINE);
    let Some(head) = line.strip_suffix(KIND).filter(|head| head.bytes().all(|byte| b" -".contains(&byte))) else {
        return;
    };
    // Gives whether the lines before, or behind, are of it as well. A list's sign is before the first member.
    let mut read = |line: &str, end: usize, is_before: bool| {
        let member = line.get(head.len()..).unwrap_or_default().trim_ascii_end();
        let is_inside = line.trim_ascii().is_empty() || indent(line) >= head.len();
        if (is_inside || is_before) && DATA.iter().any(|data| member.strip_suffix(':') == Some(data)) {
            block(text, end, head.len(), hits, &mut |value| can_be_credential(value).then_some("secret"));
        }
        is_inside && !["---", "```"].iter().any(|end| line.starts_with(end)) && !member.starts_with("kind:")
    };
    let mut at = end;
    for line in clipped(text.get(end..).unwrap_or_default(), FAR).split_inclusive('\n') {
        at += line.len();
        if !read(line, at, false) {
            break;
        }
    }
    at = end - line.len();
    let before = text.get(text.floor_char_boundary(at.saturating_sub(FAR))..at).unwrap_or_default();
    // What is before the first member of an item is of another.
    for line in before.split_inclusive('\n').rev().take_while(|_| !head.contains('-')) {
        if !read(line, at, true) {
            break;
        }
        at -= line.len();
    }
}

/// The members of the data of a Kubernetes secret in JSON, which are known to be some once its kind is.
#[derive(Default)]
pub(super) struct Manifest {
    depth: usize,
    /// How deep the object is that may be one.
    level: usize,
    is_secret: bool,
    is_data: bool,
    members: Vec<(Range<usize>, usize)>,
}

impl Manifest {
    /// An object or an array begins, as the value of a member or not.
    pub(super) fn enter(&mut self, member: Option<&str>) {
        let is_data = member.is_some_and(|member| DATA.contains(&member));
        if is_data {
            self.look_at(self.depth);
        }
        if self.depth == self.level {
            self.is_data = is_data;
        }
        self.depth += 1;
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.depth < self.level {
            self.look_at(0);
        }
    }

    fn look_at(&mut self, level: usize) {
        if self.level != level {
            *self = Self { depth: self.depth, level, ..Self::default() };
        }
    }

    /// Reads a member's value. Gives those of the data that are known to be credentials now.
    pub(super) fn member(
        &mut self,
        member: &str,
        literal: &Range<usize>,
        said: &str,
    ) -> impl Iterator<Item = Found> + use<> {
        if member == "kind" && said == "Secret" {
            self.look_at(self.depth);
            self.is_secret = true;
        } else if self.is_data && self.depth == self.level + 1 && can_be_credential(said) {
            self.members.push((literal.clone(), said.len()));
        }
        let known = if self.is_secret { mem::take(&mut self.members) } else { Vec::new() };
        known.into_iter().map(|(literal, length)| Found { literal, range: 0..length, rule: "secret" })
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Takes the values of a block's lines that are credentials.
fn block(
    text: &str,
    start: usize,
    indent_of_name: usize,
    hits: &mut Hits,
    rule: &mut dyn FnMut(&str) -> Option<&'static str>,
) -> Option<usize> {
    let (mut at, mut last) = (start, None);
    for line in text.get(start..)?.split('\n').take(MOST_LINES) {
        let said = line.trim_start();
        let is_item = said.starts_with("- ");
        if line.len() > LONGEST_LINE || indent(line) < indent_of_name + usize::from(!is_item) {
            break;
        }
        let value = if is_item { Some(("", said.get(2..).unwrap_or_default())) } else { said.split_once(": ") };
        if let Some((_, value)) = value.filter(|(member, _)| !is_id(member)) {
            let (from, quote) = opening(text, at + line.len() - value.len());
            let to = quote.map_or_else(
                || Some(word_end(text, run(text, from, LONGEST_LINE).end)),
                |quote| quote.close(text, from),
            );
            if let Some((to, rule)) = to.and_then(|to| Some((to, rule(text.get(from..to)?)?))) {
                hits.push(from..to, Rule::Name(rule));
                last = Some(to);
            }
        }
        at += line.len() + 1;
    }
    last
}

/// What a command shows below its line, of which a name is part: `$ cat /run/secrets/x`.
fn printed(text: &str, end: usize, hits: &mut Hits) -> Option<usize> {
    const SHOWING: &str =
        "cat |echo $|printenv | get | get-parameter |get-secret-value | access | read |initial-password | show ";
    const FAR: usize = 128;
    let before = line_before(text, end, FAR);
    if !before.starts_with("$ ") && !before.starts_with("# ") {
        return None;
    }
    let (rest, below) = clipped(text.get(end..)?, FAR).split_once('\n')?;
    let start = end + rest.len() + 1;
    let mut lines = below.lines().map(str::trim_end);
    let value = lines.next().unwrap_or_default();
    // A password is one if nothing else is shown.
    let mut is_all = || lines.next().is_none_or(|line| line.is_empty() || line.starts_with(['$', '#']));
    let mut is_password = || {
        can_be_password(value) && value.bytes().any(|byte| byte.is_ascii_digit()) && !value.contains(' ') && is_all()
    };
    let command = text.get(end - before.len()..start)?;
    let is_one = SHOWING.split('|').any(|showing| command.contains(showing))
        && (is_random(value) || is_password())
        && !value.contains([':', ',', '"', '\\'])
        && (!value.contains('/') || is_base64(value))
        && start + value.len() < end + FAR;
    is_one.then(|| {
        hits.push(start..start + value.len(), Rule::Name(SECRET));
        start + value.len()
    })
}
