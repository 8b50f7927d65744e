//! Reads the body of an attempt: unpacks it, takes it apart, and says what it is and what of it cannot be read.

use crate::{
    answer::{Answer, Slot},
    at::At,
    dialects::{self, Stream},
    failure,
    frames::{Event, Events, Frames, frames},
    json::{Json, Stop},
    request::Request,
    unpack::{Unpacked, unpack},
};
use api::{
    step::{Body, Headers},
    view::{BodyView, Content, Failure, Framing, MediaKind, Origin, Outcome, Part, Place, Source, Unread},
};
use std::ops::Range;

/// A body and what its headers say of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packed<'a> {
    pub(crate) body: &'a Body,
    pub(crate) headers: Option<&'a Headers>,
    pub(crate) origin: Origin,
}

/// What was found in a body.
#[derive(Debug)]
pub(crate) struct Reading<T> {
    pub(crate) view: BodyView,
    pub(crate) found: T,
    pub(crate) unread: Vec<Unread>,
}

impl<'a> Packed<'a> {
    /// The value of a header.
    fn header(&self, name: &str) -> Option<&'a str> {
        let headers = self.headers.map_or(&[][..], |headers| &headers.0);
        headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// The type that the headers name, without its parameters.
    fn media_type(&self) -> Option<&'a str> {
        let value = self.header("content-type")?.split(';').next()?.trim();
        (!value.is_empty()).then_some(value)
    }

    fn unpack(&self) -> Unpacked<'a> {
        unpack(&self.body.0, self.header("content-encoding"))
    }

    fn view(&self, unpacked: &Unpacked<'_>, framing: Framing, events: Option<usize>) -> BodyView {
        BodyView { bytes: self.body.0.len(), packing: unpacked.packing, framing, events }
    }

    fn source(&self, range: Range<usize>) -> Source {
        Source { origin: self.origin, place: range.into() }
    }

    fn unread(&self, range: Range<usize>, what: impl Into<String>) -> Unread {
        Unread { source: self.source(range), what: what.into() }
    }

    /// `3,000 bytes, audio/mpeg`.
    fn size(&self, why: Option<&str>) -> String {
        let bytes = self.body.0.len();
        let words = [Some(counted(bytes, "byte")), self.media_type().map(str::to_owned), why.map(str::to_owned)];
        words.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// Reads what was sent.
    pub(crate) fn request(&self) -> Reading<Request> {
        let unpacked = self.unpack();
        let at = At { origin: self.origin, event: None };
        let mut unread: Vec<_> = unpacked
            .fault
            .map(|fault| self.unread(0..unpacked.bytes.len(), self.size(Some(fault))))
            .into_iter()
            .collect();
        let (mut found, mut events) = (Request::default(), None);
        let framing = match frames(&unpacked.bytes) {
            Frames::Empty => Framing::Empty,
            Frames::Json(json) => {
                unread.extend(self.not_json(&json, unpacked.bytes.len()));
                found = json.root().map(|root| Request::read(root, at)).unwrap_or_default();
                Framing::Json
            }
            Frames::Events(stream) => {
                for (number, event) in (1..).zip(&stream.list) {
                    let json = Json::read_event(&event.data);
                    if let Some(root) = json.root() {
                        found.add_event(root, At { event: Some(number), ..at });
                    }
                }
                events = Some(stream.list.len());
                stream.framing
            }
            other => {
                if unread.is_empty() {
                    unread.push(self.unread(0..unpacked.bytes.len(), self.size(None)));
                }
                if matches!(other, Frames::Text(_)) { Framing::Text } else { Framing::Binary }
            }
        };
        Reading { view: self.view(&unpacked, framing, events), found, unread }
    }

    /// Reads what came back. An error that it holds is the answer's; how else it failed to be one is the second.
    pub(crate) fn response(&self, is_stream: bool) -> Reading<(Answer, Option<(Outcome, Failure)>)> {
        let unpacked = self.unpack();
        let at = At { origin: self.origin, event: None };
        let bytes = 0..unpacked.bytes.len();
        let mut unread: Vec<_> =
            unpacked.fault.map(|fault| self.unread(bytes.clone(), self.size(Some(fault)))).into_iter().collect();
        let mut answer = Answer::default();
        let (mut events, mut fault) = (None, None);
        let framing = match frames(&unpacked.bytes) {
            Frames::Empty if unpacked.fault.is_some() => Framing::Binary,
            Frames::Empty => {
                fault = Some((Outcome::Interrupted, failure::of("The answer is empty.")));
                Framing::Empty
            }
            Frames::Json(json) => {
                if let Some(root) = json.root() {
                    dialects::whole(root, at, &mut answer);
                }
                let broken = self.not_json(&json, bytes.end);
                fault = broken
                    .as_ref()
                    .map(|broken| (Outcome::Interrupted, failure::of(format!("The answer is {}.", broken.what))));
                unread.extend(broken);
                if answer.is_cut {
                    fault = fault.or_else(|| Some(ends_early()));
                }
                Framing::Json
            }
            Frames::Events(stream) => {
                events = Some(stream.list.len());
                let broken = self.read_stream(&stream, at, &mut answer);
                // Of a stream that nobody knows, nobody knows the last event.
                let is_known = answer.dialect.is_some() || stream.list.is_empty() || !broken.is_empty();
                if is_known && !answer.has_ended {
                    fault = Some(ends_early());
                }
                unread.extend(broken);
                stream.framing
            }
            Frames::Text(text) => {
                let is_page = text.trim_start().starts_with('<');
                if is_page || is_stream {
                    let kind = if is_page { "A page" } else { "Text" };
                    let quoted = failure::quoting(&text).message;
                    let message = format!("{kind} came in the place of an answer: {quoted}");
                    fault = Some((Outcome::Error, failure::of(message)));
                    unread.push(self.unread(bytes, self.size(None)));
                } else {
                    let content = Content::Text { text: text.into_owned() };
                    answer.push(Slot::text(0), Part { content, source: self.source(bytes), left_out: None });
                }
                Framing::Text
            }
            Frames::Binary => {
                if unread.is_empty() {
                    unread.push(self.unread(bytes.clone(), self.size(None)));
                }
                let media = self.media();
                answer.push(Slot::text(0), Part { content: media, source: self.source(bytes), left_out: None });
                Framing::Binary
            }
        };
        Reading { view: self.view(&unpacked, framing, events), found: (answer, fault), unread }
    }

    /// Reads what came back with an HTTP status that says that it is an error.
    pub(crate) fn error(&self) -> Reading<(Answer, Option<(Outcome, Failure)>)> {
        let unpacked = self.unpack();
        let at = At { origin: self.origin, event: None };
        let mut answer = Answer::default();
        let mut unread = Vec::new();
        let (framing, events) = match frames(&unpacked.bytes) {
            Frames::Empty => (Framing::Empty, None),
            Frames::Json(json) => {
                answer.failure = json.root().map(failure::in_answer);
                (Framing::Json, None)
            }
            Frames::Events(stream) => {
                unread = self.read_stream(&stream, at, &mut answer);
                (stream.framing, Some(stream.list.len()))
            }
            Frames::Text(text) => {
                answer.failure = Some(failure::quoting(&text));
                (Framing::Text, None)
            }
            Frames::Binary => (Framing::Binary, None),
        };
        let is_unread = framing == Framing::Binary || unpacked.fault.is_some();
        unread.extend(is_unread.then(|| self.unread(0..unpacked.bytes.len(), self.size(unpacked.fault))));
        Reading { view: self.view(&unpacked, framing, events), found: (answer, None), unread }
    }

    fn read_stream(&self, stream: &Events<'_>, at: At, answer: &mut Answer) -> Vec<Unread> {
        let (mut reader, mut unread) = (Stream::default(), Vec::new());
        let last = stream.list.len();
        for (number, event) in (1_u32..).zip(&stream.list) {
            let at = At { event: Some(number), ..at };
            if event.data.trim_ascii() == DONE {
                answer.has_ended = true;
                continue;
            }
            let json = Json::read_event(&event.data);
            let is_cut = number as usize == last && (json.stop() == Some(Stop::Cut) || DONE.starts_with(&event.data));
            let had_ended = answer.has_ended;
            match json.root() {
                Some(root) if json.stop().is_none() || is_cut => {
                    reader.event(&event.name, root, is_cut, at, answer);
                }
                _ if is_cut => {}
                _ => answer.extend(Slot::aside(0), raw(event, at)),
            }
            if is_cut {
                // What is not whole cannot end a stream.
                answer.has_ended = had_ended;
                unread.push(self.unread(event.range.clone(), "the last event, which was cut"));
            }
        }
        unread.extend(stream.rest.clone().map(|rest| {
            let what = format!("{}, a frame that was cut or damaged", counted(rest.len(), "byte"));
            self.unread(rest, what)
        }));
        unread
    }

    /// What is no JSON of a body that begins as some.
    fn not_json(&self, json: &Json<'_>, length: usize) -> Option<Unread> {
        let rest = json.rest();
        match json.stop() {
            Some(Stop::Cut) => Some(self.unread(length..length, "cut in the middle")),
            Some(Stop::Invalid(at)) => Some(self.unread(at..length, format!("not JSON from byte {at} on"))),
            Some(Stop::TooLarge(at)) => Some(self.unread(at..length, format!("not read from byte {at} on: too large"))),
            None if rest.iter().all(u8::is_ascii_whitespace) => None,
            None => {
                let at = length - rest.len();
                Some(self.unread(at..length, format!("not JSON from byte {at} on")))
            }
        }
    }

    /// A body that is no text.
    fn media(&self) -> Content {
        let media_type = self.media_type();
        let is = |kind: &str| media_type.is_some_and(|media_type| media_type.starts_with(kind));
        let kind = match () {
            () if is("image/") => MediaKind::Image,
            () if is("audio/") => MediaKind::Audio,
            () if is("video/") => MediaKind::Video,
            () => MediaKind::File,
        };
        let bytes = Some(self.body.0.len() as u64);
        Content::Media { kind, media_type: media_type.map(str::to_owned), bytes, reference: None, name: None }
    }
}

/// What ends the streams of `OpenAI` and those like it.
const DONE: &[u8] = b"[DONE]";

fn ends_early() -> (Outcome, Failure) {
    (Outcome::Interrupted, failure::of("The stream ends without its last event."))
}

/// An event that is no JSON.
fn raw(event: &Event<'_>, at: At) -> Part {
    let name = if event.name.is_empty() { "event" } else { &*event.name };
    let content = Content::Other { name: name.to_owned(), raw: String::from_utf8_lossy(&event.data).into_owned() };
    let place = at.event.map(Place::event).unwrap_or_default();
    Part { content, source: Source { origin: at.origin, place }, left_out: None }
}

/// `3,000 bytes`.
fn counted(count: usize, word: &str) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if count == 1 { format!("{text} {word}") } else { format!("{text} {word}s") }
}
