//! `OpenAI`'s responses: an object with items, or events that each name the item they are about; and the realtime
//! sessions that speak alike over a websocket.
//!
//! An item that comes whole at its end takes the place of what arrived of it; the whole answer in the last event only
//! adds items that no event was about.

use crate::{
    answer::{Answer, CallPiece, Counts, Slot, number},
    at::At,
    failure,
    json::Node,
    part::{cited, parts},
};
use api::view::{Content, Failure, Finish, Meaning, Part};

pub(super) fn whole(node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let is_response = node.get("object").is_some_and(|object| object.is("response"));
    let output = node.get("output").filter(|output| output.is_array());
    if !is_response && output.is_none_or(|output| output.items().any(|item| item.type_name().is_empty())) {
        return false;
    }
    answer.add(0, output.map(|output| parts(output, at)).unwrap_or_default());
    answer.counts.add(node.get("usage"));
    about(0, node, answer);
    // One that is to be asked for again says so, and nothing else.
    if let Some(status) = node.text_of("status").filter(|_| output.is_none_or(Node::is_empty)) {
        answer.end_new(0, Finish { said: status.into_owned(), meaning: Meaning::Other });
    }
    // A session's may be cut off by who speaks, which says details.
    if node.get("status").is_some_and(|status| status.is("cancelled")) && node.get("status_details").is_none() {
        answer.interruption = Some(failure::of("The response was cancelled."));
    }
    true
}

/// The answer's model, counts, status and error.
fn about(choice: u64, response: Node<'_>, answer: &mut Answer) {
    answer.named(response, "model", "id");
    let reason =
        response.path(&["incomplete_details", "reason"]).or_else(|| response.path(&["status_details", "reason"]));
    let status = response.get("status").filter(|status| !status.is("in_progress") && !status.is("queued"));
    answer.finish(choice, reason.or(status));
    if status.is_some_and(|status| status.is("completed")) && answer.ends_with_call(choice) {
        answer.end(choice, Some(Finish { said: "completed".to_owned(), meaning: Meaning::ToolCalls }));
    }
    let error = response.get("error").or_else(|| response.path(&["status_details", "error"]));
    if let Some(error) = error.filter(|error| !error.is_empty()) {
        answer.fail(failure::new(response, error));
    } else if status.is_some_and(|status| status.is("failed")) {
        answer.fail(Failure { raw: Some(response.raw().into_owned()), ..failure::of("The response failed.") });
    }
}

pub(super) fn event(name: &str, node: Node<'_>, at: At<'_>, answer: &mut Answer) -> bool {
    let Some((topic, rest)) = name.split_once('.') else { return false };
    match topic {
        "response" => {}
        // What a realtime session says about itself, and what it repeats of what was sent.
        "session" | "input_audio_buffer" | "output_audio_buffer" | "rate_limits" | "transcription_session" => {
            return true;
        }
        "conversation" => {
            return !rest.contains("transcription") || rest.ends_with("delta");
        }
        _ => return false,
    }
    let slot = Slot { choice: answer.responses, ..Slot::block(number(node.get("output_index"))) };
    let block = slot.within(number(node.first(&["content_index", "summary_index"])));
    let delta = node.get("delta");
    match rest {
        "created" if answer.has_ended => {
            answer.responses += 1;
            answer.has_ended = false;
        }
        "completed" | "incomplete" | "failed" | "cancelled" => {
            answer.counts.add(node.path(&["response", "usage"]));
            last(node, at, answer);
        }
        // A session's answers are counted one by one.
        "done" => {
            answer.counts.plus(Counts::of(node.path(&["response", "usage"])));
            last(node, at, answer);
        }
        "output_item.added" => {
            for part in node.get("item").map(|item| parts(item, at)).unwrap_or_default() {
                begin(answer, slot, part);
            }
        }
        "output_item.done" => {
            let item = node.get("item").map(|item| parts(item, at)).unwrap_or_default();
            if !item.is_empty() {
                answer.replace(slot, item);
            }
        }
        "output_text.delta" | "text.delta" => answer.text(block, delta, at),
        "output_audio_transcript.delta" | "audio_transcript.delta" | "audio.transcript.delta" => {
            answer.text(block, delta, at);
        }
        "output_audio.delta" | "audio.delta" => answer.sound(slot.choice, delta, at),
        "refusal.delta" => answer.words(block, delta, at, |text| Content::Refusal { text }),
        "output_text.annotation.added" => {
            answer.extend_all(block, node.get("annotation").map(|annotation| cited(annotation, at)));
        }
        // Thoughts may come beside what sums them up, and both are numbered from 0.
        _ if delta.is_some() && rest.starts_with("reasoning_summary") => answer.thinking(block, delta, at),
        _ if delta.is_some() && rest.starts_with("reasoning") => {
            let place = number(node.get("content_index")) + (1 << 32);
            answer.thinking(slot.within(place), delta, at);
        }
        _ if delta.is_some() => {
            let piece = CallPiece { id: None, name: None, arguments: delta };
            answer.call_piece(slot, piece, node, at);
        }
        _ => {}
    }
    if let Some(response) = node.get("response").filter(|_| rest == "created") {
        answer.named(response, "model", "id");
        answer.end(answer.responses, None);
    }
    true
}

/// Begins a part of an item, of which the most follows in deltas.
fn begin(answer: &mut Answer, slot: Slot, part: Part) {
    match part.content {
        Content::ToolCall { .. } => answer.begin_call(slot, part),
        Content::Thinking { ref text, .. } if text.is_empty() => {}
        _ => answer.push(slot, part),
    }
}

/// The event with the whole answer.
fn last(node: Node<'_>, at: At<'_>, answer: &mut Answer) {
    let choice = answer.responses;
    answer.has_ended = true;
    let Some(response) = node.get("response") else { return };
    for (index, item) in (0..).zip(response.get("output").into_iter().flat_map(|list| at.items(list))) {
        let slot = Slot { choice, ..Slot::block(index) };
        if !answer.is_whole(slot) {
            answer.replace(slot, parts(item, at));
        }
    }
    about(choice, response, answer);
}
