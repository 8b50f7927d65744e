//! Where values that are being read stand.

use crate::json::Node;
use api::view::{Content, Origin, Part, Place, Source};

/// The text that is being read, and the event of it when it is a stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    pub(crate) origin: Origin,
    pub(crate) event: Option<u32>,
}

impl At {
    pub(crate) fn source(self, node: Node<'_>) -> Source {
        let place = self.event.map_or_else(|| node.range().into(), Place::event);
        Source { origin: self.origin, place }
    }

    pub(crate) fn part(self, node: Node<'_>, content: Content) -> Part {
        Part { content, source: self.source(node), left_out: None }
    }
}
