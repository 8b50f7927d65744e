//! Packs the page: one file with its script and its style in it, gzipped but for its end.
//!
//! The end says what only the deployment knows, so the function writes it. `page/` makes the script and the style;
//! what it made is committed, and cargo needs no Node. The page's policy lets a browser run and show these and no
//! others.

#![expect(clippy::expect_used, reason = "a build that cannot go on has failed")]

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::DeflateEncoder};
use sha2::{Digest, Sha256};
use std::{env, fs, io::Write, path::Path};

/// Deflate, without a name, a time or a system: RFC 1952.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff];

fn main() {
    println!("cargo::rerun-if-changed=page/built");
    let built = |name: &str| fs::read_to_string(Path::new("page/built").join(name)).expect(name);
    let (script, style) = (built("viewer.js"), built("viewer.css"));
    assert!(!script.contains("</script") && !script.contains("<!--"), "a script that ends its own element");
    assert!(!style.contains("</style"), "a style that ends its own element");

    // A module runs when all of the page is there, its end among it.
    let page = filled(&built("index.html"), "{styles}", &format!("<style>{style}</style>"));
    let page = filled(&page, "{script}", &format!("<script type=\"module\">{script}</script>"));
    let (beginning, end) = page.rsplit_once("{config}").expect("a place for {config}");

    let mut encoder = DeflateEncoder::new(GZIP_HEADER.to_vec(), Compression::best());
    encoder.write_all(beginning.as_bytes()).and_then(|()| encoder.flush()).expect("deflate in memory");
    let crc = crc32fast::hash(beginning.as_bytes());
    let facts = format!(
        "const CRC: u32 = 0x{:04x}_{:04x};\nconst LENGTH: u64 = {};\nconst SCRIPT: &str = \"{}\";\nconst STYLE: &str = \"{}\";\n",
        crc >> 16,
        crc & 0xffff,
        format_args!("{}_{:03}", beginning.len() / 1_000, beginning.len() % 1_000),
        hash(&script),
        hash(&style),
    );
    let out = env::var_os("OUT_DIR").expect("cargo's OUT_DIR");
    let write = |name: &str, bytes: &[u8]| fs::write(Path::new(&out).join(name), bytes).expect(name);
    write("beginning.gz", encoder.get_ref());
    write("end.html", end.as_bytes());
    write("facts.rs", facts.as_bytes());
}

fn filled(page: &str, place: &str, content: &str) -> String {
    assert_eq!(page.matches(place).count(), 1, "index.html has one place for {place}");
    page.replacen(place, content, 1)
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}
