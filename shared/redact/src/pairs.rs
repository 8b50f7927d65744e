//! Names and values that are members of their own: `{"name": "Authorization", "value": "Bearer x"}` as in HAR,
//! `["x-api-key", "x"]` as in lists of headers.

use super::{
    assigned,
    names::{Name, is_header},
    rules::Rules,
    values::can_be_credential,
};
use std::ops::Range;

/// The longest label, in bytes.
const LONGEST_LABEL: usize = 64;

/// What a JSON text said last, where it may be one half of a pair.
#[derive(Default)]
pub(super) struct Pairs {
    label: Option<String>,
    value: Option<(Range<usize>, String)>,
    element: Option<String>,
}

impl Pairs {
    /// An object or an array began or ended, as the value of a member or not. What is in a pair's value is worth as much.
    pub(super) fn enter(&mut self, member: Option<&str>) {
        let label = self.label.take().filter(|_| member == Some("value"));
        *self = Self { label, ..Self::default() };
    }

    /// Reads a member's value. Gives the place of the credential that it completes, whose half may have come before, and
    /// what it is.
    pub(super) fn member(&mut self, member: &str, literal: &Range<usize>, said: &str, rules: &Rules) -> Option<Found> {
        let is = |names: &[&str]| names.iter().any(|name| member.eq_ignore_ascii_case(name));
        if said.len() <= LONGEST_LABEL && is(&["name", "key", "header", "headerName", "header_name", "field", "k"]) {
            self.label = Some(said.to_owned());
        } else if is(&["value", "headerValue", "header_value", "val", "v", "stringValue", "string_value"]) {
            self.value = Some((literal.clone(), said.to_owned()));
        } else {
            return None;
        }
        let label = self.label.as_deref()?;
        let (literal, said) = self.value.as_ref()?;
        let found = named(label, said, rules)?;
        Some(Found { literal: literal.clone(), ..found })
    }

    /// Reads an element of an array, which may be the value of the one before it.
    pub(super) fn element(&mut self, literal: &Range<usize>, said: &str, rules: &Rules) -> Option<Found> {
        let label = self.element.take();
        if said.len() <= LONGEST_LABEL {
            self.element = Some(said.to_owned());
        }
        let label = label.filter(|label| is_sent(label, rules))?;
        Some(Found { literal: literal.clone(), ..named(&label, said, rules)? })
    }
}

/// A credential that has a label.
pub(super) struct Found {
    pub(super) literal: Range<usize>,
    /// Where it is in what the literal says.
    pub(super) range: Range<usize>,
    pub(super) rule: &'static str,
}

fn named(label: &str, said: &str, rules: &Rules) -> Option<Found> {
    let found = assigned::member(&Name::of(label, rules), said);
    let header = || (is_sent(label, rules) && can_be_credential(said)).then_some((0..said.len(), "header"));
    let (range, rule) = found.or_else(header)?;
    Some(Found { literal: 0..0, range, rule })
}

/// Whether it is the name of a header that carries a credential, and nothing else.
fn is_sent(label: &str, rules: &Rules) -> bool {
    let name = || Name::of(label, rules);
    is_header(label, rules) && (label.contains('-') || name().is_whole_authorization() || name().is_cookie())
}
