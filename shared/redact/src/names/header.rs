//! Names of headers, which may have a word or a number behind what they are.

use super::{super::rules::Rules, Name, tables::HEADER_QUALIFIERS};

/// Whether a header of this name carries a credential.
pub(in super::super) fn is_header(name: &str, rules: &Rules) -> bool {
    header(name, rules).is_credential()
}

/// The name of a header, without what may follow it.
pub(in super::super) fn header<'r>(name: &str, rules: &'r Rules) -> Name<'r> {
    Name::of(unqualified(name), rules)
}

/// A header's name as it is written, without what may follow it.
pub(in super::super) fn unqualified(name: &str) -> &str {
    let mut name = name.trim_end();
    while let Some((rest, last)) = name.rsplit_once(['-', '_']) {
        let is_number = last.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number && !HEADER_QUALIFIERS.iter().any(|word| last.eq_ignore_ascii_case(word)) {
            break;
        }
        name = rest;
    }
    name.trim_end_matches(|last: char| last.is_ascii_digit())
}
