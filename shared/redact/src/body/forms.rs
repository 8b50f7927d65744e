//! Bodies of forms: parameters as in a query, and parts of several types.

use crate::units::Units;
use std::ops::Range;

/// The parameters of a form, each a name and a value as they are written; `None` when the text is no form.
pub(super) fn parameters(text: &str, is_called_form: bool) -> Option<Vec<(Range<usize>, Range<usize>)>> {
    let body = text.trim_end_matches(['\r', '\n']);
    // Some clients call everything a form.
    if body.trim_ascii_start().starts_with(['{', '[']) {
        return None;
    }
    let is_of_form = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    if !body.bytes().all(is_of_form) && !is_called_form {
        return None;
    }
    let mut found = Vec::new();
    let mut start = 0;
    for pair in body.split('&') {
        let (name, _) = pair.split_once('=').unwrap_or((pair, ""));
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.[]%+*:".contains(&byte));
        if !is_called_form && (!is_name || name.is_empty() || !pair.contains('=')) {
            return None;
        }
        let value = (start + name.len() + 1).min(start + pair.len());
        found.push((start..start + name.len(), value..start + pair.len()));
        start += pair.len() + 1;
    }
    Some(found)
}

/// What a parameter's name or value says.
pub(super) fn decoded(written: &str) -> String {
    // One byte for one, so that places in it are found again.
    Units::decoded(&written.replace('+', " "))
}

/// A part of a multipart body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    /// Its headers, without the empty line after them.
    pub(super) head: Range<usize>,
    pub(super) body: Range<usize>,
}

/// The parts of a body, the last of which is what follows them; `None` when it is none of several.
pub(super) fn parts(text: &str) -> Option<Vec<Part>> {
    const LONGEST_BOUNDARY: usize = 80;
    let line = text.strip_prefix("\r\n").unwrap_or(text);
    let end = line.as_bytes().iter().take(LONGEST_BOUNDARY).position(|byte| matches!(byte, b'\r' | b'\n'))?;
    let boundary = line.get(..end).filter(|boundary| boundary.starts_with("--") && boundary.len() > 2)?;
    let mut parts = Vec::new();
    let mut at = text.len() - line.len();
    while let Some(rest) = text.get(at..).and_then(|rest| rest.strip_prefix(boundary)) {
        if rest.starts_with("--") {
            break;
        }
        let start = text.len() - rest.len() + line_break(rest);
        let inner = text.get(start..)?;
        // The boundary stands at the beginning of a line.
        let length = inner
            .match_indices(boundary)
            .map(|(at, _)| at)
            .find(|at| *at == 0 || inner.as_bytes().get(at - 1) == Some(&b'\n'));
        let end = start + length.unwrap_or(inner.len());
        let part = text.get(start..end)?;
        let (head, gap) = part.find("\r\n\r\n").map_or((part.find("\n\n"), 2), |head| (Some(head), 4));
        let head = head?;
        let body = start + head + gap;
        let last = text.get(body..end)?;
        let last = last.strip_suffix('\n').map_or(last, |last| last.strip_suffix('\r').unwrap_or(last));
        parts.push(Part { head: start..start + head, body: body..body + last.len() });
        at = end;
    }
    let is_form =
        |part: &Part| text.get(part.head.clone()).is_some_and(|head| head.to_ascii_lowercase().contains("content-"));
    if parts.is_empty() || !parts.iter().all(is_form) {
        return None;
    }
    // What follows the last.
    parts.push(Part { head: at..text.len(), body: text.len()..text.len() });
    Some(parts)
}

fn line_break(text: &str) -> usize {
    if text.starts_with("\r\n") { 2 } else { usize::from(text.starts_with('\n')) }
}

/// The value of a header of a part; empty when there is none.
pub(super) fn header<'t>(head: &'t str, name: &str) -> &'t str {
    let value = head.lines().filter_map(|line| line.split_once(':')).find(|(one, _)| one.eq_ignore_ascii_case(name));
    value.map_or("", |(_, value)| value.trim())
}

/// The name of a part's field.
pub(super) fn field(head: &str) -> Option<&str> {
    let mut parameters = header(head, "content-disposition").split(';').skip(1);
    let name = parameters.find_map(|one| one.trim().strip_prefix("name="))?;
    Some(name.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_known_by_its_looks() {
        let pairs = |text: &str| parameters(text, false).map(|found| found.len());
        assert_eq!(pairs("a=b&c=d%20e&f="), Some(3));
        assert_eq!(parameters("{\"a\":1}", true), None);
        for text in ["a", "a=b c", "{\"a\":\"b=c\"}", "a=b&c", "hello"] {
            assert_eq!(pairs(text), None, "{text}");
        }
        assert_eq!(parameters("a=b c", true).map(|found| found.len()), Some(1));
    }

    #[test]
    fn parts_are_found_between_their_boundaries() {
        let text = "--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nabc\r\n--x\r\nContent-Type: \
                    application/json\r\n\r\n{}\r\n--x--\r\n";
        let parts = parts(text).expect("parts");
        let bodies: Vec<_> = parts.iter().map(|part| &text[part.body.clone()]).collect();
        assert_eq!(bodies, ["abc", "{}", ""]);
        assert_eq!(field(&text[parts[0].head.clone()]), Some("key"));
        assert_eq!(header(&text[parts[1].head.clone()], "content-type"), "application/json");
        assert_eq!(super::parts("--x\nno headers"), None);
        assert_eq!(super::parts("-- comment"), None);
    }
}
