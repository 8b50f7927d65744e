//! Unpacks bodies for reading: gzip, deflate and zstd, told by their first bytes, since recorders keep some bodies as
//! they travelled and others as the client saw them. Headers decide only where bytes cannot.
//!
//! It refuses to unpack more than [`MAX_UNPACKED`] bytes of a step, and brotli, which is named. Of a body that breaks
//! off, what came before is kept.

use api::view::Packing;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::{borrow::Cow, io::Read};
use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer};

/// The most bytes of a body that are read, and the most that all packed bodies of a step are unpacked to.
pub const MAX_UNPACKED: usize = 16 * 1024 * 1024;

/// How many more bytes of a step are unpacked.
#[derive(Debug)]
pub struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(MAX_UNPACKED)
    }
}

impl Budget {
    /// How many bytes were unpacked on it.
    pub const fn spent(&self) -> usize {
        MAX_UNPACKED - self.0
    }

    /// Unpacks a body, as far as the budget goes.
    pub(crate) fn unpack<'a>(&mut self, body: &'a [u8], encoding: Option<&str>) -> Unpacked<'a> {
        let unpacked = unpack(body, encoding, self.0);
        if unpacked.packing.is_some() {
            self.0 -= unpacked.bytes.len().min(self.0);
        }
        unpacked
    }
}

/// A body as it is read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unpacked<'a> {
    pub(crate) bytes: Cow<'a, [u8]>,
    pub(crate) packing: Option<Packing>,
    /// Why it is not all there.
    pub(crate) fault: Option<&'static str>,
}

/// Unpacks a body to no more than `most` bytes; `encoding` is what its `content-encoding` says.
pub(crate) fn unpack<'a>(body: &'a [u8], encoding: Option<&str>, most: usize) -> Unpacked<'a> {
    let says = |word: &str| encoding.is_some_and(|encoding| encoding.to_ascii_lowercase().contains(word));
    match body {
        [0x1f, 0x8b, 8, ..] => read(Packing::Gzip, MultiGzDecoder::new(body), most),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => unpack_zstd(body, most),
        // `x^` may begin a text; the other pairs may not.
        [0x78, 0x01 | 0x9c | 0xda, ..] => read(Packing::Deflate, ZlibDecoder::new(body), most),
        [0x78, 0x5e, ..] if says("deflate") => read(Packing::Deflate, ZlibDecoder::new(body), most),
        _ if encoding.is_none() || std::str::from_utf8(body).is_ok() => plain(body),
        // Some servers leave out the two bytes of RFC 1950.
        _ if says("deflate") => read(Packing::Deflate, DeflateDecoder::new(body), most),
        _ if says("br") => {
            Unpacked { bytes: Cow::default(), packing: Some(Packing::Brotli), fault: Some("packed with brotli") }
        }
        _ => plain(body),
    }
}

fn plain(body: &[u8]) -> Unpacked<'_> {
    match body.get(..MAX_UNPACKED) {
        Some(start) if start.len() < body.len() => {
            Unpacked { bytes: start.into(), packing: None, fault: Some(TOO_LARGE) }
        }
        _ => Unpacked { bytes: body.into(), packing: None, fault: None },
    }
}

const TOO_LARGE: &str = "larger than what is read";
const BROKEN: &str = "packed, and broken off or damaged";

fn read(packing: Packing, reader: impl Read, most: usize) -> Unpacked<'static> {
    let mut bytes = Vec::new();
    let outcome = reader.take(most as u64 + 1).read_to_end(&mut bytes);
    let fault = match outcome {
        Err(_) => Some(BROKEN),
        Ok(_) if bytes.len() > most => Some(TOO_LARGE),
        Ok(_) => None,
    };
    bytes.truncate(most);
    Unpacked { bytes: bytes.into(), packing: Some(packing), fault }
}

/// A window of this many bits is as large as what is read.
const MAX_WINDOW: u32 = MAX_UNPACKED.ilog2();

fn unpack_zstd(body: &[u8], most: usize) -> Unpacked<'static> {
    let mut bytes = Vec::new();
    let fault = unpack_zstd_into(&mut bytes, body, most).err();
    bytes.truncate(most);
    Unpacked { bytes: bytes.into(), packing: Some(Packing::Zstd), fault }
}

