//! The form in which an answer goes to its caller: coded as it accepts, or left out when it has it already.
//!
//! Coded bytes leave a function in base64. A coding pays when that is no longer than the text, so whatever fits into
//! Lambda's answer as a text fits into it coded. A caller that refuses plain text is sent it all the same where coded
//! bytes would not fit.

use crate::digest;
use api::problem::MAX_PART_BYTES;
use flate2::{Compression, bufread::GzEncoder};
use http::{
    HeaderMap, HeaderValue,
    header::{ACCEPT_ENCODING, IF_NONE_MATCH},
};
use std::io::Read;

/// The shortest text that is worth to be coded, in bytes.
const WORTH_CODING: usize = 1_024;

/// Where the next level takes twice the time and makes as many bytes.
const ZSTD_LEVEL: i32 = 1;

/// How much of a digest tells states of an answer apart, in bytes.
const VALIDATOR_BYTES: usize = 16;

/// How a body is coded on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// As it is.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 8878. Less than half of gzip's processor time, for fewer bytes.
    Zstd,
}

impl Coding {
    /// The value of `Content-Encoding`.
    pub(super) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
        }
    }
}

/// Stands for one state of an answer: what has the same is the same, byte for byte in each coding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validator([u8; VALIDATOR_BYTES]);

impl Validator {
    /// Of everything that the answer follows from: what it holds, or a revision of that and all that was asked for.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self(digest::of_parts(parts))
    }

    /// The strong entity tag, which differs by coding.
    pub(super) fn tag(&self, coding: Coding) -> String {
        let Self(digest) = self;
        match coding.name() {
            Some(name) => format!("\"{:032x}-{name}\"", u128::from_be_bytes(*digest)),
            None => format!("\"{:032x}\"", u128::from_be_bytes(*digest)),
        }
    }
}

/// What a caller says of the answers that it takes and has.
#[derive(Debug)]
pub(super) struct Accepted {
    /// How much each coding is liked, from 0, which refuses it, to 1.
    zstd: f32,
    gzip: f32,
    /// The same; taken, but liked less than all others, when nothing is said.
    identity: Option<f32>,
    /// Each `If-None-Match`.
    had: Vec<HeaderValue>,
}

impl Accepted {
    /// By RFC 9110. A caller that says nothing gets answers as they are, and so does one that takes nothing.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let (mut zstd, mut gzip, mut identity, mut any) = (None, None, None, None);
        for given in members(headers.get_all(ACCEPT_ENCODING)) {
            let (coding, parameters) = given.split_once(';').unwrap_or((given, ""));
            let slot = match coding.trim() {
                coding if coding.eq_ignore_ascii_case("zstd") => &mut zstd,
                coding if coding.eq_ignore_ascii_case("gzip") => &mut gzip,
                coding if coding.eq_ignore_ascii_case("identity") => &mut identity,
                "*" => &mut any,
                _ => continue,
            };
            *slot = Some(quality(parameters));
        }
        let [zstd, gzip] = [zstd, gzip].map(|coding| coding.or(any).unwrap_or_default());
        let had = headers.get_all(IF_NONE_MATCH).into_iter().cloned().collect();
        Self { zstd, gzip, identity: identity.or(any), had }
    }

    /// Whether an answer may be coded so.
    pub(super) fn takes(&self, coding: Coding) -> bool {
        let is_liked = |quality: f32| quality > 0.0 && quality >= self.identity.unwrap_or_default();
        match coding {
            Coding::Zstd => is_liked(self.zstd),
            Coding::Gzip => is_liked(self.gzip),
            Coding::Identity => self.identity.is_none_or(|quality| quality > 0.0) || self.best() == Coding::Identity,
        }
    }

    /// The coding that is liked best, and of several the best.
    fn best(&self) -> Coding {
        match (self.takes(Coding::Zstd), self.takes(Coding::Gzip)) {
            (true, is_gzip) if !is_gzip || self.zstd >= self.gzip => Coding::Zstd,
            (_, true) => Coding::Gzip,
            _ => Coding::Identity,
        }
    }

    /// The entity tag by which the caller has this state of an answer, in a coding that it takes, or as it is: so goes
    /// what has no other form, even to a caller that refuses that.
    pub(super) fn tag_had(&self, validator: &Validator) -> Option<String> {
        if self.had.is_empty() {
            return None;
        }
        let coded = [Coding::Zstd, Coding::Gzip].into_iter().filter(|coding| self.takes(*coding));
        let mut tags = coded.chain([Coding::Identity]).map(|coding| validator.tag(coding));
        // No tag of ours has a comma or a quotation mark in it, so none is found within another's.
        tags.find(|tag| members(&self.had).any(|had| had == "*" || had.strip_prefix("W/").unwrap_or(had) == tag))
    }

    /// The text in a coding other than [`Coding::Identity`], if the caller takes one and it pays.
    pub(super) fn coded(&self, text: &[u8]) -> Option<(Coding, Vec<u8>)> {
        let room = match self.takes(Coding::Identity) {
            true if text.len() < WORTH_CODING => return None,
            true => text.len() / 4 * 3,
            false => MAX_PART_BYTES,
        };
        let coded = match self.best() {
            Coding::Identity => None,
            Coding::Gzip => gzip(text, room),
            Coding::Zstd => zstd(text, room),
        };
        Some((self.best(), coded?))
    }
}

