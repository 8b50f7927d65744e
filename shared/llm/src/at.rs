//! Where values that are being read stand, and how much is made of them.
//!
//! A byte of a hostile body may ask for a part of hundreds: so of one body no more things are made than there is
//! [`Room`] for, and what is beyond is counted.

use crate::json::{Json, Node};
use api::view::{ByteRange, Content, Origin, Part, Place, Source};
use std::cell::Cell;

/// The most things that are kept of one body: messages, parts, tools, parameters, choices. No conversation has as many.
pub(crate) const MOST_THINGS: usize = 1 << 16;

/// How many more things there is room for.
#[derive(Debug)]
pub(crate) struct Room {
    left: Cell<usize>,
    beyond: Cell<usize>,
}

impl Default for Room {
    fn default() -> Self {
        Self { left: Cell::new(MOST_THINGS), beyond: Cell::new(0) }
    }
}

impl Room {
    /// Takes the place of one thing; `false` when none is left.
    fn take(&self) -> bool {
        let left = self.left.get().checked_sub(1);
        match left {
            Some(left) => self.left.set(left),
            None => self.beyond.set(self.beyond.get() + 1),
        }
        left.is_some()
    }

    /// How many things found no place.
    pub(crate) fn beyond(&self) -> usize {
        self.beyond.get()
    }
}

/// The text that is being read, the event of it when it is a stream, and the room for what it says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    origin: Origin,
    event: Option<u32>,
    /// Where the text stands that holds the JSON that is being read, if one does.
    within: Option<ByteRange>,
    room: &'a Room,
}

impl<'a> At<'a> {
    pub(crate) fn new(origin: Origin, room: &'a Room) -> Self {
        Self { origin, event: None, within: None, room }
    }

    pub(crate) fn event(self, number: u32) -> Self {
        Self { event: Some(number), ..self }
    }

    pub(crate) fn source(self, node: Node<'_>) -> Source {
        let bytes = self.within.unwrap_or_else(|| bytes_of(node));
        let place = self.event.map_or(Place::Bytes(bytes), Place::event);
        Source { origin: self.origin, place }
    }

    pub(crate) fn part(self, node: Node<'_>, content: Content) -> Part {
        Part { content, source: self.source(node), left_out: None }
    }

    /// Whether there is room for one thing more.
    pub(crate) fn has_room(self) -> bool {
        self.room.take()
    }

    /// The items of a list that there is room for.
    pub(crate) fn items<'n>(self, list: Node<'n>) -> impl Iterator<Item = Node<'n>> + use<'a, 'n> {
        list.items().filter(move |_| self.has_room())
    }

    /// What is read stands within a value.
    pub(crate) fn inside(self, node: Node<'_>) -> Self {
        Self { within: Some(self.within.unwrap_or_else(|| bytes_of(node))), ..self }
    }

    /// Reads a value, or the JSON that a text holds, as OpenTelemetry's attributes do.
    pub(crate) fn opened<R>(self, node: Node<'_>, read: impl FnOnce(Node<'_>, At<'a>) -> R) -> R {
        let text = node.text().filter(|text| text.trim_start().starts_with(['[', '{']));
        let json = text.as_ref().map(|text| Json::read(text.as_bytes())).filter(Json::is_whole);
        match json.as_ref().and_then(Json::root) {
            Some(root) => read(root, self.inside(node)),
            None => read(node, self),
        }
    }
}

fn bytes_of(node: Node<'_>) -> ByteRange {
    let range = node.range();
    ByteRange { start: range.start, end: range.end }
}