fn unpack_zstd_into(bytes: &mut Vec<u8>, body: &[u8], most: usize) -> Result<(), &'static str> {
    let mut context = DCtx::try_create().ok_or(BROKEN)?;
    context.set_parameter(DParameter::WindowLogMax(MAX_WINDOW)).map_err(|_| BROKEN)?;
    let mut input = InBuffer::around(body);
    let mut chunk = vec![0; 1 << 16];
    loop {
        let mut output = OutBuffer::around(chunk.as_mut_slice());
        let left = context.decompress_stream(&mut output, &mut input).map_err(|_| BROKEN)?;
        let written = output.as_slice();
        let is_full = written.len() == 1 << 16;
        bytes.extend_from_slice(written);
        if bytes.len() > most {
            return Err(TOO_LARGE);
        }
        if input.pos() == body.len() && !is_full {
            return if left == 0 { Ok(()) } else { Err(BROKEN) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write};
    use std::io::Write;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = write::GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        let mut packed = Vec::with_capacity(zstd_safe::compress_bound(text.len()));
        zstd_safe::compress(&mut packed, text, 3).unwrap();
        packed
    }

    #[test]
    fn what_is_packed_is_unpacked_whatever_headers_say() {
        let text = b"{\"a\": 1}".repeat(100);
        let mut zlib = write::ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(&text).unwrap();
        let mut deflate = write::DeflateEncoder::new(Vec::new(), Compression::fast());
        deflate.write_all(&text).unwrap();
        for (body, encoding, packing) in [
            (gzip(&text), None, Some(Packing::Gzip)),
            ([gzip(&text[..8]), gzip(&text[8..])].concat(), None, Some(Packing::Gzip)),
            (zlib.finish().unwrap(), None, Some(Packing::Deflate)),
            (deflate.finish().unwrap(), Some("deflate"), Some(Packing::Deflate)),
            (zstd(&text), Some("identity"), Some(Packing::Zstd)),
            (text.clone(), Some("gzip"), None),
            (text.clone(), Some("br"), None),
        ] {
            let unpacked = unpack(&body, encoding, MAX_UNPACKED);
            assert_eq!((unpacked.packing, unpacked.fault), (packing, None), "{encoding:?}");
            assert!(*unpacked.bytes == *text, "{packing:?}");
        }
    }

    #[test]
    fn what_is_cut_is_unpacked_as_far_as_it_came() {
        // Text that does not pack well, so that half of it is much.
        let text: Vec<u8> = (0..800_000_u32).map(|n| b'a' + (n.wrapping_mul(2_654_435_761) >> 28) as u8).collect();
        for packed in [gzip(&text), zstd(&text)] {
            let unpacked = unpack(&packed[..packed.len() / 2], None, MAX_UNPACKED);
            assert_eq!(unpacked.fault, Some(BROKEN));
            assert!(!unpacked.bytes.is_empty() && text.starts_with(&unpacked.bytes));
        }
    }

    #[test]
    fn no_more_is_unpacked_than_is_read() {
        let bomb = vec![0; MAX_UNPACKED + 1];
        for body in [gzip(&bomb), zstd(&bomb), bomb] {
            let unpacked = unpack(&body, None, MAX_UNPACKED);
            assert_eq!((unpacked.bytes.len(), unpacked.fault), (MAX_UNPACKED, Some(TOO_LARGE)));
        }
    }

    #[test]
    fn the_bodies_of_a_step_are_unpacked_on_one_budget() {
        let half = vec![b'a'; MAX_UNPACKED / 2 + 1];
        let mut budget = Budget::default();
        let lengths = [gzip(&half), half.clone(), zstd(&half), gzip(&half)].map(|body| {
            let unpacked = budget.unpack(&body, None);
            (unpacked.bytes.len(), unpacked.fault)
        });
        // What is not packed costs nothing.
        let whole = (half.len(), None);
        assert_eq!(lengths, [whole, whole, (half.len() - 2, Some(TOO_LARGE)), (0, Some(TOO_LARGE))]);
        assert_eq!(budget.spent(), MAX_UNPACKED);
    }

    #[test]
    fn brotli_is_named() {
        let unpacked = unpack(&[0x1b, 0xff, 0x80, 0x00], Some("br"), MAX_UNPACKED);
        assert_eq!((unpacked.packing, &*unpacked.bytes), (Some(Packing::Brotli), &b""[..]));
    }
}
