//! The short texts that a list shows of a run.

use api::step::{AttemptStatus, StepInput};

/// The longest endpoint label, in characters.
const MAX_LABEL: usize = 200;

/// The longest first message, in characters.
const MAX_FIRST_MESSAGE: usize = 200;

/// How a turn began; `None` when that is white space.
pub(in crate::store) fn first_message(message: &str) -> Option<String> {
    label(message, MAX_FIRST_MESSAGE)
}

/// White space collapsed, cut to `max` characters with the ellipsis inside; `None` when nothing is left.
pub(super) fn label(message: &str, max: usize) -> Option<String> {
    let mut words = message.split_whitespace();
    let mut label = words.next()?.to_owned();
    for word in words {
        label.push(' ');
        label.push_str(word);
    }
    if label.chars().count() > max {
        label = label.chars().take(max - 1).collect::<String>() + "…";
    }
    Some(label)
}

/// "METHOD /path" of a step's first completed attempt.
pub(in crate::store) fn endpoint_label(step: &StepInput) -> Option<String> {
    let attempt = step.attempts.iter().find(|attempt| attempt.status == AttemptStatus::Completed)?;
    let address = attempt.path.as_deref().or(attempt.url.as_deref())?;
    label(&format!("{} {}", attempt.method.as_deref().unwrap_or_default(), path_of(address)), MAX_LABEL)
}

/// The path of a URL, or a path without its query.
fn path_of(address: &str) -> &str {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    match address.split_once("//") {
        Some((scheme, rest)) if !scheme.contains('/') => rest.find('/').map_or("/", |at| rest.split_at(at).1),
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_cut_with_its_ellipsis_inside_the_limit() {
        assert_eq!(label("  a \n\t b\u{a0}c ", 200).as_deref(), Some("a b c"));
        assert_eq!(label(&"é".repeat(200), 200), Some("é".repeat(200)));
        assert_eq!(label(&"é".repeat(201), 200), Some("é".repeat(199) + "…"));
        assert_eq!(label(" \n ", 200), None);
    }

    #[test]
    fn a_path_is_found_in_any_address() {
        for (address, path) in [
            ("https://api.example.com/v1/messages?beta=true", "/v1/messages"),
            ("https://api.example.com?next=/x", "/"),
            ("/v1/messages#x", "/v1/messages"),
            ("/v1//messages", "/v1//messages"),
        ] {
            assert_eq!(path_of(address), path, "{address}");
        }
    }
}
