//! JSON: one value; values one after the other, as `application/x-ndjson`; or an array of chunks, as Gemini streams it
//! when it is not asked for server-sent events.

use super::event::{Event, Events, Frames};
use crate::json::{Json, Node};
use api::view::Framing;
use memchr::memchr;
use std::{borrow::Cow, ops::Range};

/// What a body that begins as JSON holds; `None` of another.
pub(super) fn read(body: &[u8], start: usize) -> Option<Frames<'_>> {
    let json = one(Json::read(body))?;
    if let Some(chunks) = chunks(&json) {
        let mut events = Events::new(Framing::Array);
        events.extend(chunks.map(|range| event(body, range)));
        return Some(Frames::Events(events));
    }
    let next = json.rest().trim_ascii_start().first();
    let is_first_of_many = json.stop().is_none() && matches!(next, Some(&(b'{' | b'[' | RECORD)));
    Some(if is_first_of_many { Frames::Events(lines(body, start)) } else { Frames::Json(json) })
}

/// The value that a body begins with; `None` when it is no JSON.
pub(super) fn one(json: Json<'_>) -> Option<Json<'_>> {
    let is_inside = json.root().is_some_and(|root| root.is_object() || root.is_array());
    (is_inside || json.is_whole()).then_some(json)
}

/// What stands between the first two values of many, with as much of the second as tells it apart from what is within
/// one; and how far into that the second begins. `None` where the first does not say that it is one of many.
pub(super) fn between(text: &[u8]) -> Option<(&[u8], usize)> {
    let text = text.trim_ascii_start();
    let (before, first) = match text {
        [b'[', items @ ..] => (1, Json::read(items)),
        _ => (0, Json::read(text.get(..memchr(b'\n', text)?)?)),
    };
    let is_one = if before == 1 { is_chunk(first.root()?) } else { first.root()?.is_object() && first.is_whole() };
    let rest = text.get(before + first.root()?.range().end..).filter(|_| is_one && first.stop().is_none())?;
    let second = rest.iter().position(|byte| !is_between(*byte))?;
    let (between, value) = rest.split_at_checked(second)?;
    let name = memchr(b'"', value).filter(|name| value.get(1..*name).is_some_and(|it| it.trim_ascii().is_empty()))? + 1;
    // On a line of its own no value has one like it within.
    let is_on_line = memchr(b'\n', between).is_some();
    let length = if is_on_line { name } else { name + memchr(b'"', value.get(name..)?)? + 1 };
    Some((rest.get(..second + length)?, second)).filter(|_| value.starts_with(b"{"))
}

/// What RFC 7464 puts before each value.
const RECORD: u8 = 0x1e;

/// Where the items of an array of chunks stand.
fn chunks<'a>(json: &'a Json<'a>) -> Option<impl Iterator<Item = Range<usize>> + use<'a>> {
    let root = json.root().filter(|root| root.is_array())?;
    let first = root.items().next()?;
    is_chunk(first).then(|| root.items().map(Node::range))
}

fn is_chunk(item: Node<'_>) -> bool {
    item.first(&["candidates", "usageMetadata", "promptFeedback", "choices", "error"]).is_some()
}

/// Each value is an event, and so is each line that is none. Commas between them are those of an array.
pub(super) fn lines(body: &[u8], start: usize) -> Events<'_> {
    let (mut events, mut at) = (Events::new(Framing::Lines), start);
    // A value may go over several lines. Once one did not end so, none is looked for: each would be read to its end.
    let mut is_over_lines = true;
    loop {
        let rest = body.get(at..).unwrap_or_default();
        let blank = rest.iter().position(|byte| !is_between(*byte));
        let Some(text) = blank.and_then(|blank| rest.get(blank..)) else { break };
        let line = text.get(..memchr(b'\n', text).unwrap_or(text.len())).unwrap_or_default();
        let within = length(line).or_else(|| if is_over_lines { length(text) } else { None });
        is_over_lines &= within.is_some();
        at += rest.len() - text.len();
        let end = at + within.unwrap_or(line.trim_ascii_end().len());
        events.push(event(body, at..end));
        at = end;
    }
    events
}

/// Whether a byte may stand between two values.
fn is_between(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, RECORD | b',')
}

/// The length of the value that a text begins with; `None` when it is not whole.
fn length(text: &[u8]) -> Option<usize> {
    let json = Json::read(text);
    json.stop().is_none().then(|| text.len() - json.rest().len())
}

fn event(body: &[u8], range: Range<usize>) -> Event<'_> {
    Event { name: Cow::default(), data: body.get(range.clone()).unwrap_or_default().into(), range }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(body: &str) -> Vec<&str> {
        match read(body.as_bytes(), 0) {
            Some(Frames::Events(Events { list: events, .. })) => {
                events.iter().map(|event| &body[event.range.clone()]).collect()
            }
            other => panic!("{body}: {other:?}"),
        }
    }

    #[test]
    fn values_one_after_the_other_are_a_stream() {
        for (body, events) in [
            ("{\"a\":1}\n{\"b\":2}\n", &["{\"a\":1}", "{\"b\":2}"][..]),
            ("{\"a\":1}\r\n\r\n{\"b\":2", &["{\"a\":1}", "{\"b\":2"]),
            ("{\"a\":1}{\n \"b\":2}", &["{\"a\":1}", "{\n \"b\":2}"]),
            ("{\"a\":1}\n[2]\nno json\n{\"b\":2}", &["{\"a\":1}", "[2]", "no json", "{\"b\":2}"]),
        ] {
            assert_eq!(read_all(body), events);
        }
    }

    #[test]
    fn an_array_of_chunks_is_a_stream_also_when_it_was_cut() {
        let whole = "[{\"candidates\":[1]}\n,\r\n{\"candidates\":[2]}]";
        assert_eq!(read_all(whole), ["{\"candidates\":[1]}", "{\"candidates\":[2]}"]);
        assert_eq!(read_all(&whole[..whole.len() - 3]), ["{\"candidates\":[1]}", "{\"candidates\":[2"]);
    }

    #[test]
    fn one_value_is_one_value() {
        for body in ["{\"a\":1}", "[1,2]", "{\"a\":", "{\"a\":}", "7", " \"x\" "] {
            assert!(matches!(read(body.as_bytes(), 0), Some(Frames::Json(_))), "{body}");
        }
        assert!(read(b"7 of 9", 0).is_none() && read(b"<html>", 0).is_none());
    }
}
