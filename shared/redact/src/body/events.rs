//! Where the events of a stream are in its text: server-sent events, JSON lines, lines that say their kind, and arrays
//! that arrive bit by bit.

use crate::json::{Token, Tokens, is_string};
use memchr::{memchr_iter, memchr2};
use std::{borrow::Cow, ops::Range};

/// The most events of a stream, which are kept in memory together. Of 16 MiB, each has 80 bytes then: fewer than any
/// provider's have.
pub(crate) const MOST_EVENTS: usize = 200_000;

/// A stream's text, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Events {
    /// Where each event is. One that is on several lines goes from its first to its last.
    pub(super) data: Vec<Range<usize>>,
    /// What stands between them.
    pub(super) rest: Vec<Range<usize>>,
    framing: Framing,
}

/// What tells events from each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Framing {
    /// Lines that begin with `data:`.
    #[default]
    ServerSent,
    /// Lines that begin with a letter or a digit, and a colon.
    Kinds,
    /// What JSON says.
    Json,
}

/// The beginning of a line of a server-sent event.
const DATA: &str = "data:";

impl Events {
    /// Whether there are more than are read.
    pub(super) const fn are_too_many(&self) -> bool {
        self.data.len() + self.rest.len() > MOST_EVENTS
    }

    fn of(framing: Framing) -> Self {
        Self { framing, ..Self::default() }
    }

    /// What an event says, its lines put together.
    pub(super) fn said<'t>(&self, text: &'t str, event: &Range<usize>) -> Cow<'t, str> {
        let said = text.get(event.clone()).unwrap_or_default();
        if self.is_one_line(said) {
            return said.into();
        }
        Self::lines(text, event).filter_map(|line| text.get(line)).collect::<String>().into()
    }

    /// Where a range of what an event says is in the text, line by line.
    pub(super) fn places(&self, text: &str, event: &Range<usize>, range: &Range<usize>) -> Vec<Range<usize>> {
        if self.is_one_line(text.get(event.clone()).unwrap_or_default()) {
            let whole = range.start + event.start..range.end + event.start;
            return Vec::from([whole]);
        }
        let (mut places, mut start) = (Vec::new(), 0);
        for line in Self::lines(text, event) {
            let (first, last) = (range.start.max(start), range.end.min(start + line.len()));
            if first < last {
                places.push(first - start + line.start..last - start + line.start);
            }
            start += line.len();
        }
        places
    }

    /// What kind a stream says that an event is.
    pub(super) fn kind(&self, text: &str, event: &Range<usize>) -> u8 {
        let kind = event.start.checked_sub(2).filter(|_| self.framing == Framing::Kinds);
        kind.and_then(|at| text.as_bytes().get(at)).copied().unwrap_or_default()
    }

    fn is_one_line(&self, said: &str) -> bool {
        self.framing != Framing::ServerSent || memchr2(b'\n', b'\r', said.as_bytes()).is_none()
    }

    /// Where an event's lines are, without what says that they are of it.
    fn lines(text: &str, event: &Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let start = event.start;
        lines(text.get(event.clone()).unwrap_or_default()).map(move |line| {
            let line = line.start + start..line.end + start;
            if line.start == start { line } else { data_of(text, line.clone()).unwrap_or(line) }
        })
    }
}

/// Where the data is of a line that is one of an event's.
fn data_of(text: &str, line: Range<usize>) -> Option<Range<usize>> {
    let data = text.get(line.clone())?.strip_prefix(DATA)?;
    let space = usize::from(data.starts_with(' '));
    Some(line.end - data.len() + space..line.end)
}

/// The events of a text; `None` when it is no stream.
pub(super) fn events(text: &str) -> Option<Events> {
    if text.trim_ascii_start().starts_with(['{', '[', '"']) {
        return json_lines(text).or_else(|| array(text)).or_else(|| objects(text));
    }
    server_sent(text).or_else(|| kinds(text))
}

/// The lines of a text, whatever ends them.
fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let length = memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        let line = at..at + length;
        at += length + 1;
        Some(line)
    })
}

