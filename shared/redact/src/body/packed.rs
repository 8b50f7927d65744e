//! Bodies that are packed: gzip, zlib, deflate and zstd are unpacked, up to a limit, and packed again when something in
//! them changed. Brotli and compress are only known, to be withheld.

use flate2::{
    Compression,
    bufread::{DeflateDecoder, DeflateEncoder, GzDecoder, GzEncoder, ZlibDecoder, ZlibEncoder},
};
use std::io::Read;
use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer};

/// The most that is unpacked, in bytes.
const MOST: usize = 16 * 1024 * 1024;
/// The most for each packed byte, beyond what is allowed to any body.
const MOST_RATIO: usize = 100;
/// The most that the bodies of one post unpack to together, in bytes: each of a thousand may be small.
pub(crate) const MOST_OF_POST: usize = 32 * 1024 * 1024;
/// What any body may unpack to, in bytes.
const ALLOWED: usize = 1024 * 1024;

/// The most members of gzip, or frames of zstd, that one body may have: each costs to begin, empty ones too.
const MOST_MEMBERS: usize = 1_000;

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Gzip,
    Zlib,
    /// Deflate without a frame, which HTTP calls the same as with one.
    Deflate,
    Zstd,
    /// One that is not read, by its name.
    Unread(&'static str),
}

/// How bytes are packed, by what they are, and where they do not show it by what the headers call it.
pub(crate) fn format(bytes: &[u8], encoding: &str, is_text: bool) -> Option<Format> {
    let is_zlib = |cmf: u8, flags: u8| cmf == 0x78 && u16::from_be_bytes([cmf, flags]).is_multiple_of(31);
    let is_called = |name: &str| encoding.split(',').any(|one| one.trim().eq_ignore_ascii_case(name));
    Some(match bytes {
        [0x1f, 0x8b, ..] => Format::Gzip,
        [0x1f, 0x9d, ..] => Format::Unread("compress"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Format::Zstd,
        [cmf, flags, ..] if is_zlib(*cmf, *flags) && !is_text => Format::Zlib,
        _ if is_text => return None,
        _ if is_called("br") => Format::Unread("brotli"),
        _ if is_called("compress") || is_called("x-compress") => Format::Unread("compress"),
        _ if is_called("deflate") => Format::Deflate,
        _ => return None,
    })
}

/// What was packed, if it is not more than there is room for, in bytes.
///
/// # Errors
///
/// Why it cannot be said.
pub(crate) fn unpacked(format: Format, bytes: &[u8], room: usize) -> Result<Vec<u8>, &'static str> {
    let most = bytes.len().saturating_mul(MOST_RATIO).clamp(ALLOWED, MOST).min(room);
    let (mut unpacked, mut rest) = (Vec::new(), bytes);
    match format {
        // One member after the other, which together are one file.
        Format::Gzip => {
            for _ in 0..MOST_MEMBERS {
                let mut member = GzDecoder::new(rest);
                append(&mut unpacked, most, &mut member)?;
                rest = member.into_inner();
                if rest.is_empty() {
                    break;
                }
            }
        }
        Format::Zlib => append(&mut unpacked, most, &mut ZlibDecoder::new(&mut rest))?,
        Format::Deflate => append(&mut unpacked, most, &mut DeflateDecoder::new(&mut rest))?,
        Format::Zstd => return zstd(bytes, most),
        Format::Unread(name) => return Err(name),
    }
    // What stands behind was not read.
    if rest.is_empty() { Ok(unpacked) } else { Err("broken") }
}

/// Appends what it unpacks to what is there already, up to so many bytes of both.
fn append(unpacked: &mut Vec<u8>, most: usize, decoder: &mut dyn Read) -> Result<(), &'static str> {
    let left = most.saturating_sub(unpacked.len());
    decoder.take(left as u64 + 1).read_to_end(unpacked).map_err(|_| "broken")?;
    if unpacked.len() > most { Err("bomb") } else { Ok(()) }
}

/// A window of this many bits is as large as what is unpacked.
const MAX_WINDOW: u32 = MOST.ilog2();

