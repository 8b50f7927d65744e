//! Names and values that are members or elements of their own: `{"name": "Authorization", "value": "Bearer x"}` as in
//! HAR, `["x-api-key", "x"]` as in lists of headers, and `["--password", "x"]` as in lists of arguments.

use super::Found;
use crate::{
    names::{Name, PASSWORD, SECRET, headers::unqualified},
    tables::words::Words,
    text::commands,
    values::{can_be_credential, named},
};
use std::{borrow::Cow, mem, ops::Range};

/// The longest label, in bytes.
const LONGEST_LABEL: usize = 64;
/// How many values wait for a label that comes after them, and how many labels are tried.
const MOST_VALUES: usize = 4;
const MOST_LABELS: usize = 32;

/// Members that say what a value is called; `_id` as well as `id`.
static LABELS: Words = Words::of(
    "\
    element env field fieldName header headerName header_name id key k label locator name option OptionName \
    OutputKey ParameterKey path property question selector target title variable",
);
/// Members that have such a value, or the value of the member that they are in.
static VALUES: Words = Words::of(
    "\
    answer content current_value default fieldValue headerValue header_value input_value OutputValue \
    ParameterValue S stringValue string_value stringVal string_val text value val v",
);
/// What says that the value next to it is a credential, whatever its name.
const SECURE: &str = "SecureString";
/// Types that say so, too: of Postman, a form, 1Password, and of what clouds call their variables. What is encrypted is
/// none.
static TYPES: Words = Words::of("CONCEALED password secret SECRET");
/// Members that say so if they are true.
static FLAGS: Words = Words::of("is_secret isSecret masked sensitive secret");
/// Those of them that are texts of people as well, and nothing of the member that they are in.
static TEXTS: Words = Words::of("answer content text val v");
/// Members whose members are such values: `{"label": "Password", "answer": {"text": "x"}}`.
static INNER: Words = Words::of("answer value");

/// Whether a member only says of which type the value is that its object has: `{"password": {"stringValue": "x"}}`.
pub(super) fn is_wrapper(member: &str) -> bool {
    VALUES.has_exactly(member) && !TEXTS.has_exactly(member)
}

/// The name and the values that an object has as members.
#[derive(Default)]
pub(super) struct Pair<'t> {
    label: Option<Cow<'t, str>>,
    /// How many there were.
    labels: usize,
    is_secure: bool,
    /// Those that may come before their label.
    values: Vec<(Range<usize>, Cow<'t, str>)>,
}

impl<'t> Pair<'t> {
    /// What is in a pair's value is worth as much: `{"name": "projects/…/secrets/…", "payload": {"data": "x"}}`, too.
    pub(super) fn inner(&self, member: &str) -> Self {
        if INNER.has_exactly(member) || (self.is_secure && member == "payload") {
            return Self { label: self.label.clone(), is_secure: self.is_secure, ..Self::default() };
        }
        Self::default()
    }

    /// Reads a member's value. Adds the credentials that it completes, whose half may have come before.
    pub(super) fn member(
        &mut self,
        member: &str,
        literal: &Range<usize>,
        said: Cow<'t, str>,
        folded: &mut Name<'_>,
        found: &mut Vec<Found>,
    ) {
        // As a store of AWS says it, types do, and the vaults of Azure and Google.
        if said == SECURE
            || (member == "type" && TYPES.has_exactly(&said))
            || (member == "id" && said.contains("/secrets/"))
            || (member == "name" && said.starts_with("projects/") && said.contains("/secrets/"))
        {
            return self.secure(folded, found);
        }
        if said.len() <= LONGEST_LABEL && (member == "_id" || LABELS.has(member.as_bytes())) {
            // Of several the one that names a credential counts, in whatever order they come.
            self.labels += 1;
            if self.labels > MOST_LABELS || self.label.as_deref().is_some_and(|label| names_credential(label, folded)) {
                return;
            }
            self.label = Some(said);
        } else {
            if VALUES.has(member.as_bytes()) || (self.is_secure && member == "data") {
                found.extend(self.found(literal, &said, folded));
                if self.values.len() < MOST_VALUES {
                    self.values.push((literal.clone(), said));
                }
            }
            return;
        }
        found.extend(self.values.iter().filter_map(|(literal, said)| self.found(literal, said, folded)));
    }

    /// Reads a member that is true.
    pub(super) fn flag(&mut self, member: &str, folded: &mut Name<'_>, found: &mut Vec<Found>) {
        if FLAGS.has_exactly(member) {
            self.secure(folded, found);
        }
    }

    /// What it has is a credential, whatever it is called.
    fn secure(&mut self, folded: &mut Name<'_>, found: &mut Vec<Found>) {
        if !mem::replace(&mut self.is_secure, true) {
            found.extend(self.values.iter().filter_map(|(literal, said)| self.found(literal, said, folded)));
        }
    }

    fn found(&self, literal: &Range<usize>, said: &str, folded: &mut Name<'_>) -> Option<Found> {
        let labels = [self.label.as_deref(), self.is_secure.then_some(SECRET)];
        let (range, rule) = labels.into_iter().flatten().find_map(|label| named(label, said, folded))?;
        Some(Found { literal: literal.clone(), range, rule })
    }
}

