//! Token counts as the provider gave them.
//!
//! Nothing is renamed or added up here: [`Usage`] knows what each provider's names count.

use crate::payload::Payload;
use api::{
    json::Object,
    step::{TokenCounts, Usage},
};
use serde_json::{Map, Value};

/// The counts of a body; of a stream, the last of each name. `None` when there are none.
pub fn usage(payload: &Payload) -> Option<Usage> {
    let mut said = Map::new();
    match payload {
        Payload::Json(value) => merge(&mut said, value),
        Payload::Events(events) => events.iter().for_each(|event| merge(&mut said, &event.data)),
        Payload::Other => {}
    }
    let usage = Usage::from(Object::from_value(&said.into())?);
    (usage.counts() != TokenCounts::default()).then_some(usage)
}

fn merge(said: &mut Map<String, Value>, body: &Value) {
    let places = ["/usage", "/usageMetadata", "/message/usage", "/response/usage", "/x_groq/usage"];
    let usage = places.iter().filter_map(|place| body.pointer(place)).find_map(Value::as_object);
    if let Some(usage) = usage {
        let given = usage.iter().filter(|(_, count)| !count.is_null());
        said.extend(given.map(|(name, count)| (name.clone(), count.clone())));
    } else {
        // Ollama counts in the body itself.
        let counts = ["prompt_eval_count", "eval_count"].into_iter();
        said.extend(counts.filter_map(|name| Some((name.to_owned(), body.get(name)?.clone()))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// What is kept, and what it counts as sent and as received.
    fn read(payload: &Payload) -> Option<(Value, [Option<u64>; 2])> {
        let usage = usage(payload)?;
        let counts = [usage.counts().input_tokens, usage.counts().output_tokens].map(|count| Some(count?.get()));
        Some((usage.sent().value().expect("JSON"), counts))
    }

    #[test]
    fn every_providers_counts_are_kept_and_counted() {
        for (body, place, counts) in [
            (
                json!({"usage": {"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17}}),
                "/usage",
                [Some(12), Some(5)],
            ),
            (
                json!({"usage": {"input_tokens": 12, "output_tokens": 5, "cache_read_input_tokens": 100}}),
                "/usage",
                [Some(112), Some(5)],
            ),
            (
                json!({"usageMetadata": {"promptTokenCount": 12, "candidatesTokenCount": 5, "thoughtsTokenCount": 2}}),
                "/usageMetadata",
                [Some(12), Some(7)],
            ),
            (json!({"usage": {"inputTokens": 12, "outputTokens": 5}}), "/usage", [Some(12), Some(5)]),
        ] {
            let sent = body.pointer(place).cloned().expect("a usage");
            assert_eq!(read(&Payload::Json(body.clone())), Some((sent, counts)), "{body}");
        }
        let ollama = json!({"model": "m", "message": {"content": "Hi"}, "prompt_eval_count": 12, "eval_count": 5});
        let kept = json!({"prompt_eval_count": 12, "eval_count": 5});
        assert_eq!(read(&Payload::Json(ollama)), Some((kept, [Some(12), Some(5)])));
        for nothing in [json!({"usage": null}), json!({"usage": {"prompt_tokens": -1}}), json!({})] {
            assert_eq!(read(&Payload::Json(nothing.clone())), None, "{nothing}");
        }
    }

    #[test]
    fn the_last_count_of_a_stream_is_kept() {
        let body = concat!(
            "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\n",
            "data: {\"type\":\"message_delta\",\"usage\":{\"input_tokens\":null,\"output_tokens\":9}}\n\n",
        );
        let kept = json!({"input_tokens": 7, "output_tokens": 9});
        assert_eq!(read(&Payload::of(body.as_bytes())), Some((kept, [Some(7), Some(9)])));
        let responses = "data: {\"type\":\"response.completed\",\"response\":{\"usage\":{\"input_tokens\":7}}}\n\n";
        let kept = json!({"input_tokens": 7});
        assert_eq!(read(&Payload::of(responses.as_bytes())), Some((kept, [Some(7), None])));
    }
}