/// One frame after the other, some of which only say something to programs.
fn zstd(bytes: &[u8], most: usize) -> Result<Vec<u8>, &'static str> {
    const CHUNK: usize = 64 * 1024;
    let mut context = DCtx::try_create().ok_or("broken")?;
    context.set_parameter(DParameter::WindowLogMax(MAX_WINDOW)).map_err(|_| "broken")?;
    let (mut unpacked, mut input, mut frames) = (Vec::new(), InBuffer::around(bytes), 0);
    loop {
        let (read, written) = (input.pos(), unpacked.len());
        unpacked.reserve(CHUNK);
        let mut output = OutBuffer::around_pos(&mut unpacked, written);
        let left = context.decompress_stream(&mut output, &mut input).map_err(|_| "broken")?;
        let is_at_end = input.pos() == bytes.len();
        frames += usize::from(left == 0);
        match unpacked.len() {
            length if length > most => return Err("bomb"),
            _ if left == 0 && is_at_end => return Ok(unpacked),
            _ if frames >= MOST_MEMBERS => return Err("broken"),
            // It asks for more than there is.
            length if length == written && input.pos() == read => return Err("broken"),
            _ => {}
        }
    }
}

/// Packs bytes as they were, unless the format is one that is only known by its name.
pub(crate) fn packed(format: Format, bytes: &[u8]) -> Option<Vec<u8>> {
    let (mut packed, level) = (Vec::new(), Compression::fast());
    let written = match format {
        Format::Gzip => GzEncoder::new(bytes, level).read_to_end(&mut packed),
        Format::Zlib => ZlibEncoder::new(bytes, level).read_to_end(&mut packed),
        Format::Deflate => DeflateEncoder::new(bytes, level).read_to_end(&mut packed),
        Format::Zstd => return Some(zstd_frame(bytes)),
        Format::Unread(_) => return None,
    };
    written.ok().map(|_| packed)
}

/// A frame of raw blocks, which needs no compressor: the frame's header without checksum or window, the content's
/// length in eight bytes, and blocks of at most 128 KiB.
fn zstd_frame(bytes: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 128 * 1024;
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0b1110_0000];
    frame.extend((bytes.len() as u64).to_le_bytes());
    let count = bytes.len().div_ceil(BLOCK).max(1);
    for index in 0..count {
        let block = bytes.get(index * BLOCK..bytes.len().min((index + 1) * BLOCK)).unwrap_or_default();
        let header = u32::try_from(block.len()).unwrap_or_default() << 3 | u32::from(index + 1 == count);
        frame.extend(header.to_le_bytes().iter().take(3));
        frame.extend_from_slice(block);
    }
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked_again() {
        let text = "a text, ".repeat(40_000).into_bytes();
        for format in [Format::Gzip, Format::Zlib, Format::Deflate, Format::Zstd] {
            let bytes = packed(format, &text).expect("packed");
            assert_eq!(unpacked(format, &bytes, MOST_OF_POST).expect("unpacked"), text, "{format:?}");
            assert_eq!(super::format(&bytes, "deflate", false), Some(format));
            let cut = bytes.get(..bytes.len() / 2).expect("half");
            assert_eq!(unpacked(format, cut, MOST_OF_POST), Err("broken"), "{format:?}");
            let more = [&*bytes, b"api_key=abcd-1234"].concat();
            assert_eq!(unpacked(format, &more, MOST_OF_POST), Err("broken"), "{format:?}");
        }
        assert_eq!(
            unpacked(Format::Zstd, &packed(Format::Zstd, b"").expect("packed"), MOST_OF_POST).expect("unpacked"),
            b""
        );
    }

    #[test]
    fn members_in_a_row_are_one_text_up_to_a_number_of_them() {
        for format in [Format::Gzip, Format::Zstd] {
            let member = packed(format, b"ab").expect("packed");
            assert_eq!(unpacked(format, &member.repeat(3), MOST_OF_POST).expect("unpacked"), b"ababab");
            assert_eq!(
                unpacked(format, &packed(format, b"").expect("packed").repeat(MOST_MEMBERS + 1), MOST_OF_POST),
                Err("broken")
            );
        }
    }

    #[test]
    fn bombs_are_known_before_they_are_unpacked() {
        let zeros = vec![0; MOST + 1];
        for format in [Format::Gzip, Format::Zlib, Format::Deflate] {
            let bomb = packed(format, &zeros).expect("packed");
            assert_eq!(unpacked(format, &bomb, MOST_OF_POST), Err("bomb"), "{format:?}");
        }
    }

    #[test]
    fn a_text_that_begins_like_zlib_is_a_text() {
        assert_eq!(format(b"x^2 + y^2", "", true), None);
        assert_eq!(format(b"x^2 + y^2", "br", true), None);
        assert_eq!(format(b"\x8b\xff", "gzip, br", false), Some(Format::Unread("brotli")));
    }
}
