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

/// A stream's events, in order.
#[derive(Debug)]
pub(crate) struct Events<'a> {
    pub(crate) framing: Framing,
    pub(crate) list: Vec<Event<'a>>,
    /// The bytes behind the last event, when they are none.
    pub(crate) rest: Option<Range<usize>>,
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
