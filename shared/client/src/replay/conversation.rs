//! Reads conversations line by line: `{source, licence, calls: [{method, url, request_headers,
//! request_body, status, response_headers, response_body}]}`, compressed or not.

use api::step::{Body, Headers};
use flate2::bufread::MultiGzDecoder;
use serde::{Deserialize, Deserializer, de};
use std::{
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

/// One line: a conversation with a provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Conversation {
    /// Where it was recorded.
    pub source: String,
    /// Under which licence it may be used.
    #[serde(default)]
    pub licence: Option<String>,
    /// The calls, in order.
    pub calls: Vec<ModelCall>,
}

/// One HTTP call to a provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ModelCall {
    /// The HTTP method.
    pub method: String,
    /// Where it went.
    pub url: String,
    /// What was sent.
    #[serde(default, deserialize_with = "headers")]
    pub request_headers: Headers,
    /// The body that was sent, byte for byte.
    #[serde(default, deserialize_with = "body")]
    pub request_body: Option<Body>,
    /// The HTTP status; absent when no answer came, as any number is that is none.
    #[serde(default, deserialize_with = "status")]
    pub status: Option<u16>,
    /// What came back.
    #[serde(default, deserialize_with = "headers")]
    pub response_headers: Headers,
    /// The body that came back, byte for byte.
    #[serde(default, deserialize_with = "body")]
    pub response_body: Option<Body>,
}

/// A file, or one line of it, that cannot be read.
#[derive(Debug)]
pub struct ReadError {
    file: String,
    /// The line, from 1; `None` when the file cannot be read at all.
    line: Option<u64>,
    reason: Reason,
}

#[derive(Debug)]
enum Reason {
    Io(io::Error),
    Json(serde_json::Error),
}

impl ReadError {
    /// A file that cannot be opened.
    pub fn unopened(file: &str, error: io::Error) -> Self {
        Self { file: file.to_owned(), line: None, reason: Reason::Io(error) }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, reason } = self;
        match (line, reason) {
            (None, Reason::Io(error)) => write!(f, "{file} cannot be read: {error}."),
            (Some(line), Reason::Io(error)) => write!(f, "{file}, line {line} cannot be read: {error}."),
            (_, Reason::Json(error)) => {
                let line = line.unwrap_or_default();
                // serde counts lines within this one.
                let error = error.to_string();
                let error = error.rsplit_once(" at line ").map_or(&*error, |(error, _)| error);
                write!(
                    f,
                    "{file}, line {line} is no conversation: {error}. See `chat-debug replay --help` for the format."
                )
            }
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.reason {
            Reason::Io(error) => Some(error),
            Reason::Json(error) => Some(error),
        }
    }
}

/// Opens a file of conversations.
///
/// # Errors
///
/// A file that cannot be opened.
pub fn open(path: &Path) -> Result<impl Iterator<Item = Result<Conversation, ReadError>> + use<>, ReadError> {
    let name = path.display().to_string();
    match File::open(path) {
        Ok(file) => Ok(conversations(file, &name)),
        Err(error) => Err(ReadError::unopened(&name, error)),
    }
}

/// Reads conversations, gzipped or not; `name` is the file's in errors. A line that is no conversation is an error of its
/// own, and the next line is read all the same.
pub fn conversations<R>(reader: R, name: &str) -> impl Iterator<Item = Result<Conversation, ReadError>> + use<R>
where
    R: Read + 'static,
{
    let file = name.to_owned();
    let mut reader = Some(decompressed(reader));
    let mut number = 0;
    std::iter::from_fn(move || {
        let line = next_line(&mut reader, &mut number)?;
        let conversation =
            line.map_err(Reason::Io).and_then(|line| serde_json::from_slice(&line).map_err(Reason::Json));
        Some(conversation.map_err(|reason| ReadError { file: file.clone(), line: Some(number), reason }))
    })
}

fn decompressed<R: Read + 'static>(reader: R) -> Box<dyn BufRead> {
    let mut reader = BufReader::new(reader);
    // An I/O error shows again at the first line.
    let is_gzip = reader.fill_buf().is_ok_and(|start| start.starts_with(&[0x1f, 0x8b]));
    if is_gzip { Box::new(BufReader::new(MultiGzDecoder::new(reader))) } else { Box::new(reader) }
}

