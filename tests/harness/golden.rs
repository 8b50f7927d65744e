//! Printed tables that are committed: a change in them is a change of behaviour, made on purpose.

use std::{fs, iter::repeat, path::Path};

/// Compares with `tests/golden/<name>`, or rewrites it when `UPDATE_GOLDEN` is set.
#[expect(clippy::disallowed_methods, reason = "the one switch of the tests")]
pub fn assert_golden(name: &str, printed: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name);
    if std::env::var("UPDATE_GOLDEN").is_ok() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, printed).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    let mut lines = printed.lines().zip(committed.lines().chain(repeat(""))).enumerate();
    let first = lines.find(|(_, (printed, committed))| printed != committed);
    assert!(
        committed == printed,
        "{} differs; UPDATE_GOLDEN=1 rewrites it. The first line that does: {first:?}",
        file.display()
    );
}
