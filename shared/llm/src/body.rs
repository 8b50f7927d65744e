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
use std::{borrow::Cow, ops::Range};

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

/// How what came back failed to be an answer.
pub(crate) type Fault = (Outcome, Failure);

/// What a response is, beside the answer that it holds.
struct Told {
    framing: Framing,
    /// How many, of a stream.
    events: Option<usize>,
    fault: Option<Fault>,
    unread: Vec<Unread>,
}

impl Told {
    fn of(framing: Framing) -> Self {
        Self { framing, events: None, fault: None, unread: Vec::new() }
    }
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
    pub(crate) fn response(&self, asked: Asked, budget: &mut Budget) -> Reading<(Answer, Option<Fault>)> {
        let unpacked = self.unpack(budget);
        let length = unpacked.bytes.len();
        let mut unread: Vec<_> =
            unpacked.fault.map(|fault| self.unread(0..length, self.size(Some(fault)))).into_iter().collect();
        let is_damaged = !unread.is_empty();
        let mut answer = Answer::default();
        answer.is_incremental = asked.is_incremental;
        let told = match frames(&unpacked.bytes) {
            Frames::Empty if is_damaged => Told::of(Framing::Binary),
            Frames::Empty => Told { fault: Some(interrupted("The answer is empty.")), ..Told::of(Framing::Empty) },
            Frames::Json(json) => self.json_response(&json, length, &mut answer),
            Frames::Events(stream) => self.stream_response(&stream, length, &mut answer),
            Frames::Text(text) => self.text_response(text, asked, length, &mut answer),
            Frames::Binary => self.binary_response(is_damaged, length, &mut answer),
        };
        let interruption = answer.interruption.take().map(|failure| (Outcome::Interrupted, failure));
        unread.extend(told.unread);
        unread.extend(self.more_things(answer.beyond(), length));
        let view = self.view(&unpacked, told.framing, told.events);
        Reading { view, found: (answer, interruption.or(told.fault)), unread }
    }

    fn json_response(&self, json: &Json<'_>, length: usize, answer: &mut Answer) -> Told {
        let room = Room::default();
        if let Some(root) = json.root() {
            dialects::whole(root, At::new(self.origin, &room), answer);
        }
        answer.beyond += room.beyond();
        let broken = self.not_json(json, length);
        let fault = broken.as_ref().map(|broken| interrupted(format!("The answer is {}.", broken.what)));
        let fault = fault.or_else(|| answer.is_cut.then(ends_early));
        Told { fault, unread: broken.into_iter().collect(), ..Told::of(Framing::Json) }
    }

    fn stream_response(&self, stream: &Events<'_>, length: usize, answer: &mut Answer) -> Told {
        let mut unread = self.read_stream(stream, answer);
        // Of a stream that nobody knows, nobody knows the last event.
        let is_known = answer.is_known || stream.list.is_empty() || !unread.is_empty();
        let fault =
            (is_known && !answer.has_ended).then(|| if stream.beyond > 0 { has_more_events() } else { ends_early() });
        unread.extend(self.more_events(stream, length));
        Told { framing: stream.framing, events: Some(stream.count()), fault, unread }
    }

    fn text_response(&self, text: Cow<'_, str>, asked: Asked, length: usize, answer: &mut Answer) -> Told {
        let is_page = text.trim_start().starts_with('<');
        if is_page || asked.is_stream {
            let kind = if is_page { "A page" } else { "Text" };
            let quoted = failure::quoting(&text).message;
            let message = format!("{kind} came in the place of an answer: {quoted}");
            let fault = Some((Outcome::Error, failure::of(message)));
            return Told { fault, unread: vec![self.unread(0..length, self.size(None))], ..Told::of(Framing::Text) };
        }
        let content = Content::Text { text: text.into_owned() };
        answer.push(Slot::text(0), Part { content, source: self.source(0..length), left_out: None });
        Told::of(Framing::Text)
    }

    fn binary_response(&self, is_damaged: bool, length: usize, answer: &mut Answer) -> Told {
        let part = Part { content: self.media(), source: self.source(0..length), left_out: None };
        answer.push(Slot::text(0), part);
        let unread = (!is_damaged).then(|| self.unread(0..length, self.size(None)));
        Told { unread: unread.into_iter().collect(), ..Told::of(Framing::Binary) }
    }

    /// Reads what came back with an HTTP status that says that it is an error.
    pub(crate) fn error(&self, budget: &mut Budget) -> Reading<(Answer, Option<Fault>)> {
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

fn interrupted(why: impl Into<String>) -> Fault {
    (Outcome::Interrupted, failure::of(why))
}

fn ends_early() -> Fault {
    interrupted("The stream ends without its last event.")
}

fn has_more_events() -> Fault {
    interrupted("The stream has more events than are read.")
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
