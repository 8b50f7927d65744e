//! Names and values that are members or elements of their own: `{"name": "Authorization", "value": "Bearer x"}` as in
//! HAR, `["x-api-key", "x"]` as in lists of headers, `["--password", "x"]` as in lists of arguments, and the private
//! members of a key in JSON.

use super::{
    assigned, commands,
    json::Found,
    names::{Name, PASSWORD, header::is_header},
    rules::Rules,
    values::{can_be_credential, is_hex_key},
};
use std::{mem, ops::Range};

/// The longest label, in bytes.
const LONGEST_LABEL: usize = 64;
/// How many values wait for a label that comes after them.
const MOST_WAITING: usize = 4;

/// Members that say what a value is called.
const LABELS: [&str; 18] = [
    "name",
    "key",
    "header",
    "headerName",
    "header_name",
    "field",
    "k",
    "label",
    "title",
    "question",
    "id",
    "element",
    "selector",
    "locator",
    "variable",
    "ParameterKey",
    "path",
    "target",
];
/// Members that have such a value, or the value of the member that they are in.
const VALUES: [&str; 15] = [
    "value",
    "default",
    "headerValue",
    "header_value",
    "val",
    "v",
    "stringValue",
    "string_value",
    "stringVal",
    "string_val",
    "ParameterValue",
    "text",
    "content",
    "answer",
    "S",
];
/// What says that the value next to it is a credential, whatever its name.
const SECURE: &str = "SecureString";
/// Those of them that are texts of people as well, and nothing of the member that they are in.
const TEXTS: [&str; 5] = ["text", "content", "answer", "v", "val"];

/// Whether a member only says of which type the value is that its object has: `{"password": {"stringValue": "x"}}`.
pub(super) fn is_wrapper(member: &str) -> bool {
    VALUES.contains(&member) && !TEXTS.contains(&member)
}

/// What a JSON text said last, where it may be one half of a pair.
#[derive(Default)]
pub(super) struct Pairs {
    label: Option<String>,
    is_secure: bool,
    values: Vec<(Range<usize>, String)>,
    element: Option<String>,
    /// What an array has said so far, as the line of a command.
    line: String,
    has_user: bool,
    key: PrivateKey,
}

/// The private members of a JSON web key, which are known once its type is.
#[derive(Default)]
struct PrivateKey {
    is_one: bool,
    members: Vec<(Range<usize>, usize)>,
}

impl Pairs {
    /// An object or an array began or ended, as the value of a member or not. What is in a pair's value is worth as
    /// much.
    pub(super) fn enter(&mut self, member: Option<&str>) {
        let goes_on = member == Some("value");
        let label = self.label.take().filter(|_| goes_on);
        *self = Self { label, is_secure: self.is_secure && goes_on, ..Self::default() };
    }

    /// Reads a member's value. Gives the places of the credentials that it completes, whose half may have come before,
    /// and what they are.
    pub(super) fn member(&mut self, member: &str, literal: &Range<usize>, said: &str, rules: &Rules) -> Vec<Found> {
        let is = |names: &[&str]| names.iter().any(|name| member.eq_ignore_ascii_case(name));
        let private = self.key.member(member, literal, said);
        if !private.is_empty() {
            return private;
        }
        // As Kaggle's file has them.
        self.has_user |= member == "username";
        if self.has_user && member == "key" && is_hex_key(said) {
            return vec![Found { literal: literal.clone(), range: 0..said.len(), rule: "api-key" }];
        }
        // As a store of AWS says it, and Postman.
        if said == SECURE || (said == "secret" && member == "type") {
            self.is_secure = true;
        } else if said.len() <= LONGEST_LABEL && is(&LABELS) {
            // Of several the one that names a credential counts, in whatever order they come.
            if self.label.as_deref().is_some_and(|label| names_credential(label, rules)) {
                return Vec::new();
            }
            self.label = Some(said.to_owned());
        } else if is(&VALUES) {
            let found = self.pair(literal, said, rules);
            if self.values.len() < MOST_WAITING {
                self.values.push((literal.clone(), said.to_owned()));
            }
            return found.into_iter().collect();
        } else {
            return Vec::new();
        }
        self.values.iter().filter_map(|(literal, said)| self.pair(literal, said, rules)).collect()
    }

    fn pair(&self, literal: &Range<usize>, said: &str, rules: &Rules) -> Option<Found> {
        let labels = [self.label.as_deref(), self.is_secure.then_some("secret")];
        let found = labels.into_iter().flatten().find_map(|label| named(label, said, rules))?;
        Some(Found { literal: literal.clone(), ..found })
    }

