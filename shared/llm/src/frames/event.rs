//! What a body is taken apart into.

use crate::json::Json;
use api::view::Framing;
use std::{borrow::Cow, ops::Range};

/// A body, taken apart.
#[derive(Debug)]
pub(crate) enum Frames<'a> {
    Empty,
    Json(Json<'a>),
    Events(Events<'a>),
    Text(Cow<'a, str>),
    Binary,
}

/// The most events of a body that are kept: more than any model has tokens for an answer.
const MOST_EVENTS: usize = 1 << 18;

/// A stream's events, in order.
#[derive(Debug)]
pub(crate) struct Events<'a> {
    pub(crate) framing: Framing,
    pub(crate) list: Vec<Event<'a>>,
    /// How many more there are.
    pub(crate) beyond: usize,
    /// The bytes behind the last event, when they are none.
    pub(crate) rest: Option<Range<usize>>,
}

impl<'a> Events<'a> {
    pub(super) fn new(framing: Framing) -> Self {
        Self { framing, list: Vec::new(), beyond: 0, rest: None }
    }

    pub(super) fn push(&mut self, event: Event<'a>) {
        if self.list.len() < MOST_EVENTS {
            self.list.push(event);
        } else {
            self.beyond += 1;
        }
    }

    pub(super) fn extend(&mut self, events: impl IntoIterator<Item = Event<'a>>) {
        events.into_iter().for_each(|event| self.push(event));
    }

    /// How many events there are, kept or not.
    pub(crate) fn count(&self) -> usize {
        self.list.len() + self.beyond
    }
}

/// An event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event<'a> {
    /// Its name, empty when it has none.
    pub(crate) name: Cow<'a, str>,
    /// What it carries, mostly JSON.
    pub(crate) data: Cow<'a, [u8]>,
    /// Where it stands in the body, with its name and what is around it.
    pub(crate) range: Range<usize>,
}
