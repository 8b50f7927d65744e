//! The envelope of everything that is packed: a byte with the version, then one zstd frame that says how long its
//! content is, and that ends with a checksum of it.
//!
//! The compressor is told beforehand what exchanges with models are made of, by [`DICTIONARY`]: a small turn takes a
//! third less by that. What is packed cannot be opened without it, so it belongs to the version.

use std::{cell::Cell, error::Error, fmt, ops::RangeInclusive};
use zstd_safe::{
    CCtx, CParameter, DCtx, ResetDirective, SafeResult, compress_bound, find_frame_compressed_size,
    get_frame_content_size,
};

/// The newest version. Both are written: what is long has words of its own, and takes more time and 1 % more space with
/// others before it.
pub const VERSION: u8 = 2;
const WITHOUT_DICTIONARY: u8 = 1;
/// Up to how many bytes the dictionary is of use.
const SHORT: usize = 64 * 1024;

/// What stands in many recordings: names of headers and members, and events, as the public APIs of models have them. What
/// comes most often is last, where it is cheapest to refer to. It is written by hand, so that no recording of anybody's
/// is in it, and never changes: another is another version.
const DICTIONARY: &[u8] = include_bytes!("dictionary.txt");

/// What the compressor of a version was told beforehand, or `None` if the version is not known here.
const fn dictionary(version: u8) -> Option<&'static [u8]> {
    match version {
        WITHOUT_DICTIONARY => Some(&[]),
        VERSION => Some(DICTIONARY),
        _ => None,
    }
}

/// How hard is tried, of 22, to make it small.
const LEVEL: i32 = 3;
/// The window spans the dictionary and the whole content, so that what comes again is found however far back it is; at
/// most this many bits of a distance, which bounds the memory that packing takes.
const WINDOW_BITS: RangeInclusive<u32> = 10..=22;
/// How large the tables are in which what came before is looked up: bits of the number of their entries. The level has
/// up to four times as large ones, whose pages take longer to come by than all else, and with which long prose takes
/// 1 to 3 % less; what is recorded takes the same.
const HASH_BITS: u32 = 15;
const CHAIN_BITS: u32 = 14;

thread_local! {
    // Kept from one frame to the next: to come by its memory takes as long as to pack 100 KB.
    static PACKER: Cell<Option<CCtx<'static>>> = const { Cell::new(None) };
    static OPENER: Cell<Option<DCtx<'static>>> = const { Cell::new(None) };
}

/// Why what is packed cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// It has a version that is not known here.
    Version(u8),
    /// Its content has more bytes than the caller takes: so many.
    TooLarge(u64),
    /// It is not what was packed.
    Damaged,
    /// There is no memory for its content.
    Memory,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => write!(f, "packed as version {version}, which is not known here"),
            Self::TooLarge(size) => write!(f, "packed content of {size} bytes, which is too much"),
            Self::Damaged => f.write_str("packed content is damaged"),
            Self::Memory => f.write_str("no memory for packed content"),
        }
    }
}

impl Error for Unreadable {}

/// There is no memory to pack something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfMemory;

impl fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no memory to pack content")
    }
}

impl Error for OutOfMemory {}

/// Packs a text of any bytes.
///
/// # Errors
///
/// [`OutOfMemory`].
pub(crate) fn pack(text: &[u8]) -> Result<Vec<u8>, OutOfMemory> {
    pack_as(if text.len() <= SHORT { VERSION } else { WITHOUT_DICTIONARY }, text)
}

fn pack_as(version: u8, text: &[u8]) -> Result<Vec<u8>, OutOfMemory> {
    let dictionary = dictionary(version).unwrap_or_default();
    let spanned = dictionary.len() + text.len();
    let window = spanned.next_power_of_two().trailing_zeros().clamp(*WINDOW_BITS.start(), *WINDOW_BITS.end());
    let mut packed = vec![0; 1 + compress_bound(text.len())];
    let (first, frame) = packed.split_first_mut().ok_or(OutOfMemory)?;
    *first = version;
    let mut context = PACKER.take().or_else(CCtx::try_create).ok_or(OutOfMemory)?;
    // The parameters hold and the space is enough, whatever the text: nothing else can be missing.
    let written = compress(&mut context, window, dictionary, text, frame).map_err(|_code| OutOfMemory)?;
    PACKER.set(Some(context));
    packed.truncate(1 + written);
    packed.shrink_to_fit();
    Ok(packed)
}

fn compress(
    context: &mut CCtx<'static>,
    window: u32,
    before: &'static [u8],
    text: &[u8],
    frame: &mut [u8],
) -> SafeResult {
    context.reset(ResetDirective::SessionAndParameters)?;
    context.set_parameter(CParameter::CompressionLevel(LEVEL))?;
    context.set_parameter(CParameter::WindowLog(window))?;
    context.set_parameter(CParameter::HashLog(HASH_BITS))?;
    context.set_parameter(CParameter::ChainLog(CHAIN_BITS))?;
    context.set_parameter(CParameter::ChecksumFlag(true))?;
    context.ref_prefix(before)?;
    context.compress2(frame, text)
}