    /// Reads an element of an array, which may be the value of the one before it.
    pub(super) fn element(&mut self, literal: &Range<usize>, said: &str, rules: &Rules) -> Option<Found> {
        let label = self.element.take();
        if said.len() <= LONGEST_LABEL {
            self.element = Some(said.to_owned());
        }
        let given = short_option(&self.line, label.as_deref().unwrap_or_default(), said);
        if self.line.len() + said.len() < commands::LONGEST_COMMAND {
            self.line.extend([said, " "]);
        }
        if let Some((range, rule)) = given {
            return Some(Found { literal: literal.clone(), range, rule });
        }
        let label = label?;
        let found = if let Some(option) = label.strip_prefix('-') {
            argument(option, said, rules)?
        } else if (is_sent(&label, rules) && !is_sent(said, rules))
            || (is_selector(&label) && !is_selector(said) && !names_credential(said, rules))
        {
            named(&label, said, rules)?
        } else {
            return None;
        };
        Some(Found { literal: literal.clone(), ..found })
    }
}

impl PrivateKey {
    /// Reads a member. Gives the private ones, once there are some and they are known to be.
    fn member(&mut self, member: &str, literal: &Range<usize>, said: &str) -> Vec<Found> {
        const MEMBERS: [&str; 7] = ["d", "dp", "dq", "k", "p", "q", "qi"];
        const SHORTEST: usize = 16;
        let is_number = || said.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte));
        if member == "kty" {
            self.is_one = true;
        } else if said.len() >= SHORTEST && MEMBERS.contains(&member) && is_number() {
            self.members.push((literal.clone(), said.len()));
        }
        if !self.is_one {
            return Vec::new();
        }
        let found = |(literal, length)| Found { literal, range: 0..length, rule: "private-key" };
        mem::take(&mut self.members).into_iter().map(found).collect()
    }
}

fn named(label: &str, said: &str, rules: &Rules) -> Option<Found> {
    let label = shown(label);
    let found = assigned::member(&Name::of(label, rules), said);
    let header = || {
        let is_one = label.contains('-') && is_sent(label, rules) && can_be_credential(said);
        is_one.then_some((0..said.len(), "header"))
    };
    let (range, rule) = found.or_else(header)?;
    Some(Found { literal: 0..0, range, rule })
}

/// A label without what a page says around the name: `Password field`, `API key?`.
fn shown(label: &str) -> &str {
    let label = label.trim_end_matches(['?', ':', '*', ' ']);
    let kinds = [" field", " input", " textbox", " input field", " text field", " box"];
    kinds.iter().find_map(|kind| label.strip_suffix(kind)).unwrap_or(label)
}

/// Whether what has this label is a credential, if it looks like one.
fn names_credential(label: &str, rules: &Rules) -> bool {
    let label = shown(label);
    Name::of(label, rules).assigned().is_some() || is_sent(label, rules)
}

/// What a short option gives that only its command's name tells, alone or joined to it: `["mysql", "-px"]`.
fn short_option(line: &str, before: &str, said: &str) -> Option<(Range<usize>, &'static str)> {
    let (option, skipped) = match (said.as_bytes(), before.as_bytes()) {
        ([b'-', option, _, ..], _) if option.is_ascii_alphabetic() => (*option, 2),
        (_, [b'-', option]) => (*option, 0),
        _ => return None,
    };
    let (start, rule) = commands::short_option(line, option, said.get(skipped..)?, skipped > 0)?;
    Some((skipped + start..said.len(), rule))
}

/// What an option of a command gives, without the first of its hyphens.
fn argument(option: &str, said: &str, rules: &Rules) -> Option<Found> {
    if matches!(option, "u" | "-user" | "-proxy-user") {
        return Some(Found { literal: 0..0, range: commands::user(said)?..said.len(), rule: PASSWORD });
    }
    named(option, said, rules)
}

/// Whether it says where an element is in a page, which a tool for browsers fills: `["#password", "x"]`.
fn is_selector(label: &str) -> bool {
    label.starts_with(['#', '.', '['])
}

/// Whether it is the name of a header that carries a credential, and nothing else.
fn is_sent(label: &str, rules: &Rules) -> bool {
    let name = || Name::of(label, rules);
    is_header(label, rules) && (label.contains('-') || name().is_whole_authorization() || name().is_cookie())
}
