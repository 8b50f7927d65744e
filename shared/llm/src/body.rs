//! Reads the body of an attempt: unpacks it, takes it apart, and says what it is and what of it cannot be read.

use crate::{
    answer::{Answer, Slot},
    at::{At, Room},
    dialects::{self, Stream},
    failure,
    frames::{Event, Events, Frames, frames},
    json::{Json, Stop},
    request::Request,
    unpack::{Budget, Unpacked},
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

/// How an answer was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) is_stream: bool,
    pub(crate) is_incremental: bool,
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

    pub(crate) fn unpack(&self, budget: &mut Budget) -> Unpacked<'a> {
        budget.unpack(&self.body.0, self.header("content-encoding"))
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
    pub(crate) fn request(&self, budget: &mut Budget) -> Reading<Request> {
        let (unpacked, room) = (self.unpack(budget), Room::default());
        let at = At::new(self.origin, &room);
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
                        found.add_event(root, at.event(number));
                    }
                }
                events = Some(stream.count());
                unread.extend(self.more_events(&stream, unpacked.bytes.len()));
                stream.framing
            }
            other => {
                if unread.is_empty() {
                    unread.push(self.unread(0..unpacked.bytes.len(), self.size(None)));
                }
                if matches!(other, Frames::Text(_)) { Framing::Text } else { Framing::Binary }
            }
        };
        unread.extend(self.more_things(room.beyond(), unpacked.bytes.len()));
        Reading { view: self.view(&unpacked, framing, events), found, unread }
    }

    /// Reads what came back. An error that it holds is the answer's; how else it failed to be one is the second.
    pub(crate) fn response(&self, asked: Asked, budget: &mut Budget) -> Reading<(Answer, Option<(Outcome, Failure)>)> {
        let (unpacked, room) = (self.unpack(budget), Room::default());
        let at = At::new(self.origin, &room);
        let bytes = 0..unpacked.bytes.len();
        let mut unread: Vec<_> =
            unpacked.fault.map(|fault| self.unread(bytes.clone(), self.size(Some(fault)))).into_iter().collect();
        let mut answer = Answer::default();
        answer.is_incremental = asked.is_incremental;
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
                answer.beyond += room.beyond();
                Framing::Json
            }
            Frames::Events(stream) => {
                events = Some(stream.count());
                let broken = self.read_stream(&stream, &mut answer);
                // Of a stream that nobody knows, nobody knows the last event.
                let is_known = answer.is_known || stream.list.is_empty() || !broken.is_empty();
                if is_known && !answer.has_ended {
                    fault = Some(if stream.beyond > 0 { has_more_events() } else { ends_early() });
                }
                unread.extend(broken);
                unread.extend(self.more_events(&stream, bytes.end));
                stream.framing
            }
            Frames::Text(text) => {
                let is_page = text.trim_start().starts_with('<');
                if is_page || asked.is_stream {
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
        if let Some(failure) = answer.interruption.take() {
            fault = Some((Outcome::Interrupted, failure));
        }
        unread.extend(self.more_things(answer.beyond(), unpacked.bytes.len()));
        Reading { view: self.view(&unpacked, framing, events), found: (answer, fault), unread }
    }

    /// Reads what came back with an HTTP status that says that it is an error.
    pub(crate) fn error(&self, budget: &mut Budget) -> Reading<(Answer, Option<(Outcome, Failure)>)> {
        let unpacked = self.unpack(budget);
        let mut answer = Answer::default();
        let mut unread = Vec::new();
        let (framing, events) = match frames(&unpacked.bytes) {
            Frames::Empty => (Framing::Empty, None),
            Frames::Json(json) => {
                answer.failure = json.root().map(failure::in_answer);
                (Framing::Json, None)
            }
            Frames::Events(stream) => {
                unread = self.read_stream(&stream, &mut answer);
                (stream.framing, Some(stream.count()))
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

    fn read_stream(&self, stream: &Events<'_>, answer: &mut Answer) -> Vec<Unread> {
        let (mut reader, mut unread) = (Stream::default(), Vec::new());
        for (number, event) in (1_u32..).zip(&stream.list) {
            match event.data.trim_ascii() {
                DONE => answer.has_ended = true,
                [] => {}
                _ => {
                    let is_last = number as usize == stream.count();
                    unread.extend(self.read_event(event, number, is_last, &mut reader, answer));
                }
            }
        }
        unread.extend(stream.rest.clone().map(|rest| {
            let what = format!("{}, a frame that was cut or damaged", counted(rest.len(), "byte"));
            self.unread(rest, what)
        }));
        unread
    }

    /// Reads an event; what of it was cut is not.
    fn read_event(
        &self,
        event: &Event<'_>,
        number: u32,
        is_last: bool,
        reader: &mut Stream,
        answer: &mut Answer,
    ) -> Option<Unread> {
        // What an event adds to a text takes no more place than the text.
        let limit = Room::default();
        let json = Json::read_event(&event.data);
        let is_cut = is_last && (json.stop() == Some(Stop::Cut) || DONE.starts_with(&event.data));
        let had_ended = answer.has_ended;
        match json.root() {
            Some(root) if json.stop().is_none() || is_cut => {
                reader.event(&event.name, root, is_cut, At::new(self.origin, &limit).event(number), answer);
            }
            _ if is_cut => {}
            _ => answer.extend(Slot::aside(0), self.raw(number, event)),
        }
        answer.beyond += limit.beyond();
        is_cut.then(|| {
            // What is not whole cannot end a stream, but begin another answer.
            answer.has_ended &= had_ended;
            self.unread(event.range.clone(), "the last event, which was cut")
        })
    }

    /// Events that were not read.
    fn more_events(&self, stream: &Events<'_>, length: usize) -> Option<Unread> {
        let end = stream.list.last().map_or(0, |event| event.range.end);
        (stream.beyond > 0).then(|| self.unread(end..length, more_than_read(stream.beyond, "event")))
    }

    /// Parts, messages and the like that were not read.
    fn more_things(&self, beyond: usize, length: usize) -> Option<Unread> {
        (beyond > 0).then(|| self.unread(0..length, more_than_read(beyond, "part")))
    }

    /// An event that is no JSON.
    fn raw(&self, number: u32, event: &Event<'_>) -> Part {
        let name = if event.name.is_empty() { "event" } else { &*event.name };
        let content = Content::Other { name: name.to_owned(), raw: String::from_utf8_lossy(&event.data).into_owned() };
        let source = Source { origin: self.origin, place: Place::event(number) };
        Part { content, source, left_out: None }
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

fn has_more_events() -> (Outcome, Failure) {
    (Outcome::Interrupted, failure::of("The stream has more events than are read."))
}

/// `3,000 parts more than are read`.
pub(crate) fn more_than_read(count: usize, word: &str) -> String {
    format!("{} more than are read", counted(count, word))
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
