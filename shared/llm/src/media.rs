//! Images, sounds, videos and files: what they are, how large, and where. Their bytes stay where they are.

use crate::json::Node;
use api::view::{Content, MediaKind};
use std::borrow::Cow;

/// Members that hold the bytes in base64, or a text.
const DATA: [&str; 11] = [
    "data",
    "bytes",
    "base64",
    "bytesBase64Encoded",
    "file_data",
    "image",
    "audio",
    "input_audio",
    "content",
    "result",
    "b64_json",
];
/// Members that say where it is.
const PLACES: [&str; 14] = [
    "url",
    "uri",
    "fileUri",
    "file_uri",
    "image_url",
    "file_url",
    "audio_url",
    "video_url",
    "document_url",
    "gcsUri",
    "file_id",
    "fileId",
    "id",
    "file",
];
/// Members with its name.
const NAMES: [&str; 7] = ["filename", "fileName", "file_name", "document_name", "display_name", "title", "name"];
/// Members that another object with these members stands in.
const WRAPPERS: [&str; 16] = [
    "source",
    "image_url",
    "video_url",
    "audio_url",
    "input_audio",
    "file",
    "inlineData",
    "inline_data",
    "fileData",
    "file_data",
    "s3Location",
    "image",
    "document",
    "video",
    "audio",
    "input_image",
];

/// The medium that an object describes, with what its wrappers add. `kind` is what its type or its name says.
pub(crate) fn media(kind: &str, node: Node<'_>) -> Content {
    let mut found = Found::default();
    let mut next = Some(node);
    // Three wrappers are the most that any provider uses.
    for _ in 0..4 {
        let Some(node) = next else { break };
        found.add(node);
        next = WRAPPERS.iter().find_map(|name| node.get(name).filter(|inner| inner.is_object()));
    }
    let kind = found.kind(kind);
    Content::Media {
        kind,
        media_type: found.media_type.map(|media_type| full_type(kind, &media_type)),
        bytes: found.bytes,
        reference: found.reference,
        name: found.name,
    }
}

/// A medium that is one string: base64, a data URL, a URL or the id of a file.
pub(crate) fn media_of_text(kind: &str, text: Node<'_>) -> Content {
    let mut found = Found::default();
    if is_place(&text.plain()) {
        found.refer(text);
    } else {
        found.hold(text);
    }
    let kind = found.kind(kind);
    Content::Media { kind, media_type: found.media_type, bytes: found.bytes, reference: found.reference, name: None }
}

#[derive(Default)]
struct Found {
    media_type: Option<String>,
    bytes: Option<u64>,
    reference: Option<String>,
    name: Option<String>,
    /// OpenTelemetry's word for what it is.
    modality: Option<String>,
}

impl Found {
    fn add(&mut self, node: Node<'_>) {
        let text = |names: &[&str]| names.iter().find_map(|name| node.text_of(name)).map(Cow::into_owned);
        let types = ["media_type", "mime_type", "mimeType", "mediaType", "format"];
        self.media_type = self.media_type.take().or_else(|| text(&types));
        self.name = self.name.take().or_else(|| text(&NAMES));
        self.modality = self.modality.take().or_else(|| text(&["modality"]));
        let is_text = node.type_name() == "text";
        for data in DATA.iter().filter_map(|name| node.get(name)).filter(|data| data.is_text()) {
            if is_text {
                self.bytes.get_or_insert(data.plain().len() as u64);
            } else if is_place(&data.plain()) {
                self.refer(data);
            } else {
                self.hold(data);
            }
        }
        for place in PLACES.iter().filter_map(|name| node.get(name)).filter(|place| place.is_text()) {
            self.refer(place);
        }
    }

    /// Bytes in base64, whose number is told by their length.
    fn hold(&mut self, data: Node<'_>) {
        let characters = data.range().len().saturating_sub(2) as u64;
        let padding = data.raw().bytes().rev().skip(1).take_while(|byte| *byte == b'=').count() as u64;
        self.bytes.get_or_insert((characters * 3 / 4).saturating_sub(padding));
    }

    /// A URL or an id. A data URL holds the bytes itself.
    fn refer(&mut self, place: Node<'_>) {
        let text = place.plain();
        let Some((head, data)) = text.strip_prefix("data:").and_then(|rest| rest.split_once(',')) else {
            self.reference.get_or_insert_with(|| text.into_owned());
            return;
        };
        let (media_type, is_base64) = match head.strip_suffix(";base64") {
            Some(media_type) => (media_type, true),
            None => (head, false),
        };
        let padding = data.bytes().rev().take_while(|byte| *byte == b'=').count() as u64;
        let length = data.len() as u64;
        self.bytes.get_or_insert(if is_base64 { (length * 3 / 4).saturating_sub(padding) } else { length });
        self.media_type = self.media_type.take().or_else(|| Some(media_type.to_owned()).filter(|it| !it.is_empty()));
    }

