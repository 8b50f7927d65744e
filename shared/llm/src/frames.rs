//! Takes a body apart: one JSON value, the events of a stream, text, or bytes.
//!
//! Streams come as server-sent events, as Amazon's event stream, as lines with a code, as JSON values one after the
//! other (mostly a line each), or as an array of chunks. How one is laid out is told by its bytes alone. An event that
//! was cut is an event: what came of it is there. Nothing is decoded here but Amazon's wrapping, and every byte is
//! looked at a fixed number of times.

mod amazon;
mod coded;
mod event;
mod sse;
mod telling;
mod values;

pub(crate) use event::{Event, Events, Frames};
pub(crate) use telling::{Telling, Told, Word, telling};

/// Takes a body apart.
pub(crate) fn frames(body: &[u8]) -> Frames<'_> {
    let start = if body.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let text = body.get(start..).unwrap_or_default();
    if text.iter().all(u8::is_ascii_whitespace) {
        return Frames::Empty;
    }
    let stream = amazon::read(body).or_else(|| sse::read(body, start)).or_else(|| coded::read(body, start));
    stream.map(Frames::Events).or_else(|| values::read(body, start)).unwrap_or_else(|| other(text))
}

/// Text when most of it is, as it is in another encoding or cut in the middle of a character.
fn other(bytes: &[u8]) -> Frames<'_> {
    let is_odd = |byte: &&u8| byte.is_ascii_control() && !byte.is_ascii_whitespace() || !byte.is_ascii();
    if std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0'))
        || bytes.iter().filter(is_odd).count() * 10 < bytes.len()
    {
        Frames::Text(String::from_utf8_lossy(bytes))
    } else {
        Frames::Binary
    }
}
