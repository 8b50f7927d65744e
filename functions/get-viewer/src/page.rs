//! The page as `build.rs` packs it, its end with what the deployment says, and what it may do.

use flate2::{Compression, write::DeflateEncoder};
use http::HeaderValue;
use serde::Serialize;
use service::site::{SignIn, Site};
use std::io::Write;

include!(concat!(env!("OUT_DIR"), "/facts.rs"));

/// A gzip member that has no end yet.
const BEGINNING: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/beginning.gz"));
const END: &str = include_str!(concat!(env!("OUT_DIR"), "/end.html"));

/// What the page reads of its deployment.
#[derive(Serialize)]
struct Config<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    sign_in: Option<&'a SignIn>,
}

/// The page, gzipped. Its end is a block that is stored as it is: nothing is compressed again.
#[expect(clippy::expect_used, reason = "names and texts become JSON, and memory takes what is written to it")]
pub(crate) fn gzipped(site: &Site) -> Vec<u8> {
    let config = serde_json::to_string(&Config { sign_in: site.sign_in.as_ref() }).expect("JSON");
    // Whatever it says, it does not end its element.
    let config = config.replace('<', "\\u003c");
    let end = format!("<script type=\"application/json\" id=\"config\">{config}</script>{END}");

    let mut crc = crc32fast::Hasher::new_with_initial_len(CRC, LENGTH);
    crc.update(end.as_bytes());
    let length = LENGTH + end.len() as u64;
    let mut encoder = DeflateEncoder::new(BEGINNING.to_vec(), Compression::none());
    let gzipped = encoder.write_all(end.as_bytes()).and_then(|()| encoder.finish());
    let mut gzipped = gzipped.expect("deflate in memory");
    gzipped.extend(crc.finalize().to_le_bytes());
    // Modulo 2^32, by RFC 1952.
    gzipped.extend(length.to_le_bytes().iter().take(4));
    gzipped
}

/// What the page may do: run its script, show its style and what it makes itself, and ask this service and the issuer.
#[expect(clippy::expect_used, reason = "hashes and checked origins make a header's value")]
pub(crate) fn policy(site: &Site) -> HeaderValue {
    let issuer = site.sign_in.as_ref().map(|sign_in| format!(" {}", sign_in.token_origin)).unwrap_or_default();
    let ancestors = if site.frame_ancestors.is_empty() { "'none'".to_owned() } else { site.frame_ancestors.join(" ") };
    let policy = format!(
        "default-src 'none'; script-src {SCRIPT}; style-src {STYLE}; connect-src 'self'{issuer}; img-src blob:; \
         media-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}; \
         require-trusted-types-for 'script'; trusted-types 'none'"
    );
    HeaderValue::try_from(policy).expect("a header's value")
}
