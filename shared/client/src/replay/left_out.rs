//! What is left out of a step that is too large: its copies first, then images and whatever else is in base64, of which
//! hash and size stay, then bodies. `left_out` in its metadata says each.

use api::{
    json::Object,
    step::{Body, StepInput},
};
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fmt::Write, mem};

/// So many characters of base64 are no word.
const MIN_BASE64: usize = 1024;

/// Images lack their padding here, and may have been cut.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// Each leaves something out, and says whether there was anything.
pub(crate) const LESS_AND_LESS: [fn(&mut StepInput) -> bool; 3] = [without_copies, without_images, without_bodies];

/// The normalized forms only repeat the attempts' bodies.
fn without_copies(step: &mut StepInput) -> bool {
    let request = mem::take(&mut step.normalized_request) != Object::default();
    let response = step.normalized_response.take().is_some();
    let copies = [("normalized_request", request), ("normalized_response", response)];
    note(step, copies.into_iter().filter(|(_, was_there)| *was_there).map(|(name, _)| name.to_owned()))
}

fn without_images(step: &mut StepInput) -> bool {
    let bodies = step.attempts.iter_mut().flat_map(|attempt| [&mut attempt.request_body, &mut attempt.response_body]);
    let mut found = false;
    for Body(body) in bodies.flatten() {
        if let Some(less) = hashed(body) {
            (*body, found) = (less, true);
        }
    }
    note(step, found.then(|| "images".to_owned()))
}

fn without_bodies(step: &mut StepInput) -> bool {
    let mut left_out = Vec::new();
    for (attempt, number) in step.attempts.iter_mut().zip(1..) {
        for (name, body) in [("request", &mut attempt.request_body), ("response", &mut attempt.response_body)] {
            left_out.extend(body.take().map(|_| body_name(number, name)));
        }
    }
    note(step, left_out)
}

/// The name of an attempt's body.
pub(crate) fn body_name(number: u32, name: &str) -> String {
    format!("attempts/{number}/{name}")
}

/// Adds names to what the metadata say is left out; whether there were any.
pub(crate) fn note(step: &mut StepInput, names: impl IntoIterator<Item = String>) -> bool {
    let mut names: BTreeSet<_> = names.into_iter().collect();
    if names.is_empty() {
        return false;
    }
    let mut metadata = step.metadata.value().ok().and_then(|value| value.as_object().cloned()).unwrap_or_default();
    let before = metadata.get("left_out").and_then(Value::as_array).into_iter().flatten();
    names.extend(before.filter_map(Value::as_str).map(str::to_owned));
    metadata.insert("left_out".to_owned(), json!(names));
    if let Some(metadata) = Object::from_value(&metadata.into()) {
        step.metadata = metadata;
    }
    true
}

/// A body with a hash in the place of each image; `None` when it has none.
fn hashed(body: &[u8]) -> Option<Vec<u8>> {
    let mut kept = Vec::new();
    let (mut found, mut is_padding) = (false, false);
    for run in body.chunk_by(|one, next| is_digit(*one) == is_digit(*next)) {
        let is_image = run.len() >= MIN_BASE64 && run.first().is_some_and(|digit| is_digit(*digit));
        if is_image {
            kept.extend_from_slice(described(run).as_bytes());
        } else {
            let padding = run.iter().take(2).take_while(|byte| is_padding && **byte == b'=').count();
            kept.extend_from_slice(run.get(padding..).unwrap_or_default());
        }
        (found, is_padding) = (found || is_image, is_image);
    }
    found.then_some(kept)
}

/// The hash is that of the bytes, as a person has them in a file.
fn described(digits: &[u8]) -> String {
    let decoded = BASE64.decode(digits).unwrap_or_else(|_| digits.to_vec());
    let mut text = format!("[LEFT OUT: {} bytes, sha256 ", digits.len() * 3 / 4);
    for byte in digest(&SHA256, &decoded).as_ref() {
        // Writing into a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text + "]"
}

const fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    #[test]
    fn an_image_becomes_its_hash_and_size_and_every_other_byte_stays() {
        for length in [768, 769, 770, 3000] {
            let image: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..)).take(length).collect();
            let body = |image: &str| format!(r#"{{"url":"data:image/png;base64,{image}","eq":"=="}}"#);
            let hash = digest(&SHA256, &image);
            let hash = hash.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
            let less = hashed(body(&STANDARD.encode(&image)).as_bytes()).expect("an image");
            assert_eq!(str::from_utf8(&less), Ok(&*body(&format!("[LEFT OUT: {length} bytes, sha256 {hash}]"))));
        }
        let words = "word ".repeat(1000);
        assert_eq!(hashed(words.as_bytes()), None);
        assert_eq!(hashed(&[0xff; 5000]), None);
    }

    #[test]
    fn what_was_cut_within_base64_has_a_hash_too() {
        for length in 1024..1028 {
            assert!(hashed("A".repeat(length).as_bytes()).expect("an image").ends_with(b"]"), "{length}");
        }
    }
}
