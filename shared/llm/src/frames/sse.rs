//! Server-sent events as the WHATWG defines them, with two exceptions: an event that the end of the body cut is kept,
//! and a line that begins as an object is one too, since some servers put their last error into a stream without
//! `data:`.

use super::event::{Event, Events};
use api::view::Framing;
use memchr::{memchr, memchr2, memrchr2};
use std::{borrow::Cow, ops::Range};

/// Whether the first line of a body is a field or a comment.
pub(super) fn is_one(body: &[u8], start: usize) -> bool {
    let first = Lines { body, at: start }.find(|line| !line.is_empty());
    let line = first.and_then(|first| body.get(first)).unwrap_or_default();
    ["data:", "event:", "id:", "retry:", ":"].iter().any(|field| line.starts_with(field.as_bytes()))
}

/// The events of such a body.
pub(super) fn read(body: &[u8], start: usize) -> Option<Events<'_>> {
    is_one(body, start).then(|| events(body, start))
}

/// Where the event stands that a place is in: from behind an empty line up to the next.
pub(super) fn around(body: &[u8], place: usize) -> Range<usize> {
    let mut start = start_of_line(body, place);
    while let Some(line) = line_before(body, start).filter(|line| !line.is_empty()) {
        start = line.start;
    }
    let end = Lines { body, at: place }.find(|line| line.is_empty() && line.start > place);
    start..end.map_or(body.len(), |line| line.start)
}

fn start_of_line(body: &[u8], place: usize) -> usize {
    body.get(..place).and_then(|before| memrchr2(b'\n', b'\r', before)).map_or(0, |end| end + 1)
}

fn line_before(body: &[u8], start: usize) -> Option<Range<usize>> {
    let is_wide = body.get(..start)?.ends_with(b"\r\n");
    let end = start.checked_sub(if is_wide { 2 } else { 1 })?;
    Some(start_of_line(body, end)..end)
}

pub(super) fn events(body: &[u8], start: usize) -> Events<'_> {
    let (mut events, mut open) = (Events::new(Framing::Sse), Open::default());
    for range in (Lines { body, at: start }) {
        let line = body.get(range.clone()).unwrap_or_default();
        match line {
            [] => events.extend(open.take(range.start)),
            [b'{', ..] => {
                events.extend(open.take(range.start));
                events.push(Event { name: Cow::default(), data: line.into(), range });
            }
            _ => open.add(line, range),
        }
    }
    events.extend(open.take(body.len()));
    events
}

/// The event whose lines are being read.
#[derive(Default)]
struct Open<'a> {
    name: Cow<'a, str>,
    data: Option<Cow<'a, [u8]>>,
    start: Option<usize>,
}

impl<'a> Open<'a> {
    fn add(&mut self, line: &'a [u8], range: Range<usize>) {
        let (field, value) = match memchr(b':', line) {
            Some(colon) => (line.get(..colon).unwrap_or_default(), line.get(colon + 1..).unwrap_or_default()),
            None => (line, &b""[..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"data" => match &mut self.data {
                Some(data) => {
                    let data = data.to_mut();
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => self.data = Some(value.into()),
            },
            b"event" => self.name = String::from_utf8_lossy(value),
            _ => return,
        }
        self.start.get_or_insert(range.start);
    }

    /// The event, when it carries anything.
    fn take(&mut self, end: usize) -> Option<Event<'a>> {
        let Self { name, data, start } = std::mem::take(self);
        Some(Event { name, data: data?, range: start?..end })
    }
}

/// Where lines stand, without their ends: `\n`, `\r\n` or `\r`.
struct Lines<'a> {
    body: &'a [u8],
    at: usize,
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let rest = self.body.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let line = self.at..self.at + length;
        let end = rest.get(length..).unwrap_or_default();
        self.at = line.end + if end.starts_with(b"\r\n") { 2 } else { end.len().min(1) };
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(body: &str) -> Vec<(String, String)> {
        let Some(Events { list: events, .. }) = read(body.as_bytes(), 0) else { panic!("{body}") };
        for pair in events.windows(2) {
            assert!(pair[0].range.end <= pair[1].range.start);
        }
        let text = |data: &[u8]| String::from_utf8(data.to_vec()).unwrap();
        events.iter().map(|event| (event.name.to_string(), text(&event.data))).collect()
    }

    #[test]
    fn events_are_read_whatever_their_line_ends() {
        let body =
            "\n: hello\n\nevent: a\nid: 7\ndata: {\"x\":\ndata:1}\n\n:\n\nevent: nothing\n\ndata\n\ndata: [DONE]\n\n";
        for body in [body.to_owned(), body.replace('\n', "\r\n"), body.replace('\n', "\r")] {
            let expected = [("a", "{\"x\":\n1}"), ("", ""), ("", "[DONE]")];
            assert_eq!(read_all(&body), expected.map(|(name, data)| (name.to_owned(), data.to_owned())));
        }
    }

    #[test]
    fn what_the_end_cut_and_what_lacks_its_field_is_an_event() {
        let expected = [("a", "1"), ("", "{\"error\":1}"), ("", "{\"b")];
        let read = read_all("event: a\ndata: 1\n{\"error\":1}\ndata: {\"b");
        assert_eq!(read, expected.map(|(name, data)| (name.to_owned(), data.to_owned())));
    }

    #[test]
    fn another_body_is_no_stream() {
        for body in ["{}", "<html>", "database: x", "\u{feff}"] {
            assert!(read(body.as_bytes(), 0).is_none(), "{body}");
        }
    }
}
