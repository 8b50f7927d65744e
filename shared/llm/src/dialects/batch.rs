//! Files with the results of many requests: a line each, with the id that its request was given.

use crate::json::Node;
use std::borrow::Cow;

/// A line of `OpenAI`'s, Anthropic's or Google's.
pub(super) struct BatchResult<'a> {
    /// The id that the request was given.
    pub(super) id: Cow<'a, str>,
    /// The answer.
    pub(super) answer: Option<Node<'a>>,
    /// What there is instead of one.
    pub(super) error: Option<Node<'a>>,
}

impl<'a> BatchResult<'a> {
    pub(super) fn of(node: Node<'a>) -> Option<Self> {
        let id = node.first(&["custom_id", "key", "recordId"])?.text()?;
        let places: [&[&str]; 4] = [&["response", "body"], &["result", "message"], &["response"], &["modelOutput"]];
        let answer = places.iter().find_map(|place| node.path(place));
        let error = node.get("error").or_else(|| node.path(&["result", "error"])).filter(|error| !error.is_empty());
        // One that was cancelled or came too late has a result that says so.
        let error = error.or(node.get("result").filter(|_| answer.is_none()));
        (answer.is_some() || error.is_some()).then_some(Self { id, answer, error })
    }
}
