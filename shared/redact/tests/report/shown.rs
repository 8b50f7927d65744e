//! A post as a text in which nothing is encoded, packed or masked, so that two can be compared.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use std::io::Read;

/// The text of a post, without its masks.
pub(crate) fn without_masks(post: &Value) -> String {
    let mut post = post.clone();
    for pointer in ["/attempts", "/steps/0/attempts"] {
        let attempts = post.pointer_mut(pointer).and_then(Value::as_array_mut).into_iter().flatten();
        for attempt in attempts {
            for body in ["request_body", "response_body"] {
                if let Some(text) = attempt.get_mut(body) {
                    *text = Value::String(body_text(&STANDARD.decode(text.as_str().unwrap()).unwrap()));
                }
            }
        }
    }
    strip(&post.to_string())
}

fn strip(text: &str) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some(at) = rest.find("[REDACTED") {
        kept += &rest[..at];
        rest = rest[at..].split_once(']').map_or("", |(_, rest)| rest);
    }
    kept + rest
}

fn body_text(bytes: &[u8]) -> String {
    let mut unpacked = Vec::new();
    match bytes {
        [0x1f, 0x8b, ..] => drop(flate2::read::GzDecoder::new(bytes).read_to_end(&mut unpacked).unwrap()),
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] if std::str::from_utf8(bytes).is_err() => {
            flate2::read::ZlibDecoder::new(bytes).read_to_end(&mut unpacked).unwrap();
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            unpacked.reserve(16 * 1024 * 1024);
            zstd_safe::decompress(&mut unpacked, bytes).unwrap();
        }
        _ => return frames(bytes).unwrap_or_else(|| latin(bytes)),
    }
    latin(&unpacked)
}

fn latin(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_owned()).unwrap_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect())
}

/// The payloads of Amazon's frames, whose lengths and checksums have to be right.
fn frames(mut bytes: &[u8]) -> Option<String> {
    let mut text = String::new();
    let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().unwrap()) as usize;
    let checksum = |bytes: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        crc.sum() as usize
    };
    while !bytes.is_empty() {
        let total = number(bytes.get(..4)?);
        let frame = bytes.get(..total).filter(|frame| frame.len() >= 16)?;
        let headers = number(&frame[4..8]);
        assert_eq!(number(&frame[8..12]), checksum(&frame[..8]), "the checksum of the lengths");
        assert_eq!(number(&frame[total - 4..]), checksum(&frame[..total - 4]), "the checksum of the frame");
        let payload = std::str::from_utf8(&frame[12 + headers..total - 4]).unwrap();
        let inner = serde_json::from_str::<Value>(payload).unwrap();
        let event = inner["bytes"].as_str().map(|event| latin(&STANDARD.decode(event).unwrap()));
        text += &event.unwrap_or_else(|| payload.to_owned());
        text.push('\n');
        bytes = &bytes[total..];
    }
    (!text.is_empty()).then_some(text)
}
