//! The frames of `application/vnd.amazon.eventstream`: the whole length, the headers' length, a checksum, headers,
//! payload, a checksum. Checksums are not looked at: what was recorded is read as it is.

use super::event::{Event, Events};
use crate::json::Json;
use api::view::Framing;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::borrow::Cow;

const PRELUDE: usize = 12;
const CHECKSUM: usize = 4;

/// Whether a body begins with such a frame, perhaps a cut one.
pub(super) fn is_one(body: &[u8]) -> bool {
    // The first header's name begins with a colon, and no frame is longer than 24 MiB.
    matches!(body, [0 | 1, _, _, _, 0, _, _, _, _, _, _, _, length, b':', ..] if *length > 0)
}

/// Where each frame begins.
pub(super) fn starts(body: &[u8]) -> Vec<usize> {
    let (mut starts, mut at) = (Vec::new(), 0);
    while let Some(frame) = frame(body.get(at..).unwrap_or_default()) {
        starts.push(at);
        at += frame.length;
    }
    starts
}

/// Whether the first frame wraps another's event.
pub(super) fn is_wrapping(body: &[u8]) -> bool {
    frame(body).is_some_and(|frame| unwrapped(frame.payload).is_some())
}

/// The events of such a body.
pub(super) fn read(body: &[u8]) -> Option<Events<'_>> {
    if !is_one(body) {
        return None;
    }
    let (mut events, mut at) = (Events::new(Framing::Amazon), 0);
    while let Some(frame) = frame(body.get(at..).unwrap_or_default()) {
        events.push(event(frame.headers, frame.payload, at, at + frame.length));
        at += frame.length;
    }
    events.rest = (at < body.len()).then_some(at..body.len());
    Some(events)
}

struct Frame<'a> {
    length: usize,
    headers: &'a [u8],
    payload: &'a [u8],
}

/// The frame that the bytes begin with; `None` when it is not whole.
fn frame(bytes: &[u8]) -> Option<Frame<'_>> {
    let (length, headers) = (number(bytes)?, number(bytes.get(4..)?)?);
    let content = bytes.get(PRELUDE..length.checked_sub(CHECKSUM)?)?;
    let (headers, payload) = content.split_at_checked(headers)?;
    bytes.get(..length).map(|_| Frame { length, headers, payload })
}

fn number(bytes: &[u8]) -> Option<usize> {
    usize::try_from(u32::from_be_bytes(*bytes.first_chunk()?)).ok()
}

fn event<'a>(headers: &'a [u8], payload: &'a [u8], start: usize, end: usize) -> Event<'a> {
    let name = name(headers).unwrap_or_default();
    let (name, data) = match unwrapped(payload) {
        Some(inner) => (Cow::default(), inner.into()),
        None => (name, payload.into()),
    };
    Event { name, data, range: start..end }
}

/// `InvokeModelWithResponseStream` wraps the model's own events in base64.
fn unwrapped(payload: &[u8]) -> Option<Vec<u8>> {
    let json = Json::read(payload);
    let bytes = json.root()?.text_of("bytes")?;
    STANDARD.decode(&*bytes).ok()
}

/// The value of the header that names the event, the exception or the error.
fn name(headers: &[u8]) -> Option<Cow<'_, str>> {
    let mut rest = headers;
    while let Some(((name, value), behind)) = header(rest) {
        if matches!(name, b":event-type" | b":exception-type" | b":error-code") {
            return Some(String::from_utf8_lossy(value));
        }
        rest = behind;
    }
    None
}

type Header<'a> = (&'a [u8], &'a [u8]);

/// The first header, and what follows it.
fn header(bytes: &[u8]) -> Option<(Header<'_>, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(*length))?;
    let (kind, rest) = rest.split_first()?;
    let (length, rest) = match kind {
        0 | 1 => (0, rest),
        2 => (1, rest),
        3 => (2, rest),
        4 => (4, rest),
        5 | 8 => (8, rest),
        9 => (16, rest),
        // Bytes and texts say their length.
        6 | 7 => (usize::from(u16::from_be_bytes(*rest.first_chunk()?)), rest.get(2..)?),
        _ => return None,
    };
    let (value, rest) = rest.split_at_checked(length)?;
    Some(((name, value), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(name: &str, payload: &str) -> Vec<u8> {
        let header = |name: &str, value: &str| {
            let mut header = vec![u8::try_from(name.len()).unwrap()];
            header.extend(name.as_bytes());
            header.push(7);
            header.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
            header.extend(value.as_bytes());
            header
        };
        let headers = [header(":message-type", "event"), header(":event-type", name)].concat();
        let length = |bytes: usize| u32::try_from(bytes).unwrap().to_be_bytes();
        let whole = length(PRELUDE + headers.len() + payload.len() + CHECKSUM);
        [&whole[..], &length(headers.len()), &[0; 4], &headers, payload.as_bytes(), &[0; 4]].concat()
    }

    #[test]
    fn frames_are_events_and_what_they_wrap_is_unwrapped() {
        let mut body = frame("messageStart", r#"{"role":"assistant"}"#);
        let length = body.len();
        body.extend(frame("chunk", r#"{"bytes":"eyJ0eXBlIjoibWVzc2FnZV9zdG9wIn0="}"#));
        let Some(Events { list: events, rest, .. }) = read(&body) else { panic!("no stream") };
        assert_eq!((&*events[0].name, events[0].range.clone()), ("messageStart", 0..length));
        assert_eq!((&*events[1].name, &*events[1].data), ("", &br#"{"type":"message_stop"}"#[..]));
        assert_eq!(rest, None);
        let cut = body.len() - 1;
        let Some(Events { list: events, rest, .. }) = read(&body[..cut]) else { panic!("no stream") };
        assert_eq!((events.len(), rest), (1, Some(length..cut)));
    }

    #[test]
    fn what_is_no_frame_is_no_event() {
        for length in [0, 1, 11, 12, 15, 16, 1 << 24] {
            let mut body = frame("a", "{}");
            body[..4].copy_from_slice(&u32::to_be_bytes(length));
            let Some(Events { list: events, rest, .. }) = read(&body) else { panic!("no stream") };
            assert!(events.is_empty() && rest == Some(0..body.len()), "{length}");
        }
        for body in [&b"{\"a\":1}"[..], b"", b"\0\0\0\x10\0\0\0\0", &[0; 100]] {
            assert!(read(body).is_none());
        }
    }
}
