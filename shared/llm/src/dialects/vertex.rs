//! What Vertex predicts: a list of whatever its model says. Claude, Gemini and others answer there in their own forms.

use super::chat;
use crate::{
    answer::{Answer, Slot},
    at::At,
    failure,
    json::Node,
    media::media,
    part::{cited, other},
};
use api::view::{Failure, Finish, Meaning};
use std::borrow::Cow;

/// Members with a text that was predicted.
const TEXTS: [&str; 4] = ["content", "generated_text", "text", "output"];

pub(super) fn whole(node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let Some(predictions) = node.get("predictions") else { return false };
    // vLLM was asked as `OpenAI` is.
    if predictions.is_object() {
        return chat::whole(predictions, at, answer);
    }
    // Embeddings are data.
    let is_vector = |first: Node<'_>| first.first(&["embeddings", "embedding"]).is_some() || first.is_array();
    if !predictions.is_array() || predictions.items().next().is_some_and(is_vector) {
        return false;
    }
    let mut choice = 0;
    for item in at.items(predictions) {
        let candidates = item.get("candidates").filter(|candidates| candidates.is_array());
        for said in candidates.map_or_else(|| vec![item], |list| at.items(list).collect()) {
            prediction(choice, said, item, at, answer);
            choice += 1;
        }
    }
    for (name, its) in [("input_tokens", "inputTokenCount"), ("output_tokens", "outputTokenCount")] {
        answer.counts.put_new(name, node.path(&["metadata", "tokenMetadata", its, "totalTokens"]));
    }
    answer.named(node, "modelDisplayName", "id");
    true
}

/// One of what it says: a text, a message, an image, or anything. `around` is the prediction.
fn prediction(choice: u64, said: Node<'_>, around: Node<'_>, at: At<'_>, answer: &mut Answer) {
    let slot = Slot::text(choice);
    answer.end(choice, None);
    if said.is_text() {
        answer.text(slot, Some(said), at);
    } else if said.first(&["bytesBase64Encoded", "gcsUri"]).is_some() {
        answer.push(slot, at.part(said, media("image", said)));
    } else if let Some(text) = said.first(&TEXTS).filter(|text| text.is_text()) {
        answer.text(slot, Some(text), at);
    } else {
        answer.push(slot, other(said, "prediction", at));
    }
    let cites = around.path(&["citationMetadata", "citations"]).into_iter().flat_map(|list| at.items(list));
    answer.add(choice, cites.map(|item| cited(item, at)));
    let is_blocked = around.path(&["safetyAttributes", "blocked"]).is_some_and(Node::is_true);
    let reason = around.get("raiFilteredReason").and_then(Node::text);
    if is_blocked && !answer.has_parts() {
        let raw = Some(around.raw().into_owned());
        answer.fail(Failure { raw, ..failure::of("The answer was blocked.") });
    }
    if is_blocked || reason.is_some() {
        let said = reason.map_or_else(|| "blocked".to_owned(), Cow::into_owned);
        answer.end(choice, Some(Finish { said, meaning: Meaning::Filter }));
    }
}

/// Predictions are never streamed.
pub(super) fn event(_: &str, _: Node<'_>, _: At<'_>, _: &mut Answer) -> bool {
    false
}
