//! Printed tables that are committed: a change in them is a change of behaviour, made on purpose.

use std::{fs, path::Path};

/// Compares with `tests/golden/<name>`, or rewrites it when `UPDATE_GOLDEN` is set.
#[expect(clippy::disallowed_methods, reason = "the one switch of the tests")]
pub fn assert_golden(name: &str, printed: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name);
    if std::env::var("UPDATE_GOLDEN").is_ok() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, printed).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == printed, "tests/golden/{name} differs; UPDATE_GOLDEN=1 rewrites it. Printed:\n{printed}");
}