/// Opens a text of at most so many bytes. Its size is judged before there is memory for it.
///
/// # Errors
///
/// [`Unreadable`]: nothing but what was packed is opened.
pub(crate) fn open(packed: &[u8], most: usize) -> Result<Vec<u8>, Unreadable> {
    let (&version, frame) = packed.split_first().ok_or(Unreadable::Damaged)?;
    let dictionary = dictionary(version).ok_or(Unreadable::Version(version))?;
    let said = get_frame_content_size(frame).ok().flatten().ok_or(Unreadable::Damaged)?;
    let size = usize::try_from(said).ok().filter(|&size| size <= most).ok_or(Unreadable::TooLarge(said))?;
    // zstd would go on with a frame behind this one.
    if find_frame_compressed_size(frame) != Ok(frame.len()) {
        return Err(Unreadable::Damaged);
    }
    let mut text = Vec::new();
    text.try_reserve_exact(size).map_err(|_| Unreadable::Memory)?;
    let mut context = OPENER.take().or_else(DCtx::try_create).ok_or(Unreadable::Memory)?;
    if decompress(&mut context, dictionary, frame, &mut text) != Ok(size) {
        return Err(Unreadable::Damaged);
    }
    OPENER.set(Some(context));
    Ok(text)
}

fn decompress(context: &mut DCtx<'static>, before: &'static [u8], frame: &[u8], text: &mut Vec<u8>) -> SafeResult {
    context.reset(ResetDirective::SessionAndParameters)?;
    context.ref_prefix(before)?;
    context.decompress(text, frame)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, engine::general_purpose::STANDARD};
    use fastrand::Rng;
    use sha2::{Digest, Sha256};

    /// A frame without content whose header says that it has 2^50 bytes.
    const BOUNDLESS: [u8; 22] =
        [VERSION, 0x28, 0xb5, 0x2f, 0xfd, 0xc4, 0x58, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0, 0, 0, 0];

    #[test]
    fn a_text_comes_back_as_it_was() {
        let mut rng = Rng::with_seed(1);
        for size in [0, 1, 255, 256, 1_023, 1_024, 65_535, 300_000, 5_000_000] {
            let text: Vec<u8> = (0..size).map(|_| rng.u8(..4)).collect();
            let packed = pack(&text).expect("packed");
            assert_eq!(open(&packed, size), Ok(text));
        }
    }

    #[test]
    fn a_version_is_opened_by_its_own_dictionary() {
        let text = br#"{"role":"user","content":"Hello!"}"#;
        let (short, long) = (text.to_vec(), text.repeat(SHORT / text.len() + 1));
        for (text, version) in [(short, VERSION), (long, WITHOUT_DICTIONARY)] {
            let packed = pack(&text).expect("packed");
            assert_eq!((packed[0], open(&packed, text.len())), (version, Ok(text)));
        }
        let packed = pack(text).expect("packed");
        let with_another = open(&[&[WITHOUT_DICTIONARY], &packed[1..]].concat(), text.len());
        assert_eq!(with_another, Err(Unreadable::Damaged));
    }

    #[test]
    fn the_dictionary_of_a_version_never_changes() {
        assert_eq!(STANDARD.encode(Sha256::digest(DICTIONARY)), "BmHBrWOLypTWLkgj/hSVa3NN3Xw8OUvlpJgfIwjg1Jk=");
    }

    #[test]
    fn a_small_exchange_takes_two_thirds_of_what_it_would_without_the_dictionary() {
        let text = br#"{"model":"m-1","messages":[{"role":"user","content":"Is it Tuesday?"}],"stream":false}{"choices":[{"index":0,"message":{"role":"assistant","content":"No, Monday."},"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":4,"total_tokens":15}}"#;
        let (with, without) = (pack(text).expect("packed"), pack_as(WITHOUT_DICTIONARY, text).expect("packed"));
        assert!(with.len() * 3 < without.len() * 2, "{} of {}", with.len(), without.len());
    }

    #[test]
    fn a_text_that_was_cut_or_changed_is_refused_or_the_same() {
        let text = br#"{"a":"a text of a few words, some of them a few words again","b":[1,2,3]}"#;
        let packed = pack(text).expect("packed");
        for end in 0..packed.len() {
            assert!(open(&packed[..end], 1_000).is_err(), "cut at {end}");
        }
        for at in 0..packed.len() {
            for change in 1..=u8::MAX {
                let mut changed = packed.clone();
                changed[at] ^= change;
                let opened = open(&changed, 1_000);
                assert!(opened.is_err() || opened.as_deref() == Ok(text), "{change} at {at}");
            }
        }
        assert_eq!(open(&[packed.clone(), vec![0]].concat(), 1_000), Err(Unreadable::Damaged));
        assert_eq!(open(&[&packed[..], &packed[1..]].concat(), 1_000), Err(Unreadable::Damaged));
    }

    #[test]
    fn a_version_that_is_not_known_is_named() {
        assert_eq!(open(&[3, 0, 0], 1_000), Err(Unreadable::Version(3)));
        assert_eq!(open(&[0], 1_000), Err(Unreadable::Version(0)));
        assert_eq!(open(&[], 1_000), Err(Unreadable::Damaged));
    }

    #[test]
    fn a_size_is_judged_before_there_is_memory_for_it() {
        assert_eq!(open(&BOUNDLESS, usize::MAX), Err(Unreadable::Memory), "it is read up to the size");
        assert_eq!(open(&BOUNDLESS, 1_000), Err(Unreadable::TooLarge(1 << 50)));
        let packed = pack(&[0; 1_000]).expect("packed");
        assert_eq!(open(&packed, 999), Err(Unreadable::TooLarge(1_000)));
    }

    #[test]
    fn what_comes_again_is_found_across_the_whole_window() {
        let mut rng = Rng::with_seed(2);
        let once: Vec<u8> = (0..2_000_000).map(|_| rng.u8(..)).collect();
        let packed = pack(&once.repeat(2)).expect("packed");
        assert!(packed.len() < once.len() * 101 / 100, "{}", packed.len());
    }
}