/// The members of a list, which may go over several headers.
fn members<'a>(headers: impl IntoIterator<Item = &'a HeaderValue>) -> impl Iterator<Item = &'a str> {
    headers.into_iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).map(str::trim)
}

/// How much a coding is liked: from 0, which refuses it, to 1. What cannot be read refuses it.
fn quality(parameters: &str) -> f32 {
    let mut given = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
    match given.find(|(name, _)| name.trim().eq_ignore_ascii_case("q")) {
        Some((_, quality)) => quality.trim().parse().unwrap_or_default(),
        None => 1.0,
    }
}

/// At a low level; nothing when it does not fit.
fn zstd(text: &[u8], room: usize) -> Option<Vec<u8>> {
    let mut coded = Vec::with_capacity(room.min(zstd_safe::compress_bound(text.len())));
    zstd_safe::compress(&mut coded, text, ZSTD_LEVEL).ok()?;
    (coded.len() <= room).then_some(coded)
}

/// At the lowest level, whose processor time costs less than the bytes that it saves; nothing when they do not fit.
fn gzip(text: &[u8], room: usize) -> Option<Vec<u8>> {
    let mut coded = Vec::with_capacity(text.len() / 4);
    let most = u64::try_from(room).unwrap_or(u64::MAX).saturating_add(1);
    GzEncoder::new(text, Compression::fast()).take(most).read_to_end(&mut coded).ok()?;
    (coded.len() <= room).then_some(coded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;

    fn accepted(encodings: &[&'static str], had: &[&str]) -> Accepted {
        let mut headers = HeaderMap::new();
        for encoding in encodings {
            headers.append(ACCEPT_ENCODING, HeaderValue::from_static(encoding));
        }
        for tag in had {
            headers.append(IF_NONE_MATCH, tag.parse().unwrap());
        }
        Accepted::of(&headers)
    }

    fn coding(encodings: &[&'static str], text: &str) -> Option<Coding> {
        accepted(encodings, &[]).coded(text.as_bytes()).map(|(coding, _)| coding)
    }

    #[test]
    fn a_text_comes_in_the_coding_that_is_liked_best() {
        let text = "a".repeat(WORTH_CODING);
        for gzip in [
            &["gzip"][..],
            &["GZip"],
            &["gzip, deflate, br"],
            &["br;q=1.0, gzip;q=0.8, *;q=0.1"],
            &["zstd;q=0.4, gzip;q=0.5"],
            &["zstd;q=0, *"],
            &["gzip;q=0.001"],
            &[" gzip ; Q=0.5 "],
            &["identity;q=0.5, gzip"],
            &["gzip, identity"],
            &["br", "gzip"],
        ] {
            assert_eq!(coding(gzip, &text), Some(Coding::Gzip), "{gzip:?}");
        }
        for zstd in
            [&["zstd"][..], &["gzip, deflate, br, zstd"], &["*"], &["identity;q=0, *"], &["gzip;q=0.4, zstd;q=0.5"]]
        {
            assert_eq!(coding(zstd, &text), Some(Coding::Zstd), "{zstd:?}");
        }
        for neither in [
            &[][..],
            &[""],
            &["br"],
            &["identity"],
            &["gzipped"],
            &["gzip;q=0"],
            &["gzip;q=0.000, zstd;q=0, *"],
            &["*;q=0"],
            &["br;q=1, *;q=0"],
            &["identity, gzip;q=0.5, zstd;q=0.9"],
            &["gzip;q=much"],
            &["gzip;q=-1"],
            &["gzip;q=nan"],
            &["gzip;q="],
            &[";q=1"],
            &["identity;q=0"],
        ] {
            assert_eq!(coding(neither, &text), None, "{neither:?}");
        }
    }

    #[test]
    fn a_text_is_coded_when_it_pays_or_when_there_is_no_other_way() {
        let (worth, short) = ("a".repeat(WORTH_CODING), "a".repeat(WORTH_CODING - 1));
        let mut state = 1_u64;
        let mut sign = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(33 + (state >> 57) as u8 % 90)
        };
        let dense: String = (0..20_000).map(|_| sign()).collect();
        for [asked, only] in [["gzip", "gzip, identity;q=0"], ["zstd", "zstd, identity;q=0"]] {
            assert!(coding(&[asked], &worth).is_some());
            assert_eq!((coding(&[asked], &short), coding(&[asked], &dense)), (None, None));
            for text in [&*worth, &short, &dense, ""] {
                assert!(coding(&[only], text).is_some(), "{only}: {} bytes", text.len());
            }
        }
    }

    #[test]
    fn what_would_not_fit_coded_comes_as_it_is_whatever_was_asked() {
        let mut text = vec![0; MAX_PART_BYTES + MAX_PART_BYTES / 4];
        ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut text).unwrap();
        for only in ["gzip, identity;q=0", "zstd, identity;q=0"] {
            assert!(accepted(&[only], &[]).coded(&text).is_none(), "{only}");
        }
    }

    #[test]
    fn what_is_coded_is_the_text_and_in_base64_no_longer() {
        let ids: Vec<String> = (0..5_000).map(|n| n.to_string()).collect();
        let text = ids.join(" and ");
        let [gzip, zstd] = [["gzip"], ["zstd"]].map(|coding| accepted(&coding, &[]).coded(text.as_bytes()).unwrap().1);
        assert!([&gzip, &zstd].iter().all(|coded| coded.len().div_ceil(3) * 4 <= text.len()));
        let mut read = String::new();
        GzDecoder::new(&*gzip).read_to_string(&mut read).unwrap();
        assert!(read == text);
        let mut read = Vec::with_capacity(text.len());
        zstd_safe::decompress(&mut read, &zstd).unwrap();
        assert!(read == text.as_bytes());
    }

    #[test]
    fn what_a_caller_has_is_found_by_any_of_its_tags_in_a_coding_that_it_takes() {
        let (validator, other) = (Validator::of([&b"a"[..], b"b"]), Validator::of([&b"ab"[..], b""]));
        let [identity, gzip] = [Coding::Identity, Coding::Gzip].map(|coding| validator.tag(coding));
        assert!(identity != gzip && validator != other);
        let (weak, list) = (format!("W/{gzip}"), format!("\"x,y\" , W/{identity},{gzip}"));
        let (inside, unquoted) = (format!("\"x{gzip}"), gzip.replace('"', ""));
        for (encodings, had, tag) in [
            (&["gzip"][..], &*gzip, Some(&gzip)),
            (&["gzip"], &weak, Some(&gzip)),
            (&["gzip"], &identity, Some(&identity)),
            (&["gzip, identity;q=0"], &identity, Some(&identity)),
            (&["gzip, zstd"], &gzip, Some(&gzip)),
            (&["gzip"], "*", Some(&gzip)),
            (&[], "*", Some(&identity)),
            (&[], &list, Some(&identity)),
            (&[], &gzip, None),
            (&["identity;q=0"], &identity, Some(&identity)),
            (&["gzip"], &unquoted, None),
            (&["gzip"], &inside, None),
            (&["gzip"], "", None),
        ] {
            assert_eq!(accepted(encodings, &[had]).tag_had(&validator).as_ref(), tag, "{encodings:?} {had}");
        }
        assert_eq!(accepted(&[], &["\"x\"", &identity]).tag_had(&validator), Some(identity.clone()));
        assert_eq!(accepted(&[], &[&identity]).tag_had(&other), None);
        assert_eq!(accepted(&[], &[]).tag_had(&validator), None);
    }
}
