//! Recorded traffic, which lies beside the repository.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

/// The folder of the recorded files. A clone alone has none, and the test says what it leaves out; CI must have it.
#[expect(clippy::disallowed_methods, reason = "tells CI from a lone clone")]
pub fn folder() -> Option<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    if corpus.is_dir() {
        return Some(corpus);
    }
    assert!(std::env::var("CI").is_err(), "../shared/corpus is missing: real traffic was not replayed");
    // Straight to the terminal: what a passing test prints is not shown.
    let notice = b"NOT TESTED: the replay of real traffic, which stands in ../shared/corpus.\n";
    std::io::stderr().write_all(notice).unwrap();
    None
}
