//! Where the events of a stream are in its text: server-sent events, JSON lines, and arrays that arrive bit by bit.

use super::json::{Token, Tokens};
use std::ops::Range;

/// A stream's text, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Events {
    /// What each event says.
    pub(super) data: Vec<Range<usize>>,
    /// What stands between them.
    pub(super) rest: Vec<Range<usize>>,
}

/// The events of a text; `None` when it is no stream.
pub(super) fn events(text: &str) -> Option<Events> {
    if text.trim_ascii_start().starts_with(['{', '[']) {
        return json_lines(text).or_else(|| array(text));
    }
    server_sent(text)
}

/// The lines of a text, whatever ends them.
fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    let has_returns = text.as_bytes().contains(&b'\r');
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let length = if has_returns { rest.find(['\n', '\r']) } else { rest.find('\n') }.unwrap_or(rest.len());
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
    for range in lines(text) {
        let Some(data) = line(range.clone()).strip_prefix("data:") else {
            add_rest(&mut events.rest, range);
            continue;
        };
        let space = usize::from(data.starts_with(' '));
        events.data.push(range.end - data.len() + space..range.end);
    }
    // A file may have one such line, which says nothing.
    let is_said = |data: &Range<usize>| !line(data.clone()).trim_ascii().is_empty();
    events.data.iter().any(is_said).then_some(events)
}

fn json_lines(text: &str) -> Option<Events> {
    let is_open = |range: &Range<usize>| {
        text.get(range.clone()).is_some_and(|line| line.trim_ascii_start().starts_with(['{', '[']))
    };
    let mut whole = lines(text).filter(|range| !text.get(range.clone()).unwrap_or_default().trim_ascii().is_empty());
    let first = whole.next().filter(is_open)?;
    if !whole.next().is_some_and(|second| is_open(&second)) || !is_whole(text.get(first)?) {
        return None;
    }
    let (data, others): (_, Vec<_>) = lines(text).partition(is_open);
    let mut rest = Vec::new();
    for range in others {
        add_rest(&mut rest, range);
    }
    Some(Events { data, rest })
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

/// The objects of an array, if they are chunks of an answer.
fn array(text: &str) -> Option<Events> {
    const LOOKED_AT: usize = 4_096;
    if !text.trim_ascii_start().starts_with('[') {
        return None;
    }
    let begin = text.get(..text.floor_char_boundary(LOOKED_AT))?;
    let is_chunk = |name| begin.contains(name);
    if !["\"candidates\"", "\"delta\"", "\"choices\"", "\"usageMetadata\""].into_iter().any(is_chunk) {
        return None;
    }
    let mut events = Events::default();
    let (mut depth, mut start) = (0_usize, 0);
    let mut tokens = Tokens::of(text);
    while let Some(token) = tokens.next() {
        match token {
            Token::Open(_) => {
                if depth == 1 {
                    start = tokens.at() - 1;
                }
                depth += 1;
            }
            Token::Close => {
                depth = depth.saturating_sub(1);
                match depth {
                    1 => events.data.push(start..tokens.at()),
                    // What comes behind the array is not of it.
                    0 => {
                        events.rest.push(tokens.at()..text.len());
                        return Some(events);
                    }
                    _ => {}
                }
            }
            // A string of the array by itself, or what is no JSON.
            Token::String { .. } | Token::Name(_) if depth < 2 => return None,
            Token::Other => return None,
            _ => {}
        }
    }
    // It breaks off.
    if depth > 1 {
        events.data.push(start..text.len());
    }
    (!events.data.is_empty()).then_some(events)
}

/// Whether the last events say that the stream is over.
pub(super) fn is_over<'t>(last: impl Iterator<Item = &'t str>) -> bool {
    const ENDS: [&str; 9] = [
        "[DONE]",
        "message_stop",
        "messageStop",
        "message-end",
        "response.completed",
        "response.incomplete",
        "response.failed",
        "\"done\":true",
        "\"finishReason\"",
    ];
    const REASON: &str = "\"finish_reason\":";
    let mut last = last;
    last.any(|event| {
        let has_reason = || {
            let behind = event.split(REASON).skip(1).map(str::trim_ascii_start);
            behind.into_iter().any(|reason| reason.starts_with('"'))
        };
        ENDS.iter().any(|end| event.contains(end)) || has_reason()
    })
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
        assert_eq!(data("{\"a\":1}\n{\"b\":2}\n").expect("lines"), ["{\"a\":1}", "{\"b\":2}"]);
        assert_eq!(data("{\"a\":1}\n{\"b\":").expect("cut lines"), ["{\"a\":1}", "{\"b\":"]);
        let array = r#"[{"candidates":[{"a":"]"}]},
            {"candidates":[]}]"#;
        assert_eq!(data(array).expect("array"), [r#"{"candidates":[{"a":"]"}]}"#, r#"{"candidates":[]}"#]);
        assert_eq!(data(&array[..48]).expect("cut array").len(), 2);
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
        ] {
            assert_eq!(data(text), None, "{text}");
        }
    }
}
