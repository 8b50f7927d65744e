//! Files with the results of many requests: a line each, with the id that its request was given, or with the request;
//! or the results in one list.

use crate::json::Node;
use std::borrow::Cow;

/// A line of `OpenAI`'s, Anthropic's, Google's, Mistral's or Bedrock's.
pub(super) struct BatchResult<'a> {
    /// The id that the request was given.
    pub(super) id: Option<Cow<'a, str>>,
    /// The answer.
    pub(super) answer: Option<Node<'a>>,
    /// What there is instead of one.
    pub(super) error: Option<Node<'a>>,
}

impl<'a> BatchResult<'a> {
    /// A line of a file. One of Vertex has no id, but the request.
    pub(super) fn of(node: Node<'a>) -> Option<Self> {
        let id = node.first(&["custom_id", "key", "recordId"]).and_then(Node::text);
        let has_request = ["request", "instance"].iter().any(|name| node.get(name).is_some_and(Node::is_object));
        let is_one = id.is_some() || has_request && node.first(&["response", "prediction", "status"]).is_some();
        let result = Self::within(node).filter(|_| is_one)?;
        Some(Self { id: id.or(result.id), ..result })
    }

    /// An item of a list of results.
    pub(super) fn within(node: Node<'a>) -> Option<Self> {
        let id = node.path(&["metadata", "key"]).and_then(Node::text);
        let places: [&[&str]; 5] =
            [&["response", "body"], &["result", "message"], &["response"], &["modelOutput"], &["prediction"]];
        let answer = places.iter().find_map(|place| node.path(place));
        let answer = answer.filter(|answer| !answer.is_empty() || node.get("status").is_none());
        let error = node.get("error").or_else(|| node.path(&["result", "error"])).filter(|error| !error.is_empty());
        // One that was cancelled or came too late has a result that says so, and Vertex a status.
        let error = error.or_else(|| node.first(&["result", "status"]).filter(|it| answer.is_none() && !it.is_empty()));
        (answer.is_some() || error.is_some()).then_some(Self { id, answer, error })
    }
}

/// The list of results that Gemini answers where a batch was small.
pub(super) fn results(node: Node<'_>) -> Option<Node<'_>> {
    let list = node.first(&["response", "dest", "output"]).unwrap_or(node).get("inlinedResponses")?;
    let list = list.get("inlinedResponses").unwrap_or(list);
    list.is_array().then_some(list)
}