/// A command and what it shows, as the tools of agents give back both.
#[derive(Default)]
pub(super) struct Shell {
    command: Option<String>,
    output: Option<(Range<usize>, String)>,
}

impl Shell {
    /// Reads a member's value. Gives the credential that it completes: all that a command shows, in one line.
    pub(super) fn member(&mut self, member: &str, literal: &Range<usize>, said: &str) -> Option<Found> {
        let is_short = said.len() <= commands::LONGEST_COMMAND && !said.trim_end().contains('\n');
        match member {
            "command" | "cmd" if is_short => self.command = Some(said.to_owned()),
            "stdout" | "output" if is_short => self.output = Some((literal.clone(), said.to_owned())),
            _ => return None,
        }
        let (literal, output) = self.output.as_ref()?;
        let range = commands::shown(self.command.as_deref()?.trim_end(), output.trim_end())?;
        Some(Found { literal: literal.clone(), range, rule: SECRET })
    }
}

/// What an array has said so far.
#[derive(Default)]
pub(super) struct List<'t> {
    last: Option<Cow<'t, str>>,
    /// All of it as the line of a command.
    line: String,
}

impl<'t> List<'t> {
    /// An element that is no string.
    pub(super) fn interrupt(&mut self) {
        self.last = None;
    }

    /// Reads an element, which may be the value of the one before it.
    pub(super) fn element(
        &mut self,
        literal: &Range<usize>,
        said: Cow<'t, str>,
        folded: &mut Name<'_>,
    ) -> Option<Found> {
        let label = self.last.take();
        let label = label.as_deref().unwrap_or_default();
        let given = short_option(&self.line, label, &said).or_else(|| value_of(label, &said, folded));
        if self.line.len() + said.len() < commands::LONGEST_COMMAND {
            self.line.extend([&said, " "]);
        }
        self.last = Some(said).filter(|said| said.len() <= LONGEST_LABEL);
        given.map(|(range, rule)| Found { literal: literal.clone(), range, rule })
    }
}

/// What an element makes of the next.
fn value_of(label: &str, said: &str, folded: &mut Name<'_>) -> Option<(Range<usize>, &'static str)> {
    if let Some(option) = label.strip_prefix('-') {
        return argument(option, said, folded);
    }
    let is_name = (is_sent(label, folded) && !is_sent(said, folded))
        || (is_selector(label) && !is_selector(said) && !names_credential(said, folded));
    is_name.then(|| named(label, said, folded)).flatten()
}

/// What a label makes of what is said, and by which rule.
fn named(label: &str, said: &str, folded: &mut Name<'_>) -> Option<(Range<usize>, &'static str)> {
    let label = shown(label);
    folded.read(label);
    named::member(folded, said).or_else(|| {
        let is_one = label.contains('-') && can_be_credential(said) && is_sent(label, folded);
        is_one.then_some((0..said.len(), "header"))
    })
}

/// A label without what a page says around the name: `Password input field (required)`, `API key?`,
/// `Password field on the login page`.
fn shown(label: &str) -> &str {
    let label = label.trim_end_matches(['?', ':', '*', ' ']);
    let label = label.strip_suffix(')').and_then(|label| label.split_once(" (")).map_or(label, |(label, _)| label);
    // Where something is, is said of what a page has.
    let before = |sign| label.split(sign).next();
    [Some(label), before(" in "), before(" on ")].into_iter().flatten().find_map(named_element).unwrap_or(label)
}

/// What the name of an element of a page says that it is for, if it says that it is one.
fn named_element(label: &str) -> Option<&str> {
    const KINDS: [&str; 8] = [" field", " input", " textbox", " text", " box", " element", " entry", " edit"];
    let mut name = label;
    while let Some(rest) = KINDS.iter().find_map(|kind| name.strip_suffix(kind)) {
        name = rest;
    }
    (name.len() < label.len()).then_some(name)
}

/// Whether what has this label is a credential, if it looks like one.
fn names_credential(label: &str, folded: &mut Name<'_>) -> bool {
    let label = shown(label);
    folded.rule_of(label).is_some() || is_sent(label, folded)
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
fn argument(option: &str, said: &str, folded: &mut Name<'_>) -> Option<(Range<usize>, &'static str)> {
    if matches!(option, "u" | "-user" | "-proxy-user") {
        return Some((commands::user(said)?..said.len(), PASSWORD));
    }
    named(option, said, folded)
}

/// Whether it says where an element is in a page, which a tool for browsers fills: `["#password", "x"]`.
fn is_selector(label: &str) -> bool {
    label.starts_with(['#', '.', '['])
}

/// Whether it is the name of a header that carries a credential, and nothing else.
fn is_sent(label: &str, folded: &mut Name<'_>) -> bool {
    folded.read(unqualified(label));
    folded.is_credential() && (label.contains('-') || folded.is_whole_authorization() || folded.is_cookie())
}
