//! The data stream of Vercel's AI SDK before its version 5: on each line a code of one character, a colon, and JSON.

use super::event::{Event, Events};
use api::view::Framing;
use memchr::memchr;
use std::borrow::Cow;

/// Whether the first line of a body has a code.
pub(super) fn is_one(body: &[u8], start: usize) -> bool {
    let first = body.get(start..).unwrap_or_default().trim_ascii_start();
    matches!(first, [b'0'..=b'9' | b'a'..=b'k', b':', b'"' | b'{' | b'[', ..])
}

/// The events of such a body; each is called by its code.
pub(super) fn read(body: &[u8], start: usize) -> Option<Events<'_>> {
    is_one(body, start).then(|| events(body, start))
}

pub(super) fn events(body: &[u8], start: usize) -> Events<'_> {
    let (mut events, mut at) = (Events::new(Framing::Lines), start);
    while let Some(rest) = body.get(at..).filter(|rest| !rest.is_empty()) {
        let line = rest.get(..memchr(b'\n', rest).unwrap_or(rest.len())).unwrap_or_default();
        let range = at..at + line.len();
        at = range.end + 1;
        let (name, data) = match line.trim_ascii() {
            // A code that was cut from what it is of says nothing.
            [] | [_] => continue,
            [code @ (b'0'..=b'9' | b'a'..=b'z'), b':', data @ ..] => (Cow::Owned(char::from(*code).to_string()), data),
            data => (Cow::default(), data),
        };
        events.push(Event { name, data: data.into(), range });
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_an_event_that_is_called_by_its_code() {
        let body = "f:{\"messageId\":\"m\"}\r\n0:\"a: b\"\n\n{\"error\":1}\n9:{\"too";
        let Some(Events { list, .. }) = read(body.as_bytes(), 0) else { panic!("no stream") };
        let read = list.iter().map(|event| (&*event.name, std::str::from_utf8(&event.data).unwrap()));
        let expected = [("f", "{\"messageId\":\"m\"}"), ("0", "\"a: b\""), ("", "{\"error\":1}"), ("9", "{\"too")];
        assert_eq!(read.collect::<Vec<_>>(), expected);
        assert_eq!(&body[list[3].range.clone()], "9:{\"too");
    }

    #[test]
    fn another_text_is_no_stream() {
        for body in ["", "0", "0:", "0: a", "a:b", "x:\"a\"", "10:\"a\""] {
            assert!(read(body.as_bytes(), 0).is_none(), "{body}");
        }
    }
}