/// The next line that is not blank. After an I/O error nothing more is read, since it could repeat for ever.
fn next_line(reader: &mut Option<Box<dyn BufRead>>, number: &mut u64) -> Option<io::Result<Vec<u8>>> {
    loop {
        let mut line = Vec::new();
        *number += 1;
        match reader.as_mut()?.read_until(b'\n', &mut line) {
            Ok(0) => return None,
            Ok(_) if line.iter().all(u8::is_ascii_whitespace) => {}
            Ok(_) => return Some(Ok(line)),
            Err(error) => {
                *reader = None;
                return Some(Err(error));
            }
        }
    }
}

/// HAR says 0 or -1 of an answer that did not come.
fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    let status = Option::<i64>::deserialize(deserializer)?;
    Ok(status.and_then(|status| u16::try_from(status).ok()).filter(|status| (100..600).contains(status)))
}

/// A body is text, or bytes in base64.
fn body<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Body>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a body must be a string, {\"base64\": ...} or null")]
    enum TextOrBytes {
        Text(String),
        Bytes { base64: Body },
    }
    Ok(Option::deserialize(deserializer)?.map(|body| match body {
        TextOrBytes::Text(text) => Body(text.into_bytes()),
        TextOrBytes::Bytes { base64 } => base64,
    }))
}

/// Headers in their order; a header that was sent twice may have a list of values.
fn headers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Headers, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a header must be a string or a list of strings")]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    struct HeadersVisitor;
    impl<'de> de::Visitor<'de> for HeadersVisitor {
        type Value = Headers;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of headers")
        }
        fn visit_unit<E>(self) -> Result<Headers, E> {
            Ok(Headers::default())
        }
        fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Headers, A::Error> {
            let mut headers = Headers::default();
            while let Some((name, value)) = map.next_entry::<String, OneOrMany>()? {
                let value = match value {
                    OneOrMany::One(value) => value,
                    OneOrMany::Many(values) => values.join(", "),
                };
                headers.0.push((name, value));
            }
            Ok(headers)
        }
    }
    deserializer.deserialize_any(HeadersVisitor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const LINE: &str = r#"{"source":"s","licence":"MIT","calls":[{"method":"POST","url":"https://h.example/p","request_headers":{"b":"1","a":["2","3"]},"request_body":"{ }","status":200,"response_headers":null,"response_body":{"base64":"/w=="}}]}"#;

    fn read(text: impl Into<Vec<u8>>) -> Vec<Result<Conversation, ReadError>> {
        conversations(io::Cursor::new(text.into()), "traffic.jsonl").collect()
    }

    #[test]
    fn a_line_keeps_the_order_of_headers_and_the_bytes_of_bodies() {
        let read = read(LINE);
        let call = &read[0].as_ref().expect("a conversation").calls[0];
        assert_eq!(call.request_headers.0, [("b".into(), "1".into()), ("a".into(), "2, 3".into())]);
        assert_eq!(call.request_body, Some(Body(b"{ }".to_vec())));
        assert_eq!(call.response_body, Some(Body(vec![0xff])));
    }

    #[test]
    fn what_did_not_arrive_may_be_absent() {
        let read = read(r#"{"source":"s","calls":[{"method":"GET","url":"u"}]}"#);
        let call = &read[0].as_ref().expect("a conversation").calls[0];
        assert_eq!((call.status, &call.request_body, &call.response_body), (None, &None, &None));
        for status in ["0", "-1", "null", "99", "600"] {
            let line = format!(r#"{{"source":"s","calls":[{{"method":"GET","url":"u","status":{status}}}]}}"#);
            assert_eq!(self::read(line)[0].as_ref().expect("a conversation").calls[0].status, None, "{status}");
        }
    }

    #[test]
    fn a_bad_line_is_named_and_the_next_one_is_read() {
        let read = read(format!("{LINE}\n\n{{}}\n{LINE}\n"));
        assert_eq!(read.len(), 3);
        let error = read[1].as_ref().expect_err("no conversation").to_string();
        assert!(error.contains("traffic.jsonl, line 3") && !error.contains("column"), "{error}");
        assert!(read[2].is_ok());
    }

    #[test]
    fn a_compressed_file_is_told_by_its_first_bytes() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(format!("{LINE}\n{LINE}\n").as_bytes()).expect("memory");
        let bytes = encoder.finish().expect("memory");
        assert_eq!(read(bytes.clone()).iter().filter(|line| line.is_ok()).count(), 2);
        let cut = read(&bytes[..bytes.len() / 2]);
        assert!(cut.last().is_some_and(Result::is_err), "a file that was cut says so");
    }
}
