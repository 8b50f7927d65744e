//! Makes the page: one file with Swagger UI in it, so that nothing is fetched but the page itself.
//!
//! Swagger UI comes with a crate, which the lock file pins. The page's policy lets a browser run and
//! show these very scripts and styles and no others.

#![expect(clippy::expect_used, reason = "a build that cannot go on has failed")]

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};
use std::{
    env, fs,
    io::{Cursor, Read, Write},
    path::Path,
};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

/// The release that the crate brings.
const RELEASE: &str = "swagger-ui-5.32.6";

fn main() {
    println!("cargo::rerun-if-changed=page");
    let page_file = |name: &str| fs::read_to_string(Path::new("page").join(name)).expect(name);
    let scripts = [swagger_ui("dist/swagger-ui-bundle.js"), page_file("page.js")];
    let styles = [swagger_ui("dist/swagger-ui.css"), page_file("page.css")];

    let page = page_file("page.html")
        .replace("{notice}", swagger_ui("NOTICE").trim())
        .replace("{styles}", &elements("style", &styles))
        .replace("{scripts}", &elements("script", &scripts));
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; img-src 'self' data:; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        hashes(&scripts),
        hashes(&styles),
    );

    let out = env::var_os("OUT_DIR").expect("cargo's OUT_DIR");
    let write = |name: &str, bytes: &[u8]| fs::write(Path::new(&out).join(name), bytes).expect(name);
    write("page.html.gz", &gzip(page.as_bytes()));
    write("policy.txt", policy.as_bytes());
}

/// A file of Swagger UI's release.
fn swagger_ui(path: &str) -> String {
    let path = format!("{RELEASE}/{path}");
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED)).expect("Swagger UI's archive");
    let mut text = String::new();
    archive.by_name(&path).expect(&path).read_to_string(&mut text).expect(&path);
    text
}

fn elements(tag: &str, texts: &[String]) -> String {
    let element = |text: &String| {
        assert!(!text.contains(&format!("</{tag}")), "a text that ends its own element");
        format!("<{tag}>{text}</{tag}>")
    };
    texts.iter().map(element).collect::<Vec<_>>().join("\n")
}

fn hashes(texts: &[String]) -> String {
    let hash = |text: &String| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    texts.iter().map(hash).collect::<Vec<_>>().join(" ")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("gzip in memory")
}
