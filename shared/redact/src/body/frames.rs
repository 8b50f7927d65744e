//! Amazon's event stream: binary frames of total length, headers' length, checksum, headers, payload, checksum.

use super::events::MOST_EVENTS;
use flate2::Crc;
use std::ops::Range;

/// Lengths and their checksum, in bytes.
const PRELUDE: usize = 12;
/// The checksum after the payload, in bytes.
const CHECKSUM: usize = 4;

/// A frame of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) whole: Range<usize>,
    pub(super) headers: Range<usize>,
    pub(super) payload: Range<usize>,
}

/// The whole frames that a body begins with, and no more than say that they are too many; none when it is no such
/// stream.
pub(super) fn frames(body: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut start = 0;
    while let (Some(total), Some(headers)) = (length(body, start), length(body, start + 4)) {
        let (payload, end) = (start + PRELUDE + headers, start + total);
        if headers > total || payload + CHECKSUM > end || end > body.len() {
            break;
        }
        let headers = start + PRELUDE..payload;
        frames.push(Frame { whole: start..end, headers, payload: payload..end - CHECKSUM });
        start = end;
        if frames.len() > MOST_EVENTS {
            break;
        }
    }
    frames
}

fn length(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at + 4)?.try_into().ok()?;
    u32::from_be_bytes(four).try_into().ok()
}

/// A frame of these headers and this payload.
pub(crate) fn frame(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let total = PRELUDE + headers.len() + payload.len() + CHECKSUM;
    let mut bytes = Vec::with_capacity(total);
    for length in [total, headers.len()] {
        bytes.extend(u32::try_from(length).unwrap_or_default().to_be_bytes());
    }
    bytes.extend(checksum(&bytes));
    bytes.extend_from_slice(headers);
    bytes.extend_from_slice(payload);
    bytes.extend(checksum(&bytes));
    bytes
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum().to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_as_they_were_made() {
        let one = frame(b"\x01a\x00", b"{}");
        let two = [one.clone(), frame(b"", br#"{"a":1}"#)].concat();
        let found = frames(&two);
        assert_eq!(found.len(), 2);
        assert_eq!(two.get(found[1].payload.clone()), Some(&br#"{"a":1}"#[..]));
        assert_eq!(two.get(found[0].headers.clone()), Some(&b"\x01a\x00"[..]));
        assert_eq!(frames(two.get(..two.len() - 1).expect("cut")).len(), 1);
        assert!(frames(b"data: {}\n\n").is_empty());
    }
}
