//! Reads files: a conversation on each line, or a HAR as one; compressed or not. No value of a file is in an error.

use crate::{
    error::told,
    replay::{
        conversation::Conversation,
        har::{self, Har},
    },
};
use flate2::bufread::{MultiGzDecoder, ZlibDecoder};
use std::{
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

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
    /// A HAR that ends before its end.
    Cut,
    /// A HAR of other things.
    NoCall,
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
                let (line, error) = (line.unwrap_or_default(), told(error));
                write!(
                    f,
                    "{file}, line {line} is no conversation: {error}. See `chat-debug replay --help` for the format."
                )
            }
            (_, Reason::NoCall) => write!(f, "{file} is a HAR in which no model is called."),
            (_, Reason::Cut) => write!(f, "{file} is a HAR that is cut or damaged; what comes before that was read."),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.reason {
            Reason::Io(error) => Some(error),
            Reason::Json(error) => Some(error),
            Reason::Cut | Reason::NoCall => None,
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

/// Reads conversations, gzipped or not; `name` is the file's in errors. A line that is no conversation is an error of
/// its own, and the next line is read all the same.
pub fn conversations<R>(reader: R, name: &str) -> impl Iterator<Item = Result<Conversation, ReadError>> + use<R>
where
    R: Read + 'static,
{
    let file = name.to_owned();
    let mut reader = Some(decompressed(reader));
    let mut number = 0;
    let (mut is_first, mut is_cut) = (true, false);
    std::iter::from_fn(move || {
        if std::mem::take(&mut is_first)
            && let Some(har) = whole_har(&mut reader)
        {
            let har = har.map(|bytes| Har::read(&bytes, base_name(&file)));
            is_cut = har.as_ref().is_ok_and(|har| har.is_cut);
            let conversation = match har {
                Ok(har) if har.conversation.calls.is_empty() => Err(Reason::NoCall),
                Ok(har) => Ok(har.conversation),
                Err(error) => Err(Reason::Io(error)),
            };
            return Some(conversation.map_err(|reason| ReadError { file: file.clone(), line: None, reason }));
        }
        if std::mem::take(&mut is_cut) {
            return Some(Err(ReadError { file: file.clone(), line: None, reason: Reason::Cut }));
        }
        let line = next_line(&mut reader, &mut number)?;
        let conversation =
            line.map_err(Reason::Io).and_then(|line| serde_json::from_slice(&line).map_err(Reason::Json));
        Some(conversation.map_err(|reason| ReadError { file: file.clone(), line: Some(number), reason }))
    })
}

fn decompressed<R: Read + 'static>(reader: R) -> Box<dyn BufRead> {
    let mut reader = BufReader::new(reader);
    // An I/O error shows again at the first line.
    let mut reader: Box<dyn BufRead> = match reader.fill_buf().unwrap_or_default() {
        [0x1f, 0x8b, ..] => Box::new(BufReader::new(MultiGzDecoder::new(reader))),
        // A `.zhar` of mitmproxy's.
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => Box::new(BufReader::new(ZlibDecoder::new(reader))),
        _ => Box::new(reader),
    };
    // What some editors begin a text with.
    if reader.fill_buf().is_ok_and(|start| start.starts_with(b"\xef\xbb\xbf")) {
        reader.consume(3);
    }
    reader
}

/// All of a file that is a HAR; `None` of another.
fn whole_har(reader: &mut Option<Box<dyn BufRead>>) -> Option<io::Result<Vec<u8>>> {
    // An I/O error shows again at the first line.
    let is_har = reader.as_mut()?.fill_buf().is_ok_and(har::is_one);
    let mut reader = reader.take_if(|_| is_har)?;
    let mut bytes = Vec::new();
    Some(reader.read_to_end(&mut bytes).map(|_| bytes))
}

/// A file's name without its folder, which is its owner's own.
fn base_name(file: &str) -> &str {
    file.rsplit(['/', '\\']).next().unwrap_or(file)
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

#[cfg(test)]
mod tests {
    use super::*;
    use api::step::Body;
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
    fn a_har_is_one_conversation_and_says_when_it_is_cut() {
        let har = r#"{"log":{"entries":[{"request":{"method":"POST","url":"https://api.openai.com/v1/x"},"response":{"status":200}}]}}"#;
        for (end, parts) in [(har.len(), 1), (har.len() - 3, 2)] {
            let read: Vec<_> = conversations(io::Cursor::new(har[..end].to_owned()), "some/x.har").collect();
            let conversation = read[0].as_ref().expect("a conversation");
            assert_eq!((&*conversation.source, conversation.calls.len(), read.len()), ("x.har", 1, parts));
            assert!(read[1..].iter().all(Result::is_err));
        }
        let read = read(r#"{"log":{"entries":[]}}"#);
        assert!(read.len() == 1 && read[0].as_ref().is_err_and(|error| error.to_string().contains("no model")));
    }

    #[test]
    fn a_mark_at_the_start_is_no_part_of_the_first_line() {
        assert!(read(format!("\u{feff}{LINE}\n"))[0].is_ok());
        let har = "\u{feff}{\"log\":{\"entries\":[]}}";
        assert!(read(har)[0].as_ref().is_err_and(|error| error.to_string().contains("no model")));
    }

    #[test]
    fn no_value_of_a_file_is_told() {
        let read = read(
            LINE.replace(r#""{ }""#, "[\"s3cret\"]") + "\n" + &LINE.replace(r#"{"b":"1","a":["2","3"]}"#, "\"s3cret\""),
        );
        let errors: Vec<_> = read.iter().map(|line| line.as_ref().expect_err("no conversation").to_string()).collect();
        assert!(errors.len() == 2 && !errors.concat().contains("s3cret"), "{errors:?}");
    }

    #[test]
    fn a_compressed_file_is_told_by_its_first_bytes() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(format!("{LINE}\n{LINE}\n").as_bytes()).expect("memory");
        let bytes = encoder.finish().expect("memory");
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        zlib.write_all(LINE.as_bytes()).expect("memory");
        assert_eq!(read(zlib.finish().expect("memory")).iter().filter(|line| line.is_ok()).count(), 1);
        assert_eq!(read(bytes.clone()).iter().filter(|line| line.is_ok()).count(), 2);
        let cut = read(&bytes[..bytes.len() / 2]);
        assert!(cut.last().is_some_and(Result::is_err), "a file that was cut says so");
    }
}