fn server_sent(text: &str) -> Option<Events> {
    const FIELDS: [&str; 5] = ["data:", "event:", "id:", "retry:", ":"];
    let line = |range: Range<usize>| text.get(range).unwrap_or_default();
    let first = lines(text).map(line).find(|line| !line.is_empty())?;
    if !FIELDS.iter().any(|field| first.starts_with(field)) {
        return None;
    }
    let mut events = Events::default();
    // Where the last line of data ends, as long as nothing but its line end has come since.
    let mut last_line = None;
    for range in lines(text) {
        let Some(data) = data_of(text, range.clone()) else {
            // The line end of `\r\n` is two.
            let is_of_line_end =
                range.is_empty() && text.get(..=range.start).is_some_and(|line| line.ends_with("\r\n"));
            last_line = last_line.filter(|_| is_of_line_end);
            add_rest(&mut events.rest, range);
            continue;
        };
        match events.data.last_mut().filter(|_| last_line.is_some()) {
            Some(event) => event.end = data.end,
            None => events.data.push(data),
        }
        last_line = Some(range.end);
        if events.are_too_many() {
            break;
        }
    }
    // A file may have one such line, which says nothing.
    let is_said = |data: &Range<usize>| !line(data.clone()).trim_ascii().is_empty();
    events.data.iter().any(is_said).then_some(events)
}

/// Lines as `0:"a text"`, of which each says its kind.
fn kinds(text: &str) -> Option<Events> {
    let mut events = Events::of(Framing::Kinds);
    for range in lines(text).filter(|range| !range.is_empty()) {
        match text.get(range.clone())?.as_bytes() {
            [b'0'..=b'9' | b'a'..=b'z', b':', b'"' | b'{' | b'[', ..] => events.data.push(range.start + 2..range.end),
            // The last may break off.
            [b'0'..=b'9' | b'a'..=b'z', ..] if range.end == text.len() => events.rest.push(range),
            _ => return None,
        }
        if events.are_too_many() {
            break;
        }
    }
    (!events.data.is_empty()).then_some(events)
}

fn json_lines(text: &str) -> Option<Events> {
    let is_open = |range: &Range<usize>| {
        let line = text.get(range.clone()).unwrap_or_default().trim_ascii_start();
        line.starts_with(['{', '[']) || (line.starts_with('"') && is_string(line))
    };
    let mut whole = lines(text).filter(|range| !text.get(range.clone()).unwrap_or_default().trim_ascii().is_empty());
    let first = whole.next().filter(is_open)?;
    if !whole.next().is_some_and(|second| is_open(&second)) || !is_whole(text.get(first)?) {
        return None;
    }
    let mut events = Events::of(Framing::Json);
    for range in lines(text) {
        if is_open(&range) {
            events.data.push(range);
        } else {
            add_rest(&mut events.rest, range);
        }
        if events.are_too_many() {
            break;
        }
    }
    Some(events)
}

/// Adds a line that is no event to those before it: what is on several may be one.
fn add_rest(rest: &mut Vec<Range<usize>>, line: Range<usize>) {
    match rest.last_mut() {
        Some(last) if line.start - last.end <= 2 => last.end = line.end,
        _ if line.is_empty() => {}
        _ => rest.push(line),
    }
}

/// Whether a line is JSON from its first bracket to its last.
fn is_whole(line: &str) -> bool {
    let depth = Tokens::of(line).try_fold(0_usize, |depth, token| match token {
        Token::Open(_) => Some(depth + 1),
        Token::Close => Some(depth.saturating_sub(1)),
        Token::Other | Token::String { is_cut: true, .. } => None,
        _ => Some(depth),
    });
    depth == Some(0)
}

/// Objects one after the other, with nothing or a line between them.
fn objects(text: &str) -> Option<Events> {
    let bytes = text.as_bytes();
    let is_gap = |end: usize| {
        let behind = bytes.get(end + 1..).unwrap_or_default();
        matches!(behind, [b'{', ..] | [b'\n', b'{', ..] | [b'\r', b'\n', b'{', ..])
    };
    let is_row = text.starts_with('{') && memchr_iter(b'}', bytes).any(is_gap);
    is_row.then(|| values(text, 0)).flatten().filter(|events| events.data.len() > 1)
}

/// The objects of an array, if they are chunks of an answer.
fn array(text: &str) -> Option<Events> {
    const LOOKED_AT: usize = 4_096;
    let begin = text.get(..text.floor_char_boundary(LOOKED_AT))?;
    let is_chunk = |name| begin.contains(name);
    let is_one = begin.trim_ascii_start().starts_with('[')
        && ["\"candidates\"", "\"delta\"", "\"choices\"", "\"usageMetadata\""].into_iter().any(is_chunk);
    is_one.then(|| values(text, 1)).flatten().filter(|events| !events.data.is_empty())
}

