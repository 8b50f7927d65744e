//! Names and values that are members of their own: `{"name": "Authorization", "value": "Bearer x"}` as in HAR,
//! `["x-api-key", "x"]` as in lists of headers.

use super::{
    assigned,
    names::{Name, is_header},
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
    /// An object or an array began or ended.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Reads a member's value. Gives the place of the credential that it completes, whose half may have come before, and
    /// what it is.
    pub(super) fn member(&mut self, member: &str, literal: &Range<usize>, said: &str) -> Option<Found> {
        match member {
            "name" | "key" | "header" | "headerName" | "header_name" | "field" | "k" if said.len() <= LONGEST_LABEL => {
                self.label = Some(said.to_owned());
            }
            "value" | "headerValue" | "header_value" | "val" | "v" => {
                self.value = Some((literal.clone(), said.to_owned()));
            }
            _ => return None,
        }
        let label = self.label.as_deref()?;
        let (literal, said) = self.value.as_ref()?;
        let found = named(label, said)?;
        Some(Found { literal: literal.clone(), ..found })
    }

    /// Reads an element of an array, which may be the value of the one before it.
    pub(super) fn element(&mut self, literal: &Range<usize>, said: &str) -> Option<Found> {
        let label = self.element.take();
        if said.len() <= LONGEST_LABEL {
            self.element = Some(said.to_owned());
        }
        let label = label.filter(|label| is_sent(label))?;
        Some(Found { literal: literal.clone(), ..named(&label, said)? })
    }
}

/// A credential that has a label.
pub(super) struct Found {
    pub(super) literal: Range<usize>,
    /// Where it is in what the literal says.
    pub(super) range: Range<usize>,
    pub(super) rule: &'static str,
}

fn named(label: &str, said: &str) -> Option<Found> {
    let found = assigned::member(&Name::of(label), said);
    let header = || (is_sent(label) && can_be_credential(said)).then_some((0..said.len(), "header"));
    let (range, rule) = found.or_else(header)?;
    Some(Found { literal: 0..0, range, rule })
}

/// Whether it is the name of a header that carries a credential, and nothing else.
fn is_sent(label: &str) -> bool {
    let name = || Name::of(label);
    is_header(label) && (label.contains('-') || name().is_whole_authorization() || name().is_cookie())
}
