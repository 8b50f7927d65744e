//! Bodies on their way: JSON is gzipped where the service takes that and it pays, and an answer that came so is
//! unpacked.
//!
//! What the service would refuse for its size is not sent: a gateway may break off while it still comes in, and then
//! nobody hears why.

use crate::error::Error;
use api::{
    problem::{MAX_BODY_BYTES, MAX_GZIP_BYTES, MAX_UNPACKED_BYTES},
    routes::{GZIPPED_JSON, Route},
};
use flate2::{
    Compression,
    bufread::{GzDecoder, GzEncoder},
};
use std::io::{self, Read};

/// The shortest body that is worth to be gzipped, in bytes.
const WORTH_PACKING: usize = 8 * 1024;

/// The most that an answer may unpack to, in bytes. The service's own hold less than half of it.
const MAX_ANSWER_BYTES: u64 = 16 * 1024 * 1024;

/// A request's body as it is sent.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) bytes: Vec<u8>,
    pub(crate) content_type: &'static str,
    /// Its `Content-Encoding`.
    pub(crate) coding: Option<&'static str>,
}

impl Packed {
    /// JSON as its route takes it.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] when the route takes it neither way.
    pub(crate) fn of(route: &Route, json: Vec<u8>) -> Result<Self, Error> {
        let length = json.len();
        if route.takes_gzip && (WORTH_PACKING..=MAX_UNPACKED_BYTES).contains(&length) {
            // Beyond the limit of plain bodies it pays however little it saves.
            let most = if length > MAX_BODY_BYTES { MAX_GZIP_BYTES } else { length / 4 * 3 };
            if let Some(bytes) = gzip(&json, most) {
                return Ok(Self { bytes, content_type: GZIPPED_JSON, coding: Some("gzip") });
            }
        }
        if length > MAX_BODY_BYTES {
            return Err(Error::TooLarge { bytes: length });
        }
        Ok(Self { bytes: json, content_type: "application/json", coding: None })
    }
}

/// The bytes gzipped, if they are no more than that then. At the lowest level: a recorder has better things to do.
fn gzip(bytes: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut packed = Vec::new();
    GzEncoder::new(bytes, Compression::fast()).take(most as u64 + 1).read_to_end(&mut packed).ok()?;
    (packed.len() <= most).then_some(packed)
}

/// An answer's body without its coding.
///
/// # Errors
///
/// When it is not in that coding, or larger than any answer.
pub(crate) fn unpacked(coding: Option<&str>, body: &[u8]) -> io::Result<Vec<u8>> {
    match coding {
        None => Ok(body.to_vec()),
        Some("gzip") => {
            let mut unpacked = Vec::new();
            let size = GzDecoder::new(body).take(MAX_ANSWER_BYTES + 1).read_to_end(&mut unpacked)?;
            if size as u64 > MAX_ANSWER_BYTES {
                return Err(io::Error::other("it is too large"));
            }
            Ok(unpacked)
        }
        Some(_) => Err(io::Error::other("it is in a coding that nobody asked for")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::routes::{CREATE_DEBUG_RUN, PUT_CHAT};

    /// Bytes that gzip takes little off.
    fn dense(length: usize) -> Vec<u8> {
        std::iter::repeat_with(|| fastrand::u8(..)).take(length).collect()
    }

    fn is_gzipped(route: &Route, json: Vec<u8>) -> Option<bool> {
        Packed::of(route, json).ok().map(|packed| packed.coding.is_some())
    }

    #[test]
    fn a_recording_is_gzipped_where_it_pays() {
        let text = vec![b'a'; WORTH_PACKING];
        let packed = Packed::of(&CREATE_DEBUG_RUN, text.clone()).unwrap();
        assert_eq!((packed.content_type, packed.coding), (GZIPPED_JSON, Some("gzip")));
        assert_eq!(unpacked(packed.coding, &packed.bytes).unwrap(), text);
        for (route, json) in
            [(&*CREATE_DEBUG_RUN, text[1..].to_vec()), (&CREATE_DEBUG_RUN, dense(WORTH_PACKING)), (&PUT_CHAT, text)]
        {
            let packed = Packed::of(route, json.clone()).unwrap();
            assert_eq!((packed.content_type, packed.coding), ("application/json", None));
            assert_eq!(packed.bytes, json);
        }
    }

    #[test]
    fn what_the_service_takes_neither_way_is_not_sent() {
        assert_eq!(is_gzipped(&CREATE_DEBUG_RUN, dense(MAX_BODY_BYTES)), Some(false));
        assert_eq!(is_gzipped(&CREATE_DEBUG_RUN, dense(MAX_BODY_BYTES + 1)), None);
        assert_eq!(is_gzipped(&CREATE_DEBUG_RUN, vec![b'a'; MAX_UNPACKED_BYTES]), Some(true));
        assert_eq!(is_gzipped(&CREATE_DEBUG_RUN, vec![b'a'; MAX_UNPACKED_BYTES + 1]), None);
        // Less than a quarter is taken off, and it is the only way.
        let mostly_dense = [dense(MAX_GZIP_BYTES - 100_000), vec![b'a'; 1_000_000]].concat();
        assert_eq!(is_gzipped(&CREATE_DEBUG_RUN, mostly_dense), Some(true));
    }

    #[test]
    fn an_answer_that_is_no_gzip_or_a_bomb_is_refused() {
        let bomb = gzip(&vec![0; 16 * 1024 * 1024 + 1], 1_000_000).unwrap();
        for (coding, body) in [("gzip", &b"{}"[..]), ("gzip", &bomb), ("br", b"{}"), ("gzip", &bomb[..1_000])] {
            assert!(unpacked(Some(coding), body).is_err(), "{coding}");
        }
        assert_eq!(unpacked(None, b"{}").unwrap(), b"{}");
    }
}
