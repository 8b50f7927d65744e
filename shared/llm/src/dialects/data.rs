//! Answers that are data: embeddings, images, transcripts, rankings.

use crate::{
    answer::{Answer, Slot},
    at::At,
    json::Node,
    media::{media, media_of_text},
};
use api::view::Content;

pub(super) fn whole(node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let lists = ["data", "embeddings", "predictions", "images", "artifacts"];
    let list = node.first(&lists).filter(|list| list.is_array());
    let first = list.and_then(|list| list.items().next());
    if let (Some(list), Some(vector)) = (list, first.and_then(vector)) {
        embeddings(list.items().count(), vector, list, at, answer);
    } else if let Some(vector) = node.get("embedding").and_then(|one| one.get("values").or(Some(one))) {
        // Titan's and Gemini's come alone.
        embeddings(1, vector, vector, at, answer);
    } else if let Some(by_type) = node.path(&["embeddings", "float"]) {
        // Cohere's are lists by their type.
        let Some(vector) = by_type.items().next() else { return false };
        embeddings(by_type.items().count(), vector, by_type, at, answer);
    } else if let Some(list) = list.filter(|_| first.is_some_and(is_image)) {
        answer.add(0, at.items(list).map(|image| at.part(image, media("image", image))));
    } else if let Some(images) = node.get("images").filter(|_| first.is_some_and(Node::is_text)) {
        // Titan's, Nova's and Stability's on Bedrock are texts.
        answer.add(0, at.items(images).map(|image| at.part(image, media_of_text("image", image))));
    } else if node.get("text").is_some_and(Node::is_text) && is_transcript(node) {
        answer.text(Slot::text(0), node.get("text"), at);
    } else {
        return false;
    }
    answer.named(node, "model", "id");
    answer.counts.add(node.get("usage"));
    answer.counts.put_new("input_tokens", node.get("inputTextTokenCount"));
    true
}

fn is_image(item: Node<'_>) -> bool {
    item.first(&["b64_json", "url", "base64", "bytesBase64Encoded", "gcsUri"]).is_some()
}

/// A transcript, as it was asked for: its text alone, or with the pieces that it was made of.
fn is_transcript(node: Node<'_>) -> bool {
    let known = ["text", "usage", "task", "language", "duration", "segments", "words", "logprobs", "x_groq"];
    node.members().all(|(name, _)| known.contains(&&*name))
}

/// The vector of an item: numbers, or numbers packed as a text.
fn vector(item: Node<'_>) -> Option<Node<'_>> {
    if item.is_array() {
        return item.items().next().is_some_and(Node::is_number).then_some(item);
    }
    let vector = item.first(&["embedding", "embeddings", "values"])?;
    Some(vector.get("values").unwrap_or(vector))
}

fn embeddings(count: usize, first: Node<'_>, node: Node<'_>, at: At<'_>, answer: &mut Answer) {
    let dimensions = first.is_array().then(|| first.items().count());
    answer.add(0, [at.part(node, Content::Embeddings { count, dimensions })]);
}

/// Data are never streamed, but transcripts are.
pub(super) fn event(name: &str, node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    match name {
        "transcript.text.delta" => answer.text(Slot::text(0), node.get("delta"), at),
        "speech.audio.delta" => answer.sound(0, node.get("audio"), at),
        "transcript.text.done" | "speech.audio.done" => {
            answer.counts.add(node.get("usage"));
            answer.has_ended = true;
        }
        _ => return false,
    }
    true
}
