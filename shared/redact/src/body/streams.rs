//! Bodies that are streams: each event is read by itself, and then what they say together.

use super::{
    channels::Channels,
    events::{Events, is_over},
    frames::{self, Frame},
};
use crate::{
    json::{Token, Tokens},
    mask::{Hit, Hits, mask, splice},
    reader::{Reader, Within},
    units::readable,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::{borrow::Cow, iter::repeat, ops::Range};

/// How many of a stream's last events are asked whether it is over.
const LAST: usize = 3;

/// Reads a stream that is a text.
pub(super) fn text(reader: &mut Reader<'_>, text: &str, found: &Events, hits: &mut Hits) {
    let said: Vec<_> = found.data.iter().map(|event| found.said(text, event)).collect();
    let events: Vec<(u8, &str)> =
        found.data.iter().zip(&said).map(|(event, said)| (found.kind(text, event), said.as_ref())).collect();
    for (hits_of, event) in events_hits(reader, &events).into_iter().zip(&found.data) {
        for hit in hits_of {
            let places = found.places(text, event, &hit.range).into_iter().enumerate();
            hits.extend(places.map(|(at, range)| Hit { range, is_rest: hit.is_rest || at > 0, ..hit }));
        }
    }
    for range in &found.rest {
        let found = reader.found(text.get(range.clone()).unwrap_or_default(), Within::cut(false));
        hits.extend(found.into_iter().map(|hit| hit.moved(range.start)));
    }
}

/// What is found in each event, of which the stream may say the kind.
fn events_hits(reader: &mut Reader<'_>, events: &[(u8, &str)]) -> Vec<Vec<Hit>> {
    let is_cut = !events.iter().rev().take(LAST).any(|(_, event)| is_over(event));
    let mut channels = Channels::default();
    let mut all: Vec<Hits> = Vec::with_capacity(events.len());
    for (index, (kind, event)) in events.iter().enumerate() {
        let mut hits = Hits::default();
        reader.text(event, Within::cut(false), &mut hits);
        all.push(hits);
        channels.add(index, *kind, event);
    }
    for channel in channels.split() {
        let hits = reader.found(&channel.text, Within::cut(is_cut));
        let said = |event: usize| events.get(event).map(|(_, event)| *event).unwrap_or_default();
        for (event, hit) in channel.spread(&hits, &said) {
            if let Some(hits) = all.get_mut(event) {
                hits.extend([hit]);
            }
        }
    }
    all.into_iter().zip(events).map(|(hits, (_, event))| hits.merged(event)).collect()
}

/// Reads a stream of frames. Gives it without what was found, and that.
pub(super) fn framed(reader: &mut Reader<'_>, bytes: &[u8], frames: &[Frame]) -> (Vec<u8>, Vec<Hit>) {
    let said: Vec<_> =
        frames.iter().map(|frame| Said::of(bytes.get(frame.payload.clone()).unwrap_or_default())).collect();
    let events: Vec<_> = said.iter().map(|said| (0, said.event())).collect();
    let found = events_hits(reader, &events);
    let (mut changes, mut all) = (Vec::new(), Vec::new());
    for ((frame, said), hits) in frames.iter().zip(&said).zip(found) {
        let around = said.around(reader);
        let headers = bytes.get(frame.headers.clone()).unwrap_or_default();
        let in_headers = reader.found(&readable(headers.to_owned()), Within::cut(false));
        if !hits.is_empty() || !around.is_empty() || !in_headers.is_empty() {
            let payload = said.masked(bytes.get(frame.payload.clone()).unwrap_or_default(), &hits, &around);
            changes.push((frame.whole.clone(), frames::frame(&covered(headers, &in_headers), &payload)));
            all.extend(hits.into_iter().chain(around).chain(in_headers));
        }
    }
    // What broke off is read as a text.
    let end = frames.last().map_or(0, |frame| frame.whole.end);
    let rest = readable(bytes.get(end..).unwrap_or_default().to_owned());
    let hits = reader.found(&rest, Within::cut(true));
    changes.extend(hits.iter().map(|hit| (hit.clone().moved(end).range, hit.mask())));
    all.extend(hits);
    (splice(bytes, changes), all)
}

/// Bytes without what was found in them, as long as they were: headers say how long their values are.
fn covered(bytes: &[u8], hits: &[Hit]) -> Vec<u8> {
    let mask = |hit: &Hit| hit.mask().into_iter().chain(repeat(b'*')).take(hit.range.len()).collect();
    splice(bytes, hits.iter().map(|hit| (hit.range.clone(), mask(hit))))
}

/// What a frame says.
struct Said<'t> {
    payload: Cow<'t, str>,
    /// The event that a model's own stream has in the payload, in base64.
    inner: Option<(Range<usize>, String)>,
}

impl<'t> Said<'t> {
    fn of(payload: &'t [u8]) -> Self {
        let payload = std::str::from_utf8(payload).map_or_else(|_| readable(payload.to_owned()).into(), Cow::from);
        let inner = bytes_of(&payload).and_then(|literal| {
            let event = STANDARD.decode(payload.get(literal.clone())?).ok()?;
            Some((literal, String::from_utf8(event).ok()?))
        });
        Self { payload, inner }
    }

    fn event(&self) -> &str {
        self.inner.as_ref().map_or(&self.payload, |(_, event)| event)
    }

    /// What is found in the payload around the event that is in it.
    fn around(&self, reader: &mut Reader<'_>) -> Vec<Hit> {
        let Some((literal, _)) = &self.inner else { return Vec::new() };
        let mut hits = reader.found(&self.payload, Within::cut(false));
        hits.retain(|hit| hit.range.end <= literal.start || hit.range.start >= literal.end);
        hits
    }

    fn masked(&self, payload: &[u8], hits: &[Hit], around: &[Hit]) -> Vec<u8> {
        let Some((literal, event)) = &self.inner else { return mask(payload, hits) };
        let mut changes: Vec<_> = around.iter().map(|hit| (hit.range.clone(), hit.mask())).collect();
        if !hits.is_empty() {
            let at = changes.partition_point(|(range, _)| range.start < literal.start);
            changes.insert(at, (literal.clone(), STANDARD.encode(mask(event.as_bytes(), hits)).into_bytes()));
        }
        splice(payload, changes)
    }
}

/// Where the member `bytes` of a payload is.
fn bytes_of(payload: &str) -> Option<Range<usize>> {
    let mut is_next = false;
    for token in Tokens::of(payload) {
        match token {
            Token::Name(name) => is_next = payload.get(name) == Some("bytes"),
            Token::String { literal, is_cut: false } if is_next => return Some(literal),
            Token::Other => return None,
            _ => is_next = false,
        }
    }
    None
}