/// The objects and arrays that are so deep in a text; `None` when there is anything else.
fn values(text: &str, level: usize) -> Option<Events> {
    let mut events = Events::of(Framing::Json);
    let (mut depth, mut start) = (0_usize, 0);
    let mut tokens = Tokens::of(text);
    while let Some(token) = tokens.next() {
        match token {
            Token::Open(_) => {
                if depth == level {
                    start = tokens.at() - 1;
                }
                depth += 1;
            }
            Token::Close if depth > level => {
                depth -= 1;
                if depth == level {
                    events.data.push(start..tokens.at());
                }
                if events.are_too_many() {
                    return Some(events);
                }
            }
            // What comes after the array is not of it.
            Token::Close if depth == 1 => {
                events.rest.push(tokens.at()..text.len());
                return Some(events);
            }
            Token::Other | Token::Close => return None,
            // An array's last may be `null`.
            Token::Scalar(_) if depth == 1 => {}
            _ if depth <= level => return None,
            _ => {}
        }
    }
    // It breaks off.
    if depth > level {
        events.data.push(start..text.len());
    }
    Some(events)
}

/// Whether an event says that its stream is over.
pub(super) fn is_over(event: &str) -> bool {
    const ENDS: &str = "\
        [DONE] message_stop messageStop message-end response.completed response.incomplete response.failed \
        \"done\":true \"finishReason\"";
    const REASON: &str = "\"finish_reason\":";
    let mut reasons = event.split(REASON).skip(1);
    ENDS.split(' ').any(|end| event.contains(end)) || reasons.any(|behind| behind.trim_ascii_start().starts_with('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(text: &str) -> Option<Vec<&str>> {
        events(text).map(|events| events.data.into_iter().map(|range| &text[range]).collect())
    }

    #[test]
    fn events_are_found_whatever_frames_them() {
        let sse = "event: a\ndata: {\"x\":1}\n\n: ping\n\ndata:[DONE]\n\n";
        for text in [sse.to_owned(), sse.replace('\n', "\r\n"), sse.replace('\n', "\r")] {
            assert_eq!(data(&text).expect("events"), ["{\"x\":1}", "[DONE]"]);
        }
        let lines = "event: a\nid: 1\ndata: x\n\nmore\nand more";
        let rest = events(lines).expect("events").rest;
        assert_eq!(
            rest.into_iter().map(|range| &lines[range]).collect::<Vec<_>>(),
            ["event: a\nid: 1", "more\nand more"]
        );
        let kinds = "f:{\"messageId\":\"m\"}\n0:\"a\"\n0:\"b\"\nd:{}\n";
        assert_eq!(data(kinds).expect("kinds"), ["{\"messageId\":\"m\"}", "\"a\"", "\"b\"", "{}"]);
        for text in ["data: {\ndata: }\n\n", "data: {\r\ndata: }\r\n\r\n"] {
            let found = events(text).expect("events");
            assert_eq!(found.data.len(), 1);
            assert_eq!(found.said(text, &found.data[0]), "{}");
            let places = found.places(text, &found.data[0], &(0..2));
            assert_eq!(places.iter().map(|place| &text[place.clone()]).collect::<Vec<_>>(), ["{", "}"]);
        }
        assert_eq!(data("{\"a\":1}\n{\"b\":2}\n").expect("lines"), ["{\"a\":1}", "{\"b\":2}"]);
        assert_eq!(data("{\"a\":1}\n{\"b\":").expect("cut lines"), ["{\"a\":1}", "{\"b\":"]);
        let array = r#"[{"candidates":[{"a":"]"}]},
            {"candidates":[]}]"#;
        assert_eq!(data(array).expect("array"), [r#"{"candidates":[{"a":"]"}]}"#, r#"{"candidates":[]}"#]);
        assert_eq!(data(&array[..48]).expect("cut array").len(), 2);
        let with_null = format!("{},\nnull]", array.trim_end_matches(']'));
        assert_eq!(data(&with_null), data(array));
        let objects = "{\"a\":\"}{\"}{\n \"b\":2\n}\n{\"c\":";
        assert_eq!(data(objects).expect("objects"), ["{\"a\":\"}{\"}", "{\n \"b\":2\n}", "{\"c\":"]);
    }

    #[test]
    fn other_texts_are_no_streams() {
        for text in [
            "",
            "{\n  \"a\": 1\n}",
            "[\n  {\"a\": 1},\n  {\"b\": 2}\n]",
            "data:\n  password: x\nkind: Secret\n",
            "[\"candidates\", \"delta\"]",
            "hello\ndata: x",
            "a: \"b\"\nc: 1\n",
            "\"a\",\"b\"\n\"c\",\"d\"\n",
            "b:{\n\"a\":1}\n",
            "{\"a\":\"}{\"}",
            "{\"a\":1}{b}",
        ] {
            assert_eq!(data(text), None, "{text}");
        }
    }
}