    fn kind(&self, kind: &str) -> MediaKind {
        let of = |text: &str| {
            let has = |word| text.contains(word);
            if has("image") || has("screenshot") {
                Some(MediaKind::Image)
            } else if has("audio") || has("speech") {
                Some(MediaKind::Audio)
            } else if has("video") {
                Some(MediaKind::Video)
            } else {
                None
            }
        };
        let mut said = [&self.media_type, &self.modality].into_iter().flatten();
        of(kind).or_else(|| said.find_map(|said| of(said))).unwrap_or(MediaKind::File)
    }
}

fn is_place(text: &str) -> bool {
    ["data:", "http://", "https://", "gs://", "s3://", "file-"].iter().any(|scheme| text.starts_with(scheme))
}

/// `png` of an image is `image/png`.
fn full_type(kind: MediaKind, media_type: &str) -> String {
    match kind {
        _ if media_type.contains('/') => media_type.to_owned(),
        MediaKind::Image => format!("image/{media_type}"),
        MediaKind::Audio => format!("audio/{media_type}"),
        MediaKind::Video => format!("video/{media_type}"),
        MediaKind::File => format!("application/{media_type}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Json;

    #[test]
    fn every_providers_media_say_what_they_are() {
        use MediaKind::{Audio, File, Image, Video};
        for (kind, json, expected) in [
            (
                "image",
                r#"{"source":{"type":"base64","media_type":"image/png","data":"AAECAw=="}}"#,
                (Image, Some("image/png"), Some(4), None),
            ),
            ("image", r#"{"source":{"type":"url","url":"https://h/x"}}"#, (Image, None, None, Some("https://h/x"))),
            (
                "image_url",
                r#"{"image_url":{"url":"data:image/jpeg;base64,AAEC"}}"#,
                (Image, Some("image/jpeg"), Some(3), None),
            ),
            ("input_image", r#"{"image_url":"https://h/x"}"#, (Image, None, None, Some("https://h/x"))),
            (
                "input_audio",
                r#"{"input_audio":{"data":"AAAA","format":"wav"}}"#,
                (Audio, Some("audio/wav"), Some(3), None),
            ),
            ("file", r#"{"file":{"file_id":"file-7"}}"#, (File, None, None, Some("file-7"))),
            (
                "inlineData",
                r#"{"inlineData":{"mimeType":"video/mp4","data":"AAAA"}}"#,
                (Video, Some("video/mp4"), Some(3), None),
            ),
            (
                "fileData",
                r#"{"fileData":{"mimeType":"application/pdf","fileUri":"gs://b/x"}}"#,
                (File, Some("application/pdf"), None, Some("gs://b/x")),
            ),
            (
                "image",
                r#"{"image":{"format":"png","source":{"bytes":"AAAA"}}}"#,
                (Image, Some("image/png"), Some(3), None),
            ),
            (
                "file",
                r#"{"data":"AAAA","mediaType":"text/csv","filename":"x.csv"}"#,
                (File, Some("text/csv"), Some(3), None),
            ),
            ("blob", r#"{"mime_type":"image/png","content":"AAAA"}"#, (Image, Some("image/png"), Some(3), None)),
            ("uri", r#"{"modality":"video","uri":"gs://b/x"}"#, (Video, None, None, Some("gs://b/x"))),
            ("image_url", r#"{"image_url":"https://h/x"}"#, (Image, None, None, Some("https://h/x"))),
            ("input_audio", r#"{"input_audio":"AAAA"}"#, (Audio, None, Some(3), None)),
            ("document_url", r#"{"document_url":"https://h/x"}"#, (File, None, None, Some("https://h/x"))),
            ("image", r#"{"image":{"image":{"image":{"image":{"image":1}}}}}"#, (Image, None, None, None)),
        ] {
            let text = Json::read(json.as_bytes());
            let Content::Media { kind, media_type, bytes, reference, .. } = media(kind, text.root().unwrap()) else {
                panic!("{json}")
            };
            assert_eq!((kind, media_type.as_deref(), bytes, reference.as_deref()), expected, "{json}");
        }
    }
}
